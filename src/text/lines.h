/* lines.h - a body as an array of lines, each with a role. Every step of the trimmer sets roles; nothing
 * is copied or dropped before the parts are written, so that no line can get lost.
 *
 * Private to text. */
#ifndef TEXT_LINES_H
#define TEXT_LINES_H

#include <glib.h>
#include <stdbool.h>

/* g_utf8_next_char() without its cast, which takes const away. */
static inline const char *
utf8_next(const char *p)
{
    return p + g_utf8_skip[(guchar)*p];
}

/* What the HTML said about a line. */
enum {
    MARK_QUOTE = 1 << 0,     /* inside a container that mail programs use for quotes only */
    MARK_SOFT = 1 << 1,      /* inside a container that is mostly a quote (a bare blockquote) */
    MARK_SIGNATURE = 1 << 2, /* inside a signature container */
    MARK_CUT = 1 << 3,       /* here a mail program began the quoted mail: this line and all below */
    MARK_ANSWER = 1 << 4,    /* below a blockquote, in the same element */
};

enum line_role {
    ROLE_NEW,
    ROLE_QUOTED,
    ROLE_HEAD,    /* quoted too: who wrote it and when, or a separator */
    ROLE_CONTEXT, /* quoted, but answered below: part of the reply */
    ROLE_SIGNATURE,
};

struct text_line {
    const char *start; /* not terminated, without the line end */
    gsize len;
    guint number; /* in the body, from 1; lines cut in two share theirs */
    guint marks;
    enum line_role role;
};

/* Lower case as wording.h has it: a Turkish "İ" becomes a bare "i", where Unicode leaves a dot above. A new
 * string; len -1: all. */
char *lower_plain(const char *text, gssize len);

/* The lines of text; marks (guint8 a line, may be NULL) come from html.h. text must outlive them. */
GArray *lines_split(const char *text, const GByteArray *marks);
/* The line becomes two; at is an offset in it. Linear in the lines below it. */
void lines_cut(GArray *lines, guint i, gsize at);
struct text_line *lines_at(GArray *lines, guint i);
void lines_set_role(GArray *lines, guint from, guint to, enum line_role role);

/* The first line at or after i (up to the end) that is not blank; lines->len if none. */
guint lines_next_text(GArray *lines, guint i);
bool line_is_blank(const struct text_line *line);
/* Whether any line has the role and is not blank. */
bool lines_have(GArray *lines, enum line_role role);

/* How many ">" stand before the text; *text_out (may be NULL) points behind them and one space. */
guint line_quote_depth(const struct text_line *line, const char **text_out);
/* The line without quote prefix, white space around it, and the stars of bold text: a new string. */
char *line_bare(const struct text_line *line);

/* The lines of these roles, joined; blank lines at both ends and double ones at a seam are left out. Context
 * gets "> " where it has no such mark of its own: no command in it acts. */
char *lines_join(GArray *lines, enum line_role role, enum line_role also);

#endif
