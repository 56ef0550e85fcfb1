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
/* The value of a property of such a style, or NULL. */
const char *html_style_property(const char *style, const char *name);
/* display:none, visibility:hidden, mso-hide:all, opacity:0, a box of no size or off the page: all within is
 * hidden.
 */
bool html_style_hides(const char *style);
/* A font too small to be read; `inherited` where the style sets no size. What is within may set a size again.
 */
bool html_style_is_tiny(const char *style, bool inherited);
/* Text and background colour after this element: changed when it sets them, COLOUR_UNKNOWN when it does so
 * in a way that is not read here. */
void html_colours(const char *const *atts, const char *style, gint *text, gint *background);

/* Whether text of one colour cannot be seen on the other; false if either is unknown. */
bool html_colours_hide(gint text, gint background);

#endif
