/* filetype.h - what a file is by its content (libmagic), with the declared type as help. */
#ifndef MIME_FILETYPE_H
#define MIME_FILETYPE_H

#include <glib.h>

/* Loads the magic database; no file is read again. Without it the declared types stand. */
void filetype_open(void);
void filetype_close(void);

/* "type/subtype" (g_free), by the first 64 KB. The declared type stands where the content says nothing
 * or only something more general (text/plain for text/csv, zip for an office document). */
char *filetype_of(const void *bytes, gsize len, const char *declared);

/* The usual file extension with its dot, for a file that came without a name; "" if there is none. */
const char *filetype_extension(const char *type);

#endif
