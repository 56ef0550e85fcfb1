/* engine.h - the only one who changes a card: answers who may do what, writes state and events together.
 *
 * Called inside a store transaction; errors of the store are kept there and fail the commit. Whoever changes
 * a card has asked engine_may_* before. */
#ifndef CARDPOST_ENGINE_H
#define CARDPOST_ENGINE_H

#include <cardpost/mail.h>
#include <cardpost/store.h>
#include <cardpost/team.h>

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Under which input, when, and as whom a change is made. */
struct engine_act {
    struct store *store;
    int64_t now, input_seq;
    int64_t person_id; /* 0: an unproven sender */
    enum trust trust;
};

/* The words of a mail: a card's description or a comment. Strings may be NULL for "". */
struct engine_words {
    const char *author_name, *author_address;
    const char *text, *quoted, *signature;
    const GPtrArray *attachments; /* struct mail_attachment, or NULL */
    int64_t parent_id;
};

struct engine_new_card {
    int64_t board_id, column_id; /* column 0: the first */
    const char *title;
    int64_t requester_id; /* 0: the actor. Somebody else: the actor watches */
    bool is_triage;
    struct engine_words words;
};

/* Who may do what. `comment`: takes part in the card, or is a member. */
bool engine_may_create(const struct engine_act *act, const struct board *board);
bool engine_may_comment(const struct engine_act *act, int64_t card_id);
/* Whether this person may read the card at all (members all, guests those they take part in). */
bool engine_may_read(struct store *store, const struct person *person, int64_t card_id);
/* Whether this comment may be shown to this person: members all; guests their own, what a member said in
 * direct answer to them, and a member's description of a card they were given or watch (design law 4): not
 * one whose requester they became because a member forwarded their mail. */
bool engine_may_read_comment(struct store *store, const struct person *person, const struct comment *comment);

/* The new card's id, 0 after an error; *comment_out its description. Ids are int64_t person ids. Without
 * assignees the column's owner is assigned, else the board's default assignee; nobody on a triage card. */
int64_t engine_create_card(const struct engine_act *act, const struct engine_new_card *card,
                           const GArray *assignee_ids, const GArray *watcher_ids, int64_t *comment_out);
int64_t engine_comment(const struct engine_act *act, int64_t card_id, const struct engine_words *words);
void engine_assign(const struct engine_act *act, int64_t card_id, int64_t person_id);
void engine_watch(const struct engine_act *act, int64_t card_id, int64_t person_id);

/* The actor hears no more of the card's comments; an assignment still reaches him. */
void engine_mute(const struct engine_act *act, int64_t card_id);

/* A mail waits: for whose word (the person whose token or address was used). */
int64_t engine_hold(const struct engine_act *act, int64_t card_id, int64_t holder_id, const char *sender);
/* Marks it decided; the approved mail itself is applied by intake. False: it was decided before. */
bool engine_decide_held(const struct engine_act *act, const struct held *held, bool approved);

/* ---- people, teams, boards and columns from a team file */
/* What applying would change, one line each in words (empty: nothing); INVALID when it cannot be (a column
 * that still holds cards, an address that another person has). Reads only. */
GPtrArray *engine_team_plan(struct store *store, const struct team_file *team, GError **error);
/* INVALID as above: what was written before it was found out is the caller's to take back. An address of
 * somebody known only by it goes to the person who claims it. */
bool engine_team_apply(const struct engine_act *act, const struct team_file *team, GError **error);
/* The database as a team file, for export. */
struct team_file *engine_team_export(struct store *store);

#endif
