/* database.c - creating, opening, checking and closing the data directory; transactions.
 *
 * The file systems' and SQLite's guarantees that the rest rests on: WAL with synchronous=FULL (NORMAL may
 * roll back committed transactions on power loss), one writing connection a file, which also checkpoints.
 * A missing or damaged file is an error here and never replaced by an empty one. */
#include "store_private.h"

#include <cardpost/clock.h>

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUSY_TIMEOUT_MS 5000
/* 256 KB: a write-ahead log holds the same pages again and again, and what it may take of a small disk the
 * mails cannot have. */
#define WAL_PAGES "64"

static const struct {
    enum store_database database;
    const char *sql;
} statement_table[STATEMENTS] = {
#define STATEMENT(name, database, sql) [SQL_##name] = {STORE_##database, sql},
#include "statements.def"
#undef STATEMENT
};

char *
store_path(const struct store *store, const char *name)
{
    return g_build_filename(store->dir, name, NULL);
}

const struct secret_key *
store_key(const struct store *store)
{
    return &store->key;
}

static bool
refuse(GError **error, enum cardpost_error code, const char *path, const char *why)
{
    g_set_error(error, CARDPOST_ERROR, (int)code, "%s: %s", path, why);
    return false;
}

/* Only a file of ours that nobody else may read is opened. */
static bool
check_file(const char *path, GError **error)
{
    struct stat st;
    if (lstat(path, &st) != 0)
        return errno == ENOENT ? refuse(error, CARDPOST_ERROR_NOT_FOUND, path,
                                        "does not exist; `cardpost init` makes a new one, or put a backup's "
                                        "copy in its place")
                               : refuse(error, CARDPOST_ERROR_TEMPORARY, path, g_strerror(errno));
    if (!S_ISREG(st.st_mode))
        return refuse(error, CARDPOST_ERROR_INVALID, path, "is not a regular file");
    if (st.st_uid != geteuid())
        return refuse(error, CARDPOST_ERROR_INVALID, path,
                      "belongs to another user; run cardpost as its owner");
    if (st.st_mode & 077)
        return refuse(error, CARDPOST_ERROR_INVALID, path, "may be read by others; run `chmod 600` on it");
    return true;
}

static int64_t
pragma_int(struct store *store, enum store_database database, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    int64_t n = 0;
    if (sqlite3_prepare_v2(store->db[database], sql, -1, &stmt, NULL) == SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW)
        n = column_int(stmt, 0);
    else
        store_keep_error(store, store->db[database], store_schemas[database].file);
    sqlite3_finalize(stmt);
    return n;
}

/* One step and its number in one transaction. */
static bool
run_step(struct store *store, enum store_database database, guint step)
{
    const struct schema *schema = &store_schemas[database];
    g_autofree char *sql =
        g_strdup_printf("BEGIN IMMEDIATE; %s PRAGMA application_id = %d; PRAGMA user_version = %u; COMMIT;",
                        schema->steps[step], schema->application_id, step + 1);
    return store_run(store, database, sql);
}

static bool
migrate(struct store *store, enum store_database database, GError **error)
{
    const struct schema *schema = &store_schemas[database];
    g_autofree char *path = store_path(store, schema->file);
    int64_t version = pragma_int(store, database, "PRAGMA user_version");
    int64_t id = pragma_int(store, database, "PRAGMA application_id");
    if (store->error) {
        g_prefix_error(&store->error, "%s: ", path);
        return store_check(store, error);
    }
    if (id != schema->application_id)
        return refuse(error, CARDPOST_ERROR_CORRUPT, path, "is not a cardpost database");
    if (version > schema->n_steps)
        return refuse(error, CARDPOST_ERROR_CORRUPT, path,
                      "was made by a newer cardpost; install that version again");
    if (version < schema->n_steps && store->mode == STORE_READ)
        return refuse(error, CARDPOST_ERROR_INVALID, path,
                      "is from an older cardpost; the daemon upgrades it at its start");
    for (guint step = (guint)version; step < schema->n_steps; step++)
        if (!run_step(store, database, step))
            return store_check(store, error);
    return true;
}

/* A damaged page is found now and not in the middle of a mail. */
static bool
check_pages(struct store *store, enum store_database database, GError **error)
{
    sqlite3_stmt *stmt = NULL;
    bool whole =
        sqlite3_prepare_v2(store->db[database], "PRAGMA quick_check(1)", -1, &stmt, NULL) == SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW && g_strcmp0((const char *)sqlite3_column_text(stmt, 0), "ok") == 0;
    sqlite3_finalize(stmt);
    g_autofree char *path = store_path(store, store_schemas[database].file);
    return whole ||
           refuse(error, CARDPOST_ERROR_CORRUPT, path, "is damaged; put a backup's copy in its place");
}

