/* html_image.h - what a picture stands for in text. Private to text. */
#ifndef TEXT_HTML_IMAGE_H
#define TEXT_HTML_IMAGE_H

#include <glib.h>

/* An emoji's own character, "[image: name]" or "[image]" where a reader sees a picture that belongs to the
 * text, or NULL: tracking pixels, spacers, logos, and remote pictures without a name. */
char *html_image_text(const char *const *atts, const char *style);
/* The content id of a "cid:" picture as in the Content-ID field, or NULL. */
char *html_image_content_id(const char *const *atts);

#endif
