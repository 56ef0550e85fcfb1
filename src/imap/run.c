/* run.c - the life of the process: connect, tell what is there, fetch what core wants, settle what it has
 * done, wait; again after every failure by the rules of mail.md section 4. */
#include "session.h"

#include <cardpost/caps.h>
#include <cardpost/clock.h>
#include <cardpost/error.h>
#include <cardpost/log.h>
#include <cardpost/secret.h>
#include <cardpost/source.h>

#include <string.h>
#include <sysexits.h>

#define FETCH_MAX_MAILS 100
#define SETTLE_RETRY_MS 60000
#define SETTLE_MAX      200

struct watcher {
    const struct imap_service *service;
    const struct config_mailbox *mailbox;
    struct frame_channel *core;
    const volatile int *stop;
    struct session *session;
    int64_t uidvalidity;     /* of the session before this one; 0 none */
    GPtrArray *to_settle;    /* char *: orders of this session not carried out yet */
    int64_t settle_at;       /* clock_monotonic_ms: not before, after a folder that could not be used */
    GHashTable *liars;       /* UIDs whose RFC822.SIZE was a lie: fetched in part */
    GHashTable *unreadable;  /* UIDs the server would not give: said once, asked for again each round */
    uint32_t lowest_refused; /* of them, in this scan; 0 none */
    bool one_by_one;         /* after a literal over its bound: to find the liar */
    bool core_gone;
    bool was_up; /* the login worked since it was last refused */
    int failures;
};

static bool
is_over(const struct watcher *w)
{
    return *w->stop || w->core_gone;
}

static void
add_orders(struct watcher *w, const struct frame *frame)
{
    GPtrArray *refs = source_decode_refs(frame);
    if (!refs) {
        w->core_gone = true;
        return;
    }
    while (refs->len > 0)
        g_ptr_array_add(w->to_settle, g_ptr_array_steal_index(refs, 0));
    g_ptr_array_unref(refs);
}

/* Reads core's frames: settle orders are kept; any other is handed out (FRAME_READY). FRAME_NONE: nothing
 * (more). */
static enum frame_status
next_word(struct watcher *w, int timeout_ms, struct frame *frame)
{
    for (;;) {
        enum frame_status status = frame_receive(w->core, timeout_ms, frame);
        if (status == FRAME_CLOSED || status == FRAME_BAD)
            w->core_gone = true;
        if (status != FRAME_READY || frame->type != SOURCE_SETTLE)
            return status;
        add_orders(w, frame);
        if (w->core_gone)
            return FRAME_BAD;
    }
}

/* Core's answer of one of two types; false: core is gone or says something else. */
static bool
await(struct watcher *w, struct frame *frame)
{
    while (!is_over(w)) {
        enum frame_status status = next_word(w, 1000, frame);
        if (status == FRAME_READY)
            return true;
    }
    return false;
}

static void
tell_state(struct watcher *w, enum source_state state, const char *detail, const char *mend)
{
    if (!source_send_state(w->core, state, detail, mend))
        w->core_gone = true;
}

/* ---- settling */

/* What `status` shows. */
static const char *
watching(struct session *session)
{
    if (!session->mailbox->done_folder)
        return "watching";
    if (session->is_read_only)
        return "watching; the folder is read-only: mails are only remembered";
    if (!settle_can_move(session))
        return "watching; the server can neither MOVE nor mark and UID EXPUNGE: mails are only remembered";
    return "watching";
}

/* What cannot be moved stays in hand: core gives no more orders than SOURCE_LIST_MAX at a time. */
static void
report_unmoved(struct watcher *w, const char *mend)
{
    if (w->settle_at == 0)
        log_warning("imap.settle", "mailbox", w->mailbox->name, "why", mend, NULL);
    tell_state(w, SOURCE_UP, "watching; processed mails stay where they are", mend);
    w->settle_at = clock_monotonic_ms() + SETTLE_RETRY_MS;
}

