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
    SMTP_REFUSED,  /* login refused or certificate wrong: nothing can be sent until an admin mends it */
};

struct smtp_result {
    enum smtp_outcome outcome;
    int code;   /* last reply code, 0 if none */
    char *text; /* last reply line or the reason, clean_line, at most 300 bytes; g_free */
    int64_t size_limit; /* SIZE the server announced (RFC 1870), 0 unknown */
};

/* One connection, opened at the first send, kept and reused while the server keeps it. */
struct smtp;
struct smtp *smtp_open(const struct config_outgoing *settings);
void smtp_close(struct smtp *smtp);

/* One recipient, one transaction. raw must have CRLF line ends (mime_compose makes them); dots are stuffed
 * here. secret is the password or the access token; a changed one opens a new connection. Always fills
 * *result_out. */
void smtp_send(struct smtp *smtp, const char *secret, const char *envelope_from, const char *recipient,
               const void *raw, gsize len, struct smtp_result *result_out);

/* For `check`: connect, verify, log in, quit. */
void smtp_check(struct smtp *smtp, const char *secret, struct smtp_result *result_out);

#endif
