/* team_write.c - a team file's text, as `export` shows it: what is at its default is left out. */
#include <cardpost/team.h>

#include "quote.h"

#include <string.h>

static void
put(GString *out, const char *indent, const char *key, const char *value, const char *otherwise)
{
    if (strcmp(value, otherwise) == 0)
        return;
    g_autofree char *quoted = quote_value(value);
    g_string_append_printf(out, "%s%s = %s\n", indent, key, quoted);
}

static void
put_list(GString *out, const char *key, const GPtrArray *list)
{
    g_string_append_printf(out, "    %s = {", key);
    for (guint i = 0; i < list->len; i++) {
        g_autofree char *quoted = quote_value(list->pdata[i]);
        g_string_append_printf(out, "%s%s", i ? ", " : "", quoted);
    }
    g_string_append(out, "}\n");
}

static void
put_person(GString *out, const struct team_file_person *person)
{
    g_string_append_printf(out, "person %s {\n", person->key);
    put(out, "    ", "name", person->name, "");
    put_list(out, "email", person->emails);
    put(out, "    ", "language", person->language, "");
    put(out, "    ", "timezone", person->timezone, "");
    put(out, "    ", "role", person->role, "member");
    if (!person->wants_all_receipts)
        g_string_append(out, "    receipts = \"problems\"\n");
    g_string_append(out, "}\n");
}

static void
put_board(GString *out, const struct team_file_board *board)
{
    g_string_append_printf(out, "board %s {\n", board->key);
    put(out, "    ", "name", board->name, "");
    put(out, "    ", "name_zh", board->name_zh, "");
    put(out, "    ", "public_name", board->public_name, "");
    put(out, "    ", "alias", board->alias, board->key);
    put(out, "    ", "intake", board->intake, "anyone");
    if (board->is_default)
        g_string_append(out, "    default = true\n");
    put(out, "    ", "default_assignee", board->default_assignee, "");
    for (guint i = 0; i < board->columns->len; i++) {
        const struct team_file_column *column = board->columns->pdata[i];
        g_string_append_printf(out, "    column %s {\n", column->key);
        put(out, "        ", "name", column->name, "");
        put(out, "        ", "name_zh", column->name_zh, "");
        put(out, "        ", "kind", column->kind, "active");
        put(out, "        ", "owner", column->owner, "");
        g_string_append(out, "    }\n");
    }
    g_string_append(out, "}\n");
}

char *
team_file_write(const struct team_file *team)
{
    GString *out =
        g_string_new("# People, teams, boards and columns; `cardpost apply` shows what would change.\n");
    for (guint i = 0; i < team->people->len; i++) {
        g_string_append_c(out, '\n');
        put_person(out, team->people->pdata[i]);
    }
    for (guint i = 0; i < team->teams->len; i++) {
        const struct team_file_team *entry = team->teams->pdata[i];
        g_string_append_printf(out, "\nteam %s {\n", entry->key);
        put(out, "    ", "name", entry->name, "");
        put_list(out, "members", entry->members);
        g_string_append(out, "}\n");
    }
    for (guint i = 0; i < team->boards->len; i++) {
        g_string_append_c(out, '\n');
        put_board(out, team->boards->pdata[i]);
    }
    return g_string_free(out, FALSE);
}
