/* context.h - quotes that a writer answers one by one. Private to text. */
#ifndef TEXT_CONTEXT_H
#define TEXT_CONTEXT_H

#include "lines.h"

/* Sets ROLE_CONTEXT on the passages that are answered right below, without which "Yes, please" says nothing:
 * an HTML blockquote answered in the same element, ">" lines between words of the writer's own, and all of
 * several ">" passages answered in turn. Not on one that a head announces ("On … wrote:") and that is
 * answered as a whole, and not where only a footer of another element follows. */
void context_find(GArray *lines);

#endif
