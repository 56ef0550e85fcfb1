/* certificate.c - see certificate.h. */
#include "certificate.h"

#include "support.h"

#include <arpa/inet.h>
#include <gnutls/x509.h>
#include <string.h>
#include <time.h>

static char *
write_pem(const char *directory, const char *name, gnutls_datum_t *pem)
{
    char *path = g_build_filename(directory, name, NULL);
    ck_assert(g_file_set_contents(path, (const char *)pem->data, pem->size, NULL));
    gnutls_free(pem->data);
    return path;
}

static void
name_host(gnutls_x509_crt_t crt, const char *host)
{
    struct in_addr address;
    if (inet_pton(AF_INET, host, &address) == 1)
        gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_IPADDRESS, &address, sizeof address, 0);
    else
        gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, host, (unsigned)strlen(host), 0);
}

void
certificate_make(struct certificate *certificate, const char *host, gint64 from_s, gint64 to_s)
{
    gnutls_x509_privkey_t key;
    gnutls_x509_crt_t crt;
    gnutls_datum_t pem;
    time_t now = time(NULL);
    certificate->directory = support_tmpdir();
    gnutls_x509_privkey_init(&key);
    ck_assert_int_eq(gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
                                                  GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0),
                     0);
    gnutls_x509_crt_init(&crt);
    gnutls_x509_crt_set_version(crt, 3);
    gnutls_x509_crt_set_serial(crt, "\x01", 1);
    gnutls_x509_crt_set_dn(crt, "CN=test", NULL);
    gnutls_x509_crt_set_activation_time(crt, now + from_s);
    gnutls_x509_crt_set_expiration_time(crt, now + to_s);
    gnutls_x509_crt_set_basic_constraints(crt, 1, -1);
    gnutls_x509_crt_set_key(crt, key);
    name_host(crt, host);
    ck_assert_int_eq(gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0), 0);
    gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &pem);
    certificate->cert_file = write_pem(certificate->directory, "cert.pem", &pem);
    gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &pem);
    certificate->key_file = write_pem(certificate->directory, "key.pem", &pem);
    gnutls_x509_crt_deinit(crt);
    gnutls_x509_privkey_deinit(key);
}

void
certificate_remove(struct certificate *certificate)
{
    support_rmtree(certificate->directory);
    g_free(certificate->directory);
    g_free(certificate->cert_file);
    g_free(certificate->key_file);
}
