/* thread.c - which card a mail belongs to, by every key but the token (design section 6).
 *
 * A key only shows where a mail wants to go. It is followed if the sender takes part in the card or is a
 * member with access to it; ids learnt from an unproven mail are followed for that sender alone, since a
 * stranger could plant them. */
#include "intake_private.h"

#include <cardpost/engine.h>
#include <cardpost/signed_id.h>

/* Who asks: the From address, the person it belongs to (proven or not). */
struct asker {
    struct store *store;
    const char *address;
    const struct person *person;
};

static bool
may_follow(const struct asker *asker, int64_t card_id)
{
    g_autoptr(card_t) card = card_get(asker->store, card_id);
    if (!card)
        return false;
    if (asker->person && asker->person->is_active)
        return engine_may_read(asker->store, asker->person, card_id);
    return asker->address && card->requester_id == 0 && g_str_equal(card->sender_address, asker->address);
}

/* Follows to card_id if this sender may; otherwise remembers that there was a key. */
static bool
follow(const struct asker *asker, enum thread_rule rule, int64_t card_id, int64_t parent_id,
       struct thread_match *match)
{
    if (card_id <= 0)
        return false;
    if (!may_follow(asker, card_id)) {
        match->had_key = true;
        return false;
    }
    match->rule = rule;
    match->card_id = card_id;
    match->parent_id = parent_id;
    return true;
}

static int64_t
description_of(struct store *store, int64_t card_id)
{
    g_autoptr(GPtrArray) first = comment_list(store, card_id, 1);
    return first->len > 0 ? ((const struct comment *)first->pdata[0])->id : 0;
}

/* The comment a notice told of: an assignment shows the card's description, so an answer to it answers
 * whoever wrote that (a customer hears what the member says who got the card). */
static int64_t
comment_of_notice(struct store *store, const struct signed_id *id)
{
    struct notice *notice = id->notice_id ? notice_get(store, id->notice_id) : NULL;
    bool is_of_card = notice && notice->card_id == id->card_id;
    int64_t comment_id = is_of_card ? notice->comment_id : 0;
    if (is_of_card && notice->kind == NOTICE_ASSIGNED)
        comment_id = description_of(store, id->card_id);
    notice_free(notice);
    return comment_id;
}

static bool
try_signed(const struct asker *asker, const char *message_id, struct thread_match *match)
{
    struct signed_id id;
    if (!signed_id_read(store_key(asker->store), message_id, &id))
        return false;
    return follow(asker, THREAD_SIGNED_ID, id.card_id, comment_of_notice(asker->store, &id), match);
}

static bool
try_known(const struct asker *asker, const char *message_id, struct thread_match *match)
{
    g_autofree char *key = g_strconcat("id:", message_id, NULL);
    struct mail_key found;
    if (!mail_key_find(asker->store, key, &found))
        return false;
    bool is_theirs = found.is_proven || g_strcmp0(found.sender, asker->address) == 0;
    enum thread_rule rule = found.comment_id ? THREAD_KNOWN_ID : THREAD_REFERENCE;
    bool followed = is_theirs && follow(asker, rule, found.card_id, found.comment_id, match);
    g_free(found.sender);
    return followed;
}

typedef bool try_fn(const struct asker *asker, const char *message_id, struct thread_match *match);

/* In-Reply-To first, then References from the newest on. */
static bool
try_all(const struct asker *asker, const struct mail *mail, try_fn *try, struct thread_match *match)
{
    for (guint i = 0; i < mail->in_reply_to->len; i++)
        if (try(asker, mail->in_reply_to->pdata[i], match))
            return true;
    for (guint i = mail->references->len; i > 0; i--)
        if (try(asker, mail->references->pdata[i - 1], match))
            return true;
    return false;
}

static bool
try_index(const struct asker *asker, const struct mail *mail, struct thread_match *match)
{
    if (!mail->thread_index)
        return false;
    g_autofree char *key = g_strconcat("ti:", mail->thread_index, NULL);
    struct mail_key found;
    if (!mail_key_find(asker->store, key, &found))
        return false;
    g_free(found.sender);
    return found.is_proven && follow(asker, THREAD_INDEX, found.card_id, 0, match);
}

void
thread_find(const struct intake_question *question, const struct identity *identity, int64_t person_id,
            int64_t subject_card, struct thread_match *match_out)
{
    *match_out = (struct thread_match){0};
    if (!question->store)
        return;
    g_autoptr(person_t) person = person_id ? person_get(question->store, person_id)
                                           : person_by_address(question->store, identity->address);
    struct asker asker = {.store = question->store, .address = identity->address, .person = person};
    if (try_all(&asker, question->mail, try_signed, match_out) ||
        try_index(&asker, question->mail, match_out) || try_all(&asker, question->mail, try_known, match_out))
        return;
    follow(&asker, THREAD_SUBJECT, subject_card, 0, match_out);
}

bool
thread_is_own(const struct intake_question *question)
{
    struct signed_id id;
    return question->store && signed_id_read(store_key(question->store), question->mail->message_id, &id);
}

int64_t
thread_parent(const struct intake_question *question, int64_t card_id)
{
    const GPtrArray *ids = question->mail->in_reply_to;
    for (guint i = 0; i < ids->len; i++) {
        struct signed_id id;
        if (signed_id_read(store_key(question->store), ids->pdata[i], &id) && id.card_id == card_id)
            return comment_of_notice(question->store, &id);
        g_autofree char *key = g_strconcat("id:", (const char *)ids->pdata[i], NULL);
        struct mail_key found;
        if (!mail_key_find(question->store, key, &found))
            continue;
        g_free(found.sender);
        if (found.card_id == card_id)
            return found.comment_id;
    }
    return 0;
}

static void
learn_ids(struct store *store, const GPtrArray *ids, const struct mail_key *key)
{
    for (guint i = 0; i < ids->len; i++) {
        struct signed_id id;
        if (signed_id_read(store_key(store), ids->pdata[i], &id))
            continue;
        g_autofree char *name = g_strconcat("id:", (const char *)ids->pdata[i], NULL);
        mail_key_add(store, name, key);
    }
}

void
thread_learn(struct store *store, const struct mail *mail, const struct mail_key *key)
{
    if (mail->message_id) {
        g_autofree char *name = g_strconcat("id:", mail->message_id, NULL);
        mail_key_add(store, name, key);
    }
    struct mail_key reference = {.card_id = key->card_id, .is_proven = key->is_proven, .sender = key->sender};
    learn_ids(store, mail->in_reply_to, &reference);
    learn_ids(store, mail->references, &reference);
}
