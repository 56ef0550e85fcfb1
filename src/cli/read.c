/* read.c - what a command line names: files, standard input, numbers. */
#include "cli_private.h"

#include <cardpost/error.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

static GByteArray *
read_stream(FILE *stream, const char *name, gsize cap, GError **error)
{
    GByteArray *all = g_byte_array_sized_new(1); /* data is never NULL */
    guint8 block[65536];
    gsize n = 1;
    errno = 0;
    while (n > 0 && all->len < cap) {
        n = fread(block, 1, MIN(sizeof block, cap - all->len), stream);
        g_byte_array_append(all, block, (guint)n);
    }
    if (!ferror(stream))
        return all;
    g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_NOT_FOUND, "%s: %s", name, g_strerror(errno));
    g_byte_array_unref(all);
    return NULL;
}

GByteArray *
cli_read(const char *name, gsize cap, GError **error)
{
    if (g_str_equal(name, "-"))
        return read_stream(stdin, "standard input", cap, error);
    FILE *stream = fopen(name, "re");
    if (!stream) {
        g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_NOT_FOUND, "%s: %s", name, g_strerror(errno));
        return NULL;
    }
    GByteArray *all = read_stream(stream, name, cap, error);
    fclose(stream);
    return all;
}

int64_t
cli_number(const char *text)
{
    gsize digits = strspn(text, "0123456789");
    return digits > 0 && digits <= 18 && text[digits] == '\0' ? g_ascii_strtoll(text, NULL, 10) : 0;
}
