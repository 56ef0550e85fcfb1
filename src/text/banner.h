/* banner.h - what a mail gateway wrote above the text. Private to text. */
#ifndef TEXT_BANNER_H
#define TEXT_BANNER_H

#include "quote.h"

/* Sets ROLE_SIGNATURE on a banner at the top ("[EXTERNAL]", "CAUTION: This email originated from outside …"),
 * so that the mail begins with its writer's first word. Before quotes are looked for. */
void banner_find(GArray *lines, struct quote_cut *cut);

#endif
