/* trust.c - how sure it is who sent a mail (design section 7): From is not a login. */
#include "intake_private.h"

static enum trust
trust_of_role(enum role role)
{
    switch (role) {
    case ROLE_GUEST:
        return TRUST_GUEST;
    case ROLE_MEMBER:
        return TRUST_MEMBER;
    case ROLE_ADMIN:
        return TRUST_ADMIN;
    }
    return TRUST_UNVERIFIED;
}

static void
set_trust(struct intake_plan *plan, enum trust trust, const char *reason)
{
    plan->trust = trust;
    g_free(plan->trust_reason);
    plan->trust_reason = g_strdup(reason);
}

/* A verdict of the border: a known person is who he is, anybody else a proven stranger. */
static void
trust_by_verdict(struct intake_plan *plan, const struct trust_result *result)
{
    const struct person *person = result->person;
    set_trust(plan, person && person->is_active ? trust_of_role(person->role) : TRUST_UNVERIFIED,
              plan->identity.reason);
    if (person && person->is_active)
        plan->person_id = person->id;
}

/* A token made for the address in From proves a guest or member, never an admin. */
static void
trust_by_token(struct intake_plan *plan, const struct trust_result *result)
{
    enum trust trust = trust_of_role(result->person->role);
    set_trust(plan, MIN(trust, TRUST_MEMBER), "reply token made for this address");
    plan->person_id = result->person->id;
}

static bool
is_made_for(const struct token *token, const struct person *person)
{
    return person && person->is_active && token->person_id == person->id;
}

/* A wrong token is as none, also beside a valid one. Of several of one card the sender's own counts: a reply
 * to all brings other people's along. */
static void
find_tokens(const struct intake_question *question, const struct recipients *recipients,
            struct intake_plan *plan, struct trust_result *out)
{
    for (guint i = 0; i < recipients->tokens->len; i++) {
        const char *text = recipients->tokens->pdata[i];
        struct token token;
        if (!token_find(question->store, text, question->now, &token))
            continue;
        out->has_two_cards = out->has_two_cards || (out->has_token && token.card_id != out->token.card_id);
        if (!out->has_token || (!is_made_for(&out->token, out->person) && is_made_for(&token, out->person))) {
            out->has_token = true;
            out->token = token;
            g_free(plan->token);
            plan->token = g_strdup(text);
        }
    }
}

void
trust_compute(const struct intake_question *question, const struct recipients *recipients,
              struct intake_plan *plan, struct trust_result *out)
{
    *out = (struct trust_result){0};
    set_trust(plan, TRUST_UNVERIFIED, plan->identity.reason);
    if (question->store) {
        out->person = person_by_address(question->store, plan->identity.address);
        find_tokens(question, recipients, plan, out);
    }
    bool is_theirs = out->has_token && is_made_for(&out->token, out->person);
    out->token_is_others = out->has_token && !is_theirs;
    if (plan->identity.is_broken || plan->identity.verdict == IDENTITY_FAIL)
        set_trust(plan, TRUST_NONE, plan->identity.reason);
    else if (plan->identity.verdict == IDENTITY_PASS)
        trust_by_verdict(plan, out);
    else if (question->is_released)
        set_trust(plan, TRUST_UNVERIFIED, "released by hand");
    else if (is_theirs)
        trust_by_token(plan, out);
}

void
trust_result_clear(struct trust_result *result)
{
    person_free(result->person);
}
