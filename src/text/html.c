/* html.c - HTML to text by libxml2's push parser, event by event: no tree, no recursion.
 *
 * What a reader sees, line by line: blocks and breaks make lines, white space collapses, cells of a row
 * stand side by side, links show their target where the label does not, pictures their name. Nothing
 * active survives because only text is written. Each line carries the marks of its containers. */
#include "html.h"

#include "html_filter.h"
#include "html_image.h"
#include "html_lines.h"
#include "html_link.h"
#include "html_marks.h"
#include "html_sheet.h"
#include "html_style.h"
#include "lines.h"

#include <cardpost/caps.h>

#include <libxml/HTMLparser.h>
#include <string.h>

#define CHUNK_BYTES   (32 * 1024)
#define NAME_BYTES    16
#define TARGETS_SHOWN 500
#define CONTENT_IDS   1000
#define INDENT_MAX    16

struct element {
    char name[NAME_BYTES];
    guint marks;
    gint text_colour, background;
    gint64 item;         /* of an ordered list: the next number */
    char numbers;        /* of a list: '1', 'a', 'A', or '-' */
    struct html_row row; /* of a tr */
    bool is_skipped, is_pre, is_paragraph, is_block;
    bool is_hidden;          /* with all within */
    bool is_tiny, is_unseen; /* the text in it, but not what sets another size or colour */
    bool is_data;            /* a table with borders or headings */
    enum html_frame frame;
};

struct renderer {
    struct html_text *out;
    struct html_lines lines;
    GArray *stack;     /* struct element; the first is the document */
    GArray *cells;     /* line numbers, for html_lines.h */
    GHashTable *sheet; /* html_sheet.h */
    bool styled;       /* a style sheet may set colours that we do not know */
    bool cut;          /* a MARK_CUT was met */
    bool pre_begins;   /* the line end behind <pre> is none */
    guint lists;
    char *target; /* of the open link, or NULL */
    guint targets;
};

static struct element *
top(struct renderer *r)
{
    return &g_array_index(r->stack, struct element, r->stack->len - 1);
}

static bool
is_shown(const struct element *element)
{
    return !element->is_skipped && !element->is_hidden && !element->is_tiny && !element->is_unseen;
}

/* What the next line is to carry. */
static void
set_marks(struct renderer *r)
{
    r->lines.now = top(r)->marks | (r->cut ? MARK_CUT : 0u);
    r->lines.indent = MIN(2 * r->lists, INDENT_MAX);
}

/* --- characters */

