/* html.c - HTML to text by libxml2's push parser, event by event: no tree, no recursion.
 *
 * What a reader sees, line by line: blocks and breaks make lines, white space collapses, cells of a row
 * stand side by side, links show their target where the label does not, pictures their name. Nothing
 * active survives because only text is written. Each line carries the marks of its containers. */
#include "html.h"

#include "html_filter.h"
#include "html_marks.h"
#include "html_style.h"
#include "lines.h"

#include <cardpost/caps.h>
#include <cardpost/clean.h>

#include <libxml/HTMLparser.h>
#include <string.h>

#define CHUNK_BYTES   (32 * 1024)
#define NAME_BYTES    16
#define LABEL_BYTES   2000
#define TARGET_BYTES  500
#define TARGETS_SHOWN 500
#define CONTENT_IDS   1000

struct element {
    char name[NAME_BYTES];
    guint marks;
    gint text_colour, background;
    guint items; /* of an ordered list, from 1; 0: not ordered */
    bool is_skipped, is_hidden, is_pre, is_paragraph;
};

struct renderer {
    struct html_text *out;
    GArray *stack;       /* struct element; the first is the document */
    GString *line;       /* the line being written */
    guint line_marks;    /* of its first character */
    bool styled;         /* a style sheet may set colours that we do not know */
    bool cut;            /* a MARK_CUT was met */
    bool space, newline; /* white space waits, and there was a line end in it */
    bool blank;          /* an empty line goes before the next text */
    bool cell;           /* a cell ended: a bar goes before the next text of this line */
    bool full;
    guint lists;
    char *href; /* of the open link, or NULL */
    GString *label;
    guint targets;
};

static struct element *
top(struct renderer *r)
{
    return &g_array_index(r->stack, struct element, r->stack->len - 1);
}

static guint
marks_now(struct renderer *r)
{
    return top(r)->marks | (r->cut ? MARK_CUT : 0u);
}

/* --- lines */

static void
put_line(struct renderer *r, const char *line, guint marks)
{
    if (r->full)
        return;
    gsize room = CAP_TEXT_BYTES - r->out->text->len, len = strlen(line);
    r->full = len + 1 >= room;
    g_string_append_len(r->out->text, line, (gssize)(r->full ? clean_cut(line, len, room - 1) : len));
    g_string_append_c(r->out->text, '\n');
    guint8 byte = (guint8)marks;
    g_byte_array_append(r->out->marks, &byte, 1);
}

static void
end_line(struct renderer *r)
{
    bool empty = r->line->len == 0;
    put_line(r, r->line->str, empty ? marks_now(r) : r->line_marks);
    g_string_truncate(r->line, 0);
    r->space = r->newline = r->cell = false;
}

static void
break_line(struct renderer *r)
{
    if (r->line->len > 0)
        end_line(r);
    r->space = r->newline = r->cell = false;
}

static bool
last_is_blank(struct renderer *r)
{
    const GString *text = r->out->text;
    return text->len == 0 || g_str_has_suffix(text->str, "\n\n");
}

/* Before the first character of a line. */
static void
begin_line(struct renderer *r)
{
    if (r->blank && !last_is_blank(r))
        put_line(r, "", marks_now(r));
    r->blank = false;
    r->line_marks = marks_now(r);
}

/* --- characters */

static bool
is_wide_at_end(const GString *line)
{
    return line->len > 0 && g_unichar_iswide(g_utf8_get_char(g_utf8_prev_char(line->str + line->len)));
}

static void
put_character(struct renderer *r, gunichar c)
{
    if (r->line->len == 0)
        begin_line(r);
    else if (r->cell)
        g_string_append(r->line, " | ");
    else if (r->space && !(r->newline && g_unichar_iswide(c) && is_wide_at_end(r->line)))
        g_string_append_c(r->line, ' ');
    if (r->href && r->space && r->label->len < LABEL_BYTES)
        g_string_append_c(r->label, ' ');
    r->space = r->newline = r->cell = false;
    g_string_append_unichar(r->line, c);
    if (r->href && r->label->len < LABEL_BYTES)
        g_string_append_unichar(r->label, c);
}

static void
put_preformatted(struct renderer *r, gunichar c)
{
    if (c == '\n') {
        end_line(r);
        return;
    }
    if (r->line->len == 0)
        begin_line(r);
    g_string_append_unichar(r->line, c);
}

