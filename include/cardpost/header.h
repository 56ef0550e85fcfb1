/* header.h - the raw header block of a mail, field by field (RFC 5322 section 2.2).
 *
 * Identity is read from these bytes and not from a MIME library: GMime merges two From fields, stops at
 * NUL and takes a bare CR for a new address (measured, 3.2.13). Nothing is decoded or repaired here;
 * flaws are reported and the reader decides. Linear in the size, no recursion. */
#ifndef CARDPOST_HEADER_H
#define CARDPOST_HEADER_H

#include <glib.h>
#include <stdbool.h>

enum header_flaw {
    HEADER_FLAW_NUL = 1 << 0,     /* a NUL byte in the block */
    HEADER_FLAW_BARE_CR = 1 << 1, /* CR that no LF follows */
    HEADER_FLAW_BAD_LINE =
        1 << 2, /* a line that is neither field nor continuation; the block ends before it, but for one that
                   begins with an encoded word, which continues the field above */
    HEADER_FLAW_SPACED_NAME =
        1 << 3, /* white space between a field's name and its colon (counted as that field) */
    HEADER_FLAW_TOO_BIG = 1 << 4, /* over CAP_HEADER_BYTES or CAP_HEADER_FIELDS; the rest was not read */
};

/* Views into the raw mail, valid as long as it is. */
struct header_field {
    const char *name; /* without colon and white space before it */
    gsize name_len;
    const char *value; /* after the colon, folding and the last line end included */
    gsize value_len;
};

struct header_block {
    GArray *fields; /* struct header_field, in order */
    unsigned flaws; /* enum header_flaw, or-ed */
    gsize body_at;  /* where the body begins in the raw mail (its length when there is none) */
};

/* Leading blank lines and one mbox "From " (or ">From ") line are skipped. Never fails: a mail without any
 * field gives an empty block. Clear with header_block_clear. */
void header_block_parse(const void *raw, gsize len, struct header_block *block_out);
void header_block_clear(struct header_block *block);
typedef struct header_block header_block_t; /* for g_auto */
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(header_block_t, header_block_clear)

/* How many fields have this name (ASCII case ignored). */
guint header_count(const struct header_block *block, const char *name);
/* The n-th field of that name from the top (0 is the first), or NULL. */
const struct header_field *header_nth(const struct header_block *block, const char *name, guint n);
bool header_is(const struct header_field *field, const char *name);
/* The value unfolded (line ends removed), trimmed, byte for byte otherwise; NUL ends it. g_free. */
char *header_unfold(const struct header_field *field);
/* header_unfold of the first field of that name, or NULL. */
char *header_first(const struct header_block *block, const char *name);

/* What recognises a mail after its UIDVALIDITY has changed: SHA-256 (hex) over the unfolded Message-ID,
 * From and Date fields as far as they are there, and the size in bytes. g_free. */
char *header_content_key(const struct header_block *block, gint64 size_bytes);

#endif
