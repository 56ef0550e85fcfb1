/* core_out.c - what follows a change: notices, their files, the outbox and the deliver process. All of it
 * reads the event log by cursors of its own; it may be late and it changes no card.
 *
 * Taking mail in goes first: notices are made when the loop has nothing better to do, at the latest
 * PATIENCE_MS after they were asked for.
 *
 * One mail is with deliver at a time and is marked "sending" before it goes there: after a crash it is known
 * that it may have been sent, and it goes again with equal bytes. Its result is kept until it is committed,
 * which the next mail's mark shares. */
#include "core.h"

#include <cardpost/clock.h>
#include <cardpost/error.h>
#include <cardpost/secret.h>

#include <glib-unix.h>
#include <string.h>

#define PATIENCE_MS 2000
/* Notices rendered in one transaction. */
#define FLUSH_MAX 50
/* The machine's clock may be set: nothing is waited for longer in one go. */
#define WAIT_MAX_S 600
/* Old bytes of mails that are through are looked for every. */
#define DROP_EVERY_S (6 * 3600)

struct core_out {
    struct core *core;
    struct frame_channel deliver; /* fd -1: no process */
    guint watch;
    int64_t in_hand;               /* outbox id, 0 none */
    bool is_answered;              /* what became of it is known and not committed yet */
    struct dispatch_result answer; /* then; the text is owned */
    guint files;                   /* attachments being extracted */
    guint work;                    /* idle source: notices, then the way out */
    guint patience;                /* timer: notices at the latest */
    guint dispatch;                /* idle source: the way out alone */
    guint timer;
    bool is_drained; /* nothing was to be sent when last looked */
    int64_t dropped_at;
};

/* An attachment on its way from a parse worker to the notices that carry it. */
struct file_job {
    struct core_out *out;
    int64_t attachment_id;
};

static gboolean work(gpointer data);
static gboolean send_next(gpointer data);

struct core_out *
core_out_new(struct core *core)
{
    struct core_out *out = g_new0(struct core_out, 1);
    out->core = core;
    out->deliver.fd = out->deliver.passed_fd = -1;
    core_out_wake(out);
    return out;
}

static void
close_deliver(struct core_out *out)
{
    if (out->watch)
        g_source_remove(out->watch);
    out->watch = 0;
    frame_channel_clear(&out->deliver);
}

static void
stop_work(struct core_out *out)
{
    if (out->work)
        g_source_remove(out->work);
    if (out->patience)
        g_source_remove(out->patience);
    out->work = out->patience = 0;
}

void
core_out_free(struct core_out *out)
{
    if (!out)
        return;
    close_deliver(out);
    stop_work(out);
    if (out->dispatch)
        g_source_remove(out->dispatch);
    if (out->timer)
        g_source_remove(out->timer);
    g_free(out->answer.text);
    g_free(out);
}

void
core_out_wake(struct core_out *out)
{
    out->is_drained = false;
    if (out->work)
        return;
    out->work = g_idle_add_full(G_PRIORITY_LOW, work, out, NULL);
    out->patience = g_timeout_add(PATIENCE_MS, work, out);
}

/* The next mail, if that is all that can have changed. */
static void
wake_dispatch(struct core_out *out)
{
    if (out->dispatch == 0)
        out->dispatch = g_idle_add(send_next, out);
}

bool
core_out_is_busy(const struct core_out *out)
{
    return out->in_hand != 0 || out->work != 0 || out->dispatch != 0;
}

bool
core_out_is_drained(const struct core_out *out)
{
    return out->is_drained && out->files == 0 && !core_out_is_busy(out);
}

void
core_out_tell_admin(struct core_out *out, const char *text)
{
    g_autoptr(GError) error = NULL;
    if (!notify_admin(out->core->notify, text, clock_now(), &error))
        core_may_retry(out->core, "notify.waiting", error);
    core_out_wake(out);
}

/* ---- waiting */

static gboolean
timer_due(gpointer data)
{
    struct core_out *out = data;
    out->timer = 0;
    core_out_wake(out);
    return G_SOURCE_REMOVE;
}

static void
wait_s(struct core_out *out, int64_t seconds)
{
    if (out->timer)
        g_source_remove(out->timer);
    out->timer = g_timeout_add_seconds((guint)CLAMP(seconds, 1, WAIT_MAX_S), timer_due, out);
}

