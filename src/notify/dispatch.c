/* dispatch.c - which mail goes out next, and what its result means for the queue. Keeps the provider's pace.
 * The order that survives a kill is described in store/outbox.c. */
#include "notify.h"

#include <cardpost/log.h>
#include <cardpost/signed_id.h>

#define GIVE_UP_AFTER_S (5 * 86400)

bool
dispatch_recover(struct notify *notify, int64_t now, GError **error)
{
    store_begin(notify->store);
    int n = outbox_recover(notify->store, now);
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

static int64_t
back_off(int attempts)
{
    static const int minutes[] = {1, 2, 5, 10, 30, 60};
    guint i = MIN((guint)MAX(attempts - 1, 0), G_N_ELEMENTS(minutes) - 1);
    return minutes[i] * 60;
}

/* A mail to the admins itself. */
static bool
is_to_admins(struct store *store, const struct outbox *mail)
{
    struct signed_id id;
    struct notice *notice =
        signed_id_read(store_key(store), mail->message_id, &id) ? notice_get(store, id.notice_id) : NULL;
    bool is_admins = notice && notice->kind == NOTICE_ADMIN;
    notice_free(notice);
    return is_admins;
}

/* Of a failed mail to an admin no admin is told by mail: the next would fail as well, and servers write new
 * words each time. The log and `status` say it. */
static void
tell_failure(struct notify *notify, const struct outbox *mail, const char *text, int64_t now)
{
    if (is_to_admins(notify->store, mail))
        return;
    g_autofree char *detail = g_strdup_printf("%s: %s", mail->recipient, text);
    g_autofree char *words =
        render_text(notify->render, notify->config->language, "admin.send-failed", detail);
    event_add(notify->store, &(struct event){.at = now, .kind = EVENT_ADMIN, .detail = words});
}

/* Into the transaction that is open. Returns the row as it was, or NULL when nothing waits for this. */
static struct outbox *
note_result(struct notify *notify, const struct dispatch_result *result, int64_t now)
{
    struct outbox *mail = result ? outbox_get(notify->store, result->id) : NULL;
    if (!mail || mail->status != OUTBOX_SENDING) {
        outbox_free(mail);
        return NULL;
    }
    enum outbox_status status = result->status;
    bool again = status == OUTBOX_DEFERRED || status == OUTBOX_UNKNOWN;
    if (again && now - mail->created_at > GIVE_UP_AFTER_S)
        status = OUTBOX_FAILED;
    outbox_set(notify->store, mail->id, status, again ? now + back_off(mail->attempts) : now, result->code,
               result->text, now);
    if (status == OUTBOX_FAILED)
        tell_failure(notify, mail, result->text, now);
    mail->status = status;
    return mail;
}

static void
log_result(const struct outbox *mail, const struct dispatch_result *result)
{
    log_info("outbox.result", "outbox", log_int(mail->id).text, "status", outbox_status_name(mail->status),
             "code", log_int(result->code).text, "text", mail->status == OUTBOX_SENT ? NULL : result->text,
             "message_id", mail->message_id, NULL);
}

/* Commits what is open; `noted` (taken) is logged then. */
static bool
commit(struct notify *notify, struct outbox *noted, const struct dispatch_result *result, GError **error)
{
    bool committed = store_commit(notify->store, error);
    if (committed && noted)
        log_result(noted, result);
    if (committed && result && result->size_limit > 0)
        notify->size_limit = result->size_limit;
    outbox_free(noted);
    return committed;
}

bool
dispatch_done(struct notify *notify, const struct dispatch_result *result, int64_t now, GError **error)
{
    store_begin(notify->store);
    return commit(notify, note_result(notify, result, now), result, error);
}

void
dispatch_mail_clear(struct dispatch_mail *mail)
{
    g_clear_pointer(&mail->mail, outbox_free);
    g_clear_pointer(&mail->bytes, g_bytes_unref);
}

/* Marks the mail that is due, if it may go now. */
static void
take_next(struct notify *notify, int64_t now, struct dispatch_mail *next)
{
    g_autoptr(GPtrArray) due = outbox_due(notify->store, now, 1);
    next->next_at = due->len ? allowed_at(notify, now) : outbox_next_due(notify->store);
    notify->next_send_at = due->len && next->next_at > now ? next->next_at : 0;
    if (due->len == 0 || next->next_at > now)
        return;
    next->mail = g_ptr_array_steal_index(due, 0);
    outbox_set(notify->store, next->mail->id, OUTBOX_SENDING, now, next->mail->code, next->mail->text, now);
    next->bytes = outbox_bytes(notify->store, next->mail->id);
}

bool
dispatch_take(struct notify *notify, const struct dispatch_result *result, int64_t now,
              struct dispatch_mail *next_out, GError **error)
{
    *next_out = (struct dispatch_mail){0};
    store_begin(notify->store);
    struct outbox *noted = note_result(notify, result, now);
    take_next(notify, now, next_out);
    if (commit(notify, noted, result, error))
        return true;
    dispatch_mail_clear(next_out);
    return false;
}
