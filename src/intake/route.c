/* route.c - where a new card goes and who gets it: +tag, subject groups, mailbox, default; @people. */
#include "intake_private.h"

#include <cardpost/caps.h>
#include <cardpost/clean.h>
#include <cardpost/grammar.h>
#include <cardpost/text.h>

/* People in To and Cc who hear of a card from its first mail on: more are a mailing, not a task. */
#define WATCHERS_BY_CC 20
/* "[a] Re: [b] Re: x". */
#define PREFIXES_BEHIND_GROUPS 4

struct route {
    const struct intake_question *question;
    struct intake_plan *plan;
    struct board *board;
    const struct column *column;
    GString *kept; /* leading groups that name nothing here */
};

static void
problem(struct intake_plan *plan, const char *hint, const char *arg, const char *format)
{
    g_ptr_array_add(plan->problems, g_strdup_printf("%s \"%s\"", format, arg));
    if (plan->hint)
        return;
    plan->hint = g_strdup(hint);
    plan->hint_arg = g_strdup(arg);
}

static void
take_board(struct route *route, struct board *board)
{
    board_free(route->board);
    route->board = board;
    route->column = NULL;
}

/* A known board, or false and the group stays in the title. Only members choose a column: an unknown one is
 * told, and a stranger's card never hides in a done one. */
static bool
take_group(struct route *route, const struct grammar_group *group)
{
    if (route->column)
        return false;
    struct board *board = board_by_name(route->question->store, group->board);
    if (!board)
        return false;
    take_board(route, board);
    if (group->column && route->plan->trust >= TRUST_MEMBER) {
        route->column = board_column_by_name(board, group->column);
        if (!route->column)
            problem(route->plan, "note.unknown-column", group->column, "no such column:");
    }
    return true;
}

static void
take_groups(struct route *route, const GPtrArray *groups)
{
    bool taken = false;
    for (guint i = 0; i < groups->len; i++) {
        const struct grammar_group *group = groups->pdata[i];
        if (!taken && take_group(route, group))
            taken = true;
        else
            g_string_append_printf(route->kept, "%s ", group->text);
    }
}

/* @people of a member's subject; unknown names stay words and are told. The names found go to known. */
static void
take_people(struct route *route, const GPtrArray *names, GPtrArray *known)
{
    if (route->plan->trust < TRUST_MEMBER)
        return;
    for (guint i = 0; i < names->len; i++) {
        const char *name = names->pdata[i];
        bool is_me = g_ascii_strcasecmp(name, "me") == 0 || g_str_equal(name, "我");
        g_autoptr(person_t) person = is_me ? person_get(route->question->store, route->plan->person_id)
                                           : person_by_key(route->question->store, name);
        if (!person || !person->is_active) {
            problem(route->plan, "note.unknown-person", name, "nobody is called");
            continue;
        }
        g_array_append_val(route->plan->assignee_ids, person->id);
        g_ptr_array_add(known, g_strdup(name));
    }
}

static bool
has_id(const GArray *ids, int64_t id)
{
    for (guint i = 0; i < ids->len; i++)
        if (g_array_index(ids, int64_t, i) == id)
            return true;
    return false;
}

/* People known here whom a member wrote to as well watch the card. */
static void
take_watchers(const struct intake_question *question, struct intake_plan *plan)
{
    const GPtrArray *lists[] = {question->mail->to, question->mail->cc};
    for (guint l = 0; l < G_N_ELEMENTS(lists); l++)
        for (guint i = 0; i < lists[l]->len && plan->watcher_ids->len < WATCHERS_BY_CC; i++) {
            const struct mail_address *address = lists[l]->pdata[i];
            g_autoptr(person_t) person = person_by_address(question->store, address->address);
            if (!person || !person->is_active || person->id == plan->person_id ||
                has_id(plan->assignee_ids, person->id) || has_id(plan->watcher_ids, person->id))
                continue;
            g_array_append_val(plan->watcher_ids, person->id);
        }
}

static struct board *
first_board(const struct intake_question *question, const struct recipients *recipients)
{
    struct board *board = recipients->tag ? board_by_name(question->store, recipients->tag) : NULL;
    if (!board && question->mailbox && question->mailbox->board)
        board = board_by_name(question->store, question->mailbox->board);
    return board ? board : board_default(question->store);
}

/* The subject's groups and title; prefixes may stand behind a gateway's tag: "[EXTERNAL] Re: [orders] x". */
static void
read_subject(const struct intake_question *question, struct grammar_subject *subject_out)
{
    const char *name = question->config ? question->config->name : "tasks";
    grammar_subject(text_bare_subject(question->mail->subject, NULL), name, subject_out);
    for (guint times = 0; times < PREFIXES_BEHIND_GROUPS; times++) {
        const char *bare = text_bare_subject(subject_out->title, NULL);
        if (bare == subject_out->title)
            return;
        struct grammar_subject inner;
        grammar_subject(bare, name, &inner);
        g_ptr_array_extend_and_steal(subject_out->groups, g_steal_pointer(&inner.groups));
        g_free(subject_out->title);
        subject_out->title = g_steal_pointer(&inner.title);
        grammar_subject_clear(&inner);
    }
}

void
route_new_card(const struct intake_question *question, const struct recipients *recipients,
               struct intake_plan *plan)
{
    g_auto(grammar_subject_t) subject;
    read_subject(question, &subject);
    struct route route = {.question = question, .plan = plan, .kept = g_string_new(NULL)};
    g_autoptr(GPtrArray) known = g_ptr_array_new_with_free_func(g_free);
    if (question->store) {
        take_board(&route, first_board(question, recipients));
        take_groups(&route, subject.groups);
        take_people(&route, subject.people, known);
        if (plan->trust >= TRUST_MEMBER && plan->automatic != AUTOMATIC_MACHINE)
            take_watchers(question, plan);
    }
    plan->board_id = route.board ? route.board->id : 0;
    plan->column_id = route.column ? route.column->id : 0;
    g_autofree char *title = grammar_title_without(subject.title, known);
    g_string_append(route.kept, title);
    plan->title = g_strchomp(
        g_strndup(route.kept->str, clean_cut(route.kept->str, route.kept->len, CAP_SUBJECT_BYTES)));
    g_string_free(route.kept, TRUE);
    board_free(route.board);
}
