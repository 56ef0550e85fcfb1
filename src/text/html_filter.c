/* html_filter.c - see html_filter.h. One pass, every byte looked at a bounded number of times. Keeps all
 * text: a "<" that begins no tag becomes "&lt;". */
#include "html_filter.h"

#include "html_sheet.h"

#include <string.h>

#define MAX_ATTRIBUTES 32
#define MAX_DEPTH      200
#define MAX_NAME       40
#define MAX_TAGS       1000000

struct filter {
    const char *p, *end;
    GString *out;
    GHashTable *open, *dropped; /* char * to the number of elements of that name */
    GHashTable *sheet;
    guint depth, tags;
    bool styled;
    bool no_quotes; /* a quote ran to the end: from here on quotes do not count */
    bool no_tags;   /* no ">" is left */
};

static bool
in_list(const char *const *list, const char *name)
{
    for (; *list; list++)
        if (strcmp(*list, name) == 0)
            return true;
    return false;
}

static bool
is_void(const char *name)
{
    static const char *const names[] = {"br",    "hr",     "img",   "input", "area",  "base",  "col",
                                        "embed", "source", "track", "wbr",   "param", "frame", NULL};
    return in_list(names, name);
}

/* Elements that HTML closes by itself: their open ones do not nest. */
static bool
is_self_closing(const char *name)
{
    static const char *const names[] = {"p",  "li",     "td",    "th",    "tr",    "dd",
                                        "dt", "option", "thead", "tbody", "tfoot", NULL};
    return in_list(names, name);
}

static guint
count_of(GHashTable *table, const char *name)
{
    return GPOINTER_TO_UINT(g_hash_table_lookup(table, name));
}

static void
count_set(GHashTable *table, const char *name, guint count)
{
    g_hash_table_insert(table, g_strdup(name), GUINT_TO_POINTER(count));
}

/* Past the first occurrence of `what`, ignoring case; the end if there is none. */
static const char *
skip_past(const char *p, const char *end, const char *what)
{
    gsize len = strlen(what);
    for (; (gsize)(end - p) >= len; p++)
        if (g_ascii_strncasecmp(p, what, len) == 0)
            return p + len;
    return end;
}

/* "<!-- … -->", "<!DOCTYPE …>", "<?xml …>", and Word's "<![if …]>". */
static void
skip_declaration(struct filter *f)
{
    if (f->end - f->p >= 4 && memcmp(f->p, "<!--", 4) == 0) {
        /* "<!-->" is whole */
        f->p = skip_past(f->p + 2, f->end, "-->");
        return;
    }
    f->p = skip_past(f->p, f->end, ">");
}

/* The ">" that ends the tag at f->p, or NULL. */
static const char *
tag_end(struct filter *f)
{
    char quote = '\0';
    for (const char *p = f->p; !f->no_quotes && p < f->end; p++) {
        if (quote) {
            quote = *p == quote ? '\0' : quote;
        } else if ((*p == '"' || *p == '\'') && memchr("= \t\n", p[-1], 4)) {
            quote = *p;
        } else if (*p == '>') {
            return p;
        }
    }
    f->no_quotes = true;
    const char *end = memchr(f->p, '>', (gsize)(f->end - f->p));
    f->no_tags = !end;
    return end;
}

/* The part of a tag that holds no more than MAX_ATTRIBUTES. */
static gsize
bounded_length(const char *tag, gsize len)
{
    char quote = '\0';
    guint words = 0;
    for (gsize i = 1; i < len; i++) {
        if (quote) {
            quote = tag[i] == quote ? '\0' : quote;
            continue;
        }
        bool space =
            g_ascii_isspace(tag[i - 1]) || tag[i - 1] == '/' || tag[i - 1] == '"' || tag[i - 1] == '\'';
        if (tag[i] == '"' || tag[i] == '\'')
            quote = tag[i];
        else if (space && !g_ascii_isspace(tag[i]) && ++words > MAX_ATTRIBUTES)
            return i;
    }
    return len;
}

