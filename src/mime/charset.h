/* charset.h - bytes in a declared or an unknown charset to UTF-8.
 *
 * The charsets are a closed list. Their converters are opened once and kept, because iconv loads them from
 * the file system and a parse worker has none (measured, glibc 2.36). A charset that is not on the list is
 * guessed from the bytes and never looked up. Not for several threads: a converter has state. */
#ifndef MIME_CHARSET_H
#define MIME_CHARSET_H

#include <glib.h>
#include <stdbool.h>

void charset_open(void);
void charset_close(void);

/* Valid UTF-8 without NUL (g_free), whatever the bytes are. `charset` as the sender wrote it, or NULL.
 * gb2312 and its kin mean GB18030, iso-8859-1 means windows-1252 (what senders do). No charset, us-ascii and
 * one that is not on the list are guessed. Bytes that are UTF-8 although another charset is declared are read
 * as what they are, and text that was encoded twice is decoded twice. *bad_out (may be NULL): some bytes had
 * no meaning and became U+FFFD. */
char *charset_to_utf8(const char *charset, const void *bytes, gsize len, bool *bad_out);

/* Bytes without a declared charset: what switches as ISO-2022-JP does, strict UTF-8, what guess.h says, else
 * windows-1252. */
char *charset_guess(const void *bytes, gsize len);

/* Whether the name is on the list (us-ascii and utf-8 are). */
bool charset_is_known(const char *charset);

/* Whether the name says something about raw bytes: known, and not windows-1252, in which nearly every byte is
 * right and which many declare whatever they write. */
bool charset_is_telling(const char *charset);

#endif
