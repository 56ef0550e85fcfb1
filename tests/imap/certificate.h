/* certificate.h - a self-signed certificate for one host name, made anew for each test. */
#ifndef TESTS_IMAP_CERTIFICATE_H
#define TESTS_IMAP_CERTIFICATE_H

#include <glib.h>

struct certificate {
    char *directory, *cert_file, *key_file;
};

/* For a DNS name or an IPv4 address; valid from and to these seconds from now. */
void certificate_make(struct certificate *certificate, const char *host, gint64 from_s, gint64 to_s);
void certificate_remove(struct certificate *certificate);

#endif
