/* smime.h - what lies in an application/pkcs7-mime (RFC 8551). Apart, because GnuTLS's headers and ours do
 * not go together in one file. */
#ifndef MIME_SMIME_H
#define MIME_SMIME_H

#include <glib.h>

/* The content of opaque signed data, its signature not looked at; NULL of anything else. */
GByteArray *smime_signed_content(const void *der, gsize len);

#endif
