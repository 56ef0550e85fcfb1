/* html_image.c - see html_image.h. */
#include "html_image.h"

#include "html_style.h"

#include <stdbool.h>
#include <string.h>

#define NAME_CHARS 200
/* Nothing to be seen is smaller than this. */
#define SMALL_PIXELS 3

static bool
has_scheme(const char *src, const char *scheme)
{
    return src && g_ascii_strncasecmp(src, scheme, strlen(scheme)) == 0;
}

char *
html_image_content_id(const char *const *atts)
{
    const char *src = html_attribute(atts, "src");
    if (!has_scheme(src, "cid:"))
        return NULL;
    g_autofree char *id = g_uri_unescape_string(src + strlen("cid:"), NULL);
    return id && g_utf8_validate(id, -1, NULL) ? g_steal_pointer(&id) : NULL;
}

/* The picture of an emoji stands for it. */
static bool
is_symbol(const char *alt)
{
    return (guchar)*alt >= 0x80 && g_utf8_strlen(alt, -1) <= 4 && !g_unichar_isalnum(g_utf8_get_char(alt));
}

static bool
is_small(const char *length)
{
    return length && g_ascii_isdigit(*length) && !strchr(length, '%') &&
           g_ascii_strtoull(length, NULL, 10) < SMALL_PIXELS;
}

static bool
is_pixel(const char *const *atts, const char *style)
{
    return is_small(html_attribute(atts, "width")) || is_small(html_attribute(atts, "height")) ||
           is_small(html_style_property(style, "width")) || is_small(html_style_property(style, "height"));
}

/* "logo" as a word, of a name in any of the attributes. */
static bool
is_logo(const char *const *atts)
{
    static const char *const names[] = {"alt", "src", "class", "id", "title"};
    static const char *const words[] = {"logo", "spacer", "tracking", "徽标", "логотип", "ロゴ", "로고"};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        const char *value = html_attribute(atts, names[i]);
        if (!value || has_scheme(value, "data:") || !g_utf8_validate(value, -1, NULL))
            continue;
        g_autofree char *lower = g_utf8_strdown(value, MIN((gssize)strlen(value), 400));
        for (guint w = 0; w < G_N_ELEMENTS(words); w++) {
            const char *p = strstr(lower, words[w]);
            gsize len = strlen(words[w]);
            bool word = p && (words[w][0] & 0x80 ||
                              ((p == lower || !g_ascii_isalpha(p[-1])) && !g_ascii_isalpha(p[len])));
            if (word)
                return true;
        }
    }
    return false;
}

/* "image001.png" of "cid:image001.png@01DB1234.5678", NULL if the id is no file name. */
static char *
file_name(const char *const *atts)
{
    g_autofree char *id = html_image_content_id(atts);
    if (!id)
        return NULL;
    id[strcspn(id, "@")] = '\0';
    const char *dot = strrchr(id, '.');
    gsize ending = dot ? strlen(dot + 1) : 0;
    return dot && dot > id && ending >= 2 && ending <= 4 ? g_steal_pointer(&id) : NULL;
}

char *
html_image_text(const char *const *atts, const char *style)
{
    const char *src = html_attribute(atts, "src"), *alt = html_attribute(atts, "alt");
    bool inside = has_scheme(src, "cid:") || has_scheme(src, "data:");
    if (alt && !g_utf8_validate(alt, -1, NULL))
        alt = NULL;
    if (alt && is_symbol(alt))
        return g_strdup(alt);
    if (is_pixel(atts, style) || is_logo(atts))
        return NULL;
    g_autofree char *file = file_name(atts);
    g_autofree char *name =
        g_strstrip(g_utf8_substring(alt ? alt : "", 0, MIN(g_utf8_strlen(alt ? alt : "", -1), NAME_CHARS)));
    if (*name)
        return g_strdup_printf("[image: %s]", name);
    if (!inside)
        return NULL;
    return file ? g_strdup_printf("[image: %s]", file) : g_strdup("[image]");
}
