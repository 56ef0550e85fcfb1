/* follow.c - from events to notices: who hears of what, and when. Reads the event log by a cursor of its own;
 * a kill between two events repeats nothing, since notices and cursor commit together. */
#include "notify.h"

#include <cardpost/clean.h>
#include <cardpost/engine.h>
#include <cardpost/identity.h>

#define CURSOR           "notify"
#define EVENTS_AT_ONCE   500
#define ADMIN_AGAIN_S    3600
#define STRANGER_AGAIN_S 86400
#define HELD_AGAIN_S     86400
/* Comments of one sender on one card in a day that are told at once; further ones are told together, later.
 */
#define TALK_MAX     50
#define TALK_LAST    (4 * TALK_MAX) /* comments of the card that are looked at */
#define TALK_DAY_S   86400
#define TALK_AGAIN_S 3600

struct follower {
    struct notify *notify;
    struct store *store;
    const struct event *event;
    int64_t now;
};

static void
add(const struct follower *f, enum notice_kind kind, int64_t person_id, const char *address, int64_t delay_s)
{
    const struct event *event = f->event;
    struct notice notice = {.event_id = event->id,
                            .at = f->now,
                            .due_at = f->now + delay_s,
                            .kind = kind,
                            .person_id = person_id,
                            .address = (char *)(uintptr_t)address,
                            .card_id = event->card_id,
                            .comment_id = event->comment_id,
                            .held_id = event->held_id,
                            .detail = event->detail,
                            .input_seq = event->input_seq};
    notice_add(f->store, &notice);
}

/* Own actions never notify; whoever stood in To or Cc has the mail already. */
static bool
has_it_already(const struct follower *f, int64_t person_id)
{
    return person_id == f->event->actor_id ||
           (f->event->input_seq && heard_has(f->store, f->event->input_seq, person_id));
}

static void
tell(const struct follower *f, enum notice_kind kind, int64_t person_id, int64_t delay_s)
{
    if (!has_it_already(f, person_id))
        add(f, kind, person_id, NULL, delay_s);
}

static void
receipt(const struct follower *f)
{
    g_autoptr(person_t) person = f->event->actor_id ? person_get(f->store, f->event->actor_id) : NULL;
    if (person && person->is_active && person->wants_all_receipts && f->event->input_seq)
        add(f, NOTICE_RECEIPT, person->id, NULL, 0);
}

/* A card that no member has seen yet: the column's owner or the board's default assignee looks at it. */
static void
tell_triage(const struct follower *f)
{
    g_autoptr(card_t) card = card_get(f->store, f->event->card_id);
    g_autoptr(board_t) board =
        card && card->status == CARD_TRIAGE ? board_get(f->store, card->board_id) : NULL;
    const struct column *column = board ? board_column(board, card->column_id) : NULL;
    int64_t person_id = column && column->owner_id ? column->owner_id
                        : board                    ? board->default_assignee_id
                                                   : 0;
    if (person_id)
        tell(f, NOTICE_COMMENT, person_id, 0);
}

/* Two robots that answer each other without a mark go on for ever (attacks.md L08): whoever says that much is
 * told of once an hour, so that they come to rest and nothing is lost. */
static int64_t
talk_delay_s(const struct follower *f, const struct comment *comment)
{
    int64_t said =
        comment_count_of(f->store, comment->card_id, TALK_LAST, comment->author_address, f->now - TALK_DAY_S);
    int64_t settle_s = f->notify->config->settle_s;
    return said > TALK_MAX ? MAX(settle_s, TALK_AGAIN_S) : settle_s;
}

static void
tell_comment(const struct follower *f)
{
    g_autoptr(comment_t) comment = comment_get(f->store, f->event->comment_id);
    g_autoptr(GArray) everybody = card_everybody(f->store, f->event->card_id);
    int64_t delay_s = comment ? talk_delay_s(f, comment) : 0;
    for (guint i = 0; comment && i < everybody->len; i++) {
        int64_t id = g_array_index(everybody, int64_t, i);
        g_autoptr(person_t) person = person_get(f->store, id);
        if (person && engine_may_read_comment(f->store, person, comment) &&
            !card_is_muted(f->store, f->event->card_id, id))
            tell(f, NOTICE_COMMENT, id, delay_s);
    }
}

/* The description of a new card to somebody who now watches it. */
static void
tell_watcher(const struct follower *f)
{
    g_autoptr(GPtrArray) first = comment_list(f->store, f->event->card_id, 1);
    if (first->len == 0)
        return;
    struct event described = *f->event;
    described.comment_id = ((struct comment *)first->pdata[0])->id;
    struct follower with = *f;
    with.event = &described;
    tell(&with, NOTICE_COMMENT, f->event->subject_id, f->notify->config->settle_s);
}

/* An address that may be written to: no robot, not told within the last day. */
static bool
may_tell_address(const struct follower *f, const char *address)
{
    return clean_is_address(address) && !identity_is_robot_address(address) &&
           g_strcmp0(address, f->notify->config->address) != 0 &&
           !notice_stranger_told(f->store, address, f->now - STRANGER_AGAIN_S);
}

/* detail: catalogue key, argument, address (when it is no person), a line each */
static void
tell_refused(const struct follower *f)
{
    g_auto(GStrv) lines = g_strsplit(f->event->detail, "\n", 3);
    if (f->event->subject_id)
        add(f, NOTICE_REFUSED, f->event->subject_id, NULL, 0);
    else if (g_strv_length(lines) == 3 && may_tell_address(f, lines[2]))
        add(f, NOTICE_REFUSED, 0, lines[2], 0);
}

