/* team.c - people, teams, boards and columns from a team file: the plan, its carrying out, and the way back.
 *
 * A team file adds and changes; what it does not name stays as it is. A column leaves its board when the
 * file's board no longer has it and no card stands in it. */
#include <cardpost/engine.h>

#include <cardpost/error.h>

static bool
invalid(GError **error, const char *what, const char *key, const char *why)
{
    g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_INVALID, "%s %s: %s", what, key, why);
    return false;
}

static void G_GNUC_PRINTF(2, 3) say(GPtrArray *plan, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_ptr_array_add(plan, g_strdup_vprintf(format, args));
    va_end(args);
}

/* ---- people */

/* Who the file's person is here: by key, else somebody known only by one of the addresses. NULL: new. */
static struct person *
find_person(struct store *store, const struct team_file_person *from)
{
    struct person *person = person_by_key(store, from->key);
    if (person && g_strcmp0(person->key, from->key) == 0)
        return person;
    person_free(person);
    for (guint i = 0; i < from->emails->len; i++) {
        person = person_by_address(store, from->emails->pdata[i]);
        if (person && !person->key)
            return person;
        person_free(person);
    }
    return NULL;
}

/* No address may be that of somebody else with a key. */
static bool
addresses_are_free(struct store *store, const struct team_file_person *from, int64_t id, GError **error)
{
    for (guint i = 0; i < from->emails->len; i++) {
        g_autoptr(person_t) other = person_by_address(store, from->emails->pdata[i]);
        if (other && other->id != id && other->key)
            return invalid(error, "person", from->key, "an address belongs to another person already");
    }
    return true;
}

/* Somebody known by nothing but his address was this person all the time: his cards are this person's. */
static void
take_address(struct store *store, const char *address, int64_t id)
{
    g_autoptr(person_t) other = person_by_address(store, address);
    if (!other || other->id == id)
        return;
    for (guint i = other->addresses->len; i > 0; i--)
        if (g_str_equal(other->addresses->pdata[i - 1], address))
            g_ptr_array_remove_index(other->addresses, i - 1);
    person_save(store, other);
    person_join(store, other->id, id);
}

static bool
same_addresses(const GPtrArray *a, const GPtrArray *b)
{
    if (a->len != b->len)
        return false;
    for (guint i = 0; i < a->len; i++)
        if (!g_str_equal(a->pdata[i], b->pdata[i]))
            return false;
    return true;
}

static bool
same_person(const struct person *old, const struct person *new_person)
{
    return g_strcmp0(old->key, new_person->key) == 0 && g_strcmp0(old->name, new_person->name) == 0 &&
           g_strcmp0(old->language, new_person->language) == 0 &&
           g_strcmp0(old->timezone, new_person->timezone) == 0 && old->role == new_person->role &&
           old->wants_all_receipts == new_person->wants_all_receipts && old->is_active &&
           same_addresses(old->addresses, new_person->addresses);
}

static struct person *
person_from_file(const struct team_file_person *from, int64_t id)
{
    struct person *person = person_new();
    person->id = id;
    person->key = g_strdup(from->key);
    person->name = g_strdup(from->name);
    person->language = g_strdup(from->language);
    person->timezone = g_strdup(from->timezone);
    role_from_name(from->role, &person->role);
    person->wants_all_receipts = from->wants_all_receipts;
    person->is_active = true;
    for (guint i = 0; i < from->emails->len; i++)
        g_ptr_array_add(person->addresses, g_strdup(from->emails->pdata[i]));
    return person;
}

/* One person into the plan, and into the store when that is wanted. */
static bool
do_person(struct store *store, const struct team_file_person *from, bool save, GPtrArray *plan,
          GError **error)
{
    g_autoptr(person_t) old = find_person(store, from);
    if (!addresses_are_free(store, from, old ? old->id : 0, error))
        return false;
    g_autoptr(person_t) person = person_from_file(from, old ? old->id : 0);
    if (old && same_person(old, person))
        return true;
    say(plan, "%s person %s (%s)", old ? "change" : "add", person->key, person->name);
    if (!save)
        return true;
    for (guint i = 0; i < person->addresses->len; i++)
        take_address(store, person->addresses->pdata[i], person->id);
    person_save(store, person);
    return true;
}

static int64_t
person_id(struct store *store, const char *key)
{
    g_autoptr(person_t) person = key && *key ? person_by_key(store, key) : NULL;
    return person ? person->id : 0;
}

/* ---- teams */

static struct team *
find_team(const GPtrArray *teams, const char *key)
{
    for (guint i = 0; i < teams->len; i++)
        if (g_str_equal(((struct team *)teams->pdata[i])->key, key))
            return teams->pdata[i];
    return NULL;
}