static void
put_text(struct renderer *r, const char *text, gsize len)
{
    bool pre = top(r)->is_pre;
    if (r->out->text->len + r->line->len >= CAP_TEXT_BYTES)
        break_line(r);
    for (const char *p = text; p < text + len && !r->full; p = utf8_next(p)) {
        gunichar c = g_utf8_get_char(p);
        if (c == 0xa0) {
            put_character(r, ' ');
        } else if (pre) {
            put_preformatted(r, c);
        } else if (c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f') {
            r->space = true;
            r->newline |= c == '\n';
        } else if (c != 0x200b && c != 0xfeff && c != 0xad && c != 0x2060) {
            put_character(r, c);
        }
    }
}

static void
put_string(struct renderer *r, const char *text)
{
    put_text(r, text, strlen(text));
}

static void
put_hidden(struct renderer *r, const char *text, gsize len)
{
    GString *hidden = r->out->hidden;
    for (const char *p = text; p < text + len && hidden->len < CAP_TEXT_BYTES; p = utf8_next(p)) {
        gunichar c = g_utf8_get_char(p);
        bool space =
            g_unichar_isspace(c) || c == 0xad || (c >= 0x200b && c <= 0x200f) || c == 0x34f || c == 0xfeff;
        if (!space)
            g_string_append_unichar(hidden, c);
        else if (hidden->len > 0 && !strchr(" \n", hidden->str[hidden->len - 1]))
            g_string_append_c(hidden, ' ');
    }
}

static void
on_characters(void *data, const xmlChar *text, int len)
{
    struct renderer *r = data;
    const struct element *element = top(r);
    /* valid UTF-8 in, but an entity may name what is no character */
    if (element->is_skipped || len <= 0 || !g_utf8_validate((const char *)text, len, NULL))
        return;
    if (element->is_hidden)
        put_hidden(r, (const char *)text, (gsize)len);
    else
        put_text(r, (const char *)text, (gsize)len);
}

/* --- elements */

static bool
is_in(const char *const *list, const char *name)
{
    for (; *list; list++)
        if (strcmp(*list, name) == 0)
            return true;
    return false;
}

static bool
is_skipped(const char *name)
{
    static const char *const names[] = {"script",   "style",   "title",    "svg",      "template", "iframe",
                                        "noframes", "noembed", "object",   "applet",   "audio",    "video",
                                        "canvas",   "xml",     "datalist", "progress", "meter",    NULL};
    return is_in(names, name);
}

static bool
is_block(const char *name)
{
    static const char *const names[] = {
        "div",     "table",   "tr",       "ul",          "ol",   "li",      "dl",   "dt",     "dd",
        "section", "article", "header",   "footer",      "main", "aside",   "nav",  "form",   "hr",
        "address", "center",  "fieldset", "figure",      "body", "caption", "html", "legend", "option",
        "menu",    "summary", "details",  "includetail", "p",    "h1",      "h2",   "h3",     "h4",
        "h5",      "h6",      "pre",      "blockquote",  NULL};
    return is_in(names, name);
}

/* Word writes every line as a paragraph without margin. */
static bool
is_paragraph(const char *name, const char *const *atts, const char *style)
{
    static const char *const names[] = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "blockquote", NULL};
    if (!is_in(names, name))
        return false;
    const char *class = html_attribute(atts, "class");
    return !(class && strstr(class, "Mso")) && !strstr(style, "margin:0") &&
           !strstr(style, "margin-bottom:0");
}

/* A content id as in the Content-ID field. */
static void
note_content_id(struct renderer *r, const char *src)
{
    g_autofree char *id = g_uri_unescape_string(src + strlen("cid:"), NULL);
    if (id && g_utf8_validate(id, -1, NULL) && r->out->content_ids->len < CONTENT_IDS)
        g_ptr_array_add(r->out->content_ids, g_steal_pointer(&id));
}

/* The picture of an emoji stands for it. */
static bool
is_symbol(const char *alt)
{
    return g_utf8_strlen(alt, -1) <= 4 && !g_unichar_isalnum(g_utf8_get_char(alt)) && (guchar)*alt >= 0x80;
}

static void
put_image(struct renderer *r, const char *const *atts)
{
    const char *src = html_attribute(atts, "src"), *alt = html_attribute(atts, "alt");
    bool inside = src && g_ascii_strncasecmp(src, "cid:", 4) == 0;
    if (inside)
        note_content_id(r, src);
    if (!alt || *alt == '\0' || !g_utf8_validate(alt, -1, NULL) || top(r)->is_hidden)
        return;
    if (is_symbol(alt)) {
        put_string(r, alt);
    } else if (inside) {
        put_string(r, "[image: ");
        put_string(r, alt);
        put_string(r, "]");
    }
}

