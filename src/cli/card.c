/* card.c - `card list`, `card show`. */
#include "cli_private.h"

#include <cardpost/clean.h>

#include <stdio.h>
#include <string.h>

#define CARDS_MAX    1000
#define COMMENTS_MAX 2000

static char *
names_of(struct store *store, int64_t card_id, enum card_role role)
{
    g_autoptr(GArray) ids = card_people(store, card_id, role);
    GString *names = g_string_new(NULL);
    for (guint i = 0; i < ids->len; i++) {
        g_autoptr(person_t) person = person_get(store, g_array_index(ids, int64_t, i));
        if (person)
            g_string_append_printf(names, "%s%s", names->len ? ", " : "", person->name);
    }
    return g_string_free(names, FALSE);
}

static json_t *
card_json(struct cli *cli, const struct card *card)
{
    g_autoptr(board_t) board = board_get(cli->store, card->board_id);
    const struct column *column = board ? board_column(board, card->column_id) : NULL;
    g_autofree char *assignees = names_of(cli->store, card->id, CARD_ASSIGNEE);
    g_autofree char *requester = names_of(cli->store, card->id, CARD_REQUESTER);
    g_autofree char *watchers = names_of(cli->store, card->id, CARD_WATCHER);
    g_autofree char *tag = g_strdup_printf("%s-%" G_GINT64_FORMAT, cli->config->name, card->id);
    return json_pack(
        "{s:s s:I s:o s:s s:s s:s s:s s:s s:s s:o s:o s:I}", "card", tag, "id", (json_int_t)card->id, "title",
        cli_json_text(card->title), "board", board ? board->key : "", "column", column ? column->key : "",
        "status", card_status_name(card->status), "requester", *requester ? requester : card->sender_address,
        "assignees", assignees, "watchers", watchers, "created_at", cli_json_time(card->created_at),
        "updated_at", cli_json_time(card->updated_at), "version", (json_int_t)card->version);
}

int
cli_card_list(struct cli *cli, int argc, char **argv)
{
    static const struct cli_column columns[] = {{"card", "CARD"},           {"board", "BOARD"},
                                                {"column", "COLUMN"},       {"status", "STATUS"},
                                                {"assignees", "ASSIGNEES"}, {"title", "TITLE"}};
    g_autofree char *board_name = NULL;
    const GOptionEntry entries[] = {{"board", 'b', 0, G_OPTION_ARG_STRING, &board_name, NULL, NULL},
                                    G_OPTION_ENTRY_NULL};
    int code;
    GError *error = NULL;
    if (!cli_options(entries, &argc, &argv, &code))
        return code;
    if (argc > 1)
        return cli_usage("card list takes options only");
    if (!cli_store(cli, &code))
        return code;
    g_autoptr(board_t) board = board_name ? board_by_name(cli->store, board_name) : NULL;
    if (board_name && !board)
        return cli_fail(EX_NOINPUT, "there is no board \"%s\"; `cardpost board list` lists them", board_name);
    json_t *rows = json_array();
    g_autoptr(GPtrArray) cards = card_list(cli->store, board ? board->id : 0, CARDS_MAX);
    for (guint i = 0; i < cards->len; i++)
        json_array_append_new(rows, card_json(cli, cards->pdata[i]));
    if (!store_check(cli->store, &error)) {
        json_decref(rows);
        return cli_fail_with(error);
    }
    return cli_print_table(cli, rows, columns, G_N_ELEMENTS(columns));
}

/* How deep a comment hangs under others, for indentation. */
static int
depth_of(const GPtrArray *comments, const struct comment *comment)
{
    int depth = 0;
    int64_t parent = comment->parent_id;
    for (guint i = comments->len; parent && i > 0; i--) {
        const struct comment *other = comments->pdata[i - 1];
        if (other->id != parent)
            continue;
        depth++;
        parent = other->parent_id;
    }
    return depth;
}

static json_t *
comments_json(struct cli *cli, int64_t card_id)
{
    json_t *list = json_array();
    g_autoptr(GPtrArray) comments = comment_list(cli->store, card_id, COMMENTS_MAX);
    for (guint i = 0; i < comments->len; i++) {
        const struct comment *comment = comments->pdata[i];
        g_autoptr(person_t) author = comment->author_id ? person_get(cli->store, comment->author_id) : NULL;
        const char *name = author                  ? author->name
                           : *comment->author_name ? comment->author_name
                                                   : comment->author_address;
        json_array_append_new(
            list,
            json_pack("{s:I s:I s:i s:o s:o s:o s:o s:o s:o s:b s:b s:I}", "id", (json_int_t)comment->id,
                      "parent", (json_int_t)comment->parent_id, "depth", depth_of(comments, comment),
                      "author", cli_json_text(name), "address", cli_json_text(comment->author_address), "at",
                      cli_json_time(comment->at), "text", cli_json_text(comment->text), "quoted",
                      cli_json_text(comment->quoted), "signature", cli_json_text(comment->signature),
                      "unverified", comment->is_unverified, "internal", comment->is_internal, "input",
                      (json_int_t)comment->input_seq));
    }
    return list;
}

static json_t *
attachments_json(struct cli *cli, int64_t card_id)
{
    json_t *list = json_array();
    g_autoptr(GPtrArray) attachments = attachment_list(cli->store, card_id);
    for (guint i = 0; i < attachments->len; i++) {
        const struct attachment *a = attachments->pdata[i];
        json_array_append_new(list, json_pack("{s:I s:I s:o s:s s:s s:I s:s s:b}", "id", (json_int_t)a->id,
                                              "comment", (json_int_t)a->comment_id, "name",
                                              cli_json_text(a->name), "type", a->type, "declared_type",
                                              a->declared_type, "size", (json_int_t)a->size_bytes, "sha256",
                                              a->sha256, "inline", a->is_inline));
    }
    return list;
}

