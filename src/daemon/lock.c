/* lock.c - one writer a data directory (attacks.md D08). The kernel drops the lock with its holder, however
 * it ends; the pid inside is for people only. */
#include <cardpost/daemon.h>

#include <cardpost/error.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static int
fail(int fd, enum cardpost_error code, const char *path, const char *what, GError **error)
{
    g_set_error(error, CARDPOST_ERROR, (gint)code, "%s: %s", path, what);
    if (fd >= 0)
        close(fd);
    return -1;
}

static char *
holder(int fd)
{
    char text[32] = "";
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    g_strchomp(text);
    return *text ? g_strdup_printf("in use by another cardpost (process %s)", text)
                 : g_strdup("in use by another cardpost");
}

int
daemon_lock(const char *data_dir, GError **error)
{
    g_autofree char *path = g_build_filename(data_dir, "lock", NULL);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 && errno == ENOENT)
        return fail(-1, CARDPOST_ERROR_NOT_FOUND, data_dir,
                    "does not exist; `cardpost init` makes a new one, or put a backup's copy in its place",
                    error);
    if (fd < 0)
        return fail(-1, CARDPOST_ERROR_PERMANENT, path, g_strerror(errno), error);
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        g_autofree char *what = errno == EWOULDBLOCK ? holder(fd) : g_strdup(g_strerror(errno));
        return fail(fd, CARDPOST_ERROR_TEMPORARY, data_dir, what, error);
    }
    g_autofree char *pid = g_strdup_printf("%d\n", (int)getpid());
    /* A full disk loses the name of the holder, not the lock. */
    if (ftruncate(fd, 0) != 0 || pwrite(fd, pid, strlen(pid), 0) < 0)
        return fd;
    return fd;
}
