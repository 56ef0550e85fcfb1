/* imap.h - watching one IMAP mailbox (RFC 3501, 2177 IDLE, 6851 MOVE, 4315 UIDPLUS, 2971 ID).
 * The only user of libetpan. Runs in a process of its own. */
#ifndef CARDPOST_IMAP_H
#define CARDPOST_IMAP_H

#include <cardpost/config.h>
#include <cardpost/frame.h>

/* What the supervisor hands the process: the password, or for XOAUTH2 the access token. `secret_refresh`
 * asks for it anew (the password command is run again); it may be NULL. g_free'd with secret_free. */
typedef char *imap_secret_fn(void *data);

/* Serves the mailbox until core closes the channel or a signal asks to stop (SIGTERM sets *stop):
 * connect, log in, select, list, fetch what core wants, settle, idle; again after every failure, by the
 * rules of mail.md section 4. Reports its state by SOURCE_STATE and logs it. Returns the exit code. */
int imap_run(const struct config_mailbox *mailbox, imap_secret_fn *secret, void *secret_data,
             struct frame_channel *core, const volatile int *stop);

/* One try for `check`: connect, verify, log in, select, and close. `line` is called for every step with
 * its name, whether it passed, what was found and, when it failed, how to mend it. */
typedef void imap_check_fn(void *data, const char *step, bool ok, const char *found, const char *mend);
bool imap_check(const struct config_mailbox *mailbox, const char *secret, imap_check_fn *line, void *data);

#endif
