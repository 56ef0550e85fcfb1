/* heads.h - the lines that announce a quote: "On … wrote:", "-----Original Message-----",
 * "Forwarded message", header blocks, our own reply line. Private to text. */
#ifndef TEXT_HEADS_H
#define TEXT_HEADS_H

#include "lines.h"

enum head_kind {
    HEAD_NONE,
    HEAD_REPLY_LINE, /* "-- reply above this line --" */
    HEAD_WROTE,      /* "On … wrote:" with a date or an address: certain */
    HEAD_NAME,       /* "Bob wrote:": only believed when a quote stands below */
    HEAD_ORIGINAL,   /* "-----Original Message-----" */
    HEAD_FORWARD,    /* "Forwarded message" */
    HEAD_FIELDS,     /* From:, Sent:, To:, Subject: */
};

/* What begins at line i (not blank); *end_out is the first line behind it. */
enum head_kind head_at(GArray *lines, guint i, guint *end_out);
/* Where "On <date> …" may begin behind the writer's own words on the same line, as an offset; 0 if nowhere.
 */
gsize head_glued_at(const struct text_line *line);
/* A word for each kind, for the `rule` of struct text_parts. */
const char *head_name(enum head_kind kind);
/* Whether the line is nothing but a rule of dashes, underscores or equal signs. */
bool head_is_ruler(const struct text_line *line);
/* Whether dashes stand at both ends of the line: whatever its words are, above a header block it announces
 * it. */
bool head_is_framed(const struct text_line *line);

#endif