static void
put_text(struct renderer *r, const char *text, gsize len)
{
    set_marks(r);
    if (!top(r)->is_pre) {
        html_lines_put(&r->lines, text, len);
        return;
    }
    gsize skip = r->pre_begins && len > 0 && *text == '\n';
    r->pre_begins = false;
    html_lines_put_pre(&r->lines, text + skip, len - skip);
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
    if (is_shown(element))
        put_text(r, (const char *)text, (gsize)len);
    else
        put_hidden(r, (const char *)text, (gsize)len);
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
is_block(const char *name, const char *style)
{
    static const char *const names[] = {
        "div",     "table",   "tr",       "ul",          "ol",   "li",      "dl",   "dt",     "dd",
        "section", "article", "header",   "footer",      "main", "aside",   "nav",  "form",   "hr",
        "address", "center",  "fieldset", "figure",      "body", "caption", "html", "legend", "option",
        "menu",    "summary", "details",  "includetail", "p",    "h1",      "h2",   "h3",     "h4",
        "h5",      "h6",      "pre",      "blockquote",  "td",   "th",      NULL};
    const char *display = html_style_property(style, "display");
    if (display && g_str_has_prefix(display, "inline"))
        return false;
    static const char *const blocks[] = {"block", "table", "flex", "grid", "list-item"};
    for (guint i = 0; display && i < G_N_ELEMENTS(blocks); i++)
        if (g_str_has_prefix(display, blocks[i]))
            return true;
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

static void
put_image(struct renderer *r, const char *const *atts, const char *style)
{
    char *id = html_image_content_id(atts);
    if (id && r->out->content_ids->len < CONTENT_IDS)
        g_ptr_array_add(r->out->content_ids, id);
    else
        g_free(id);
    if (!is_shown(top(r)) || (top(r)->marks & MARK_SIGNATURE))
        return;
    g_autofree char *text = html_image_text(atts, style);
    if (text)
        put_string(r, text);
}

static void
open_link(struct renderer *r, const char *const *atts)
{
    const char *href = html_attribute(atts, "href");
    g_clear_pointer(&r->target, g_free);
    r->target = href ? html_link_target(href) : NULL;
    if (!r->lines.label)
        r->lines.label = g_string_new(NULL);
    g_string_truncate(r->lines.label, 0);
}

static void
close_link(struct renderer *r)
{
    g_autofree char *target = g_steal_pointer(&r->target);
    g_autoptr(GString) label = g_steal_pointer(&r->lines.label);
    if (!target || !label || label->len == 0 || r->targets >= TARGETS_SHOWN ||
        html_link_is_named(label->str, target))
        return;
    r->targets++;
    g_autofree char *shown = g_strdup_printf(" <%s>", target);
    put_string(r, shown);
}

/* --- lists */

static void
open_list(struct renderer *r, const char *const *atts, bool ordered)
{
    struct element *list = top(r);
    const char *start = html_attribute(atts, "start"), *type = html_attribute(atts, "type");
    list->numbers = !ordered ? '-' : type && *type && strchr("aA", *type) ? *type : '1';
    list->item = start ? CLAMP(g_ascii_strtoll(start, NULL, 10), -G_MAXINT, G_MAXINT) : 1;
    r->lists++;
}

static struct element *
enclosing_list(struct renderer *r)
{
    for (guint i = r->stack->len; i > 0; i--) {
        struct element *element = &g_array_index(r->stack, struct element, i - 1);
        if (element->numbers != '\0' &&
            (strcmp(element->name, "ol") == 0 || strcmp(element->name, "ul") == 0))
            return element;
    }
    return NULL;
}

static void
open_item(struct renderer *r, const char *const *atts)
{
    struct element *list = enclosing_list(r);
    const char *value = html_attribute(atts, "value");
    GString *item = r->lines.item;
    if (!list || list->numbers == '-') {
        g_string_assign(item, "- ");
        return;
    }
    if (value && g_ascii_isdigit(*value))
        list->item = CLAMP(g_ascii_strtoll(value, NULL, 10), 0, G_MAXINT);
    if (list->numbers == '1' || list->item < 1 || list->item > 26)
        g_string_printf(item, "%" G_GINT64_FORMAT ". ", list->item);
    else
        g_string_printf(item, "%c. ", (char)(list->numbers + list->item - 1));
    list->item++;
}

static void
close_list(struct renderer *r)
{
    g_string_truncate(r->lines.item, 0);
    r->lists -= r->lists > 0;
}

/* --- tables */

/* The element of this name that encloses the top one, within the same table; NULL if there is none. */
static struct element *
enclosing(struct renderer *r, const char *name)
{
    for (guint i = r->stack->len - 1; i > 0; i--) {
        struct element *element = &g_array_index(r->stack, struct element, i - 1);
        if (strcmp(element->name, name) == 0)
            return element;
        if (strcmp(element->name, "table") == 0)
            return NULL;
    }
    return NULL;
}

static void
open_cell(struct renderer *r, const char *name)
{
    struct element *row = enclosing(r, "tr"), *table = enclosing(r, "table");
    guint line = r->lines.marks->len;
    if (row)
        g_array_append_val(r->cells, line);
    if (table && name[1] == 'h')
        table->is_data = true;
}

static void
close_row(struct renderer *r)
{
    struct element *table = enclosing(r, "table");
    html_lines_end_row(&r->lines, r->cells, &top(r)->row, table && table->is_data);
}

static bool
has_border(const char *const *atts, const char *style)
{
    const char *border = html_attribute(atts, "border"), *class = html_attribute(atts, "class");
    return (border && *border && *border != '0') || (class && strstr(class, "MsoTableGrid")) ||
           html_style_property(style, "border") || html_style_property(style, "border-top");
}

/* --- what elements write */

static void
open_element(struct renderer *r, const char *const *atts, const char *style)
{
    const char *name = top(r)->name;
    set_marks(r);
    if (strcmp(name, "br") == 0)
        html_lines_end(&r->lines);
    else if (strcmp(name, "img") == 0)
        put_image(r, atts, style);
    else if (strcmp(name, "a") == 0)
        open_link(r, atts);
    else if (strcmp(name, "li") == 0)
        open_item(r, atts);
    else if (strcmp(name, "ul") == 0 || strcmp(name, "ol") == 0)
        open_list(r, atts, *name == 'o');
    else if (strcmp(name, "table") == 0)
        top(r)->is_data = has_border(atts, style);
    else if (strcmp(name, "tr") == 0)
        html_lines_begin_row(&r->lines, r->cells, &top(r)->row);
    else if (strcmp(name, "td") == 0 || strcmp(name, "th") == 0)
        open_cell(r, name);
    else if (strcmp(name, "hr") == 0)
        r->lines.blank = true;
    r->pre_begins = strcmp(name, "pre") == 0;
}

static void
close_element(struct renderer *r)
{
    const struct element *element = top(r);
    const char *name = element->name;
    bool shows = is_shown(element);
    set_marks(r);
    if (strcmp(name, "a") == 0)
        close_link(r);
    bool marked = element->marks != g_array_index(r->stack, struct element, r->stack->len - 2).marks;
    if ((shows && element->is_block) || marked)
        html_lines_break(&r->lines);
    r->lines.blank |= shows && element->is_paragraph;
    if (shows && strcmp(name, "tr") == 0)
        close_row(r);
    if (shows && (strcmp(name, "ul") == 0 || strcmp(name, "ol") == 0))
        close_list(r);
}

/* How an element is seen. */
static void
set_look(struct renderer *r, struct element *element, const char *const *atts, const char *style)
{
    const char *space = html_style_property(style, "white-space");
    if (space)
        element->is_pre = g_str_has_prefix(space, "pre") || g_str_has_prefix(space, "break-spaces");
    static const char *const pre[] = {"pre", "xmp", "listing", "textarea", "plaintext", NULL};
    element->is_pre |= is_in(pre, element->name);
    if (r->styled && html_attribute(atts, "class"))
        element->background = COLOUR_UNKNOWN;
    html_colours(atts, style, &element->text_colour, &element->background);
    element->is_unseen = html_colours_hide(element->text_colour, element->background);
    element->is_tiny = html_style_is_tiny(style, element->is_tiny);
    element->is_hidden = element->is_hidden || html_attribute(atts, "hidden") || html_style_hides(style) ||
                         html_sheet_hides(r->sheet, atts);
}

static void
on_start(void *data, const xmlChar *xml_name, const xmlChar **xml_atts)
{
    struct renderer *r = data;
    const char *const *atts = (const char *const *)xml_atts;
    struct element element = *top(r);
    bool was_shown = is_shown(&element);
    g_strlcpy(element.name, (const char *)xml_name, NAME_BYTES);
    g_autofree char *style = html_style(atts);
    element.numbers = '\0';
    element.is_data = false;
    element.is_skipped = element.is_skipped || is_skipped(element.name);
    element.is_block = is_block(element.name, style);
    element.is_paragraph = is_paragraph(element.name, atts, style);
    set_look(r, &element, atts, style);
    bool shows = is_shown(&element);
    guint marks = html_marks((const char *)xml_name, atts, style);
    if (shows && (element.is_block || (marks & ~element.marks) != 0))
        html_lines_break(&r->lines);
    r->lines.blank |= shows && element.is_paragraph;
    r->cut |= shows && (marks & MARK_CUT);
    element.marks |= marks & ~(guint)MARK_CUT;
    element.frame = html_frame(element.name, atts);
    if (was_shown && !shows && r->out->hidden->len > 0)
        g_string_append_c(r->out->hidden, '\n');
    g_array_append_val(r->stack, element);
    if (shows)
        open_element(r, atts, style);
    else if (!element.is_skipped && strcmp(element.name, "img") == 0)
        put_image(r, atts, style);
}

/* What stands below a blockquote in the same element may answer it. A container of Gmail's holds the mail in
 * blockquotes of its own, so that what stands below them is no quote any more; with none it is a forward. */
static void
leave_quote(struct renderer *r)
{
    if (r->stack->len < 2 || strcmp(top(r)->name, "blockquote") != 0)
        return;
    struct element *outer = &g_array_index(r->stack, struct element, r->stack->len - 2);
    if (top(r)->frame == HTML_FRAME_INNER && outer->frame == HTML_FRAME_OUTER)
        outer->marks = g_array_index(r->stack, struct element, r->stack->len - 3).marks;
    outer->marks |= MARK_ANSWER;
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
        close_element(r);
        leave_quote(r);
        g_array_set_size(r->stack, r->stack->len - 1);
    }
}

/* Feeds the parser in pieces that end before a tag: it never sees half a character or entity. */
static void
feed(htmlParserCtxtPtr parser, const struct renderer *r, const GString *html)
{
    const char *p = html->str, *stop = html->str + html->len;
    while (p < stop && !r->lines.full) {
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
    *out = (struct html_text){.hidden = g_string_new(NULL),
                              .content_ids = g_ptr_array_new_with_free_func(g_free)};
    struct renderer r = {.out = out,
                         .stack = g_array_new(FALSE, TRUE, sizeof(struct element)),
                         .cells = g_array_new(FALSE, FALSE, sizeof(guint)),
                         .sheet = html_sheet_new()};
    html_lines_init(&r.lines);
    struct element document = {.text_colour = 0, .background = 0xffffff};
    g_array_append_val(r.stack, document);
    g_autoptr(GString) safe = html_filter(html, len, r.sheet, &r.styled);
    parse(&r, safe);
    g_clear_pointer(&r.target, g_free);
    if (r.lines.label)
        g_string_free(r.lines.label, TRUE);
    html_lines_finish(&r.lines, &out->text, &out->marks);
    g_array_unref(r.stack);
    g_array_unref(r.cells);
    g_hash_table_unref(r.sheet);
}
