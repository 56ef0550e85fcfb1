/* control_address.h - the address of data/control.sock, whatever the length of the directory's path. */
#ifndef DAEMON_CONTROL_ADDRESS_H
#define DAEMON_CONTROL_ADDRESS_H

#include <glib.h>
#include <stdbool.h>
#include <sys/un.h>

#define CONTROL_SOCKET_NAME "control.sock"

/* A socket's path has room for 107 bytes. The directory is opened and named through /proc; keep the
 * descriptor
 * (*dir_fd_out, the caller closes it) until bind or connect is done. NOT_FOUND: no such directory. */
bool control_address(const char *data_dir, struct sockaddr_un *address_out, int *dir_fd_out, GError **error);

#endif
