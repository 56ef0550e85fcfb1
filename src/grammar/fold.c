/* fold.c - width and case folding, and lines with pieces cut out. */
#include "fold.h"

char *
fold_width(const char *text, gsize len)
{
    char *plain = g_utf8_normalize(text, (gssize)len, G_NORMALIZE_ALL_COMPOSE);
    return plain ? plain : g_strdup("");
}

char *
fold(const char *text, gsize len)
{
    g_autofree char *plain = fold_width(text, len);
    return g_utf8_casefold(plain, -1);
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
