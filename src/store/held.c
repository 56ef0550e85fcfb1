/* held.c - mails that wait for somebody's word, and who had a mail directly. */
#include "store_private.h"

int64_t
held_add(struct store *store, const struct held *held, int64_t at)
{
    query_do(store, SQL_HELD_ADD, "iiiti", held->input_seq, held->card_id, held->person_id, held->sender, at);
    return store_last_id(store);
}

bool
held_get(struct store *store, int64_t id, struct held *held_out)
{
    sqlite3_stmt *row = query(store, SQL_HELD_GET, "i", id);
    if (!query_row(store, row))
        return false;
    *held_out = (struct held){.id = id,
                              .input_seq = column_int(row, 0),
                              .card_id = column_int(row, 1),
                              .person_id = column_int(row, 2),
                              .sender = column_text(row, 3),
                              .is_decided = column_bool(row, 4)};
    query_end(row);
    return true;
}

void
held_decide(struct store *store, int64_t id, bool approved, int64_t by_person, int64_t at)
{
    query_do(store, SQL_HELD_DECIDE, "tiii", approved ? "approved" : "rejected", by_person, at, id);
}

int64_t
held_of_input(struct store *store, int64_t seq)
{
    return query_int(store, SQL_HELD_OF_INPUT, "i", seq);
}

int64_t
held_next(struct store *store, int64_t card_id, int64_t person_id)
{
    return query_int(store, SQL_HELD_NEXT, "ii", card_id, person_id);
}

int64_t
held_waiting(struct store *store, int64_t card_id, int64_t person_id)
{
    return query_int(store, SQL_HELD_WAITING, "ii", card_id, person_id);
}

bool
held_is_approved(struct store *store, int64_t id)
{
    g_autofree char *decision = query_text(store, SQL_HELD_DECISION, "i", id);
    return g_strcmp0(decision, "approved") == 0;
}

void
heard_add(struct store *store, int64_t input_seq, int64_t person_id)
{
    query_do(store, SQL_HEARD_ADD, "ii", input_seq, person_id);
}

bool
heard_has(struct store *store, int64_t input_seq, int64_t person_id)
{
    return query_int(store, SQL_HEARD_HAS, "ii", input_seq, person_id) != 0;
}
