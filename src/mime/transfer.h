/* transfer.h - Content-Transfer-Encoding (RFC 2045 section 6), decoded to the last byte.
 *
 * GMime's base64 decoder stops at the first padding and loses what follows, and its quoted-printable decoder
 * drops a broken escape at the end (measured, 3.2.13). Here padding in the middle ends a chunk and not the
 * content, and what cannot be decoded stays and is reported. */
#ifndef MIME_TRANSFER_H
#define MIME_TRANSFER_H

#include <glib.h>
#include <stdbool.h>

enum transfer {
    TRANSFER_IDENTITY, /* 7bit, 8bit, binary, none */
    TRANSFER_BASE64,
    TRANSFER_QUOTED_PRINTABLE,
    TRANSFER_UUENCODE,
    TRANSFER_UNKNOWN, /* kept as it is */
};

/* The field's value, or NULL. */
enum transfer transfer_from_name(const char *name);

/* The content. *damaged_out: bytes that the encoding does not know were skipped, or its end is missing. */
GByteArray *transfer_decode(enum transfer transfer, const char *bytes, gsize len, bool *damaged_out);

/* Whether the bytes up to the first padding may be base64, a few damaged ones among them: words with spaces
 * between them are not. */
bool transfer_is_base64(const char *bytes, gsize len);

/* Appends the decoded base64 of text; false if it was damaged. */
bool transfer_base64(GByteArray *out, const char *text, gsize len);

#endif
