/* done.c - see done.h. A crash between two steps leaves the mail in the source, in the done folder, or in
 * both; core's ledger knows it by its name, so it never acts again. */
#include "done.h"

#include "folder.h"

#include <cardpost/file.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define COPY_STEP_BYTES (64 * 1024)
#define NAME_TRIES      1000 /* names tried when another mail already has this one */

static bool
copy_bytes(int from, int to)
{
    g_autofree char *buffer = g_malloc(COPY_STEP_BYTES);
    for (;;) {
        ssize_t n = read(from, buffer, COPY_STEP_BYTES);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0 && fsync(to) == 0;
        if (!file_write_all(to, buffer, (gsize)n))
            return false;
    }
}

/* The mail as a synced file in the done folder's tmp/. */
static bool
copy_to_tmp(int dir_fd, const char *name, int done_fd, const char *tmp_name)
{
    int from = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (from < 0)
        return false;
    int to = openat(done_fd, tmp_name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool is_copied = to >= 0 && copy_bytes(from, to);
    int saved = errno;
    close(from);
    if (to >= 0)
        close(to);
    if (to >= 0 && !is_copied)
        unlinkat(done_fd, tmp_name, 0);
    errno = saved;
    return is_copied;
}

/* Renames under the mail's own name or, where another mail has it, under one with a number. */
static bool
rename_numbered(int from_fd, const char *from, int done_fd, const char *ref, const char *flags)
{
    for (unsigned i = 0; i < NAME_TRIES; i++) {
        g_autofree char *target = i == 0 ? g_strdup_printf("cur/%s:2,%s", ref, flags)
                                         : g_strdup_printf("cur/%s.%u:2,%s", ref, i, flags);
        if (file_rename_new(from_fd, from, done_fd, target))
            return true;
        if (errno != EEXIST)
            return false;
    }
    return false;
}

static bool
move_across(int dir_fd, const char *name, int done_fd, const char *ref, const char *flags, GError **error)
{
    g_autofree char *tmp_name = g_strconcat("tmp/", ref, NULL);
    if (!copy_to_tmp(dir_fd, name, done_fd, tmp_name))
        return folder_fail(error, "copying", name);
    if (!rename_numbered(done_fd, tmp_name, done_fd, ref, flags)) {
        int saved = errno;
        unlinkat(done_fd, tmp_name, 0);
        errno = saved;
        return folder_fail(error, "moving", name);
    }
    if (!folder_fsync(done_fd, "cur", error))
        return false;
    return unlinkat(dir_fd, name, 0) == 0 || errno == ENOENT || folder_fail(error, "removing", name);
}

static bool
move_within(int dir_fd, const char *name, int done_fd, GError **error)
{
    const char *base = strchr(name, '/') + 1;
    g_autofree char *ref = folder_ref(base);
    if (rename_numbered(dir_fd, name, done_fd, ref, folder_flags(base)))
        return true;
    if (errno == EXDEV)
        return move_across(dir_fd, name, done_fd, ref, folder_flags(base), error);
    if (errno == ENOENT && faccessat(dir_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
        return true;
    return folder_fail(error, "moving", name);
}

bool
done_move(int dir_fd, const char *name, const char *done_path, GError **error)
{
    if (!folder_make(done_path, error))
        return false;
    int done_fd = open(done_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (done_fd < 0)
        return folder_fail(error, "opening", done_path);
    bool is_moved = move_within(dir_fd, name, done_fd, error);
    close(done_fd);
    return is_moved;
}
