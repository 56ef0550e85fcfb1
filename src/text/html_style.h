/* html_style.h - what the attributes of an element say about what a reader sees. Private to text. */
#ifndef TEXT_HTML_STYLE_H
#define TEXT_HTML_STYLE_H

#include <glib.h>
#include <stdbool.h>

#define COLOUR_UNKNOWN (-1)

/* The value of an attribute (names are lower case), or NULL. atts: SAX's array of names and values. */
const char *html_attribute(const char *const *atts, const char *name);

/* The `style` attribute in lower case without white space, "" if there is none. */
char *html_style(const char *const *atts);
/* display:none, visibility:hidden, font-size:0, mso-hide:all, opacity:0, the hidden attribute. */
bool html_is_hidden(const char *const *atts, const char *style);
/* Text and background colour after this element: changed when it sets them, COLOUR_UNKNOWN when it does so
 * in a way that is not read here. */
void html_colours(const char *const *atts, const char *style, gint *text, gint *background);

#endif
