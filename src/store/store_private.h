/* store_private.h - what the files of the store share: the connections, the statement table, and the
 * short way from a statement to its values. Nothing here is public. */
#ifndef STORE_PRIVATE_H
#define STORE_PRIVATE_H

#include <cardpost/error.h>
#include <cardpost/store.h>

#include <sqlite3.h>
#include <string.h>

enum store_database { STORE_STATE, STORE_JOURNAL, STORE_DATABASES };

struct schema {
    const char *file;
    int application_id;
    const char *const *steps;
    guint n_steps;
};
extern const struct schema store_schemas[STORE_DATABASES];

/* Every statement, by name; the text is in statements.def. */
enum statement {
#define STATEMENT(name, database, sql) SQL_##name,
#include "statements.def"
#undef STATEMENT
    STATEMENTS
};

struct store {
    enum store_mode mode;
    char *dir;
    struct secret_key key;
    sqlite3 *db[STORE_DATABASES];
    sqlite3_stmt *statements[STATEMENTS];
    GError *error; /* the first one, kept until it is handed out */
};

/* Keeps the connection's error, unless one is kept already. */
void store_keep_error(struct store *store, sqlite3 *db, const char *doing);
void store_keep_new_error(struct store *store, enum cardpost_error code, const char *text);
/* Runs SQL without values or rows (pragmas, BEGIN). */
bool store_run(struct store *store, enum store_database database, const char *sql);

/* Binds the values by format, one letter each: i int64_t, o int64_t where 0 is NULL, t const char * (NULL is
 * NULL), b GBytes * (NULL is NULL). NULL when an error is kept: loops then end at once. */
sqlite3_stmt *query(struct store *store, enum statement statement, const char *format, ...);
/* The next row? At the end and on an error (kept) the statement is reset. stmt may be NULL. */
bool query_row(struct store *store, sqlite3_stmt *stmt);
/* Ends a loop early. */
void query_end(sqlite3_stmt *stmt);
/* A write; answers the rows changed. */
int query_do(struct store *store, enum statement statement, const char *format, ...);
/* The first column of the first row, 0 if there is none. */
int64_t query_int(struct store *store, enum statement statement, const char *format, ...);
/* The same for text; NULL if there is none. */
char *query_text(struct store *store, enum statement statement, const char *format, ...);
int64_t store_last_id(struct store *store);

char *column_text(sqlite3_stmt *stmt, int i); /* NULL stays NULL */
static inline int64_t
column_int(sqlite3_stmt *stmt, int i)
{
    return sqlite3_column_int64(stmt, i);
}
static inline bool
column_bool(sqlite3_stmt *stmt, int i)
{
    return sqlite3_column_int(stmt, i) != 0;
}

/* Removes the files of blobs/ that no input names. */
void journal_sweep(struct store *store);

char *store_path(const struct store *store, const char *name); /* in the data directory; g_free */

#endif
