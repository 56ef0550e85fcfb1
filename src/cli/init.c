/* init.c - `cardpost init`: a commented cardpost.conf and an empty data directory. Never writes over either.
 */
#include "cli_private.h"

#include <cardpost/clean.h>
#include <cardpost/file.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct answers {
    char *config, *address, *provider, *name, *data, *language, *timezone, *imap_host, *smtp_host, *user,
        *password_command, *password_file, *source, *target;
};

/* What is not given by an option is asked for on a terminal, until the answer may stand for that key; without
 * a terminal, and when it ends, the preset counts. NULL: nothing to go on. */
static void
ask(char **value, const char *section, const char *key, const char *question, const char *preset)
{
    char line[1024];
    while (!*value && isatty(STDIN_FILENO)) {
        g_autofree char *brackets = preset ? g_strdup_printf(" [%s]", preset) : g_strdup("");
        printf("%s%s: ", question, brackets);
        fflush(stdout);
        if (!fgets(line, sizeof line, stdin))
            break;
        const char *answer = *g_strstrip(line) || !preset ? line : preset;
        g_autofree char *problem = config_value_problem(section, key, answer);
        if (problem)
            printf("  %s\n", problem);
        else
            *value = g_strdup(answer);
    }
    if (!*value)
        *value = g_strdup(preset);
}

/* The zone of this machine, for people who have none. */
static char *
local_zone(void)
{
    g_autoptr(GTimeZone) zone = g_time_zone_new_local();
    const char *name = g_time_zone_get_identifier(zone);
    return g_strdup(name && strchr(name, '/') ? name : "UTC");
}

static const char *
without_scheme(const char *maildir)
{
    return maildir && g_str_has_prefix(maildir, "maildir:") ? maildir + strlen("maildir:") : maildir;
}

/* Fills what is missing; false: told, *code_out. */
static bool
complete(struct answers *a, const struct provider **provider_out, int *code_out)
{
    ask(&a->address, "", "address", "Team address (people write to it)", NULL);
    if (!a->address || !clean_is_address(a->address)) {
        *code_out = cli_usage(a->address ? "--address: not a plain mail address" : "--address is needed");
        return false;
    }
    const struct provider *provider = provider_by_address(a->address);
    ask(&a->provider, "mailbox", "provider", "Mail provider", provider->name);
    provider = provider_by_name(a->provider);
    if (!provider) {
        *code_out = cli_fail(
            EX_USAGE, "unknown provider %s; cardpost.conf(5) lists them, \"own\" is any other", a->provider);
        return false;
    }
    if (provider->note && *provider->note && !a->source)
        printf("%s: %s\n", provider->title, provider->note);
    bool needs_hosts = *provider->imap_host == '\0';
    if (needs_hosts && !a->source)
        ask(&a->imap_host, "mailbox", "imap_host", "IMAP server", NULL);
    if (needs_hosts && !a->target)
        ask(&a->smtp_host, "outgoing", "smtp_host", "SMTP server", a->imap_host);
    if ((needs_hosts && !a->source && !a->imap_host) || (needs_hosts && !a->target && !a->smtp_host)) {
        *code_out = cli_usage("--imap-host and --smtp-host (or --source and --target) are needed");
        return false;
    }
    g_autofree char *zone = local_zone();
    ask(&a->name, "", "name", "Name of the instance, the tag in subjects", "tasks");
    ask(&a->language, "", "language", "Language, en or zh-CN", "en");
    ask(&a->timezone, "", "timezone", "Time zone", zone);
    ask(&a->data, "", "data", "Data directory", "data");
    if (!a->password_command && !a->password_file && !(a->source && a->target))
        ask(&a->password_file, "mailbox", "password_file", "File that holds the password", "password");
    *provider_out = provider;
    return true;
}

/* A new file only; mode 0600, for it may name commands that print secrets. */
static bool
write_config(const char *path, const char *text, int *code_out)
{
    if (file_create(path, text, strlen(text)))
        return true;
    *code_out = cli_fail(EX_CANTCREAT, "%s: %s%s", path, g_strerror(errno),
                         errno == EEXIST ? "; edit it, or choose another with --config" : "");
    return false;
}