/* ---- files */

static void
file_done(void *data, int64_t id, struct parse_result *result)
{
    (void)id;
    struct file_job *job = data;
    struct core_out *out = job->out;
    bool good = result->outcome == PARSE_DONE && result->parts && result->parts->len == 1;
    out->files--;
    notify_file(out->core->notify, job->attachment_id, good ? g_ptr_array_index(result->parts, 0) : NULL);
    g_free(job);
    core_out_wake(out);
}

static void
fetch_file(struct core_out *out, const struct attachment *attachment)
{
    g_autoptr(GBytes) raw = journal_raw(out->core->store, attachment->input_seq);
    if (!raw) {
        notify_file(out->core->notify, attachment->id, NULL);
        return;
    }
    struct file_job *job = g_new0(struct file_job, 1);
    *job = (struct file_job){.out = out, .attachment_id = attachment->id};
    out->files++;
    parse_pool_extract(out->core->pool, attachment->id, raw, &attachment->part, 1, file_done, job);
}

static bool
fetch_files(struct core_out *out, int64_t now, GError **error)
{
    if (out->files > 0)
        return true;
    g_autoptr(GPtrArray) files = notify_files_needed(out->core->notify, now, error);
    for (guint i = 0; files && i < files->len; i++)
        fetch_file(out, g_ptr_array_index(files, i));
    return files != NULL;
}

/* ---- the deliver process */

static enum outbox_status
status_of(enum smtp_outcome outcome)
{
    switch (outcome) {
    case SMTP_SENT:
        return OUTBOX_SENT;
    case SMTP_DEFERRED:
    case SMTP_REFUSED:
        return OUTBOX_DEFERRED;
    case SMTP_FAILED:
        return OUTBOX_FAILED;
    case SMTP_UNKNOWN:
        return OUTBOX_UNKNOWN;
    }
    return OUTBOX_UNKNOWN;
}

static void
finish_mail(struct core_out *out, const struct smtp_result *result)
{
    out->answer = (struct dispatch_result){.id = out->in_hand,
                                           .status = status_of(result->outcome),
                                           .code = result->code,
                                           .text = g_strdup(result->text),
                                           .size_limit = result->size_limit};
    out->is_answered = true;
    if (result->outcome == SMTP_REFUSED) {
        g_autofree char *text = g_strdup_printf("outgoing mail is refused: %s", result->text);
        core_out_tell_admin(out, text);
    }
    wake_dispatch(out);
}

/* The result is committed. */
static void
drop_answer(struct core_out *out)
{
    if (!out->is_answered)
        return;
    /* A failure is an event for the admins. */
    if (out->answer.status == OUTBOX_FAILED)
        core_out_wake(out);
    g_clear_pointer(&out->answer.text, g_free);
    out->is_answered = false;
    out->in_hand = 0;
}

/* The process ended: what it had may have been sent. */
static void
lose_deliver(struct core_out *out)
{
    char text[] = "the delivery process ended";
    close_deliver(out);
    if (out->in_hand && !out->is_answered)
        finish_mail(out, &(struct smtp_result){.outcome = SMTP_UNKNOWN, .text = text});
}

static gboolean
deliver_readable(gint fd, GIOCondition condition, gpointer data)
{
    (void)fd, (void)condition;
    struct core_out *out = data;
    struct frame frame;
    struct smtp_result result;
    int64_t id;
    enum frame_status status = frame_receive(&out->deliver, 0, &frame);
    if (status == FRAME_NONE)
        return G_SOURCE_CONTINUE;
    if (status != FRAME_READY || !wire_decode_delivered(&frame, &id, &result)) {
        lose_deliver(out);
        return G_SOURCE_CONTINUE;
    }
    if (id == out->in_hand && id != 0 && !out->is_answered)
        finish_mail(out, &result);
    g_free(result.text);
    return G_SOURCE_CONTINUE;
}

void
core_out_set_channel(struct core_out *out, int fd)
{
    if (out->deliver.fd >= 0)
        lose_deliver(out);
    frame_channel_init(&out->deliver, fd);
    out->watch = g_unix_fd_add(fd, G_IO_IN | G_IO_HUP | G_IO_ERR, deliver_readable, out);
    core_out_wake(out);
}

