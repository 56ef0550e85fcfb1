/* params.h - `value; name=value; …` of Content-Type and Content-Disposition (RFC 2045 section 5.1, RFC 2231).
 *
 * Written here and not left to GMime, which hangs for ever on a parameter name of 70 to 72 bytes with a
 * non-ASCII value (measured, 3.2.13) and opens any charset that a sender names. */
#ifndef MIME_PARAMS_H
#define MIME_PARAMS_H

#include <glib.h>

struct params {
    char *value;     /* before the first `;`, lower case, trimmed; "" if empty */
    GPtrArray *list; /* struct param, in order */
};

/* Reads an unfolded value; never fails. The first PARAMS_MAX parameters count. */
#define PARAMS_MAX 300
struct params *params_parse(const char *value);
void params_free(struct params *params);

/* The parameter as text: RFC 2231 form if it is there (continuations joined), else the plain one with
 * encoded words decoded. Valid UTF-8, not cleaned; NULL if there is none. `charset` as for words_decode. */
char *params_text(const struct params *params, const char *name, const char *charset);

/* The bytes of the parameter, nothing decoded but RFC 2231's percent signs; NULL if there is none. */
char *params_bytes(const struct params *params, const char *name);

#endif