/* A target without what nobody writes: the scheme, "www.", a slash at the end. */
static char *
bare_target(const char *target)
{
    static const char *const starts[] = {"mailto:", "tel:", "https://", "http://", "www."};
    for (guint i = 0; i < G_N_ELEMENTS(starts); i++)
        if (g_ascii_strncasecmp(target, starts[i], strlen(starts[i])) == 0)
            target += strlen(starts[i]);
    char *bare = g_ascii_strdown(target, -1);
    gsize len = strlen(bare);
    while (len > 0 && strchr("/ ", bare[len - 1]))
        bare[--len] = '\0';
    return bare;
}

static bool
is_shown_scheme(const char *href)
{
    return g_ascii_strncasecmp(href, "http://", 7) == 0 || g_ascii_strncasecmp(href, "https://", 8) == 0 ||
           g_ascii_strncasecmp(href, "mailto:", 7) == 0 || g_ascii_strncasecmp(href, "ftp://", 6) == 0;
}

static void
open_link(struct renderer *r, const char *const *atts)
{
    const char *href = html_attribute(atts, "href");
    g_clear_pointer(&r->href, g_free);
    g_string_truncate(r->label, 0);
    if (href && is_shown_scheme(href) && g_utf8_validate(href, -1, NULL))
        r->href = g_strstrip(g_strndup(href, TARGET_BYTES));
}

static void
close_link(struct renderer *r)
{
    g_autofree char *href = g_steal_pointer(&r->href);
    if (!href || r->label->len == 0 || top(r)->is_hidden || r->targets >= TARGETS_SHOWN)
        return;
    g_autofree char *target = bare_target(href);
    g_autofree char *label = bare_target(g_strstrip(r->label->str));
    target[strcspn(target, strchr(label, '?') ? "" : "?")] = '\0';
    if (*target == '\0' || strcmp(target, label) == 0)
        return;
    r->targets++;
    const char *end;
    g_utf8_validate(href, -1, &end);
    g_autofree char *shown = g_strdup_printf(" <%.*s>", (int)(end - href), href);
    put_text(r, shown, strlen(shown));
}

static void
open_item(struct renderer *r)
{
    struct element *list = NULL;
    for (guint i = r->stack->len; i > 0 && !list; i--) {
        struct element *element = &g_array_index(r->stack, struct element, i - 1);
        if (strcmp(element->name, "ol") == 0 || strcmp(element->name, "ul") == 0)
            list = element;
    }
    for (guint i = 1; i < r->lists && i < 8; i++)
        g_string_append(r->line, "  ");
    r->line_marks = marks_now(r);
    if (r->line->len > 0 || r->blank) {
        bool blank = r->blank && !last_is_blank(r);
        r->blank = false;
        if (blank)
            put_line(r, "", r->line_marks);
    }
    if (list && list->items > 0)
        g_string_append_printf(r->line, "%u. ", list->items++);
    else
        g_string_append(r->line, "- ");
}

/* What an element writes when it opens. */
static void
open_element(struct renderer *r, const char *name, const char *const *atts)
{
    if (strcmp(name, "br") == 0)
        end_line(r);
    else if (strcmp(name, "img") == 0)
        put_image(r, atts);
    else if (strcmp(name, "a") == 0)
        open_link(r, atts);
    else if (strcmp(name, "li") == 0)
        open_item(r);
    else if (strcmp(name, "td") == 0 || strcmp(name, "th") == 0)
        r->cell = r->line->len > 0;
    else if (strcmp(name, "hr") == 0)
        put_line(r, "----", marks_now(r));
    else if (strcmp(name, "ul") == 0 || strcmp(name, "ol") == 0)
        r->lists++;
}

