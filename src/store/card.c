/* card.c - cards and who is what to them. */
#include "store_private.h"

static struct card *
read_card(struct store *store, sqlite3_stmt *row)
{
    struct card *card = g_new0(struct card, 1);
    card->id = column_int(row, 0);
    card->board_id = column_int(row, 1);
    card->column_id = column_int(row, 2);
    card->title = column_text(row, 3);
    if (!card_status_from_name((const char *)sqlite3_column_text(row, 4), &card->status))
        store_keep_new_error(store, CARDPOST_ERROR_CORRUPT, "cardpost.db: card: unknown status");
    card->requester_id = column_int(row, 5);
    card->sender_address = column_text(row, 6);
    card->created_at = column_int(row, 7);
    card->updated_at = column_int(row, 8);
    card->version = column_int(row, 9);
    return card;
}

struct card *
card_get(struct store *store, int64_t id)
{
    sqlite3_stmt *row = query(store, SQL_CARD_GET, "i", id);
    if (!query_row(store, row))
        return NULL;
    struct card *card = read_card(store, row);
    query_end(row);
    return card;
}

int64_t
card_add(struct store *store, const struct card *card)
{
    query_do(store, SQL_CARD_ADD, "iittotii", card->board_id, card->column_id, card->title,
             card_status_name(card->status), card->requester_id,
             card->sender_address ? card->sender_address : "", card->created_at, card->updated_at);
    return store_last_id(store);
}

void
card_touch(struct store *store, int64_t id, int64_t at)
{
    query_do(store, SQL_CARD_TOUCH, "ii", at, id);
}

static void
destroy_card(void *card)
{
    card_free(card);
}

GPtrArray *
card_list(struct store *store, int64_t board_id, guint n)
{
    GPtrArray *cards = g_ptr_array_new_with_free_func(destroy_card);
    sqlite3_stmt *row = query(store, SQL_CARD_LIST, "ii", board_id, (int64_t)n);
    while (query_row(store, row))
        g_ptr_array_add(cards, read_card(store, row));
    return cards;
}

void
card_person_add(struct store *store, int64_t card_id, int64_t person_id, enum card_role role, int64_t at)
{
    query_do(store, SQL_CARD_PERSON_ADD, "iiti", card_id, person_id, card_role_name(role), at);
}

bool
card_person_has(struct store *store, int64_t card_id, int64_t person_id, enum card_role role)
{
    return query_int(store, SQL_CARD_PERSON_HAS, "iit", card_id, person_id, card_role_name(role)) != 0;
}

bool
card_has_person(struct store *store, int64_t card_id, int64_t person_id)
{
    return query_int(store, SQL_CARD_HAS_PERSON, "ii", card_id, person_id) != 0;
}

static GArray *
read_ids(struct store *store, sqlite3_stmt *row)
{
    GArray *ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
    while (query_row(store, row)) {
        int64_t id = column_int(row, 0);
        g_array_append_val(ids, id);
    }
    return ids;
}

GArray *
card_people(struct store *store, int64_t card_id, enum card_role role)
{
    return read_ids(store, query(store, SQL_CARD_PEOPLE, "it", card_id, card_role_name(role)));
}

GArray *
card_everybody(struct store *store, int64_t card_id)
{
    return read_ids(store, query(store, SQL_CARD_EVERYBODY, "i", card_id));
}

void
card_mute(struct store *store, int64_t card_id, int64_t person_id)
{
    query_do(store, SQL_CARD_MUTE, "ii", card_id, person_id);
}

bool
card_is_muted(struct store *store, int64_t card_id, int64_t person_id)
{
    return query_int(store, SQL_CARD_IS_MUTED, "ii", card_id, person_id) != 0;
}
