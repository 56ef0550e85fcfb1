/* guess.h - which charset undeclared bytes are in, by how their pairs of 8-bit bytes are distributed. */
#ifndef MIME_GUESS_H
#define MIME_GUESS_H

#include <glib.h>

#define GUESSES 4

/* Charsets to be tried in this order (names of charset.c), the rest NULL: the first in which the bytes have a
 * meaning is right. windows-1252, in which nearly all have one, is the last resort of the caller. The bytes
 * are not UTF-8. Text too short to tell is taken for Chinese. */
void guess_charsets(const guchar *bytes, gsize len, const char *guesses_out[GUESSES]);

#endif
