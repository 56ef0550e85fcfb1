/* check.c - one try of the whole way to the mailbox, for `cardpost check`. */
#include "session.h"

#include <cardpost/error.h>

struct check {
    imap_check_fn *line;
    void *data;
    int passed;
};

static void
step_passed(void *data, const char *step, const char *found)
{
    struct check *check = data;
    check->passed++;
    check->line(check->data, step, true, found, NULL);
}

static const struct {
    const char *step, *mend;
} steps[] = {
    {"connection", "check imap_host, port and tls; a certificate of an own CA is named by ca_file"},
    {"login", "check user and password; many providers want an app password or authorisation code made for "
              "mail programs"},
    {"folder", "check the folder's name in the webmail; INBOX is the usual one"},
};

bool
imap_check(const struct config_mailbox *mailbox, const char *secret, imap_check_fn *line, void *data)
{
    g_autoptr(GError) error = NULL;
    struct check check = {.line = line, .data = data};
    const struct session_steps passed = {.passed = step_passed, .data = &check};
    struct session *session = session_open(mailbox, secret, NULL, &passed, &error);
    if (!session) {
        int at = MIN(check.passed, (int)G_N_ELEMENTS(steps) - 1);
        line(data, steps[at].step, false, error->message, steps[at].mend);
        return false;
    }
    line(data, "watching", true, session_has_idle(session) ? "IDLE" : "no IDLE: polled every minute", NULL);
    bool can_move = session_has(session, "MOVE") || session_has(session, "UIDPLUS");
    if (mailbox->done_folder && (!can_move || session->is_read_only))
        line(data, "moving", true,
             session->is_read_only ? "read-only: mails are only remembered"
                                   : "no MOVE or UIDPLUS: mails are only remembered",
             NULL);
    session_close(session);
    return true;
}
