/* cli.c - the table of subcommands, global options, help. Knows no subcommand's work. */
#include "cli_private.h"

#include <cardpost/clean.h>
#include <cardpost/error.h>

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct cli_command commands[] = {
    {"init", "[OPTION...]", "make cardpost.conf and the data directory",
     "What is not given is asked for on a terminal. Nothing that exists is written over.\n"
     "  --address ADDRESS            the team's address, to which people write\n"
     "  --provider NAME              mail provider; known from the address, \"own\" is any other\n"
     "  --name NAME                  the tag in subjects (tasks)\n"
     "  --data DIR                   data directory (data)\n"
     "  --language en|zh-CN          of people who have none set (en)\n"
     "  --timezone ZONE              of people who have none set (this machine's)\n"
     "  --imap-host HOST, --smtp-host HOST, --user NAME   where the provider has no preset\n"
     "  --password-file FILE         holds the password in its first line, mode 0600 (password)\n"
     "  --password-command COMMAND   prints the password\n"
     "  --source maildir:DIR         take mail from a folder in place of IMAP\n"
     "  --target maildir:DIR         put mail into a folder in place of SMTP\n"
     "  -c, --config FILE            the file to write (cardpost.conf)\n",
     cli_init},
    {"check", "[--json]", "test configuration, data, mailboxes and sending, and say how to mend what fails",
     "Nothing is changed and no mail is sent. Exit code 69 when a step fails.\n", cli_check},
    {"run", "[--once]", "run the daemon in the foreground",
     "  --once   take in what waits, send what is due, and end\n"
     "SIGTERM stops it, SIGHUP reads the configuration again.\n",
     cli_run},
    {"status", "[--json]", "what came in, what waits, how the mailboxes are", NULL, cli_status},
    {"explain", "[--json] FILE...", "what would this mail do, and why; changes nothing",
     "FILE is a raw mail (RFC 5322), - is standard input. Works without configuration and data too.\n"
     "  --json   one object a line\n",
     cli_explain},
    {"card list", "[--board BOARD] [--json]", "cards, newest first",
     "  -b, --board BOARD   of this board only\n", cli_card_list},
    {"card show", "CARD [--history] [--json]", "one card with its thread",
     "CARD is a number or tasks-128.\n  --history   its events too\n", cli_card_show},
    {"board list", "[--json]", "the boards", NULL, cli_board_list},
    {"board show", "[BOARD] [--json]", "a board, column by column", "Without BOARD, the default board.\n",
     cli_board_show},
    {"person list", "[--json]", "people and guests", NULL, cli_person_list},
    {"apply", "FILE [--dry-run] [--yes]",
     "people, teams, boards and columns from a file; shows the plan first",
     "FILE is a team file (cardpost.conf(5)), - is standard input.\n"
     "  -n, --dry-run   show the plan, change nothing\n"
     "  -y, --yes       do not ask\n",
     cli_apply},
    {"export", "", "people, teams, boards and columns as a file", NULL, cli_export},
    {"queue list", "[--all] [--json]", "outgoing mails", "  -a, --all   those that were sent too\n",
     cli_queue_list},
    {"queue retry", "ID|all", "send again now", "all: those that wait, failed ones excepted.\n",
     cli_queue_retry},
    {"queue drop", "ID", "give an outgoing mail up", NULL, cli_queue_drop},
    {"quarantine list", "[--json]", "mails that had no effect and wait for an admin", NULL,
     cli_quarantine_list},
    {"quarantine show", "SEQ", "one of them, as it came",
     "On a terminal control characters are shown, not obeyed.\n", cli_quarantine_show},
    {"quarantine release", "SEQ", "let it in, as from a stranger", NULL, cli_quarantine_release},
    {"attachment get", "ID [-o FILE]", "the content of an attachment",
     "card show lists the ids.\n  -o, --output FILE   write it there; else standard output\n",
     cli_attachment_get},
    {"backup", "DIR", "copy databases, raw mails and keys into a new directory",
     "The daemon may run meanwhile.\n", cli_backup},
};

int
cli_fail(int code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    /* one line, and nothing of what a server or a file said can steer a terminal */
    g_autofree char *line = clean_line(text, 0);
    fprintf(stderr, "cardpost: %s\n", line);
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
asks_for_help(int argc, char **argv)
{
    for (int i = 0; i < argc && !g_str_equal(argv[i], "--"); i++)
        if (g_str_equal(argv[i], "--help") || g_str_equal(argv[i], "-h"))
            return true;
    return false;
}

/* "card" alone: its commands. False: no command begins with this word. */
static bool
print_group(const char *word, FILE *out)
{
    g_autofree char *prefix = g_strconcat(word, " ", NULL);
    bool any = false;
    for (guint i = 0; i < G_N_ELEMENTS(commands); i++) {
        if (!g_str_has_prefix(commands[i].name, prefix))
            continue;
        g_autofree char *call = g_strdup_printf("%s %s", commands[i].name, commands[i].usage);
        fprintf(out, "%s%-42s %s\n", any ? "" : "usage:\n", call, commands[i].summary);
        any = true;
    }
    return any;
}

static int
no_command(int argc, char **argv)
{
    bool helps = argc > 1 && asks_for_help(2, argv);
    if ((argc == 1 || helps) && print_group(argv[0], helps ? stdout : stderr))
        return helps ? EX_OK : EX_USAGE;
    return cli_fail(EX_USAGE, "there is no command \"%s%s%s\"; `cardpost --help` lists them", argv[0],
                    argc > 1 ? " " : "", argc > 1 ? argv[1] : "");
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
        return no_command(argc, argv);
    argc -= words - 1;
    argv += words - 1;
    if (asks_for_help(argc, argv))
        return print_command_help(command);
    take_json(cli, &argc, argv);
    int code = command->run(cli, argc, argv);
    store_close(cli->store);
    config_free(cli->config);
    return fflush(stdout) == 0 && !ferror(stdout) ? code
                                                  : cli_fail(EX_IOERR, "standard output: cannot be written");
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
    /* what the daemon logs is for its log; here it would stand between the lines of an answer */
    log_set_level(cli.log_level == LOG_LEVEL_DEBUG ? LOG_LEVEL_DEBUG : LOG_LEVEL_WARNING);
    return first < 0 ? code : run_command(&cli, argc - first, argv + first);
}

bool
cli_options(const GOptionEntry *entries, int *argc, char ***argv, int *code_out)
{
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_autoptr(GError) error = NULL;
    g_option_context_set_help_enabled(context, FALSE);
    g_option_context_add_main_entries(context, entries, NULL);
    if (g_option_context_parse(context, argc, argv, &error)) {
        /* GOption leaves the "--" that ends the options */
        if (*argc > 1 && g_str_equal((*argv)[1], "--")) {
            (*argv)[1] = (*argv)[0];
            ++*argv;
            --*argc;
        }
        return true;
    }
    *code_out = cli_fail(EX_USAGE, "%s", error->message);
    return false;
}

bool
cli_config_is_named(void)
{
    const char *named = getenv("CARDPOST_CONFIG");
    return named && *named;
}

const char *
cli_find_config(void)
{
    static const char *const places[] = {"cardpost.conf", "/etc/cardpost/cardpost.conf"};
    if (cli_config_is_named())
        return getenv("CARDPOST_CONFIG");
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
        cli->config_path = cli_find_config();
    if (!cli->config_path) {
        *code_out =
            cli_fail(EX_CONFIG,
                     "no cardpost.conf that this user can see; `cardpost init` makes one, -c FILE names it");
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
