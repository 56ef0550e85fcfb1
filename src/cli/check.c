/* check.c - `cardpost check`: each thing that must hold, tried for real, with the mend for what does not. */
#include "cli_private.h"

#include <cardpost/caps.h>
#include <cardpost/clock.h>
#include <cardpost/error.h>
#include <cardpost/imap.h>
#include <cardpost/maildir.h>
#include <cardpost/render.h>
#include <cardpost/secret.h>
#include <cardpost/smtp.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum level { LEVEL_OK, LEVEL_WARN, LEVEL_FAIL };
static const char *const level_names[] = {"OK", "WARN", "FAIL"};

struct check {
    struct cli *cli;
    json_t *lines;
    const char *prefix; /* of the steps of a mailbox */
    bool failed;
};

static void
say(struct check *check, enum level level, const char *step, const char *found, const char *mend)
{
    g_autofree char *name = check->prefix ? g_strdup_printf("%s: %s", check->prefix, step) : g_strdup(step);
    check->failed = check->failed || level == LEVEL_FAIL;
    json_array_append_new(check->lines, json_pack("{s:s s:s s:o s:o}", "level", level_names[level], "step",
                                                  name, "found", cli_json_text(found), "mend",
                                                  cli_json_text(level == LEVEL_OK ? NULL : mend)));
    if (check->cli->json)
        return;
    printf("%-4s  %s: %s\n", level_names[level], name, found ? found : "");
    if (level != LEVEL_OK && mend)
        printf("      mend: %s\n", mend);
    fflush(stdout);
}

/* False: said with the error's text. */
static bool
say_result(struct check *check, bool good, const char *step, const char *found, GError *error,
           const char *mend)
{
    say(check, good ? LEVEL_OK : LEVEL_FAIL, step, good ? found : error->message, mend);
    g_clear_error(&error);
    return good;
}

static void
imap_line(void *data, const char *step, bool ok, const char *found, const char *mend)
{
    say(data, ok ? LEVEL_OK : LEVEL_FAIL, step, found, mend);
}

/* Whoever can write the configuration can have commands run with our rights. */
static void
check_config_mode(struct check *check)
{
    static const char mend[] = "make it root's or cardpost's own: chown, chmod go-w";
    const char *path = check->cli->config->path;
    struct stat st;
    if (stat(path, &st) != 0)
        say(check, LEVEL_FAIL, "configuration file", g_strerror(errno), mend);
    else if (st.st_uid != geteuid() && st.st_uid != 0)
        say(check, LEVEL_FAIL, "configuration file", "belongs to another user", mend);
    else if (st.st_mode & 022)
        say(check, LEVEL_FAIL, "configuration file", "can be changed by others", mend);
    else
        say(check, LEVEL_OK, "configuration file", "only its owner can change it", NULL);
}

/* The mode of a file is looked at where it is read. */
static char *
check_secret(struct check *check, const struct config_secret *from)
{
    GError *error = NULL;
    char *secret = config_secret_get(from, &error);
    g_autofree char *found =
        from->file ? g_strdup_printf("%s was read; only its owner can read it", from->file)
                   : g_strdup(from->command ? "the command printed one line" : "the credential was read");
    g_autofree char *mend =
        from->file
            ? g_strdup_printf("write the password into %s, on one line; chmod 600 %s", from->file, from->file)
            : g_strdup("see password_command and credential in cardpost.conf(5)");
    say_result(check, secret != NULL, "secret", found, error, mend);
    return secret;
}

