/* fold.h - pieces of a line in one width. Private to the grammar module. */
#ifndef GRAMMAR_FOLD_H
#define GRAMMAR_FOLD_H

#include <glib.h>

/* The first len bytes with full-width forms made plain (NFKC); "" for bytes that are not UTF-8. g_free. */
char *fold_width(const char *text, gsize len);

/* Appends a piece of a line so that what was cut out between pieces leaves one space at most. */
void fold_append(GString *line, const char *text, gsize len);

#endif
