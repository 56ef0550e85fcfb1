/* change.c - changes asked for on the command line. The running core makes them between two mails; without a
 * daemon the command takes the data lock and makes them itself, by the same function. */
#include "cli_private.h"

#include <cardpost/clock.h>
#include <cardpost/error.h>
#include <cardpost/intake.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A daemon busy with a full mailbox takes changes in their turn. */
#define APPLIED_WITHIN_S 30

static uint32_t answer(char **text_out, int code, const char *format, ...) G_GNUC_PRINTF(3, 4);
static uint32_t
answer(char **text_out, int code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    *text_out = g_strdup_vprintf(format, args);
    va_end(args);
    return (uint32_t)code;
}

static uint32_t
answer_error(char **text_out, GError *error)
{
    uint32_t code = (uint32_t)cardpost_error_exit_code(error);
    *text_out = g_strdup(error->message);
    g_error_free(error);
    return code;
}

/* An input for the fold, committed to the journal. */
static uint32_t
append_input(const struct daemon_request *request, enum input_kind kind, const char *text, char **text_out)
{
    GError *error = NULL;
    struct input input = {.at = request->now,
                          .kind = kind,
                          .text = (char *)(uintptr_t)text,
                          .actor_uid = (int64_t)request->uid};
    journal_begin(request->store);
    int64_t seq = journal_append(request->store, &input, NULL, 0);
    if (!journal_commit(request->store, &error))
        return answer_error(text_out, error);
    return answer(text_out, EX_OK, "%" G_GINT64_FORMAT, seq);
}

static uint32_t
release(const struct daemon_request *request, char **text_out)
{
    GError *error = NULL;
    int64_t seq = cli_number(request->args[0]);
    struct outcome_row *row = outcome_get(request->store, seq);
    bool waits = row && row->outcome == OUTCOME_QUARANTINED && outcome_released_by(request->store, seq) == 0;
    outcome_row_free(row);
    if (!store_check(request->store, &error))
        return answer_error(text_out, error);
    if (!waits)
        return answer(text_out, EX_NOINPUT, "no mail %s waits in quarantine", request->args[0]);
    return append_input(request, INPUT_RELEASE, request->args[0], text_out);
}

static bool
can_be_retried(enum outbox_status status)
{
    return status == OUTBOX_DEFERRED || status == OUTBOX_UNKNOWN || status == OUTBOX_FAILED ||
           status == OUTBOX_QUEUED;
}

/* One outgoing mail by id, or to be sent again all that wait: to `status`. */
static uint32_t
set_outbox(const struct daemon_request *request, enum outbox_status status, char **text_out)
{
    GError *error = NULL;
    bool all = status == OUTBOX_QUEUED && g_str_equal(request->args[0], "all");
    int64_t id = cli_number(request->args[0]);
    g_autoptr(GPtrArray) mails = outbox_list(request->store, true, 100000);
    guint n = 0;
    store_begin(request->store);
    for (guint i = 0; i < mails->len; i++) {
        const struct outbox *mail = mails->pdata[i];
        if ((!all && mail->id != id) || !can_be_retried(mail->status) ||
            (all && mail->status == OUTBOX_FAILED))
            continue;
        outbox_set(request->store, mail->id, status, request->now, mail->code, mail->text, request->now);
        n++;
    }
    if (!store_commit(request->store, &error))
        return answer_error(text_out, error);
    if (n == 0 && !all)
        return answer(text_out, EX_NOINPUT, "no outgoing mail %s waits", request->args[0]);
    return answer(text_out, EX_OK, "%u %s %s", n, n == 1 ? "mail" : "mails",
                  status == OUTBOX_DROPPED ? "dropped" : "queued");
}

uint32_t
cli_request(const struct daemon_request *request, char **text_out)
{
    if (request->n_args != 1)
        return answer(text_out, EX_USAGE, "%s takes one argument", request->verb);
    if (g_str_equal(request->verb, "apply"))
        return append_input(request, INPUT_CHANGE, request->args[0], text_out);
    if (g_str_equal(request->verb, "release"))
        return release(request, text_out);
    if (g_str_equal(request->verb, "retry"))
        return set_outbox(request, OUTBOX_QUEUED, text_out);
    if (g_str_equal(request->verb, "drop"))
        return set_outbox(request, OUTBOX_DROPPED, text_out);
    return answer(text_out, EX_USAGE, "unknown request %s", request->verb);
}

