/* enriched.h - text/enriched (RFC 1896) and its ancestor text/richtext (RFC 1341) to plain text. */
#ifndef MIME_ENRICHED_H
#define MIME_ENRICHED_H

#include <glib.h>
#include <stdbool.h>

/* The text without its commands; g_free. is_richtext: only `<nl>` breaks lines there. */
char *enriched_to_text(const char *text, bool is_richtext);

#endif
