/* journal.c - the numbered log of inputs, the raw mails it holds, and the fetch ledger.
 *
 * Order that survives a kill: a large raw mail is first whole and durable under its hash in data/blobs/,
 * then the row that names it is committed. A row without a blob cannot be; a blob without a row is what a
 * kill or a full disk left between the two, and goes at the next opening: its mail comes again. */
#include "store_private.h"

#include <cardpost/caps.h>
#include <cardpost/file.h>

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const input_kinds[] = {"mail", "change", "release"};

const char *
input_kind_name(enum input_kind kind)
{
    return input_kinds[kind];
}

void
input_free(struct input *input)
{
    if (!input)
        return;
    g_free(input->mailbox);
    g_free(input->sha256);
    g_free(input->content_key);
    g_free(input->text);
    g_free(input);
}

/* ---- blobs */

static char *
blob_path(const struct store *store, const char *sha256)
{
    return g_build_filename(store->dir, "blobs", sha256, NULL);
}

/* Random temporary name, fsync, rename, fsync of the directory. */
static void
blob_write(struct store *store, const char *sha256, const void *raw, gsize len)
{
    g_autofree char *dir = store_path(store, "blobs");
    g_autofree char *path = blob_path(store, sha256);
    g_autofree char *temporary = g_build_filename(dir, "tmp.XXXXXX", NULL);
    struct stat st;
    if (stat(path, &st) == 0 && (gsize)st.st_size == len && file_sync_directory(AT_FDCWD, dir))
        return;
    int fd = g_mkstemp_full(temporary, O_WRONLY | O_CLOEXEC, 0600);
    bool written = fd >= 0 && file_write_all(fd, raw, len) && fsync(fd) == 0;
    int saved = errno;
    if (fd >= 0)
        close(fd);
    if (written && g_rename(temporary, path) == 0 && file_sync_directory(AT_FDCWD, dir))
        return;
    if (fd >= 0)
        g_unlink(temporary);
    g_autofree char *text = g_strdup_printf("%s: %s", path, g_strerror(saved));
    store_keep_new_error(store, CARDPOST_ERROR_TEMPORARY, text);
}

void
journal_sweep(struct store *store)
{
    g_autofree char *path = store_path(store, "blobs");
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        bool is_named = query_int(store, SQL_INPUT_HAS_BLOB, "t", name) != 0;
        g_autofree char *blob = g_build_filename(path, name, NULL);
        if (!is_named && !store->error)
            g_unlink(blob);
    }
}

static GBytes *
blob_read(struct store *store, const char *sha256, gsize max)
{
    g_autofree char *path = blob_path(store, sha256);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0) {
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    gsize len = MIN((gsize)st.st_size, max);
    char *data = g_malloc(len + 1);
    gsize at = 0;
    while (at < len) {
        ssize_t n = read(fd, data + at, len - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        at += (gsize)n;
    }
    close(fd);
    return g_bytes_new_take(data, at);
}

/* ---- inputs */

int64_t
journal_append(struct store *store, const struct input *input, const void *raw, gsize len)
{
    bool is_blob = raw && len > CAP_INLINE_RAW_BYTES;
    if (is_blob && !store->error)
        blob_write(store, input->sha256, raw, len);
    g_autoptr(GBytes) inlined = raw && !is_blob ? g_bytes_new_static(raw, len) : NULL;
    query_do(store, SQL_INPUT_ADD, "tittiiitttib", input_kinds[input->kind], input->at, CARDPOST_VERSION,
             input->mailbox, input->arrived_at, input->size_bytes, (int64_t)input->is_partial, input->sha256,
             input->content_key, input->text, input->actor_uid, inlined);
    return store->error ? 0 : sqlite3_last_insert_rowid(store->db[STORE_JOURNAL]);
}

static enum input_kind
kind_of(struct store *store, const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(input_kinds); i++)
        if (g_strcmp0(input_kinds[i], name) == 0)
            return (enum input_kind)i;
    store_keep_new_error(store, CARDPOST_ERROR_CORRUPT, "journal.db: unknown kind of input");
    return INPUT_MAIL;
}

struct input *
journal_input(struct store *store, int64_t seq)
{
    sqlite3_stmt *row = query(store, SQL_INPUT_GET, "i", seq);
    if (!query_row(store, row))
        return NULL;
    struct input *input = g_new0(struct input, 1);
    input->seq = column_int(row, 0);
    input->at = column_int(row, 1);
    input->kind = kind_of(store, (const char *)sqlite3_column_text(row, 2));
    input->mailbox = column_text(row, 3);
    input->arrived_at = column_int(row, 4);
    input->size_bytes = column_int(row, 5);
    input->is_partial = column_bool(row, 6);
    input->sha256 = column_text(row, 7);
    input->content_key = column_text(row, 8);
    input->text = column_text(row, 9);
    input->actor_uid = column_int(row, 10);
    input->attempts = sqlite3_column_int(row, 11);
    query_end(row);
    return input;
}

