/* text.h - the new words of a mail body, and what was cut around them. Pure: no files, no clock.
 *
 * Nothing is lost: reply, quoted and signature together hold every line of the body, in order within
 * each (blank lines aside). A body that is nothing but a quote keeps its text as reply too, each line
 * behind "> " so that no command in it acts, and so does one that is nothing but an HTML blockquote, which
 * may be the writer's indent or an old mail; a bare forward or signature has no new text. Linear in the size
 * of the input. */
#ifndef CARDPOST_TEXT_H
#define CARDPOST_TEXT_H

#include <cardpost/mail.h>

#include <glib.h>
#include <stdbool.h>

enum text_kind {
    TEXT_PLAIN,
    TEXT_FLOWED,       /* RFC 3676 */
    TEXT_FLOWED_DELSP, /* RFC 3676 with DelSp=yes */
    TEXT_HTML,
};

/* All strings valid UTF-8 with LF, never NULL but where said. */
struct text_parts {
    char *body;      /* the whole, readable text (HTML turned into text, flowed joined) */
    char *reply;     /* the new text, and behind "> " the passages that it answers one by one */
    char *quoted;    /* quoted text and its heads */
    char *signature; /* signatures, device lines, footers */
    char *rule;      /* which rule cut where ("quote head, line 5; signature `-- `, line 3"), or NULL */
    char *hidden;    /* HTML text that a reader does not see (display:none and its kin), or NULL: dropped */
    GPtrArray *content_ids; /* char *: cid: targets that the HTML shows */
    /* The forwarded mail in the body, or NULL: it is announced ("Forwarded message"), or nothing stands
     * above it. date_at is read as UTC where the body names no zone. */
    struct mail_forward *forward;
    /* The mail whose From/Sent/To/Subject block heads the quote, or NULL: Outlook writes replies and
     * forwards alike. A forward only if the subject says so (text_bare_subject). */
    struct mail_forward *original;
};

/* Reads `text` (valid UTF-8, cleaned of NUL) of the given kind. Never fails; over CAP_TEXT_BYTES (plain)
 * or CAP_HTML_BYTES it is cut, and so is the text of HTML over CAP_TEXT_BYTES. Clear with text_parts_clear.
 */
void text_read(enum text_kind kind, const char *text, gsize len, struct text_parts *parts_out);
void text_parts_clear(struct text_parts *parts);
typedef struct text_parts text_parts_t; /* for g_auto */
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(text_parts_t, text_parts_clear)

/* A subject without reply and forward prefixes in any language, mix and number, ASCII or full-width
 * colon ("Re: 回复：AW: x" -> "x"). Returns a pointer into subject. *forwarded_out (may be NULL): one of
 * the prefixes was a forward's. */
const char *text_bare_subject(const char *subject, bool *forwarded_out);

/* The same, also past groups in brackets that stand before a prefix ("[EXTERNAL] Fwd: x" -> "x", but
 * "[orders] x" stays): what the mail itself is about. */
const char *text_inner_subject(const char *subject, bool *forwarded_out);

/* What was written into `quoted` (text_parts.quoted), the quote of a mail of ours whose words are `sent` (its
 * text and its HTML read as text, one behind the other): lines changed or added in it or below it, without
 * their quote marks; "" if there are none; NULL if it is no quote of that mail. Linear. g_free. */
char *text_edits(const char *quoted, const char *sent);
/* How many bytes of `text`, an answer to that mail, come before the lines that end it and are nothing but
 * what was sent: a quote without any mark, or what a trimmed one left. All of them, where there is no such
 * end of several lines or nothing before it. Linear. */
gsize text_before_sent(const char *text, const char *sent);

/* The line above which answers are written; ours to put at the head of notices and to find again. */
#define TEXT_REPLY_LINE "-- reply above this line / 请在此行上方回复 --"

#endif
