/* connect.c - from host and port to a selected mailbox; commands and their errors. */
#include "session.h"

#include <cardpost/caps.h>
#include <cardpost/clean.h>
#include <cardpost/clock.h>
#include <cardpost/error.h>

#include <string.h>
#include <unistd.h>

#define SLOWEST_BYTES_A_MS 10 /* a mail may come at 10 KB/s */
#define WATCHDOG_MARGIN_S  15 /* beyond the stream's own deadline: only a loop gets there */
#define LITERAL_SLACK      65536

const struct imap_timing imap_timing_default = {
    .connect_ms = 30 * 1000,
    .command_ms = 60 * 1000,
    .retry_once_ms = 1000,
    .retry_first_ms = 60 * 1000,
    .retry_most_ms = 15 * 60 * 1000,
    .retry_refused_ms = 60 * 60 * 1000,
    .stable_ms = 60 * 1000,
};

/* For one try by hand: nobody stops it. */
static const volatile int never = 0;

static void
set_deadline(struct session *session, int64_t timeout_ms)
{
    int64_t bounded = CLAMP(timeout_ms, 1, G_MAXINT / 2);
    session->deadline_at = clock_monotonic_ms() + bounded;
    net_set_deadline(session->net, (int)bounded);
    if (session->is_daemon)
        alarm((unsigned)(bounded / 1000 + WATCHDOG_MARGIN_S));
}

void
session_begin(struct session *session, int64_t expected_bytes)
{
    guard_begin(&session->guard);
    set_deadline(session, session->timing->command_ms + expected_bytes / SLOWEST_BYTES_A_MS);
}

void
session_go_on(struct session *session)
{
    set_deadline(session, session->timing->command_ms);
}

int64_t
session_pause(struct session *session)
{
    session_end(session);
    return clock_monotonic_ms();
}

void
session_resume(struct session *session, int64_t paused_at)
{
    set_deadline(session, session->deadline_at - paused_at);
}

void
session_end(struct session *session)
{
    if (session->is_daemon)
        alarm(0);
}

char *
session_words(struct session *session)
{
    return clean_line(session->imap->imap_response ? session->imap->imap_response : "", 200);
}

/* 1 and 2 are success too (mailimap_connect answers them). */
static bool
is_success(int code)
{
    return code == MAILIMAP_NO_ERROR || code == MAILIMAP_NO_ERROR_AUTHENTICATED ||
           code == MAILIMAP_NO_ERROR_NON_AUTHENTICATED;
}

void
session_error(struct session *session, const char *doing, int code, GError **error)
{
    /* libetpan has one code for BAD and for an answer out of order */
    bool is_bad =
        code == MAILIMAP_ERROR_PROTOCOL && guard_is_tagged_bad(&session->guard, session->imap->imap_tag);
    bool lost = code == MAILIMAP_ERROR_STREAM || code == MAILIMAP_ERROR_PARSE ||
                (code == MAILIMAP_ERROR_PROTOCOL && !is_bad) || session->reads_past_end > 0;
    if (session->verdict != GUARD_PASS) {
        g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_TEMPORARY, "%s: %s", doing,
                    guard_verdict_text(session->verdict));
    } else if (session->lost) {
        g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_TEMPORARY, "%s: %s", doing, session->lost);
    } else if (lost) {
        net_error(session->net, error);
        g_prefix_error(error, "%s: ", doing);
    } else {
        g_autofree char *words = session_words(session);
        g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_REFUSED, "%s: the server says: %s", doing, words);
    }
}

bool
session_answered(const struct session *session, const char *code)
{
    const struct mailimap_response_info *info = session->imap->imap_response_info;
    return info && info->rsp_atom && g_ascii_strcasecmp(info->rsp_atom, code) == 0;
}

bool
session_is_passing(const struct session *session)
{
    static const char *const codes[] = {"UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG"};
    for (guint i = 0; i < G_N_ELEMENTS(codes); i++)
        if (session_answered(session, codes[i]))
            return true;
    return false;
}

bool
session_has_idle(struct session *session)
{
    return !session->no_idle && session_has(session, "IDLE");
}

bool
session_has_news(const struct session *session)
{
    const struct mailimap_selection_info *info = session->imap->imap_selection_info;
    return info && info->sel_has_exists;
}

