/* board.c - `board list`, `board show`: columns side by side, as wide as the terminal text needs. */
#include "cli_private.h"

#include <cardpost/clean.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CARDS_MAX    1000
#define COLUMN_WIDTH 30

static const char *
language(void)
{
    const char *lang = getenv("LC_ALL");
    lang = lang && *lang ? lang : getenv("LC_MESSAGES");
    lang = lang && *lang ? lang : getenv("LANG");
    return lang ? lang : "en";
}

int
cli_board_list(struct cli *cli, int argc, char **argv)
{
    (void)argv;
    static const struct cli_column columns[] = {{"key", "KEY"},         {"name", "NAME"},
                                                {"name_zh", "中文"},    {"intake", "INTAKE"},
                                                {"columns", "COLUMNS"}, {"default", "DEFAULT"}};
    int code;
    GError *error = NULL;
    if (argc > 1)
        return cli_usage("board list takes no arguments");
    if (!cli_store(cli, &code))
        return code;
    json_t *rows = json_array();
    g_autoptr(GPtrArray) boards = board_list(cli->store);
    for (guint i = 0; i < boards->len; i++) {
        const struct board *board = boards->pdata[i];
        json_array_append_new(rows, json_pack("{s:s s:s s:s s:s s:s s:i s:b}", "key", board->key, "name",
                                              board->name, "name_zh", board->name_zh, "alias", board->alias,
                                              "intake", board_intake_name(board->intake), "columns",
                                              (int)board->columns->len, "default", board->is_default));
    }
    if (!store_check(cli->store, &error)) {
        json_decref(rows);
        return cli_fail_with(error);
    }
    return cli_print_table(cli, rows, columns, G_N_ELEMENTS(columns));
}

static json_t *
column_json(struct cli *cli, const struct column *column, const GPtrArray *cards)
{
    json_t *list = json_array();
    for (guint i = cards->len; i > 0; i--) {
        const struct card *card = cards->pdata[i - 1];
        if (card->column_id != column->id)
            continue;
        g_autofree char *tag = g_strdup_printf("%s-%" G_GINT64_FORMAT, cli->config->name, card->id);
        g_autofree char *line =
            g_strdup_printf("%s %s%s", tag, card->status == CARD_TRIAGE ? "? " : "", card->title);
        json_array_append_new(list, json_pack("{s:s s:o s:s s:o}", "card", tag, "title",
                                              cli_json_text(card->title), "status",
                                              card_status_name(card->status), "line", cli_json_text(line)));
    }
    return json_pack("{s:s s:s s:s s:o}", "key", column->key, "name", column_name_in(column, language()),
                     "kind", column_kind_name(column->kind), "cards", list);
}

/* At most width columns of text, then padded to it. */
static void
print_cell(const char *text, guint width)
{
    g_autofree char *clean = clean_line(text, 0);
    guint used = 0;
    for (const char *p = clean; *p; p = g_utf8_find_next_char(p, NULL)) {
        gunichar c = g_utf8_get_char(p);
        guint w = g_unichar_iszerowidth(c) ? 0 : g_unichar_iswide(c) ? 2 : 1;
        if (used + w > width)
            break;
        printf("%.*s", (int)(g_utf8_find_next_char(p, NULL) - p), p);
        used += w;
    }
    printf("%*s  ", (int)(width - used), "");
}

static void
print_board(const json_t *board)
{
    const json_t *columns = json_object_get(board, "columns");
    size_t n = json_array_size(columns), rows = 0;
    printf("%s\n\n", json_string_value(json_object_get(board, "name")));
    for (size_t c = 0; c < n; c++) {
        const json_t *column = json_array_get(columns, c);
        size_t cards = json_array_size(json_object_get(column, "cards"));
        g_autofree char *title =
            g_strdup_printf("%s (%zu)", json_string_value(json_object_get(column, "name")), cards);
        print_cell(title, COLUMN_WIDTH);
        rows = MAX(rows, cards);
    }
    putchar('\n');
    for (size_t c = 0; c < n; c++)
        print_cell("------------------------------", COLUMN_WIDTH);
    putchar('\n');
    for (size_t r = 0; r < rows; r++) {
        for (size_t c = 0; c < n; c++) {
            const json_t *card = json_array_get(json_object_get(json_array_get(columns, c), "cards"), r);
            print_cell(card ? json_string_value(json_object_get(card, "line")) : "", COLUMN_WIDTH);
        }
        putchar('\n');
    }
}

int
cli_board_show(struct cli *cli, int argc, char **argv)
{
    int code;
    GError *error = NULL;
    if (argc > 2)
        return cli_usage("board show takes one board");
    if (!cli_store(cli, &code))
        return code;
    g_autoptr(board_t) board = argc == 2 ? board_by_name(cli->store, argv[1]) : board_default(cli->store);
    if (!board)
        return argc == 2 ? cli_fail(EX_NOINPUT, "there is no board \"%s\"; `cardpost board list` lists them",
                                    argv[1])
                         : cli_fail(EX_NOINPUT, "no board is set up yet; `cardpost apply FILE` makes some");
    g_autoptr(GPtrArray) cards = card_list(cli->store, board->id, CARDS_MAX);
    json_t *columns = json_array();
    for (guint i = 0; i < board->columns->len; i++)
        json_array_append_new(columns, column_json(cli, board->columns->pdata[i], cards));
    json_t *object = json_pack("{s:s s:s s:o}", "key", board->key, "name", board_name_in(board, language()),
                               "columns", columns);
    if (!store_check(cli->store, &error)) {
        json_decref(object);
        return cli_fail_with(error);
    }
    return cli_print_object(cli, object, print_board);
}