/* Where quotes cannot be trusted, attributes cannot. */
static void
write_tag(struct filter *f, const char *tag, gsize len)
{
    gsize keep = f->no_quotes ? strcspn(tag, " \t\r\n\f\"'>") : bounded_length(tag, len);
    /* the wrapper has the only body: the mail's own keeps its colours as a block */
    bool body = g_ascii_strncasecmp(tag, "<body", 5) == 0;
    g_string_append(f->out, body ? "<div" : "");
    g_string_append_len(f->out, tag + (body ? 5 : 0), (gssize)keep - (body ? 5 : 0));
    g_string_append_c(f->out, '>');
}

static void
start_tag(struct filter *f, const char *name, const char *tag, gsize len)
{
    if (strcmp(name, "script") == 0 || strcmp(name, "style") == 0) {
        bool style = name[1] == 't';
        const char *content = f->p;
        f->p = skip_past(f->p, f->end, style ? "</style" : "</script");
        if (style)
            html_sheet_read(f->sheet, content, (gsize)(f->p - content));
        f->styled |= style;
        f->p = skip_past(f->p, f->end, ">");
        return;
    }
    if (strcmp(name, "meta") == 0 || strcmp(name, "link") == 0 || f->tags++ >= MAX_TAGS)
        return;
    bool nests = !is_void(name) && !is_self_closing(name) && tag[len - 1] != '/';
    if (nests && f->depth >= MAX_DEPTH) {
        count_set(f->dropped, name, count_of(f->dropped, name) + 1);
        return;
    }
    f->depth += nests;
    if (!is_void(name) && tag[len - 1] != '/')
        count_set(f->open, name, count_of(f->open, name) + 1);
    write_tag(f, tag, len);
}

static void
end_tag(struct filter *f, const char *name)
{
    guint dropped = count_of(f->dropped, name), open = count_of(f->open, name);
    if (dropped > 0) {
        count_set(f->dropped, name, dropped - 1);
        return;
    }
    /* a lone </br> is a break to every browser */
    if (strcmp(name, "br") == 0)
        g_string_append(f->out, "<br>");
    if (open == 0)
        return;
    count_set(f->open, name, open - 1);
    if (!is_self_closing(name) && f->depth > 0)
        f->depth--;
    g_string_append_printf(f->out, "</%s>", name);
}

/* One "<". */
static void
filter_tag(struct filter *f)
{
    char next = f->end - f->p > 1 ? f->p[1] : '\0';
    if (next == '!' || next == '?') {
        skip_declaration(f);
        return;
    }
    bool closing = next == '/';
    const char *start = f->p + 1 + closing;
    const char *end = start < f->end && g_ascii_isalpha(*start) && !f->no_tags ? tag_end(f) : NULL;
    if (!end) {
        g_string_append(f->out, "&lt;");
        f->p++;
        return;
    }
    gsize length = 0;
    while (start + length < end && !g_ascii_isspace(start[length]) && start[length] != '/')
        length++;
    const char *tag = f->p;
    f->p = end + 1;
    if (length > MAX_NAME)
        return;
    g_autofree char *name = g_ascii_strdown(start, (gssize)length);
    bool frame = strcmp(name, "html") == 0 || strcmp(name, "head") == 0;
    const char *known = strcmp(name, "body") == 0 ? "div" : name;
    if (!frame && closing)
        end_tag(f, known);
    else if (!frame)
        start_tag(f, known, tag, (gsize)(end - tag));
}

GString *
html_filter(const char *html, gsize len, GHashTable *sheet, bool *styled_out)
{
    struct filter f = {.p = html, .end = html + len, .out = g_string_sized_new(len + 1), .sheet = sheet};
    f.open = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    f.dropped = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    /* text behind the end of the first root element would be dropped: one root for all */
    g_string_append(f.out, "<html><body>");
    while (f.p < f.end) {
        const char *tag = memchr(f.p, '<', (gsize)(f.end - f.p));
        const char *stop = tag ? tag : f.end;
        g_string_append_len(f.out, f.p, stop - f.p);
        f.p = stop;
        if (tag)
            filter_tag(&f);
    }
    g_hash_table_unref(f.open);
    g_hash_table_unref(f.dropped);
    *styled_out = f.styled;
    return f.out;
}
