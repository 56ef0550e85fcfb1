/* header.c - splits the header block of a raw mail into fields. Does not decode, does not repair, does
 * not know what any field means.
 *
 * Every byte is looked at a constant number of times: once for the end of its line, once for flaws. A
 * line of white space only is a continuation (RFC 5322 obs-FWS) and not the end of the block: readers
 * who disagree about it see fewer fields than we do, never more, so a second From cannot hide there. */
#include <cardpost/header.h>

#include <cardpost/caps.h>

#include <string.h>

struct scan {
    const char *at, *end;
    struct header_block *block;
};

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* The first byte behind the line that begins at `at`. */
static const char *
next_line(const char *at, const char *end)
{
    const char *lf = memchr(at, '\n', (gsize)(end - at));
    return lf ? lf + 1 : end;
}

static bool
is_empty_line(const char *at, const char *end)
{
    return at < end && (*at == '\n' || (*at == '\r' && at + 1 < end && at[1] == '\n'));
}

static void
skip_preamble(struct scan *scan)
{
    while (is_empty_line(scan->at, scan->end))
        scan->at = next_line(scan->at, scan->end);
    /* mbox files that were made from others quote it with `>` */
    const char *line = scan->at < scan->end && *scan->at == '>' ? scan->at + 1 : scan->at;
    if (scan->end - line >= 5 && memcmp(line, "From ", 5) == 0) {
        const char *end = next_line(line, scan->end);
        /* `From : x` is a field whose name has a space, not an envelope line */
        const char *at = line + 5;
        while (at < end && is_blank(*at))
            at++;
        if (at == end || *at != ':')
            scan->at = end;
    }
}

/* The colon behind a field name at `at`, or NULL; *name_len_out without the white space before it. */
static const char *
find_colon(const char *at, const char *end, gsize *name_len_out)
{
    const char *name = at;
    while (at<end && * at> ' ' && *at < 127 && *at != ':')
        at++;
    *name_len_out = (gsize)(at - name);
    while (at < end && is_blank(*at))
        at++;
    return *name_len_out > 0 && at < end && *at == ':' ? at : NULL;
}

/* An encoded word at a line's beginning: the white space before it was lost on the way. */
static bool
is_lost_fold(const char *at, const char *end)
{
    return end - at >= 2 && at[0] == '=' && at[1] == '?';
}

static void
note_flaws(struct header_block *block, const char *at, const char *end)
{
    if (memchr(at, '\0', (gsize)(end - at)))
        block->flaws |= HEADER_FLAW_NUL;
    while ((at = memchr(at, '\r', (gsize)(end - at)))) {
        at++;
        if (at == end || *at != '\n')
            block->flaws |= HEADER_FLAW_BARE_CR;
    }
}

/* One field with its continuation lines; false when the block ends before it. */
static bool
take_field(struct scan *scan)
{
    struct header_field field = {.name = scan->at};
    const char *line_end = next_line(scan->at, scan->end);
    const char *colon = find_colon(scan->at, line_end, &field.name_len);
    if (!colon) {
        note_flaws(scan->block, scan->at, line_end);
        scan->block->flaws |= HEADER_FLAW_BAD_LINE;
        return false;
    }
    while (line_end < scan->end && (is_blank(*line_end) || is_lost_fold(line_end, scan->end))) {
        if (!is_blank(*line_end))
            scan->block->flaws |= HEADER_FLAW_BAD_LINE;
        line_end = next_line(line_end, scan->end);
    }
    if (scan->block->fields->len >= CAP_HEADER_FIELDS) {
        scan->block->flaws |= HEADER_FLAW_TOO_BIG;
        return false;
    }
    if (colon != field.name + field.name_len)
        scan->block->flaws |= HEADER_FLAW_SPACED_NAME;
    note_flaws(scan->block, scan->at, line_end);
    field.value = colon + 1;
    field.value_len = (gsize)(line_end - field.value);
    g_array_append_val(scan->block->fields, field);
    scan->at = line_end;
    return true;
}

void
header_block_parse(const void *raw, gsize len, struct header_block *block_out)
{
    *block_out = (struct header_block){.fields = g_array_new(FALSE, FALSE, sizeof(struct header_field))};
    const char *text = raw ? raw : "";
    const char *raw_end = text + (raw ? len : 0);
    const char *cap_end = text + MIN((gsize)(raw_end - text), CAP_HEADER_BYTES);
    struct scan scan = {.at = text, .end = cap_end, .block = block_out};
    skip_preamble(&scan);
    while (scan.at < scan.end && !is_empty_line(scan.at, scan.end) && take_field(&scan))
        continue;
    if (is_empty_line(scan.at, scan.end))
        scan.at = next_line(scan.at, scan.end);
    else if (scan.at == cap_end && cap_end < raw_end)
        block_out->flaws |= HEADER_FLAW_TOO_BIG;
    block_out->body_at = (gsize)(scan.at - text);
}

void
header_block_clear(struct header_block *block)
{
    if (!block)
        return;
    if (block->fields)
        g_array_unref(block->fields);
    *block = (struct header_block){.fields = NULL};
}

bool
header_is(const struct header_field *field, const char *name)
{
    return strlen(name) == field->name_len && g_ascii_strncasecmp(field->name, name, field->name_len) == 0;
}

guint
header_count(const struct header_block *block, const char *name)
{
    guint n = 0;
    for (guint i = 0; i < block->fields->len; i++)
        n += header_is(&g_array_index(block->fields, struct header_field, i), name);
    return n;
}

const struct header_field *
header_nth(const struct header_block *block, const char *name, guint n)
{
    for (guint i = 0; i < block->fields->len; i++) {
        const struct header_field *field = &g_array_index(block->fields, struct header_field, i);
        if (header_is(field, name) && n-- == 0)
            return field;
    }
    return NULL;
}

char *
header_unfold(const struct header_field *field)
{
    const char *at = field->value;
    const char *nul = memchr(at, '\0', field->value_len);
    const char *end = nul ? nul : at + field->value_len;
    GString *value = g_string_sized_new((gsize)(end - at));
    while (at < end) {
        const char *line_end = next_line(at, end);
        const char *text_end = line_end;
        if (text_end > at && text_end[-1] == '\n')
            text_end--;
        if (text_end < line_end && text_end > at && text_end[-1] == '\r')
            text_end--;
        g_string_append_len(value, at, text_end - at);
        at = line_end;
    }
    return g_strstrip(g_string_free(value, FALSE));
}

char *
header_first(const struct header_block *block, const char *name)
{
    const struct header_field *field = header_nth(block, name, 0);
    return field ? header_unfold(field) : NULL;
}

/* Each with its length and whether it is there, so that no two sets of fields give the same bytes. */
char *
header_content_key(const struct header_block *block, gint64 size_bytes)
{
    static const char *const names[] = {"Message-ID", "From", "Date"};
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *value = header_first(block, names[i]);
        gint64 len = value ? GINT64_TO_LE((gint64)strlen(value)) : -1;
        g_checksum_update(sum, (const guchar *)&len, sizeof len);
        if (value)
            g_checksum_update(sum, (const guchar *)value, -1);
    }
    gint64 size = GINT64_TO_LE(size_bytes);
    g_checksum_update(sum, (const guchar *)&size, sizeof size);
    return g_strdup(g_checksum_get_string(sum));
}