/* The orders at hand, SETTLE_MAX a command. */
static bool
settle(struct watcher *w, GError **error)
{
    while (w->to_settle->len > 0 && clock_monotonic_ms() >= w->settle_at && !is_over(w)) {
        g_autoptr(GPtrArray) some = g_ptr_array_new();
        guint n = MIN(w->to_settle->len, SETTLE_MAX);
        for (guint i = 0; i < n; i++)
            g_ptr_array_add(some, g_ptr_array_index(w->to_settle, i));
        g_autofree char *mend = NULL;
        bool could_move = settle_can_move(w->session);
        if (!settle_mails(w->session, some, &mend, error))
            return false;
        if (mend) {
            report_unmoved(w, mend);
            return true;
        }
        if (w->settle_at > 0 || could_move != settle_can_move(w->session))
            tell_state(w, SOURCE_UP, watching(w->session), NULL);
        w->settle_at = 0;
        if (!source_send_refs(w->core, SOURCE_SETTLED, (char *const *)some->pdata, some->len))
            w->core_gone = true;
        g_ptr_array_remove_range(w->to_settle, 0, n);
    }
    return true;
}

/* ---- fetching */

static bool
is_oversize(const struct watcher *w, const struct listed *item)
{
    return item->size > w->mailbox->max_mail_bytes ||
           g_hash_table_contains(w->liars, GUINT_TO_POINTER(item->uid));
}

/* After a literal over its bound: the next try goes one by one, and one alone is the liar. */
static void
suspect(struct watcher *w, const GArray *batch)
{
    if (w->session->verdict != GUARD_LITERAL)
        return;
    if (batch->len == 1)
        g_hash_table_add(w->liars, GUINT_TO_POINTER(g_array_index(batch, struct listed, 0).uid));
    w->one_by_one = batch->len > 1;
}

static void
note_refused(struct watcher *w, uint32_t uid, const GError *why)
{
    if (g_hash_table_add(w->unreadable, GUINT_TO_POINTER(uid)))
        log_warning("imap.unreadable", "mailbox", w->mailbox->name, "uid", log_int(uid).text, "why",
                    why->message, NULL);
    if (w->lowest_refused == 0 || uid < w->lowest_refused)
        w->lowest_refused = uid;
}

/* One command; a NO to one mail alone is noted, and the mail asked for again another time. */
static bool
fetch_once(struct watcher *w, struct fetch *fetch, bool *refused_out, GError **error)
{
    GError *failure = NULL;
    *refused_out = false;
    if (fetch_mails(w->session, fetch, &failure))
        return true;
    *refused_out = g_error_matches(failure, CARDPOST_ERROR, CARDPOST_ERROR_REFUSED);
    if (*refused_out && fetch->items->len == 1)
        note_refused(w, g_array_index(fetch->items, struct listed, 0).uid, failure);
    if (!*refused_out) {
        suspect(w, fetch->items);
        g_propagate_error(error, failure);
        return false;
    }
    g_error_free(failure);
    return true;
}

/* What did not come of a batch that was answered with NO: one by one, so that no mail keeps others waiting.
 */
static bool
fetch_singly(struct watcher *w, const struct fetch *batch, GError **error)
{
    for (guint i = 0; i < batch->items->len && !is_over(w); i++) {
        struct listed item = g_array_index(batch->items, struct listed, i);
        if (g_hash_table_contains(batch->came, GUINT_TO_POINTER(item.uid)))
            continue;
        g_autoptr(GArray) alone = g_array_new(FALSE, FALSE, sizeof item);
        g_array_append_val(alone, item);
        struct fetch fetch = *batch;
        bool refused;
        fetch.items = alone;
        if (!fetch_once(w, &fetch, &refused, error))
            return false;
        w->core_gone = w->core_gone || fetch.core_gone;
        if (refused)
            g_hash_table_add(batch->came, GUINT_TO_POINTER(item.uid)); /* not here, but not gone */
    }
    return true;
}

/* UIDs that did not come, though the server said OK, are added to gone. */
static bool
fetch_batch(struct watcher *w, const GArray *batch, bool is_partial, GPtrArray *gone, GError **error)
{
    g_autoptr(GHashTable) came = g_hash_table_new(NULL, NULL);
    struct fetch fetch = {.items = batch, .is_partial = is_partial, .core = w->core, .came = came};
    bool refused;
    bool done = fetch_once(w, &fetch, &refused, error);
    w->core_gone = w->core_gone || fetch.core_gone;
    if (done && refused && batch->len > 1)
        done = fetch_singly(w, &fetch, error);
    for (guint i = 0; done && !is_over(w) && !(refused && batch->len == 1) && i < batch->len; i++) {
        uint32_t uid = g_array_index(batch, struct listed, i).uid;
        if (!g_hash_table_contains(came, GUINT_TO_POINTER(uid)))
            g_ptr_array_add(gone, g_strdup_printf("%u", uid));
    }
    return done;
}

