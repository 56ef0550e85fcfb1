/* notify.h - from events to notices to final mails, and their way to the deliver process.
 *
 * notify_follow turns new events into notices (who hears of what, when); notify_flush renders those that
 * are due, with rights checked at that moment, into the outbox; dispatch_* hands outbox rows to deliver at
 * the provider's pace. All of it lies outside the fold: it may be late, it never changes a card. */
#ifndef CARDPOST_NOTIFY_H
#define CARDPOST_NOTIFY_H

#include <cardpost/config.h>
#include <cardpost/store.h>

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct notify;
/* store and config outlive it. template_dir: the installed templates. */
struct notify *notify_new(struct store *store, const struct config *config, const char *template_dir,
                          GError **error);
void notify_free(struct notify *notify);

/* Reads the events after its cursor, in one transaction of its own; false as store_commit. */
bool notify_follow(struct notify *notify, int64_t now, GError **error);

/* Files that notices due at `now` carry and that are not at hand yet: struct attachment *, each to be
 * answered by notify_file (content NULL: not to be had, only named then). */
GPtrArray *notify_files_needed(struct notify *notify, int64_t now, GError **error);
void notify_file(struct notify *notify, int64_t attachment_id, GBytes *content);

/* Renders the due notices whose files are at hand into the outbox, at most n, in one transaction. *done_out:
 * how many were dealt with (n: call again). */
bool notify_flush(struct notify *notify, int64_t now, guint n, guint *done_out, GError **error);

/* An event for the admins, in a transaction of its own; the same text at most once an hour. */
bool notify_admin(struct notify *notify, const char *text, int64_t now, GError **error);

/* When something is due next (notice or outbox), UTC seconds; 0: nothing. */
int64_t notify_next_at(struct notify *notify);

/* ---- the way out */
/* Once at the start: what was being sent when we died is due again, with equal bytes. */
bool dispatch_recover(struct notify *notify, int64_t now, GError **error);
/* What became of a mail that was taken: OUTBOX_SENT, DEFERRED (back-off: 1, 2, 5, 10, 30 minutes, then
 * hourly, failed after 5 days), FAILED (an admin is told once), UNKNOWN (sent again with equal bytes after
 * the back-off). */
struct dispatch_result {
    int64_t id;
    enum outbox_status status;
    int code;
    char *text;
    int64_t size_limit; /* SIZE the server announced, 0 unknown */
};
/* Notes it, in a commit of its own. False: nothing is noted, the same again later. */
bool dispatch_done(struct notify *notify, const struct dispatch_result *result, int64_t now, GError **error);

struct dispatch_mail {
    struct outbox *mail; /* NULL: nothing is due, or the pace (sends a minute and a day) forbids it */
    GBytes *bytes;       /* NULL: gone */
    int64_t next_at;     /* without a mail: when to ask again; 0: after a change */
};
void dispatch_mail_clear(struct dispatch_mail *mail);
typedef struct dispatch_mail dispatch_mail_t; /* for g_auto */
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(dispatch_mail_t, dispatch_mail_clear)

/* The next mail to send now, marked "sending"; committed together with the result of the one before (NULL:
 * none), so that a mail costs one commit. False: neither is done, the same again later. */
bool dispatch_take(struct notify *notify, const struct dispatch_result *result, int64_t now,
                   struct dispatch_mail *next_out, GError **error);

#endif
