/* fake.c - see fake.h. Knows just enough IMAP for one client: no parser, commands are told by their words. */
#include "fake.h"

#include <check.h>
#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define WAIT_S 20

struct fake {
    struct fake_settings settings;
    int listener, client;
    uint16_t port;
    GThread *thread;
    GMutex mutex;
    GPtrArray *mails; /* struct fake_mail * */
    GString *transcript;
    guint connections;
    gint64 sent;
    guint told; /* mails the client was last told of by EXISTS */
    bool is_closing;
    int is_stopping, is_ready; /* atomic */
    gnutls_session_t tls;
    gnutls_certificate_credentials_t credentials;
    GString *in;
};

static void
mail_free(gpointer data)
{
    struct fake_mail *mail = data;
    g_free(mail->raw);
    g_free(mail);
}

/* ---- bytes */

void
fake_send_bytes(struct fake *fake, const void *bytes, gsize len)
{
    if (fake->is_closing)
        return;
    gint64 limit = fake->connections == 1 ? fake->settings.cut_after : -1;
    if (limit >= 0 && fake->sent + (gint64)len >= limit) {
        len = (gsize)MAX(limit - fake->sent, 0);
        fake->is_closing = true;
    }
    for (gsize at = 0; at < len && !g_atomic_int_get(&fake->is_stopping);) {
        ssize_t n = fake->tls ? gnutls_record_send(fake->tls, (const char *)bytes + at, len - at)
                              : send(fake->client, (const char *)bytes + at, len - at, MSG_NOSIGNAL);
        if (n <= 0) {
            fake->is_closing = true;
            return;
        }
        at += (gsize)n;
    }
    if (fake->connections == 1)
        fake->sent += (gint64)len;
}

void
fake_send(struct fake *fake, const char *text)
{
    fake_send_bytes(fake, text, strlen(text));
}

void
fake_printf(struct fake *fake, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    fake_send(fake, text);
}

void
fake_close(struct fake *fake)
{
    fake->is_closing = true;
}

bool
fake_is_open(struct fake *fake)
{
    return !fake->is_closing && !g_atomic_int_get(&fake->is_stopping);
}

void
fake_stall(struct fake *fake)
{
    for (int i = 0; i < 6000 && !g_atomic_int_get(&fake->is_stopping); i++) {
        struct pollfd p = {.fd = fake->client, .events = POLLRDHUP};
        if (poll(&p, 1, 10) > 0 && (p.revents & (POLLRDHUP | POLLHUP | POLLERR)))
            break;
    }
    fake->is_closing = true;
}

static guint
count_mails(struct fake *fake)
{
    g_mutex_lock(&fake->mutex);
    guint n = fake->mails->len;
    g_mutex_unlock(&fake->mutex);
    return n;
}

/* As servers do with any answer. */
static void
tell_news(struct fake *fake)
{
    guint n = count_mails(fake);
    if (n > fake->told)
        fake_printf(fake, "* %u EXISTS\r\n", n);
    fake->told = n;
}

/* More bytes into fake->in; false: closed. In IDLE news are told while waiting. */
static bool
receive(struct fake *fake, bool is_idle)
{
    char buffer[4096];
    while (!g_atomic_int_get(&fake->is_stopping) && !fake->is_closing) {
        if (is_idle)
            tell_news(fake);
        struct pollfd p = {.fd = fake->client, .events = POLLIN};
        bool has_pending = fake->tls && gnutls_record_check_pending(fake->tls) > 0;
        if (!has_pending && poll(&p, 1, 10) <= 0)
            continue;
        ssize_t n = fake->tls ? gnutls_record_recv(fake->tls, buffer, sizeof buffer)
                              : recv(fake->client, buffer, sizeof buffer, 0);
        if (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED)
            continue;
        if (n <= 0)
            return false;
        g_string_append_len(fake->in, buffer, n);
        g_mutex_lock(&fake->mutex);
        g_string_append_len(fake->transcript, buffer, n);
        g_mutex_unlock(&fake->mutex);
        return true;
    }
    return false;
}