/* ---- the asking side */

/* Folds what waits in the journal, in order: without a daemon nobody else does. */
static bool
fold_pending(struct cli *cli, struct store *store, GError **error)
{
    struct intake *intake = intake_new(store, cli->config);
    struct parse_worker *worker = NULL;
    bool whole = true;
    while (whole) {
        g_autoptr(GArray) seqs = intake_pending(intake, 0, 1, error);
        whole = seqs != NULL;
        if (!whole || seqs->len == 0)
            break;
        g_autoptr(GError) failure = NULL;
        g_autoptr(GBytes) raw = intake_raw(intake, g_array_index(seqs, int64_t, 0), error);
        if (raw && !worker)
            worker = daemon_parse_start(error);
        g_autoptr(mail_t) mail =
            raw && worker ? daemon_parse(worker, g_bytes_get_data(raw, NULL), g_bytes_get_size(raw), &failure)
                          : NULL;
        struct intake_item item = {.seq = g_array_index(seqs, int64_t, 0),
                                   .mail = mail,
                                   .failure = failure ? failure->message : NULL};
        whole = (!raw || worker) && intake_apply(intake, &item, 1, error);
    }
    daemon_parse_stop(worker);
    intake_free(intake);
    return whole;
}

/* False: it could not be carried out, which is told; *code_out either way. */
static bool
change_here(struct cli *cli, const char *verb, const char *const *args, uint32_t *code_out, char **text_out)
{
    GError *error = NULL;
    int lock = daemon_lock(cli->config->data_dir, &error);
    struct store *store = lock >= 0 ? store_open(cli->config->data_dir, STORE_WRITE, &error) : NULL;
    if (store) {
        struct daemon_request request = {.verb = verb,
                                         .args = (char *const *)(uintptr_t)args,
                                         .n_args = g_strv_length((char **)(uintptr_t)args),
                                         .uid = getuid(),
                                         .now = clock_now(),
                                         .store = store,
                                         .config = cli->config};
        *code_out = cli_request(&request, text_out);
        if (*code_out == 0)
            fold_pending(cli, store, &error);
    }
    store_close(store);
    if (lock >= 0)
        close(lock);
    if (error)
        *code_out = (uint32_t)cli_fail_with(error);
    return error == NULL;
}

/* The running core has journaled the input and applies it in its turn. */
static int
wait_applied(struct cli *cli, int64_t seq)
{
    gint64 deadline = g_get_monotonic_time() + APPLIED_WITHIN_S * G_USEC_PER_SEC;
    GError *error = NULL;
    struct store *store = store_open(cli->config->data_dir, STORE_READ, &error);
    bool is_applied = false;
    while (store && !is_applied && g_get_monotonic_time() < deadline) {
        is_applied = outcome_last(store) >= seq;
        if (!store_check(store, &error))
            break;
        if (!is_applied)
            g_usleep(20000);
    }
    struct outcome_row *row = is_applied ? outcome_get(store, seq) : NULL;
    int code = EX_OK;
    if (error)
        code = cli_fail_with(error);
    else if (!is_applied)
        code = cli_fail(EX_TEMPFAIL, "the daemon has it and has not come to it yet; see `cardpost status`");
    else if (row && (row->outcome == OUTCOME_REFUSED || row->outcome == OUTCOME_QUARANTINED))
        code = cli_fail(EX_DATAERR, "%s", row->reason);
    outcome_row_free(row);
    store_close(store);
    return code;
}

int
cli_change(struct cli *cli, const char *verb, const char *const *args, char **text_out)
{
    GError *error = NULL;
    uint32_t code;
    int failed;
    *text_out = NULL;
    if (!cli->config && !cli_config(cli, &failed))
        return failed;
    if (!daemon_control(cli->config->data_dir, verb, args, &code, text_out, &error)) {
        if (!g_error_matches(error, CARDPOST_ERROR, CARDPOST_ERROR_NOT_FOUND))
            return cli_fail_with(error);
        g_clear_error(&error);
        bool is_told = !change_here(cli, verb, args, &code, text_out);
        if (is_told)
            return (int)code;
    }
    if (code != 0)
        return cli_fail((int)code, "%s", *text_out ? *text_out : "refused");
    bool is_input = g_str_equal(verb, "apply") || g_str_equal(verb, "release");
    return is_input ? wait_applied(cli, cli_number(*text_out)) : EX_OK;
}
