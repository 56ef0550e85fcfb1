/* parse.c - Mustache source to nodes, in one pass from left to right. Does not know values.
 *
 * Standalone lines, as the specification has them: a line that holds one tag of a kind that puts nothing
 * in (section, end, comment, delimiters, partial) and white space besides is removed as a whole. */
#include "parse.h"

#include <cardpost/error.h>
#include <cardpost/template.h>

#include <string.h>

#define DELIMITER_BYTES 16

struct parser {
    const char *source;
    const char *at; /* nothing before it is left to be read */
    char open[DELIMITER_BYTES + 1], close[DELIMITER_BYTES + 1];
    GArray *nodes;
    guint sections[TEMPLATE_SECTION_DEPTH]; /* indexes of the open ones */
    guint depth;
};

/* One tag as found in the source. */
struct tag {
    const char *start, *end; /* with its delimiters */
    char sigil;              /* one of "#^/>!=&{", or 0 */
    struct slice content;    /* without sigil and surrounding white space */
};

static bool
fail(const struct parser *parser, const char *at, const char *what, const struct slice *name, GError **error)
{
    int line = 1;
    for (const char *p = parser->source; p < at; p++)
        line += *p == '\n';
    g_autofree char *shown = name ? g_strndup(name->at, name->len) : NULL;
    g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_INVALID, "line %d: %s%s%s", line, what,
                shown ? " " : "", shown ? shown : "");
    return false;
}

static struct node *
add_node(struct parser *parser, enum node_type type, struct slice text)
{
    struct node node = {.type = type, .text = text};
    g_array_append_val(parser->nodes, node);
    return &g_array_index(parser->nodes, struct node, parser->nodes->len - 1);
}