static bool
open_database(struct store *store, enum store_database database, GError **error)
{
    g_autofree char *path = store_path(store, store_schemas[database].file);
    if (!check_file(path, error))
        return false;
    int flags = store->mode == STORE_WRITE ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
    if (sqlite3_open_v2(path, &store->db[database], flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
        store_keep_error(store, store->db[database], path);
        return store_check(store, error);
    }
    sqlite3_extended_result_codes(store->db[database], 1);
    sqlite3_busy_timeout(store->db[database], BUSY_TIMEOUT_MS);
    sqlite3_db_config(store->db[database], SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    if (!migrate(store, database, error))
        return false;
    store_run(store, database,
              "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -4096;");
    if (store->mode == STORE_WRITE) {
        store_run(store, database,
                  "PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 16777216;"
                  "PRAGMA wal_autocheckpoint = " WAL_PAGES ";");
        if (!check_pages(store, database, error))
            return false;
    }
    return store_check(store, error);
}

static bool
prepare_statements(struct store *store, GError **error)
{
    for (guint i = 0; i < STATEMENTS; i++) {
        sqlite3 *db = store->db[statement_table[i].database];
        if (sqlite3_prepare_v3(db, statement_table[i].sql, -1, SQLITE_PREPARE_PERSISTENT,
                               &store->statements[i], NULL) != SQLITE_OK) {
            store_keep_error(store, db, statement_table[i].sql);
            return store_check(store, error);
        }
    }
    return true;
}

struct store *
store_open(const char *data_dir, enum store_mode mode, GError **error)
{
    struct store *store = g_new0(struct store, 1);
    store->mode = mode;
    store->dir = g_strdup(data_dir);
    g_autofree char *key_path = store_path(store, "keys");
    bool opened = open_database(store, STORE_STATE, error) && open_database(store, STORE_JOURNAL, error) &&
                  secret_key_load(key_path, false, &store->key, error) && prepare_statements(store, error);
    if (opened && mode == STORE_WRITE) {
        journal_sweep(store);
        opened = store_check(store, error);
    }
    if (!opened)
        g_clear_pointer(&store, store_close);
    return store;
}

void
store_close(struct store *store)
{
    if (!store)
        return;
    for (guint i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(store->statements[i]);
    for (guint i = 0; i < STORE_DATABASES; i++)
        sqlite3_close(store->db[i]);
    g_clear_error(&store->error);
    explicit_bzero(&store->key, sizeof store->key);
    g_free(store->dir);
    g_free(store);
}

/* An empty file with our mode first, so that SQLite's own umask never decides; then its first schema. */
static bool
create_database(struct store *store, enum store_database database, GError **error)
{
    g_autofree char *path = store_path(store, store_schemas[database].file);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return refuse(error, CARDPOST_ERROR_INVALID, path, g_strerror(errno));
    close(fd);
    if (sqlite3_open_v2(path, &store->db[database], SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
        store_keep_error(store, store->db[database], path);
    store_run(store, database, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    for (guint step = 0; step < store_schemas[database].n_steps; step++)
        run_step(store, database, step);
    return store_check(store, error);
}

bool
store_create(const char *data_dir, GError **error)
{
    if (g_mkdir_with_parents(data_dir, 0700) != 0)
        return refuse(error, CARDPOST_ERROR_INVALID, data_dir, g_strerror(errno));
    struct store *store = g_new0(struct store, 1);
    store->mode = STORE_WRITE;
    store->dir = g_strdup(data_dir);
    g_autofree char *blobs = store_path(store, "blobs");
    g_autofree char *keys = store_path(store, "keys");
    bool made = create_database(store, STORE_STATE, error) && create_database(store, STORE_JOURNAL, error) &&
                secret_key_load(keys, true, &store->key, error);
    if (made && g_mkdir(blobs, 0700) != 0 && errno != EEXIST)
        made = refuse(error, CARDPOST_ERROR_INVALID, blobs, g_strerror(errno));
    store_close(store);
    return made;
}

/* ---- transactions */

static void
begin(struct store *store, enum store_database database)
{
    g_assert(store->error || sqlite3_get_autocommit(store->db[database]));
    store_run(store, database, "BEGIN IMMEDIATE");
}

static void
roll_back(struct store *store, enum store_database database)
{
    /* a full disk or an I/O error may have rolled back already */
    if (!sqlite3_get_autocommit(store->db[database]))
        sqlite3_exec(store->db[database], "ROLLBACK", NULL, NULL, NULL);
}

/* After a write that failed: SQLite itself empties a write-ahead log after a commit only, and on a disk that
 * the logs have filled there is none. Whoever holds the database is not waited for a second time. */
static void
give_back_logs(struct store *store, int code)
{
    if ((code & 0xff) == SQLITE_BUSY)
        return;
    for (guint i = 0; i < STORE_DATABASES; i++)
        sqlite3_wal_checkpoint_v2(store->db[i], NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
}

static bool
commit(struct store *store, enum store_database database, GError **error)
{
    store_run(store, database, "COMMIT");
    if (store->error) {
        int code = sqlite3_errcode(store->db[database]);
        roll_back(store, database);
        give_back_logs(store, code);
    }
    return store_check(store, error);
}

void
store_begin(struct store *store)
{
    begin(store, STORE_STATE);
}

bool
store_commit(struct store *store, GError **error)
{
    return commit(store, STORE_STATE, error);
}

void
journal_begin(struct store *store)
{
    begin(store, STORE_JOURNAL);
}

bool
journal_commit(struct store *store, GError **error)
{
    return commit(store, STORE_JOURNAL, error);
}

void
store_savepoint(struct store *store)
{
    store_run(store, STORE_STATE, "SAVEPOINT mail");
}

bool
store_release(struct store *store, GError **error)
{
    store_run(store, STORE_STATE, "RELEASE mail");
    if (!store->error)
        return true;
    g_propagate_error(error, g_error_copy(store->error));
    return false;
}

void
store_undo(struct store *store)
{
    if (store->error && g_error_matches(store->error, CARDPOST_ERROR, CARDPOST_ERROR_PERMANENT))
        g_clear_error(&store->error);
    store_run(store, STORE_STATE, "ROLLBACK TO mail; RELEASE mail");
}
