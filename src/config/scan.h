/* scan.h - a first look over the text of a file, before libconfuse reads it. */
#ifndef CONFIG_SCAN_H
#define CONFIG_SCAN_H

#include <glib.h>

/* Separates the words of a path: section, title, section, title, key. */
#define SCAN_SEPARATOR "\x1f"

/* Returns the text with comments blanked (line ends stay), for libconfuse; g_free. *lines_out maps the path
 * of each key and section to its line (GUINT_TO_POINTER); g_hash_table_unref. NULL and INVALID with
 * "PATH:LINE: …" for what libconfuse would take and should not: environment variables, functions and
 * includes, escapes, a string over several lines, a key or section given twice. */
char *scan_text(const char *text, const char *path, GHashTable **lines_out, GError **error);

#endif
