/* model.h - people, boards, cards, comments and events as plain data, and the names of their enums.
 *
 * The name of an enum value is what the databases, JSON and the command line show; it never changes.
 * Every *_name answers a constant; every *_from_name is false for an unknown name. Structs own their
 * strings; free with the function beside them (NULL is nothing). Ids are positive; 0 means none. */
#ifndef CARDPOST_MODEL_H
#define CARDPOST_MODEL_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* How a mail ended (design section 3). */
enum outcome {
    OUTCOME_APPLIED,
    OUTCOME_COMMENTED,
    OUTCOME_HELD,
    OUTCOME_REFUSED,
    OUTCOME_TRIAGE,
    OUTCOME_RECORDED,
    OUTCOME_DUPLICATE,
    OUTCOME_OVERSIZE,
    OUTCOME_QUARANTINED,
    OUTCOME_DEFERRED,
};
const char *outcome_name(enum outcome outcome);
bool outcome_from_name(const char *name, enum outcome *outcome_out);

/* What a mail may do, by how well its sender is proven (design section 7). Ordered. */
enum trust { TRUST_NONE, TRUST_UNVERIFIED, TRUST_SOURCE, TRUST_GUEST, TRUST_MEMBER, TRUST_ADMIN };
const char *trust_name(enum trust trust);
bool trust_from_name(const char *name, enum trust *trust_out);

enum role { ROLE_GUEST, ROLE_MEMBER, ROLE_ADMIN };
const char *role_name(enum role role);
bool role_from_name(const char *name, enum role *role_out);

/* Whose mail a board takes. */
enum board_intake { INTAKE_MEMBERS, INTAKE_PARTICIPANTS, INTAKE_ANYONE };
const char *board_intake_name(enum board_intake intake);
bool board_intake_from_name(const char *name, enum board_intake *intake_out);

enum column_kind { COLUMN_QUEUE, COLUMN_ACTIVE, COLUMN_DONE };
const char *column_kind_name(enum column_kind kind);
bool column_kind_from_name(const char *name, enum column_kind *kind_out);

enum card_status { CARD_OPEN, CARD_TRIAGE };
const char *card_status_name(enum card_status status);
bool card_status_from_name(const char *name, enum card_status *status_out);

/* What somebody is to a card. */
enum card_role { CARD_REQUESTER, CARD_ASSIGNEE, CARD_WATCHER };
const char *card_role_name(enum card_role role);
bool card_role_from_name(const char *name, enum card_role *role_out);

enum event_kind {
    EVENT_CARD_CREATED,   /* comment: the description */
    EVENT_COMMENTED,      /* comment */
    EVENT_ASSIGNED,       /* subject: the person who is now assignee */
    EVENT_WATCHED,        /* subject: the person who now hears of the card */
    EVENT_COLUMN_ENTERED, /* detail: the column's key */
    EVENT_HELD,           /* held: the mail that waits; subject: whose token or address it used */
    EVENT_HELD_DECIDED,   /* detail: "approved" or "rejected" */
    EVENT_MUTED,          /* subject: who wants to hear no more of the card's comments */
    EVENT_REFUSED,        /* subject: who asked; detail: key of the catalogue of short texts */
    EVENT_STRANGER,       /* an unproven sender's mail was taken; detail: the address */
    EVENT_ADMIN,          /* an admin must know; detail: text */
    EVENT_TEAM_CHANGED,   /* people, teams, boards or columns; detail: what */
};
const char *event_kind_name(enum event_kind kind);
bool event_kind_from_name(const char *name, enum event_kind *kind_out);

struct person {
    int64_t id;
    char *key; /* "li": what "@li" names; NULL for somebody known by address only */
    char *name;
    char *language; /* "" : the instance's */
    char *timezone; /* "" : the instance's */
    enum role role;
    bool wants_all_receipts; /* else only of what went wrong */
    bool is_active;
    GPtrArray *addresses; /* char *, folded, the first is written to */
};
struct person *person_new(void);
void person_free(struct person *person);
typedef struct person person_t; /* the _t names are for g_autoptr only */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(person_t, person_free)
const char *person_address(const struct person *person); /* the first, or NULL */

struct column {
    int64_t id;
    char *key, *name, *name_zh;
    enum column_kind kind;
    int64_t owner_id; /* person who gets the card when it enters; 0: nobody */
};

struct board {
    int64_t id;
    char *key, *name, *name_zh;
    char *public_name; /* for guests and List-Id; "" : name */
    char *alias;       /* the +tag and List-Id label */
    enum board_intake intake;
    bool is_default;
    int64_t default_assignee_id; /* person, or 0 */
    GPtrArray *columns;          /* struct column *, in order, at least one */
};
struct board *board_new(void);
void board_free(struct board *board);
typedef struct board board_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(board_t, board_free)
void column_free(struct column *column);
const struct column *board_column(const struct board *board, int64_t id); /* or NULL */
/* In the reader's language where there is one. */
const char *board_name_in(const struct board *board, const char *language);
const char *column_name_in(const struct column *column, const char *language);

struct card {
    int64_t id, board_id, column_id;
    char *title;
    enum card_status status;
    int64_t requester_id; /* 0: an unproven sender, see sender_address */
    char *sender_address; /* who the first mail said it was from; "" if made otherwise */
    int64_t created_at, updated_at;
    int64_t version; /* counts changes */
};
void card_free(struct card *card);
typedef struct card card_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(card_t, card_free)

/* The first comment of a card is its description. */
struct comment {
    int64_t id, card_id;
    int64_t parent_id;                  /* the comment it answers, 0: none known */
    int64_t author_id;                  /* 0: an unproven sender */
    char *author_name, *author_address; /* as the mail had it */
    int64_t at;
    char *text, *quoted, *signature;
    bool is_unverified; /* sender not proven */
    bool is_internal;   /* never shown to guests */
    int64_t input_seq;  /* the mail it came by, 0: none */
};
void comment_free(struct comment *comment);
typedef struct comment comment_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(comment_t, comment_free)

struct attachment {
    int64_t id, card_id, comment_id;
    int64_t input_seq; /* the raw mail it is a part of */
    uint32_t part;
    char *name, *type, *declared_type, *sha256;
    int64_t size_bytes;
    bool is_inline;
};
void attachment_free(struct attachment *attachment);

struct event {
    int64_t id, at;
    enum event_kind kind;
    int64_t card_id, comment_id, held_id;
    int64_t actor_id, subject_id; /* people; 0: none */
    int64_t input_seq;
    char *detail;
};
void event_free(struct event *event);

#endif
