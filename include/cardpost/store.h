/* store.h - the two databases of a data directory (design section 10). The only user of SQLite.
 *
 * data/journal.db is the numbered log of inputs and the fetch ledger; data/cardpost.db is the state folded
 * from it. Both WAL with synchronous=FULL; one writing process, which also checkpoints. They are never
 * attached to each other: the journal commits first, the state after it.
 *
 * Errors: the store keeps its first error. From then on reads answer "none" and writes do nothing, and the
 * commit of that database fails with it and rolls back: no step error is ever taken for the end of rows,
 * and code between begin and commit reads as a plain sequence. Reads outside a transaction are followed by
 * store_check. TEMPORARY: full disk, I/O error, locked; CORRUPT: damaged or newer; PERMANENT: our mistake.
 *
 * Structs and arrays answered belong to the caller. Text given is copied. Times are UTC seconds. */
#ifndef CARDPOST_STORE_H
#define CARDPOST_STORE_H

#include <cardpost/model.h>
#include <cardpost/secret.h>

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct store;

enum store_mode { STORE_READ, STORE_WRITE };

/* Makes both databases, data/keys and data/blobs/. INVALID when one of them exists already. */
bool store_create(const char *data_dir, GError **error);
/* NOT_FOUND (run init), CORRUPT (damaged, or made by a newer version), INVALID (wrong owner or mode).
 * STORE_WRITE upgrades an older schema, each step in one transaction; STORE_READ refuses one (INVALID). */
struct store *store_open(const char *data_dir, enum store_mode mode, GError **error);
void store_close(struct store *store);
/* The key that signs tokens and Message-IDs. */
const struct secret_key *store_key(const struct store *store);
/* False when an error was kept; it is handed out and forgotten. */
bool store_check(struct store *store, GError **error);
/* Keeps an error that the caller met (takes it): the transaction that is open fails with it. */
void store_keep(struct store *store, GError *error);
/* Copies state first, journal, blobs and keys after, into a new directory (mode 0700). */
bool store_backup(struct store *store, const char *to_dir, GError **error);

/* ---- transactions, IMMEDIATE, never nested; commit ends the transaction also when it fails */
void store_begin(struct store *store);
bool store_commit(struct store *store, GError **error);
/* Inside one: a mail's own changes. undo also forgets an error that is not the database's own trouble
 * (TEMPORARY and CORRUPT stay); release is false with the error when there is one. */
void store_savepoint(struct store *store);
bool store_release(struct store *store, GError **error);
void store_undo(struct store *store);

/* ---- journal: inputs (src/store/journal.c) */
enum input_kind { INPUT_MAIL, INPUT_CHANGE, INPUT_RELEASE };
const char *input_kind_name(enum input_kind kind);

struct input {
    int64_t seq, at;
    enum input_kind kind;
    char *mailbox;      /* mail: its mailbox; NULL otherwise */
    int64_t arrived_at; /* mail: INTERNALDATE, 0 unknown */
    int64_t size_bytes; /* of the whole mail, also when only a part was fetched */
    bool is_partial;
    char *sha256;      /* of the raw bytes stored */
    char *content_key; /* header_content_key, or NULL */
    char *text;        /* change: the team file or the words; release: the quarantined seq */
    int64_t actor_uid; /* change, release: who asked, by user id; -1 unknown */
    int attempts;      /* deaths while alone in hand */
};
void input_free(struct input *input);
typedef struct input input_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(input_t, input_free)

/* One journal transaction around several inputs and ledger rows. */
void journal_begin(struct store *store);
bool journal_commit(struct store *store, GError **error);
/* Appends and answers the seq (0 after an error). A raw mail over CAP_INLINE_RAW_BYTES goes to
 * data/blobs/ durably before the row names it. raw may be NULL (no mail). */
int64_t journal_append(struct store *store, const struct input *input, const void *raw, gsize len);
struct input *journal_input(struct store *store, int64_t seq);
/* The raw mail, or NULL if it is gone. journal_raw_head reads at most max bytes of it. */
GBytes *journal_raw(struct store *store, int64_t seq);
GBytes *journal_raw_head(struct store *store, int64_t seq, gsize max);
/* Seqs after `seq`, oldest first, at most n. */
GArray *journal_after(struct store *store, int64_t seq, guint n); /* int64_t */
int64_t journal_last(struct store *store);
GArray *journal_changes(struct store *store); /* int64_t: seqs of the changes */
/* Counts one attempt, in a transaction of its own; answers the new count. */
int journal_count_attempt(struct store *store, int64_t seq, GError **error);