static void
tell_stranger(const struct follower *f)
{
    if (may_tell_address(f, f->event->detail))
        add(f, NOTICE_STRANGER_RECEIPT, 0, f->event->detail, 0);
}

/* While a question about the same token stands open, this person is asked again after a day at the earliest,
 * about all that wait by then: whoever finds a reply address does not fill anybody's mailbox with it. */
static void
ask_held(const struct follower *f, const struct held *held, int64_t person_id)
{
    int64_t last = notice_held_due(f->store, person_id, held);
    bool is_open = last && held_next(f->store, held->card_id, held->person_id) < held->id;
    if (!is_open)
        add(f, NOTICE_HELD, person_id, NULL, 0);
    else if (last <= f->now)
        add(f, NOTICE_HELD, person_id, NULL, MAX(last + HELD_AGAIN_S - f->now, 0));
}

/* The holder of the token and the members who have the card; the admins where that would be nobody. */
static void
tell_held(const struct follower *f)
{
    const struct held held = {
        .id = f->event->held_id, .card_id = f->event->card_id, .person_id = f->event->subject_id};
    g_autoptr(person_t) holder = person_get(f->store, f->event->subject_id);
    bool is_told = holder && engine_may_read(f->store, holder, f->event->card_id);
    if (is_told)
        ask_held(f, &held, f->event->subject_id);
    g_autoptr(GArray) everybody = card_everybody(f->store, f->event->card_id);
    for (guint i = 0; i < everybody->len; i++) {
        int64_t id = g_array_index(everybody, int64_t, i);
        g_autoptr(person_t) person = person_get(f->store, id);
        bool has_card = card_person_has(f->store, f->event->card_id, id, CARD_ASSIGNEE) ||
                        card_person_has(f->store, f->event->card_id, id, CARD_REQUESTER);
        if (person && person->is_active && person->role != ROLE_GUEST && has_card &&
            id != f->event->subject_id) {
            ask_held(f, &held, id);
            is_told = true;
        }
    }
    g_autoptr(GArray) admins = is_told ? NULL : person_admins(f->store);
    for (guint i = 0; admins && i < admins->len; i++)
        ask_held(f, &held, g_array_index(admins, int64_t, i));
}

/* Whoever answered a question about a held mail gets the next one at once. */
static void
tell_next_held(const struct follower *f)
{
    if (held_next(f->store, f->event->card_id, f->event->subject_id))
        add(f, NOTICE_HELD, f->event->actor_id, NULL, 0);
}

/* The address that is configured for it, else the people who are admins. */
static void
tell_admins(const struct follower *f)
{
    const char *address = f->notify->config->admin;
    if (notice_told_admins(f->store, f->event->detail, f->now - ADMIN_AGAIN_S))
        return;
    if (address) {
        g_autoptr(person_t) person = person_by_address(f->store, address);
        bool is_person = person && person->is_active;
        add(f, NOTICE_ADMIN, is_person ? person->id : 0, is_person ? NULL : address, 0);
        return;
    }
    g_autoptr(GArray) admins = person_admins(f->store);
    for (guint i = 0; i < admins->len; i++)
        add(f, NOTICE_ADMIN, g_array_index(admins, int64_t, i), NULL, 0);
}

static void
follow_one(const struct follower *f)
{
    switch (f->event->kind) {
    case EVENT_CARD_CREATED:
        receipt(f);
        tell_triage(f);
        break;
    case EVENT_COMMENTED:
        tell_comment(f);
        break;
    case EVENT_ASSIGNED:
        tell(f, NOTICE_ASSIGNED, f->event->subject_id, 0);
        break;
    case EVENT_WATCHED:
        tell_watcher(f);
        break;
    case EVENT_HELD:
        tell_held(f);
        break;
    case EVENT_REFUSED:
        tell_refused(f);
        break;
    case EVENT_STRANGER:
        tell_stranger(f);
        break;
    case EVENT_ADMIN:
        tell_admins(f);
        break;
    case EVENT_HELD_DECIDED:
        tell_next_held(f);
        break;
    case EVENT_COLUMN_ENTERED:
    case EVENT_MUTED:
    case EVENT_TEAM_CHANGED:
        break;
    }
}

bool
notify_follow(struct notify *notify, int64_t now, GError **error)
{
    int64_t at = cursor_get(notify->store, CURSOR);
    g_autoptr(GPtrArray) events = event_after(notify->store, at, EVENTS_AT_ONCE);
    if (!store_check(notify->store, error))
        return false;
    while (events->len > 0) {
        store_begin(notify->store);
        for (guint i = 0; i < events->len; i++) {
            struct follower f = {
                .notify = notify, .store = notify->store, .event = events->pdata[i], .now = now};
            follow_one(&f);
            at = f.event->id;
        }
        cursor_set(notify->store, CURSOR, at);
        if (!store_commit(notify->store, error))
            return false;
        g_ptr_array_unref(events);
        events = event_after(notify->store, at, EVENTS_AT_ONCE);
    }
    return store_check(notify->store, error);
}

bool
notify_admin(struct notify *notify, const char *text, int64_t now, GError **error)
{
    struct event event = {.at = now, .kind = EVENT_ADMIN, .detail = (char *)(uintptr_t)text};
    store_begin(notify->store);
    event_add(notify->store, &event);
    return store_commit(notify->store, error);
}
