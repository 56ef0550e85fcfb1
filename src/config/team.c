/* team.c - reading a team file: each value by the table of keys, then what must fit together. */
#include <cardpost/team.h>

#include "conf.h"

#include <cardpost/clean.h>

#include <string.h>

static void
person_free(gpointer data)
{
    struct team_file_person *person = data;
    g_free(person->key);
    g_free(person->name);
    g_ptr_array_unref(person->emails);
    g_free(person->language);
    g_free(person->timezone);
    g_free(person->role);
    g_free(person);
}

static void
team_free(gpointer data)
{
    struct team_file_team *team = data;
    g_free(team->key);
    g_free(team->name);
    g_ptr_array_unref(team->members);
    g_free(team);
}

static void
column_free(gpointer data)
{
    struct team_file_column *column = data;
    g_free(column->key);
    g_free(column->name);
    g_free(column->name_zh);
    g_free(column->kind);
    g_free(column->owner);
    g_free(column);
}

static void
board_free(gpointer data)
{
    struct team_file_board *board = data;
    g_free(board->key);
    g_free(board->name);
    g_free(board->name_zh);
    g_free(board->public_name);
    g_free(board->alias);
    g_free(board->intake);
    g_free(board->default_assignee);
    g_ptr_array_unref(board->columns);
    g_free(board);
}

struct team_file *
team_file_new(void)
{
    struct team_file *team = g_new0(struct team_file, 1);
    team->people = g_ptr_array_new_with_free_func(person_free);
    team->teams = g_ptr_array_new_with_free_func(team_free);
    team->boards = g_ptr_array_new_with_free_func(board_free);
    return team;
}

void
team_file_free(struct team_file *team)
{
    if (!team)
        return;
    g_ptr_array_unref(team->people);
    g_ptr_array_unref(team->teams);
    g_ptr_array_unref(team->boards);
    g_free(team);
}

/* An empty string that can be freed. */
static char *
empty(void)
{
    return g_strdup("");
}

/* An empty key takes a value. */
static void
assign(char **field, const char *value)
{
    g_free(*field);
    *field = g_strdup(value ? value : "");
}

struct team_file_person *
team_file_add_person(struct team_file *team)
{
    struct team_file_person *person = g_new0(struct team_file_person, 1);
    *person = (struct team_file_person){.key = empty(),
                                        .name = empty(),
                                        .emails = g_ptr_array_new_with_free_func(g_free),
                                        .language = empty(),
                                        .timezone = empty(),
                                        .role = g_strdup("member")};
    g_ptr_array_add(team->people, person);
    return person;
}

struct team_file_team *
team_file_add_team(struct team_file *team)
{
    struct team_file_team *entry = g_new0(struct team_file_team, 1);
    *entry = (struct team_file_team){
        .key = empty(), .name = empty(), .members = g_ptr_array_new_with_free_func(g_free)};
    g_ptr_array_add(team->teams, entry);
    return entry;
}

struct team_file_board *
team_file_add_board(struct team_file *team)
{
    struct team_file_board *board = g_new0(struct team_file_board, 1);
    *board = (struct team_file_board){.key = empty(),
                                      .name = empty(),
                                      .name_zh = empty(),
                                      .public_name = empty(),
                                      .alias = empty(),
                                      .intake = g_strdup("anyone"),
                                      .default_assignee = empty(),
                                      .columns = g_ptr_array_new_with_free_func(column_free)};
    g_ptr_array_add(team->boards, board);
    return board;
}

struct team_file_column *
team_file_add_column(struct team_file_board *board)
{
    struct team_file_column *column = g_new0(struct team_file_column, 1);
    *column = (struct team_file_column){
        .key = empty(), .name = empty(), .name_zh = empty(), .kind = g_strdup("active"), .owner = empty()};
    g_ptr_array_add(board->columns, column);
    return column;
}

