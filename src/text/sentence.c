/* sentence.c - see sentence.h. A mail program breaks a line where the next word has no room: such a line is
 * full, and what follows it begins no sentence. Linear in the sentence. */
#include "sentence.h"

#include "lines.h"

#include <string.h>

/* Between these mail programs break lines. */
#define FULL_COLUMNS 68
#define MOST_COLUMNS 100

static guint
columns(const char *p, const char *end)
{
    guint wide = 0;
    for (; p < end; p = utf8_next(p))
        wide += g_unichar_iswide(g_utf8_get_char(p)) ? 2 : 1;
    return wide;
}

/* Whether the line that ends at `newline` goes on below it. */
static bool
is_broken(const char *text, const char *newline, const char *end)
{
    const char *start = newline, *word = newline + 1;
    while (start > text && start[-1] != '\n' && newline - start < 4 * MOST_COLUMNS)
        start--;
    while (word < end && !strchr(" \t\r\n", *word))
        word++;
    guint full = columns(start, newline);
    if (g_unichar_isupper(g_utf8_get_char(newline + 1)))
        return false;
    return word > newline + 1 && full <= MOST_COLUMNS && full + 1 + columns(newline + 1, word) > FULL_COLUMNS;
}

static bool
is_mark(gunichar c)
{
    return c == 0x3002 || c == 0xff01 || c == 0xff1f;
}

const char *
sentence_end(const char *text, const char *p, const char *end)
{
    for (; p < end; p = utf8_next(p)) {
        if (*p == '\n' && !is_broken(text, p, end))
            return p;
        bool stop = strchr(".!?", *p) != NULL;
        if (!stop && !is_mark(g_utf8_get_char(p)))
            continue;
        const char *behind = utf8_next(p);
        while (behind < end && strchr(".!?])*\"", *behind))
            behind++;
        if (!stop || behind >= end || strchr(" \t\r\n", *behind) || g_str_has_prefix(behind, "\u00a0"))
            return behind;
    }
    return end;
}