/* The local part of a reply address has at most 64 octets; config.c refuses one that has more. */
static void
check_reply_address(struct check *check, const struct config_mailbox *mailbox)
{
    const char *at = strchr(mailbox->address, '@');
    gsize local = (gsize)(at - mailbox->address), octets = 0;
    switch (mailbox->reply_mode) {
    case CONFIG_REPLY_DEDICATED:
        say(check, LEVEL_OK, "reply address", "the plain address: replies are found by their Message-IDs",
            NULL);
        return;
    case CONFIG_REPLY_CATCHALL:
        octets = strlen("r.") + SECRET_TOKEN_CHARS;
        break;
    case CONFIG_REPLY_PLUS:
        octets = local + strlen("+r.") + SECRET_TOKEN_CHARS;
        break;
    }
    bool is_plus = mailbox->reply_mode == CONFIG_REPLY_PLUS;
    bool fits = octets <= CAP_LOCAL_PART_BYTES && octets + strlen(at) <= CAP_ADDRESS_BYTES;
    g_autofree char *found =
        g_strdup_printf("%.*s%sr.TOKEN%s, %" G_GSIZE_FORMAT " of %d octets", is_plus ? (int)local : 0,
                        mailbox->address, is_plus ? "+" : "", at, octets, CAP_LOCAL_PART_BYTES);
    say(check, fits ? LEVEL_OK : LEVEL_FAIL, "reply address", found,
        "use a shorter address, or reply_mode catchall or dedicated");
}

/* How senders are proven at this mailbox. */
static void
check_trust(struct check *check, const struct config_mailbox *mailbox)
{
    const struct border *border = &mailbox->border;
    bool is_named = (border->authserv_ids && border->authserv_ids->len > 0) || border->allows_absent_id;
    bool is_readable = !border->verdict_below || border->strips_forged;
    if (border->trust_from)
        say(check, LEVEL_WARN, "trust", "trust = from: whoever writes a From is believed",
            "use it only where the server itself refuses forged senders; otherwise set authserv_ids");
    else if (border->authenticated_received || (is_readable && (is_named || border->internal_header)))
        say(check, LEVEL_OK, "trust", "senders are proven by the border's verdict", NULL);
    else
        say(check, LEVEL_WARN, "trust",
            "nothing proves a sender: every mail counts as a stranger's, replies by their token excepted",
            is_readable
                ? "set authserv_ids (and received_hops) to what your server writes into "
                  "Authentication-Results, or authenticated_received"
                : "look at a mail that came in: set received_hops to the Received fields your provider "
                  "writes, and strips_forged once a mail with a forged Authentication-Results lost it");
}

static void
check_mailbox(struct check *check, const struct config_mailbox *mailbox)
{
    g_autofree char *prefix = g_strdup_printf("mailbox %s", mailbox->name);
    GError *error = NULL;
    check->prefix = prefix;
    if (mailbox->maildir) {
        bool good = maildir_check(mailbox->maildir, &error);
        say_result(check, good, "maildir", mailbox->maildir, error,
                   "make the folder and let cardpost's user read and write it");
    } else {
        char *secret = check_secret(check, &mailbox->server.secret);
        if (secret)
            imap_check(mailbox, secret, imap_line, check);
        secret_free(secret);
    }
    check_reply_address(check, mailbox);
    check_trust(check, mailbox);
    check->prefix = NULL;
}

/* The folder, or the first directory above it that exists, for the rest is made when a mail is put there. */
static void
check_target(struct check *check, const char *maildir)
{
    g_auto(GStrv) parts = g_strsplit(maildir, "{", 2);
    char *dir = parts[1] ? g_path_get_dirname(parts[0]) : g_strdup(maildir);
    while (!g_file_test(dir, G_FILE_TEST_EXISTS) && strchr(dir + 1, '/')) {
        char *above = g_path_get_dirname(dir);
        g_free(dir);
        dir = above;
    }
    bool good = g_file_test(dir, G_FILE_TEST_IS_DIR) && access(dir, W_OK | X_OK) == 0;
    g_autofree char *found =
        good ? g_strdup(maildir) : g_strdup_printf("%s: %s is no directory that we may write", maildir, dir);
    say(check, good ? LEVEL_OK : LEVEL_FAIL, "maildir", found,
        "make the directory and let cardpost's user write it");
    g_free(dir);
}

