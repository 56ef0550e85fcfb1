/* fields.c - see fields.h. Looks at no more than BLOCK_LINES lines from where it is asked. */
#include "fields.h"

#include <string.h>

#define BLOCK_LINES 24
#define LABEL_BYTES 48

/* The colon (or the bar of a table) that ends a label, its length in *len_out. */
static const char *
label_end(const char *text, gsize *len_out)
{
    gsize seen = 0;
    for (const char *p = text; *p && seen < LABEL_BYTES; p = g_utf8_next_char(p), seen = (gsize)(p - text)) {
        gunichar c = g_utf8_get_char(p);
        if (c != ':' && c != 0xff1a && c != '|')
            continue;
        *len_out = (gsize)(g_utf8_next_char(p) - p);
        return p;
    }
    return NULL;
}

static enum field_kind
label_kind(const char *label)
{
    for (guint i = 0; wording_fields[i].label; i++)
        if (strcmp(wording_fields[i].label, label) == 0)
            return wording_fields[i].kind;
    return FIELD_NONE;
}

/* White space, stars and bars off both ends of a value or label; in place. */
static char *
strip_frame(char *text)
{
    char *start = text + strspn(text, " \t*|");
    while (g_str_has_prefix(start, "\u00a0"))
        start += strlen("\u00a0");
    gsize len = strlen(start);
    for (;;) {
        if (len > 0 && strchr(" \t*|", start[len - 1]))
            len--;
        else if (len >= 2 && memcmp(start + len - 2, "\u00a0", 2) == 0)
            len -= 2;
        else
            break;
    }
    memmove(text, start, len);
    text[len] = '\0';
    return text;
}

enum field_kind
field_parse(const struct text_line *line, char **value_out)
{
    if (value_out)
        *value_out = NULL;
    if (line->len > 4000)
        return FIELD_NONE;
    g_autofree char *bare = line_bare(line);
    char *text = bare;
    if (*text == '|')
        text++;
    gsize colon = 0;
    const char *end = label_end(text, &colon);
    if (!end)
        return FIELD_NONE;
    g_autofree char *label = g_strndup(text, (gsize)(end - text));
    g_autofree char *lower = g_utf8_strdown(strip_frame(label), -1);
    enum field_kind kind = label_kind(lower);
    if (kind != FIELD_NONE && value_out)
        *value_out = strip_frame(g_strdup(end + colon));
    return kind;
}

static void
keep(char **slot, char *value)
{
    if (*slot)
        g_free(value);
    else
        *slot = value;
}

static void
block_take(struct field_block *block, enum field_kind kind, char *value)
{
    switch (kind) {
    case FIELD_FROM:
        keep(&block->from, value);
        return;
    case FIELD_DATE:
    case FIELD_SENT:
        keep(&block->date, value);
        return;
    case FIELD_TO:
        keep(&block->to, value);
        return;
    case FIELD_SUBJECT:
        keep(&block->subject, value);
        return;
    case FIELD_NONE:
    case FIELD_CC:
    case FIELD_OTHER:
        g_free(value);
        return;
    }
}

/* A line that goes on with the field above it: indented, or the rest of a list of addresses. */
static bool
is_folded(const struct text_line *line, enum field_kind above)
{
    const char *text = line->start;
    line_quote_depth(line, &text);
    if (above != FIELD_FROM && above != FIELD_TO && above != FIELD_CC && above != FIELD_SUBJECT)
        return false;
    bool indented = text < line->start + line->len && (*text == ' ' || *text == '\t');
    bool address = memchr(text, '@', line->len - (gsize)(text - line->start)) != NULL;
    return above == FIELD_SUBJECT ? indented : address;
}

/* The run of fields that begins at line i: kinds seen as bits; the block's values and end. */
static guint
read_run(GArray *lines, guint i, struct field_block *block)
{
    guint seen = 0, stop = MIN(lines->len, i + BLOCK_LINES);
    enum field_kind above = FIELD_NONE;
    guint depth = line_quote_depth(lines_at(lines, i), NULL);
    for (block->end = i; i < stop; i++) {
        const struct text_line *line = lines_at(lines, i);
        if (line_quote_depth(line, NULL) != depth)
            break;
        char *value = NULL;
        enum field_kind kind = field_parse(line, &value);
        if (kind == FIELD_NONE && !is_folded(line, above))
            break;
        block->end = i + (kind == FIELD_NONE);
        if (kind == FIELD_NONE)
            continue;
        /* a second From begins another mail */
        if (kind == FIELD_FROM && (seen & (1u << FIELD_FROM))) {
            g_free(value);
            break;
        }
        seen |= 1u << kind;
        block_take(block, kind, value);
        above = kind;
        block->end = i + 1;
    }
    return seen;
}

bool
field_block_at(GArray *lines, guint i, struct field_block *block_out)
{
    *block_out = (struct field_block){0};
    if (field_parse(lines_at(lines, i), NULL) == FIELD_NONE)
        return false;
    guint seen = read_run(lines, i, block_out);
    bool has_from = seen & (1u << FIELD_FROM), has_subject = seen & (1u << FIELD_SUBJECT);
    bool has_sent = seen & (1u << FIELD_SENT), has_date = seen & (1u << FIELD_DATE),
         has_to = seen & (1u << FIELD_TO);
    bool address = block_out->from && strchr(block_out->from, '@');
    bool mail = has_subject ? (has_sent || has_date || has_to || address) : has_sent;
    if (has_from && (mail || (address && (has_date || has_to))))
        return true;
    field_block_clear(block_out);
    return false;
}

void
field_block_clear(struct field_block *block)
{
    g_clear_pointer(&block->from, g_free);
    g_clear_pointer(&block->date, g_free);
    g_clear_pointer(&block->to, g_free);
    g_clear_pointer(&block->subject, g_free);
}
