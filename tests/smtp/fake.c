/* fake.c - see fake.h. One thread, one connection at a time. */
#include "fake.h"

#include "support.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct peer {
    struct fake *fake;
    int fd;
    gnutls_session_t tls; /* or NULL */
    GString *in;
};

static ssize_t
peer_read(struct peer *peer, char *buffer, size_t len)
{
    return peer->tls ? gnutls_record_recv(peer->tls, buffer, len) : recv(peer->fd, buffer, len, 0);
}

static void
peer_write(struct peer *peer, const char *text)
{
    size_t len = strlen(text);
    if (peer->tls)
        (void)gnutls_record_send(peer->tls, text, len);
    else if (send(peer->fd, text, len, MSG_NOSIGNAL) < 0)
        return;
}

/* A line with its LF, or NULL at the end of the connection. */
static GString *
peer_line(struct peer *peer)
{
    for (;;) {
        char *end = memchr(peer->in->str, '\n', peer->in->len);
        if (end) {
            gssize len = end - peer->in->str + 1;
            GString *line = g_string_new_len(peer->in->str, len);
            g_string_erase(peer->in, 0, len);
            return line;
        }
        char buffer[8192];
        ssize_t n = peer_read(peer, buffer, sizeof buffer);
        if (n <= 0)
            return NULL;
        g_string_append_len(peer->in, buffer, n);
    }
}

static void
wait_for_end(struct peer *peer)
{
    for (GString *line = peer_line(peer); line; line = peer_line(peer))
        g_string_free(line, TRUE);
}

/* Answers at this point; false: the connection is over. */
static bool
answer(struct peer *peer, enum fake_at at, const char *good)
{
    const char *reply = peer->fake->reply[at] ? peer->fake->reply[at] : good;
    if (strcmp(reply, FAKE_CLOSE) == 0)
        return false;
    if (strcmp(reply, FAKE_HANG) == 0) {
        wait_for_end(peer);
        return false;
    }
    bool is_late = strcmp(reply, FAKE_LATE) == 0;
    if (is_late)
        sleep(5);
    peer_write(peer, is_late ? good : reply);
    return true;
}

static bool
take_body(struct peer *peer)
{
    GString *body = g_string_new(NULL);
    g_ptr_array_add(peer->fake->bodies, body);
    for (;;) {
        GString *line = peer_line(peer);
        bool is_end = !line || strcmp(line->str, ".\r\n") == 0;
        if (!is_end)
            g_string_append_len(body, line->str, (gssize)line->len);
        bool is_lost = !line;
        if (line)
            g_string_free(line, TRUE);
        if (is_end)
            return !is_lost;
    }
}

/* A login without an initial response (a long token) is asked for it. */
static bool
ask_secret(struct peer *peer)
{
    peer_write(peer, "334 \r\n");
    GString *line = peer_line(peer);
    if (!line)
        return false;
    g_string_append(peer->fake->log, line->str);
    g_string_free(line, TRUE);
    return true;
}

static const struct {
    const char *word;
    enum fake_at at;
    const char *good;
} replies[] = {
    {"EHLO", FAKE_EHLO, "250-fake\r\n250-SIZE 5000000\r\n250 AUTH PLAIN LOGIN XOAUTH2\r\n"},
    {"HELO", FAKE_EHLO, "250 fake\r\n"},
    {"STARTTLS", FAKE_STARTTLS, "502 no\r\n"},
    {"AUTH", FAKE_AUTH, "235 2.7.0 welcome\r\n"},
    {"MAIL", FAKE_MAIL, "250 2.1.0 ok\r\n"},
    {"RCPT", FAKE_RCPT, "250 2.1.5 ok\r\n"},
    {"DATA", FAKE_DATA, "354 go on\r\n"},
    {"NOOP", FAKE_MAIL, "250 2.0.0 ok\r\n"},
};

static bool
is_354(const struct fake *fake)
{
    return !fake->reply[FAKE_DATA] || g_str_has_prefix(fake->reply[FAKE_DATA], "354");
}

static bool
handle(struct peer *peer, const char *line, int *messages)
{
    if (g_ascii_strncasecmp(line, "QUIT", 4) == 0) {
        answer(peer, FAKE_QUIT, "221 bye\r\n");
        return false;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(replies); i++) {
        if (g_ascii_strncasecmp(line, replies[i].word, strlen(replies[i].word)) != 0)
            continue;
        if (replies[i].at == FAKE_AUTH && !strchr(line + 5, ' ') && !ask_secret(peer))
            return false;
        if (!answer(peer, replies[i].at, replies[i].good))
            return false;
        if (replies[i].at != FAKE_DATA || !is_354(peer->fake))
            return true;
        if (!take_body(peer) || !answer(peer, FAKE_DOT, "250 2.0.0 queued as 1\r\n"))
            return false;
        return ++*messages != peer->fake->close_after_messages;
    }
    peer_write(peer, "500 what\r\n");
    return true;
}

static void
talk(struct peer *peer)
{
    int messages = 0;
    bool is_on = answer(peer, FAKE_GREETING, "220 fake ESMTP\r\n");
    while (is_on) {
        GString *line = peer_line(peer);
        if (!line)
            return;
        g_string_append(peer->fake->log, line->str);
        is_on = handle(peer, line->str, &messages);
        g_string_free(line, TRUE);
    }
}

