/* guard.h - bounds on what an IMAP server may send, enforced before libetpan's parser sees a byte.
 *
 * libetpan 1.9.4 reads a line without end into memory, allocates what a literal's head says, and recurses on
 * parentheses until its stack ends (measured). The guard follows lines, quoted strings and literals. */
#ifndef IMAP_GUARD_H
#define IMAP_GUARD_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct guard {
    int64_t max_literal_bytes;
    int64_t response_bytes; /* outside literals, since guard_new_command */
    int64_t line_bytes;
    int64_t literal_left; /* bytes of a literal still to come */
    int depth;            /* of parentheses on this line */
    bool in_quotes, is_escaped;
    char tail[24]; /* the end of the line so far, to see "{123}" before its line end */
    guint tail_len;
    const char *violation; /* what was wrong, once; constant */
    bool literal_too_big;  /* the violation was a literal over its bound */
};

void guard_init(struct guard *guard, int64_t max_literal_bytes);
void guard_new_command(struct guard *guard);
/* False: a bound is broken, the connection must be closed. */
bool guard_check(struct guard *guard, const char *bytes, gsize len);

#endif
