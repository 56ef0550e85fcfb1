/* explain.c - `cardpost explain`: what would this mail do, and why. Changes nothing; needs neither
 * configuration nor data (the sender is then a stranger). One object a line, so that thousands of mails can
 * be asked at once. */
#include "cli_private.h"

#include <cardpost/caps.h>
#include <cardpost/clock.h>
#include <cardpost/error.h>
#include <cardpost/intake.h>

#include <stdio.h>
#include <string.h>

static json_t *
address_json(const struct mail_address *address)
{
    return json_pack("{s:o s:o}", "name", cli_json_text(address->name ? address->name : ""), "address",
                     cli_json_text(address->address ? address->address : ""));
}

static json_t *
strings_json(const GPtrArray *strings)
{
    json_t *list = json_array();
    for (guint i = 0; strings && i < strings->len; i++)
        json_array_append_new(list, cli_json_text(strings->pdata[i]));
    return list;
}

static json_t *
attachments_json(const GPtrArray *attachments)
{
    json_t *list = json_array();
    for (guint i = 0; i < attachments->len; i++) {
        const struct mail_attachment *a = attachments->pdata[i];
        json_array_append_new(list, json_pack("{s:o s:o s:I s:s s:b}", "name", cli_json_text(a->name), "type",
                                              cli_json_text(a->type), "size", (json_int_t)a->size_bytes,
                                              "sha256", a->sha256, "inline", a->is_inline));
    }
    return list;
}

static json_t *
forward_json(const struct mail_forward *forward)
{
    if (!forward)
        return json_null();
    return json_pack("{s:o s:o s:o s:o s:o}", "from", address_json(&forward->from), "date",
                     cli_json_time(forward->date_at), "subject", cli_json_text(forward->subject), "to",
                     cli_json_text(forward->to), "text", cli_json_text(forward->text));
}

/* The words and files as they count, where there is a plan. */
static void
add_mail(json_t *object, const struct mail *mail, const struct intake_plan *plan)
{
    json_object_set_new(object, "from", address_json(&mail->from));
    json_object_set_new(object, "subject", cli_json_text(mail->subject));
    json_object_set_new(object, "date", cli_json_time(mail->date_at));
    json_object_set_new(object, "message_id", cli_json_text(mail->message_id));
    json_object_set_new(object, "reply_text", cli_json_text(plan->text));
    json_object_set_new(object, "quoted_text", cli_json_text(plan->quoted));
    json_object_set_new(object, "signature", cli_json_text(plan->signature));
    json_object_set_new(object, "body_text", cli_json_text(mail->body_text));
    json_object_set_new(object, "attachments",
                        attachments_json(plan->attachments ? plan->attachments : mail->attachments));
    json_object_set_new(object, "forward", forward_json(mail->forward));
}

/* What the mail asks for: people and places of a new card, the word about a held one. */
static json_t *
requests_json(struct cli *cli, const struct intake_plan *plan)
{
    json_t *list = json_array();
    if (plan->held_id)
        json_array_append_new(list, json_string(plan->approves ? "approve" : "reject"));
    for (guint i = 0; cli->store && plan->assignee_ids && i < plan->assignee_ids->len; i++) {
        g_autoptr(person_t) person = person_get(cli->store, g_array_index(plan->assignee_ids, int64_t, i));
        g_autofree char *text =
            person ? g_strdup_printf("assign %s", person->key ? person->key : person->name) : NULL;
        if (text)
            json_array_append_new(list, cli_json_text(text));
    }
    g_autoptr(board_t) board = cli->store && plan->board_id ? board_get(cli->store, plan->board_id) : NULL;
    const struct column *column = board && plan->column_id ? board_column(board, plan->column_id) : NULL;
    g_autofree char *place =
        board ? g_strdup_printf("board %s%s%s", board->key, column ? "/" : "", column ? column->key : "")
              : NULL;
    if (place)
        json_array_append_new(list, cli_json_text(place));
    return list;
}

