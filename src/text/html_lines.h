/* html_lines.h - the lines that HTML becomes: white space, paragraphs, items of lists, rows of tables.
 * Knows no element. Private to text. */
#ifndef TEXT_HTML_LINES_H
#define TEXT_HTML_LINES_H

#include <glib.h>
#include <stdbool.h>

struct html_lines {
    GString *text;       /* the lines that are done */
    GByteArray *marks;   /* MARK_ bits, one byte a line of text */
    GString *line;       /* the one being written */
    guint line_marks;    /* of its first character */
    guint now;           /* marks of what is written next; the caller sets it */
    GString *item;       /* "- " or "1. ": goes before the next text */
    guint indent;        /* of lists, in columns; the caller sets it */
    GString *label;      /* what is written is copied here, up to a bound; NULL: no link is open */
    bool space, newline; /* white space waits, and there was a line end in it */
    bool blank;          /* an empty line goes before the next text */
    bool full;           /* CAP_TEXT_BYTES */
};

void html_lines_init(struct html_lines *lines);
/* The last line is ended; text and marks go to the caller. */
void html_lines_finish(struct html_lines *lines, GString **text_out, GByteArray **marks_out);

/* White space collapses, line ends between Chinese or Japanese characters vanish. */
void html_lines_put(struct html_lines *lines, const char *text, gsize len);
/* As it stands, line by line. */
void html_lines_put_pre(struct html_lines *lines, const char *text, gsize len);

/* <br>: the line ends, even if it is empty. */
void html_lines_end(struct html_lines *lines);
/* The edge of a block: ends the line if there is something in it. */
void html_lines_break(struct html_lines *lines);

/* A row of a table: where it and its cells begin. */
struct html_row {
    gsize start; /* in text */
    guint line;  /* its number */
    guint cells; /* index of its first in the caller's array of line numbers */
    bool blank;  /* an empty line was to go before it */
};

/* Between rows and at each cell's start lines are to be broken first. */
void html_lines_begin_row(struct html_lines *lines, GArray *cells, struct html_row *row_out);
/* The cells (guint line numbers from row->cells on, which are taken off) come to stand on one line if none
 * holds more than one: a row of data. Else, and if they are long, the table is there for its looks only and
 * the lines stay. keep_empty: a cell without text keeps its place. */
void html_lines_end_row(struct html_lines *lines, GArray *cells, const struct html_row *row, bool keep_empty);

#endif
