/* flowed.h - format=flowed. Private to text. */
#ifndef TEXT_FLOWED_H
#define TEXT_FLOWED_H

#include <glib.h>
#include <stdbool.h>

/* RFC 3676: soft line breaks joined, space-stuffing undone; quoted lines keep ">" for each level and one
 * space. delsp: the space of a soft break goes too (Chinese and Japanese need it). */
char *flowed_join(const char *text, gsize len, bool delsp);

#endif
