/* raw_fd.c - sealed memory files: the reader maps them without fear that they shrink under it. */
#include "raw_fd.h"

#include <cardpost/error.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

static bool
write_all(int fd, const uint8_t *data, gsize len)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        data += n;
        len -= (gsize)n;
    }
    return true;
}

int
raw_fd_new(const void *raw, gsize len, GError **error)
{
    int fd = memfd_create("cardpost-mail", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd >= 0 && write_all(fd, raw, len) &&
        fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == 0)
        return fd;
    g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_TEMPORARY, "memory file: %s", g_strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}