/* Why something came to nothing stands with the problems. */
static json_t *
problems_json(const struct mail *mail, const struct intake_plan *plan)
{
    json_t *problems = strings_json(mail->problems);
    json_t *more = strings_json(plan->problems);
    json_array_extend(problems, more);
    json_decref(more);
    if (plan->outcome == OUTCOME_REFUSED || plan->outcome == OUTCOME_QUARANTINED)
        json_array_append_new(problems, cli_json_text(plan->reason));
    return problems;
}

static void
add_plan(struct cli *cli, json_t *object, const struct intake_plan *plan, const struct mail *mail)
{
    json_t *thread = json_pack("{s:o s:s}", "card", plan->card_id ? json_integer(plan->card_id) : json_null(),
                               "rule", thread_rule_name(plan->rule));
    json_object_set_new(object, "automatic",
                        plan->automatic == AUTOMATIC_NONE ? json_null()
                                                          : json_string(automatic_name(plan->automatic)));
    json_object_set_new(object, "trust", json_string(trust_name(plan->trust)));
    json_object_set_new(object, "thread", thread);
    json_object_set_new(object, "requests", requests_json(cli, plan));
    json_object_set_new(object, "problems", problems_json(mail, plan));
    json_object_set_new(object, "outcome", json_string(outcome_name(plan->outcome)));
}

/* The same keys for what could not be read; outcome is NULL for what is not even a file. */
static void
add_failure(struct cli *cli, json_t *object, const char *why, const char *outcome)
{
    static const struct intake_plan nothing;
    g_autoptr(mail_t) mail = mail_new();
    add_mail(object, mail, &nothing);
    add_plan(cli, object, &nothing, mail);
    json_object_set_new(object, "problems", json_pack("[o]", cli_json_text(why)));
    json_object_set_new(object, "outcome", cli_json_text(outcome));
}

/* What the text form shows beyond the object's keys. */
struct reasons {
    char *trust, *outcome, *cut;
};

static void
reasons_clear(struct reasons *reasons)
{
    g_free(reasons->trust);
    g_free(reasons->outcome);
    g_free(reasons->cut);
}

static char *
join_rules(const char *cut, const char *words)
{
    return cut && words ? g_strjoin("; ", cut, words, NULL) : g_strdup(cut ? cut : words);
}

static json_t *
explain_bytes(struct cli *cli, struct parse_worker *worker, const void *raw, gsize len,
              struct reasons *reasons)
{
    json_t *object = json_object();
    g_autoptr(GError) error = NULL;
    bool is_partial = len > CAP_MAIL_BYTES;
    gsize read_len = is_partial ? CAP_OVERSIZE_FETCH_BYTES : len;
    g_autoptr(mail_t) mail = daemon_parse(worker, raw, read_len, &error);
    if (!mail) {
        add_failure(cli, object, error->message, outcome_name(OUTCOME_QUARANTINED));
        return object;
    }
    g_autofree char *sha256 = secret_sha256(raw, read_len);
    g_auto(intake_plan_t) plan = {0};
    const struct config_mailbox *mailbox = cli->config ? cli->config->mailboxes->pdata[0] : NULL;
    struct intake_question question = {.store = cli->store,
                                       .config = cli->config,
                                       .head = raw,
                                       .head_len = read_len,
                                       .mailbox = mailbox,
                                       .border = mailbox ? &mailbox->border : NULL,
                                       .mail = mail,
                                       .sha256 = sha256,
                                       .is_partial = is_partial,
                                       .now = clock_now()};
    intake_decide(&question, &plan);
    add_mail(object, mail, &plan);
    add_plan(cli, object, &plan, mail);
    *reasons = (struct reasons){.trust = g_strdup(plan.trust_reason),
                                .outcome = g_strdup(plan.reason),
                                .cut = join_rules(mail->cut_rule, plan.words_rule)};
    return object;
}

static void
print_lines(const char *title, const char *text)
{
    if (!text || !*text)
        return;
    printf("%s\n", title);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (guint i = 0; lines[i]; i++)
        printf("  | %s\n", lines[i]);
}

static const char *
text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

/* " (why)", or nothing. */
static void
print_reason(const char *reason)
{
    if (reason && *reason)
        printf(" (%s)", reason);
    putchar('\n');
}

