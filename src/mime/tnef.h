/* tnef.h - what lies in a winmail.dat (MS-OXTNEF): where each file is, and the mail's text.
 *
 * Read here and not by libytnef: Debian 12 has its version 2.0, a parser with some twenty published memory
 * faults behind it that copies all it reads and prints to standard output, while the files are plain slices
 * behind a tag and a length. Compressed RTF is not read. */
#ifndef MIME_TNEF_H
#define MIME_TNEF_H

#include <glib.h>
#include <stdbool.h>

struct tnef_file {
    char *name; /* UTF-8, not cleaned; NULL if it has none */
    char *type; /* "application/ms-tnef" for a mail that was attached */
    gsize at, len;
};

struct tnef {
    GPtrArray *files; /* struct tnef_file, in order */
    char *text_type;  /* of the mail's own text, with its charset; NULL if there is none */
    gsize text_at, text_len;
};

/* False when the bytes are no TNEF or break off; what was found before that counts. Clear with tnef_clear. */
bool tnef_read(const guint8 *bytes, gsize len, struct tnef *out);
void tnef_clear(struct tnef *tnef);
typedef struct tnef tnef_t;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(tnef_t, tnef_clear)

#endif
