/* jis.h - ISO-2022-JP and its kin (RFC 1468) as EUC-JP.
 *
 * iconv's own converter (glibc 2.36) lacks the vendors' rows that every client uses, and stops at what was
 * sent as EUC-JP under this name. */
#ifndef MIME_JIS_H
#define MIME_JIS_H

#include <glib.h>
#include <stdbool.h>

/* Whether a charset's normalised name is one of these. */
bool jis_is_name(const char *normal);
/* Whether the bytes switch to a Japanese charset: no other text holds such an escape. */
bool jis_is_in(const char *bytes, gsize len);
/* The bytes in EUC-JP; bytes of 8 bits stay what they are. */
GString *jis_to_euc(const char *bytes, gsize len);

#endif