static void
serve(struct fake *fake, int fd)
{
    struct peer peer = {.fake = fake, .fd = fd, .in = g_string_new(NULL)};
    gnutls_certificate_credentials_t credentials = NULL;
    bool is_ready = true;
    if (fake->cert_file) {
        gnutls_certificate_allocate_credentials(&credentials);
        gnutls_certificate_set_x509_key_file(credentials, fake->cert_file, fake->key_file,
                                             GNUTLS_X509_FMT_PEM);
        gnutls_init(&peer.tls, GNUTLS_SERVER | GNUTLS_NO_SIGNAL);
        gnutls_set_default_priority(peer.tls);
        gnutls_credentials_set(peer.tls, GNUTLS_CRD_CERTIFICATE, credentials);
        gnutls_transport_set_int(peer.tls, fd);
        is_ready = gnutls_handshake(peer.tls) == 0;
    }
    if (is_ready)
        talk(&peer);
    if (peer.tls)
        gnutls_deinit(peer.tls);
    if (credentials)
        gnutls_certificate_free_credentials(credentials);
    g_string_free(peer.in, TRUE);
}

static gpointer
run(gpointer data)
{
    struct fake *fake = data;
    for (;;) {
        int fd = accept(fake->listen_fd, NULL, NULL);
        if (fd < 0)
            return NULL;
        fake->connections++;
        g_mutex_lock(&fake->mutex);
        g_ptr_array_add(fake->fds, GINT_TO_POINTER(fd));
        g_mutex_unlock(&fake->mutex);
        serve(fake, fd);
        g_mutex_lock(&fake->mutex);
        g_ptr_array_remove(fake->fds, GINT_TO_POINTER(fd));
        g_mutex_unlock(&fake->mutex);
        close(fd);
    }
}

static void
free_body(gpointer body)
{
    g_string_free(body, TRUE);
}

void
fake_start(struct fake *fake)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    fake->log = g_string_new(NULL);
    fake->bodies = g_ptr_array_new_with_free_func(free_body);
    fake->fds = g_ptr_array_new();
    g_mutex_init(&fake->mutex);
    fake->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(fake->listen_fd, (struct sockaddr *)&address, sizeof address), 0);
    ck_assert_int_eq(listen(fake->listen_fd, 8), 0);
    ck_assert_int_eq(getsockname(fake->listen_fd, (struct sockaddr *)&address, &len), 0);
    fake->port = ntohs(address.sin_port);
    fake->thread = g_thread_new("fake", run, fake);
}

static void
shut_down(gpointer fd, gpointer unused)
{
    (void)unused;
    shutdown(GPOINTER_TO_INT(fd), SHUT_RDWR);
}

void
fake_stop(struct fake *fake)
{
    if (!fake->thread)
        return;
    shutdown(fake->listen_fd, SHUT_RDWR);
    g_mutex_lock(&fake->mutex);
    g_ptr_array_foreach(fake->fds, shut_down, NULL);
    g_mutex_unlock(&fake->mutex);
    g_thread_join(fake->thread);
    fake->thread = NULL;
    close(fake->listen_fd);
}

void
fake_clear(struct fake *fake)
{
    fake_stop(fake);
    g_string_free(fake->log, TRUE);
    g_ptr_array_unref(fake->bodies);
    g_ptr_array_unref(fake->fds);
    g_mutex_clear(&fake->mutex);
}

static void
write_pem(const char *file, gnutls_datum_t *pem)
{
    ck_assert(g_file_set_contents(file, (const char *)pem->data, (gssize)pem->size, NULL));
    gnutls_free(pem->data);
}

void
fake_make_certificate(const char *cert_file, const char *key_file, const char *host)
{
    static const unsigned char loopback[] = {127, 0, 0, 1};
    gnutls_x509_privkey_t key;
    gnutls_x509_crt_t cert;
    gnutls_datum_t pem;
    time_t now = time(NULL);
    ck_assert_int_eq(gnutls_x509_privkey_init(&key), 0);
    ck_assert_int_eq(gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
                                                  GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0),
                     0);
    ck_assert_int_eq(gnutls_x509_crt_init(&cert), 0);
    gnutls_x509_crt_set_version(cert, 3);
    gnutls_x509_crt_set_serial(cert, "\x01", 1);
    gnutls_x509_crt_set_activation_time(cert, now - 3600);
    gnutls_x509_crt_set_expiration_time(cert, now + 3600);
    gnutls_x509_crt_set_dn_by_oid(cert, GNUTLS_OID_X520_COMMON_NAME, 0, "fake", 4);
    if (host)
        gnutls_x509_crt_set_subject_alt_name(cert, GNUTLS_SAN_DNSNAME, host, (unsigned)strlen(host),
                                             GNUTLS_FSAN_SET);
    else
        gnutls_x509_crt_set_subject_alt_name(cert, GNUTLS_SAN_IPADDRESS, loopback, sizeof loopback,
                                             GNUTLS_FSAN_SET);
    gnutls_x509_crt_set_basic_constraints(cert, 1, -1);
    gnutls_x509_crt_set_key(cert, key);
    ck_assert_int_eq(gnutls_x509_crt_sign2(cert, cert, key, GNUTLS_DIG_SHA256, 0), 0);
    ck_assert_int_eq(gnutls_x509_crt_export2(cert, GNUTLS_X509_FMT_PEM, &pem), 0);
    write_pem(cert_file, &pem);
    ck_assert_int_eq(gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &pem), 0);
    write_pem(key_file, &pem);
    gnutls_x509_crt_deinit(cert);
    gnutls_x509_privkey_deinit(key);
}
