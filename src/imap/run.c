/* run.c - the life of the process: connect, tell what is there, fetch what core wants, settle what it has
 * done, wait; again after every failure by the rules of mail.md section 4. */
#include "session.h"

#include <cardpost/caps.h>
#include <cardpost/error.h>
#include <cardpost/log.h>
#include <cardpost/secret.h>
#include <cardpost/source.h>

#include <string.h>
#include <sysexits.h>

#define FETCH_MAX_MAILS 100
#define RETRY_FIRST_S   60
#define RETRY_LAST_S    900
#define REFUSED_RETRY_S 3600
#define SETTLE_RETRY_S  60
#define SETTLE_MAX      200

struct watcher {
    const struct config_mailbox *mailbox;
    imap_secret_fn *secret;
    void *secret_data;
    struct frame_channel *core;
    const volatile int *stop;
    struct session *session;
    GPtrArray *to_settle; /* char *: orders not carried out yet */
    int64_t settle_after; /* monotonic ms: a folder that cannot be used is tried again then */
    GHashTable *liars;    /* UIDs whose RFC822.SIZE was a lie: fetched in part */
    bool one_by_one;      /* after a literal over its bound: to find the liar */
    bool core_gone;
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

/* The orders at hand, SETTLE_MAX a command. */
static bool
settle(struct watcher *w, int64_t now_ms, GError **error)
{
    while (w->to_settle->len > 0 && now_ms >= w->settle_after && !is_over(w)) {
        g_autoptr(GPtrArray) some = g_ptr_array_new_with_free_func(g_free);
        while (w->to_settle->len > 0 && some->len < SETTLE_MAX)
            g_ptr_array_add(some, g_ptr_array_steal_index(w->to_settle, 0));
        g_autofree char *mend = NULL;
        if (!settle_mails(w->session, some, &mend, error))
            return false;
        if (mend) {
            log_warning("imap.settle", "mailbox", w->mailbox->name, "why", mend, NULL);
            tell_state(w, SOURCE_UP, "watching", mend);
            while (some->len > 0)
                g_ptr_array_add(w->to_settle, g_ptr_array_steal_index(some, 0));
            w->settle_after = now_ms + SETTLE_RETRY_S * 1000;
        } else if (!source_send_refs(w->core, SOURCE_SETTLED, (char *const *)some->pdata, some->len)) {
            w->core_gone = true;
        }
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

static bool
fetch_batch(struct watcher *w, const GArray *batch, bool is_partial, GPtrArray *gone, GError **error)
{
    struct fetch fetch = {.items = batch, .is_partial = is_partial, .core = w->core};
    bool core_gone = false;
    bool done = fetch_mails(w->session, &fetch, gone, &core_gone, error);
    w->core_gone = w->core_gone || core_gone;
    if (!done)
        suspect(w, batch);
    return done;
}

/* The wanted mails of a list, in its order, in batches of equal kind. */
static bool
fetch_wanted(struct watcher *w, const GArray *wanted, GError **error)
{
    g_autoptr(GPtrArray) gone = g_ptr_array_new_with_free_func(g_free);
    guint i = 0;
    while (i < wanted->len && !is_over(w)) {
        g_autoptr(GArray) batch = g_array_new(FALSE, FALSE, sizeof(struct listed));
        bool is_partial = is_oversize(w, &g_array_index(wanted, struct listed, i));
        int64_t bytes = 0;
        guint most = w->one_by_one ? 1 : FETCH_MAX_MAILS;
        while (i < wanted->len && batch->len < most && bytes < CAP_BATCH_BYTES) {
            const struct listed *item = &g_array_index(wanted, struct listed, i);
            if (is_oversize(w, item) != is_partial)
                break;
            g_array_append_val(batch, *item);
            bytes += is_partial ? CAP_OVERSIZE_FETCH_BYTES : item->size;
            i++;
        }
        if (!fetch_batch(w, batch, is_partial, gone, error))
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

/* Everything from `next` on. */
static bool
scan(struct watcher *w, uint32_t next, GError **error)
{
    g_autoptr(GArray) items = fetch_list(w->session, next, error);
    if (!items)
        return false;
    for (guint i = 0; i < items->len && !is_over(w); i += SOURCE_LIST_MAX) {
        guint n = MIN(items->len - i, (guint)SOURCE_LIST_MAX);
        if (!offer(w, &g_array_index(items, struct listed, i), n, error) || !settle(w, G_MAXINT64 / 2, error))
            return false;
        w->session->last_uid = g_array_index(items, struct listed, i + n - 1).uid;
    }
    w->one_by_one = w->one_by_one && is_over(w);
    return true;
}

/* OPEN and core's RESUME. */
static bool
resume(struct watcher *w, uint32_t *next_out)
{
    struct frame frame;
    int64_t next = 1;
    if (!source_send_open(w->core, w->session->uidvalidity)) {
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

/* Round after round: settle, wait, look for new mails. Returns when the connection is lost or all is over. */
static void
serve(struct watcher *w, GError **error)
{
    uint32_t next = 1;
    if (!resume(w, &next) || !scan(w, next, error))
        return;
    while (!is_over(w)) {
        struct frame frame;
        while (!w->core_gone && next_word(w, 0, &frame) == FRAME_READY)
            w->core_gone = true; /* nothing but settle orders is due now */
        if (is_over(w) || !settle(w, w->settle_after ? g_get_monotonic_time() / 1000 : 0, error))
            return;
        int seconds = session_has(w->session, "IDLE") ? w->mailbox->idle_s : w->mailbox->poll_s;
        if (w->to_settle->len > 0)
            seconds = MIN(seconds, SETTLE_RETRY_S);
        enum idle_end end = idle_wait(w->session, w->core, seconds, w->stop, error);
        if (end == IDLE_LOST || end == IDLE_STOP)
            return;
        if (end == IDLE_TIME && !session_command(w->session, "NOOP", 0, error))
            return;
        if (end != IDLE_CORE && w->session->last_uid < G_MAXUINT32 &&
            !scan(w, w->session->last_uid + 1, error))
            return;
    }
}

/* ---- again and again */

static int
seconds_to_wait(struct watcher *w, const GError *error)
{
    w->failures++;
    if (!g_error_matches(error, CARDPOST_ERROR, CARDPOST_ERROR_TEMPORARY))
        return REFUSED_RETRY_S;
    if (w->failures == 1)
        return 1;
    int seconds = RETRY_FIRST_S;
    for (int i = 2; i < w->failures && seconds < RETRY_LAST_S; i++)
        seconds *= 2;
    return MIN(seconds, RETRY_LAST_S) + g_random_int_range(0, seconds / 10 + 1);
}

static void
report_failure(struct watcher *w, const GError *error, int seconds)
{
    bool refused = !g_error_matches(error, CARDPOST_ERROR, CARDPOST_ERROR_TEMPORARY);
    log_warning(refused ? "imap.refused" : "imap.lost", "mailbox", w->mailbox->name, "why", error->message,
                "retry_s", log_int(seconds).text, NULL);
    tell_state(w, refused ? SOURCE_REFUSED : SOURCE_DOWN, error->message,
               refused ? "mend user, password, certificate or folder; `cardpost check` tries each step"
                       : NULL);
}

/* Orders that come while there is no connection are kept for the next. */
static void
wait_offline(struct watcher *w, int seconds)
{
    gint64 until = g_get_monotonic_time() + (gint64)seconds * G_USEC_PER_SEC;
    while (!is_over(w)) {
        int left = (int)((until - g_get_monotonic_time()) / G_USEC_PER_SEC) + 1;
        struct frame frame;
        enum idle_end end = idle_wait(NULL, w->core, left, w->stop, NULL);
        if (end != IDLE_CORE)
            return;
        while (!w->core_gone && next_word(w, 0, &frame) == FRAME_READY)
            w->core_gone = true;
    }
}

static void
connect_and_serve(struct watcher *w, GError **error)
{
    tell_state(w, SOURCE_CONNECTING, w->mailbox->server.host, NULL);
    char *secret = w->secret(w->secret_data);
    if (!secret) {
        g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_TEMPORARY, "no password or token to be had");
        return;
    }
    w->session = session_open(w->mailbox, secret, true, NULL, NULL, error);
    secret_free(secret);
    if (!w->session)
        return;
    w->failures = 0;
    log_info("imap.connected", "mailbox", w->mailbox->name, "host", w->mailbox->server.host, "uidvalidity",
             log_int(w->session->uidvalidity).text, "idle", session_has(w->session, "IDLE") ? "yes" : "no",
             "read_only", w->session->is_read_only ? "yes" : "no", NULL);
    tell_state(w, SOURCE_UP, "watching", NULL);
    serve(w, error);
    g_clear_pointer(&w->session, session_close);
}

int
imap_run(const struct config_mailbox *mailbox, imap_secret_fn *secret, void *secret_data,
         struct frame_channel *core, const volatile int *stop)
{
    struct watcher w = {.mailbox = mailbox,
                        .secret = secret,
                        .secret_data = secret_data,
                        .core = core,
                        .stop = stop,
                        .to_settle = g_ptr_array_new_with_free_func(g_free),
                        .liars = g_hash_table_new(NULL, NULL)};
    while (!is_over(&w)) {
        g_autoptr(GError) error = NULL;
        connect_and_serve(&w, &error);
        if (is_over(&w))
            break;
        if (!error)
            g_set_error(&error, CARDPOST_ERROR, CARDPOST_ERROR_TEMPORARY, "the connection ended");
        int seconds = seconds_to_wait(&w, error);
        report_failure(&w, error, seconds);
        wait_offline(&w, seconds);
    }
    g_ptr_array_unref(w.to_settle);
    g_hash_table_unref(w.liars);
    return *stop ? EX_OK : w.core_gone ? EX_OK : EX_TEMPFAIL;
}
