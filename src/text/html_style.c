/* html_style.c - see html_style.h. Style sheets: html_sheet.h. */
#include "html_style.h"

#include <stdio.h>
#include <string.h>

/* Colours that differ by no more in red, green and blue cannot be told apart. */
#define SEEN_DISTANCE 16

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

const char *
html_style_property(const char *style, const char *name)
{
    gsize len = strlen(name);
    const char *found = NULL;
    for (const char *p = style; (p = strstr(p, name)); p += len)
        if ((p == style || p[-1] == ';') && p[len] == ':')
            found = p + len + 1;
    return found;
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
html_style_is_tiny(const char *style, bool inherited)
{
    const char *size = html_style_property(style, "font-size");
    if (!size || value_begins(size, "inherit"))
        return inherited;
    return is_zero(size) || g_str_has_prefix(size, "1px") || g_str_has_prefix(size, "1pt");
}

/* "-9999px": far from where anybody looks. */
static bool
is_far(const char *offset)
{
    return offset && *offset == '-' && strspn(offset + 1, "0123456789") >= 3;
}

/* A box without size that shows nothing outside of it, or that stands off the page. */
static bool
is_box_hidden(const char *style)
{
    bool clipped = value_begins(html_style_property(style, "overflow"), "hidden");
    bool empty =
        is_zero(html_style_property(style, "max-height")) || is_zero(html_style_property(style, "height")) ||
        is_zero(html_style_property(style, "max-width")) || is_zero(html_style_property(style, "width"));
    bool placed = value_begins(html_style_property(style, "position"), "absolute") ||
                  value_begins(html_style_property(style, "position"), "fixed");
    bool far = is_far(html_style_property(style, "left")) || is_far(html_style_property(style, "top"));
    return (clipped && empty) || (placed && far) || is_far(html_style_property(style, "text-indent"));
}

bool
html_style_hides(const char *style)
{
    return value_begins(html_style_property(style, "display"), "none") ||
           value_begins(html_style_property(style, "visibility"), "hidden") ||
           value_begins(html_style_property(style, "mso-hide"), "all") ||
           is_zero(html_style_property(style, "opacity")) || is_box_hidden(style);
}

/* The sixteen of HTML and those that mails use for pale text. */
static const struct {
    const char *name;
    gint rgb;
} colour_names[] = {
    {"white", 0xffffff},      {"black", 0},
    {"silver", 0xc0c0c0},     {"gray", 0x808080},
    {"grey", 0x808080},       {"red", 0xff0000},
    {"maroon", 0x800000},     {"yellow", 0xffff00},
    {"olive", 0x808000},      {"lime", 0x00ff00},
    {"green", 0x008000},      {"aqua", 0x00ffff},
    {"teal", 0x008080},       {"blue", 0x0000ff},
    {"navy", 0x000080},       {"fuchsia", 0xff00ff},
    {"purple", 0x800080},     {"snow", 0xfffafa},
    {"ivory", 0xfffff0},      {"ghostwhite", 0xf8f8ff},
    {"azure", 0xf0ffff},      {"mintcream", 0xf5fffa},
    {"whitesmoke", 0xf5f5f5}, {"floralwhite", 0xfffaf0},
};

static gint
colour_of(const char *value)
{
    guint r, g, b;
    gsize hex = *value == '#' ? strspn(value + 1, "0123456789abcdefABCDEF") : 0;
    if (hex == 6 && sscanf(value, "#%2x%2x%2x", &r, &g, &b) == 3)
        return (gint)(r << 16 | g << 8 | b);
    if (hex == 3 && sscanf(value, "#%1x%1x%1x", &r, &g, &b) == 3)
        return (gint)((r << 16 | g << 8 | b) * 0x11);
    if ((sscanf(value, "rgb(%3u,%3u,%3u", &r, &g, &b) == 3 ||
         sscanf(value, "rgba(%3u,%3u,%3u", &r, &g, &b) == 3) &&
        r < 256 && g < 256 && b < 256)
        return (gint)(r << 16 | g << 8 | b);
    gsize name = strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
    for (guint i = 0; i < G_N_ELEMENTS(colour_names); i++)
        if (strlen(colour_names[i].name) == name &&
            g_ascii_strncasecmp(value, colour_names[i].name, name) == 0)
            return colour_names[i].rgb;
    return COLOUR_UNKNOWN;
}

bool
html_colours_hide(gint text, gint background)
{
    if (text == COLOUR_UNKNOWN || background == COLOUR_UNKNOWN)
        return false;
    for (guint shift = 0; shift < 24; shift += 8)
        if (ABS((text >> shift & 0xff) - (background >> shift & 0xff)) > SEEN_DISTANCE)
            return false;
    return true;
}

void
html_colours(const char *const *atts, const char *style, gint *text, gint *background)
{
    const char *attribute = html_attribute(atts, "color");
    const char *value = html_style_property(style, "color");
    if (attribute)
        *text = colour_of(attribute);
    if (value)
        *text = colour_of(value);
    attribute = html_attribute(atts, "bgcolor");
    if (attribute)
        *background = colour_of(attribute);
    value = html_style_property(style, "background-color");
    if (!value)
        value = html_style_property(style, "background");
    if (value && !value_begins(value, "transparent"))
        *background = colour_of(value);
    if (html_attribute(atts, "background") || html_style_property(style, "background-image"))
        *background = COLOUR_UNKNOWN;
}
