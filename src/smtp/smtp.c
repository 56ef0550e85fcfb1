/* smtp.c - one submission connection by libcurl: settings, one message, the check.
 *
 * Facts of libcurl 7.88 this rests on (measured): it stuffs dots only after CRLF, so bare line ends are
 * refused here; CR LF in an address goes out as commands, so only clean addresses get through; a reused
 * connection keeps the bearer it was opened with, so another secret gets a new handle; closing a
 * connection waits for the answer to QUIT, so the socket is shut down first or as soon as QUIT is out. */
#include "dialogue.h"
#include "outcome.h"

#include <cardpost/clean.h>
#include <cardpost/secret.h>
#include <cardpost/smtp.h>

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BYTES_PER_SECOND 8192 /* slowest line that is waited for */
#define QUIT_S           2

struct smtp {
    const struct config_outgoing *settings;
    struct smtp_timeouts timeouts;
    CURL *easy;    /* NULL: none yet, or dropped */
    char *secret;  /* the one the handle was made with */
    GArray *fds;   /* int: the sockets that libcurl has open; more than one only while it connects */
    bool is_fresh; /* the connection was opened during this transfer */
    bool is_plain_refused;
    bool is_closing; /* only the connection that is there may be used */
    struct dialogue dialogue;
    const char *raw; /* the message that is going out, and how far it was read */
    gsize len, at;
    char curl_text[CURL_ERROR_SIZE];
};

static void
shut_down(struct smtp *smtp, int how)
{
    for (guint i = 0; i < smtp->fds->len; i++)
        shutdown(g_array_index(smtp->fds, int, i), how);
}

/* ---- callbacks */

static size_t
on_read(char *buffer, size_t size, size_t n, void *data)
{
    struct smtp *smtp = data;
    gsize part = MIN(size * n, smtp->len - smtp->at);
    if (part > 0)
        memcpy(buffer, smtp->raw + smtp->at, part);
    smtp->at += part;
    return part;
}

static size_t
on_reply(char *line, size_t size, size_t n, void *data)
{
    struct smtp *smtp = data;
    dialogue_reply(&smtp->dialogue, line, size * n);
    return size * n;
}

static size_t
on_body(char *text, size_t size, size_t n, void *data)
{
    (void)text;
    (void)data;
    return size * n;
}

static int
on_debug(CURL *easy, curl_infotype type, char *text, size_t len, void *data)
{
    struct smtp *smtp = data;
    (void)easy;
    if (type != CURLINFO_HEADER_OUT)
        return 0;
    dialogue_command(&smtp->dialogue, text, len);
    /* libcurl's own farewell: nobody needs its answer, and a stalled server must not hold us */
    if (len >= 4 && strncmp(text, "QUIT", 4) == 0)
        shut_down(smtp, SHUT_RD);
    return 0;
}

static bool
is_loopback(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET)
        return (ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr) >> 24) == 127;
    return address->sa_family == AF_INET6 &&
           IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr);
}

static curl_socket_t
on_open_socket(void *data, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct smtp *smtp = data;
    (void)purpose;
    if (smtp->is_closing)
        return CURL_SOCKET_BAD;
    if (smtp->settings->server.tls == NET_TLS_NONE && !is_loopback(&address->addr)) {
        smtp->is_plain_refused = true;
        return CURL_SOCKET_BAD;
    }
    smtp->is_fresh = true;
    int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (fd >= 0)
        g_array_append_val(smtp->fds, fd);
    return fd;
}

static int
on_close_socket(void *data, curl_socket_t fd)
{
    struct smtp *smtp = data;
    for (guint i = 0; i < smtp->fds->len; i++)
        if (g_array_index(smtp->fds, int, i) == fd) {
            g_array_remove_index_fast(smtp->fds, i);
            break;
        }
    return close(fd);
}

/* ---- the handle */

static char *
make_url(const struct config_server *server, const char *hello)
{
    CURLU *url = curl_url();
    g_autofree char *port = g_strdup_printf("%u", server->port);
    g_autofree char *path = g_strconcat("/", hello, NULL);
    g_autofree char *host =
        strchr(server->host, ':') ? g_strconcat("[", server->host, "]", NULL) : g_strdup(server->host);
    char *text = NULL;
    bool is_good = curl_url_set(url, CURLUPART_SCHEME, server->tls == NET_TLS_IMPLICIT ? "smtps" : "smtp",
                                0) == CURLUE_OK &&
                   curl_url_set(url, CURLUPART_HOST, host, 0) == CURLUE_OK &&
                   curl_url_set(url, CURLUPART_PORT, port, 0) == CURLUE_OK &&
                   curl_url_set(url, CURLUPART_PATH, path, 0) == CURLUE_OK &&
                   curl_url_get(url, CURLUPART_URL, &text, 0) == CURLUE_OK;
    char *copy = is_good ? g_strdup(text) : NULL;
    curl_free(text);
    curl_url_cleanup(url);
    return copy;
}

