/* card.c - what may happen to cards, and the events it leaves. Every change of a card goes through here. */
#include <cardpost/engine.h>

#include <cardpost/signed_id.h>

/* For structs that own their strings but only pass by on the way into the store, which copies. */
static char *
lent(const char *text)
{
    return (char *)(uintptr_t)text;
}

static int64_t
add_event(const struct engine_act *act, enum event_kind kind, const struct event *details)
{
    struct event event = *details;
    event.kind = kind;
    event.at = act->now;
    event.actor_id = act->person_id;
    event.input_seq = act->input_seq;
    return event_add(act->store, &event);
}

bool
engine_may_create(const struct engine_act *act, const struct board *board)
{
    if (act->trust >= TRUST_MEMBER)
        return true;
    return act->trust >= TRUST_UNVERIFIED && board->intake == INTAKE_ANYONE;
}

bool
engine_may_read(struct store *store, const struct person *person, int64_t card_id)
{
    if (!person->is_active)
        return false;
    return person->role != ROLE_GUEST || card_has_person(store, card_id, person->id);
}

bool
engine_may_comment(const struct engine_act *act, int64_t card_id)
{
    if (act->trust < TRUST_GUEST)
        return false;
    g_autoptr(person_t) person = person_get(act->store, act->person_id);
    return person && engine_may_read(act->store, person, card_id);
}

bool
engine_may_read_comment(struct store *store, const struct person *person, const struct comment *comment)
{
    if (!engine_may_read(store, person, comment->card_id))
        return false;
    if (person->role != ROLE_GUEST)
        return true;
    if (comment->is_internal)
        return false;
    if (comment->author_id == person->id)
        return true;
    if (comment->author_id == 0)
        return false;
    g_autoptr(person_t) author = person_get(store, comment->author_id);
    if (!author || author->role == ROLE_GUEST)
        return false;
    if (comment->parent_id == 0) {
        g_autoptr(GPtrArray) first = comment_list(store, comment->card_id, 1);
        bool is_description = first->len > 0 && ((struct comment *)first->pdata[0])->id == comment->id;
        return is_description && (card_person_has(store, comment->card_id, person->id, CARD_ASSIGNEE) ||
                                  card_person_has(store, comment->card_id, person->id, CARD_WATCHER));
    }
    g_autoptr(comment_t) parent = comment_get(store, comment->parent_id);
    return parent && parent->author_id == person->id;
}

static void
add_attachments(const struct engine_act *act, int64_t card_id, int64_t comment_id,
                const GPtrArray *attachments)
{
    for (guint i = 0; attachments && i < attachments->len; i++) {
        const struct mail_attachment *from = attachments->pdata[i];
        struct attachment to = {.card_id = card_id,
                                .comment_id = comment_id,
                                .input_seq = act->input_seq,
                                .part = from->part,
                                .name = from->name,
                                .type = from->type,
                                .declared_type = from->declared_type,
                                .sha256 = lent(from->sha256),
                                .size_bytes = from->size_bytes,
                                .is_inline = from->is_inline};
        attachment_add(act->store, &to);
    }
}

static int64_t
add_comment(const struct engine_act *act, int64_t card_id, const struct engine_words *words)
{
    struct comment comment = {.card_id = card_id,
                              .parent_id = words->parent_id,
                              .author_id = act->person_id,
                              .author_name = lent(words->author_name),
                              .author_address = lent(words->author_address),
                              .at = act->now,
                              .text = lent(words->text),
                              .quoted = lent(words->quoted),
                              .signature = lent(words->signature),
                              .is_unverified = act->trust < TRUST_SOURCE,
                              .input_seq = act->input_seq};
    int64_t id = comment_add(act->store, &comment);
    add_attachments(act, card_id, id, words->attachments);
    return id;
}

void
engine_assign(const struct engine_act *act, int64_t card_id, int64_t person_id)
{
    if (card_person_has(act->store, card_id, person_id, CARD_ASSIGNEE))
        return;
    card_person_add(act->store, card_id, person_id, CARD_ASSIGNEE, act->now);
    card_touch(act->store, card_id, act->now);
    add_event(act, EVENT_ASSIGNED, &(struct event){.card_id = card_id, .subject_id = person_id});
}

void
engine_watch(const struct engine_act *act, int64_t card_id, int64_t person_id)
{
    if (card_has_person(act->store, card_id, person_id))
        return;
    card_person_add(act->store, card_id, person_id, CARD_WATCHER, act->now);
    card_touch(act->store, card_id, act->now);
    add_event(act, EVENT_WATCHED, &(struct event){.card_id = card_id, .subject_id = person_id});
}

