/* query.c - from a statement to its values and back; keeps the first error. Knows no table. */
#include "store_private.h"

#include <stdarg.h>

static enum cardpost_error
error_code(int sqlite_code)
{
    switch (sqlite_code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_NOMEM:
    case SQLITE_PROTOCOL:
        return CARDPOST_ERROR_TEMPORARY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
        return CARDPOST_ERROR_CORRUPT;
    }
    return CARDPOST_ERROR_PERMANENT;
}

void
store_keep_new_error(struct store *store, enum cardpost_error code, const char *text)
{
    if (!store->error)
        store->error = g_error_new_literal(CARDPOST_ERROR, (int)code, text);
}

void
store_keep_error(struct store *store, sqlite3 *db, const char *doing)
{
    g_autofree char *text = g_strdup_printf("%s: %s", doing, sqlite3_errmsg(db));
    store_keep_new_error(store, error_code(sqlite3_errcode(db)), text);
}

void
store_keep(struct store *store, GError *error)
{
    if (store->error)
        g_error_free(error);
    else
        store->error = error;
}

bool
store_check(struct store *store, GError **error)
{
    if (!store->error)
        return true;
    g_propagate_error(error, g_steal_pointer(&store->error));
    return false;
}

bool
store_run(struct store *store, enum store_database database, const char *sql)
{
    if (store->error)
        return false;
    if (sqlite3_exec(store->db[database], sql, NULL, NULL, NULL) == SQLITE_OK)
        return true;
    store_keep_error(store, store->db[database], store_schemas[database].file);
    return false;
}

/* One value; the letter says its type. */
static int
bind_value(sqlite3_stmt *stmt, int i, char letter, va_list *args)
{
    switch (letter) {
    case 'i':
        return sqlite3_bind_int64(stmt, i, va_arg(*args, int64_t));
    case 'o': {
        int64_t id = va_arg(*args, int64_t);
        return id ? sqlite3_bind_int64(stmt, i, id) : sqlite3_bind_null(stmt, i);
    }
    case 't':
        return sqlite3_bind_text(stmt, i, va_arg(*args, const char *), -1, SQLITE_TRANSIENT);
    case 'b': {
        GBytes *bytes = va_arg(*args, GBytes *);
        if (!bytes)
            return sqlite3_bind_null(stmt, i);
        gsize len;
        const void *data = g_bytes_get_data(bytes, &len);
        return len ? sqlite3_bind_blob64(stmt, i, data, len, SQLITE_TRANSIENT)
                   : sqlite3_bind_zeroblob(stmt, i, 0);
    }
    }
    g_assert_not_reached();
}

static sqlite3_stmt *
bind_all(struct store *store, enum statement statement, const char *format, va_list *args)
{
    if (store->error)
        return NULL;
    sqlite3_stmt *stmt = store->statements[statement];
    g_assert(!sqlite3_stmt_busy(stmt));
    g_assert(sqlite3_bind_parameter_count(stmt) == (int)strlen(format));
    for (int i = 0; format[i]; i++)
        if (bind_value(stmt, i + 1, format[i], args) != SQLITE_OK) {
            store_keep_error(store, sqlite3_db_handle(stmt), sqlite3_sql(stmt));
            return NULL;
        }
    return stmt;
}

sqlite3_stmt *
query(struct store *store, enum statement statement, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    sqlite3_stmt *stmt = bind_all(store, statement, format, &args);
    va_end(args);
    return stmt;
}

bool
query_row(struct store *store, sqlite3_stmt *stmt)
{
    if (!stmt || store->error) {
        query_end(stmt);
        return false;
    }
    int rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW)
        return true;
    if (rc != SQLITE_DONE)
        store_keep_error(store, sqlite3_db_handle(stmt), sqlite3_sql(stmt));
    query_end(stmt);
    return false;
}

void
query_end(sqlite3_stmt *stmt)
{
    if (!stmt)
        return;
    sqlite3_reset(stmt);
    sqlite3_clear_bindings(stmt);
}

int
query_do(struct store *store, enum statement statement, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    sqlite3_stmt *stmt = bind_all(store, statement, format, &args);
    va_end(args);
    if (!stmt)
        return 0;
    while (query_row(store, stmt))
        ;
    return store->error ? 0 : sqlite3_changes(sqlite3_db_handle(stmt));
}

int64_t
query_int(struct store *store, enum statement statement, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    sqlite3_stmt *stmt = bind_all(store, statement, format, &args);
    va_end(args);
    if (!query_row(store, stmt))
        return 0;
    int64_t n = column_int(stmt, 0);
    query_end(stmt);
    return n;
}

char *
query_text(struct store *store, enum statement statement, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    sqlite3_stmt *stmt = bind_all(store, statement, format, &args);
    va_end(args);
    if (!query_row(store, stmt))
        return NULL;
    char *text = column_text(stmt, 0);
    query_end(stmt);
    return text;
}

char *
column_text(sqlite3_stmt *stmt, int i)
{
    return g_strdup((const char *)sqlite3_column_text(stmt, i));
}

int64_t
store_last_id(struct store *store)
{
    return store->error ? 0 : sqlite3_last_insert_rowid(store->db[STORE_STATE]);
}
