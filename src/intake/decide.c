/* decide.c - what a mail is and what it may do: from identity, trust, thread and rights to one outcome.
 * Reads only; `explain` shows its answer and intake_apply carries it out. */
#include "intake_private.h"

#include <cardpost/caps.h>
#include <cardpost/command.h>
#include <cardpost/engine.h>
#include <cardpost/grammar.h>
#include <cardpost/header.h>
#include <cardpost/text.h>

static const char *const rule_names[] = {"none",     "token",     "signed_id", "thread_index",
                                         "known_id", "reference", "subject"};

const char *
thread_rule_name(enum thread_rule rule)
{
    return rule_names[rule];
}

void
intake_plan_clear(struct intake_plan *plan)
{
    g_free(plan->reason);
    g_free(plan->trust_reason);
    identity_clear(&plan->identity);
    g_free(plan->automatic_sign);
    g_free(plan->title);
    g_clear_pointer(&plan->assignee_ids, g_array_unref);
    g_clear_pointer(&plan->watcher_ids, g_array_unref);
    g_free(plan->token);
    g_free(plan->hint);
    g_free(plan->hint_arg);
    g_clear_pointer(&plan->problems, g_ptr_array_unref);
    g_free(plan->text);
    g_free(plan->quoted);
    g_free(plan->signature);
    g_free(plan->forwarded);
    g_free(plan->ending);
    g_free(plan->words_rule);
    g_clear_pointer(&plan->attachments, g_ptr_array_unref);
}

static void
end(struct intake_plan *plan, enum outcome outcome, const char *reason)
{
    plan->outcome = outcome;
    g_free(plan->reason);
    plan->reason = g_strdup(reason);
}

/* What is settled before anybody asks who sent it. True: decided. */
static bool
decide_by_form(const struct intake_question *question, const struct header_block *block,
               struct intake_plan *plan)
{
    bool is_response = automatic_is_response(plan->automatic);
    bool is_headless =
        block->fields->len == 0 && (block->flaws | HEADER_FLAW_BAD_LINE) == HEADER_FLAW_BAD_LINE;
    if (is_headless && !question->is_released)
        end(plan, OUTCOME_RECORDED,
            *question->mail->body_text ? "no header at all: nobody's mail" : "empty mail");
    else if (plan->identity.is_broken && !is_response && !question->is_released)
        end(plan, OUTCOME_QUARANTINED, plan->identity.reason);
    else if (thread_is_own(question) || recipient_is_ours(question->config, plan->identity.address))
        end(plan, OUTCOME_RECORDED, "our own mail");
    else if (is_response)
        end(plan, OUTCOME_RECORDED, plan->automatic_sign ? plan->automatic_sign : "automatic response");
    else if (header_count(block, "Received") > CAP_RECEIVED_FIELDS && !question->is_released)
        end(plan, OUTCOME_QUARANTINED, "too many Received fields: a mail loop");
    else if (plan->identity.verdict == IDENTITY_FAIL && !question->is_released)
        end(plan, OUTCOME_QUARANTINED, plan->identity.reason);
    else
        return false;
    return true;
}

static bool
decide_duplicate(const struct intake_question *question, const struct header_block *block,
                 struct intake_plan *plan)
{
    g_autofree char *content = NULL, *id = NULL;
    if (!question->store || question->is_released)
        return false;
    duplicate_keys(question, block, &content, &id);
    int64_t card_id = 0, seq = 0;
    bool by_content = content && seen_has(question->store, content, plan->trust, &seq, &card_id);
    if (!by_content && !(id && seen_has(question->store, id, plan->trust, &seq, &card_id) &&
                         duplicate_says_the_same(question, plan, seq)))
        return false;
    plan->card_id = card_id;
    end(plan, OUTCOME_DUPLICATE,
        by_content ? "the same bytes were taken before"
                   : "Message-ID, From, Date and words were taken before");
    return true;
}

static struct engine_act
act_of(const struct intake_question *question, const struct intake_plan *plan)
{
    return (struct engine_act){
        .store = question->store, .now = question->now, .person_id = plan->person_id, .trust = plan->trust};
}

/* What the whole text asks for. Inside a quote nobody can tell who wrote a word, so it asks for nothing. */
static enum command
command_of(const struct intake_plan *plan)
{
    return plan->is_from_quote ? COMMAND_NONE : command_one_word(plan->text);
}

