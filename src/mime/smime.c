/* smime.c - takes the content out of signed data. Decrypts nothing and verifies nothing. */
#include "smime.h"

#include <gnutls/pkcs7.h>
#include <stdbool.h>
#include <stdint.h>

GByteArray *
smime_signed_content(const void *der, gsize len)
{
    gnutls_pkcs7_t pkcs7;
    gnutls_datum_t in = {.data = (void *)(uintptr_t)der, .size = (unsigned)len}, out = {.data = NULL};
    if (gnutls_pkcs7_init(&pkcs7) < 0)
        return NULL;
    bool is_signed = gnutls_pkcs7_import(pkcs7, &in, GNUTLS_X509_FMT_DER) >= 0 &&
                     gnutls_pkcs7_get_embedded_data(pkcs7, 0, &out) >= 0;
    GByteArray *content = is_signed ? g_byte_array_sized_new(out.size) : NULL;
    if (is_signed)
        g_byte_array_append(content, out.data, out.size);
    gnutls_free(out.data);
    gnutls_pkcs7_deinit(pkcs7);
    return content;
}
