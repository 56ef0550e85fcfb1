/* outcome.c - how each input ended, and what recognises a second copy. */
#include "store_private.h"

void
outcome_row_free(struct outcome_row *row)
{
    if (!row)
        return;
    g_free(row->reason);
    g_free(row->trust_reason);
    g_free(row->sender);
    g_free(row->subject);
    g_free(row->rule);
    g_free(row);
}

int64_t
outcome_last(struct store *store)
{
    return query_int(store, SQL_OUTCOME_LAST, "");
}

void
outcome_add(struct store *store, const struct outcome_row *row)
{
    query_do(store, SQL_OUTCOME_ADD, "iitttttttooo", row->seq, row->at, outcome_name(row->outcome),
             row->reason, trust_name(row->trust), row->trust_reason ? row->trust_reason : "",
             row->sender ? row->sender : "", row->subject ? row->subject : "", row->rule ? row->rule : "",
             row->card_id, row->comment_id, row->person_id);
}

static struct outcome_row *
read_row(struct store *store, sqlite3_stmt *row)
{
    struct outcome_row *out = g_new0(struct outcome_row, 1);
    out->seq = column_int(row, 0);
    out->at = column_int(row, 1);
    if (!outcome_from_name((const char *)sqlite3_column_text(row, 2), &out->outcome) ||
        !trust_from_name((const char *)sqlite3_column_text(row, 4), &out->trust))
        store_keep_new_error(store, CARDPOST_ERROR_CORRUPT, "cardpost.db: outcome: unknown name");
    out->reason = column_text(row, 3);
    out->trust_reason = column_text(row, 5);
    out->sender = column_text(row, 6);
    out->subject = column_text(row, 7);
    out->rule = column_text(row, 8);
    out->card_id = column_int(row, 9);
    out->comment_id = column_int(row, 10);
    out->person_id = column_int(row, 11);
    return out;
}

struct outcome_row *
outcome_get(struct store *store, int64_t seq)
{
    sqlite3_stmt *row = query(store, SQL_OUTCOME_GET, "i", seq);
    if (!query_row(store, row))
        return NULL;
    struct outcome_row *out = read_row(store, row);
    query_end(row);
    return out;
}

void
outcome_release(struct store *store, int64_t seq, int64_t by_seq)
{
    query_do(store, SQL_OUTCOME_RELEASE, "ii", by_seq, seq);
}

int64_t
outcome_released_by(struct store *store, int64_t seq)
{
    return query_int(store, SQL_OUTCOME_RELEASED_BY, "i", seq);
}

static void
destroy_row(void *row)
{
    outcome_row_free(row);
}

GPtrArray *
outcome_list(struct store *store, enum outcome outcome, bool unreleased_only, guint n)
{
    GPtrArray *rows = g_ptr_array_new_with_free_func(destroy_row);
    sqlite3_stmt *row =
        query(store, SQL_OUTCOME_LIST, "tii", outcome_name(outcome), (int64_t)unreleased_only, (int64_t)n);
    while (query_row(store, row))
        g_ptr_array_add(rows, read_row(store, row));
    return rows;
}

GArray *
outcome_counts(struct store *store)
{
    GArray *counts = g_array_new(FALSE, TRUE, sizeof(int64_t));
    g_array_set_size(counts, OUTCOME_DEFERRED + 1);
    sqlite3_stmt *row = query(store, SQL_OUTCOME_COUNTS, "");
    while (query_row(store, row)) {
        enum outcome outcome;
        if (outcome_from_name((const char *)sqlite3_column_text(row, 0), &outcome))
            g_array_index(counts, int64_t, outcome) = column_int(row, 1);
    }
    g_autoptr(GArray) changes = journal_changes(store);
    for (guint i = 0; i < changes->len; i++) {
        struct outcome_row *change = outcome_get(store, g_array_index(changes, int64_t, i));
        if (change)
            g_array_index(counts, int64_t, change->outcome)--;
        outcome_row_free(change);
    }
    return counts;
}

bool
seen_has(struct store *store, const char *key, enum trust trust, int64_t *seq_out, int64_t *card_id_out)
{
    sqlite3_stmt *row = query(store, SQL_SEEN_GET, "ti", key, (int64_t)trust);
    if (!query_row(store, row))
        return false;
    *seq_out = column_int(row, 0);
    *card_id_out = column_int(row, 1);
    query_end(row);
    return true;
}

void
seen_add(struct store *store, const char *key, enum trust trust, int64_t seq, int64_t card_id)
{
    query_do(store, SQL_SEEN_ADD, "tiio", key, (int64_t)trust, seq, card_id);
}
