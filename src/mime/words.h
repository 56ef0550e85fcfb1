/* words.h - encoded words (RFC 2047) and raw 8-bit header values to UTF-8.
 *
 * GMime decodes word by word: it loses what follows a padded B-word and breaks a character that is split
 * over two words (measured, 3.2.13). Here the bytes of adjacent words of one charset are joined first. */
#ifndef MIME_WORDS_H
#define MIME_WORDS_H

#include <glib.h>

/* Valid UTF-8 (g_free) of an unfolded header value. `charset`: that of the mail's text, tried for raw 8-bit
 * bytes that are not UTF-8 (but for windows-1252, which is declared by many who do not write it); or NULL.
 * The result may hold line ends that were encoded: clean it. */
char *words_decode(const char *value, const char *charset);

/* Raw 8-bit bytes to UTF-8 only; encoded words stay. */
char *words_from_8bit(const char *value, const char *charset);

#endif