/* One line without its end; NULL: closed. g_free. */
static char *
read_line(struct fake *fake, bool is_idle)
{
    for (;;) {
        char *end = strstr(fake->in->str, "\r\n");
        if (end) {
            char *line = g_strndup(fake->in->str, (gsize)(end - fake->in->str));
            g_string_erase(fake->in, 0, end - fake->in->str + 2);
            return line;
        }
        if (!receive(fake, is_idle))
            return NULL;
    }
}

/* ---- mails */

static bool
in_set(const char *set, uint32_t uid, uint32_t last)
{
    g_auto(GStrv) parts = g_strsplit(set, ",", -1);
    for (guint i = 0; parts[i]; i++) {
        char *colon = strchr(parts[i], ':');
        guint64 from = g_ascii_strtoull(parts[i], NULL, 10);
        guint64 to = !colon ? from : colon[1] == '*' ? MAX(last, uid) : g_ascii_strtoull(colon + 1, NULL, 10);
        /* RFC 3501: "n:*" includes the last mail, whatever n is */
        if ((uid >= from && uid <= to) || (colon && colon[1] == '*' && uid == last))
            return true;
    }
    return false;
}

static void
fetch_one(struct fake *fake, guint number, const struct fake_mail *mail, const char *what)
{
    gsize len = strlen(mail->raw);
    gint64 said = mail->said_size > 0 ? mail->said_size : (gint64)len;
    fake_printf(fake, "* %u FETCH (UID %u RFC822.SIZE %" G_GINT64_FORMAT, number, mail->uid, said);
    if (strstr(what, "INTERNALDATE"))
        fake_send(fake, " INTERNALDATE \"17-Jul-2026 10:00:00 +0800\"");
    if (strstr(what, "HEADER.FIELDS")) {
        const char *body = strstr(mail->raw, "\r\n\r\n");
        gsize n = body ? (gsize)(body - mail->raw) + 4 : len;
        fake_printf(fake, " BODY[HEADER.FIELDS (MESSAGE-ID FROM DATE)] {%zu}\r\n", n);
        fake_send_bytes(fake, mail->raw, n);
    } else if (strstr(what, "BODY.PEEK[]<0.65536>")) {
        fake_printf(fake, " BODY[]<0> {%zu}\r\n", MIN(len, 65536));
        fake_send_bytes(fake, mail->raw, MIN(len, 65536));
    } else if (strstr(what, "BODY.PEEK[]")) {
        fake_printf(fake, " BODY[] {%zu}\r\n", len);
        fake_send_bytes(fake, mail->raw, len);
    }
    fake_send(fake, ")\r\n");
}

static void
fetch(struct fake *fake, const char *command)
{
    const char *set = command + strlen("UID FETCH ");
    g_autofree char *uids = g_strndup(set, strcspn(set, " "));
    g_mutex_lock(&fake->mutex);
    g_autoptr(GPtrArray) mails = g_ptr_array_new_with_free_func(mail_free);
    for (guint i = 0; i < fake->mails->len; i++) {
        const struct fake_mail *mail = g_ptr_array_index(fake->mails, i);
        struct fake_mail *copy = g_new0(struct fake_mail, 1);
        *copy =
            (struct fake_mail){.uid = mail->uid, .raw = g_strdup(mail->raw), .said_size = mail->said_size};
        g_ptr_array_add(mails, copy);
    }
    g_mutex_unlock(&fake->mutex);
    uint32_t last = 0;
    for (guint i = 0; i < mails->len; i++)
        last = MAX(last, ((struct fake_mail *)g_ptr_array_index(mails, i))->uid);
    for (guint i = 0; i < mails->len && !fake->is_closing; i++) {
        const struct fake_mail *mail = g_ptr_array_index(mails, i);
        if (in_set(uids, mail->uid, last))
            fetch_one(fake, i + 1, mail, set);
    }
}

/* MOVE and EXPUNGE take mails away. */
static void
take_away(struct fake *fake, const char *set)
{
    g_autofree char *uids = g_strndup(set, strcspn(set, " "));
    g_mutex_lock(&fake->mutex);
    for (guint i = fake->mails->len; i > 0; i--)
        if (in_set(uids, ((struct fake_mail *)g_ptr_array_index(fake->mails, i - 1))->uid, 0))
            g_ptr_array_remove_index(fake->mails, i - 1);
    g_mutex_unlock(&fake->mutex);
}

/* ---- commands */

