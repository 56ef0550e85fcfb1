/* html.h - HTML to text. Private to text. */
#ifndef TEXT_HTML_H
#define TEXT_HTML_H

#include <glib.h>

struct html_text {
    GString *text;
    GByteArray *marks;      /* MARK_ bits, one byte a line of text */
    GString *hidden;        /* text that a reader does not see */
    GPtrArray *content_ids; /* char * */
};

/* Reads valid UTF-8; the text is cut at CAP_TEXT_BYTES. The caller frees what the struct holds. */
void html_read(const char *html, gsize len, struct html_text *out);

#endif
