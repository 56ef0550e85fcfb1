/* addresses.h - address fields into struct mail_address, for display and for finding reply tokens; never for
 * identity (cardpost/identity.h reads that from the raw header). */
#ifndef MIME_ADDRESSES_H
#define MIME_ADDRESSES_H

#include <glib.h>
#include <stdbool.h>

/* Appends the mailboxes of one unfolded value (groups flattened) to struct mail_address *, up to
 * CAP_ADDRESSES in all. *cut_out is set when there were more. PERMANENT: groups or comments nested deeper
 * than CAP_MIME_DEPTH (a crafted field overflows GMime's stack: measured, 3.2.13). */
bool addresses_read(const char *value, const char *charset, GPtrArray *addresses, bool *cut_out,
                    GError **error);

#endif
