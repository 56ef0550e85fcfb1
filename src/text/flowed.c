/* flowed.c - RFC 3676 section 4.2. */
#include "flowed.h"

#include <string.h>

struct paragraph {
    GString *out;
    guint depth;
    bool open; /* the last line ended in a soft break */
};

static void
end_line(struct paragraph *paragraph)
{
    if (paragraph->open)
        g_string_append_c(paragraph->out, '\n');
    paragraph->open = false;
}

static void
add_line(struct paragraph *paragraph, const char *line, gsize len, bool delsp)
{
    guint depth = 0;
    while (depth < len && line[depth] == '>')
        depth++;
    line += depth;
    len -= depth;
    if (len > 0 && line[0] == ' ') {
        line++;
        len--;
    }
    bool signature = len == 3 && memcmp(line, "-- ", 3) == 0;
    bool soft = !signature && len > 0 && line[len - 1] == ' ';
    if (signature || depth != paragraph->depth)
        end_line(paragraph);
    if (!paragraph->open) {
        for (guint i = 0; i < depth; i++)
            g_string_append_c(paragraph->out, '>');
        if (depth > 0 && len > 0)
            g_string_append_c(paragraph->out, ' ');
    }
    g_string_append_len(paragraph->out, line, (gssize)(len - (soft && delsp)));
    paragraph->depth = depth;
    paragraph->open = true;
    if (!soft)
        end_line(paragraph);
}

char *
flowed_join(const char *text, gsize len, bool delsp)
{
    struct paragraph paragraph = {.out = g_string_sized_new(len + 1)};
    for (const char *p = text, *stop = text + len; p < stop;) {
        const char *end = memchr(p, '\n', (gsize)(stop - p));
        gsize length = (gsize)((end ? end : stop) - p);
        gsize body = length > 0 && p[length - 1] == '\r' ? length - 1 : length;
        add_line(&paragraph, p, body, delsp);
        p += length + 1;
    }
    end_line(&paragraph);
    return g_string_free(paragraph.out, FALSE);
}