static bool
same_members(const GArray *ids, struct store *store, const GPtrArray *keys)
{
    if (ids->len != keys->len)
        return false;
    for (guint i = 0; i < keys->len; i++) {
        int64_t id = person_id(store, keys->pdata[i]);
        bool found = false;
        for (guint j = 0; j < ids->len; j++)
            found = found || g_array_index(ids, int64_t, j) == id;
        if (!found)
            return false;
    }
    return true;
}

static void
do_team(struct store *store, const struct team_file_team *from, bool save, GPtrArray *plan)
{
    g_autoptr(GPtrArray) teams = team_list(store);
    const struct team *old = find_team(teams, from->key);
    if (old && g_str_equal(old->name, from->name) && same_members(old->member_ids, store, from->members))
        return;
    say(plan, "%s team %s (%s)", old ? "change" : "add", from->key, from->name);
    if (!save)
        return;
    struct team team = {
        .key = from->key, .name = from->name, .member_ids = g_array_new(FALSE, FALSE, sizeof(int64_t))};
    for (guint i = 0; i < from->members->len; i++) {
        int64_t id = person_id(store, from->members->pdata[i]);
        g_array_append_val(team.member_ids, id);
    }
    team_save(store, &team);
    g_array_unref(team.member_ids);
}

/* ---- boards */

static struct board *
board_from_file(struct store *store, const struct team_file_board *from)
{
    struct board *board = board_new();
    board->key = g_strdup(from->key);
    board->name = g_strdup(from->name);
    board->name_zh = g_strdup(from->name_zh);
    board->public_name = g_strdup(from->public_name);
    board->alias = g_strdup(from->alias);
    board_intake_from_name(from->intake, &board->intake);
    board->is_default = from->is_default;
    board->default_assignee_id = person_id(store, from->default_assignee);
    for (guint i = 0; i < from->columns->len; i++) {
        const struct team_file_column *column = from->columns->pdata[i];
        struct column *to = g_new0(struct column, 1);
        to->key = g_strdup(column->key);
        to->name = g_strdup(column->name);
        to->name_zh = g_strdup(column->name_zh);
        column_kind_from_name(column->kind, &to->kind);
        to->owner_id = person_id(store, column->owner);
        g_ptr_array_add(board->columns, to);
    }
    return board;
}

static bool
same_column(const struct column *a, const struct column *b)
{
    return g_str_equal(a->key, b->key) && g_str_equal(a->name, b->name) &&
           g_str_equal(a->name_zh, b->name_zh) && a->kind == b->kind && a->owner_id == b->owner_id;
}

static bool
same_board(const struct board *a, const struct board *b)
{
    if (!g_str_equal(a->name, b->name) || !g_str_equal(a->name_zh, b->name_zh) ||
        !g_str_equal(a->public_name, b->public_name) || !g_str_equal(a->alias, b->alias) ||
        a->intake != b->intake || a->is_default != b->is_default ||
        a->default_assignee_id != b->default_assignee_id || a->columns->len != b->columns->len)
        return false;
    for (guint i = 0; i < a->columns->len; i++)
        if (!same_column(a->columns->pdata[i], b->columns->pdata[i]))
            return false;
    return true;
}

static struct board *
find_board(struct store *store, const char *key)
{
    struct board *board = board_by_name(store, key);
    if (board && g_str_equal(board->key, key))
        return board;
    board_free(board);
    return NULL;
}

/* A column that goes must be empty. */
static bool
columns_can_go(struct store *store, const struct board *old, const struct board *board, GError **error)
{
    for (guint i = 0; i < old->columns->len; i++) {
        const struct column *column = old->columns->pdata[i];
        const struct column *kept = NULL;
        for (guint j = 0; j < board->columns->len && !kept; j++)
            if (g_str_equal(((struct column *)board->columns->pdata[j])->key, column->key))
                kept = column;
        if (!kept && column_has_cards(store, column->id))
            return invalid(error, "column", column->key, "still holds cards; move them first");
    }
    return true;
}

static bool
do_board(struct store *store, const struct team_file_board *from, bool save, GPtrArray *plan, GError **error)
{
    g_autoptr(board_t) old = find_board(store, from->key);
    g_autoptr(board_t) board = board_from_file(store, from);
    if (old && !columns_can_go(store, old, board, error))
        return false;
    if (old && same_board(old, board))
        return true;
    say(plan, "%s board %s (%s), %u columns", old ? "change" : "add", from->key, from->name,
        board->columns->len);
    if (save)
        board_save(store, board);
    return true;
}

static bool
names_board(const struct team_file *team, const char *key)
{
    for (guint i = 0; i < team->boards->len; i++)
        if (g_str_equal(((const struct team_file_board *)team->boards->pdata[i])->key, key))
            return true;
    return false;
}

