/* check.c - `cardpost check`: each thing that must hold, tried for real, with the mend for what does not. */
#include "cli_private.h"

#include <cardpost/clock.h>
#include <cardpost/error.h>
#include <cardpost/imap.h>
#include <cardpost/maildir.h>
#include <cardpost/render.h>
#include <cardpost/smtp.h>

#include <stdio.h>
#include <string.h>
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

/* How senders are proven at this mailbox. */
static void
check_trust(struct check *check, const struct config_mailbox *mailbox)
{
    const struct border *border = &mailbox->border;
    bool has_verdict = (border->authserv_ids && border->authserv_ids->len > 0) || border->allows_absent_id;
    if (border->trust_from)
        say(check, LEVEL_WARN, "trust", "trust = from: whoever writes a From is believed",
            "use it only where the server itself refuses forged senders; otherwise set authserv_ids");
    else if (has_verdict || border->internal_header || border->authenticated_received)
        say(check, LEVEL_OK, "trust", "senders are proven by the border's verdict", NULL);
    else
        say(check, LEVEL_WARN, "trust",
            "nothing proves a sender: every mail counts as a stranger's, replies by their token excepted",
            "set authserv_ids (and received_hops) to what your server writes into Authentication-Results, or "
            "authenticated_received");
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
        char *secret = config_secret_get(&mailbox->server.secret, &error);
        if (say_result(check, secret != NULL, "secret", "was read", error,
                       "see password_file and password_command in cardpost.conf(5)"))
            imap_check(mailbox, secret, imap_line, check);
        secret_free(secret);
    }
    check_trust(check, mailbox);
    check->prefix = NULL;
}

static void
check_outgoing(struct check *check)
{
    const struct config_outgoing *outgoing = &check->cli->config->outgoing;
    GError *error = NULL;
    check->prefix = "outgoing";
    if (outgoing->maildir) {
        say(check, LEVEL_OK, "maildir", outgoing->maildir, NULL);
    } else {
        char *secret = config_secret_get(&outgoing->server.secret, &error);
        if (say_result(check, secret != NULL, "secret", "was read", error,
                       "see password_file and password_command in cardpost.conf(5)")) {
            struct smtp_result result = {0};
            struct smtp *smtp = smtp_open(outgoing);
            smtp_check(smtp, secret, &result);
            g_autofree char *found =
                g_strdup_printf("%s:%d, %s", outgoing->server.host, outgoing->server.port, result.text);
            say(check, result.outcome == SMTP_SENT ? LEVEL_OK : LEVEL_FAIL, "SMTP", found,
                "check smtp_host, port, tls, user and the password; some providers want a code made for mail "
                "programs");
            g_free(result.text);
            smtp_close(smtp);
        }
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
    say(check, boards->len ? LEVEL_OK : LEVEL_WARN, "boards", found,
        "`cardpost apply FILE`; samples are in contrib/teams");
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

int
cli_check(struct cli *cli, int argc, char **argv)
{
    (void)argv;
    int code;
    if (argc > 1)
        return cli_usage("check takes no arguments");
    if (!cli_config(cli, &code))
        return code;
    struct check check = {.cli = cli, .lines = json_array()};
    say(&check, LEVEL_OK, "configuration", cli->config->path, NULL);
    check_data(&check);
    check_rest(&check);
    for (guint i = 0; i < cli->config->mailboxes->len; i++)
        check_mailbox(&check, cli->config->mailboxes->pdata[i]);
    check_outgoing(&check);
    if (cli->json)
        cli_print_object(cli, json_incref(check.lines), NULL);
    json_decref(check.lines);
    return check.failed ? EX_UNAVAILABLE : EX_OK;
}