/* Reads `name`, which every section of a team file must have. */
static bool
read_name(const struct conf_node *node, char **field, GError **error)
{
    if (!conf_has(node, "name"))
        return conf_fail(node, NULL, error, "has no name; give it one, as in: name = \"…\"");
    g_autofree char *name = clean_line(conf_text(node, "name"), 0);
    if (*name == '\0')
        return conf_fail(node, "name", error, "is blank; give it a name that people can read");
    assign(field, name);
    return true;
}

/* A text for people that may be left out. */
static void
read_text(const struct conf_node *node, const char *key, char **field)
{
    g_autofree char *text = clean_line(conf_text(node, key) ? conf_text(node, key) : "", 0);
    assign(field, text);
}

/* `owners` maps each address of the file to the key of its person. */
static bool
read_person(const struct conf_node *node, struct team_file_person *person, GHashTable *owners, GError **error)
{
    assign(&person->key, node->title);
    if (!read_name(node, &person->name, error))
        return false;
    guint n = conf_list_size(node, "email");
    if (n == 0)
        return conf_fail(node, "email", error,
                         "is missing; give at least one, as in: email = {\"li@example.com\"}");
    for (guint i = 0; i < n; i++) {
        char *folded = clean_address_fold(conf_list_item(node, "email", i));
        g_ptr_array_add(person->emails, folded);
        const char *owner = g_hash_table_lookup(owners, folded);
        if (owner)
            return conf_fail(node, "email", error,
                             "%s belongs to %s already; an address is one person's, once", folded, owner);
        g_hash_table_insert(owners, folded, person->key);
    }
    assign(&person->language, conf_text(node, "language"));
    assign(&person->timezone, conf_text(node, "timezone"));
    assign(&person->role, conf_text(node, "role"));
    person->wants_all_receipts = strcmp(conf_text(node, "receipts"), "all") == 0;
    return true;
}

static bool
has_person(const struct team_file *team, const char *key)
{
    for (guint i = 0; i < team->people->len; i++)
        if (strcmp(((struct team_file_person *)team->people->pdata[i])->key, key) == 0)
            return true;
    return false;
}

/* A key that must be a person's, or is not given. */
static bool
read_person_key(const struct team_file *team, const struct conf_node *node, const char *key, char **field,
                GError **error)
{
    const char *value = conf_text(node, key);
    assign(field, value);
    return !value || has_person(team, value) ||
           conf_fail(node, key, error, "no person \"%s\" is in this file; add one, or name another", value);
}

static bool
read_team(const struct team_file *file, const struct conf_node *node, struct team_file_team *team,
          GError **error)
{
    assign(&team->key, node->title);
    if (!read_name(node, &team->name, error))
        return false;
    if (has_person(file, team->key))
        return conf_fail(node, NULL, error, "has the key of a person; @%s must name one of the two",
                         team->key);
    for (guint i = 0; i < conf_list_size(node, "members"); i++) {
        const char *member = conf_list_item(node, "members", i);
        if (!has_person(file, member))
            return conf_fail(node, "members", error,
                             "no person \"%s\" is in this file; add one, or name another", member);
        if (g_ptr_array_find_with_equal_func(team->members, member, g_str_equal, NULL))
            return conf_fail(node, "members", error, "%s stands there twice; once is enough", member);
        g_ptr_array_add(team->members, g_strdup(member));
    }
    return true;
}

/* What may stand in a subject names one board, or one of its columns: their key (`key` NULL), alias and
 * names. `names` maps each of those so far, folded, to the key of whose it is. */
static bool
claim_name(const struct conf_node *node, const char *key, GHashTable *names, GError **error)
{
    const char *name = key ? conf_text(node, key) : node->title;
    g_autofree char *folded = g_strstrip(clean_fold(name, -1));
    const char *other = g_hash_table_lookup(names, folded);
    if (other && !g_str_equal(other, node->title))
        return conf_fail(node, key, error, "\"%s\" is what %s %s is called too; mails could mean either",
                         name, node->name, other);
    if (*folded)
        g_hash_table_insert(names, g_steal_pointer(&folded), g_strdup(node->title));
    return true;
}

