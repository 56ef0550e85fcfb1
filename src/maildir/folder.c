/* folder.c - names and durable files of a Maildir; does not know who reads or writes them.
 *
 * A mail is either not there or there as a whole: written in tmp/, synced, then renamed. Renames never
 * replace, for a name that is taken by another mail must not cost that mail. */
#include "folder.h"

#include <cardpost/error.h>
#include <cardpost/file.h>
#include <cardpost/maildir.h>
#include <cardpost/source.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const sub_names[] = {"new", "cur", "tmp"};

char *
folder_ref(const char *file_name)
{
    const char *info = strstr(file_name, ":2,");
    gsize len = info ? (gsize)(info - file_name) : strlen(file_name);
    if (len > 0 && len <= SOURCE_REF_BYTES && g_utf8_validate(file_name, (gssize)len, NULL))
        return g_strndup(file_name, len);
    g_autofree char *hash = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)file_name, len);
    return g_strconcat("sha256-", hash, NULL);
}

const char *
folder_flags(const char *file_name)
{
    const char *info = strstr(file_name, ":2,");
    return info ? info + 3 : "";
}

bool
folder_fail(GError **error, const char *doing, const char *name)
{
    static const int passing[] = {ENOSPC, EDQUOT, EIO,    EMFILE, ENFILE, ENOMEM,
                                  EAGAIN, EINTR,  ESTALE, EROFS,  ENOENT};
    enum cardpost_error code = CARDPOST_ERROR_PERMANENT;
    int saved = errno;
    for (gsize i = 0; i < G_N_ELEMENTS(passing); i++)
        if (saved == passing[i])
            code = CARDPOST_ERROR_TEMPORARY;
    g_set_error(error, CARDPOST_ERROR, (gint)code, "%s %s: %s", doing, name, g_strerror(saved));
    return false;
}

bool
folder_fsync(int dir_fd, const char *sub_name, GError **error)
{
    return file_sync_directory(dir_fd, sub_name) || folder_fail(error, "syncing", sub_name);
}

/* Makes the entry of the folder itself durable in its parent. */
static bool
sync_parent(const char *path, GError **error)
{
    g_autofree char *parent = g_path_get_dirname(path);
    return folder_fsync(AT_FDCWD, parent, error);
}

bool
folder_make(const char *path, GError **error)
{
    bool is_changed = false;
    if (!g_file_test(path, G_FILE_TEST_IS_DIR)) {
        if (g_mkdir_with_parents(path, 0700) != 0)
            return folder_fail(error, "making the folder", path);
        if (!sync_parent(path, error))
            return false;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(sub_names); i++) {
        g_autofree char *sub = g_build_filename(path, sub_names[i], NULL);
        if (mkdir(sub, 0700) == 0)
            is_changed = true;
        else if (errno != EEXIST)
            return folder_fail(error, "making the folder", sub);
    }
    return !is_changed || folder_fsync(AT_FDCWD, path, error);
}

bool
folder_write_tmp(int dir_fd, const char *tmp_name, const void *data, gsize len, GError **error)
{
    int fd = openat(dir_fd, tmp_name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return folder_fail(error, "making", tmp_name);
    bool is_written = file_write_all(fd, data, len) && fsync(fd) == 0;
    int saved = errno;
    close(fd);
    if (is_written)
        return true;
    unlinkat(dir_fd, tmp_name, 0);
    errno = saved;
    return folder_fail(error, "writing", tmp_name);
}

static bool
unfit(GError **error, const char *path, const char *mend)
{
    g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_INVALID, "%s: %s; %s", path, g_strerror(errno), mend);
    return false;
}

bool
maildir_check(const char *path, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(sub_names); i++) {
        g_autofree char *sub = g_build_filename(path, sub_names[i], NULL);
        struct stat st;
        if (stat(sub, &st) != 0)
            return unfit(error, sub,
                         "a Maildir has new/, cur/ and tmp/: make them (maildirmake) or mend the path");
        if (!S_ISDIR(st.st_mode)) {
            errno = ENOTDIR;
            return unfit(error, sub, "a Maildir has new/, cur/ and tmp/ as directories");
        }
        if (faccessat(AT_FDCWD, sub, R_OK | W_OK | X_OK, AT_EACCESS) != 0)
            return unfit(error, sub, "cardpost's user must be able to read and write it");
    }
    return true;
}
