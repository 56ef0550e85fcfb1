/* secret.h - keys, message authentication and the spelling of tokens. */
#ifndef CARDPOST_SECRET_H
#define CARDPOST_SECRET_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define SECRET_KEY_BYTES   32
#define SECRET_TOKEN_CHARS 26 /* 130 bits of base32 (RFC 4648 alphabet in lower case, no padding) */

struct secret_key {
    uint8_t bytes[SECRET_KEY_BYTES];
};

/* From getrandom(2); aborts if the kernel has none. */
void secret_random(void *buffer, gsize len);

/* HMAC-SHA256 of the concatenated fields (each preceded by its 32-bit length, so that no two lists of
 * fields give the same bytes) under key. Fields end with NULL. */
void secret_hmac(const struct secret_key *key, uint8_t out[32], const char *field,
                 ...) G_GNUC_NULL_TERMINATED;

/* The first `chars` characters of the base32 form of bytes (len * 8 >= chars * 5). Free with g_free. */
char *secret_base32(const uint8_t *bytes, gsize len, gsize chars);

/* Equal in time that does not depend on where they differ. NULL is equal to nothing. */
bool secret_equal(const char *a, const char *b);

/* SHA-256 in lower-case hexadecimal (64 characters). Free with g_free. */
char *secret_sha256(const void *data, gsize len);

/* The text with the token of every reply address in it ("r.TOKEN@", percent-encoded too) replaced by "…", so
 * that it may be stored and shown. NULL counts as "". g_free. */
char *secret_redact(const char *text);

/* Overwrites a secret before it is freed; NULL is nothing. */
void secret_free(char *secret);

/* Reads the key file (exactly 32 bytes, mode 0600 or stricter, owned by us), or with create makes it
 * with random bytes if it does not exist (never over an existing one). INVALID says what is wrong. */
bool secret_key_load(const char *path, bool create, struct secret_key *key_out, GError **error);

#endif
