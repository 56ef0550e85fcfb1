/* fake.h - an SMTP server inside the test that answers as told: wrong, late or not at all. */
#ifndef TESTS_SMTP_FAKE_H
#define TESTS_SMTP_FAKE_H

#include <cardpost/smtp.h>

#include <glib.h>

enum fake_at {
    FAKE_GREETING,
    FAKE_EHLO,
    FAKE_STARTTLS,
    FAKE_AUTH,
    FAKE_MAIL,
    FAKE_RCPT,
    FAKE_DATA,
    FAKE_DOT,
    FAKE_QUIT,
    FAKE_POINTS
};

/* In place of a reply. */
#define FAKE_HANG  "hang"  /* no answer, connection kept */
#define FAKE_CLOSE "close" /* connection closed */
#define FAKE_LATE  "late"  /* what a good server says, 5 s later */

struct fake {
    const char *reply[FAKE_POINTS];   /* lines with CRLF; NULL: what a good server says */
    const char *cert_file, *key_file; /* both: TLS from the first byte */
    int close_after_messages;         /* close the connection after so many; 0: never */
    /* filled while it runs; read after fake_stop */
    uint16_t port;
    int connections;
    GString *log;      /* every line the client sent, LF ends */
    GPtrArray *bodies; /* GString *: message as received, dots as they came, with the final ".\r\n" cut off */
    /* private */
    int listen_fd;
    GThread *thread;
    GMutex mutex;
    GPtrArray *fds;
};

void fake_start(struct fake *fake);
void fake_stop(struct fake *fake); /* ends all connections; log and bodies can be read */
void fake_clear(struct fake *fake);

/* A self-signed certificate (its own CA) naming 127.0.0.1, or `host` if given. */
void fake_make_certificate(const char *cert_file, const char *key_file, const char *host);

#endif
