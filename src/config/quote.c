/* quote.c - double quotes, or single ones around "${", which double quotes may not hold (scan.c). */
#include "quote.h"

#include <glib.h>
#include <string.h>

char *
quote_value(const char *value)
{
    char quote = strstr(value, "${") ? '\'' : '"';
    GString *out = g_string_new(NULL);
    g_string_append_c(out, quote);
    for (const char *p = value; *p; p++) {
        if (*p == quote || *p == '\\')
            g_string_append_c(out, '\\');
        g_string_append_c(out, *p);
    }
    g_string_append_c(out, quote);
    return g_string_free(out, FALSE);
}
