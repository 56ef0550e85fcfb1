/* queue.c - `queue list|retry|drop`: outgoing mails. */
#include "cli_private.h"

#include <stdio.h>

#define MAILS_MAX 1000

int
cli_queue_list(struct cli *cli, int argc, char **argv)
{
    static const struct cli_column columns[] = {
        {"id", "ID"},        {"status", "STATUS"}, {"recipient", "TO"},   {"attempts", "TRIES"},
        {"next_at", "NEXT"}, {"text", "ANSWER"},   {"subject", "SUBJECT"}};
    gboolean all = FALSE;
    const GOptionEntry entries[] = {{"all", 'a', 0, G_OPTION_ARG_NONE, &all, NULL, NULL},
                                    G_OPTION_ENTRY_NULL};
    int code;
    GError *error = NULL;
    if (!cli_options(entries, &argc, &argv, &code))
        return code;
    if (argc > 1)
        return cli_usage("queue list takes options only");
    if (!cli_store(cli, &code))
        return code;
    json_t *rows = json_array();
    g_autoptr(GPtrArray) mails = outbox_list(cli->store, !all, MAILS_MAX);
    for (guint i = 0; i < mails->len; i++) {
        const struct outbox *mail = mails->pdata[i];
        json_array_append_new(rows,
                              json_pack("{s:I s:s s:s s:s s:i s:o s:i s:o s:o s:I}", "id",
                                        (json_int_t)mail->id, "status", outbox_status_name(mail->status),
                                        "recipient", mail->recipient, "message_id", mail->message_id,
                                        "attempts", mail->attempts, "next_at", cli_json_time(mail->next_at),
                                        "code", mail->code, "text", cli_json_text(mail->text), "subject",
                                        cli_json_text(mail->subject), "size", (json_int_t)mail->size_bytes));
    }
    if (!store_check(cli->store, &error)) {
        json_decref(rows);
        return cli_fail_with(error);
    }
    return cli_print_table(cli, rows, columns, G_N_ELEMENTS(columns));
}

static int
change_one(struct cli *cli, const char *verb, int argc, char **argv, const char *usage)
{
    if (argc != 2)
        return cli_usage(usage);
    g_autofree char *text = NULL;
    const char *args[] = {argv[1], NULL};
    int code = cli_change(cli, verb, args, &text);
    if (code == EX_OK)
        puts(text);
    return code;
}

int
cli_queue_retry(struct cli *cli, int argc, char **argv)
{
    return change_one(cli, "retry", argc, argv, "queue retry takes one id, or all");
}

int
cli_queue_drop(struct cli *cli, int argc, char **argv)
{
    return change_one(cli, "drop", argc, argv, "queue drop takes one id");
}