void
session_clear_news(struct session *session)
{
    if (session->imap->imap_selection_info)
        session->imap->imap_selection_info->sel_has_exists = 0;
}

bool
session_has(struct session *session, const char *capability)
{
    return mailimap_has_extension(session->imap, (char *)(uintptr_t)capability);
}

bool
session_write_line(struct session *session, const char *text)
{
    mailstream *stream = session->imap->imap_stream;
    /* a failed write shows in the flush */
    (void)mailstream_write(stream, text, strlen(text));
    (void)mailstream_write(stream, "\r\n", 2);
    int flushed = mailstream_flush(stream);
    explicit_bzero(stream->write_buffer, stream->buffer_max_size); /* it may have been a password */
    return flushed == 0;
}

int
session_parse_answer(struct session *session)
{
    struct mailimap_response *response = NULL;
    int code = mailimap_parse_response(session->imap, &response);
    if (code != MAILIMAP_NO_ERROR)
        return code;
    const struct mailimap_response_tagged *tagged = response->rsp_resp_done->rsp_data.rsp_tagged;
    bool is_ok = tagged->rsp_cond_state->rsp_type == MAILIMAP_RESP_COND_STATE_OK;
    mailimap_response_free(response);
    return is_ok ? MAILIMAP_NO_ERROR : MAILIMAP_ERROR_CUSTOM_COMMAND;
}

/* libetpan's mailimap_custom_command writes a space before the line end, which strict servers (Cyrus) answer
 * with BAD. */
static int
run_command(struct session *session, const char *command)
{
    if (mailimap_send_current_tag(session->imap) != MAILIMAP_NO_ERROR ||
        !session_write_line(session, command) || !mailimap_read_line(session->imap))
        return MAILIMAP_ERROR_STREAM;
    return session_parse_answer(session);
}

bool
session_command(struct session *session, const char *command, int64_t expected_bytes, GError **error)
{
    session_begin(session, expected_bytes);
    int code = run_command(session, command);
    session_end(session);
    if (is_success(code) && session->reads_past_end == 0)
        return true;
    gsize verb_len = strcspn(command, " ");
    if (g_str_has_prefix(command, "UID "))
        verb_len += 1 + strcspn(command + verb_len + 1, " ");
    g_autofree char *verb = g_strndup(command, verb_len);
    session_error(session, verb, code, error);
    return false;
}

static bool
start_tls(struct session *session, GError **error)
{
    if (!session_has(session, "STARTTLS")) {
        g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_PERMANENT, "%s: the server offers no STARTTLS",
                    session->mailbox->server.host);
        return false;
    }
    if (!session_command(session, "STARTTLS", 0, error))
        return false;
    /* what the server said in clear is worth nothing, and what it still holds ready was not said in TLS */
    if (session->imap->imap_stream->read_buffer_len > 0) {
        g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_TEMPORARY, "%s: bytes in clear after STARTTLS",
                    session->mailbox->server.host);
        return false;
    }
    session_begin(session, 0);
    bool started = net_start_tls(session->net, error);
    session_end(session);
    return started && session_command(session, "CAPABILITY", 0, error);
}

/* The greeting, before anything is said. */
static bool
greet(struct session *session, GError **error)
{
    session_begin(session, 0);
    int code = mailimap_connect(session->imap, driver_stream(session));
    session_end(session);
    if (!is_success(code)) {
        session_error(session, "greeting", code, error);
        return false;
    }
    bool is_starttls = session->mailbox->server.tls == NET_TLS_STARTTLS;
    if (code == MAILIMAP_NO_ERROR_AUTHENTICATED && is_starttls) {
        g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_PERMANENT,
                    "%s: the server says PREAUTH before STARTTLS, as somebody in between would",
                    session->mailbox->server.host);
        return false;
    }
    return session_command(session, "CAPABILITY", 0, error) && (!is_starttls || start_tls(session, error));
}

/* In what PERMANENTFLAGS lists. */
static bool
has_deleted(const clist *permanent)
{
    for (const clistcell *cell = clist_begin(permanent); cell; cell = clist_next(cell)) {
        const struct mailimap_flag_perm *flag = clist_content(cell);
        if (flag->fl_type == MAILIMAP_FLAG_PERM_FLAG && flag->fl_flag->fl_type == MAILIMAP_FLAG_DELETED)
            return true;
    }
    return false;
}

