/* intake.h - from a raw mail to its one outcome (design sections 3, 6, 7).
 *
 * Three steps that core calls in turn: intake_journal commits raw mails (they are then ours), the parse
 * worker reads each, intake_apply folds them into the state strictly in journal order. Deciding
 * (intake_decide) only reads, so that `explain` shows exactly what applying would do. */
#ifndef CARDPOST_INTAKE_H
#define CARDPOST_INTAKE_H

#include <cardpost/config.h>
#include <cardpost/identity.h>
#include <cardpost/mail.h>
#include <cardpost/store.h>

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct intake;
/* Both outlive the intake. */
struct intake *intake_new(struct store *store, const struct config *config);
void intake_free(struct intake *intake);

/* ---- step 1: the journal */
struct intake_mail {
    const char *mailbox;
    int64_t uidvalidity;
    const char *ref;
    int64_t size_bytes, arrived_at;
    bool is_partial;
    const void *raw;
    gsize raw_len;
};
/* One commit for all; a mail whose ledger row exists already is skipped. After it they may be lost
 * anywhere else. False: nothing was written (TEMPORARY: disk full and its kin). */
bool intake_journal(struct intake *intake, const struct intake_mail *mails, guint n, int64_t now,
                    GError **error);

/* Inputs journaled and not yet applied, oldest first, after `seq` (0: all), at most n. */
GArray *intake_pending(struct intake *intake, int64_t seq, guint n, GError **error); /* int64_t */
/* The raw mail the parse worker is to read for this input; NULL when there is nothing to read (a change) or
 * it is gone: apply it with mail = NULL then. */
GBytes *intake_raw(struct intake *intake, int64_t seq, GError **error);

/* ---- step 3: the fold */
struct intake_item {
    int64_t seq;
    const struct mail *mail; /* NULL: not readable or nothing to read */
    const char *failure; /* why the mail is NULL: it is quarantined with this reason; NULL: nothing to read */
};
/* One state transaction for all items, which must be the next inputs in order; a savepoint each: one that
 * fails by itself (PERMANENT) is quarantined and takes nothing with it. Each is logged as "mail.done".
 * False: nothing was applied; TEMPORARY: try the same again later; CORRUPT: stop. */
bool intake_apply(struct intake *intake, const struct intake_item *items, guint n, GError **error);

/* ---- deciding, for intake_apply and explain */
enum thread_rule {
    THREAD_NONE, /* a new card */
    THREAD_TOKEN,
    THREAD_SIGNED_ID,
    THREAD_INDEX,
    THREAD_KNOWN_ID,
    THREAD_REFERENCE, /* an id seen only in References */
    THREAD_SUBJECT,
};
const char *thread_rule_name(enum thread_rule rule);

struct intake_plan {
    enum outcome outcome;
    char *reason; /* for people who run cardpost: why this outcome */
    enum trust trust;
    char *trust_reason;
    struct identity identity;
    enum automatic automatic;
    char *automatic_sign;
    enum thread_rule rule;
    int64_t card_id;             /* existing card, 0: a new one or none */
    int64_t parent_id;           /* comment it answers */
    int64_t person_id;           /* who sent it, proven; 0 otherwise */
    int64_t board_id, column_id; /* of a new card */
    char *title;
    GArray *assignee_ids, *watcher_ids; /* int64_t */
    int64_t held_id;                    /* the held mail that this one decides */
    bool approves;
    bool is_triage;      /* the new card waits for a member, also when the mail is oversize */
    bool mutes;          /* the sender wants to hear no more of card_id */
    int64_t held_for_id; /* person whose token or address was used, when the outcome is held */
    char *token;         /* the reply token found, or NULL: never shown */
    char *hint;          /* catalogue key of what to tell the sender, or NULL */
    char *hint_arg;      /* its argument, or NULL */
    GPtrArray *problems; /* char *: what was not understood */
    /* The mail's words as they count, without reply tokens. */
    char *text, *quoted, *signature;
    bool is_from_quote;     /* some of the text was found inside the quote: it is no command */
    char *forwarded;        /* the forwarded mail as it stands below the text, "" if there is none */
    char *ending;           /* the text with what is known to end every mail of the sender */
    char *words_rule;       /* where text differs from what the mail says alone, for explain; or NULL */
    GPtrArray *attachments; /* struct mail_attachment of the mail, but for the sender's logos */
    guint files_refused;    /* files over a quota: not among them */
};
void intake_plan_clear(struct intake_plan *plan);
typedef struct intake_plan intake_plan_t; /* for g_auto */
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(intake_plan_t, intake_plan_clear)

/* store and config may be NULL (explain without data: the sender is then a stranger). `head` is at least
 * the raw mail's header block. mailbox: the config_mailbox it came by, NULL: the first. */
struct intake_question {
    struct store *store;
    const struct config *config;
    const struct config_mailbox *mailbox;
    const struct border *border; /* of the mailbox the mail came by; NULL: nothing can be proven */
    const void *head;
    gsize head_len;
    const struct mail *mail;
    const char *sha256; /* of the whole raw mail */
    bool is_partial;
    bool is_released; /* an admin let it out of quarantine, or its holder approved it: nothing holds it up any
                         more, but its sender is worth only what the border says of him */
    int64_t now;
};
void intake_decide(const struct intake_question *question, struct intake_plan *plan_out);

#endif
