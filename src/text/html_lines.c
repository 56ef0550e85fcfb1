/* html_lines.c - see html_lines.h. A row is written as lines and joined when it ends, so that nothing has to
 * be known before; what is joined is short, so nested tables stay linear. */
#include "html_lines.h"

#include "lines.h"

#include <cardpost/caps.h>
#include <cardpost/clean.h>

#include <string.h>

#define LABEL_BYTES 2000
#define CELL_BYTES  200
#define ROW_BYTES   1000

void
html_lines_init(struct html_lines *lines)
{
    *lines = (struct html_lines){.text = g_string_new(NULL),
                                 .marks = g_byte_array_new(),
                                 .line = g_string_new(NULL),
                                 .item = g_string_new(NULL)};
}

void
html_lines_finish(struct html_lines *lines, GString **text_out, GByteArray **marks_out)
{
    html_lines_break(lines);
    g_string_free(lines->line, TRUE);
    g_string_free(lines->item, TRUE);
    *text_out = lines->text;
    *marks_out = lines->marks;
}

/* --- lines */

static void
append_line(struct html_lines *lines, const char *line, gsize len, guint marks)
{
    if (lines->full)
        return;
    gsize room = CAP_TEXT_BYTES - lines->text->len;
    lines->full = len + 1 >= room;
    g_string_append_len(lines->text, line, (gssize)(lines->full ? clean_cut(line, len, room - 1) : len));
    g_string_append_c(lines->text, '\n');
    guint8 byte = (guint8)marks;
    g_byte_array_append(lines->marks, &byte, 1);
}

static bool
last_is_blank(const struct html_lines *lines)
{
    return lines->text->len == 0 || g_str_has_suffix(lines->text->str, "\n\n");
}

static void
forget_space(struct html_lines *lines)
{
    lines->space = lines->newline = false;
}

void
html_lines_end(struct html_lines *lines)
{
    bool empty = lines->line->len == 0;
    append_line(lines, lines->line->str, lines->line->len, empty ? lines->now : lines->line_marks);
    g_string_truncate(lines->line, 0);
    forget_space(lines);
}

void
html_lines_break(struct html_lines *lines)
{
    const GString *line = lines->line;
    if (line->len > 0 && strspn(line->str, " ") == line->len) {
        /* a paragraph of one no-break space is how an empty line is written */
        g_string_truncate(lines->line, 0);
        if (!last_is_blank(lines))
            html_lines_end(lines);
    } else if (line->len > 0) {
        html_lines_end(lines);
    }
    forget_space(lines);
}

/* Before the first character of a line. */
static void
begin_line(struct html_lines *lines)
{
    if (lines->blank && !last_is_blank(lines))
        append_line(lines, "", 0, lines->now);
    lines->blank = false;
    lines->line_marks = lines->now;
    gsize columns = lines->item->len > 0 && lines->indent >= 2 ? lines->indent - 2 : lines->indent;
    for (gsize i = 0; i < columns; i++)
        g_string_append_c(lines->line, ' ');
    g_string_append_len(lines->line, lines->item->str, (gssize)lines->item->len);
    g_string_truncate(lines->item, 0);
}

/* --- characters */

static void
append_character(struct html_lines *lines, gunichar c)
{
    g_string_append_unichar(lines->line, c);
    if (lines->label && lines->label->len < LABEL_BYTES)
        g_string_append_unichar(lines->label, c);
}

/* Chinese and Japanese have no spaces between words; Korean has. */
static bool
is_spaceless(gunichar c)
{
    bool hangul = (c >= 0xac00 && c <= 0xd7ff) || (c >= 0x1100 && c <= 0x11ff) ||
                  (c >= 0x3130 && c <= 0x318f) || (c >= 0xa960 && c <= 0xa97f);
    return g_unichar_iswide(c) && !hangul;
}

static bool
ends_spaceless(const GString *line)
{
    return line->len > 0 && is_spaceless(g_utf8_get_char(g_utf8_prev_char(line->str + line->len)));
}

/* The white space before c. */
static void
begin_character(struct html_lines *lines, gunichar c)
{
    if (lines->line->len == 0)
        begin_line(lines);
    else if (lines->space && !(lines->newline && is_spaceless(c) && ends_spaceless(lines->line)))
        append_character(lines, ' ');
    forget_space(lines);
}