static bool
select_mailbox(struct session *session, GError **error)
{
    g_autofree char *name = imap_mailbox_name(session->mailbox->folder ? session->mailbox->folder : "INBOX");
    session_begin(session, 0);
    int code = mailimap_select(session->imap, name);
    session_end(session);
    if (!is_success(code) || session->reads_past_end > 0) {
        session_error(session, "SELECT", code, error);
        if (error && *error && session_is_passing(session))
            (*error)->code = CARDPOST_ERROR_TEMPORARY;
        return false;
    }
    const struct mailimap_selection_info *info = session->imap->imap_selection_info;
    /* Exmail reports none: a constant, the mails are known by their content then as well (mail.md section 4)
     */
    session->uidvalidity = info && info->sel_uidvalidity ? info->sel_uidvalidity : 1;
    session->uidnext = info ? info->sel_uidnext : 0;
    session->is_read_only = info && info->sel_perm == MAILIMAP_MAILBOX_READONLY;
    session->no_delete = info && info->sel_perm_flags && !has_deleted(info->sel_perm_flags);
    return true;
}

/* ID: NetEase answers "Unsafe Login" to SELECT without it. */
static bool
identify(struct session *session, GError **error)
{
    bool needed = session->mailbox->provider && session->mailbox->provider->needs_id;
    if (!needed && !session_has(session, "ID"))
        return true;
    g_autoptr(GError) ignored = NULL;
    bool done = session_command(session, "ID (\"name\" \"cardpost\" \"version\" \"" CARDPOST_VERSION "\")", 0,
                                &ignored);
    if (done || (!needed && g_error_matches(ignored, CARDPOST_ERROR, CARDPOST_ERROR_REFUSED)))
        return true;
    g_propagate_error(error, g_steal_pointer(&ignored));
    return false;
}

static void
tell(const struct session_steps *steps, const char *name, const char *found)
{
    if (steps)
        steps->passed(steps->data, name, found);
}

static bool
open_steps(struct session *session, const char *secret, const struct session_steps *steps, GError **error)
{
    const struct config_server *server = &session->mailbox->server;
    g_autofree char *place = g_strdup_printf("%s:%u", server->host, server->port);
    struct net_settings settings = {.host = server->host,
                                    .port = server->port,
                                    .tls = server->tls,
                                    .ca_file = server->ca_file,
                                    .connect_timeout_ms = session->timing->connect_ms,
                                    .stop = session->stop};
    session->net = net_connect(&settings, error);
    if (!session->net || !greet(session, error))
        return false;
    tell(steps, "connection", place);
    if (!session_login(session, secret, error))
        return false;
    tell(steps, "login", server->user);
    /* what is offered may change with the login */
    if (!session_command(session, "CAPABILITY", 0, error) || !identify(session, error) ||
        !select_mailbox(session, error))
        return false;
    tell(steps, "folder", session->mailbox->folder ? session->mailbox->folder : "INBOX");
    return true;
}

struct session *
session_open(const struct config_mailbox *mailbox, const char *secret, const struct imap_service *service,
             const struct session_steps *steps, GError **error)
{
    struct session *session = g_new0(struct session, 1);
    session->mailbox = mailbox;
    session->is_daemon = service != NULL;
    session->timing = service ? service->timing : &imap_timing_default;
    session->stop = service ? service->stop : &never;
    guard_init(&session->guard,
               (uint64_t)MAX(mailbox->max_mail_bytes, CAP_OVERSIZE_FETCH_BYTES) + LITERAL_SLACK);
    session->imap = mailimap_new(0, NULL);
    if (open_steps(session, secret, steps, error))
        return session;
    session_close(session);
    return NULL;
}

void
session_close(struct session *session)
{
    if (!session)
        return;
    session_end(session);
    /* mailimap_free says LOGOUT and waits for a dead peer: the stream goes first */
    if (session->imap && session->imap->imap_stream) {
        mailstream_close(session->imap->imap_stream);
        session->imap->imap_stream = NULL;
    }
    if (session->imap)
        mailimap_free(session->imap);
    net_close(session->net);
    g_free(session);
}
