/* fold.h - values of outgoing header fields: cleaned, encoded, folded. */
#ifndef MIME_FOLD_H
#define MIME_FOLD_H

#include <glib.h>

/* Printable ASCII (g_free) that means the cleaned text (RFC 2047), for fields of free text. A value that is
 * ASCII and cannot be mistaken for encoded words stays as it is. */
char *fold_text(const char *text);

/* The same for a display name: quoted or encoded as needed, "" for NULL or an empty name. */
char *fold_phrase(const char *name);

/* `filename="…"` in ASCII and, where that is not the whole name, `filename*=…` (RFC 2231) on a line of its
 * own. The name passes clean_filename. */
char *fold_file_name(const char *name);

/* Appends `field: value` and CRLF, folded at white space to lines of 76 bytes where the words allow. The
 * value is printable ASCII, or it is cleaned into that: nothing in it can end the field. */
void fold_field(GString *out, const char *field, const char *value);

#endif