/* From *at on, as many as go into one command: of one kind, bounded in number and bytes. */
static GArray *
next_batch(const struct watcher *w, const GArray *wanted, guint *at, bool *is_partial_out)
{
    GArray *batch = g_array_new(FALSE, FALSE, sizeof(struct listed));
    guint most = w->one_by_one ? 1 : FETCH_MAX_MAILS;
    int64_t bytes = 0;
    *is_partial_out = is_oversize(w, &g_array_index(wanted, struct listed, *at));
    while (*at < wanted->len && batch->len < most && bytes < CAP_BATCH_BYTES) {
        struct listed item = g_array_index(wanted, struct listed, *at);
        if (is_oversize(w, &item) != *is_partial_out)
            break;
        g_array_append_val(batch, item);
        bytes += *is_partial_out ? CAP_OVERSIZE_FETCH_BYTES : item.size;
        ++*at;
    }
    return batch;
}

/* The wanted mails of a list, in its order. Orders to settle are carried out in between. */
static bool
fetch_wanted(struct watcher *w, const GArray *wanted, GError **error)
{
    g_autoptr(GPtrArray) gone = g_ptr_array_new_with_free_func(g_free);
    for (guint at = 0; at < wanted->len && !is_over(w);) {
        bool is_partial;
        g_autoptr(GArray) batch = next_batch(w, wanted, &at, &is_partial);
        struct frame frame;
        if (!fetch_batch(w, batch, is_partial, gone, error))
            return false;
        while (!w->core_gone && next_word(w, 0, &frame) == FRAME_READY)
            w->core_gone = true; /* nothing but settle orders is due now */
        if (!settle(w, error))
            return false;
    }
    if (gone->len > 0 && !is_over(w))
        w->core_gone = !source_send_refs(w->core, SOURCE_GONE, (char *const *)gone->pdata, gone->len);
    return true;
}

/* The items of the list that core named, in core's order. */
static GArray *
items_of(const GPtrArray *refs, const struct listed *items, guint n)
{
    GArray *wanted = g_array_new(FALSE, FALSE, sizeof(struct listed));
    for (guint r = 0; r < refs->len; r++) {
        uint64_t uid = g_ascii_strtoull(refs->pdata[r], NULL, 10);
        for (guint i = 0; i < n; i++)
            if (items[i].uid == uid) {
                g_array_append_val(wanted, items[i]);
                break;
            }
    }
    return wanted;
}

static bool
answer_keys(struct watcher *w, const GPtrArray *refs, GError **error)
{
    g_autoptr(GArray) uids = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    g_autoptr(GPtrArray) known = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < refs->len; i++) {
        uint32_t uid = (uint32_t)g_ascii_strtoull(refs->pdata[i], NULL, 10);
        g_array_append_val(uids, uid);
    }
    if (uids->len > 0 && !fetch_keys(w->session, uids, known, keys, error))
        return false;
    if (!source_send_keys(w->core, (char *const *)known->pdata, (char *const *)keys->pdata, known->len))
        w->core_gone = true;
    return true;
}

static bool
send_list(struct watcher *w, const struct listed *items, guint n)
{
    g_autofree struct source_item *list = g_new0(struct source_item, n);
    for (guint i = 0; i < n; i++) {
        list[i].ref = g_strdup_printf("%u", items[i].uid);
        list[i].size_bytes = items[i].size;
    }
    bool sent = source_send_list(w->core, list, n);
    for (guint i = 0; i < n; i++)
        g_free(list[i].ref);
    w->core_gone = w->core_gone || !sent;
    return sent;
}

/* One list to core, and what it says about it. */
static bool
offer(struct watcher *w, const struct listed *items, guint n, GError **error)
{
    struct frame frame;
    if (!send_list(w, items, n))
        return true;
    while (await(w, &frame)) {
        g_autoptr(GPtrArray) refs =
            frame.type == SOURCE_WANT || frame.type == SOURCE_WANT_KEYS ? source_decode_refs(&frame) : NULL;
        if (!refs) {
            w->core_gone = true;
            return true;
        }
        if (frame.type == SOURCE_WANT_KEYS) {
            if (!answer_keys(w, refs, error))
                return false;
            continue;
        }
        g_autoptr(GArray) wanted = items_of(refs, items, n);
        return fetch_wanted(w, wanted, error);
    }
    return true;
}