static void
start_tls(struct fake *fake)
{
    gnutls_init(&fake->tls, GNUTLS_SERVER);
    gnutls_set_default_priority(fake->tls);
    gnutls_credentials_set(fake->tls, GNUTLS_CRD_CERTIFICATE, fake->credentials);
    gnutls_transport_set_int(fake->tls, fake->client);
    gnutls_handshake_set_timeout(fake->tls, 10000);
    int code;
    do
        code = gnutls_handshake(fake->tls);
    while (code < 0 && !gnutls_error_is_fatal(code));
    if (code < 0)
        fake->is_closing = true;
    char name[256] = "";
    unsigned type;
    gsize len = sizeof name;
    bool is_named = gnutls_server_name_get(fake->tls, name, &len, &type, 0) == 0;
    g_mutex_lock(&fake->mutex);
    g_string_append_printf(fake->transcript, "<SNI %s>\r\n", is_named ? name : "none");
    g_mutex_unlock(&fake->mutex);
}

static const char *
or_default(const char *text, const char *preset)
{
    return text ? text : preset;
}

static void
answer_idle(struct fake *fake, const char *tag)
{
    fake_send(fake, "+ idling\r\n");
    g_autofree char *line = read_line(fake, true);
    if (line)
        fake_printf(fake, "%s OK idle done\r\n", tag);
}

void
fake_answer(struct fake *fake, const char *tag, const char *command)
{
    const struct fake_settings *s = &fake->settings;
    if (strcasecmp(command, "CAPABILITY") == 0)
        fake_printf(fake, "* CAPABILITY %s\r\n",
                    or_default(s->capabilities, "IMAP4rev1 IDLE MOVE UIDPLUS ID SASL-IR AUTH=PLAIN"));
    else if (g_str_has_prefix(command, "SELECT")) {
        fake->told = count_mails(fake);
        fake_printf(fake, "* FLAGS (\\Seen)\r\n* %u EXISTS\r\n* 0 RECENT\r\n%s", fake->told,
                    or_default(s->select_extra, "* OK [UIDVALIDITY 7] ok\r\n"));
        fake_printf(fake, "%s OK %s selected\r\n", tag, or_default(s->select_code, "[READ-WRITE]"));
        return;
    } else if (g_str_has_prefix(command, "UID FETCH"))
        fetch(fake, command);
    else if (g_str_has_prefix(command, "UID MOVE"))
        take_away(fake, command + strlen("UID MOVE "));
    else if (g_str_has_prefix(command, "UID EXPUNGE"))
        take_away(fake, command + strlen("UID EXPUNGE "));
    else if (strcmp(command, "IDLE") == 0) {
        answer_idle(fake, tag);
        return;
    }
    tell_news(fake);
    bool is_injected = strcmp(command, "STARTTLS") == 0 && s->injected;
    fake_printf(fake, "%s OK done\r\n%s", tag, is_injected ? s->injected : "");
    if (strcmp(command, "STARTTLS") == 0 && s->is_starttls)
        start_tls(fake);
}

static void
serve(struct fake *fake)
{
    const struct fake_settings *s = &fake->settings;
    if (s->cert_file && !s->is_starttls)
        start_tls(fake);
    if (!fake->is_closing && !(s->hook && s->hook(fake, "", "greeting")))
        fake_printf(fake, "%s\r\n", or_default(s->greeting, "* OK ready"));
    char *line;
    while (!fake->is_closing && (line = read_line(fake, false))) {
        char *space = strchr(line, ' ');
        if (space)
            *space = '\0';
        const char *command = space ? space + 1 : "";
        if (!s->hook || !s->hook(fake, line, command))
            fake_answer(fake, line, command);
        g_free(line);
    }
}

