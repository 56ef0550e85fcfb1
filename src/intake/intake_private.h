/* intake_private.h - what the steps of deciding share. */
#ifndef INTAKE_PRIVATE_H
#define INTAKE_PRIVATE_H

#include <cardpost/intake.h>

/* ---- recipient.c: what the addresses a mail was sent to say */
struct recipients {
    GPtrArray *tokens; /* char *: those of the right length, lower case, each once */
    char *tag;         /* "+orders": a board's alias, or NULL */
};
/* The mail as a parse worker read it, and its raw header block. */
void recipients_read(const struct mail *mail, const struct header_block *block,
                     const struct config_mailbox *mailbox, struct recipients *out);
void recipients_clear(struct recipients *recipients);
/* Every address of ours: the mailboxes' and the instance's, tags and tokens ignored. */
bool recipient_is_ours(const struct config *config, const char *folded);

/* ---- thread.c: which card */
struct thread_match {
    enum thread_rule rule;
    int64_t card_id, parent_id;
    bool had_key; /* some key led to a card this sender may not follow */
};
/* Keys 2 to 5 of design section 6 for a sender (folded address, proven person or 0). */
void thread_find(const struct intake_question *question, const struct identity *identity, int64_t person_id,
                 int64_t subject_card, struct thread_match *match_out);
/* Whether the mail's own Message-ID is one of ours. */
bool thread_is_own(const struct intake_question *question);
/* After a mail was taken: its id and the ids it refers to lead here from now on. */
void thread_learn(struct store *store, const struct mail *mail, const struct mail_key *key);
/* The comment a mail answers by its In-Reply-To, if it is one of that card; 0 otherwise. */
int64_t thread_parent(const struct intake_question *question, int64_t card_id);

/* ---- trust.c: how sure the sender is (design section 7) */
struct trust_result {
    struct person *person; /* by the From address, proven or not; NULL unknown */
    struct token token;    /* of the first valid token in the recipients, the sender's own before others' */
    bool has_token, token_is_others;
    bool has_two_cards; /* valid tokens of two cards: ambiguous */
};
void trust_compute(const struct intake_question *question, const struct recipients *recipients,
                   struct intake_plan *plan, struct trust_result *out);
void trust_result_clear(struct trust_result *result);

/* ---- route.c: board, column, people and title of a new card */
void route_new_card(const struct intake_question *question, const struct recipients *recipients,
                    struct intake_plan *plan);

/* ---- forward.c */
/* The forwarded mail as it stands on the card, without reply tokens. g_free. */
char *forward_block(const struct mail_forward *forward);
/* Whether the mail holds one of somebody else, not of ours. */
bool forward_is_others(const struct intake_question *question);
/* Whether a member forwards the mail of somebody who can be the card's requester. */
bool forward_names_requester(const struct intake_question *question, const struct intake_plan *plan);

/* ---- words.c: the words and files of a mail as they count */
/* Fills plan->text and what follows it; needs identity and trust. */
void words_read(const struct intake_question *question, struct intake_plan *plan);
/* After the mail was taken: how its sender's mails end and look, if he is proven. */
void words_learn(const struct intake_question *question, const struct intake_plan *plan);

/* ---- quota.c: takes the files off the plan that are too many for their mail, sender or card */
void quota_apply(const struct intake_question *question, struct intake_plan *plan);

/* ---- duplicate.c */
/* The two keys of a mail: by content and by Message-ID, From and Date (NULL when one is missing). */
void duplicate_keys(const struct intake_question *question, const struct header_block *block,
                    char **content_out, char **id_out);
/* Whether the mail's words are those of the comment that this input made, or those with a few around them. */
bool duplicate_says_the_same(const struct intake_question *question, const struct intake_plan *plan,
                             int64_t seq);

#endif
