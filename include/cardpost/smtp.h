/* smtp.h - handing one message to the submission server (RFC 5321, 6409). Uses libcurl. */
#ifndef CARDPOST_SMTP_H
#define CARDPOST_SMTP_H

#include <cardpost/config.h>

#include <glib.h>
#include <stdbool.h>

enum smtp_outcome {
    SMTP_SENT,     /* 2xx after the final dot */
    SMTP_DEFERRED, /* 4xx, no connection, TLS not to be had: later again */
    SMTP_FAILED,   /* 5xx for this message or recipient, or an unsafe address: never again */
    SMTP_UNKNOWN,  /* the final dot was sent and no answer came: may have been accepted */
    SMTP_REFUSED,  /* login refused, certificate wrong, or 5xx to the connection itself: nothing can be sent
                    * until an admin mends it */
};

struct smtp_result {
    enum smtp_outcome outcome;
    int code;           /* last reply code, 0 if none */
    const char *stage;  /* constant word: where it ended: "connect", "EHLO", "STARTTLS", "AUTH", "MAIL",
                         * "RCPT",  "DATA", "body", "after the dot", "address" */
    char *text;         /* last reply line or the reason, clean_line, at most 300 bytes; g_free */
    int64_t size_limit; /* SIZE the server announced (RFC 1870), 0 unknown */
};

/* One connection, opened at the first send, kept and reused while the server keeps it. */
struct smtp;
struct smtp *smtp_open(const struct config_outgoing *settings);
void smtp_close(struct smtp *smtp); /* says QUIT without waiting long; NULL is nothing */

/* Seconds. The defaults (60, 300, 600) follow RFC 5321 section 4.5.3.2: to give up early doubles mail. */
struct smtp_timeouts {
    int connect_s; /* name, TCP, TLS, greeting, login together */
    int reply_s;   /* for each reply, and for a server that takes no bytes */
    int whole_s;   /* one message, and one second more for each 8 KB */
};
void smtp_set_timeouts(struct smtp *smtp, const struct smtp_timeouts *timeouts);

/* One recipient, one transaction. raw must have CRLF line ends (mime_compose makes them; a bare CR or LF is
 * SMTP_FAILED); dots are stuffed here. envelope_from "" is the null sender. An address that is not
 * clean_is_address never reaches the wire. secret is the password or the access token; a changed one opens a
 * new connection. Always fills *result_out. */
void smtp_send(struct smtp *smtp, const char *secret, const char *envelope_from, const char *recipient,
               const void *raw, gsize len, struct smtp_result *result_out);

/* For `check`: connect, verify, log in, quit. */
void smtp_check(struct smtp *smtp, const char *secret, struct smtp_result *result_out);

#endif