static gpointer
run(gpointer data)
{
    struct fake *fake = data;
    g_atomic_int_set(&fake->is_ready, true);
    while (!g_atomic_int_get(&fake->is_stopping)) {
        struct pollfd p = {.fd = fake->listener, .events = POLLIN};
        if (poll(&p, 1, 10) <= 0)
            continue;
        fake->client = accept4(fake->listener, NULL, NULL, SOCK_CLOEXEC);
        if (fake->client < 0)
            continue;
        int one = 1; /* small writes would wait for delayed acknowledgements */
        setsockopt(fake->client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        g_mutex_lock(&fake->mutex);
        fake->connections++;
        g_mutex_unlock(&fake->mutex);
        fake->is_closing = false;
        g_string_truncate(fake->in, 0);
        serve(fake);
        if (fake->tls)
            gnutls_deinit(fake->tls);
        fake->tls = NULL;
        close(fake->client);
    }
    return NULL;
}

struct fake *
fake_start(const struct fake_settings *settings)
{
    struct fake *fake = g_new0(struct fake, 1);
    fake->settings = *settings;
    fake->mails = g_ptr_array_new_with_free_func(mail_free);
    fake->transcript = g_string_new(NULL);
    fake->in = g_string_new(NULL);
    g_mutex_init(&fake->mutex);
    if (settings->cert_file) {
        gnutls_certificate_allocate_credentials(&fake->credentials);
        ck_assert_int_eq(gnutls_certificate_set_x509_key_file(fake->credentials, settings->cert_file,
                                                              settings->key_file, GNUTLS_X509_FMT_PEM),
                         0);
    }
    fake->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    ck_assert_int_eq(bind(fake->listener, (struct sockaddr *)&address, len), 0);
    ck_assert_int_eq(listen(fake->listener, 8), 0);
    getsockname(fake->listener, (struct sockaddr *)&address, &len);
    fake->port = ntohs(address.sin_port);
    fake->thread = g_thread_new("fake", run, fake);
    /* The caller forks next: no thread may be in the middle of its start then, or the child inherits locks of
     * AddressSanitizer that nobody opens. */
    while (!g_atomic_int_get(&fake->is_ready))
        g_usleep(100);
    g_usleep(2000);
    return fake;
}

void
fake_stop(struct fake *fake)
{
    g_atomic_int_set(&fake->is_stopping, true);
    g_thread_join(fake->thread);
    close(fake->listener);
    if (fake->credentials)
        gnutls_certificate_free_credentials(fake->credentials);
    g_ptr_array_unref(fake->mails);
    g_string_free(fake->transcript, TRUE);
    g_string_free(fake->in, TRUE);
    g_mutex_clear(&fake->mutex);
    g_free(fake);
}

uint16_t
fake_port(const struct fake *fake)
{
    return fake->port;
}

void *
fake_data(struct fake *fake)
{
    return fake->settings.data;
}

void
fake_add_mail(struct fake *fake, uint32_t uid, const char *raw, int64_t said_size)
{
    struct fake_mail *mail = g_new0(struct fake_mail, 1);
    *mail = (struct fake_mail){.uid = uid, .raw = g_strdup(raw), .said_size = said_size};
    g_mutex_lock(&fake->mutex);
    g_ptr_array_add(fake->mails, mail);
    g_mutex_unlock(&fake->mutex);
}

void
fake_remove_mail(struct fake *fake, uint32_t uid)
{
    g_autofree char *set = g_strdup_printf("%u", uid);
    take_away(fake, set);
}

bool
fake_has_mail(struct fake *fake, uint32_t uid)
{
    bool found = false;
    g_mutex_lock(&fake->mutex);
    for (guint i = 0; i < fake->mails->len; i++)
        found = found || ((struct fake_mail *)g_ptr_array_index(fake->mails, i))->uid == uid;
    g_mutex_unlock(&fake->mutex);
    return found;
}

char *
fake_transcript(struct fake *fake)
{
    g_mutex_lock(&fake->mutex);
    char *text = g_strdup(fake->transcript->str);
    g_mutex_unlock(&fake->mutex);
    return text;
}

bool
fake_wait(struct fake *fake, const char *text, guint n)
{
    for (int i = 0; i < WAIT_S * 100; i++) {
        g_autofree char *seen = fake_transcript(fake);
        guint found = 0;
        for (const char *p = seen; (p = strstr(p, text)); p += strlen(text))
            found++;
        if (found >= n)
            return true;
        g_usleep(10000);
    }
    return false;
}

guint
fake_connections(struct fake *fake)
{
    g_mutex_lock(&fake->mutex);
    guint n = fake->connections;
    g_mutex_unlock(&fake->mutex);
    return n;
}

gint64
fake_sent(struct fake *fake)
{
    return fake->sent;
}
