/* fold.c - width folding, and lines with pieces cut out. */
#include "fold.h"

char *
fold_width(const char *text, gsize len)
{
    char *plain = g_utf8_normalize(text, (gssize)len, G_NORMALIZE_ALL_COMPOSE);
    return plain ? plain : g_strdup("");
}

void
fold_append(GString *line, const char *text, gsize len)
{
    if (line->len == 0 || line->str[line->len - 1] == ' ')
        while (len > 0 && *text == ' ') {
            text++;
            len--;
        }
    g_string_append_len(line, text, (gssize)len);
}
