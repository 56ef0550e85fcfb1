/* guard.h - the streaming scanner in front of libetpan's parser (private to imap). */
#ifndef CARDPOST_IMAP_GUARD_H
#define CARDPOST_IMAP_GUARD_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Why bytes were refused. */
enum guard_verdict {
    GUARD_PASS,
    GUARD_LINE,    /* a line over CAP_IMAP_LINE_BYTES */
    GUARD_ANSWER,  /* an answer over CAP_IMAP_RESPONSE_BYTES, literals not counted */
    GUARD_LITERAL, /* a literal over the limit, or a length that is no number */
    GUARD_DEPTH,   /* parentheses nested over GUARD_MAX_DEPTH */
    GUARD_NUMBER,  /* a UID, UIDVALIDITY, UIDNEXT or size over 32 bits: libetpan would wrap it */
    GUARD_NUL,     /* a NUL byte outside a literal: libetpan's strings would end there */
};
const char *guard_verdict_text(enum guard_verdict verdict);

#define GUARD_MAX_DEPTH        32
#define GUARD_MAX_STRING_DEPTH 1000 /* libetpan may see a quotation mark otherwise than we do */
#define GUARD_HEAD_BYTES       16
#define GUARD_WORD_BYTES       24

struct guard {
    uint64_t max_literal_bytes;
    uint64_t literal_left;          /* bytes of the literal we are in */
    gsize line_bytes, answer_bytes; /* since the line, the command began */
    int depth, string_depth;        /* parentheses open; opening ones seen inside quoted strings */
    int words;                      /* ended in this line, up to 2 */
    bool is_text;                   /* a status line: what follows is for people, no literal in it */
    bool in_string, is_escaped, saw_cr;
    char head[GUARD_HEAD_BYTES]; /* beginning of the line, for guard_is_tagged_bad */
    char word[GUARD_WORD_BYTES]; /* the word we are in, upper case; "" between words */
    char previous[GUARD_WORD_BYTES];
    gsize word_len;    /* may exceed what word holds */
    int literal_state; /* in "{123+}": see guard.c */
    uint64_t literal_len;
};

void guard_init(struct guard *guard, uint64_t max_literal_bytes);
/* A command goes out: its answer begins at nothing. */
void guard_begin(struct guard *guard);
/* Looks at bytes in the order they came, in pieces of any size. After a refusal the connection is to be
 * closed and none of these bytes shown to the parser. */
enum guard_verdict guard_scan(struct guard *guard, const uint8_t *bytes, gsize len);
/* Whether the last line was "TAG BAD": libetpan reports it like an answer out of order. */
bool guard_is_tagged_bad(const struct guard *guard, int tag);

#endif
