/* cli.c - the table of subcommands, global options, help. Knows no subcommand's work. */
#include "cli_private.h"

#include <cardpost/error.h>

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct cli_command commands[] = {
    {"init", "[OPTION...]", "make cardpost.conf and the data directory", NULL, cli_init},
    {"check", "[--json]", "test configuration, data, mailboxes and sending, and say how to mend what fails",
     NULL, cli_check},
    {"run", "", "run the daemon in the foreground",
     "SIGTERM stops it, SIGHUP reads the configuration again.\n", cli_run},
    {"status", "[--json]", "what came in, what waits, how the mailboxes are", NULL, cli_status},
    {"explain", "[--json] FILE...", "what would this mail do, and why; changes nothing",
     "FILE is a raw mail (RFC 5322), - is standard input. Works without configuration and data too.\n",
     cli_explain},
    {"card list", "[--board BOARD] [--json]", "cards, newest first", NULL, cli_card_list},
    {"card show", "CARD [--history] [--json]", "one card with its thread", "CARD is a number or tasks-128.\n",
     cli_card_show},
    {"board list", "[--json]", "the boards", NULL, cli_board_list},
    {"board show", "[BOARD] [--json]", "a board, column by column", NULL, cli_board_show},
    {"person list", "[--json]", "people and guests", NULL, cli_person_list},
    {"apply", "FILE [--dry-run] [--yes]",
     "people, teams, boards and columns from a file; shows the plan first", NULL, cli_apply},
    {"export", "", "people, teams, boards and columns as a file", NULL, cli_export},
    {"queue list", "[--all] [--json]", "outgoing mails", NULL, cli_queue_list},
    {"queue retry", "ID|all", "send again now", NULL, cli_queue_retry},
    {"queue drop", "ID", "give an outgoing mail up", NULL, cli_queue_drop},
    {"quarantine list", "[--json]", "mails that had no effect and wait for an admin", NULL,
     cli_quarantine_list},
    {"quarantine show", "SEQ", "one of them, as it came", NULL, cli_quarantine_show},
    {"quarantine release", "SEQ", "let it in, as from a stranger", NULL, cli_quarantine_release},
    {"attachment get", "ID [-o FILE]", "the content of an attachment (ids: card show)", NULL,
     cli_attachment_get},
    {"backup", "DIR", "copy databases, raw mails and keys into a new directory", NULL, cli_backup},
};

int
cli_fail(int code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    fprintf(stderr, "cardpost: %s\n", text);
    return code;
}

int
cli_fail_with(GError *error)
{
    int code = cardpost_error_exit_code(error);
    cli_fail(code, "%s", error->message);
    g_error_free(error);
    return code;
}

int
cli_usage(const char *text)
{
    return cli_fail(EX_USAGE, "%s; see `cardpost --help`", text);
}

static void
print_help(FILE *out)
{
    fprintf(out,
            "cardpost %s: a shared mailbox as a team's task board\n\n"
            "usage: cardpost [-c FILE] [-v] COMMAND ...\n\n",
            CARDPOST_VERSION);
    for (guint i = 0; i < G_N_ELEMENTS(commands); i++)
        fprintf(out, "  %-20s %s\n", commands[i].name, commands[i].summary);
    fprintf(
        out,
        "\n  -c, --config FILE    instead of $CARDPOST_CONFIG, ./cardpost.conf, /etc/cardpost/cardpost.conf\n"
        "  -v, --verbose        log details\n"
        "  --version, --help    `cardpost COMMAND --help` says more\n");
}

static int
print_command_help(const struct cli_command *command)
{
    printf("usage: cardpost %s %s\n\n%c%s.\n%s", command->name, command->usage,
           g_ascii_toupper(command->summary[0]), command->summary + 1, command->help ? command->help : "");
    return EX_OK;
}

/* The command that argv begins with, one word or two; *words_out how many. */
static const struct cli_command *
find_command(int argc, char **argv, int *words_out)
{
    for (guint i = 0; i < G_N_ELEMENTS(commands); i++) {
        g_auto(GStrv) words = g_strsplit(commands[i].name, " ", 2);
        int n = (int)g_strv_length(words);
        bool matches = argc >= n;
        for (int w = 0; matches && w < n; w++)
            matches = g_str_equal(argv[w], words[w]);
        if (matches) {
            *words_out = n;
            return &commands[i];
        }
    }
    return NULL;
}

static bool
takes(const char *name, int argc, char **argv)
{
    for (int i = 0; i < argc; i++)
        if (g_str_equal(argv[i], name))
            return true;
    return false;
}

