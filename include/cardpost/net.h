/* net.h - one TCP connection with TLS, deadlines and budgets. The only user of GnuTLS.
 *
 * Every wait has an end: each call takes the deadline given by net_set_deadline, whatever the peer does.
 * Certificates are verified (chain, host name, dates) before a byte of ours goes through TLS; SNI is sent. */
#ifndef CARDPOST_NET_H
#define CARDPOST_NET_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum net_tls {
    NET_TLS_IMPLICIT, /* TLS from the first byte */
    NET_TLS_STARTTLS, /* the protocol asks for it and calls net_start_tls; never optional */
    NET_TLS_NONE,     /* only to a loopback address, refused otherwise */
};

struct net_settings {
    const char *host; /* name or address; also what the certificate must name */
    uint16_t port;
    enum net_tls tls;
    const char *ca_file;    /* PEM: replaces the system's CA store, and its revocation lists hold; or NULL */
    int connect_timeout_ms; /* for name resolution, TCP and TLS together */
    /* NULL, or a flag (a signal handler sets it) that ends every wait within a second once it is not zero. */
    const volatile int *stop;
};

struct net_stream;

/* Whether a CA file holds revocation lists (RFC 5280, PEM "X509 CRL") as well; false if it cannot be read. */
bool net_ca_file_revokes(const char *ca_file);

/* Connects (all addresses of the host in turn), sets TCP_NODELAY, keepalive and TCP_USER_TIMEOUT, and for
 * NET_TLS_IMPLICIT does the handshake. TEMPORARY: unreachable, timeout. PERMANENT: certificate refused
 * (the text says why: wrong host, unknown issuer, expired, revoked), plain refused off loopback. */
struct net_stream *net_connect(const struct net_settings *settings, GError **error);
void net_close(struct net_stream *stream); /* NULL is nothing; never blocks */

/* Turns the plain connection into TLS. Bytes that arrived before (an injected answer) are an error. */
bool net_start_tls(struct net_stream *stream, GError **error);

/* All following reads and writes together must end before now + timeout_ms (monotonic). */
void net_set_deadline(struct net_stream *stream, int timeout_ms);

/* At least one byte, 0 at the end of the stream, -1 on error or deadline (net_error says which). */
gssize net_read(struct net_stream *stream, void *buffer, gsize len);
/* All bytes, or false. */
bool net_write(struct net_stream *stream, const void *data, gsize len);
/* Why the last call failed; TEMPORARY. */
void net_error(const struct net_stream *stream, GError **error);

/* Bytes that can be read without the network (poll() would sleep on them). */
bool net_has_pending(const struct net_stream *stream);
int net_fd(const struct net_stream *stream);

#endif
