/* file.c - see file.h. */
#include <cardpost/file.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

bool
file_write_all(int fd, const void *data, gsize len)
{
    const char *at = data;
    while (len > 0) {
        ssize_t n = write(fd, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        /* nothing taken and nothing said: else this would go on for ever */
        if (n == 0)
            errno = EIO;
        if (n <= 0)
            return false;
        at += n;
        len -= (gsize)n;
    }
    return true;
}

bool
file_sync_directory(int dir_fd, const char *path)
{
    int fd = openat(dir_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool is_synced = fsync(fd) == 0;
    int saved = errno;
    close(fd);
    errno = saved;
    return is_synced;
}

bool
file_rename_new(int from_fd, const char *from, int to_fd, const char *to)
{
    if (renameat2(from_fd, from, to_fd, to, RENAME_NOREPLACE) == 0)
        return true;
    if (errno != EINVAL && errno != ENOSYS)
        return false;
    /* A file system without the flag (NFS): a hard link never replaces either. */
    if (linkat(from_fd, from, to_fd, to, 0) != 0)
        return false;
    return unlinkat(from_fd, from, 0) == 0;
}

bool
file_create(const char *path, const void *data, gsize len)
{
    g_autofree char *directory = g_path_get_dirname(path);
    g_autofree char *temporary = g_strconcat(path, ".XXXXXX", NULL);
    int fd = g_mkstemp_full(temporary, O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    bool is_written = file_write_all(fd, data, len) && fsync(fd) == 0;
    int saved = errno;
    close(fd);
    if (is_written && file_rename_new(AT_FDCWD, temporary, AT_FDCWD, path))
        return file_sync_directory(AT_FDCWD, directory);
    saved = is_written ? errno : saved;
    unlink(temporary);
    errno = saved;
    return false;
}
