/* backup.c - a copy that can be gone on from: state first, then journal, blobs and keys, so that every
 * input the state's copy has folded is in the journal's copy. */
#include "store_private.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <sys/stat.h>

static bool
fail(GError **error, const char *path, const char *why)
{
    g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_TEMPORARY, "backup: %s: %s", path, why);
    return false;
}

/* What is there already, or may not be made there, does not change by trying again. */
static bool
cannot_make(GError **error, const char *to_dir)
{
    int why = errno;
    bool is_denied = why == EACCES || why == EPERM;
    if (!is_denied && why != EEXIST && why != ENOENT && why != ENOTDIR)
        return fail(error, to_dir, g_strerror(why));
    g_set_error(error, CARDPOST_ERROR, is_denied ? CARDPOST_ERROR_REFUSED : CARDPOST_ERROR_INVALID,
                "backup: %s: %s", to_dir,
                why == EEXIST ? "exists already; name a new directory" : g_strerror(why));
    return false;
}

static bool
copy_database(struct store *store, enum store_database database, const char *to_dir, GError **error)
{
    g_autofree char *path = g_build_filename(to_dir, store_schemas[database].file, NULL);
    sqlite3 *to = NULL;
    bool copied = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) == SQLITE_OK;
    sqlite3_backup *backup = copied ? sqlite3_backup_init(to, "main", store->db[database], "main") : NULL;
    copied = backup && sqlite3_backup_step(backup, -1) == SQLITE_DONE;
    copied = sqlite3_backup_finish(backup) == SQLITE_OK && copied;
    if (!copied)
        fail(error, path, sqlite3_errmsg(to));
    sqlite3_close(to);
    return copied && (g_chmod(path, 0600) == 0 || fail(error, path, g_strerror(errno)));
}

static bool
copy_file(const char *from, const char *to, GError **error)
{
    g_autofree char *data = NULL;
    gsize len;
    if (!g_file_get_contents(from, &data, &len, error))
        return false;
    GFileSetContentsFlags durable = G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE;
    return g_file_set_contents_full(to, data, (gssize)len, durable, 0600, error);
}

static bool
copy_blobs(const char *from_dir, const char *to_dir, GError **error)
{
    if (g_mkdir(to_dir, 0700) != 0)
        return fail(error, to_dir, g_strerror(errno));
    g_autoptr(GDir) dir = g_dir_open(from_dir, 0, error);
    const char *name;
    while (dir && (name = g_dir_read_name(dir))) {
        if (g_str_has_prefix(name, "tmp."))
            continue;
        g_autofree char *from = g_build_filename(from_dir, name, NULL);
        g_autofree char *to = g_build_filename(to_dir, name, NULL);
        if (!copy_file(from, to, error))
            return false;
    }
    return dir != NULL;
}

bool
store_backup(struct store *store, const char *to_dir, GError **error)
{
    if (g_mkdir(to_dir, 0700) != 0)
        return cannot_make(error, to_dir);
    g_autofree char *blobs = store_path(store, "blobs");
    g_autofree char *to_blobs = g_build_filename(to_dir, "blobs", NULL);
    g_autofree char *keys = store_path(store, "keys");
    g_autofree char *to_keys = g_build_filename(to_dir, "keys", NULL);
    return copy_database(store, STORE_STATE, to_dir, error) &&
           copy_database(store, STORE_JOURNAL, to_dir, error) && copy_blobs(blobs, to_blobs, error) &&
           copy_file(keys, to_keys, error);
}
