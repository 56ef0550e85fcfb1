/* fields.c - see fields.h. Looks at no more than BLOCK_LINES lines from where it is asked. */
#include "fields.h"

#include <string.h>

#define BLOCK_LINES 24
#define LABEL_BYTES 48
#define LONE_BYTES  90
/* A label that is none of ours. */
#define STRANGER_BYTES 24
/* A block on one line. */
#define FLAT_BYTES       1500
#define FLAT_COLONS      40
#define FLAT_LABEL_CHARS 16

/* The colon (or the bar or tab of a table) that ends a label, its length in *len_out. */
static const char *
label_end(const char *text, gsize *len_out)
{
    gsize seen = 0;
    for (const char *p = text; *p && seen < LABEL_BYTES; p = utf8_next(p), seen = (gsize)(p - text)) {
        gunichar c = g_utf8_get_char(p);
        if (c != ':' && c != 0xff1a && c != '|' && c != '\t')
            continue;
        *len_out = (gsize)(utf8_next(p) - p);
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

/* "发 件 人", "主　题": the blanks off; a new string. */
static char *
squeeze(const char *label)
{
    GString *out = g_string_new(NULL);
    for (const char *p = label; *p; p = utf8_next(p))
        if (!g_unichar_isspace(g_utf8_get_char(p)))
            g_string_append_unichar(out, g_utf8_get_char(p));
    return g_string_free(out, FALSE);
}

static bool
has_wide(const char *label)
{
    for (const char *p = label; *p; p = utf8_next(p))
        if (g_unichar_iswide(g_utf8_get_char(p)))
            return true;
    return false;
}

/* "from/发件人", "发件人(from)", "发件人 from": every piece is a label (one will do). */
static enum field_kind
both_kinds(const char *label)
{
    enum field_kind found = FIELD_NONE;
    for (const char *p = label; *p;) {
        bool wide = g_unichar_iswide(g_utf8_get_char(p));
        const char *end = p;
        while (*end && g_unichar_isalpha(g_utf8_get_char(end)) &&
               g_unichar_iswide(g_utf8_get_char(end)) == wide)
            end = utf8_next(end);
        g_autofree char *piece = g_strndup(p, (gsize)(end - p));
        enum field_kind kind = label_kind(piece);
        if (end > p &&
            (kind == FIELD_NONE || (found != FIELD_NONE && (kind == FIELD_FROM) != (found == FIELD_FROM))))
            return FIELD_NONE;
        found = end > p && found == FIELD_NONE ? kind : found;
        p = *end && end == p ? utf8_next(end) : end;
    }
    return found;
}

/* A label as it stands in a line, in lower case. */
static enum field_kind
written_kind(const char *label)
{
    enum field_kind kind = label_kind(label);
    if (kind != FIELD_NONE || !has_wide(label))
        return kind;
    g_autofree char *tight = squeeze(label);
    return both_kinds(tight);
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
    g_autofree char *lower = lower_plain(strip_frame(label), -1);
    enum field_kind kind = written_kind(lower);
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

/* Paragraphs as fields: an empty line between two of them. */
static bool
is_gap(GArray *lines, guint i, guint stop)
{
    return line_is_blank(lines_at(lines, i)) && i + 1 < stop &&
           field_parse(lines_at(lines, i + 1), NULL) != FIELD_NONE;
}

/* A field of a name that is not known, between two that are: "Label: value". */
static bool
is_stranger(GArray *lines, guint i, guint stop)
{
    gsize colon;
    g_autofree char *bare = line_bare(lines_at(lines, i));
    const char *text = *bare == '|' ? bare + 1 : bare, *end = label_end(text, &colon);
    return end && end > text && end - text <= STRANGER_BYTES && i + 1 < stop &&
           field_parse(lines_at(lines, i + 1), NULL) != FIELD_NONE;
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
        if (is_gap(lines, i, stop))
            continue;
        if (line_quote_depth(line, NULL) != depth)
            break;
        char *value = NULL;
        enum field_kind kind = field_parse(line, &value);
        if (kind == FIELD_NONE && !is_folded(line, above) && !is_stranger(lines, i, stop))
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

/* Whether fields of these kinds are a mail's: see fields.h. */
static bool
is_mail(guint seen, const struct field_block *block)
{
    bool has_from = seen & (1u << FIELD_FROM), has_subject = seen & (1u << FIELD_SUBJECT);
    bool has_sent = seen & (1u << FIELD_SENT), has_date = seen & (1u << FIELD_DATE),
         has_to = seen & (1u << FIELD_TO);
    bool address = block->from && strchr(block->from, '@');
    bool mail = has_subject ? (has_sent || has_date || has_to || address) : has_sent;
    return has_from && (mail || (address && (has_date || has_to)));
}

/* --- a whole block on one line: "From: Ana <ana@x>Sent: MondayTo: Li" */

/* The label that ends before the colon at `colon`, its start in *start_out. A label begins with a capital
 * (or has none): what stands before it may be glued to it. */
static enum field_kind
label_before(const char *text, const char *colon, const char **start_out)
{
    enum field_kind best = FIELD_NONE;
    gsize best_chars = 0;
    const char *p = colon;
    while (p > text && strchr(" \t", p[-1]))
        p--;
    const char *end = p;
    for (gsize chars = 1; p > text && chars <= FLAT_LABEL_CHARS; chars++) {
        p = g_utf8_prev_char(p);
        if (g_unichar_islower(g_utf8_get_char(p)) || *p == ' ')
            continue;
        g_autofree char *lower = lower_plain(p, end - p);
        enum field_kind kind = label_kind(lower);
        if (kind == FIELD_NONE || chars <= best_chars)
            continue;
        best = kind;
        best_chars = chars;
        *start_out = p;
    }
    return best;
}

static void
take_flat(struct field_block *block, enum field_kind kind, const char *value, const char *end)
{
    if (kind != FIELD_NONE)
        block_take(block, kind, strip_frame(g_strndup(value, (gsize)(end - value))));
}

/* The fields of one line, from its first From on; the kinds as bits. */
static guint
read_flat(const struct text_line *line, struct field_block *block)
{
    g_autofree char *text = line_bare(line);
    guint seen = 0, colons = 0;
    enum field_kind open = FIELD_NONE, first_kind = FIELD_NONE;
    const char *value = text, *first = NULL;
    for (const char *p = text; *p && colons < FLAT_COLONS; p = utf8_next(p)) {
        gunichar c = g_utf8_get_char(p);
        if (c != ':' && c != 0xff1a)
            continue;
        colons++;
        const char *start = NULL;
        enum field_kind kind = label_before(value, p, &start);
        if (kind == FIELD_NONE || (!first && kind != FIELD_FROM && start != text) ||
            (open == FIELD_SUBJECT && seen & 1u << kind))
            continue;
        take_flat(block, open, value, start);
        first_kind = first ? first_kind : kind;
        first = first ? first : start;
        open = kind;
        seen |= 1u << kind;
        value = utf8_next(p);
    }
    take_flat(block, open, value, text + strlen(text));
    /* people write "Subject: … To: …" in one line too, but no address with it */
    bool address = block->from && strchr(block->from, '@');
    block->is_first = first == text && (address || first_kind == FIELD_FROM);
    return seen;
}

static guint
read_flat_at(GArray *lines, guint i, bool announced, struct field_block *block)
{
    const struct text_line *line = lines_at(lines, i);
    guint seen = line->len <= FLAT_BYTES ? read_flat(line, block) : 0;
    block->end = i + 1;
    return announced || block->is_first ? seen : 0;
}

/* "发件人" is a word of mail alone, not of letters or parcels: it heads a mail even by itself. */
static bool
is_lone_from(const struct text_line *line)
{
    static const char *const starts[] = {"发件人：", "发件人:", "發件人：", "發件人:"};
    g_autofree char *bare = line_bare(line);
    for (guint i = 0; i < G_N_ELEMENTS(starts); i++)
        if (g_str_has_prefix(bare, starts[i]))
            return strlen(bare) <= LONE_BYTES && !strstr(bare, "。") && !strstr(bare, "，");
    return false;
}

bool
field_block_at(GArray *lines, guint i, bool announced, struct field_block *block_out)
{
    *block_out = (struct field_block){0};
    guint seen = field_parse(lines_at(lines, i), NULL) != FIELD_NONE ? read_run(lines, i, block_out) : 0;
    bool single = seen != 0 && (seen & (seen - 1)) == 0;
    if ((announced || single) && !is_mail(seen, block_out)) {
        field_block_clear(block_out);
        seen = read_flat_at(lines, i, announced, block_out);
    }
    if (is_mail(seen, block_out) || (seen == 1u << FIELD_FROM && i > 0 && is_lone_from(lines_at(lines, i))))
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
