/* html_style.c - see html_style.h. Inline styles only; style sheets are not read. */
#include "html_style.h"

#include <stdio.h>
#include <string.h>

const char *
html_attribute(const char *const *atts, const char *name)
{
    for (; atts && *atts; atts += 2)
        if (g_ascii_strcasecmp(*atts, name) == 0)
            return atts[1] ? atts[1] : "";
    return NULL;
}

char *
html_style(const char *const *atts)
{
    const char *style = html_attribute(atts, "style");
    GString *out = g_string_new(NULL);
    for (; style && *style; style++)
        if (!g_ascii_isspace(*style))
            g_string_append_c(out, g_ascii_tolower(*style));
    return g_string_free(out, FALSE);
}

/* The value of a property: behind "name:" at the start or after ";". NULL if it is not set. */
static const char *
property(const char *style, const char *name)
{
    gsize len = strlen(name);
    for (const char *p = style; (p = strstr(p, name)); p += len)
        if ((p == style || p[-1] == ';') && p[len] == ':')
            return p + len + 1;
    return NULL;
}

static bool
is_zero(const char *value)
{
    if (!value || *value != '0')
        return false;
    value += strspn(value, "0.");
    return !g_ascii_isdigit(*value);
}

static bool
value_begins(const char *value, const char *word)
{
    return value && g_str_has_prefix(value, word);
}

bool
html_is_hidden(const char *const *atts, const char *style)
{
    if (html_attribute(atts, "hidden"))
        return true;
    bool cut = is_zero(property(style, "max-height")) && value_begins(property(style, "overflow"), "hidden");
    return value_begins(property(style, "display"), "none") ||
           value_begins(property(style, "visibility"), "hidden") ||
           value_begins(property(style, "mso-hide"), "all") || is_zero(property(style, "font-size")) ||
           is_zero(property(style, "opacity")) || cut;
}

static gint
colour_of(const char *value)
{
    guint r, g, b;
    gsize hex = *value == '#' ? strspn(value + 1, "0123456789abcdefABCDEF") : 0;
    if (hex == 6 && sscanf(value, "#%2x%2x%2x", &r, &g, &b) == 3)
        return (gint)(r << 16 | g << 8 | b);
    if (hex == 3 && sscanf(value, "#%1x%1x%1x", &r, &g, &b) == 3)
        return (gint)((r << 16 | g << 8 | b) * 0x11);
    if (sscanf(value, "rgb(%3u,%3u,%3u)", &r, &g, &b) == 3 && r < 256 && g < 256 && b < 256)
        return (gint)(r << 16 | g << 8 | b);
    if (g_ascii_strncasecmp(value, "white", 5) == 0)
        return 0xffffff;
    if (g_ascii_strncasecmp(value, "black", 5) == 0)
        return 0;
    return COLOUR_UNKNOWN;
}

void
html_colours(const char *const *atts, const char *style, gint *text, gint *background)
{
    const char *attribute = html_attribute(atts, "color");
    const char *value = property(style, "color");
    if (attribute)
        *text = colour_of(attribute);
    if (value)
        *text = colour_of(value);
    attribute = html_attribute(atts, "bgcolor");
    if (attribute)
        *background = colour_of(attribute);
    value = property(style, "background-color");
    if (!value)
        value = property(style, "background");
    if (value && !value_begins(value, "transparent"))
        *background = colour_of(value);
    if (html_attribute(atts, "background") || property(style, "background-image"))
        *background = COLOUR_UNKNOWN;
}