static bool
read_column(const struct team_file *team, const struct conf_node *node, struct team_file_column *column,
            GHashTable *names, GError **error)
{
    assign(&column->key, node->title);
    if (!read_name(node, &column->name, error))
        return false;
    read_text(node, "name_zh", &column->name_zh);
    assign(&column->kind, conf_text(node, "kind"));
    return claim_name(node, NULL, names, error) && claim_name(node, "name", names, error) &&
           claim_name(node, "name_zh", names, error) &&
           read_person_key(team, node, "owner", &column->owner, error);
}

static bool
read_columns(const struct team_file *team, const struct conf_node *node, struct team_file_board *board,
             GError **error)
{
    guint n = conf_count(node, "column");
    if (n == 0)
        return conf_fail(node, NULL, error,
                         "has no column; give it at least one, as in: column todo { name = "
                         "\"To do\" }");
    g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (guint i = 0; i < n; i++) {
        struct conf_node child = conf_child(node, "column", i);
        if (!read_column(team, &child, team_file_add_column(board), names, error))
            return false;
    }
    return true;
}

static bool
read_board(const struct team_file *team, const struct conf_node *node, struct team_file_board *board,
           GHashTable *names, GError **error)
{
    assign(&board->key, node->title);
    if (!read_name(node, &board->name, error))
        return false;
    read_text(node, "name_zh", &board->name_zh);
    read_text(node, "public_name", &board->public_name);
    const char *alias = conf_text(node, "alias");
    assign(&board->alias, alias ? alias : board->key);
    if (strlen(board->alias) == 1)
        return conf_fail(node, alias ? "alias" : NULL, error,
                         "\"%s\" is too short for an alias; one letter stands for reply addresses",
                         board->alias);
    assign(&board->intake, conf_text(node, "intake"));
    board->is_default = conf_flag(node, "default", false);
    return claim_name(node, NULL, names, error) && claim_name(node, "alias", names, error) &&
           claim_name(node, "name", names, error) && claim_name(node, "name_zh", names, error) &&
           read_person_key(team, node, "default_assignee", &board->default_assignee, error) &&
           read_columns(team, node, board, error);
}

static bool
read_boards(struct team_file *team, const struct conf_node *top, GError **error)
{
    g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    const char *first_default = NULL;
    guint n = conf_count(top, "board");
    for (guint i = 0; i < n; i++) {
        struct conf_node node = conf_child(top, "board", i);
        struct team_file_board *board = team_file_add_board(team);
        if (!read_board(team, &node, board, names, error))
            return false;
        if (board->is_default && first_default)
            return conf_fail(&node, "default", error, "board %s is the default already; exactly one can be",
                             first_default);
        if (board->is_default)
            first_default = board->key;
    }
    if (!first_default)
        return conf_fail(
            top, "board", error, "no board has default = true; exactly one must, for what names none%s",
            n > 0 ? "" : " (a file is whole in itself: begin with what `cardpost export` writes)");
    return true;
}

static bool
read_all(struct team_file *team, const struct conf_node *top, GError **error)
{
    g_autoptr(GHashTable) owners = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < conf_count(top, "person"); i++) {
        struct conf_node node = conf_child(top, "person", i);
        if (!read_person(&node, team_file_add_person(team), owners, error))
            return false;
    }
    for (guint i = 0; i < conf_count(top, "team"); i++) {
        struct conf_node node = conf_child(top, "team", i);
        if (!read_team(team, &node, team_file_add_team(team), error))
            return false;
    }
    return read_boards(team, top, error);
}

struct team_file *
team_file_parse(const char *text, const char *path, GError **error)
{
    g_autoptr(conf_t) conf = conf_parse(text, path, CONF_SCHEMA_TEAM, error);
    if (!conf)
        return NULL;
    struct conf_node top = conf_root(conf);
    g_autoptr(team_file_t) team = team_file_new();
    return read_all(team, &top, error) ? g_steal_pointer(&team) : NULL;
}