void
engine_mute(const struct engine_act *act, int64_t card_id)
{
    card_mute(act->store, card_id, act->person_id);
    add_event(act, EVENT_MUTED, &(struct event){.card_id = card_id, .subject_id = act->person_id});
}

/* Who gets a card that names nobody. */
static int64_t
fallback_assignee(const struct board *board, const struct column *column)
{
    return column->owner_id ? column->owner_id : board->default_assignee_id;
}

static void
assign_first(const struct engine_act *act, int64_t card_id, const struct board *board,
             const struct column *column, const GArray *assignee_ids)
{
    for (guint i = 0; assignee_ids && i < assignee_ids->len; i++)
        engine_assign(act, card_id, g_array_index(assignee_ids, int64_t, i));
    int64_t fallback = fallback_assignee(board, column);
    if ((!assignee_ids || assignee_ids->len == 0) && fallback)
        engine_assign(act, card_id, fallback);
}

/* Outlook hands these bytes back in answers, whatever a relay has done to the Message-IDs. */
static void
add_thread_index(const struct engine_act *act, int64_t card_id)
{
    g_autofree char *index = signed_thread_index(store_key(act->store), card_id, act->now);
    g_autofree char *key = g_strconcat("ti:", index, NULL);
    mail_key_add(act->store, key, &(struct mail_key){.card_id = card_id, .is_proven = true});
}

int64_t
engine_create_card(const struct engine_act *act, const struct engine_new_card *new_card,
                   const GArray *assignee_ids, const GArray *watcher_ids, int64_t *comment_out)
{
    g_autoptr(board_t) board = board_get(act->store, new_card->board_id);
    const struct column *column = NULL;
    if (board && board->columns->len > 0) {
        column = board_column(board, new_card->column_id);
        column = column ? column : board->columns->pdata[0];
    }
    if (!column)
        return 0;
    int64_t requester_id = new_card->requester_id ? new_card->requester_id : act->person_id;
    struct card card = {.board_id = board->id,
                        .column_id = column->id,
                        .title = lent(new_card->title),
                        .status = new_card->is_triage ? CARD_TRIAGE : CARD_OPEN,
                        .requester_id = requester_id,
                        .sender_address = lent(new_card->words.author_address),
                        .created_at = act->now,
                        .updated_at = act->now};
    int64_t id = card_add(act->store, &card);
    if (requester_id)
        card_person_add(act->store, id, requester_id, CARD_REQUESTER, act->now);
    *comment_out = add_comment(act, id, &new_card->words);
    add_thread_index(act, id);
    add_event(act, EVENT_CARD_CREATED, &(struct event){.card_id = id, .comment_id = *comment_out});
    add_event(act, EVENT_COLUMN_ENTERED, &(struct event){.card_id = id, .detail = column->key});
    if (!new_card->is_triage)
        assign_first(act, id, board, column, assignee_ids);
    if (requester_id != act->person_id)
        engine_watch(act, id, act->person_id);
    for (guint i = 0; watcher_ids && i < watcher_ids->len; i++)
        engine_watch(act, id, g_array_index(watcher_ids, int64_t, i));
    return id;
}

int64_t
engine_comment(const struct engine_act *act, int64_t card_id, const struct engine_words *words)
{
    int64_t id = add_comment(act, card_id, words);
    card_touch(act->store, card_id, act->now);
    add_event(act, EVENT_COMMENTED, &(struct event){.card_id = card_id, .comment_id = id});
    return id;
}

int64_t
engine_hold(const struct engine_act *act, int64_t card_id, int64_t holder_id, const char *sender)
{
    struct held held = {
        .input_seq = act->input_seq, .card_id = card_id, .person_id = holder_id, .sender = lent(sender)};
    int64_t id = held_add(act->store, &held, act->now);
    add_event(act, EVENT_HELD, &(struct event){.card_id = card_id, .held_id = id, .subject_id = holder_id});
    return id;
}

bool
engine_decide_held(const struct engine_act *act, const struct held *held, bool approved)
{
    if (held->is_decided)
        return false;
    held_decide(act->store, held->id, approved, act->person_id, act->now);
    add_event(act, EVENT_HELD_DECIDED,
              &(struct event){.card_id = held->card_id,
                              .held_id = held->id,
                              .subject_id = held->person_id,
                              .detail = lent(approved ? "approved" : "rejected")});
    return true;
}
