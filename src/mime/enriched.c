/* enriched.c - drops the commands of enriched text. Linear; formatting is lost, no word is. */
#include "enriched.h"

#include <string.h>

#define COMMAND_MAX 60 /* characters, RFC 1896 */

/* The length of the command at `<`, with its brackets, or 0 if it is none. */
static gsize
command_length(const char *at)
{
    gsize n = 1 + (at[1] == '/');
    while (n <= COMMAND_MAX + 1 && (g_ascii_isalnum(at[n]) || at[n] == '-'))
        n++;
    return n > 1 && at[n] == '>' ? n + 1 : 0;
}

static bool
is_command(const char *at, gsize len, const char *name)
{
    return strlen(name) == len - 2 && g_ascii_strncasecmp(at + 1, name, len - 2) == 0;
}

/* What a command of richtext stands for. */
static const char *
meaning(const char *at, gsize len)
{
    if (is_command(at, len, "nl") || is_command(at, len, "/paragraph"))
        return "\n";
    return is_command(at, len, "lt") ? "<" : "";
}

/* Whether the parameter of a command begins here: it is not for readers. */
static const char *
skip_param(const char *at, gsize len)
{
    if (!is_command(at, len, "param"))
        return at + len;
    const char *end = strcasestr(at, "</param>");
    return end ? end + strlen("</param>") : at + len;
}

/* In enriched text a single line end is a space, n of them are n - 1. */
static const char *
append_line_ends(GString *out, const char *at, bool is_richtext)
{
    gsize n = strspn(at, "\r\n"), ends = 0;
    for (gsize i = 0; i < n; i++)
        ends += at[i] == '\n';
    for (gsize i = 1; i < ends && !is_richtext; i++)
        g_string_append_c(out, '\n');
    if ((ends == 1 || is_richtext) && out->len > 0 && !strchr(" \n", out->str[out->len - 1]))
        g_string_append_c(out, ' ');
    return at + n;
}

char *
enriched_to_text(const char *text, bool is_richtext)
{
    GString *out = g_string_sized_new(strlen(text));
    bool may_have_param = true; /* without a single end of one none is looked for */
    for (const char *p = text; *p;) {
        gsize command = *p == '<' ? command_length(p) : 0;
        if (*p == '\n' || *p == '\r') {
            p = append_line_ends(out, p, is_richtext);
        } else if (command > 0) {
            if (is_richtext)
                g_string_append(out, meaning(p, command));
            const char *next = may_have_param ? skip_param(p, command) : p + command;
            may_have_param = may_have_param && (next > p + command || !is_command(p, command, "param"));
            p = next;
        } else {
            g_string_append_c(out, *p);
            p += *p == '<' && p[1] == '<' && !is_richtext ? 2 : 1;
        }
    }
    return g_string_free(out, FALSE);
}
