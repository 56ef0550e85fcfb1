/* net_private.h - the stream as its two files see it: connect.c makes it, stream.c uses it. */
#ifndef NET_PRIVATE_H
#define NET_PRIVATE_H

#include <cardpost/net.h>

#include <gnutls/gnutls.h>

struct net_stream {
    int fd;
    char *host, *ca_file;
    gnutls_session_t session; /* NULL: plain */
    gnutls_certificate_credentials_t credentials;
    int64_t deadline_ms;      /* monotonic */
    const volatile int *stop; /* or NULL */
    char *failure;            /* why the last call failed, or NULL */
};

/* Keeps why, once a failure. */
void net_keep_failure(struct net_stream *stream, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* How soon a stop is noticed. */
#define NET_LOOK_MS 1000
/* False: the deadline has passed or a stop was asked for (kept). */
bool net_may_wait(struct net_stream *stream);
/* Waits for POLLIN or POLLOUT until the deadline; false as net_may_wait. */
bool net_wait(struct net_stream *stream, short events);

#endif