static void
check_smtp(struct check *check, const struct config_outgoing *outgoing, const char *secret)
{
    struct smtp_result result = {0};
    struct smtp *smtp = smtp_open(outgoing);
    smtp_check(smtp, secret, &result);
    g_autofree char *found =
        g_strdup_printf("%s:%d, %s", outgoing->server.host, outgoing->server.port, result.text);
    say(check, result.outcome == SMTP_SENT ? LEVEL_OK : LEVEL_FAIL, "SMTP", found,
        "check smtp_host, smtp_port, tls, user and the password (some providers want a code made for mail "
        "programs); a certificate of an own CA is named by ca_file");
    g_free(result.text);
    smtp_close(smtp);
}

static void
check_outgoing(struct check *check)
{
    const struct config_outgoing *outgoing = &check->cli->config->outgoing;
    check->prefix = "outgoing";
    if (outgoing->maildir) {
        check_target(check, outgoing->maildir);
    } else {
        char *secret = check_secret(check, &outgoing->server.secret);
        if (secret)
            check_smtp(check, outgoing, secret);
        secret_free(secret);
    }
    check->prefix = NULL;
}

static void
check_data(struct check *check)
{
    struct cli *cli = check->cli;
    GError *error = NULL;
    cli->store = store_open(cli->config->data_dir, STORE_READ, &error);
    if (!say_result(check, cli->store != NULL, "data", cli->config->data_dir, error,
                    "`cardpost init` makes a new data directory"))
        return;
    g_autoptr(GPtrArray) boards = board_list(cli->store);
    g_autofree char *found = g_strdup_printf("%u", boards->len);
    g_autofree char *samples = cli_sample_teams();
    g_autofree char *mend = g_strdup_printf("`cardpost apply FILE`; samples are in %s", samples);
    say(check, boards->len ? LEVEL_OK : LEVEL_WARN, "boards", found, mend);
    int lock = daemon_lock(cli->config->data_dir, &error);
    say(check, LEVEL_OK, "daemon", lock < 0 ? error->message : "not running", NULL);
    g_clear_error(&error);
    if (lock >= 0)
        close(lock);
}

static void
check_rest(struct check *check)
{
    GError *error = NULL;
    g_autofree char *dir = daemon_template_dir();
    struct render *render = render_open(dir, check->cli->config->template_dir, &error);
    say_result(check, render != NULL, "templates", dir, error,
               "install cardpost again, or mend the overriding template");
    render_free(render);
    g_autofree char *now = cli_time(clock_now());
    bool is_sane = clock_now() > 1790000000; /* before this program was written */
    say(check, is_sane ? LEVEL_OK : LEVEL_FAIL, "clock", now, "set the machine's clock");
}

/* False: there is no configuration to check by. */
static bool
check_config(struct check *check, int *code_out)
{
    struct cli *cli = check->cli;
    GError *error = NULL;
    if (!cli->config_path && !cli_find_config())
        return cli_config(cli, code_out);
    if (!cli->config_path)
        cli->config_path = cli_find_config();
    cli->config = config_load(cli->config_path, &error);
    if (say_result(check, cli->config != NULL, "configuration", cli->config_path, error,
                   "mend what is named; cardpost.conf(5) explains every key"))
        return true;
    *code_out = EX_CONFIG;
    return false;
}

int
cli_check(struct cli *cli, int argc, char **argv)
{
    (void)argv;
    int code = EX_OK;
    if (argc > 1)
        return cli_usage("check takes no arguments");
    struct check check = {.cli = cli, .lines = json_array()};
    if (check_config(&check, &code)) {
        check_config_mode(&check);
        check_data(&check);
        check_rest(&check);
        for (guint i = 0; i < cli->config->mailboxes->len; i++)
            check_mailbox(&check, cli->config->mailboxes->pdata[i]);
        check_outgoing(&check);
        code = check.failed ? EX_UNAVAILABLE : EX_OK;
    }
    if (cli->json && json_array_size(check.lines) > 0)
        cli_print_object(cli, json_incref(check.lines), NULL);
    json_decref(check.lines);
    return code;
}
