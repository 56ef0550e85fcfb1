/* connect.c - name, address, TCP and TLS of a new connection. Nothing of ours is sent before the server's
 * certificate is found good: chain, host name and dates. */
#include "net_private.h"

#include <cardpost/clock.h>
#include <cardpost/error.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

/* Half-open connections are the normal failure (suspend, NAT): probes after a minute, dead after two. */
#define KEEPALIVE_IDLE_S     60
#define KEEPALIVE_INTERVAL_S 20
#define KEEPALIVE_PROBES     3
#define USER_TIMEOUT_MS      120000
#define TLS_PRIORITY         "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

/* ---- name resolution with an end: getaddrinfo has none, so a thread waits for it and may be left behind */

struct lookup {
    gatomicrefcount refs;
    GMutex mutex;
    GCond done_cond;
    char *host, *service;
    bool done;
    int code;
    struct addrinfo *found;
};

static void
lookup_unref(struct lookup *lookup)
{
    if (!g_atomic_ref_count_dec(&lookup->refs))
        return;
    if (lookup->found)
        freeaddrinfo(lookup->found);
    g_mutex_clear(&lookup->mutex);
    g_cond_clear(&lookup->done_cond);
    g_free(lookup->host);
    g_free(lookup->service);
    g_free(lookup);
}

static bool
is_literal(const char *host)
{
    struct in6_addr literal;
    return inet_pton(AF_INET, host, &literal) == 1 || inet_pton(AF_INET6, host, &literal) == 1;
}

static void *
lookup_thread(void *data)
{
    struct lookup *lookup = data;
    struct addrinfo hints = {.ai_family = AF_UNSPEC,
                             .ai_socktype = SOCK_STREAM,
                             .ai_flags = is_literal(lookup->host) ? AI_NUMERICHOST : AI_ADDRCONFIG};
    struct addrinfo *found = NULL;
    int code = getaddrinfo(lookup->host, lookup->service, &hints, &found);
    g_mutex_lock(&lookup->mutex);
    lookup->code = code;
    lookup->found = found;
    lookup->done = true;
    g_cond_signal(&lookup->done_cond);
    g_mutex_unlock(&lookup->mutex);
    lookup_unref(lookup);
    return NULL;
}

static struct lookup *
lookup_start(const char *host, uint16_t port)
{
    struct lookup *lookup = g_new0(struct lookup, 1);
    g_atomic_ref_count_init(&lookup->refs);
    g_atomic_ref_count_inc(&lookup->refs);
    g_mutex_init(&lookup->mutex);
    g_cond_init(&lookup->done_cond);
    lookup->host = g_strdup(host);
    lookup->service = g_strdup_printf("%u", port);
    /* an address asks nobody, so nothing can hang */
    if (is_literal(host))
        lookup_thread(lookup);
    else
        g_thread_unref(g_thread_new("lookup", lookup_thread, lookup));
    return lookup;
}

/* The addresses (the lookup's own), or NULL: kept why. */
static struct addrinfo *
lookup_wait(struct lookup *lookup, struct net_stream *stream)
{
    g_mutex_lock(&lookup->mutex);
    while (!lookup->done && net_may_wait(stream)) {
        int64_t left_ms = stream->deadline_ms - clock_monotonic_ms();
        int64_t end = g_get_monotonic_time() + CLAMP(left_ms, 0, NET_LOOK_MS) * 1000;
        g_cond_wait_until(&lookup->done_cond, &lookup->mutex, end);
    }
    bool done = lookup->done;
    int code = lookup->code;
    struct addrinfo *found = lookup->found;
    g_mutex_unlock(&lookup->mutex);
    if (!done)
        net_keep_failure(stream, "the name could not be resolved in time");
    else if (code != 0)
        net_keep_failure(stream, "the name cannot be resolved: %s", gai_strerror(code));
    return done && code == 0 ? found : NULL;
}

/* ---- TCP */

static bool
is_loopback(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET)
        return ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr) >> 24 == 127;
    return address->sa_family == AF_INET6 &&
           IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr);
}

static void
set_option(int fd, int level, int name, int value)
{
    /* an option the kernel lacks only makes a dead peer noticed later, by the deadlines */
    (void)setsockopt(fd, level, name, &value, sizeof value);
}

static void
set_options(int fd)
{
    set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE_S);
    set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_INTERVAL_S);
    set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_PROBES);
    set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, USER_TIMEOUT_MS);
}

/* One address; on failure the stream has no descriptor and knows why. */
static bool
connect_address(struct net_stream *stream, const struct addrinfo *address)
{
    stream->fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (stream->fd >= 0) {
        int failed = connect(stream->fd, address->ai_addr, address->ai_addrlen) == 0 ? 0 : errno;
        if (failed == EINPROGRESS && net_wait(stream, POLLOUT)) {
            socklen_t len = sizeof failed;
            getsockopt(stream->fd, SOL_SOCKET, SO_ERROR, &failed, &len);
        }
        if (failed == 0) {
            set_options(stream->fd);
            return true;
        }
        net_keep_failure(stream, "%s", g_strerror(failed));
        close(stream->fd);
    } else {
        net_keep_failure(stream, "%s", g_strerror(errno));
    }
    stream->fd = -1;
    return false;
}

static bool
refuse_plain(const struct net_settings *settings, GError **error)
{
    g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_PERMANENT,
                "%s: a connection without TLS is made to this machine only", settings->host);
    return false;
}

