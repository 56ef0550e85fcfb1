/* clean.h - text and addresses from outside made safe to keep, to show and to send.
 *
 * All functions return new strings (g_free) in valid UTF-8 and take NULL as "". Cleaning is applied
 * once, on the way in; what is stored is clean. */
#ifndef CARDPOST_CLEAN_H
#define CARDPOST_CLEAN_H

#include <glib.h>
#include <stdbool.h>

/* Body text: valid UTF-8 (bad bytes become U+FFFD), NFC, LF line ends, no NUL, no C0/C1 controls but
 * TAB and LF, no bidi controls and tag characters, at most 8 combining marks in a row, U+2028/2029 as
 * LF. Cut on a character at max_bytes (0: no limit). */
char *clean_text(const char *text, gsize len, gsize max_bytes);

/* One line for titles, names, header values: as clean_text, and every run of white space, line ends
 * included, becomes one space; trimmed; zero-width characters removed. */
char *clean_line(const char *text, gsize max_bytes);

/* A file name to show and to send: clean_line, then path separators, reserved characters
 * (<>:"|?*\/), leading dots and dashes, trailing dots and spaces replaced or removed, Windows device
 * names (CON, NUL, COM1 …) prefixed with "_"; never empty ("attachment"). The extension survives the
 * cut. No file on disk is ever named by it (attacks.md F01, F02). */
char *clean_filename(const char *name);

/* The longest prefix of at most max_bytes that ends on a character. */
gsize clean_cut(const char *text, gsize len, gsize max_bytes);

/* Whether this is one plain address that may be given to SMTP: ASCII dot-atom local part up to 64
 * octets not beginning with "-", one "@", a host name (letters, digits, "-", "."), 254 octets in all.
 * No quoting, no routes, no comments, no control characters (attacks.md H03). */
bool clean_is_address(const char *address);

/* The form in which addresses are compared and stored: ASCII lower case of both halves, one trailing
 * dot of the domain removed. NULL when clean_is_address would be false. `+tag` stays: it is another
 * address unless configured otherwise (attacks.md A16). */
char *clean_address_fold(const char *address);

/* The form in which names and words are compared: NFKC and Unicode case folding, so that É and é, composed or
 * not, ß and SS, wide and narrow forms are equal, whatever the locale. The Turkish dotless ı is no i, and a
 * letter of another script that looks the same is another letter. len -1: to the NUL. "" for bytes that are
 * not UTF-8. */
char *clean_fold(const char *text, gssize len);

/* A Message-ID without its angle brackets, or NULL when there is nothing safe to keep: printable ASCII
 * without spaces, "<" and ">", at most CAP_MESSAGE_ID_BYTES, an "@" not required (old clients). */
char *clean_message_id(const char *id);

#endif