static void
add_text(struct parser *parser, const char *from, const char *to)
{
    if (to > from)
        add_node(parser, NODE_TEXT, (struct slice){from, (gsize)(to - from)});
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct slice
trim(const char *from, const char *to)
{
    while (from < to && g_ascii_isspace(*from))
        from++;
    while (to > from && g_ascii_isspace(to[-1]))
        to--;
    return (struct slice){from, (gsize)(to - from)};
}

/* The tag that begins at start; its closing form depends on its sigil. */
static bool
read_tag(const struct parser *parser, const char *start, struct tag *tag_out, GError **error)
{
    const char *inner = start + strlen(parser->open);
    char sigil = *inner && strchr("#^/>!=&{", *inner) ? *inner : '\0';
    g_autofree char *closing = g_strconcat(sigil == '{' ? "}" : sigil == '=' ? "=" : "", parser->close, NULL);
    if (sigil)
        inner++;
    const char *close = strstr(inner, closing);
    if (!close)
        return fail(parser, start, "a tag is not closed", NULL, error);
    *tag_out = (struct tag){
        .start = start, .end = close + strlen(closing), .sigil = sigil, .content = trim(inner, close)};
    return true;
}

/* "=<% %>=": two words that hold neither white space nor "=". */
static bool
set_delimiters(struct parser *parser, const struct tag *tag, GError **error)
{
    g_autofree char *content = g_strndup(tag->content.at, tag->content.len);
    gsize open = strcspn(content, " \t\r\n");
    const char *close = content + open + strspn(content + open, " \t\r\n");
    gsize close_len = strlen(close);
    if (open == 0 || open > DELIMITER_BYTES || close_len == 0 || close_len > DELIMITER_BYTES ||
        strpbrk(close, " \t\r\n") || strchr(content, '='))
        return fail(parser, tag->start, "delimiters must be two words without =:", &tag->content, error);
    memcpy(parser->open, content, open);
    parser->open[open] = '\0';
    memcpy(parser->close, close, close_len + 1);
    return true;
}

static bool
open_section(struct parser *parser, const struct tag *tag, GError **error)
{
    if (parser->depth == TEMPLATE_SECTION_DEPTH)
        return fail(parser, tag->start, "sections nest too deep", NULL, error);
    parser->sections[parser->depth++] = parser->nodes->len;
    add_node(parser, tag->sigil == '#' ? NODE_SECTION : NODE_INVERTED, tag->content);
    return true;
}

static bool
close_section(struct parser *parser, const struct tag *tag, GError **error)
{
    if (parser->depth == 0)
        return fail(parser, tag->start, "no section is open to be closed by", &tag->content, error);
    guint index = parser->sections[--parser->depth];
    struct slice opened = g_array_index(parser->nodes, struct node, index).text;
    if (opened.len != tag->content.len || memcmp(opened.at, tag->content.at, opened.len) != 0)
        return fail(parser, tag->start, "another section is open than", &tag->content, error);
    g_array_index(parser->nodes, struct node, index).end = parser->nodes->len;
    add_node(parser, NODE_END, tag->content);
    return true;
}

static bool
add_tag(struct parser *parser, const struct tag *tag, struct slice indent, GError **error)
{
    if (tag->sigil == '!')
        return true;
    if (tag->sigil == '=')
        return set_delimiters(parser, tag, error);
    if (tag->content.len == 0)
        return fail(parser, tag->start, "a tag without a name", NULL, error);
    for (gsize i = 0; i < tag->content.len; i++)
        if (g_ascii_isspace(tag->content.at[i]))
            return fail(parser, tag->start, "a name with white space:", &tag->content, error);
    switch (tag->sigil) {
    case '#':
    case '^':
        return open_section(parser, tag, error);
    case '/':
        return close_section(parser, tag, error);
    case '>':
        add_node(parser, NODE_PARTIAL, tag->content)->indent = indent;
        return true;
    case '&':
    case '{':
        add_node(parser, NODE_RAW, tag->content);
        return true;
    }
    add_node(parser, NODE_ESCAPED, tag->content);
    return true;
}

/* Whether the tag stands alone on its line: *line_out is where the line begins, *next_out the next one. */
static bool
is_standalone(const struct parser *parser, const struct tag *tag, const char **line_out,
              const char **next_out)
{
    if (!tag->sigil || !strchr("#^/>!=", tag->sigil))
        return false;
    const char *line = tag->start;
    while (line > parser->at && is_blank(line[-1]))
        line--;
    if (line > parser->source && line[-1] != '\n')
        return false;
    const char *next = tag->end;
    while (is_blank(*next))
        next++;
    if (*next == '\r' && next[1] == '\n')
        next++;
    if (*next != '\n' && *next != '\0')
        return false;
    *line_out = line;
    *next_out = *next ? next + 1 : next;
    return true;
}

/* The text up to the next tag and that tag; false at an error. At the end, parser->at is at the NUL. */
static bool
parse_step(struct parser *parser, GError **error)
{
    const char *start = strstr(parser->at, parser->open);
    if (!start) {
        const char *end = parser->at + strlen(parser->at);
        add_text(parser, parser->at, end);
        parser->at = end;
        return true;
    }
    struct tag tag;
    if (!read_tag(parser, start, &tag, error))
        return false;
    const char *line = start, *next = tag.end;
    bool alone = is_standalone(parser, &tag, &line, &next);
    add_text(parser, parser->at, line);
    struct slice indent = {line, alone ? (gsize)(start - line) : 0};
    if (!add_tag(parser, &tag, indent, error))
        return false;
    parser->at = next;
    return true;
}

GArray *
parse_template(const char *source, GError **error)
{
    g_autoptr(GArray) nodes = g_array_new(FALSE, FALSE, sizeof(struct node));
    struct parser parser = {.source = source, .at = source, .open = "{{", .close = "}}", .nodes = nodes};
    while (*parser.at)
        if (!parse_step(&parser, error))
            return NULL;
    if (parser.depth > 0) {
        const struct node *open = &g_array_index(nodes, struct node, parser.sections[parser.depth - 1]);
        fail(&parser, open->text.at, "section is never closed:", &open->text, error);
        return NULL;
    }
    return g_steal_pointer(&nodes);
}
