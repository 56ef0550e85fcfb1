/* html_link.c - see html_link.h. */
#include "html_link.h"

#include "lines.h"

#include <cardpost/clean.h>

#include <string.h>

#define TARGET_BYTES 500
#define HREF_BYTES   4000

static bool
begins(const char *text, const char *start)
{
    return g_ascii_strncasecmp(text, start, strlen(start)) == 0;
}

static bool
is_shown_scheme(const char *href)
{
    static const char *const schemes[] = {"http:", "https:", "mailto:", "ftp:", "tel:", "//"};
    for (guint i = 0; i < G_N_ELEMENTS(schemes); i++)
        if (begins(href, schemes[i]))
            return true;
    return false;
}

/* Filters of Microsoft and others lead over a page of theirs, Google's mail over a search. */
static const struct wrapper {
    const char *host; /* the end of the host */
    const char *path; /* the start of what stands behind it */
    const char *key;
} wrappers[] = {
    {".safelinks.protection.outlook.com", "/", "url="},
    {".safelinks.protection.partner.outlook.cn", "/", "url="},
    {"www.google.com", "/url?", "q="},
    {"mail.qq.com", "/cgi-bin/readtemplate?", "gourl="},
    {"link.zhihu.com", "/", "target="},
};

static bool
fits(const struct wrapper *wrapper, const char *host, gsize len)
{
    gsize end = strlen(wrapper->host);
    return len >= end && g_ascii_strncasecmp(host + len - end, wrapper->host, end) == 0 &&
           begins(host + len, wrapper->path);
}

/* The target within the query of a wrapper, or NULL. */
static char *
unwrap(const char *href, const struct wrapper *wrapper)
{
    for (const char *p = strchr(href, '?'); p; p = strchr(p + 1, '&')) {
        if (!begins(p + 1, wrapper->key))
            continue;
        const char *value = p + 1 + strlen(wrapper->key);
        g_autofree char *inner = g_uri_unescape_segment(value, value + strcspn(value, "&#"), NULL);
        if (inner && g_utf8_validate(inner, -1, NULL) && is_shown_scheme(inner) &&
            !strpbrk(inner, " <>\n\r\t"))
            return g_steal_pointer(&inner);
    }
    return NULL;
}

static char *
real_target(const char *href)
{
    const char *slashes = strstr(href, "//");
    const char *host = slashes ? slashes + 2 : href;
    gsize len = strcspn(host, "/?#");
    for (guint i = 0; slashes && i < G_N_ELEMENTS(wrappers); i++) {
        char *inner = fits(&wrappers[i], host, len) ? unwrap(href, &wrappers[i]) : NULL;
        if (inner)
            return inner;
    }
    return g_strdup(href);
}

char *
html_link_target(const char *href)
{
    g_autoptr(GString) clean = g_string_new(NULL);
    if (!g_utf8_validate(href, -1, NULL))
        return NULL;
    for (const char *p = href; *p && clean->len < HREF_BYTES; p = utf8_next(p)) {
        gunichar c = g_utf8_get_char(p);
        if (c == ' ' && clean->len > 0)
            g_string_append(clean, "%20");
        else if (c != '<' && c != '>' && g_unichar_isgraph(c))
            g_string_append_unichar(clean, c);
    }
    while (g_str_has_suffix(clean->str, "%20"))
        g_string_truncate(clean, clean->len - 3);
    if (!is_shown_scheme(clean->str))
        return NULL;
    char *target = real_target(clean->str);
    target[clean_cut(target, strlen(target), TARGET_BYTES)] = '\0';
    return target;
}

/* Without what nobody writes. */
static char *
bare(const char *target)
{
    static const char *const starts[] = {"mailto:", "tel:", "https://", "http://", "//", "www."};
    target += strspn(target, " ");
    for (guint i = 0; i < G_N_ELEMENTS(starts); i++)
        if (begins(target, starts[i]))
            target += strlen(starts[i]);
    char *lower = g_ascii_strdown(target, -1);
    gsize len = strlen(lower);
    while (len > 0 && strchr("/ ", lower[len - 1]))
        lower[--len] = '\0';
    return lower;
}

bool
html_link_is_named(const char *label, const char *target)
{
    g_autofree char *wanted = bare(label);
    g_autofree char *have = bare(target);
    if (!strchr(wanted, '?'))
        have[strcspn(have, "?")] = '\0';
    gsize len = strlen(have);
    while (len > 0 && have[len - 1] == '/')
        have[--len] = '\0';
    return *have == '\0' || strcmp(wanted, have) == 0;
}
