/* fake.h - a scripted IMAP server for what real ones will not do: it drops, stalls, lies and injects. Plain
 * or with TLS on 127.0.0.1, one connection at a time, in a thread. */
#ifndef TESTS_IMAP_FAKE_H
#define TESTS_IMAP_FAKE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct fake_mail {
    uint32_t uid;
    char *raw;
    int64_t said_size; /* RFC822.SIZE as told; 0: the true one */
};

struct fake;
/* Called for each command line before the server's own answer, and before the greeting with the command
 * "greeting"; true: the hook has answered. */
typedef bool fake_hook_fn(struct fake *fake, const char *tag, const char *command);

struct fake_settings {
    const char *greeting;     /* NULL: "* OK ready" */
    const char *capabilities; /* NULL: "IMAP4rev1 IDLE MOVE UIDPLUS ID SASL-IR AUTH=PLAIN" */
    const char *select_extra; /* lines before the tagged OK of SELECT; NULL: UIDVALIDITY 7, UIDNEXT */
    const char *select_code;  /* NULL: "[READ-WRITE]" */
    fake_hook_fn *hook;
    void *data;
    gint64 cut_after; /* bytes: the first connection is closed after so many were sent; -1 never */
    const char *cert_file, *key_file; /* both: TLS from the first byte, or after STARTTLS with is_starttls */
    bool is_starttls;
    const char *injected; /* sent in clear right behind the OK to STARTTLS, in the same segment; or NULL */
};

struct fake *fake_start(const struct fake_settings *settings);
void fake_stop(struct fake *fake);
uint16_t fake_port(const struct fake *fake);
void *fake_data(struct fake *fake);

/* From any thread. */
void fake_add_mail(struct fake *fake, uint32_t uid, const char *raw, int64_t said_size);
void fake_remove_mail(struct fake *fake, uint32_t uid);
bool fake_has_mail(struct fake *fake, uint32_t uid);
/* All that clients have sent, decrypted, "<SNI NAME>" where TLS began; g_free. */
char *fake_transcript(struct fake *fake);
/* Waits until the transcript holds the text n times; false after 20 s. */
bool fake_wait(struct fake *fake, const char *text, guint n);
guint fake_connections(struct fake *fake);
gint64 fake_sent(struct fake *fake); /* bytes on the first connection */

/* From a hook: bytes to the client; reading a line; closing after the hook. */
void fake_send(struct fake *fake, const char *text);
void fake_send_bytes(struct fake *fake, const void *bytes, gsize len);
void fake_printf(struct fake *fake, const char *format, ...) G_GNUC_PRINTF(2, 3);
void fake_close(struct fake *fake);
bool fake_is_open(struct fake *fake);
/* Sleeps until the client closes (or 60 s). */
void fake_stall(struct fake *fake);
/* The server's own answer, after whatever the hook has sent. */
void fake_answer(struct fake *fake, const char *tag, const char *command);

#endif
