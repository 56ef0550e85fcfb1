/* core.h - the parts of core, the process that owns the data directory: its course (core.c), mail sources
 * (core_source.c), the fold (core_fold.c), notices and delivery (core_out.c). Private to those files.
 *
 * Everything happens in one main loop and by this rule: what arrives is collected at normal priority, commits
 * are made at idle priority. So one mail alone is committed at once, and many at a time share commits. */
#ifndef DAEMON_CORE_H
#define DAEMON_CORE_H

#include "pool.h"
#include "process.h"

#include <cardpost/daemon.h>
#include <cardpost/intake.h>
#include <cardpost/notify.h>
#include <cardpost/source.h>
#include <cardpost/store.h>

#include <glib.h>

/* After a full disk and its kin. */
#define CORE_RETRY_S 5

/* One mailbox process, for as long as its channel lives. */
struct core_source {
    struct core *core;
    char *role, *mailbox;
    struct frame_channel channel;
    guint watch; /* 0 while reading is held back */
    guint again; /* retry source after SETTLED could not be noted, 0 if none */
    int64_t uidvalidity;
    bool is_open;       /* uidvalidity is known */
    bool is_renumbered; /* mails are recognised by their content keys first */
    GHashTable *told;   /* char *: refs told to settle and not yet answered */
    enum source_state state;
    char *detail, *mend;
};

struct core_fold;
struct core_out;

struct core {
    struct process *process;
    daemon_request_fn *request;
    GMainLoop *loop;
    int lock_fd;
    struct store *store;
    struct intake *intake;
    struct notify *notify;
    struct parse_pool *pool;
    struct core_fold *fold;
    struct core_out *out;
    GPtrArray *sources; /* struct core_source * */
    GPtrArray *arrived; /* struct core_arrival *: read from sources, not journaled */
    gsize arrived_bytes;
    guint journal; /* idle or retry source */
    bool is_stopping;
    bool is_once;      /* ends by itself when nothing is left to do now */
    guint settle_wait; /* timer of a run once: a server that does not put processed mails away */
    bool settle_is_overdue;
    int exit_code;
};

/* ---- core.c */
/* The store is damaged or something that cannot be: tells the supervisor and ends the loop. */
void core_fail(struct core *core, const GError *error);
/* True: `error` was of the kind that passes (logged); false: core_fail was called. */
bool core_may_retry(struct core *core, const char *event, const GError *error);
/* Ends the loop when a stop was asked for and nothing is in hand; of a run once, tells the supervisor when
 * nothing is left to do now. */
void core_consider_stop(struct core *core);

/* ---- core_source.c: takes the descriptor over */
void core_source_add(struct core *core, const char *role, const char *mailbox, int fd);
void core_source_free(gpointer source);
void core_arrival_free(gpointer arrival);
/* Tells every mailbox which mails are done with. */
void core_sources_settle(struct core *core);
/* Reads on, or holds back, by how much is in hand. */
void core_sources_regulate(struct core *core);
/* No more mail is taken. */
void core_sources_stop(struct core *core);
/* Whether every mailbox was read to its end, or cannot be read now: *n_failed_out. */
bool core_sources_are_read(const struct core *core, guint *n_failed_out);
/* Whether a source has yet to answer that processed mails are done with. */
bool core_sources_are_settling(const struct core *core);
/* One line a mailbox for `status`: name, state, detail, mend, separated by tabs. */
void core_sources_describe(const struct core *core, GString *text);

/* ---- core_fold.c */
struct core_fold *core_fold_new(struct core *core);
void core_fold_free(struct core_fold *fold);
/* There may be new inputs in the journal. */
void core_fold_wake(struct core_fold *fold);
bool core_fold_is_busy(const struct core_fold *fold);
/* Whether the journal holds nothing more to apply. */
bool core_fold_is_done(const struct core_fold *fold);
/* Whether enough is waiting that sources should hold back. */
bool core_fold_is_full(const struct core_fold *fold);

/* ---- core_out.c */
struct core_out *core_out_new(struct core *core);
void core_out_free(struct core_out *out);
void core_out_set_channel(struct core_out *out, int fd); /* taken over */
/* There may be new events, notices or outgoing mails. */
void core_out_wake(struct core_out *out);
bool core_out_is_busy(const struct core_out *out);
/* Whether everything that is due now was sent, as far as the pace allows. */
bool core_out_is_drained(const struct core_out *out);
void core_out_tell_admin(struct core_out *out, const char *text);

#endif
