/* control_address.c - see control_address.h. */
#include "control_address.h"

#include <cardpost/error.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>

bool
control_address(const char *data_dir, struct sockaddr_un *address_out, int *dir_fd_out, GError **error)
{
    *dir_fd_out = open(data_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (*dir_fd_out < 0) {
        g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_NOT_FOUND, "%s: %s", data_dir, g_strerror(errno));
        return false;
    }
    *address_out = (struct sockaddr_un){.sun_family = AF_UNIX};
    g_snprintf(address_out->sun_path, sizeof address_out->sun_path, "/proc/self/fd/%d/" CONTROL_SOCKET_NAME,
               *dir_fd_out);
    return true;
}