/* ---- journal: ledger of what was seen on servers */
bool ledger_has(struct store *store, const char *mailbox, int64_t uidvalidity, const char *ref);
/* True when the mailbox was read under another UIDVALIDITY before. */
bool ledger_was_renumbered(struct store *store, const char *mailbox, int64_t uidvalidity);
/* The number under which the refs of a mailbox with this UIDVALIDITY stand: the UIDVALIDITY itself, or, when
 * next (a UIDNEXT; 0 unknown) is not above every ref known so far, one made for it, since then the server has
 * begun to count anew without saying so. */
int64_t ledger_numbering(struct store *store, const char *mailbox, uint32_t uidvalidity, int64_t next);
/* The input of a mail known with that content key under another UIDVALIDITY, and under this one not yet found
 * again: of two mails in the mailbox that look alike each answers for one. 0 if none. sha256: the bytes too
 * must be the same; or NULL. */
int64_t ledger_seq_by_key(struct store *store, const char *mailbox, int64_t uidvalidity,
                          const char *content_key, const char *sha256);
/* An oversize mail counts as settled at once: it stays where it is. */
void ledger_add(struct store *store, const char *mailbox, int64_t uidvalidity, const char *ref, int64_t seq,
                const char *content_key);
/* Refs whose input is at or below `applied` and that the server was not yet told of. At most n. */
GPtrArray *ledger_unsettled(struct store *store, const char *mailbox, int64_t uidvalidity, int64_t applied,
                            guint n);
void ledger_settle(struct store *store, const char *mailbox, int64_t uidvalidity, const char *ref);

/* ---- state: outcomes; each input has exactly one (src/store/outcome.c) */
struct outcome_row {
    int64_t seq, at;
    enum outcome outcome;
    char *reason;
    enum trust trust;
    char *trust_reason;
    char *sender; /* folded address, "" none */
    char *subject;
    char *rule; /* which key led to the card, or "" */
    int64_t card_id, comment_id, person_id;
};
void outcome_row_free(struct outcome_row *row);
int64_t outcome_last(struct store *store); /* the fold's position */
void outcome_add(struct store *store, const struct outcome_row *row);
struct outcome_row *outcome_get(struct store *store, int64_t seq);
/* A quarantined input was released: its row points to the new one. */
void outcome_release(struct store *store, int64_t seq, int64_t by_seq);
int64_t outcome_released_by(struct store *store, int64_t seq); /* 0: was not released */
GPtrArray *outcome_list(struct store *store, enum outcome outcome, bool unreleased_only, guint n);
/* Of mails (and releases of mails), not of changes of people and boards: int64_t, indexed by enum outcome. */
GArray *outcome_counts(struct store *store);

/* ---- state: duplicates. A copy with higher trust is never a duplicate of one with lower. */
bool seen_has(struct store *store, const char *key, enum trust trust, int64_t *seq_out, int64_t *card_id_out);
void seen_add(struct store *store, const char *key, enum trust trust, int64_t seq, int64_t card_id);

/* ---- people and teams (src/store/person.c) */
struct person *person_get(struct store *store, int64_t id);
struct person *person_by_address(struct store *store, const char *folded);
struct person *person_by_key(struct store *store, const char *key); /* key, or a name that only one has */
GPtrArray *person_list(struct store *store);
GArray *person_admins(struct store *store); /* int64_t: the active ones that have an address */
int64_t person_save(struct store *store, const struct person *person); /* id 0: new; replaces addresses */
/* What `from_id` took part in, wrote, holds and is still to be told is `to_id`'s from now on; the log stays.
 */
void person_join(struct store *store, int64_t from_id, int64_t to_id);

struct team {
    int64_t id;
    char *key, *name;
    GArray *member_ids; /* int64_t */
};
void team_free(struct team *team);
GPtrArray *team_list(struct store *store);
int64_t team_save(struct store *store, const struct team *team);

/* ---- boards and columns (src/store/board.c) */
struct board *board_get(struct store *store, int64_t id);
struct board *board_by_name(struct store *store, const char *name); /* key, alias or a name, folded */
struct board *board_default(struct store *store);
GPtrArray *board_list(struct store *store);
int64_t board_save(struct store *store,
                   const struct board *board); /* columns by key; missing ones go if empty */
bool column_has_cards(struct store *store, int64_t column_id);
const struct column *board_column_by_name(const struct board *board, const char *name);

/* ---- cards (src/store/card.c) */
struct card *card_get(struct store *store, int64_t id);
int64_t card_add(struct store *store, const struct card *card);
void card_touch(struct store *store, int64_t id, int64_t at);         /* version + 1 */
GPtrArray *card_list(struct store *store, int64_t board_id, guint n); /* 0: all boards; newest first */
void card_person_add(struct store *store, int64_t card_id, int64_t person_id, enum card_role role,
                     int64_t at);
