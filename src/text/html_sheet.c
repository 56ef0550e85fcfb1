/* html_sheet.c - see html_sheet.h. Of the cascade it knows only that the last rule counts. */
#include "html_sheet.h"

#include "html_style.h"

#include <string.h>

#define MAX_CSS       (256 * 1024)
#define MAX_SELECTORS 2000

GHashTable *
html_sheet_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

/* Bounded, without comments. */
static char *
without_comments(const char *css, gsize len)
{
    GString *out = g_string_new(NULL);
    const char *end = css + MIN(len, MAX_CSS);
    while (css < end) {
        const char *open = g_strstr_len(css, end - css, "/*");
        g_string_append_len(out, css, (open ? open : end) - css);
        const char *close = open ? g_strstr_len(open + 2, end - open - 2, "*/") : NULL;
        css = close ? close + 2 : end;
    }
    return g_string_free(out, FALSE);
}

/* ".name", "#name", "tag.name", "tag#name"; NULL for all else, so also for "@media …" with its rules within.
 */
static const char *
simple_name(const char *selector)
{
    const char *name =
        selector + strspn(selector, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
    if (*name != '.' && *name != '#')
        return NULL;
    return name[1] && !strpbrk(name + 1, " .#:>+~[*\t\n\r\"'") ? name : NULL;
}

static void
take_rule(GHashTable *sheet, const char *selectors, const char *declarations)
{
    const char *const atts[] = {"style", declarations, NULL};
    g_autofree char *style = html_style(atts);
    bool hides = html_style_hides(style) || html_style_is_tiny(style, false);
    bool shows = !hides && html_style_property(style, "display");
    if (!hides && !shows)
        return;
    g_auto(GStrv) each = g_strsplit(selectors, ",", 100);
    for (guint i = 0; each[i] && g_hash_table_size(sheet) < MAX_SELECTORS; i++) {
        const char *name = simple_name(g_strstrip(each[i]));
        if (name && hides)
            g_hash_table_add(sheet, g_strdup(name));
        else if (name)
            g_hash_table_remove(sheet, name);
    }
}

/* Behind the "}" of a block whose "{" has been passed. */
static char *
skip_block(char *p)
{
    for (guint depth = 1; *p && depth > 0; p++)
        depth = *p == '{' ? depth + 1 : *p == '}' ? depth - 1 : depth;
    return p;
}

void
html_sheet_read(GHashTable *sheet, const char *css, gsize len)
{
    g_autofree char *text = without_comments(css, len);
    for (char *p = text; *p;) {
        p += strspn(p, " \t\r\n};");
        if (g_str_has_prefix(p, "<!--"))
            p += 4;
        char *open = p + strcspn(p, "{;");
        if (*open != '{') {
            p = *open ? open + 1 : open;
            continue;
        }
        char *end = skip_block(open + 1);
        *open = '\0';
        if (end[-1] == '}') {
            end[-1] = '\0';
            take_rule(sheet, p, open + 1);
        }
        p = end;
    }
}

static bool
has_key(GHashTable *sheet, char kind, const char *name, gsize len)
{
    g_autofree char *key = g_strdup_printf("%c%.*s", kind, (int)len, name);
    return g_hash_table_contains(sheet, key);
}

bool
html_sheet_hides(GHashTable *sheet, const char *const *atts)
{
    if (g_hash_table_size(sheet) == 0)
        return false;
    const char *id = html_attribute(atts, "id"), *words = html_attribute(atts, "class");
    if (id && has_key(sheet, '#', id, MIN(strlen(id), 200)))
        return true;
    for (const char *p = words; p && *p;) {
        p += strspn(p, " \t\r\n");
        gsize len = strcspn(p, " \t\r\n");
        if (len > 0 && has_key(sheet, '.', p, MIN(len, 200)))
            return true;
        p += len;
    }
    return false;
}
