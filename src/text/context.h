/* context.h - quotes that a writer answers one by one. Private to text. */
#ifndef TEXT_CONTEXT_H
#define TEXT_CONTEXT_H

#include "lines.h"

/* Sets ROLE_CONTEXT on the lines of an HTML blockquote that is answered right below, in the same element:
 * without it "Yes, please" says nothing. Not on one that a head announces ("On … wrote:"), which is the mail
 * answered as a whole, and not where only a footer of another element follows. */
void context_find(GArray *lines);

#endif
