/* fields.h - the header fields of a mail into struct mail: subject, ids, date, addresses. */
#ifndef MIME_FIELDS_H
#define MIME_FIELDS_H

#include <cardpost/header.h>
#include <cardpost/mail.h>

#include <glib.h>
#include <stdbool.h>

/* Fills everything of the mail that comes from its header block. `charset`: declared for the mail's text,
 * a hint for raw 8-bit values, or NULL. Problems are added to the mail. PERMANENT: an address field nested
 * so deep that the library's parser would overflow its stack. */
bool fields_read(const struct header_block *block, const char *charset, struct mail *mail, GError **error);

#endif