static void
set_callbacks(struct smtp *smtp)
{
    CURL *easy = smtp->easy;
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(easy, CURLOPT_READDATA, smtp);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_reply);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, smtp);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, on_debug);
    curl_easy_setopt(easy, CURLOPT_DEBUGDATA, smtp);
    curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L); /* only so that on_debug is called; nothing is printed */
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, smtp);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close_socket);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, smtp);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, smtp->curl_text);
}

static void
set_security(struct smtp *smtp)
{
    const struct config_server *server = &smtp->settings->server;
    CURL *easy = smtp->easy;
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(easy, CURLOPT_PROXY, ""); /* whatever all_proxy says */
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_USE_SSL,
                     server->tls == NET_TLS_NONE ? (long)CURLUSESSL_NONE : (long)CURLUSESSL_ALL);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    if (server->ca_file) {
        curl_easy_setopt(easy, CURLOPT_CAINFO, server->ca_file);
        curl_easy_setopt(easy, CURLOPT_CAPATH, NULL); /* else the system's store counts too */
        if (net_ca_file_revokes(server->ca_file))
            curl_easy_setopt(easy, CURLOPT_CRLFILE, server->ca_file);
    }
}

static void
set_login(struct smtp *smtp)
{
    static const char *const mechanisms[] = {
        [CONFIG_AUTH_AUTO] = "AUTH=PLAIN;AUTH=LOGIN",
        [CONFIG_AUTH_PLAIN] = "AUTH=PLAIN",
        [CONFIG_AUTH_LOGIN] = "AUTH=LOGIN",
        [CONFIG_AUTH_XOAUTH2] = "AUTH=XOAUTH2",
    };
    const struct config_server *server = &smtp->settings->server;
    if (!server->user || !smtp->secret)
        return;
    curl_easy_setopt(smtp->easy, CURLOPT_USERNAME, server->user);
    curl_easy_setopt(smtp->easy, CURLOPT_SASL_IR, 1L); /* saves a round trip (RFC 4954) */
    curl_easy_setopt(smtp->easy, CURLOPT_LOGIN_OPTIONS, mechanisms[server->auth]);
    if (server->auth == CONFIG_AUTH_XOAUTH2)
        curl_easy_setopt(smtp->easy, CURLOPT_XOAUTH2_BEARER, smtp->secret);
    else
        curl_easy_setopt(smtp->easy, CURLOPT_PASSWORD, smtp->secret);
}

static void
set_timeouts(struct smtp *smtp, gsize len)
{
    const struct smtp_timeouts *timeouts = &smtp->timeouts;
    curl_easy_setopt(smtp->easy, CURLOPT_CONNECTTIMEOUT, (long)timeouts->connect_s);
    curl_easy_setopt(smtp->easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)timeouts->reply_s);
    curl_easy_setopt(smtp->easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(smtp->easy, CURLOPT_LOW_SPEED_TIME, (long)timeouts->reply_s);
    curl_easy_setopt(smtp->easy, CURLOPT_TIMEOUT, (long)timeouts->whole_s + (long)(len / BYTES_PER_SECOND));
}

/* Ends the connection without waiting for anybody. */
static void
drop_handle(struct smtp *smtp)
{
    shut_down(smtp, SHUT_RDWR);
    g_clear_pointer(&smtp->easy, curl_easy_cleanup);
}

/* A handle for this secret, with its connection if there is one. */
static void
prepare_handle(struct smtp *smtp, const char *secret)
{
    if (smtp->easy && g_strcmp0(smtp->secret, secret) == 0)
        return;
    drop_handle(smtp);
    secret_free(smtp->secret);
    smtp->secret = g_strdup(secret);
    smtp->easy = curl_easy_init();
    g_assert(smtp->easy);
    set_callbacks(smtp);
    set_security(smtp);
    set_login(smtp);
}

/* ---- transfers */

static void
perform(struct smtp *smtp, const char *hello, struct smtp_result *result_out)
{
    dialogue_begin(&smtp->dialogue);
    smtp->is_fresh = smtp->is_plain_refused = false;
    smtp->at = 0;
    smtp->curl_text[0] = '\0';
    set_timeouts(smtp, smtp->len);
    g_autofree char *url = make_url(&smtp->settings->server, hello);
    CURLcode code = url ? curl_easy_setopt(smtp->easy, CURLOPT_URL, url) : CURLE_URL_MALFORMAT;
    if (code == CURLE_OK)
        code = curl_easy_perform(smtp->easy);
    const char *words = smtp->curl_text[0] ? smtp->curl_text : curl_easy_strerror(code);
    struct ending ending = {.curl_code = code,
                            .curl_text = words,
                            .is_all_handed_over = smtp->at == smtp->len,
                            .is_plain_refused = smtp->is_plain_refused};
    outcome_of(&smtp->dialogue, &ending, result_out);
    if (code != CURLE_OK)
        drop_handle(smtp);
}

/* Whether a kept connection had died meanwhile: the server said nothing, or good-bye, before our first
 * command of this message was answered. Nothing was handed over, so a second try doubles nothing. */
