/* signature.h - which new lines are a signature. Private to text. */
#ifndef TEXT_SIGNATURE_H
#define TEXT_SIGNATURE_H

#include "quote.h"

/* Sets ROLE_SIGNATURE on new lines: HTML containers, all below "-- ", lines like "Sent from my iPhone"
 * and notices at the end, closing words with a contact block. Closing words with no more than a name stay but
 * at the very end of a mail: they are what the person wrote. */
void signature_find(GArray *lines, struct quote_cut *cut);

#endif