/* Everything from `next` on. The next scan begins after it, or at the first mail the server would not give.
 */
static bool
scan(struct watcher *w, uint32_t next, GError **error)
{
    session_clear_news(w->session);
    g_autoptr(GArray) items = fetch_list(w->session, next, error);
    if (!items)
        return false;
    w->lowest_refused = 0;
    for (guint i = 0; i < items->len && !is_over(w); i += SOURCE_LIST_MAX) {
        guint n = MIN(items->len - i, (guint)SOURCE_LIST_MAX);
        if (!offer(w, &g_array_index(items, struct listed, i), n, error) || !settle(w, error))
            return false;
        if (w->lowest_refused == 0)
            w->session->last_uid = g_array_index(items, struct listed, i + n - 1).uid;
    }
    if (w->lowest_refused > 0)
        w->session->last_uid = w->lowest_refused - 1;
    w->one_by_one = w->one_by_one && is_over(w);
    return true;
}

/* OPEN and core's RESUME. */
static bool
resume(struct watcher *w, uint32_t *next_out)
{
    struct frame frame;
    int64_t next = 1;
    /* Under another UIDVALIDITY all these would name other mails. */
    g_ptr_array_set_size(w->to_settle, 0);
    w->settle_at = 0;
    if (w->uidvalidity != w->session->uidvalidity) {
        g_hash_table_remove_all(w->liars);
        g_hash_table_remove_all(w->unreadable);
    }
    w->uidvalidity = w->session->uidvalidity;
    if (!source_send_open(w->core, w->session->uidvalidity, w->session->uidnext)) {
        w->core_gone = true;
        return false;
    }
    while (await(w, &frame))
        if (frame.type == SOURCE_RESUME) {
            if (!source_decode_number(&frame, &next))
                w->core_gone = true;
            *next_out = (uint32_t)CLAMP(next, 1, G_MAXUINT32);
            return !w->core_gone;
        }
    return false;
}

/* Waits for what comes next; news and the end of the time mean a look at the folder. */
static bool
wait_online(struct watcher *w, bool *look_out, GError **error)
{
    int64_t wait_ms =
        (int64_t)(session_has_idle(w->session) ? w->mailbox->idle_s : w->mailbox->poll_s) * 1000;
    if (w->to_settle->len > 0)
        wait_ms = CLAMP(w->settle_at - clock_monotonic_ms(), 0, wait_ms);
    *look_out = true;
    if (session_has_news(w->session))
        return true;
    enum idle_end end = idle_wait(w->session, w->core, wait_ms, w->stop, error);
    *look_out = end == IDLE_NEWS || end == IDLE_TIME;
    if (end == IDLE_TIME && !session_command(w->session, "NOOP", 0, error))
        return false;
    return end != IDLE_LOST && end != IDLE_STOP;
}

/* Round after round: settle, wait, look for new mails. Returns when the connection is lost or all is over. */
static void
serve(struct watcher *w, GError **error)
{
    uint32_t next = 1;
    if (!resume(w, &next))
        return;
    w->session->last_uid = next - 1;
    tell_state(w, SOURCE_CONNECTING, "reading what is there", NULL);
    bool look = true, is_told = false;
    while (!is_over(w)) {
        struct frame frame;
        if (look && w->session->last_uid < G_MAXUINT32 && !scan(w, w->session->last_uid + 1, error))
            return;
        if (!is_told && w->settle_at == 0)
            tell_state(w, SOURCE_UP, watching(w->session), NULL);
        is_told = true;
        while (!w->core_gone && next_word(w, 0, &frame) == FRAME_READY)
            w->core_gone = true; /* nothing but settle orders is due now */
        if (is_over(w) || !settle(w, error) || !wait_online(w, &look, error))
            return;
    }
}

/* ---- again and again */

/* Refused for good: an admin must mend it. One refusal after a login that worked is no proof (some providers
 * refuse now and then). */
static bool
is_refused(struct watcher *w, const GError *error)
{
    bool refused = !g_error_matches(error, CARDPOST_ERROR, CARDPOST_ERROR_TEMPORARY);
    bool doubted = refused && w->was_up;
    if (doubted) {
        w->was_up = false;
        w->failures = MAX(w->failures, 1); /* no immediate retry */
    }
    return refused && !doubted;
}

