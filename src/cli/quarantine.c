/* quarantine.c - `quarantine list|show|release`: mails that had no effect. */
#include "cli_private.h"

#include <cardpost/intake.h>

#include <stdio.h>
#include <unistd.h>

#define MAILS_MAX 1000

int
cli_quarantine_list(struct cli *cli, int argc, char **argv)
{
    (void)argv;
    static const struct cli_column columns[] = {
        {"seq", "SEQ"}, {"at", "AT"}, {"sender", "FROM"}, {"reason", "REASON"}, {"subject", "SUBJECT"}};
    int code;
    GError *error = NULL;
    if (argc > 1)
        return cli_usage("quarantine list takes no arguments");
    if (!cli_store(cli, &code))
        return code;
    json_t *rows = json_array();
    g_autoptr(GPtrArray) mails = outcome_list(cli->store, OUTCOME_QUARANTINED, true, MAILS_MAX);
    for (guint i = 0; i < mails->len; i++) {
        const struct outcome_row *row = mails->pdata[i];
        json_array_append_new(rows, json_pack("{s:I s:o s:o s:o s:o s:s}", "seq", (json_int_t)row->seq, "at",
                                              cli_json_time(row->at), "sender", cli_json_text(row->sender),
                                              "reason", cli_json_text(row->reason), "subject",
                                              cli_json_text(row->subject), "trust", trust_name(row->trust)));
    }
    if (!store_check(cli->store, &error)) {
        json_decref(rows);
        return cli_fail_with(error);
    }
    return cli_print_table(cli, rows, columns, G_N_ELEMENTS(columns));
}

/* Control characters but line ends and tabs are shown, not obeyed. */
static void
print_raw(const char *data, gsize len)
{
    for (gsize i = 0; i < len; i++) {
        guchar c = (guchar)data[i];
        if (c == '\r' && i + 1 < len && data[i + 1] == '\n')
            continue;
        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
            printf("\\x%02x", c);
        else
            putchar(c);
    }
}

int
cli_quarantine_show(struct cli *cli, int argc, char **argv)
{
    int code;
    GError *error = NULL;
    if (argc != 2)
        return cli_usage("quarantine show takes one seq");
    if (!cli_store(cli, &code))
        return code;
    int64_t seq = cli_number(argv[1]);
    struct outcome_row *row = outcome_get(cli->store, seq);
    bool is_there = row && row->outcome == OUTCOME_QUARANTINED;
    outcome_row_free(row);
    /* of a released mail that came to be here again the bytes lie under its first seq */
    struct intake *intake = intake_new(cli->store, cli->config);
    g_autoptr(GBytes) raw = intake_raw(intake, seq, &error);
    intake_free(intake);
    if (error)
        return cli_fail_with(error);
    if (!raw || !is_there)
        return cli_fail(EX_NOINPUT, "no mail %s is in quarantine", argv[1]);
    gsize len;
    const char *data = g_bytes_get_data(raw, &len);
    if (isatty(STDOUT_FILENO))
        print_raw(data, len);
    else
        fwrite(data, 1, len, stdout);
    return EX_OK;
}

int
cli_quarantine_release(struct cli *cli, int argc, char **argv)
{
    if (argc != 2)
        return cli_usage("quarantine release takes one seq");
    g_autofree char *text = NULL;
    const char *args[] = {argv[1], NULL};
    return cli_change(cli, "release", args, &text);
}
