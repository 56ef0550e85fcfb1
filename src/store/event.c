/* event.c - the event log and the cursors of its readers. */
#include "store_private.h"

int64_t
event_add(struct store *store, const struct event *event)
{
    query_do(store, SQL_EVENT_ADD, "itoooooot", event->at, event_kind_name(event->kind), event->card_id,
             event->comment_id, event->held_id, event->actor_id, event->subject_id, event->input_seq,
             event->detail ? event->detail : "");
    return store_last_id(store);
}

static void
destroy_event(void *event)
{
    event_free(event);
}

static GPtrArray *
read_events(struct store *store, sqlite3_stmt *row)
{
    GPtrArray *events = g_ptr_array_new_with_free_func(destroy_event);
    while (query_row(store, row)) {
        struct event *event = g_new0(struct event, 1);
        event->id = column_int(row, 0);
        event->at = column_int(row, 1);
        if (!event_kind_from_name((const char *)sqlite3_column_text(row, 2), &event->kind))
            store_keep_new_error(store, CARDPOST_ERROR_CORRUPT, "cardpost.db: event: unknown kind");
        event->card_id = column_int(row, 3);
        event->comment_id = column_int(row, 4);
        event->held_id = column_int(row, 5);
        event->actor_id = column_int(row, 6);
        event->subject_id = column_int(row, 7);
        event->input_seq = column_int(row, 8);
        event->detail = column_text(row, 9);
        g_ptr_array_add(events, event);
    }
    return events;
}

GPtrArray *
event_after(struct store *store, int64_t id, guint n)
{
    return read_events(store, query(store, SQL_EVENT_AFTER, "ii", id, (int64_t)n));
}

GPtrArray *
event_of_card(struct store *store, int64_t card_id)
{
    return read_events(store, query(store, SQL_EVENT_OF_CARD, "i", card_id));
}

int64_t
cursor_get(struct store *store, const char *reader)
{
    return query_int(store, SQL_CURSOR_GET, "t", reader);
}

void
cursor_set(struct store *store, const char *reader, int64_t event_id)
{
    query_do(store, SQL_CURSOR_SET, "ti", reader, event_id);
}