bool card_person_has(struct store *store, int64_t card_id, int64_t person_id, enum card_role role);
bool card_has_person(struct store *store, int64_t card_id, int64_t person_id);  /* in any role */
GArray *card_people(struct store *store, int64_t card_id, enum card_role role); /* int64_t ids */
GArray *card_everybody(struct store *store, int64_t card_id);                   /* each once */
/* Who wants to hear no more of a card's comments. */
void card_mute(struct store *store, int64_t card_id, int64_t person_id);
bool card_is_muted(struct store *store, int64_t card_id, int64_t person_id);

/* ---- comments and attachments (src/store/comment.c) */
int64_t comment_add(struct store *store, const struct comment *comment);
struct comment *comment_get(struct store *store, int64_t id);
GPtrArray *comment_list(struct store *store, int64_t card_id, guint n); /* oldest first */
/* How many of the card's last n are of that address and came since. */
int64_t comment_count_of(struct store *store, int64_t card_id, guint n, const char *address, int64_t since);
void attachment_add(struct store *store, const struct attachment *attachment);
GPtrArray *attachment_list(struct store *store, int64_t card_id); /* struct attachment * */
GPtrArray *attachment_of_comment(struct store *store, int64_t comment_id);
struct attachment *attachment_get(struct store *store, int64_t id);
int64_t attachment_bytes_of_card(struct store *store, int64_t card_id);
/* Of this address's own comments, or of those that only bore it. */
int64_t attachment_bytes_of_sender(struct store *store, const char *address, bool is_unverified,
                                   int64_t since);

/* ---- threading keys and tokens (src/store/thread.c) */
struct mail_key {
    int64_t card_id, comment_id;
    bool is_proven; /* learnt from a proven mail, or ours */
    char *sender;   /* the unproven mail's address: only that sender's mails may follow it */
};
/* key is "id:MESSAGE-ID" or "ti:THREAD-INDEX". A proven row replaces an unproven one. Two proven mails of two
 * cards that both claim the id as their own: it is nobody's from then on (one of them may be planted).
 * Otherwise the first stays. */
void mail_key_add(struct store *store, const char *key, const struct mail_key *value);
bool mail_key_find(struct store *store, const char *key, struct mail_key *key_out); /* g_free sender */

enum token_purpose { TOKEN_REPLY, TOKEN_UNSUBSCRIBE, TOKEN_HELD };
struct token {
    enum token_purpose purpose;
    int64_t card_id, person_id, held_id;
    int64_t serial, used_at;
};
/* The token text (SECRET_TOKEN_CHARS) for this purpose, card and person, made when there is none. g_free. */
char *token_issue(struct store *store, const struct token *token, int64_t now);
/* By its text in any case; false: unknown, malformed or unused for 400 days. */
bool token_find(struct store *store, const char *text, int64_t now, struct token *token_out);
void token_touch(struct store *store, const char *text, int64_t now);

/* ---- mails that wait for somebody's word (src/store/held.c) */
struct held {
    int64_t id, input_seq, card_id, person_id; /* person: whose token or address was used */
    char *sender;                              /* who sent it, folded */
    bool is_decided;
};
int64_t held_add(struct store *store, const struct held *held, int64_t at);
bool held_get(struct store *store, int64_t id, struct held *held_out); /* g_free sender */
void held_decide(struct store *store, int64_t id, bool approved, int64_t by_person, int64_t at);

int64_t held_of_input(struct store *store, int64_t seq);
bool held_is_approved(struct store *store, int64_t id);
/* Of those that came by this person's token of this card and wait still: the oldest (0: none), and how many.
 */
int64_t held_next(struct store *store, int64_t card_id, int64_t person_id);
int64_t held_waiting(struct store *store, int64_t card_id, int64_t person_id);

/* Who stood in To or Cc of a mail: they have it and get no notice of it. */
void heard_add(struct store *store, int64_t input_seq, int64_t person_id);
bool heard_has(struct store *store, int64_t input_seq, int64_t person_id);

/* ---- events and cursors (src/store/event.c) */
int64_t event_add(struct store *store, const struct event *event);
GPtrArray *event_after(struct store *store, int64_t id, guint n); /* struct event *, oldest first */
GPtrArray *event_of_card(struct store *store, int64_t card_id);
int64_t cursor_get(struct store *store, const char *reader);
void cursor_set(struct store *store, const char *reader, int64_t event_id);