/* All addresses in turn, each with its share of the time that is left: one that swallows packets must not
 * use up the time of those after it. */
static bool
connect_tcp(struct net_stream *stream, const struct net_settings *settings, GError **error)
{
    struct lookup *lookup = lookup_start(settings->host, settings->port);
    struct addrinfo *found = lookup_wait(lookup, stream);
    int64_t end_ms = stream->deadline_ms;
    bool connected = false, refused = false;
    int n = 0;
    for (struct addrinfo *a = found; a; a = a->ai_next)
        n++;
    for (struct addrinfo *a = found; a && !connected && !refused; a = a->ai_next, n--) {
        refused = settings->tls == NET_TLS_NONE && !is_loopback(a->ai_addr);
        if (!refused) {
            int64_t now_ms = clock_monotonic_ms();
            g_clear_pointer(&stream->failure, g_free);
            stream->deadline_ms = now_ms + (end_ms - now_ms) / n;
            connected = connect_address(stream, a);
        }
    }
    stream->deadline_ms = end_ms;
    lookup_unref(lookup);
    if (refused)
        return refuse_plain(settings, error);
    if (!connected)
        net_error(stream, error);
    return connected;
}

/* ---- TLS */

bool
net_ca_file_revokes(const char *ca_file)
{
    g_autofree char *pem = NULL;
    return g_file_get_contents(ca_file, &pem, NULL, NULL) && strstr(pem, "-----BEGIN X509 CRL-----") != NULL;
}

/* A list that cannot be read is an error: else what it revokes would be trusted. */
static bool
load_revocations(struct net_stream *stream, GError **error)
{
    if (!stream->ca_file || !net_ca_file_revokes(stream->ca_file))
        return true;
    int rc = gnutls_certificate_set_x509_crl_file(stream->credentials, stream->ca_file, GNUTLS_X509_FMT_PEM);
    if (rc <= 0)
        g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_PERMANENT, "revocation list in %s: %s",
                    stream->ca_file, rc < 0 ? gnutls_strerror(rc) : "empty");
    return rc > 0;
}

static bool
tls_setup(struct net_stream *stream, GError **error)
{
    int rc = gnutls_certificate_allocate_credentials(&stream->credentials);
    int trusted = rc < 0            ? rc
                  : stream->ca_file ? gnutls_certificate_set_x509_trust_file(
                                          stream->credentials, stream->ca_file, GNUTLS_X509_FMT_PEM)
                                    : gnutls_certificate_set_x509_system_trust(stream->credentials);
    if (trusted <= 0) {
        g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_PERMANENT, "no CA certificates in %s",
                    stream->ca_file ? stream->ca_file : "the system's store (package ca-certificates)");
        return false;
    }
    if (!load_revocations(stream, error))
        return false;
    gnutls_init(&stream->session, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL);
    gnutls_priority_set_direct(stream->session, TLS_PRIORITY, NULL);
    gnutls_credentials_set(stream->session, GNUTLS_CRD_CERTIFICATE, stream->credentials);
    if (!is_literal(stream->host))
        gnutls_server_name_set(stream->session, GNUTLS_NAME_DNS, stream->host, strlen(stream->host));
    gnutls_session_set_verify_cert(stream->session, stream->host, 0);
    gnutls_transport_set_int(stream->session, stream->fd);
    return true;
}

/* What is wrong with the certificate, in words. */
static void
certificate_error(struct net_stream *stream, GError **error)
{
    gnutls_datum_t text = {0};
    unsigned status = gnutls_session_get_verify_cert_status(stream->session);
    gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509, &text, 0);
    g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_PERMANENT, "%s: certificate refused: %s", stream->host,
                text.data ? (const char *)text.data : "not trusted");
    gnutls_free(text.data);
}

static bool
tls_handshake(struct net_stream *stream, GError **error)
{
    if (!tls_setup(stream, error))
        return false;
    for (;;) {
        int rc = gnutls_handshake(stream->session);
        if (rc == GNUTLS_E_SUCCESS)
            return true;
        if (rc == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR) {
            certificate_error(stream, error);
            return false;
        }
        if (rc == GNUTLS_E_AGAIN &&
            net_wait(stream, gnutls_record_get_direction(stream->session) ? POLLOUT : POLLIN))
            continue;
        if (rc != GNUTLS_E_AGAIN && !gnutls_error_is_fatal(rc) && net_may_wait(stream))
            continue;
        net_keep_failure(stream, "TLS: %s", gnutls_strerror(rc));
        net_error(stream, error);
        return false;
    }
}

bool
net_start_tls(struct net_stream *stream, GError **error)
{
    char byte;
    if (recv(stream->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0) {
        g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_TEMPORARY,
                    "%s: bytes in clear after STARTTLS, as of somebody in between", stream->host);
        return false;
    }
    return tls_handshake(stream, error);
}

struct net_stream *
net_connect(const struct net_settings *settings, GError **error)
{
    struct net_stream *stream = g_new0(struct net_stream, 1);
    stream->fd = -1;
    stream->host = g_strdup(settings->host);
    stream->ca_file = g_strdup(settings->ca_file);
    stream->stop = settings->stop;
    net_set_deadline(stream, settings->connect_timeout_ms);
    bool ready = connect_tcp(stream, settings, error) &&
                 (settings->tls != NET_TLS_IMPLICIT || tls_handshake(stream, error));
    if (!ready)
        g_clear_pointer(&stream, net_close);
    return stream;
}
