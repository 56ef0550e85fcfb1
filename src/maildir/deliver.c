/* deliver.c - a Maildir as the target of outgoing mail.
 *
 * The file name follows from the key, so a mail that was written and whose "sent" was lost in a crash is
 * found again by its name: in new/, or in cur/ once a mail client has seen it. Not kept: a mail that the
 * person has deleted meanwhile comes a second time. */
#include "folder.h"

#include <cardpost/clean.h>
#include <cardpost/error.h>
#include <cardpost/file.h>
#include <cardpost/maildir.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define RECIPIENT_MARK "{recipient}"

/* An address as one path component: dot-atoms may hold "/", and no two addresses share a folder. */
static char *
component_of(const char *address)
{
    g_autoptr(GString) name = g_string_new(NULL);
    for (const char *p = address; *p; p++)
        if (*p == '/' || *p == '%')
            g_string_append_printf(name, "%%%02X", (unsigned)*p);
        else
            g_string_append_c(name, *p);
    return g_string_free(g_steal_pointer(&name), FALSE);
}

/* The folder of this recipient, or NULL and PERMANENT for an address that is not safe. */
static char *
expand(const char *path, const char *recipient, GError **error)
{
    if (!strstr(path, RECIPIENT_MARK))
        return g_strdup(path);
    g_autofree char *address = clean_is_address(recipient) ? clean_address_fold(recipient) : NULL;
    if (!address) {
        g_set_error_literal(error, CARDPOST_ERROR, CARDPOST_ERROR_PERMANENT,
                            "the recipient is not an address that can name a folder");
        return NULL;
    }
    g_autofree char *component = component_of(address);
    g_auto(GStrv) pieces = g_strsplit(path, RECIPIENT_MARK, -1);
    return g_strjoinv(component, pieces);
}

/* Whether a mail of this unique name lies in cur/, whatever its flags. */
static bool
is_in_cur(int dir_fd, const char *unique)
{
    int fd = openat(dir_fd, "cur", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (!dir) {
        if (fd >= 0)
            close(fd);
        return false;
    }
    bool is_found = false;
    gsize len = strlen(unique);
    for (struct dirent *entry = readdir(dir); entry && !is_found; entry = readdir(dir))
        is_found = strncmp(entry->d_name, unique, len) == 0 &&
                   (entry->d_name[len] == '\0' || entry->d_name[len] == ':');
    closedir(dir);
    return is_found;
}

static bool
write_new(int dir_fd, const char *unique, const void *raw, gsize len, GError **error)
{
    g_autofree char *tmp_name = g_strconcat("tmp/", unique, NULL);
    g_autofree char *new_name = g_strconcat("new/", unique, NULL);
    if (faccessat(dir_fd, new_name, F_OK, AT_SYMLINK_NOFOLLOW) == 0 || is_in_cur(dir_fd, unique))
        return folder_fsync(dir_fd, "new", error); /* the first delivery may have died before its own sync */
    if (!folder_write_tmp(dir_fd, tmp_name, raw, len, error))
        return false;
    if (!file_rename_new(dir_fd, tmp_name, dir_fd, new_name)) {
        int saved = errno;
        unlinkat(dir_fd, tmp_name, 0);
        errno = saved;
        if (saved != EEXIST)
            return folder_fail(error, "delivering", new_name);
    }
    return folder_fsync(dir_fd, "new", error);
}

bool
maildir_deliver(const char *path, const char *recipient, const char *key, const void *raw, gsize len,
                GError **error)
{
    g_autofree char *folder = expand(path, recipient, error);
    if (!folder || !folder_make(folder, error))
        return false;
    int dir_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir_fd < 0)
        return folder_fail(error, "opening", folder);
    g_autofree char *hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, key, -1);
    g_autofree char *unique = g_strdup_printf("%.40s.cardpost", hash);
    bool is_delivered = write_new(dir_fd, unique, raw, len, error);
    close(dir_fd);
    return is_delivered;
}