/* ---- words that mails are compared with (src/store/words.c) */
/* What a mail of ours said, without reply tokens, to know its quote again. */
void sent_words_add(struct store *store, const char *message_id, const char *words, int64_t at);
char *sent_words_get(struct store *store, const char *message_id); /* NULL: not ours, or dropped */
void sent_words_drop(struct store *store, int64_t now);            /* those older than any reply address */
/* How the last mails of a sender ended, as intake writes it; NULL: nothing yet. */
char *sender_tails(struct store *store, const char *address);
void sender_set_tails(struct store *store, const char *address, const char *tails);
/* How many mails of the sender had this image. */
int64_t sender_image_mails(struct store *store, const char *address, const char *sha256);
void sender_note_image(struct store *store, const char *address, const char *sha256);

/* ---- notices and outbox (src/store/notice.c, src/store/outbox.c) */
enum notice_kind {
    NOTICE_RECEIPT,
    NOTICE_STRANGER_RECEIPT,
    NOTICE_ASSIGNED,
    NOTICE_COMMENT,
    NOTICE_HELD,
    NOTICE_REFUSED,
    NOTICE_ADMIN,
};
const char *notice_kind_name(enum notice_kind kind);
struct notice {
    int64_t id, event_id, at, due_at;
    enum notice_kind kind;
    int64_t person_id; /* 0: address */
    char *address;     /* strangers; "" otherwise */
    int64_t card_id, comment_id, held_id;
    char *detail;
    int64_t input_seq; /* the mail that caused it */
};
void notice_free(struct notice *notice);
int64_t notice_add(struct store *store, const struct notice *notice);
/* Undone notices due at `now`, oldest first, at most n. */
GPtrArray *notice_due(struct store *store, int64_t now, guint n);
/* Undone comment notices of that card for that person, due or not. */
GPtrArray *notice_pending(struct store *store, int64_t person_id, int64_t card_id, enum notice_kind kind);
int64_t notice_next_due(struct store *store);                         /* 0: none */
void notice_done(struct store *store, int64_t id, int64_t outbox_id); /* 0: dropped */
struct notice *notice_get(struct store *store, int64_t id);
/* Has this address had a contentless receipt within the last day? */
bool notice_stranger_told(struct store *store, const char *address, int64_t since);
bool notice_told_admins(struct store *store, const char *detail, int64_t since);
/* When this person's latest notice of mails held like that one (same card, same token) is or was due; 0:
 * never. */
int64_t notice_held_due(struct store *store, int64_t person_id, const struct held *held);
/* The last Message-ID this person was sent or sent us about this card, or NULL. */
char *notice_last_id(struct store *store, int64_t person_id, int64_t card_id);
void notice_set_last_id(struct store *store, int64_t person_id, int64_t card_id, const char *message_id);

enum outbox_status {
    OUTBOX_QUEUED,
    OUTBOX_SENDING,
    OUTBOX_SENT,
    OUTBOX_DEFERRED,
    OUTBOX_FAILED,
    OUTBOX_UNKNOWN,
    OUTBOX_DROPPED
};
const char *outbox_status_name(enum outbox_status status);
struct outbox {
    int64_t id, created_at, next_at, sent_at;
    enum outbox_status status;
    char *envelope_from, *recipient, *message_id, *subject;
    int attempts, code;
    char *text;
    int64_t size_bytes;
};
void outbox_free(struct outbox *outbox);
int64_t outbox_add(struct store *store, const struct outbox *mail, GBytes *bytes);
GBytes *outbox_bytes(struct store *store, int64_t id); /* NULL: dropped */
struct outbox *outbox_get(struct store *store, int64_t id);
/* Queued, deferred and unknown ones due at `now`, oldest first. */
GPtrArray *outbox_due(struct store *store, int64_t now, guint n);
int64_t outbox_next_due(struct store *store); /* 0: none */
GPtrArray *outbox_list(struct store *store, bool undelivered_only, guint n);
GArray *outbox_counts(struct store *store); /* int64_t, indexed by enum outbox_status */
void outbox_set(struct store *store, int64_t id, enum outbox_status status, int64_t next_at, int code,
                const char *text, int64_t now);
/* At the start: what was "sending" when we died is unknown and due again. Answers how many. */
int outbox_recover(struct store *store, int64_t now);
/* How many were handed to a server since `since`, for the sends a minute and a day. */
int64_t outbox_sent_since(struct store *store, int64_t since);
/* Bytes of what was sent, failed or dropped seven days before `now` go. */
void outbox_drop_bytes(struct store *store, int64_t now);

#endif