/* A reply to the question whether a held mail may count. */
static void
decide_held_answer(const struct intake_question *question, const struct trust_result *trust,
                   struct intake_plan *plan)
{
    struct held held;
    enum command command = command_of(plan);
    if (!held_get(question->store, trust->token.held_id, &held)) {
        end(plan, OUTCOME_RECORDED, "answers a question that is gone");
        return;
    }
    plan->card_id = held.card_id;
    g_free(held.sender);
    struct engine_act act = act_of(question, plan);
    if (held.is_decided)
        end(plan, OUTCOME_RECORDED, "answers a question that is decided already");
    else if (!engine_may_comment(&act, held.card_id)) {
        end(plan, OUTCOME_REFUSED, "no access to the card any more");
        plan->card_id = 0;
        plan->hint = g_strdup("note.no-card");
    } else if (command == COMMAND_NONE) {
        end(plan, OUTCOME_REFUSED, "neither approve nor reject");
        plan->hint = g_strdup("note.held-word");
    } else {
        plan->held_id = trust->token.held_id;
        plan->approves = command == COMMAND_APPROVE;
        end(plan, OUTCOME_APPLIED, plan->approves ? "approves a held mail" : "rejects a held mail");
    }
}

/* The one word that stops a card's mails, or a mail program's unsubscribe. True: decided. */
static bool
decide_mute(const struct trust_result *trust, struct intake_plan *plan)
{
    bool is_unsubscribe = trust->has_token && trust->token.purpose == TOKEN_UNSUBSCRIBE;
    if (is_unsubscribe)
        plan->card_id = trust->token.card_id;
    else if (command_of(plan) != COMMAND_MUTE)
        return false;
    if (plan->person_id == 0 || plan->card_id == 0)
        return false;
    plan->mutes = true;
    end(plan, OUTCOME_APPLIED, "wants to hear no more of the card");
    return true;
}

/* A valid token made for somebody else: it waits for that person's word and shows nothing. */
static void
decide_borrowed_token(const struct trust_result *trust, struct intake_plan *plan)
{
    plan->card_id = 0;
    if (trust->token.purpose != TOKEN_REPLY) {
        end(plan, OUTCOME_QUARANTINED, "a token made for somebody else");
        return;
    }
    plan->rule = THREAD_TOKEN;
    plan->card_id = trust->token.card_id;
    plan->held_for_id = trust->token.person_id;
    end(plan, OUTCOME_HELD, "the reply address was made for somebody else");
}

static struct board *
board_of_card(struct store *store, int64_t card_id)
{
    g_autoptr(card_t) card = card_get(store, card_id);
    return card ? board_get(store, card->board_id) : NULL;
}

/* The words go onto a card that a key led to. */
static void
decide_comment(const struct intake_question *question, const struct trust_result *trust,
               struct intake_plan *plan)
{
    struct engine_act act = act_of(question, plan);
    if (engine_may_comment(&act, plan->card_id) && decide_mute(trust, plan))
        return;
    if (engine_may_comment(&act, plan->card_id)) {
        end(plan, OUTCOME_COMMENTED, "answers a card of theirs");
        return;
    }
    if (question->is_released) {
        end(plan, OUTCOME_COMMENTED, "let in by hand: comment without any command");
        return;
    }
    if (plan->trust >= TRUST_GUEST) {
        end(plan, OUTCOME_REFUSED, "no access to the card any more");
        plan->card_id = 0;
        plan->hint = g_strdup("note.no-card");
        return;
    }
    g_autoptr(board_t) board = board_of_card(question->store, plan->card_id);
    if (board && board->intake != INTAKE_MEMBERS)
        end(plan, OUTCOME_COMMENTED, "sender not verified: comment without any command");
    else
        end(plan, OUTCOME_QUARANTINED, "sender not verified, and the board takes mail of its members only");
}

static void
decide_new_card(const struct intake_question *question, const struct recipients *recipients,
                const struct thread_match *match, struct intake_plan *plan)
{
    route_new_card(question, recipients, plan);
    g_autoptr(board_t) board =
        question->store && plan->board_id ? board_get(question->store, plan->board_id) : NULL;
    struct engine_act act = act_of(question, plan);
    bool is_known_guest = plan->trust == TRUST_GUEST && board && board->intake != INTAKE_MEMBERS;
    bool is_proven = plan->identity.verdict == IDENTITY_PASS;
    bool may_wait = board && (engine_may_create(&act, board) || question->is_released);
    if (!question->store)
        end(plan, OUTCOME_TRIAGE, "a stranger's mail");
    else if (!board)
        end(plan, OUTCOME_QUARANTINED, "no board is set up yet: release it when there is one");
    else if (plan->automatic == AUTOMATIC_MACHINE && (is_proven || may_wait))
        end(plan, OUTCOME_TRIAGE, plan->automatic_sign ? plan->automatic_sign : "machine mail");
    else if (plan->automatic != AUTOMATIC_MACHINE && (plan->trust >= TRUST_MEMBER || is_known_guest))
        end(plan, OUTCOME_APPLIED, "a new card");
    else if (may_wait)
        end(plan, OUTCOME_TRIAGE,
            match->had_key ? "a stranger refers to a card that is not theirs" : "a stranger's mail");
    else if (is_proven) {
        end(plan, OUTCOME_REFUSED, "the board takes mail of its members only");
        plan->hint = g_strdup("note.members-only");
    } else
        end(plan, OUTCOME_QUARANTINED, "sender not verified, and the board takes mail of its members only");
}