static bool
is_stale_connection(const struct smtp *smtp, const struct smtp_result *result)
{
    return result->outcome == SMTP_DEFERRED && !smtp->is_fresh && smtp->dialogue.stage <= STAGE_MAIL &&
           (result->code == 0 || result->code == 421);
}

/* No bare CR or LF (SMTP smuggling: what libcurl does not stuff, a server may take for the end). */
static bool
has_crlf_only(const char *raw, gsize len)
{
    for (const char *p = raw, *end = raw + len; p < end; p++) {
        if (*p == '\n' || (*p == '\r' && (p + 1 == end || p[1] != '\n')))
            return false;
        if (*p == '\r')
            p++;
    }
    return true;
}

/* Why this message must not go out as it is, or NULL. */
static const char *
find_fault(const char *envelope_from, const char *recipient, const char *raw, gsize len)
{
    if (envelope_from[0] != '\0' && !clean_is_address(envelope_from))
        return "the envelope sender is not an address that may be sent";
    if (!clean_is_address(recipient))
        return "the recipient is not an address that may be sent";
    return has_crlf_only(raw, len) ? NULL : "the message has line ends other than CRLF";
}

static void
send_once(struct smtp *smtp, const char *secret, const char *envelope_from, const char *recipient,
          struct smtp_result *result_out)
{
    const char *at = strchr(envelope_from, '@');
    struct curl_slist *recipients = curl_slist_append(NULL, recipient);
    g_assert(recipients);
    prepare_handle(smtp, secret);
    curl_easy_setopt(smtp->easy, CURLOPT_CUSTOMREQUEST, NULL);
    curl_easy_setopt(smtp->easy, CURLOPT_NOBODY, 0L);
    curl_easy_setopt(smtp->easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(smtp->easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)smtp->len);
    curl_easy_setopt(smtp->easy, CURLOPT_MAIL_FROM, envelope_from);
    curl_easy_setopt(smtp->easy, CURLOPT_MAIL_RCPT, recipients);
    perform(smtp, at ? at + 1 : "localhost", result_out);
    if (smtp->easy)
        curl_easy_setopt(smtp->easy, CURLOPT_MAIL_RCPT, NULL);
    curl_slist_free_all(recipients);
}

void
smtp_send(struct smtp *smtp, const char *secret, const char *envelope_from, const char *recipient,
          const void *raw, gsize len, struct smtp_result *result_out)
{
    const char *fault = find_fault(envelope_from, recipient, raw, len);
    if (fault) {
        *result_out =
            (struct smtp_result){.outcome = SMTP_FAILED, .stage = "address", .text = g_strdup(fault)};
        return;
    }
    smtp->raw = raw;
    smtp->len = len;
    send_once(smtp, secret, envelope_from, recipient, result_out);
    if (is_stale_connection(smtp, result_out)) {
        g_free(result_out->text);
        send_once(smtp, secret, envelope_from, recipient, result_out);
    }
    smtp->raw = NULL;
}

/* One command outside a transaction: connects and logs in where that is still to be done. */
static void
perform_command(struct smtp *smtp, const char *command, struct smtp_result *result_out)
{
    smtp->len = 0;
    curl_easy_setopt(smtp->easy, CURLOPT_UPLOAD, 0L);
    curl_easy_setopt(smtp->easy, CURLOPT_NOBODY, 1L);
    curl_easy_setopt(smtp->easy, CURLOPT_CUSTOMREQUEST, command);
    perform(smtp, "localhost", result_out);
}

static void
quit(struct smtp *smtp)
{
    if (!smtp->easy || smtp->fds->len == 0)
        return;
    struct smtp_result result;
    smtp->timeouts = (struct smtp_timeouts){.connect_s = QUIT_S, .reply_s = QUIT_S, .whole_s = QUIT_S};
    smtp->is_closing = true;
    perform_command(smtp, "QUIT", &result);
    smtp->is_closing = false;
    g_free(result.text);
}

void
smtp_check(struct smtp *smtp, const char *secret, struct smtp_result *result_out)
{
    prepare_handle(smtp, secret);
    perform_command(smtp, "NOOP", result_out);
    struct smtp_timeouts kept = smtp->timeouts;
    quit(smtp);
    smtp->timeouts = kept;
    drop_handle(smtp);
}

struct smtp *
smtp_open(const struct config_outgoing *settings)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
    struct smtp *smtp = g_new0(struct smtp, 1);
    smtp->settings = settings;
    smtp->fds = g_array_new(FALSE, FALSE, sizeof(int));
    smtp->timeouts = (struct smtp_timeouts){.connect_s = 60, .reply_s = 300, .whole_s = 600};
    dialogue_init(&smtp->dialogue);
    return smtp;
}

void
smtp_set_timeouts(struct smtp *smtp, const struct smtp_timeouts *timeouts)
{
    smtp->timeouts = *timeouts;
}

void
smtp_close(struct smtp *smtp)
{
    if (!smtp)
        return;
    quit(smtp);
    drop_handle(smtp);
    secret_free(smtp->secret);
    dialogue_clear(&smtp->dialogue);
    g_array_unref(smtp->fds);
    g_free(smtp);
    curl_global_cleanup();
}
