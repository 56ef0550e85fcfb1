/* deliver_process.c - sends one mail after the other as core hands them over, by SMTP or into a Maildir.
 * Keeps no queue and no schedule: both are core's outbox. Every job is answered, and nothing is tried twice
 * here except after the server has refused an old password or token.
 *
 * A refused login is not tried again for an hour (accounts get locked); jobs that come meanwhile are answered
 * with the same refusal at once. */
#include "process.h"

#include "sandbox.h"

#include <cardpost/clock.h>
#include <cardpost/error.h>
#include <cardpost/maildir.h>
#include <cardpost/secret.h>

#include <sysexits.h>

#define REFUSED_MS (60 * 60 * 1000)
/* A password command that failed is not run again for each of a hundred mails. */
#define SECRET_RETRY_MS (60 * 1000)
/* A token lives about an hour: one older than this that is refused may just have run out. */
#define SECRET_FRESH_MS (5 * 60 * 1000)

struct deliver {
    struct process *process;
    struct smtp *smtp;     /* NULL: Maildir */
    char *secret;          /* or NULL: not asked yet, or not to be had */
    int64_t asked_at_ms;   /* last request for it; 0 never */
    int64_t refused_at_ms; /* 0: not refused */
    char *refusal;
};

static void
take_fresh_secret(struct deliver *deliver)
{
    secret_free(deliver->secret);
    deliver->secret = process_secret(deliver->process);
    deliver->asked_at_ms = clock_monotonic_ms();
}

/* Whether there is a secret to log in with, asking for it when it is due. */
static bool
have_secret(struct deliver *deliver)
{
    const struct config_outgoing *outgoing = &deliver->process->config->outgoing;
    const struct config_secret *source = &outgoing->server.secret;
    if (!source->command && !source->file && !source->credential)
        return true; /* a server without login */
    int64_t now = clock_monotonic_ms();
    if (!deliver->secret && (deliver->asked_at_ms == 0 || now - deliver->asked_at_ms >= SECRET_RETRY_MS))
        take_fresh_secret(deliver);
    return deliver->secret != NULL;
}

static void
send_once(struct deliver *deliver, const struct wire_deliver *job, struct smtp_result *result_out)
{
    g_clear_pointer(&result_out->text, g_free);
    smtp_send(deliver->smtp, deliver->secret, job->envelope_from, job->recipient, job->raw, job->raw_len,
              result_out);
}

/* After a refusal: true when there is another secret than the one refused. */
static bool
secret_has_changed(struct deliver *deliver)
{
    if (!deliver->secret || clock_monotonic_ms() - deliver->asked_at_ms < SECRET_FRESH_MS)
        return false;
    char *refused = g_steal_pointer(&deliver->secret);
    take_fresh_secret(deliver);
    bool changed = deliver->secret && !secret_equal(refused, deliver->secret);
    secret_free(refused);
    return changed;
}

static void
deliver_smtp(struct deliver *deliver, const struct wire_deliver *job, struct smtp_result *result_out)
{
    int64_t now = clock_monotonic_ms();
    if (deliver->refused_at_ms != 0 && now - deliver->refused_at_ms < REFUSED_MS) {
        *result_out = (struct smtp_result){.outcome = SMTP_REFUSED, .text = g_strdup(deliver->refusal)};
        return;
    }
    if (deliver->refused_at_ms != 0) {
        deliver->refused_at_ms = 0;
        secret_free(g_steal_pointer(&deliver->secret));
    }
    if (!have_secret(deliver)) {
        *result_out =
            (struct smtp_result){.outcome = SMTP_DEFERRED, .text = g_strdup("the password could not be had")};
        return;
    }
    send_once(deliver, job, result_out);
    if (result_out->outcome == SMTP_REFUSED && secret_has_changed(deliver))
        send_once(deliver, job, result_out);
    if (result_out->outcome != SMTP_REFUSED)
        return;
    deliver->refused_at_ms = clock_monotonic_ms();
    g_free(deliver->refusal);
    deliver->refusal = g_strdup(result_out->text);
    log_error("deliver.refused", "reply", result_out->text, NULL);
}

static void
deliver_maildir(const char *path, const struct wire_deliver *job, struct smtp_result *result_out)
{
    g_autoptr(GError) error = NULL;
    bool done = maildir_deliver(path, job->recipient, job->key, job->raw, job->raw_len, &error);
    enum smtp_outcome outcome = done ? SMTP_SENT
                                : g_error_matches(error, CARDPOST_ERROR, CARDPOST_ERROR_TEMPORARY)
                                    ? SMTP_DEFERRED
                                    : SMTP_FAILED;
    *result_out = (struct smtp_result){.outcome = outcome, .text = g_strdup(done ? path : error->message)};
}

/* One job and its answer; false: core is gone or talks nonsense. */
static bool
serve(struct deliver *deliver, const struct frame *frame)
{
    struct wire_deliver job;
    struct smtp_result result = {0};
    const struct config_outgoing *outgoing = &deliver->process->config->outgoing;
    if (!wire_decode_deliver(frame, &job))
        return false;
    if (outgoing->maildir)
        deliver_maildir(outgoing->maildir, &job, &result);
    else
        deliver_smtp(deliver, &job, &result);
    g_autoptr(GByteArray) answer = g_byte_array_new();
    wire_encode_delivered(job.id, &result, answer);
    g_free(result.text);
    wire_deliver_clear(&job);
    return frame_send(&deliver->process->data, WIRE_DELIVERED, answer);
}

/* Until core closes the channel: SIGTERM alone ends nothing, so that core, which stops last, can still hand
 * over what it has begun. */
static int
serve_all(struct deliver *deliver)
{
    struct frame frame;
    for (;;) {
        enum frame_status status = frame_receive(&deliver->process->data, -1, &frame);
        if (status == FRAME_CLOSED)
            return EX_OK;
        if (status != FRAME_READY || !serve(deliver, &frame))
            return EX_PROTOCOL;
    }
}

int
deliver_process_run(struct process *process)
{
    g_autoptr(GError) error = NULL;
    struct deliver deliver = {.process = process};
    if (!process->config->outgoing.maildir)
        deliver.smtp = smtp_open(&process->config->outgoing);
    int code = EX_OSERR;
    if (sandbox_peer(&error))
        code = serve_all(&deliver);
    else
        log_error("deliver.sandbox", "error", error->message, NULL);
    smtp_close(deliver.smtp);
    secret_free(deliver.secret);
    g_free(deliver.refusal);
    return code;
}