/* The name of somebody of an event; null for nobody. */
static json_t *
person_name(struct cli *cli, int64_t id)
{
    g_autoptr(person_t) person = id ? person_get(cli->store, id) : NULL;
    return cli_json_text(person ? person->name : NULL);
}

static json_t *
history_json(struct cli *cli, int64_t card_id)
{
    json_t *list = json_array();
    g_autoptr(GPtrArray) events = event_of_card(cli->store, card_id);
    for (guint i = 0; i < events->len; i++) {
        const struct event *event = events->pdata[i];
        json_array_append_new(
            list, json_pack("{s:I s:o s:s s:I s:o s:I s:o s:I s:I s:o}", "id", (json_int_t)event->id, "at",
                            cli_json_time(event->at), "kind", event_kind_name(event->kind), "actor",
                            (json_int_t)event->actor_id, "by", person_name(cli, event->actor_id), "subject",
                            (json_int_t)event->subject_id, "whom", person_name(cli, event->subject_id),
                            "comment", (json_int_t)event->comment_id, "input", (json_int_t)event->input_seq,
                            "detail", cli_json_text(event->detail)));
    }
    return list;
}

static const char *
text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static void
print_event(const json_t *event)
{
    static const struct {
        const char *key, *before;
    } words[] = {{"detail", "  "}, {"whom", "  "}, {"by", "  by "}};
    printf("%s  %s", text_of(event, "at"), text_of(event, "kind"));
    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        if (*text_of(event, words[i].key))
            printf("%s%s", words[i].before, text_of(event, words[i].key));
    putchar('\n');
}

static void
print_indented(const char *text, int depth)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (guint i = 0; lines[i]; i++) {
        g_autofree char *line = clean_text(lines[i], strlen(lines[i]), 0);
        printf("%*s%s\n", *line ? depth * 4 + 2 : 0, "", line);
    }
}

static void
print_comment(const json_t *comment, const json_t *attachments)
{
    int depth = (int)json_integer_value(json_object_get(comment, "depth"));
    size_t i;
    json_t *attachment;
    printf("\n%*s%s  %s%s%s\n", depth * 4, "", text_of(comment, "author"), text_of(comment, "at"),
           json_is_true(json_object_get(comment, "unverified")) ? "  (sender not verified)" : "",
           json_is_true(json_object_get(comment, "internal")) ? "  (internal)" : "");
    print_indented(text_of(comment, "text"), depth);
    json_array_foreach(attachments, i, attachment)
    {
        if (json_integer_value(json_object_get(attachment, "comment")) !=
            json_integer_value(json_object_get(comment, "id")))
            continue;
        printf("%*s[attachment %" JSON_INTEGER_FORMAT ": %s, %s, %" JSON_INTEGER_FORMAT " bytes]\n",
               depth * 4 + 2, "", json_integer_value(json_object_get(attachment, "id")),
               text_of(attachment, "name"), text_of(attachment, "type"),
               json_integer_value(json_object_get(attachment, "size")));
    }
}

static void
print_card(const json_t *card)
{
    static const char *const fields[] = {"board",     "column",   "status",    "requester",
                                         "assignees", "watchers", "created_at"};
    size_t i;
    json_t *item;
    printf("%s  %s\n", text_of(card, "card"), text_of(card, "title"));
    for (guint f = 0; f < G_N_ELEMENTS(fields); f++)
        if (*text_of(card, fields[f]))
            printf("%-11s %s\n", fields[f], text_of(card, fields[f]));
    json_array_foreach(json_object_get(card, "comments"), i, item)
        print_comment(item, json_object_get(card, "attachments"));
    json_array_foreach(json_object_get(card, "history"), i, item)
    {
        if (i == 0)
            puts("\nhistory");
        print_event(item);
    }
}

/* "128", "#128" or "tasks-128"; 0: none of them. */
static int64_t
card_number(const struct config *config, const char *text)
{
    g_autofree char *prefix = g_strconcat(config->name, "-", NULL);
    if (g_str_has_prefix(text, prefix))
        text += strlen(prefix);
    else if (*text == '#')
        text++;
    return cli_number(text);
}

int
cli_card_show(struct cli *cli, int argc, char **argv)
{
    gboolean history = FALSE;
    const GOptionEntry entries[] = {{"history", 0, 0, G_OPTION_ARG_NONE, &history, NULL, NULL},
                                    G_OPTION_ENTRY_NULL};
    int code;
    GError *error = NULL;
    if (!cli_options(entries, &argc, &argv, &code))
        return code;
    if (argc != 2)
        return cli_usage("card show takes one card");
    if (!cli_store(cli, &code))
        return code;
    int64_t id = card_number(cli->config, argv[1]);
    g_autoptr(card_t) card = id ? card_get(cli->store, id) : NULL;
    if (!card)
        return store_check(cli->store, &error) ? cli_fail(EX_NOINPUT, "there is no card %s", argv[1])
                                               : cli_fail_with(error);
    json_t *object = card_json(cli, card);
    json_object_set_new(object, "comments", comments_json(cli, id));
    json_object_set_new(object, "attachments", attachments_json(cli, id));
    if (history)
        json_object_set_new(object, "history", history_json(cli, id));
    if (!store_check(cli->store, &error)) {
        json_decref(object);
        return cli_fail_with(error);
    }
    return cli_print_object(cli, object, print_card);
}