static void
send_mail(struct core_out *out, const struct outbox *mail, GBytes *bytes)
{
    gsize len;
    const void *raw = g_bytes_get_data(bytes, &len);
    g_autofree char *hash = secret_sha256(mail->message_id, strlen(mail->message_id));
    g_autofree char *key = g_strdup_printf("%" G_GINT64_FORMAT ".%.16s", mail->id, hash);
    g_autoptr(GByteArray) body = g_byte_array_new();
    wire_encode_deliver(&(struct wire_deliver){.id = mail->id,
                                               .envelope_from = mail->envelope_from,
                                               .recipient = mail->recipient,
                                               .key = key,
                                               .raw = raw,
                                               .raw_len = len},
                        body);
    out->in_hand = mail->id;
    /* Deliver reads whenever it has nothing in hand, and it has nothing. */
    if (!frame_send(&out->deliver, WIRE_DELIVER, body))
        lose_deliver(out);
}

/* Commits what became of the last mail and hands over the next, if there is one and somebody to take it. */
static bool
dispatch(struct core_out *out, int64_t now, GError **error)
{
    g_auto(dispatch_mail_t) next = {0};
    const struct dispatch_result *answer = out->is_answered ? &out->answer : NULL;
    bool may_take = out->deliver.fd >= 0 && !out->core->is_stopping && (out->in_hand == 0 || answer);
    if (may_take && !dispatch_take(out->core->notify, answer, now, &next, error))
        return false;
    if (!may_take && answer && !dispatch_done(out->core->notify, answer, now, error))
        return false;
    drop_answer(out);
    if (may_take)
        out->is_drained = next.mail == NULL;
    if (next.mail && next.bytes) {
        send_mail(out, next.mail, next.bytes);
    } else if (next.mail) {
        char text[] = "its bytes are gone";
        out->in_hand = next.mail->id;
        finish_mail(out, &(struct smtp_result){.outcome = SMTP_FAILED, .text = text});
    }
    return true;
}

/* ---- one round */

static bool
drop_old(struct core_out *out, int64_t now, GError **error)
{
    if (now - out->dropped_at < DROP_EVERY_S && now >= out->dropped_at)
        return true;
    store_begin(out->core->store);
    outbox_drop_bytes(out->core->store, now);
    sent_words_drop(out->core->store, now);
    out->dropped_at = now;
    return store_commit(out->core->store, error);
}

/* When to look again. What is due but waits for a process or a file is woken by that, not by the clock. */
static void
set_timer(struct core_out *out, int64_t now)
{
    int64_t next_at = notify_next_at(out->core->notify);
    bool waits_for_others = out->in_hand != 0 || out->deliver.fd < 0 || out->files > 0 || out->work != 0;
    if (next_at > now)
        wait_s(out, next_at - now);
    else if (next_at > 0 && !waits_for_others)
        wait_s(out, 1);
}

static bool
do_round(struct core_out *out, int64_t now, GError **error)
{
    struct notify *notify = out->core->notify;
    guint done = 0;
    if (!notify_follow(notify, now, error) || !fetch_files(out, now, error) ||
        !notify_flush(notify, now, FLUSH_MAX, &done, error) || !drop_old(out, now, error))
        return false;
    if (done == FLUSH_MAX)
        core_out_wake(out);
    return true;
}

static gboolean
work(gpointer data)
{
    struct core_out *out = data;
    g_autoptr(GError) error = NULL;
    stop_work(out);
    if (do_round(out, clock_now(), &error))
        wake_dispatch(out);
    else if (core_may_retry(out->core, "notify.waiting", error))
        wait_s(out, CORE_RETRY_S);
    core_consider_stop(out->core);
    return G_SOURCE_REMOVE;
}

static gboolean
send_next(gpointer data)
{
    struct core_out *out = data;
    int64_t now = clock_now();
    g_autoptr(GError) error = NULL;
    out->dispatch = 0;
    if (dispatch(out, now, &error))
        set_timer(out, now);
    else if (core_may_retry(out->core, "outbox.waiting", error))
        wait_s(out, CORE_RETRY_S);
    core_consider_stop(out->core);
    return G_SOURCE_REMOVE;
}