GBytes *
journal_raw_head(struct store *store, int64_t seq, gsize max)
{
    sqlite3_stmt *row = query(store, SQL_INPUT_RAW, "i", seq);
    if (!query_row(store, row))
        return NULL;
    GBytes *bytes = NULL;
    g_autofree char *sha256 = column_text(row, 1);
    if (sqlite3_column_type(row, 0) != SQLITE_NULL)
        bytes = g_bytes_new(sqlite3_column_blob(row, 0), MIN((gsize)sqlite3_column_bytes(row, 0), max));
    query_end(row);
    if (!bytes && sha256)
        bytes = blob_read(store, sha256, max);
    return bytes;
}

GBytes *
journal_raw(struct store *store, int64_t seq)
{
    return journal_raw_head(store, seq, G_MAXSIZE);
}

GArray *
journal_after(struct store *store, int64_t seq, guint n)
{
    GArray *seqs = g_array_new(FALSE, FALSE, sizeof(int64_t));
    sqlite3_stmt *row = query(store, SQL_INPUT_AFTER, "ii", seq, (int64_t)n);
    while (query_row(store, row)) {
        int64_t found = column_int(row, 0);
        g_array_append_val(seqs, found);
    }
    return seqs;
}

GArray *
journal_changes(struct store *store)
{
    GArray *seqs = g_array_new(FALSE, FALSE, sizeof(int64_t));
    sqlite3_stmt *row = query(store, SQL_INPUT_CHANGES, "");
    while (query_row(store, row)) {
        int64_t seq = column_int(row, 0);
        g_array_append_val(seqs, seq);
    }
    return seqs;
}

int64_t
journal_last(struct store *store)
{
    return query_int(store, SQL_INPUT_LAST, "");
}

int
journal_count_attempt(struct store *store, int64_t seq, GError **error)
{
    journal_begin(store);
    query_do(store, SQL_INPUT_ATTEMPT, "i", seq);
    int64_t attempts = query_int(store, SQL_INPUT_ATTEMPTS, "i", seq);
    return journal_commit(store, error) ? (int)attempts : 0;
}

/* ---- ledger */

bool
ledger_has(struct store *store, const char *mailbox, int64_t uidvalidity, const char *ref)
{
    return query_int(store, SQL_LEDGER_HAS, "tit", mailbox, uidvalidity, ref) != 0;
}

bool
ledger_was_renumbered(struct store *store, const char *mailbox, int64_t uidvalidity)
{
    return query_int(store, SQL_LEDGER_OTHER, "ti", mailbox, uidvalidity) != 0;
}

int64_t
ledger_numbering(struct store *store, const char *mailbox, uint32_t uidvalidity, int64_t next)
{
    int64_t numbering = uidvalidity, anew = INT64_C(1) << 32;
    while (query_int(store, SQL_LEDGER_NUMBERED, "ti", mailbox, numbering + anew) != 0)
        numbering += anew;
    if (next > 0 && query_int(store, SQL_LEDGER_HIGHEST, "ti", mailbox, numbering) >= next)
        numbering += anew;
    return numbering;
}

int64_t
ledger_seq_by_key(struct store *store, const char *mailbox, int64_t uidvalidity, const char *content_key,
                  const char *sha256)
{
    return query_int(store, SQL_LEDGER_BY_KEY, "ttit", mailbox, content_key, uidvalidity, sha256);
}

void
ledger_add(struct store *store, const char *mailbox, int64_t uidvalidity, const char *ref, int64_t seq,
           const char *content_key)
{
    query_do(store, SQL_LEDGER_ADD, "titti", mailbox, uidvalidity, ref, content_key, seq);
}

GPtrArray *
ledger_unsettled(struct store *store, const char *mailbox, int64_t uidvalidity, int64_t applied, guint n)
{
    GPtrArray *refs = g_ptr_array_new_with_free_func(g_free);
    sqlite3_stmt *row = query(store, SQL_LEDGER_UNSETTLED, "tiii", mailbox, uidvalidity, applied, (int64_t)n);
    while (query_row(store, row))
        g_ptr_array_add(refs, column_text(row, 0));
    return refs;
}

void
ledger_settle(struct store *store, const char *mailbox, int64_t uidvalidity, const char *ref)
{
    query_do(store, SQL_LEDGER_SETTLE, "tit", mailbox, uidvalidity, ref);
}