static void
print_next_steps(const struct config *config)
{
    const struct config_mailbox *mailbox = config->mailboxes->pdata[0];
    const char *password =
        mailbox->maildir ? config->outgoing.server.secret.file : mailbox->server.secret.file;
    g_autofree char *samples = cli_sample_teams();
    printf("\nwrote %s\nmade %s\n\nnext:\n", config->path, config->data_dir);
    if (password)
        printf("  write the password into %s, on one line; chmod 600 %s\n", password, password);
    printf("  cardpost -c %s check\n"
           "  copy a sample from %s, put in your own people and boards, then: cardpost -c %s apply FILE\n"
           "  cardpost -c %s run\n",
           config->path, samples, config->path, config->path);
}

/* With a configuration that is there already only the data directory is made. */
static int
make_data(const char *path)
{
    GError *error = NULL;
    g_autoptr(config_t) config = config_load(path, &error);
    if (!config)
        return cli_fail_with(error);
    if (!store_create(config->data_dir, &error)) {
        g_prefix_error(&error, "%s exists already, and so does its data: ", path);
        return cli_fail_with(error);
    }
    printf("%s was there and stays; made %s\n", path, config->data_dir);
    return EX_OK;
}

static int
init(struct answers *a)
{
    int code = EX_OK;
    GError *error = NULL;
    const struct provider *provider = NULL;
    if (g_file_test(a->config, G_FILE_TEST_EXISTS))
        return make_data(a->config);
    if (!complete(a, &provider, &code))
        return code;
    struct config_init values = {.name = a->name,
                                 .address = a->address,
                                 .data_dir = a->data,
                                 .language = a->language,
                                 .timezone = a->timezone,
                                 .provider = provider,
                                 .imap_host = a->imap_host,
                                 .smtp_host = a->smtp_host,
                                 .user = a->user,
                                 .password_command = a->password_command,
                                 .password_file = a->password_file,
                                 .source_maildir = without_scheme(a->source),
                                 .target_maildir = without_scheme(a->target)};
    g_autofree char *text = config_write_initial(&values);
    g_autoptr(config_t) config = config_parse(text, a->config, &error);
    if (!config)
        return cli_fail_with(error);
    if (!write_config(a->config, text, &code))
        return code;
    if (!store_create(config->data_dir, &error)) {
        unlink(a->config);
        return cli_fail_with(error);
    }
    print_next_steps(config);
    return EX_OK;
}

int
cli_init(struct cli *cli, int argc, char **argv)
{
    struct answers a = {0};
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &a.config, NULL, NULL},
        {"address", 0, 0, G_OPTION_ARG_STRING, &a.address, NULL, NULL},
        {"provider", 0, 0, G_OPTION_ARG_STRING, &a.provider, NULL, NULL},
        {"name", 0, 0, G_OPTION_ARG_STRING, &a.name, NULL, NULL},
        {"data", 0, 0, G_OPTION_ARG_FILENAME, &a.data, NULL, NULL},
        {"language", 0, 0, G_OPTION_ARG_STRING, &a.language, NULL, NULL},
        {"timezone", 0, 0, G_OPTION_ARG_STRING, &a.timezone, NULL, NULL},
        {"imap-host", 0, 0, G_OPTION_ARG_STRING, &a.imap_host, NULL, NULL},
        {"smtp-host", 0, 0, G_OPTION_ARG_STRING, &a.smtp_host, NULL, NULL},
        {"user", 0, 0, G_OPTION_ARG_STRING, &a.user, NULL, NULL},
        {"password-command", 0, 0, G_OPTION_ARG_STRING, &a.password_command, NULL, NULL},
        {"password-file", 0, 0, G_OPTION_ARG_FILENAME, &a.password_file, NULL, NULL},
        {"source", 0, 0, G_OPTION_ARG_STRING, &a.source, NULL, NULL},
        {"target", 0, 0, G_OPTION_ARG_STRING, &a.target, NULL, NULL},
        G_OPTION_ENTRY_NULL,
    };
    int code;
    bool parsed = cli_options(entries, &argc, &argv, &code);
    if (!a.config)
        a.config = g_strdup(cli->config_path ? cli->config_path : "cardpost.conf");
    if (parsed)
        code = argc == 1 ? init(&a) : cli_usage("init takes options only");
    char *all[] = {a.config,           a.address,       a.provider,  a.name,      a.data,
                   a.language,         a.timezone,      a.imap_host, a.smtp_host, a.user,
                   a.password_command, a.password_file, a.source,    a.target};
    for (guint i = 0; i < G_N_ELEMENTS(all); i++)
        g_free(all[i]);
    return code;
}