/* Takes "--json" out of argv, wherever it stands before "--". */
static void
take_json(struct cli *cli, int *argc, char **argv)
{
    int kept = 0;
    bool options_end = false;
    for (int i = 0; i < *argc; i++) {
        options_end = options_end || g_str_equal(argv[i], "--");
        if (!options_end && g_str_equal(argv[i], "--json"))
            cli->json = true;
        else
            argv[kept++] = argv[i];
    }
    argv[kept] = NULL;
    *argc = kept;
}

static int
run_command(struct cli *cli, int argc, char **argv)
{
    int words = 0;
    const struct cli_command *command = find_command(argc, argv, &words);
    if (!command)
        return cli_fail(EX_USAGE, "there is no command \"%s\"; `cardpost --help` lists them", argv[0]);
    argc -= words - 1;
    argv += words - 1;
    if (takes("--help", argc, argv) || takes("-h", argc, argv))
        return print_command_help(command);
    take_json(cli, &argc, argv);
    int code = command->run(cli, argc, argv);
    store_close(cli->store);
    config_free(cli->config);
    return fflush(stdout) == 0 ? code : cli_fail(EX_IOERR, "standard output: cannot be written");
}

/* Global options stand before the command. Returns where the command begins, or -1: *code_out. */
static int
global_options(struct cli *cli, int argc, char **argv, int *code_out)
{
    *code_out = EX_OK;
    for (int i = 1; i < argc; i++) {
        if (g_str_equal(argv[i], "-c") || g_str_equal(argv[i], "--config")) {
            if (++i == argc) {
                *code_out = cli_usage("-c needs a file");
                return -1;
            }
            cli->config_path = argv[i];
        } else if (g_str_has_prefix(argv[i], "--config=")) {
            cli->config_path = argv[i] + strlen("--config=");
        } else if (g_str_equal(argv[i], "-v") || g_str_equal(argv[i], "--verbose")) {
            log_set_level(LOG_LEVEL_DEBUG);
            cli->log_level = LOG_LEVEL_DEBUG;
        } else if (g_str_equal(argv[i], "--version")) {
            printf("cardpost %s\n", CARDPOST_VERSION);
            return -1;
        } else if (g_str_equal(argv[i], "--help") || g_str_equal(argv[i], "-h")) {
            print_help(stdout);
            return -1;
        } else if (argv[i][0] == '-') {
            *code_out = cli_fail(EX_USAGE, "unknown option %s; see `cardpost --help`", argv[i]);
            return -1;
        } else {
            return i;
        }
    }
    print_help(stderr);
    *code_out = EX_USAGE;
    return -1;
}

int
cli_main(int argc, char **argv)
{
    if (argc == 3 && g_str_equal(argv[1], "worker"))
        return daemon_worker_main(argv[2], cli_request);
    setlocale(LC_ALL, "");
    struct cli cli = {.log_level = LOG_LEVEL_INFO};
    int code;
    int first = global_options(&cli, argc, argv, &code);
    return first < 0 ? code : run_command(&cli, argc - first, argv + first);
}

bool
cli_options(const GOptionEntry *entries, int *argc, char ***argv, int *code_out)
{
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_autoptr(GError) error = NULL;
    g_option_context_set_help_enabled(context, FALSE);
    g_option_context_add_main_entries(context, entries, NULL);
    if (g_option_context_parse(context, argc, argv, &error))
        return true;
    *code_out = cli_fail(EX_USAGE, "%s", error->message);
    return false;
}

static const char *
find_config(void)
{
    static const char *const places[] = {"cardpost.conf", "/etc/cardpost/cardpost.conf"};
    const char *named = getenv("CARDPOST_CONFIG");
    if (named && *named)
        return named;
    for (guint i = 0; i < G_N_ELEMENTS(places); i++)
        if (g_file_test(places[i], G_FILE_TEST_EXISTS))
            return places[i];
    return NULL;
}

bool
cli_config(struct cli *cli, int *code_out)
{
    GError *error = NULL;
    if (!cli->config_path)
        cli->config_path = find_config();
    if (!cli->config_path) {
        *code_out =
            cli_fail(EX_CONFIG, "no cardpost.conf found; `cardpost init` makes one, -c FILE names it");
        return false;
    }
    cli->config = config_load(cli->config_path, &error);
    if (cli->config)
        return true;
    cli_fail_with(error);
    *code_out = EX_CONFIG;
    return false;
}

bool
cli_store(struct cli *cli, int *code_out)
{
    GError *error = NULL;
    if (!cli_config(cli, code_out))
        return false;
    cli->store = store_open(cli->config->data_dir, STORE_READ, &error);
    if (!cli->store)
        *code_out = cli_fail_with(error);
    return cli->store != NULL;
}
