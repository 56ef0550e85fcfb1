/* dispatch.c - which mail goes out next, and what its result means for the queue. Keeps the provider's pace.
 * The order that survives a kill is described in store/outbox.c. */
#include "notify.h"

#include <cardpost/log.h>

#define GIVE_UP_AFTER_S (5 * 86400)
#define BYTES_KEPT_S    (7 * 86400)

bool
dispatch_recover(struct notify *notify, int64_t now, GError **error)
{
    store_begin(notify->store);
    int n = outbox_recover(notify->store, now);
    outbox_drop_bytes(notify->store, now - BYTES_KEPT_S);
    if (!store_commit(notify->store, error))
        return false;
    if (n > 0)
        log_warning("outbox.recovered", "mails", log_int(n).text, NULL);
    return true;
}

/* When the next mail may go, by sends a minute and a day; `now` or earlier: at once. */
static int64_t
allowed_at(struct notify *notify, int64_t now)
{
    const struct config_outgoing *outgoing = &notify->config->outgoing;
    if (outgoing->per_day > 0 && outbox_sent_since(notify->store, now - 86400) >= outgoing->per_day)
        return now + 900;
    if (outgoing->per_minute > 0 && outbox_sent_since(notify->store, now - 60) >= outgoing->per_minute)
        return now + 5;
    return now;
}

bool
dispatch_take(struct notify *notify, int64_t now, struct outbox **mail_out, GBytes **bytes_out,
              int64_t *next_at_out, GError **error)
{
    *mail_out = NULL;
    *bytes_out = NULL;
    g_autoptr(GPtrArray) due = outbox_due(notify->store, now, 1);
    *next_at_out = due->len ? allowed_at(notify, now) : outbox_next_due(notify->store);
    if (!store_check(notify->store, error))
        return false;
    notify->next_send_at = due->len && *next_at_out > now ? *next_at_out : 0;
    if (due->len == 0 || *next_at_out > now)
        return true;
    struct outbox *mail = g_ptr_array_steal_index(due, 0);
    store_begin(notify->store);
    outbox_set(notify->store, mail->id, OUTBOX_SENDING, now, mail->code, mail->text, now);
    g_autoptr(GBytes) bytes = outbox_bytes(notify->store, mail->id);
    if (!store_commit(notify->store, error)) {
        outbox_free(mail);
        return false;
    }
    *mail_out = mail;
    *bytes_out = g_steal_pointer(&bytes);
    return true;
}

static int64_t
back_off(int attempts)
{
    static const int minutes[] = {1, 2, 5, 10, 30, 60};
    guint i = MIN((guint)MAX(attempts - 1, 0), G_N_ELEMENTS(minutes) - 1);
    return minutes[i] * 60;
}

static void
tell_failure(struct notify *notify, const struct outbox *mail, const char *text, int64_t now)
{
    g_autofree char *detail = g_strdup_printf("%s: %s", mail->recipient, text);
    g_autofree char *words =
        render_text(notify->render, notify->config->language, "admin.send-failed", detail);
    event_add(notify->store, &(struct event){.at = now, .kind = EVENT_ADMIN, .detail = words});
}

bool
dispatch_done(struct notify *notify, int64_t id, enum outbox_status status, int code, const char *text,
              int64_t size_limit, int64_t now, GError **error)
{
    struct outbox *mail = outbox_get(notify->store, id);
    if (size_limit > 0)
        notify->size_limit = size_limit;
    if (!mail || mail->status != OUTBOX_SENDING) {
        outbox_free(mail);
        return store_check(notify->store, error);
    }
    bool again = status == OUTBOX_DEFERRED || status == OUTBOX_UNKNOWN;
    if (again && now - mail->created_at > GIVE_UP_AFTER_S)
        status = OUTBOX_FAILED;
    store_begin(notify->store);
    outbox_set(notify->store, id, status, again ? now + back_off(mail->attempts) : now, code, text, now);
    if (status == OUTBOX_FAILED)
        tell_failure(notify, mail, text, now);
    bool committed = store_commit(notify->store, error);
    if (committed)
        log_info("outbox.result", "outbox", log_int(id).text, "status", outbox_status_name(status), "code",
                 log_int(code).text, "text", status == OUTBOX_SENT ? NULL : text, "message_id",
                 mail->message_id, NULL);
    outbox_free(mail);
    return committed;
}
