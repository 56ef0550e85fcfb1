/* results.h - one Authentication-Results field, read. Private to the identity module. */
#ifndef IDENTITY_RESULTS_H
#define IDENTITY_RESULTS_H

#include <glib.h>
#include <stdbool.h>

/* One method's result; a property that was not there is NULL. Values as written, unquoted. */
struct auth_result {
    char *method; /* "dmarc", "dkim", "spf", …; lower case */
    char *result; /* "pass", "fail", …; lower case */
    char *header_from, *header_d, *header_i, *smtp_mailfrom;
};

struct auth_results {
    char *id;        /* authserv-id, or NULL when the field begins with a result */
    GArray *results; /* struct auth_result, in order, owned */
};

/* Reads an unfolded value (RFC 8601 section 2.2): comments, quoted strings, version. False when it is
 * malformed, of another version, or has more results than any border writes: such a field proves
 * nothing. Clear either way with auth_results_clear. */
bool auth_results_parse(const char *value, struct auth_results *results_out);
void auth_results_clear(struct auth_results *results);
typedef struct auth_results auth_results_t; /* for g_auto */
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(auth_results_t, auth_results_clear)

/* Moves *at over one comment that begins there; false when it has no end. Balanced ones nest. */
bool comment_skip(const char **at);

#endif