/* Which card, for a sender who may have one. */
static void
decide_thread(const struct intake_question *question, const struct recipients *recipients,
              const struct trust_result *trust, struct intake_plan *plan)
{
    struct thread_match match = {0};
    g_auto(grammar_subject_t) subject;
    grammar_subject(text_bare_subject(question->mail->subject, NULL),
                    question->config ? question->config->name : "tasks", &subject);
    if (trust->has_token && trust->token.purpose != TOKEN_HELD)
        match = (struct thread_match){.rule = THREAD_TOKEN,
                                      .card_id = trust->token.card_id,
                                      .parent_id = thread_parent(question, trust->token.card_id)};
    else
        thread_find(question, &plan->identity, plan->person_id, subject.card, &match);
    plan->rule = match.rule;
    plan->card_id = match.card_id;
    plan->parent_id = match.parent_id;
    if (plan->card_id)
        decide_comment(question, trust, plan);
    else
        decide_new_card(question, recipients, &match, plan);
}

static void
decide_for_sender(const struct intake_question *question, const struct header_block *block,
                  const struct recipients *recipients, struct intake_plan *plan)
{
    struct trust_result trust;
    trust_compute(question, recipients, plan, &trust);
    words_read(question, plan);
    if (!decide_by_form(question, block, plan) && !decide_duplicate(question, block, plan)) {
        if (trust.has_two_cards) {
            end(plan, OUTCOME_REFUSED, "sent to the reply addresses of two cards");
            plan->hint = g_strdup("note.two-cards");
        } else if (trust.token_is_others && !question->is_released)
            decide_borrowed_token(&trust, plan);
        else if (trust.has_token && trust.token.purpose == TOKEN_HELD && !question->is_released)
            decide_held_answer(question, &trust, plan);
        else
            decide_thread(question, recipients, &trust, plan);
    }
    if (plan->outcome == OUTCOME_APPLIED || plan->outcome == OUTCOME_COMMENTED ||
        plan->outcome == OUTCOME_TRIAGE)
        quota_apply(question, plan);
    /* One word about a held mail or a card's mails is whole in the beginning. Of what becomes a card or a
     * comment the rest is missing: the outcome says so, and all else stays as the head decided it. */
    plan->is_triage = plan->outcome == OUTCOME_TRIAGE;
    bool is_decision = plan->held_id || plan->mutes;
    if (question->is_partial && !is_decision &&
        (plan->outcome == OUTCOME_APPLIED || plan->outcome == OUTCOME_COMMENTED || plan->is_triage))
        end(plan, OUTCOME_OVERSIZE,
            "too big: only the beginning was read, the original stays in the mailbox");
    trust_result_clear(&trust);
}

void
intake_decide(const struct intake_question *question, struct intake_plan *plan_out)
{
    *plan_out = (struct intake_plan){.assignee_ids = g_array_new(FALSE, FALSE, sizeof(int64_t)),
                                     .watcher_ids = g_array_new(FALSE, FALSE, sizeof(int64_t)),
                                     .problems = g_ptr_array_new_with_free_func(g_free)};
    static const struct border nothing_proven = {0};
    g_auto(header_block_t) block;
    header_block_parse(question->head, question->head_len, &block);
    const struct border *border = question->border ? question->border : &nothing_proven;
    identity_read(&block, border, &plan_out->identity);
    plan_out->automatic = identity_automatic(
        &block, question->mail->subject, question->config ? question->config->address : NULL,
        question->mailbox ? question->mailbox->own_lists : NULL, &plan_out->automatic_sign);
    struct recipients recipients;
    recipients_read(question->mail, &block, question->mailbox, &recipients);
    decide_for_sender(question, &block, &recipients, plan_out);
    recipients_clear(&recipients);
}
