/* imap.h - watching one IMAP mailbox (RFC 3501, 2177 IDLE, 6851 MOVE, 4315 UIDPLUS, 2971 ID).
 * The only user of libetpan. Runs in a process of its own. */
#ifndef CARDPOST_IMAP_H
#define CARDPOST_IMAP_H

#include <cardpost/config.h>
#include <cardpost/frame.h>

/* Gets the password, or for XOAUTH2 the access token, anew for each connection (a password command is run
 * again), so that a changed one is found. NULL: none to be had now. Freed with secret_free. */
typedef char *imap_secret_fn(void *data);

/* Serves the mailbox until core closes the channel or a signal asks to stop (SIGTERM sets *stop):
 * connect, log in, select, list, fetch what core wants, settle, idle; again after every failure, by the
 * rules of mail.md section 4. Reports its state by SOURCE_STATE and logs it. Returns the exit code.
 * An operation that outlives its deadline ends the process with SIGALRM or code 75: the supervisor starts
 * it anew. Uses alarm(2). */
int imap_run(const struct config_mailbox *mailbox, imap_secret_fn *secret, void *secret_data,
             struct frame_channel *core, const volatile int *stop);

/* The same with other times than the default ones, which follow mail.md section 4. */
struct imap_timing {
    int connect_ms;     /* name, TCP and TLS together */
    int command_ms;     /* one command and its answer; a fetch gets a millisecond more for each 10 bytes */
    int retry_once_ms;  /* the first retry: at once, or when a server that restarts is there again */
    int retry_first_ms; /* the second; doubled each time from then on */
    int retry_most_ms;
    int retry_refused_ms; /* after a refused login or certificate: providers lock accounts */
    int stable_ms;        /* a connection that lived so long makes the next failure the first again */
};
extern const struct imap_timing imap_timing_default;
struct imap_service {
    const struct config_mailbox *mailbox;
    imap_secret_fn *secret;
    void *secret_data;
    struct frame_channel *core;
    const volatile int *stop;
    const struct imap_timing *timing;
};
int imap_serve(const struct imap_service *service);

/* One try for `check`: connect, verify, log in, select, and close. `line` is called for every step with
 * its name, whether it passed, what was found and, when it failed, how to mend it. */
typedef void imap_check_fn(void *data, const char *step, bool ok, const char *found, const char *mend);
bool imap_check(const struct config_mailbox *mailbox, const char *secret, imap_check_fn *line, void *data);

#endif
