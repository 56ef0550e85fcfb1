/* doubled.c - windows-1252 backwards. Decides nothing. */
#include "doubled.h"

/* The byte that windows-1252 has for a character, or -1. */
static int
cp1252_byte(gunichar c)
{
    static const guint16 upper[32] = {0x20ac, 0x81,   0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
                                      0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8d,   0x017d, 0x8f,
                                      0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
                                      0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x9d,   0x017e, 0x0178};
    for (guint i = 0; c >= 0x80 && (c < 0xa0 || c > 0xff) && i < G_N_ELEMENTS(upper); i++)
        if (upper[i] == c)
            return (int)(0x80 + i);
    return c <= 0xff ? (int)c : -1;
}

GString *
doubled_bytes(const char *text)
{
    GString *bytes = g_string_new(NULL);
    for (const char *p = text; *p; p += g_utf8_skip[(guchar)*p]) {
        int byte = cp1252_byte(g_utf8_get_char(p));
        if (byte < 0) {
            g_string_free(bytes, TRUE);
            return NULL;
        }
        g_string_append_c(bytes, (char)byte);
    }
    return bytes;
}