static void
on_start(void *data, const xmlChar *xml_name, const xmlChar **xml_atts)
{
    struct renderer *r = data;
    const char *const *atts = (const char *const *)xml_atts;
    struct element element = *top(r);
    g_strlcpy(element.name, (const char *)xml_name, NAME_BYTES);
    const char *name = element.name;
    g_autofree char *style = html_style(atts);
    guint marks = html_marks((const char *)xml_name, atts);
    bool was_hidden = element.is_hidden;
    element.is_skipped = element.is_skipped || is_skipped(name);
    element.is_pre = element.is_pre || strcmp(name, "pre") == 0 || strstr(style, "white-space:pre");
    element.items = strcmp(name, "ol") == 0;
    if (r->styled && html_attribute(atts, "class"))
        element.background = COLOUR_UNKNOWN;
    html_colours(atts, style, &element.text_colour, &element.background);
    bool same = element.text_colour != COLOUR_UNKNOWN && element.text_colour == element.background;
    element.is_hidden = was_hidden || same || html_is_hidden(atts, style);
    bool shows = !element.is_skipped && !element.is_hidden;
    element.is_paragraph = is_paragraph(name, atts, style);
    if ((shows && (is_block(name) || element.is_paragraph)) || ((marks & ~element.marks) != 0 && shows))
        break_line(r);
    r->blank |= shows && element.is_paragraph;
    r->cut |= shows && (marks & MARK_CUT);
    element.marks |= marks & ~(guint)MARK_CUT;
    if (element.is_hidden && !was_hidden && r->out->hidden->len > 0)
        g_string_append_c(r->out->hidden, '\n');
    g_array_append_val(r->stack, element);
    if (shows)
        open_element(r, name, atts);
    else if (!element.is_skipped && strcmp(name, "img") == 0)
        put_image(r, atts);
}

static void
close_element(struct renderer *r, const struct element *element)
{
    bool shows = !element->is_skipped && !element->is_hidden;
    if (shows && strcmp(element->name, "a") == 0)
        close_link(r);
    if (shows && (strcmp(element->name, "ul") == 0 || strcmp(element->name, "ol") == 0) && r->lists > 0)
        r->lists--;
    bool marked = element->marks != g_array_index(r->stack, struct element, r->stack->len - 2).marks;
    if ((shows && (is_block(element->name) || element->is_paragraph)) || marked)
        break_line(r);
    r->blank |= shows && element->is_paragraph;
}

static void
on_end(void *data, const xmlChar *xml_name)
{
    struct renderer *r = data;
    char name[NAME_BYTES];
    g_strlcpy(name, (const char *)xml_name, NAME_BYTES);
    guint i = r->stack->len;
    while (i > 1 && strcmp(g_array_index(r->stack, struct element, i - 1).name, name) != 0)
        i--;
    if (i <= 1)
        return;
    while (r->stack->len >= i) {
        struct element element = *top(r);
        close_element(r, &element);
        g_array_set_size(r->stack, r->stack->len - 1);
    }
}

/* Feeds the parser in pieces that end before a tag: it never sees half a character or entity. */
static void
feed(htmlParserCtxtPtr parser, const struct renderer *r, const GString *html)
{
    const char *p = html->str, *stop = html->str + html->len;
    while (p < stop && !r->full) {
        const char *end =
            stop - p > CHUNK_BYTES ? memchr(p + CHUNK_BYTES, '<', (gsize)(stop - p - CHUNK_BYTES)) : NULL;
        end = end ? end : stop;
        htmlParseChunk(parser, p, (int)(end - p), 0);
        p = end;
    }
    htmlParseChunk(parser, NULL, 0, 1);
}

static void
parse(struct renderer *r, const GString *html)
{
    static const int options = HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
                               HTML_PARSE_NONET | HTML_PARSE_NOIMPLIED | HTML_PARSE_IGNORE_ENC;
    htmlSAXHandler sax = {.startElement = on_start,
                          .endElement = on_end,
                          .characters = on_characters,
                          .ignorableWhitespace = on_characters,
                          .cdataBlock = on_characters};
    htmlParserCtxtPtr parser = htmlCreatePushParserCtxt(&sax, r, NULL, 0, NULL, XML_CHAR_ENCODING_UTF8);
    g_assert(parser);
    htmlCtxtUseOptions(parser, options);
    feed(parser, r, html);
    htmlFreeParserCtxt(parser);
}

void
html_read(const char *html, gsize len, struct html_text *out)
{
    *out = (struct html_text){.text = g_string_new(NULL),
                              .marks = g_byte_array_new(),
                              .hidden = g_string_new(NULL),
                              .content_ids = g_ptr_array_new_with_free_func(g_free)};
    struct renderer r = {.out = out,
                         .stack = g_array_new(FALSE, TRUE, sizeof(struct element)),
                         .line = g_string_new(NULL),
                         .label = g_string_new(NULL)};
    struct element document = {.text_colour = 0, .background = 0xffffff};
    g_array_append_val(r.stack, document);
    g_autoptr(GString) safe = html_filter(html, len, &r.styled);
    parse(&r, safe);
    break_line(&r);
    g_array_unref(r.stack);
    g_string_free(r.line, TRUE);
    g_string_free(r.label, TRUE);
    g_free(r.href);
}