/* There is one default board, the file's: one that the file does not name is it no more. */
static void
do_former_default(struct store *store, const struct team_file *team, bool save, GPtrArray *plan)
{
    g_autoptr(GPtrArray) boards = team->boards->len > 0 ? board_list(store) : NULL;
    for (guint i = 0; boards && i < boards->len; i++) {
        struct board *board = boards->pdata[i];
        if (!board->is_default || names_board(team, board->key))
            continue;
        say(plan, "board %s (%s) is no longer the default", board->key, board->name);
        board->is_default = false;
        if (save)
            board_save(store, board);
    }
}

/* The plan, and with save its carrying out: one walk, so that they cannot differ. */
static bool
walk(struct store *store, const struct team_file *team, bool save, GPtrArray *plan, GError **error)
{
    for (guint i = 0; i < team->people->len; i++)
        if (!do_person(store, team->people->pdata[i], save, plan, error))
            return false;
    for (guint i = 0; i < team->teams->len; i++)
        do_team(store, team->teams->pdata[i], save, plan);
    for (guint i = 0; i < team->boards->len; i++)
        if (!do_board(store, team->boards->pdata[i], save, plan, error))
            return false;
    do_former_default(store, team, save, plan);
    return true;
}

GPtrArray *
engine_team_plan(struct store *store, const struct team_file *team, GError **error)
{
    g_autoptr(GPtrArray) plan = g_ptr_array_new_with_free_func(g_free);
    if (!walk(store, team, false, plan, error) || !store_check(store, error))
        return NULL;
    return g_steal_pointer(&plan);
}

bool
engine_team_apply(const struct engine_act *act, const struct team_file *team, GError **error)
{
    g_autoptr(GPtrArray) plan = g_ptr_array_new_with_free_func(g_free);
    if (!walk(act->store, team, true, plan, error))
        return false;
    for (guint i = 0; i < plan->len; i++)
        event_add(act->store, &(struct event){.at = act->now,
                                              .kind = EVENT_TEAM_CHANGED,
                                              .actor_id = act->person_id,
                                              .input_seq = act->input_seq,
                                              .detail = plan->pdata[i]});
    return true;
}

/* ---- export */

static void
replace(char **to, const char *text)
{
    g_free(*to);
    *to = g_strdup(text ? text : "");
}

static void
replace_with_key(struct store *store, char **to, int64_t id)
{
    g_autoptr(person_t) person = id ? person_get(store, id) : NULL;
    replace(to, person && person->key ? person->key : "");
}

static void
export_person(struct team_file *team, const struct person *person)
{
    struct team_file_person *to = team_file_add_person(team);
    replace(&to->key, person->key);
    replace(&to->name, person->name);
    replace(&to->language, person->language);
    replace(&to->timezone, person->timezone);
    replace(&to->role, role_name(person->role));
    to->wants_all_receipts = person->wants_all_receipts;
    for (guint i = 0; i < person->addresses->len; i++)
        g_ptr_array_add(to->emails, g_strdup(person->addresses->pdata[i]));
}

static void
export_team(struct store *store, struct team_file *team, const struct team *from)
{
    struct team_file_team *to = team_file_add_team(team);
    replace(&to->key, from->key);
    replace(&to->name, from->name);
    for (guint i = 0; i < from->member_ids->len; i++) {
        g_autoptr(person_t) person = person_get(store, g_array_index(from->member_ids, int64_t, i));
        if (person && person->key)
            g_ptr_array_add(to->members, g_strdup(person->key));
    }
}

static void
export_board(struct store *store, struct team_file *team, const struct board *from)
{
    struct team_file_board *to = team_file_add_board(team);
    replace(&to->key, from->key);
    replace(&to->name, from->name);
    replace(&to->name_zh, from->name_zh);
    replace(&to->public_name, from->public_name);
    replace(&to->alias, from->alias);
    replace(&to->intake, board_intake_name(from->intake));
    to->is_default = from->is_default;
    replace_with_key(store, &to->default_assignee, from->default_assignee_id);
    for (guint i = 0; i < from->columns->len; i++) {
        const struct column *column = from->columns->pdata[i];
        struct team_file_column *at = team_file_add_column(to);
        replace(&at->key, column->key);
        replace(&at->name, column->name);
        replace(&at->name_zh, column->name_zh);
        replace(&at->kind, column_kind_name(column->kind));
        replace_with_key(store, &at->owner, column->owner_id);
    }
}

struct team_file *
engine_team_export(struct store *store)
{
    struct team_file *team = team_file_new();
    g_autoptr(GPtrArray) people = person_list(store);
    g_autoptr(GPtrArray) teams = team_list(store);
    g_autoptr(GPtrArray) boards = board_list(store);
    for (guint i = 0; i < people->len; i++) {
        const struct person *person = people->pdata[i];
        if (person->key && person->is_active)
            export_person(team, person);
    }
    for (guint i = 0; i < teams->len; i++)
        export_team(store, team, teams->pdata[i]);
    for (guint i = 0; i < boards->len; i++)
        export_board(store, team, boards->pdata[i]);
    return team;
}
