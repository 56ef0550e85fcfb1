/* raw_fd.c - sealed memory files: the reader maps them without fear that they shrink under it. */
#include "raw_fd.h"

#include <cardpost/error.h>
#include <cardpost/file.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

int
raw_fd_new(const void *raw, gsize len, GError **error)
{
    int fd = memfd_create("cardpost-mail", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd >= 0 && file_write_all(fd, raw, len) &&
        fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == 0)
        return fd;
    g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_TEMPORARY, "memory file: %s", g_strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}
