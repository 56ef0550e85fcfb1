/* session.h - one logged-in connection to one mailbox, as the files of this module share it. */
#ifndef IMAP_SESSION_H
#define IMAP_SESSION_H

#include "guard.h"

#include <cardpost/imap.h>
#include <cardpost/net.h>

#include <libetpan/libetpan.h>

struct session {
    const struct config_mailbox *mailbox;
    struct net_stream *net;
    struct guard guard;
    enum guard_verdict verdict; /* other than GUARD_PASS: the connection must be closed */
    mailimap *imap;
    bool is_daemon; /* an operation past its deadline ends the process (the supervisor starts it anew) */
    const struct imap_timing *timing;
    const volatile int *stop;
    int64_t deadline_at;  /* of the operation that is going on; clock_monotonic_ms */
    const char *lost;     /* why nothing more is read, where the stream itself does not know; or NULL */
    guint reads_past_end; /* other than 0: the connection is lost, and what is parsed is worth nothing */
    int64_t uidvalidity;
    uint32_t uidnext; /* when the folder was selected; 0 unknown */
    bool is_read_only;
    bool no_delete;    /* the folder takes no \Deleted from us: said by PERMANENTFLAGS, or by refusing it */
    bool folder_made;  /* the done folder was created by us, or creating it failed: not tried again */
    bool no_idle;      /* IDLE was offered and then refused */
    uint32_t last_uid; /* highest UID that needs no second look */
};

/* ---- connect.c. The error's code: TEMPORARY (try again), REFUSED (login refused) or PERMANENT (certificate;
 * an admin must mend it). `service` is NULL for one try by hand: no watchdog, default times. `step` is called
 * after each step that passed; NULL is nothing. */
typedef void session_step_fn(void *data, const char *step, const char *found);
struct session_steps {
    session_step_fn *passed;
    void *data;
};
struct session *session_open(const struct config_mailbox *mailbox, const char *secret,
                             const struct imap_service *service, const struct session_steps *steps,
                             GError **error);
void session_close(struct session *session); /* NULL is nothing; never waits */

/* Begins a command that may take this long, all in all (bytes expected besides the answers themselves). */
void session_begin(struct session *session, int64_t expected_bytes);
void session_end(struct session *session);
/* More time for the same command; its answer goes on being counted. */
void session_go_on(struct session *session);
/* Between these two the operation's time stands still: core takes its time with a mail. */
int64_t session_pause(struct session *session);
void session_resume(struct session *session, int64_t paused_at);
bool session_has(struct session *session, const char *capability);
/* Sends one command line and reads until its tagged answer. NO or BAD: false, REFUSED; trouble with the
 * connection: false, TEMPORARY. */
bool session_command(struct session *session, const char *command, int64_t expected_bytes, GError **error);
/* Its parts, for a dialogue: a line and its end sent; the answer whose first line libetpan has read, parsed
 * to one of its codes. */
bool session_write_line(struct session *session, const char *text);
int session_parse_answer(struct session *session);
/* The server's last words, for errors and the log; at most 200 bytes. g_free. */
char *session_words(struct session *session);
void session_error(struct session *session, const char *doing, int code, GError **error);
/* Whether the last answer carried this response code. */
bool session_answered(const struct session *session, const char *code);
/* Whether the last NO carried a code that says "later" and not "never" (RFC 5530). */
bool session_is_passing(const struct session *session);
bool session_has_idle(struct session *session);
/* Whether an EXISTS came with the answer to any command since the flag was cleared: it is news too. */
bool session_has_news(const struct session *session);
void session_clear_news(struct session *session);

/* ---- driver.c */
mailstream *driver_stream(struct session *session);

/* ---- login.c */
bool session_login(struct session *session, const char *secret, GError **error);
/* A string as IMAP quotes it (no CR, LF or NUL inside); modified UTF-7 for mailbox names. g_free. */
char *imap_quote(const char *text);
char *imap_mailbox_name(const char *folder);

/* ---- fetch.c */
struct listed {
    uint32_t uid, size;
};
/* UIDs from `next` on with their sizes, ascending. */
GArray *fetch_list(struct session *session, uint32_t next, GError **error);
/* Content keys for these UIDs: pairs into the arrays (char *); what is gone is left out. */
bool fetch_keys(struct session *session, const GArray *uids, GPtrArray *refs, GPtrArray *keys,
                GError **error);
/* Fetches the mails (UIDs, all of one kind: whole or partial) and hands each to core as it comes. false with
 * REFUSED: the server said NO, perhaps after some of them; TEMPORARY: the connection is lost. */
struct fetch {
    const GArray *items; /* struct listed */
    bool is_partial;
    struct frame_channel *core;
    GHashTable *came; /* UIDs handed to core, as GUINT_TO_POINTER */
    bool core_gone;   /* set when core has closed */
};
bool fetch_mails(struct session *session, struct fetch *fetch, GError **error);

/* ---- settle.c: moves processed mails (refs: char *) or only remembers them. false with TEMPORARY: the
 * connection is lost. *mend_out (g_free) when the folder cannot be used: nothing was settled. */
bool settle_mails(struct session *session, const GPtrArray *refs, char **mend_out, GError **error);
/* Whether the server can take single mails out of the folder. */
bool settle_can_move(struct session *session);

/* ---- idle.c */
enum idle_end { IDLE_NEWS, IDLE_TIME, IDLE_CORE, IDLE_STOP, IDLE_LOST };
/* Waits for news of the server, a word of core, or the end of the time. session NULL: only for core. Uses
 * IDLE where the server has it, else only waits. On IDLE_LOST the error is set. */
enum idle_end idle_wait(struct session *session, struct frame_channel *core, int64_t timeout_ms,
                        const volatile int *stop, GError **error);

#endif
