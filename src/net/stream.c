/* stream.c - reading and writing over a connected stream, plain or TLS, until its deadline. */
#include "net_private.h"

#include <cardpost/clock.h>
#include <cardpost/error.h>

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <unistd.h>

void
net_keep_failure(struct net_stream *stream, const char *format, ...)
{
    if (stream->failure)
        return;
    va_list args;
    va_start(args, format);
    stream->failure = g_strdup_vprintf(format, args);
    va_end(args);
}

void
net_error(const struct net_stream *stream, GError **error)
{
    g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_TEMPORARY, "%s: %s", stream->host,
                stream->failure ? stream->failure : "connection closed by the server");
}

void
net_set_deadline(struct net_stream *stream, int timeout_ms)
{
    stream->deadline_ms = clock_monotonic_ms() + timeout_ms;
}

bool
net_may_wait(struct net_stream *stream)
{
    if (stream->stop && *stream->stop)
        net_keep_failure(stream, "stopped");
    else if (clock_monotonic_ms() >= stream->deadline_ms)
        net_keep_failure(stream, "no answer in time");
    else
        return true;
    return false;
}

bool
net_wait(struct net_stream *stream, short events)
{
    while (net_may_wait(stream)) {
        int64_t left = stream->deadline_ms - clock_monotonic_ms();
        struct pollfd p = {.fd = stream->fd, .events = events};
        int n = poll(&p, 1, (int)CLAMP(left, 0, stream->stop ? NET_LOOK_MS : G_MAXINT));
        if (n > 0)
            return true;
        if (n < 0 && errno != EINTR) {
            net_keep_failure(stream, "%s", g_strerror(errno));
            return false;
        }
    }
    return false;
}

/* Whether a TLS call is to be repeated after waiting; otherwise its failure is kept. */
static bool
tls_again(struct net_stream *stream, ssize_t n)
{
    if (n == GNUTLS_E_INTERRUPTED)
        return true;
    if (n == GNUTLS_E_AGAIN)
        return net_wait(stream, gnutls_record_get_direction(stream->session) ? POLLOUT : POLLIN);
    net_keep_failure(stream, "TLS: %s", gnutls_strerror((int)n));
    return false;
}

/* Whether a system call is to be repeated after waiting. */
static bool
plain_again(struct net_stream *stream, short events)
{
    if (errno == EINTR)
        return true;
    if (errno == EAGAIN)
        return net_wait(stream, events);
    net_keep_failure(stream, "%s", g_strerror(errno));
    return false;
}

gssize
net_read(struct net_stream *stream, void *buffer, gsize len)
{
    /* asked before every try: a peer that always has a byte ready must not outlive the deadline either */
    while (net_may_wait(stream)) {
        ssize_t n = stream->session ? gnutls_record_recv(stream->session, buffer, len)
                                    : recv(stream->fd, buffer, len, MSG_DONTWAIT);
        /* a server that closes without close_notify has closed all the same; IMAP's framing tells what is
         * whole */
        if (stream->session && n == GNUTLS_E_PREMATURE_TERMINATION)
            return 0;
        if (n >= 0)
            return n;
        if (!(stream->session ? tls_again(stream, n) : plain_again(stream, POLLIN)))
            return -1;
    }
    return -1;
}

bool
net_write(struct net_stream *stream, const void *data, gsize len)
{
    const char *at = data;
    while (len > 0) {
        ssize_t n = stream->session ? gnutls_record_send(stream->session, at, len)
                                    : send(stream->fd, at, len, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n > 0) {
            at += n;
            len -= (gsize)n;
        } else if (!(stream->session ? tls_again(stream, n) : plain_again(stream, POLLOUT))) {
            return false;
        }
    }
    return true;
}

bool
net_has_pending(const struct net_stream *stream)
{
    return stream->session && gnutls_record_check_pending(stream->session) > 0;
}

int
net_fd(const struct net_stream *stream)
{
    return stream->fd;
}

void
net_close(struct net_stream *stream)
{
    if (!stream)
        return;
    /* close_notify would wait for the peer's buffer: the socket is not blocking, so it is tried once */
    if (stream->session) {
        gnutls_bye(stream->session, GNUTLS_SHUT_WR);
        gnutls_deinit(stream->session);
    }
    if (stream->credentials)
        gnutls_certificate_free_credentials(stream->credentials);
    if (stream->fd >= 0)
        close(stream->fd);
    g_free(stream->host);
    g_free(stream->ca_file);
    g_free(stream->failure);
    g_free(stream);
}
