/* lines.c - see lines.h. Linear; knows no wording. */
#include "lines.h"

#include <string.h>

char *
lower_plain(const char *text, gssize len)
{
    char *lower = g_utf8_strdown(text, len), *out = lower;
    for (const char *p = lower; *p;) {
        gsize skip = g_str_has_prefix(p, "\u0307") ? strlen("\u0307") : 0;
        if (skip == 0)
            *out++ = *p++;
        p += skip;
    }
    *out = '\0';
    return lower;
}

GArray *
lines_split(const char *text, const GByteArray *marks)
{
    GArray *lines = g_array_new(FALSE, TRUE, sizeof(struct text_line));
    for (const char *p = text; *p;) {
        const char *end = strchrnul(p, '\n');
        struct text_line line = {
            .start = p, .len = (gsize)(end - p), .number = lines->len + 1, .role = ROLE_NEW};
        if (marks && lines->len < marks->len)
            line.marks = marks->data[lines->len];
        g_array_append_val(lines, line);
        p = *end ? end + 1 : end;
    }
    return lines;
}

struct text_line *
lines_at(GArray *lines, guint i)
{
    g_assert(i < lines->len);
    return &g_array_index(lines, struct text_line, i);
}

void
lines_cut(GArray *lines, guint i, gsize at)
{
    struct text_line below = *lines_at(lines, i);
    g_assert(at <= below.len);
    lines_at(lines, i)->len = at;
    below.start += at;
    below.len -= at;
    g_array_insert_val(lines, i + 1, below);
}

void
lines_set_role(GArray *lines, guint from, guint to, enum line_role role)
{
    for (guint i = from; i < to; i++)
        lines_at(lines, i)->role = role;
}

/* The length of the white space at p, 0 if there is none: ASCII, no-break, ideographic, zero width. */
static gsize
blank_at(const char *p, const char *end)
{
    static const char *const wide[] = {"\u00a0", "\u3000", "\u200b", "\u2003", "\u2002", "\u2009", "\ufeff"};
    if (p >= end)
        return 0;
    if (*p == ' ' || *p == '\t' || *p == '\r')
        return 1;
    if ((guchar)*p < 0x80)
        return 0;
    for (guint i = 0; i < G_N_ELEMENTS(wide); i++)
        if ((gsize)(end - p) >= strlen(wide[i]) && memcmp(p, wide[i], strlen(wide[i])) == 0)
            return strlen(wide[i]);
    return 0;
}

static const char *
skip_blanks(const char *p, const char *end)
{
    for (gsize n; (n = blank_at(p, end)) > 0;)
        p += n;
    return p;
}

bool
line_is_blank(const struct text_line *line)
{
    return skip_blanks(line->start, line->start + line->len) == line->start + line->len;
}

guint
lines_next_text(GArray *lines, guint i)
{
    while (i < lines->len && line_is_blank(lines_at(lines, i)))
        i++;
    return i;
}

bool
lines_have(GArray *lines, enum line_role role)
{
    for (guint i = 0; i < lines->len; i++)
        if (lines_at(lines, i)->role == role && !line_is_blank(lines_at(lines, i)))
            return true;
    return false;
}

guint
line_quote_depth(const struct text_line *line, const char **text_out)
{
    const char *end = line->start + line->len, *text = line->start;
    guint depth = 0;
    for (;;) {
        const char *p = skip_blanks(text, end);
        if (p >= end || *p != '>')
            break;
        depth++;
        text = p + 1;
    }
    if (depth > 0 && text < end && *text == ' ')
        text++;
    if (text_out)
        *text_out = text;
    return depth;
}

char *
line_bare(const struct text_line *line)
{
    const char *start, *end = line->start + line->len;
    line_quote_depth(line, &start);
    for (;;) {
        const char *p = skip_blanks(start, end);
        if (p < end && *p == '*')
            p++;
        if (p == start)
            break;
        start = p;
    }
    while (end > start && strchr(" \t\r*", end[-1]))
        end--;
    while (end - start >= 2 && memcmp(end - 2, "\u00a0", 2) == 0)
        end -= 2;
    return g_strndup(start, (gsize)(end - start));
}

char *
lines_join(GArray *lines, enum line_role role, enum line_role also)
{
    GString *out = g_string_new(NULL);
    guint blanks = 0;
    bool seam = false;
    for (guint i = 0; i < lines->len; i++) {
        const struct text_line *line = lines_at(lines, i);
        if (line_is_blank(line)) {
            blanks += !seam;
            continue;
        }
        if (line->role != role && line->role != also) {
            seam = true;
            blanks = MIN(blanks, 1);
            continue;
        }
        if (out->len > 0) {
            g_string_append_c(out, '\n');
            for (; blanks > 0; blanks--)
                g_string_append_c(out, '\n');
        }
        blanks = 0;
        seam = false;
        gsize len = line->len;
        while (len > 0 && strchr(" \t\r", line->start[len - 1]))
            len--;
        if (line->role == ROLE_CONTEXT && line_quote_depth(line, NULL) == 0)
            g_string_append(out, "> ");
        g_string_append_len(out, line->start, (gssize)len);
    }
    return g_string_free(out, FALSE);
}
