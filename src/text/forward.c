/* forward.c - see forward.h. Reads what the header block says; proves nothing. */
#include "forward.h"

#include "date.h"
#include "fields.h"

#include <cardpost/caps.h>
#include <cardpost/clean.h>

#include <string.h>

/* Between the announcement and the header block. */
#define LINES_BETWEEN 4

/* The address in "Li Wei <li@x>", "li@x<mailto:li@x>", "li@x [mailto:li@x]": start and length. */
static const char *
find_address(const char *value, gsize *len_out)
{
    for (const char *at = value; (at = strchr(at, '@')); at++) {
        const char *start = at, *end = at + 1;
        while (start > value && (g_ascii_isalnum(start[-1]) || strchr("!#$%&'*+-/=?^_`{|}~.", start[-1])))
            start--;
        while (g_ascii_isalnum(*end) || *end == '-' || *end == '.')
            end++;
        g_autofree char *address = g_strndup(start, (gsize)(end - start));
        *len_out = strlen(address);
        if (clean_is_address(address))
            return start;
    }
    return NULL;
}

/* What frames a name: quotation marks of all languages, brackets, blanks. */
static bool
is_frame(gunichar c)
{
    return g_unichar_isspace(c) || (c < 0x80 && c != 0 && strchr("<([\"'", (int)c)) || c == 0xab ||
           c == 0xbb || (c >= 0x2018 && c <= 0x201f);
}

/* In place: "Li Wei [mailto:" -> "Li Wei". */
static char *
bare_name(char *name)
{
    if (g_str_has_suffix(name, "mailto:"))
        name[strlen(name) - strlen("mailto:")] = '\0';
    for (gsize len = strlen(name); len > 0; len = strlen(name)) {
        char *last = g_utf8_prev_char(name + len);
        if (!is_frame(g_utf8_get_char(last)))
            break;
        *last = '\0';
    }
    while (*name && is_frame(g_utf8_get_char(name)))
        name += g_utf8_skip[(guchar)*name];
    return name;
}

static void
read_from(const char *value, struct mail_address *from)
{
    gsize len = 0;
    const char *start = find_address(value, &len);
    g_autofree char *address = start ? g_strndup(start, len) : NULL;
    from->address = address ? clean_address_fold(address) : clean_line("", 0);
    g_autofree char *name = start ? g_strndup(value, (gsize)(start - value)) : g_strdup(value);
    from->name = clean_line(bare_name(name), CAP_NAME_BYTES);
}

/* The text below the header block, one level of ">" off where the block has it. */
static char *
read_text(GArray *lines, guint i, bool quoted)
{
    g_autoptr(GString) text = g_string_new(NULL);
    guint marks = i < lines->len ? lines_at(lines, i)->marks & (guint)MARK_QUOTE : 0;
    for (; i < lines->len; i++) {
        const struct text_line *line = lines_at(lines, i);
        /* below the forwarding container stands the forwarder's own text again */
        bool outside = (marks && !(line->marks & MARK_QUOTE)) || (quoted && line->role == ROLE_NEW);
        if (outside && !line_is_blank(line))
            break;
        const char *start = line->start;
        gsize skip = quoted && line->len > 0 && *start == '>' ? 1 : 0;
        skip += skip && line->len > 1 && start[1] == ' ';
        g_string_append_len(text, start + skip, (gssize)(line->len - skip));
        g_string_append_c(text, '\n');
    }
    return g_strdup(g_strstrip(text->str));
}

struct mail_forward *
forward_read(GArray *lines, guint i)
{
    g_auto(field_block_t) block = {0};
    guint at = lines_next_text(lines, i), tries = 0;
    while (at < lines->len && tries <= LINES_BETWEEN && !field_block_at(lines, at, true, &block)) {
        at = lines_next_text(lines, at + 1);
        tries++;
    }
    if (!block.from)
        return NULL;
    struct mail_forward *forward = g_new0(struct mail_forward, 1);
    read_from(block.from, &forward->from);
    forward->date_at = date_read(block.date);
    forward->subject = block.subject ? clean_line(block.subject, CAP_SUBJECT_BYTES) : NULL;
    forward->to = block.to ? clean_line(block.to, CAP_SUBJECT_BYTES) : NULL;
    bool quoted = line_quote_depth(lines_at(lines, at), NULL) > 0;
    forward->text = read_text(lines, block.end, quoted);
    return forward;
}

/* Back from the address: to a quotation mark, or over words to a comma, a number or the verb, which is in
 * lower case ("heeft John Doe <"). */
static const char *
name_start(const char *text, const char *address)
{
    const char *end = address;
    while (end > text && strchr(" \t<([", end[-1]))
        end--;
    /* "« Su »", "„Su”", "“Su”" */
    static const char *const pairs[][2] = {{"«", "»"}, {"„", "”"}, {"“", "”"}, {"„", "“"}};
    for (guint i = 0; i < G_N_ELEMENTS(pairs); i++) {
        gsize len = strlen(pairs[i][1]);
        if ((gsize)(end - text) < len || memcmp(end - len, pairs[i][1], len) != 0)
            continue;
        const char *open = g_strrstr_len(text, end - len - text, pairs[i][0]);
        if (open)
            return open;
    }
    if (end > text && end[-1] == '"') {
        const char *open = memrchr(text, '"', (gsize)(end - 1 - text));
        return open ? open : end;
    }
    const char *start = end;
    while (start > text && !strchr(",;:0123456789", start[-1]))
        start--;
    for (const char *word = start; word < end;) {
        gsize len = strcspn(word, " ");
        bool is_time = len == 2 && (memcmp(word, "PM", 2) == 0 || memcmp(word, "AM", 2) == 0);
        if (len > 0 && !is_time && !g_unichar_islower(g_utf8_get_char(word)))
            return word;
        word += MIN(len + 1, (gsize)(end - word));
    }
    return end;
}

struct mail_forward *
forward_read_wrote(GArray *lines, guint i, guint end)
{
    g_autoptr(GString) joined = g_string_new(NULL);
    for (guint n = i; n < end; n++) {
        g_autofree char *bare = line_bare(lines_at(lines, n));
        g_string_append_printf(joined, "%s%s", n > i ? " " : "", bare);
    }
    gsize len = 0;
    const char *address = find_address(joined->str, &len);
    if (!address)
        return NULL;
    struct mail_forward *forward = g_new0(struct mail_forward, 1);
    read_from(name_start(joined->str, address), &forward->from);
    forward->date_at = date_read(joined->str);
    forward->text = read_text(lines, end, false);
    return forward;
}
