/* html_link.h - where a link really leads. Private to text. */
#ifndef TEXT_HTML_LINK_H
#define TEXT_HTML_LINK_H

#include <glib.h>
#include <stdbool.h>

/* The target of an href for a reader to see: without white space (browsers drop it), of bounded length, and
 * the real one where a mail filter has put itself before it. NULL if there is none to be shown ("#top",
 * "javascript:"). */
char *html_link_target(const char *href);
/* Whether the label of a link names its target itself: the same but for the scheme, "www.", and a
 * query behind it. */
bool html_link_is_named(const char *label, const char *target);

#endif
