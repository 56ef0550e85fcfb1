/* person.c - people with their addresses, and teams. */
#include "store_private.h"

#include <cardpost/clean.h>

struct person *
person_get(struct store *store, int64_t id)
{
    sqlite3_stmt *row = query(store, SQL_PERSON_GET, "i", id);
    if (!query_row(store, row))
        return NULL;
    struct person *person = person_new();
    person->id = column_int(row, 0);
    person->key = column_text(row, 1);
    person->name = column_text(row, 2);
    person->language = column_text(row, 3);
    person->timezone = column_text(row, 4);
    if (!role_from_name((const char *)sqlite3_column_text(row, 5), &person->role))
        store_keep_new_error(store, CARDPOST_ERROR_CORRUPT, "cardpost.db: person: unknown role");
    person->wants_all_receipts = column_bool(row, 6);
    person->is_active = column_bool(row, 7);
    query_end(row);
    sqlite3_stmt *address = query(store, SQL_ADDRESS_LIST, "i", id);
    while (query_row(store, address))
        g_ptr_array_add(person->addresses, column_text(address, 0));
    return person;
}

struct person *
person_by_address(struct store *store, const char *folded)
{
    int64_t id = folded ? query_int(store, SQL_PERSON_BY_ADDRESS, "t", folded) : 0;
    return id ? person_get(store, id) : NULL;
}

struct person *
person_by_key(struct store *store, const char *key)
{
    g_autofree char *folded = clean_fold(key, -1);
    int64_t id = query_int(store, SQL_PERSON_BY_KEY, "t", folded);
    if (id)
        return person_get(store, id);
    sqlite3_stmt *row = query(store, SQL_PERSON_BY_NAME, "t", folded);
    guint found = 0;
    while (query_row(store, row)) {
        id = column_int(row, 0);
        found++;
    }
    return found == 1 ? person_get(store, id) : NULL;
}

static void
destroy_person(void *person)
{
    person_free(person);
}

/* The ids a statement without values answers: collected first, for rows are read by other statements. */
static GArray *
ids_of(struct store *store, enum statement statement)
{
    GArray *ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
    sqlite3_stmt *row = query(store, statement, "");
    while (query_row(store, row)) {
        int64_t id = column_int(row, 0);
        g_array_append_val(ids, id);
    }
    return ids;
}

GArray *
person_admins(struct store *store)
{
    return ids_of(store, SQL_PERSON_ADMINS);
}

GPtrArray *
person_list(struct store *store)
{
    GPtrArray *people = g_ptr_array_new_with_free_func(destroy_person);
    g_autoptr(GArray) ids = ids_of(store, SQL_PERSON_LIST);
    for (guint i = 0; i < ids->len; i++) {
        struct person *person = person_get(store, g_array_index(ids, int64_t, i));
        if (person)
            g_ptr_array_add(people, person);
    }
    return people;
}

int64_t
person_save(struct store *store, const struct person *person)
{
    g_autofree char *folded = clean_fold(person->name, -1);
    const char *language = person->language ? person->language : "";
    const char *zone = person->timezone ? person->timezone : "";
    int64_t id = person->id;
    if (id)
        query_do(store, SQL_PERSON_SET, "ttttttiii", person->key, person->name, folded, language, zone,
                 role_name(person->role), (int64_t)person->wants_all_receipts, (int64_t)person->is_active,
                 id);
    else {
        query_do(store, SQL_PERSON_ADD, "ttttttii", person->key, person->name, folded, language, zone,
                 role_name(person->role), (int64_t)person->wants_all_receipts, (int64_t)person->is_active);
        id = store_last_id(store);
    }
    query_do(store, SQL_ADDRESS_CLEAR, "i", id);
    for (guint i = 0; i < person->addresses->len; i++)
        query_do(store, SQL_ADDRESS_ADD, "tii", (const char *)person->addresses->pdata[i], id, (int64_t)i);
    return id;
}

/* A token's text is made of the person's id: one of the other's is answered, and never issued again (serial
 * 0). */
void
person_join(struct store *store, int64_t from_id, int64_t to_id)
{
    /* the others find their rows by the cards of card_person: it comes last */
    static const enum statement statements[] = {SQL_JOIN_CARD,   SQL_JOIN_COMMENT,    SQL_JOIN_CARD_MUTE,
                                                SQL_JOIN_HELD,   SQL_JOIN_TOKEN,      SQL_JOIN_LAST_ID,
                                                SQL_JOIN_NOTICE, SQL_JOIN_CARD_PERSON};
    for (guint i = 0; i < G_N_ELEMENTS(statements); i++)
        query_do(store, statements[i], "ii", to_id, from_id);
}

void
team_free(struct team *team)
{
    if (!team)
        return;
    g_free(team->key);
    g_free(team->name);
    g_clear_pointer(&team->member_ids, g_array_unref);
    g_free(team);
}

static void
destroy_team(void *team)
{
    team_free(team);
}

GPtrArray *
team_list(struct store *store)
{
    GPtrArray *teams = g_ptr_array_new_with_free_func(destroy_team);
    sqlite3_stmt *row = query(store, SQL_TEAM_LIST, "");
    while (query_row(store, row)) {
        struct team *team = g_new0(struct team, 1);
        team->id = column_int(row, 0);
        team->key = column_text(row, 1);
        team->name = column_text(row, 2);
        team->member_ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
        g_ptr_array_add(teams, team);
    }
    for (guint i = 0; i < teams->len; i++) {
        struct team *team = teams->pdata[i];
        sqlite3_stmt *member = query(store, SQL_TEAM_MEMBERS, "i", team->id);
        while (query_row(store, member)) {
            int64_t id = column_int(member, 0);
            g_array_append_val(team->member_ids, id);
        }
    }
    return teams;
}

int64_t
team_save(struct store *store, const struct team *team)
{
    int64_t id = query_int(store, SQL_TEAM_BY_KEY, "t", team->key);
    if (id)
        query_do(store, SQL_TEAM_SET, "ti", team->name, id);
    else {
        query_do(store, SQL_TEAM_ADD, "tt", team->key, team->name);
        id = store_last_id(store);
    }
    query_do(store, SQL_TEAM_CLEAR, "i", id);
    for (guint i = 0; i < team->member_ids->len; i++)
        query_do(store, SQL_TEAM_MEMBER_ADD, "ii", id, g_array_index(team->member_ids, int64_t, i));
    return id;
}
