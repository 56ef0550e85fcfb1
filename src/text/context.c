/* context.c - see context.h. Linear. */
#include "context.h"

#include "heads.h"

static bool
is_head_above(GArray *lines, guint i)
{
    while (i > 0 && line_is_blank(lines_at(lines, i - 1)))
        i--;
    return i > 0 && lines_at(lines, i - 1)->role == ROLE_HEAD;
}

/* Whether the quoted lines [from, to) are answered at line `to`. */
static bool
is_answered(GArray *lines, guint from, guint to)
{
    guint end;
    const struct text_line *answer = lines_at(lines, to);
    return answer->role == ROLE_NEW && (answer->marks & MARK_ANSWER) && !is_head_above(lines, from) &&
           head_at(lines, from, &end) == HEAD_NONE;
}

void
context_find(GArray *lines)
{
    guint from = lines->len; /* the first line of the quote; lines->len: none is open */
    for (guint i = lines_next_text(lines, 0); i < lines->len; i = lines_next_text(lines, i + 1)) {
        bool quoted = lines_at(lines, i)->role == ROLE_QUOTED;
        if (quoted && from == lines->len)
            from = i;
        if (quoted || from == lines->len)
            continue;
        if (is_answered(lines, from, i))
            lines_set_role(lines, from, i, ROLE_CONTEXT);
        from = lines->len;
    }
}
