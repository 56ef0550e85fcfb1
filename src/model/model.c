/* model.c - lifetimes and names of the plain data in model.h. */
#include <cardpost/model.h>

#include <string.h>

/* One table an enum: the name of a value stands at its index. */
#define NAME_TABLE(prefix, type, ...)                                                                        \
    static const char *const prefix##_names[] = {__VA_ARGS__};                                               \
    const char *prefix##_name(enum type value)                                                               \
    {                                                                                                        \
        return prefix##_names[value];                                                                        \
    }                                                                                                        \
    bool prefix##_from_name(const char *name, enum type *value_out)                                          \
    {                                                                                                        \
        int i = find_name(prefix##_names, G_N_ELEMENTS(prefix##_names), name);                               \
        if (i >= 0)                                                                                          \
            *value_out = (enum type)i;                                                                       \
        return i >= 0;                                                                                       \
    }

static int
find_name(const char *const *names, guint n, const char *name)
{
    for (guint i = 0; i < n; i++)
        if (g_strcmp0(names[i], name) == 0)
            return (int)i;
    return -1;
}

NAME_TABLE(outcome, outcome, "applied", "commented", "held", "refused", "triage", "recorded", "duplicate",
           "oversize", "quarantined", "deferred")
NAME_TABLE(trust, trust, "none", "unverified", "source", "guest", "member", "admin")
NAME_TABLE(role, role, "guest", "member", "admin")
NAME_TABLE(board_intake, board_intake, "members", "participants", "anyone")
NAME_TABLE(column_kind, column_kind, "queue", "active", "done")
NAME_TABLE(card_status, card_status, "open", "triage")
NAME_TABLE(card_role, card_role, "requester", "assignee", "watcher")
NAME_TABLE(event_kind, event_kind, "card_created", "commented", "assigned", "watched", "column_entered",
           "held", "held_decided", "muted", "refused", "stranger", "admin", "team_changed")

struct person *
person_new(void)
{
    struct person *person = g_new0(struct person, 1);
    person->addresses = g_ptr_array_new_with_free_func(g_free);
    return person;
}

void
person_free(struct person *person)
{
    if (!person)
        return;
    g_free(person->key);
    g_free(person->name);
    g_free(person->language);
    g_free(person->timezone);
    g_ptr_array_unref(person->addresses);
    g_free(person);
}

const char *
person_address(const struct person *person)
{
    return person->addresses->len > 0 ? person->addresses->pdata[0] : NULL;
}

void
column_free(struct column *column)
{
    if (!column)
        return;
    g_free(column->key);
    g_free(column->name);
    g_free(column->name_zh);
    g_free(column);
}

static void
column_destroy(void *column)
{
    column_free(column);
}

struct board *
board_new(void)
{
    struct board *board = g_new0(struct board, 1);
    board->columns = g_ptr_array_new_with_free_func(column_destroy);
    return board;
}

void
board_free(struct board *board)
{
    if (!board)
        return;
    g_free(board->key);
    g_free(board->name);
    g_free(board->name_zh);
    g_free(board->public_name);
    g_free(board->alias);
    g_ptr_array_unref(board->columns);
    g_free(board);
}

const struct column *
board_column(const struct board *board, int64_t id)
{
    for (guint i = 0; i < board->columns->len; i++) {
        const struct column *column = board->columns->pdata[i];
        if (column->id == id)
            return column;
    }
    return NULL;
}

/* The Chinese name for a Chinese reader when there is one. */
static const char *
name_in(const char *name, const char *name_zh, const char *language)
{
    bool chinese = language && g_str_has_prefix(language, "zh");
    return chinese && name_zh && *name_zh ? name_zh : name;
}

const char *
board_name_in(const struct board *board, const char *language)
{
    return name_in(board->name, board->name_zh, language);
}

const char *
column_name_in(const struct column *column, const char *language)
{
    return name_in(column->name, column->name_zh, language);
}

void
card_free(struct card *card)
{
    if (!card)
        return;
    g_free(card->title);
    g_free(card->sender_address);
    g_free(card);
}

void
comment_free(struct comment *comment)
{
    if (!comment)
        return;
    g_free(comment->author_name);
    g_free(comment->author_address);
    g_free(comment->text);
    g_free(comment->quoted);
    g_free(comment->signature);
    g_free(comment);
}

void
attachment_free(struct attachment *attachment)
{
    if (!attachment)
        return;
    g_free(attachment->name);
    g_free(attachment->type);
    g_free(attachment->declared_type);
    g_free(attachment->sha256);
    g_free(attachment);
}

void
event_free(struct event *event)
{
    if (!event)
        return;
    g_free(event->detail);
    g_free(event);
}
