/* html_sheet.h - which classes and ids the style sheets of a mail hide. Private to text. */
#ifndef TEXT_HTML_SHEET_H
#define TEXT_HTML_SHEET_H

#include <glib.h>
#include <stdbool.h>

/* A set of ".class" and "#id". */
GHashTable *html_sheet_new(void);
/* Adds what the CSS hides everywhere. Only plain rules count (".a, #b, td.c { display:none }"): a rule of
 * @media is for some screens only. Linear, bounded. */
void html_sheet_read(GHashTable *sheet, const char *css, gsize len);
/* Whether an element of these attributes is hidden by the sheet. */
bool html_sheet_hides(GHashTable *sheet, const char *const *atts);

#endif
