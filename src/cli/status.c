/* status.c - `cardpost status`: what came in, what waits, how the mailboxes are. */
#include "cli_private.h"

#include <cardpost/clock.h>
#include <cardpost/error.h>

#include <stdio.h>

/* A few mails that were never tried may be newer than one that was. */
#define ANSWERS_LOOKED_AT 100

static json_t *
outcomes(struct store *store)
{
    json_t *object = json_object();
    g_autoptr(GArray) counts = outcome_counts(store);
    for (guint i = 0; i < counts->len; i++)
        json_object_set_new(object, outcome_name((enum outcome)i),
                            json_integer(g_array_index(counts, int64_t, i)));
    return object;
}

static json_t *
outgoing(struct store *store)
{
    json_t *object = json_object();
    g_autoptr(GArray) counts = outbox_counts(store);
    for (guint i = 0; i < counts->len; i++)
        json_object_set_new(object, outbox_status_name((enum outbox_status)i),
                            json_integer(g_array_index(counts, int64_t, i)));
    return object;
}

/* Why mails wait: what the newest that did not get through was answered; NULL when none waits for that. */
static json_t *
last_answer(struct store *store)
{
    g_autoptr(GPtrArray) rows = outbox_list(store, true, ANSWERS_LOOKED_AT);
    for (guint i = 0; i < rows->len; i++) {
        const struct outbox *mail = g_ptr_array_index(rows, i);
        bool waits = mail->status == OUTBOX_DEFERRED || mail->status == OUTBOX_UNKNOWN;
        if (waits && mail->text && *mail->text)
            return json_string(mail->text);
    }
    return json_null();
}

/* From the running core: a line a mailbox, fields separated by tabs. */
static json_t *
mailboxes(const struct config *config, bool *running_out)
{
    static const char *const none[] = {NULL};
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    uint32_t code = 0;
    json_t *list = json_array();
    *running_out = daemon_control(config->data_dir, "sources", none, &code, &text, &error);
    g_auto(GStrv) lines = g_strsplit(*running_out && text ? text : "", "\n", -1);
    for (guint i = 0; lines[i] && *lines[i]; i++) {
        g_auto(GStrv) fields = g_strsplit(lines[i], "\t", 4);
        guint n = g_strv_length(fields);
        json_array_append_new(list, json_pack("{s:s s:s s:s s:s}", "name", fields[0], "state",
                                              n > 1 ? fields[1] : "", "detail", n > 2 ? fields[2] : "",
                                              "mend", n > 3 ? fields[3] : ""));
    }
    return list;
}

static void
print_counts(const char *title, const json_t *counts)
{
    const char *key;
    json_t *value;
    printf("%s:", title);
    bool any = false;
    json_object_foreach((json_t *)(uintptr_t)counts, key, value)
    {
        if (json_integer_value(value) == 0)
            continue;
        printf("%s %s %" JSON_INTEGER_FORMAT, any ? "," : "", key, json_integer_value(value));
        any = true;
    }
    puts(any ? "" : " none");
}

static void
print_text(const json_t *status)
{
    size_t i;
    json_t *mailbox;
    printf("daemon: %s\n", json_is_true(json_object_get(status, "running")) ? "running" : "not running");
    json_array_foreach(json_object_get(status, "mailboxes"), i, mailbox)
    {
        const char *mend = json_string_value(json_object_get(mailbox, "mend"));
        printf("mailbox %s: %s %s\n", json_string_value(json_object_get(mailbox, "name")),
               json_string_value(json_object_get(mailbox, "state")),
               json_string_value(json_object_get(mailbox, "detail")));
        if (*mend)
            printf("  mend: %s\n", mend);
    }
    print_counts("mails in", json_object_get(status, "outcomes"));
    print_counts("mails out", json_object_get(status, "outbox"));
    const char *answer = json_string_value(json_object_get(status, "last_answer"));
    if (answer)
        printf("  last answer: %s\n", answer);
    printf("cards: %" JSON_INTEGER_FORMAT "\nwaiting to be read: %" JSON_INTEGER_FORMAT "\n",
           json_integer_value(json_object_get(status, "cards")),
           json_integer_value(json_object_get(status, "pending")));
}

int
cli_status(struct cli *cli, int argc, char **argv)
{
    (void)argv;
    int code;
    GError *error = NULL;
    bool running = false;
    if (argc > 1)
        return cli_usage("status takes no arguments");
    if (!cli_store(cli, &code))
        return code;
    json_t *boxes = mailboxes(cli->config, &running);
    int64_t last = journal_last(cli->store), applied = outcome_last(cli->store);
    g_autoptr(GPtrArray) newest = card_list(cli->store, 0, 1);
    json_t *status = json_pack("{s:b s:o s:o s:o s:o s:I s:I s:I s:I s:o}", "running", running, "mailboxes",
                               boxes, "outcomes", outcomes(cli->store), "outbox", outgoing(cli->store),
                               "last_answer", last_answer(cli->store), "journal", (json_int_t)last, "applied",
                               (json_int_t)applied, "pending", (json_int_t)(last - applied), "cards",
                               (json_int_t)(newest->len ? ((struct card *)newest->pdata[0])->id : 0),
                               "next_notice", cli_json_time(notice_next_due(cli->store)));
    if (!store_check(cli->store, &error)) {
        json_decref(status);
        return cli_fail_with(error);
    }
    return cli_print_object(cli, status, print_text);
}
