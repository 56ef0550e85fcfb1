/* mime.h - bytes to struct mail, struct outmail to bytes. The only user of GMime and libmagic.
 *
 * mime_parse and mime_part can be made to loop or to eat memory by a crafted mail although the known
 * cases are refused before the library sees them: in the daemon they run in a parse worker under limits. */
#ifndef CARDPOST_MIME_H
#define CARDPOST_MIME_H

#include <cardpost/mail.h>
#include <cardpost/outmail.h>

#include <glib.h>

/* Once a process, before a sandbox closes the file system: initialises the library, opens the charsets
 * that are decoded (a closed list) and the magic database. */
void mime_open(void);
void mime_close(void);

/* Reads one raw mail (RFC 5322, RFC 2045). Damaged mails are read as far as possible and the damage is
 * listed in `problems`; raw bytes without any header field are a mail without fields, the bytes its body.
 * PERMANENT: over a cap (parts, depth, header size) or a construct known to hang the library; the
 * caller quarantines. Free with mail_free. */
struct mail *mime_parse(const void *raw, gsize len, GError **error);

/* The decoded content of one attachment, by mail_attachment.part. NOT_FOUND for an index that is no
 * attachment. */
GBytes *mime_part(const void *raw, gsize len, guint part, GError **error);

/* The final bytes: CRLF line ends only, lines of at most 998 bytes (76 where the encoding is ours to
 * choose), exactly the fields of the outmail, every value cleaned of CR, LF and NUL. text/plain and
 * text/html as quoted-printable or base64 in multipart/alternative; files in multipart/mixed around it.
 * Deterministic: equal outmails give equal bytes (boundaries are made from the Message-ID). INVALID when
 * an address is not clean_is_address or the Message-ID is unsafe. */
GBytes *mime_compose(const struct outmail *mail, GError **error);

#endif
