/* signature.h - which new lines are a signature. Private to text. */
#ifndef TEXT_SIGNATURE_H
#define TEXT_SIGNATURE_H

#include "quote.h"

/* Sets ROLE_SIGNATURE on new lines: HTML containers, all below "-- ", lines like "Sent from my iPhone"
 * at the end. Closing words ("Best regards, Li") stay: they are what the person wrote. */
void signature_find(GArray *lines, struct quote_cut *cut);

#endif
