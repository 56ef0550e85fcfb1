/* attachment.c - `attachment get`: a part of a stored raw mail, decoded now by the parse worker. */
#include "cli_private.h"

#include <cardpost/error.h>

#include <stdio.h>
#include <unistd.h>

static GBytes *
attachment_content(struct cli *cli, const struct attachment *attachment, GError **error)
{
    g_autoptr(GBytes) raw = journal_raw(cli->store, attachment->input_seq);
    if (!store_check(cli->store, error))
        return NULL;
    if (!raw) {
        g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_NOT_FOUND,
                    "the raw mail of this attachment is gone");
        return NULL;
    }
    struct parse_worker *worker = daemon_parse_start(error);
    gsize len;
    const void *data = g_bytes_get_data(raw, &len);
    GBytes *content = worker ? daemon_extract(worker, data, len, attachment->part, error) : NULL;
    daemon_parse_stop(worker);
    return content;
}

int
cli_attachment_get(struct cli *cli, int argc, char **argv)
{
    g_autofree char *output = NULL;
    const GOptionEntry entries[] = {{"output", 'o', 0, G_OPTION_ARG_FILENAME, &output, NULL, NULL},
                                    G_OPTION_ENTRY_NULL};
    int code;
    GError *error = NULL;
    if (!cli_options(entries, &argc, &argv, &code))
        return code;
    if (argc != 2)
        return cli_usage("attachment get takes one id");
    if (!output && isatty(STDOUT_FILENO))
        return cli_usage("a terminal is no place for a file: name one with -o FILE");
    if (!cli_store(cli, &code))
        return code;
    struct attachment *attachment = attachment_get(cli->store, cli_number(argv[1]));
    if (!attachment)
        return cli_fail(EX_NOINPUT, "there is no attachment %s", argv[1]);
    g_autoptr(GBytes) content = attachment_content(cli, attachment, &error);
    attachment_free(attachment);
    if (!content)
        return cli_fail_with(error);
    gsize len;
    const char *data = g_bytes_get_data(content, &len);
    if (!output)
        return fwrite(data, 1, len, stdout) == len ? EX_OK
                                                   : cli_fail(EX_IOERR, "standard output: cannot be written");
    return g_file_set_contents(output, data, (gssize)len, &error) ? EX_OK : cli_fail_with(error);
}