void
html_lines_put(struct html_lines *lines, const char *text, gsize len)
{
    if (lines->text->len + lines->line->len >= CAP_TEXT_BYTES)
        html_lines_break(lines);
    for (const char *p = text; p < text + len && !lines->full; p = utf8_next(p)) {
        gunichar c = g_utf8_get_char(p);
        if (c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f') {
            lines->space = true;
            lines->newline |= c == '\n';
        } else if (c != 0x200b && c != 0xfeff && c != 0xad && c != 0x2060) {
            begin_character(lines, c);
            append_character(lines, c == 0xa0 ? ' ' : c);
        }
    }
}

void
html_lines_put_pre(struct html_lines *lines, const char *text, gsize len)
{
    if (lines->text->len + lines->line->len >= CAP_TEXT_BYTES)
        html_lines_break(lines);
    for (const char *p = text; p < text + len && !lines->full; p = utf8_next(p)) {
        gunichar c = g_utf8_get_char(p);
        if (c == '\n') {
            html_lines_end(lines);
        } else if (c != '\r') {
            begin_character(lines, c);
            append_character(lines, c == 0xa0 ? ' ' : c);
        }
    }
}

/* --- rows of tables */

void
html_lines_begin_row(struct html_lines *lines, GArray *cells, struct html_row *row_out)
{
    *row_out = (struct html_row){
        .start = lines->text->len, .line = lines->marks->len, .cells = cells->len, .blank = lines->blank};
}

static bool
has_letters(const char *text, gsize len)
{
    for (const char *p = text; p < text + len; p = utf8_next(p))
        if (g_unichar_isalnum(g_utf8_get_char(p)))
            return true;
    return false;
}

/* One cell's only line, NULL if it has more; *len_out is 0 for an empty cell. Moves *p and *line behind it.
 */
static const char *
cell_text(const struct html_lines *lines, const char **p, guint *line, guint end, gsize *len_out)
{
    const char *text = *p;
    guint found = 0;
    *len_out = 0;
    for (; *line < end; ++*line) {
        const char *stop = strchr(*p, '\n');
        gsize len = (gsize)(stop - *p);
        bool other = lines->marks->data[*line] != lines->marks->data[end - 1];
        if (len > 0 && (++found > 1 || len > CELL_BYTES || other))
            return NULL;
        if (len > 0) {
            text = *p;
            *len_out = len;
        }
        *p = stop + 1;
    }
    return text;
}

/* The row on one line, NULL if it is not to be joined. */
static GString *
join_cells(const struct html_lines *lines, const GArray *cells, const struct html_row *row, bool keep_empty)
{
    g_autoptr(GString) joined = g_string_new(NULL);
    const char *p = lines->text->str + row->start;
    guint line = row->line, texts = 0;
    bool symbol = false;
    for (guint i = row->cells; i < cells->len; i++) {
        guint end = i + 1 < cells->len ? g_array_index(cells, guint, i + 1) : lines->marks->len;
        gsize len;
        const char *text = cell_text(lines, &p, &line, end, &len);
        if (!text || joined->len + len > ROW_BYTES)
            return NULL;
        /* a bullet stands in a cell of its own */
        if (i > row->cells && (keep_empty || (len > 0 && texts > 0)))
            g_string_append(joined, symbol ? " " : "\t");
        g_string_append_len(joined, text, (gssize)len);
        texts += len > 0;
        symbol = len > 0 && !has_letters(text, len);
    }
    return texts > 1 || (texts == 1 && keep_empty) ? g_steal_pointer(&joined) : NULL;
}

void
html_lines_end_row(struct html_lines *lines, GArray *cells, const struct html_row *row, bool keep_empty)
{
    bool may = cells->len > row->cells + 1 && lines->marks->len > row->line && !lines->full &&
               g_array_index(cells, guint, row->cells) == row->line;
    g_autoptr(GString) joined = may ? join_cells(lines, cells, row, keep_empty) : NULL;
    g_array_set_size(cells, row->cells);
    if (!joined)
        return;
    guint marks = lines->marks->data[lines->marks->len - 1];
    g_string_truncate(lines->text, row->start);
    g_byte_array_set_size(lines->marks, row->line);
    if (row->blank && !last_is_blank(lines))
        append_line(lines, "", 0, marks);
    append_line(lines, joined->str, joined->len, marks);
    lines->blank = false;
}
