/* notice.c - who is to hear of what, before it becomes a mail. */
#include "store_private.h"

static const char *const notice_kinds[] = {"receipt", "stranger_receipt", "assigned", "comment",
                                           "held",    "refused",          "admin"};

const char *
notice_kind_name(enum notice_kind kind)
{
    return notice_kinds[kind];
}

void
notice_free(struct notice *notice)
{
    if (!notice)
        return;
    g_free(notice->address);
    g_free(notice->detail);
    g_free(notice);
}

static void
destroy_notice(void *notice)
{
    notice_free(notice);
}

int64_t
notice_add(struct store *store, const struct notice *notice)
{
    query_do(store, SQL_NOTICE_ADD, "iiitotoooto", notice->event_id, notice->at, notice->due_at,
             notice_kinds[notice->kind], notice->person_id, notice->address ? notice->address : "",
             notice->card_id, notice->comment_id, notice->held_id, notice->detail ? notice->detail : "",
             notice->input_seq);
    return store_last_id(store);
}

static enum notice_kind
kind_of(struct store *store, const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(notice_kinds); i++)
        if (g_strcmp0(notice_kinds[i], name) == 0)
            return (enum notice_kind)i;
    store_keep_new_error(store, CARDPOST_ERROR_CORRUPT, "cardpost.db: notice: unknown kind");
    return NOTICE_ADMIN;
}

static GPtrArray *
read_notices(struct store *store, sqlite3_stmt *row)
{
    GPtrArray *notices = g_ptr_array_new_with_free_func(destroy_notice);
    while (query_row(store, row)) {
        struct notice *notice = g_new0(struct notice, 1);
        notice->id = column_int(row, 0);
        notice->event_id = column_int(row, 1);
        notice->at = column_int(row, 2);
        notice->due_at = column_int(row, 3);
        notice->kind = kind_of(store, (const char *)sqlite3_column_text(row, 4));
        notice->person_id = column_int(row, 5);
        notice->address = column_text(row, 6);
        notice->card_id = column_int(row, 7);
        notice->comment_id = column_int(row, 8);
        notice->held_id = column_int(row, 9);
        notice->detail = column_text(row, 10);
        notice->input_seq = column_int(row, 11);
        g_ptr_array_add(notices, notice);
    }
    return notices;
}

GPtrArray *
notice_due(struct store *store, int64_t now, guint n)
{
    return read_notices(store, query(store, SQL_NOTICE_DUE, "ii", now, (int64_t)n));
}

GPtrArray *
notice_pending(struct store *store, int64_t person_id, int64_t card_id, enum notice_kind kind)
{
    return read_notices(store,
                        query(store, SQL_NOTICE_PENDING, "iit", person_id, card_id, notice_kinds[kind]));
}

struct notice *
notice_get(struct store *store, int64_t id)
{
    g_autoptr(GPtrArray) found = read_notices(store, query(store, SQL_NOTICE_GET, "i", id));
    return found->len > 0 ? g_ptr_array_steal_index(found, 0) : NULL;
}

int64_t
notice_next_due(struct store *store)
{
    return query_int(store, SQL_NOTICE_NEXT, "");
}

void
notice_done(struct store *store, int64_t id, int64_t outbox_id)
{
    query_do(store, SQL_NOTICE_DONE, "oi", outbox_id, id);
}

bool
notice_stranger_told(struct store *store, const char *address, int64_t since)
{
    return query_int(store, SQL_NOTICE_ADDRESS, "ti", address, since) != 0;
}

int64_t
notice_held_due(struct store *store, int64_t person_id, const struct held *held)
{
    return query_int(store, SQL_NOTICE_HELD, "iii", person_id, held->card_id, held->person_id);
}

char *
notice_last_id(struct store *store, int64_t person_id, int64_t card_id)
{
    return query_text(store, SQL_LAST_ID_GET, "ii", person_id, card_id);
}

void
notice_set_last_id(struct store *store, int64_t person_id, int64_t card_id, const char *message_id)
{
    query_do(store, SQL_LAST_ID_SET, "iit", person_id, card_id, message_id);
}

bool
notice_told_admins(struct store *store, const char *detail, int64_t since)
{
    return query_int(store, SQL_NOTICE_SAME, "ti", detail, since) != 0;
}