static int64_t
retry_delay_ms(struct watcher *w, bool refused, const GError *error)
{
    const struct imap_timing *timing = w->service->timing;
    if (refused && !g_error_matches(error, CARDPOST_ERROR, CARDPOST_ERROR_NOT_FOUND))
        return timing->retry_refused_ms;
    if (++w->failures == 1)
        return timing->retry_once_ms;
    int64_t delay_ms = timing->retry_first_ms;
    for (int i = 2; i < w->failures && delay_ms < timing->retry_most_ms; i++)
        delay_ms *= 2;
    delay_ms = MIN(delay_ms, timing->retry_most_ms);
    return delay_ms + g_random_int_range(0, (gint32)(delay_ms / 10) + 1);
}

static void
report_failure(struct watcher *w, const GError *error, bool refused, int64_t delay_ms)
{
    log_warning(refused ? "imap.refused" : "imap.lost", "mailbox", w->mailbox->name, "why", error->message,
                "retry_s", log_int(delay_ms / 1000).text, NULL);
    tell_state(w, refused ? SOURCE_REFUSED : SOURCE_DOWN, error->message,
               refused ? "mend user, password, certificate or folder; `cardpost check` tries each step"
                       : NULL);
}

/* Orders that come without a connection are dropped: they hold for the session they were given in, and core
 * repeats them after the next OPEN. */
static void
wait_offline(struct watcher *w, int64_t delay_ms)
{
    int64_t until_ms = clock_monotonic_ms() + delay_ms;
    while (!is_over(w) &&
           idle_wait(NULL, w->core, until_ms - clock_monotonic_ms(), w->stop, NULL) == IDLE_CORE) {
        struct frame frame;
        while (!w->core_gone && next_word(w, 0, &frame) == FRAME_READY)
            ;
    }
}

static void
log_connected(struct watcher *w)
{
    log_info("imap.connected", "mailbox", w->mailbox->name, "host", w->mailbox->server.host, "uidvalidity",
             log_int(w->session->uidvalidity).text, "idle", session_has_idle(w->session) ? "yes" : "no",
             "settle", watching(w->session), NULL);
}

static void
connect_and_serve(struct watcher *w, GError **error)
{
    tell_state(w, SOURCE_CONNECTING, w->mailbox->server.host, NULL);
    char *secret = w->service->secret(w->service->secret_data);
    if (!secret) {
        g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_NOT_FOUND, "no password or token to be had");
        return;
    }
    w->session = session_open(w->mailbox, secret, w->service, NULL, error);
    secret_free(secret);
    if (!w->session)
        return;
    int64_t up_at = clock_monotonic_ms();
    w->was_up = true;
    log_connected(w);
    serve(w, error);
    if (clock_monotonic_ms() - up_at >= w->service->timing->stable_ms)
        w->failures = 0;
    g_clear_pointer(&w->session, session_close);
}

int
imap_serve(const struct imap_service *service)
{
    struct watcher w = {.service = service,
                        .mailbox = service->mailbox,
                        .core = service->core,
                        .stop = service->stop,
                        .to_settle = g_ptr_array_new_with_free_func(g_free),
                        .liars = g_hash_table_new(NULL, NULL),
                        .unreadable = g_hash_table_new(NULL, NULL)};
    while (!is_over(&w)) {
        g_autoptr(GError) error = NULL;
        connect_and_serve(&w, &error);
        if (is_over(&w))
            break;
        if (!error)
            g_set_error(&error, CARDPOST_ERROR, CARDPOST_ERROR_TEMPORARY, "the connection ended");
        bool refused = is_refused(&w, error);
        int64_t delay_ms = retry_delay_ms(&w, refused, error);
        report_failure(&w, error, refused, delay_ms);
        wait_offline(&w, delay_ms);
    }
    g_ptr_array_unref(w.to_settle);
    g_hash_table_unref(w.liars);
    g_hash_table_unref(w.unreadable);
    return EX_OK;
}

int
imap_run(const struct config_mailbox *mailbox, imap_secret_fn *secret, void *secret_data,
         struct frame_channel *core, const volatile int *stop)
{
    const struct imap_service service = {.mailbox = mailbox,
                                         .secret = secret,
                                         .secret_data = secret_data,
                                         .core = core,
                                         .stop = stop,
                                         .timing = &imap_timing_default};
    return imap_serve(&service);
}
