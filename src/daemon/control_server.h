/* control_server.h - core's side of data/control.sock: requests of the command line, answered in the main
 * loop.
 *
 * Only our own user and root are heard (peer credentials, and mode 0600). One request a connection. The data
 * lock must be held: a socket left by a dead core is replaced. */
#ifndef DAEMON_CONTROL_SERVER_H
#define DAEMON_CONTROL_SERVER_H

#include <glib.h>
#include <stdint.h>
#include <sys/types.h>

struct control_request {
    const char *verb;
    char *const *args; /* NULL-terminated */
    guint n_args;
    uid_t uid; /* of the process that asks */
};
/* Returns the sysexits code; *text_out (g_free'd) is the answer or why not; NULL counts as "". */
typedef uint32_t control_handler_fn(void *data, const struct control_request *request, char **text_out);

struct control_server;
/* NULL and PERMANENT when the socket cannot be made. */
struct control_server *control_server_new(const char *data_dir, control_handler_fn *handler, void *data,
                                          GError **error);
/* Takes the socket away; NULL is nothing. */
void control_server_free(struct control_server *server);

#endif
