/* outbox.c - final bytes on their way out. The order of a delivery: "sending" is committed, the bytes are
 * handed over, the answer is committed; a row found "sending" at the start was cut off in between and is
 * sent again with equal bytes and an equal Message-ID. */
#include "store_private.h"

/* Of mails that will not be sent (again). A failed one may be asked for by hand until then. */
#define BYTES_KEPT_S (7 * 86400)

static const char *const statuses[] = {"queued", "sending", "sent",   "deferred",
                                       "failed", "unknown", "dropped"};

const char *
outbox_status_name(enum outbox_status status)
{
    return statuses[status];
}

static bool
status_from_name(const char *name, enum outbox_status *status_out)
{
    for (guint i = 0; i < G_N_ELEMENTS(statuses); i++)
        if (g_strcmp0(statuses[i], name) == 0) {
            *status_out = (enum outbox_status)i;
            return true;
        }
    return false;
}

void
outbox_free(struct outbox *outbox)
{
    if (!outbox)
        return;
    g_free(outbox->envelope_from);
    g_free(outbox->recipient);
    g_free(outbox->message_id);
    g_free(outbox->subject);
    g_free(outbox->text);
    g_free(outbox);
}

static void
destroy_outbox(void *outbox)
{
    outbox_free(outbox);
}

int64_t
outbox_add(struct store *store, const struct outbox *mail, GBytes *bytes)
{
    int rows =
        query_do(store, SQL_OUTBOX_ADD, "iitttti", mail->created_at, mail->next_at, mail->envelope_from,
                 mail->recipient, mail->message_id, mail->subject, (int64_t)g_bytes_get_size(bytes));
    if (rows == 0)
        return 0;
    int64_t id = store_last_id(store);
    query_do(store, SQL_OUTBOX_BYTES_ADD, "ib", id, bytes);
    return id;
}

GBytes *
outbox_bytes(struct store *store, int64_t id)
{
    sqlite3_stmt *row = query(store, SQL_OUTBOX_BYTES, "i", id);
    if (!query_row(store, row))
        return NULL;
    GBytes *bytes = NULL;
    if (sqlite3_column_type(row, 0) != SQLITE_NULL)
        bytes = g_bytes_new(sqlite3_column_blob(row, 0), (gsize)sqlite3_column_bytes(row, 0));
    query_end(row);
    return bytes;
}

static GPtrArray *
read_rows(struct store *store, sqlite3_stmt *row)
{
    GPtrArray *rows = g_ptr_array_new_with_free_func(destroy_outbox);
    while (query_row(store, row)) {
        struct outbox *outbox = g_new0(struct outbox, 1);
        outbox->id = column_int(row, 0);
        outbox->created_at = column_int(row, 1);
        outbox->next_at = column_int(row, 2);
        outbox->sent_at = column_int(row, 3);
        if (!status_from_name((const char *)sqlite3_column_text(row, 4), &outbox->status))
            store_keep_new_error(store, CARDPOST_ERROR_CORRUPT, "cardpost.db: outbox: unknown status");
        outbox->envelope_from = column_text(row, 5);
        outbox->recipient = column_text(row, 6);
        outbox->message_id = column_text(row, 7);
        outbox->subject = column_text(row, 8);
        outbox->attempts = sqlite3_column_int(row, 9);
        outbox->code = sqlite3_column_int(row, 10);
        outbox->text = column_text(row, 11);
        outbox->size_bytes = column_int(row, 12);
        g_ptr_array_add(rows, outbox);
    }
    return rows;
}

struct outbox *
outbox_get(struct store *store, int64_t id)
{
    g_autoptr(GPtrArray) found = read_rows(store, query(store, SQL_OUTBOX_GET, "i", id));
    return found->len > 0 ? g_ptr_array_steal_index(found, 0) : NULL;
}

GPtrArray *
outbox_due(struct store *store, int64_t now, guint n)
{
    return read_rows(store, query(store, SQL_OUTBOX_DUE, "ii", now, (int64_t)n));
}

int64_t
outbox_next_due(struct store *store)
{
    return query_int(store, SQL_OUTBOX_NEXT, "");
}

GPtrArray *
outbox_list(struct store *store, bool undelivered_only, guint n)
{
    return read_rows(store, query(store, SQL_OUTBOX_LIST, "ii", (int64_t)undelivered_only, (int64_t)n));
}

GArray *
outbox_counts(struct store *store)
{
    GArray *counts = g_array_new(FALSE, TRUE, sizeof(int64_t));
    g_array_set_size(counts, OUTBOX_DROPPED + 1);
    sqlite3_stmt *row = query(store, SQL_OUTBOX_COUNTS, "");
    while (query_row(store, row)) {
        enum outbox_status status;
        if (status_from_name((const char *)sqlite3_column_text(row, 0), &status))
            g_array_index(counts, int64_t, status) = column_int(row, 1);
    }
    return counts;
}

void
outbox_set(struct store *store, int64_t id, enum outbox_status status, int64_t next_at, int code,
           const char *text, int64_t now)
{
    query_do(store, SQL_OUTBOX_SET, "tiitii", statuses[status], next_at, (int64_t)code, text ? text : "", now,
             id);
}

int
outbox_recover(struct store *store, int64_t now)
{
    return query_do(store, SQL_OUTBOX_RECOVER, "i", now);
}

int64_t
outbox_sent_since(struct store *store, int64_t since)
{
    return query_int(store, SQL_OUTBOX_SENT, "i", since);
}

void
outbox_drop_bytes(struct store *store, int64_t now)
{
    query_do(store, SQL_OUTBOX_DROP_BYTES, "i", now - BYTES_KEPT_S);
}