static void
print_text(const json_t *object, const struct reasons *reasons)
{
    size_t i;
    json_t *item;
    const json_t *card = json_object_get(json_object_get(object, "thread"), "card");
    printf("%s\n", text_of(object, "file"));
    printf("  from     %s\n  subject  %s\n", text_of(json_object_get(object, "from"), "address"),
           text_of(object, "subject"));
    printf("  trust    %s", text_of(object, "trust"));
    print_reason(reasons->trust);
    printf("  thread   %s", text_of(json_object_get(object, "thread"), "rule"));
    if (card && !json_is_null(card))
        printf(", card %" JSON_INTEGER_FORMAT, json_integer_value(card));
    printf("\n  outcome  %s", text_of(object, "outcome"));
    print_reason(reasons->outcome);
    json_array_foreach(json_object_get(object, "requests"), i, item)
        printf("  request  %s\n", json_string_value(item));
    json_array_foreach(json_object_get(object, "attachments"), i, item)
        printf("  file     %s (%s, %" JSON_INTEGER_FORMAT " bytes)\n", text_of(item, "name"),
               text_of(item, "type"), json_integer_value(json_object_get(item, "size")));
    json_array_foreach(json_object_get(object, "problems"), i, item)
        printf("  problem  %s\n", json_string_value(item));
    if (reasons->cut)
        printf("  cut      %s\n", reasons->cut);
    print_lines("  new text", text_of(object, "reply_text"));
    print_lines("  quoted", text_of(object, "quoted_text"));
    print_lines("  signature", text_of(object, "signature"));
}

static bool
explain_file(struct cli *cli, struct parse_worker *worker, const char *name)
{
    g_autoptr(GError) error = NULL;
    struct reasons reasons = {0};
    /* more than the cap is never read: the daemon would not fetch it either */
    g_autoptr(GByteArray) raw = cli_read(name, CAP_MAIL_BYTES + 1, &error);
    json_t *object = raw ? explain_bytes(cli, worker, raw->data, raw->len, &reasons) : json_object();
    if (!raw)
        add_failure(cli, object, error->message, NULL);
    json_object_set_new(object, "file", cli_json_text(name));
    if (cli->json) {
        json_dumpf(object, stdout, JSON_COMPACT);
        putchar('\n');
    } else if (raw) {
        print_text(object, &reasons);
    } else {
        cli_fail(EX_NOINPUT, "%s", error->message);
    }
    reasons_clear(&reasons);
    json_decref(object);
    return raw != NULL;
}

/* A configuration that was named must be good, and so must its data. Those that are merely found are used if
 * they can be; else a line says why not, and the sender is a stranger. */
static bool
open_what_is_there(struct cli *cli, int *code_out)
{
    bool is_named = cli->config_path || cli_config_is_named();
    GError *error = NULL;
    if (!is_named && !cli_find_config())
        return true;
    if (!cli_config(cli, code_out))
        return !is_named;
    cli->store = store_open(cli->config->data_dir, STORE_READ, &error);
    if (cli->store)
        return true;
    if (g_error_matches(error, CARDPOST_ERROR, CARDPOST_ERROR_NOT_FOUND)) {
        g_error_free(error);
        return true;
    }
    *code_out = cli_fail_with(error);
    return !is_named;
}

int
cli_explain(struct cli *cli, int argc, char **argv)
{
    GError *error = NULL;
    int code = EX_OK;
    const GOptionEntry entries[] = {G_OPTION_ENTRY_NULL};
    if (!cli_options(entries, &argc, &argv, &code))
        return code;
    if (argc < 2)
        return cli_usage("explain takes one or more files");
    if (!open_what_is_there(cli, &code))
        return code;
    code = EX_OK;
    struct parse_worker *worker = daemon_parse_start(&error);
    if (!worker)
        return cli_fail_with(error);
    for (int i = 1; i < argc; i++)
        if (!explain_file(cli, worker, argv[i]))
            code = EX_NOINPUT;
    daemon_parse_stop(worker);
    return code;
}
