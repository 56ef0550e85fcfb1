/* html_filter.h - HTML made harmless for the parser. Private to text. */
#ifndef TEXT_HTML_FILTER_H
#define TEXT_HTML_FILTER_H

#include <glib.h>
#include <stdbool.h>

/* The HTML without comments, declarations, scripts and style sheets; each tag whole, with at most 32
 * attributes; at most 200 elements open at a time and a
 * million in all; no end tag without its start tag. libxml2's work on the
 * rest is linear (without it, attributes of one tag and stray end tags cost it the square).
 * sheet (html_sheet.h) learns what the style sheets hide; *styled_out: there was one. */
GString *html_filter(const char *html, gsize len, GHashTable *sheet, bool *styled_out);

#endif
