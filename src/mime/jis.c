/* jis.c - the escapes of ISO-2022-JP taken out. Converts no character. */
#include "jis.h"

#include <string.h>

bool
jis_is_name(const char *normal)
{
    static const char *const names[] = {"iso2022jp", "csiso2022jp", "iso2022jp1", "iso2022jpms",
                                        "jis",       "cp50220",     "cp50221",    "cp50222"};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        if (strcmp(normal, names[i]) == 0)
            return true;
    return false;
}

bool
jis_is_in(const char *bytes, gsize len)
{
    if (!memchr(bytes, 0x1b, len))
        return false;
    return memmem(bytes, len, "\x1b$B", 3) || memmem(bytes, len, "\x1b$@", 3) ||
           memmem(bytes, len, "\x1b(I", 3);
}

/* What the bytes after ESC switch to: what goes before and into each byte of EUC-JP. */
static const struct jis_mode {
    const char *escape, *prefix;
    gsize width;
} jis_modes[] = {
    {"(B", "", 0}, {"(J", "", 0},     {"(H", "", 0},      {"$B", "", 2},
    {"$@", "", 2}, {"(I", "\x8e", 1}, {"$(D", "\x8f", 2},
};

static const struct jis_mode *
find_jis_mode(const char *escape, gsize len)
{
    for (guint i = 0; i < G_N_ELEMENTS(jis_modes); i++) {
        gsize n = strlen(jis_modes[i].escape);
        if (n <= len && memcmp(escape, jis_modes[i].escape, n) == 0)
            return &jis_modes[i];
    }
    return NULL;
}

/* A line's end ends the mode. */
GString *
jis_to_euc(const char *bytes, gsize len)
{
    GString *out = g_string_sized_new(len);
    const struct jis_mode *mode = &jis_modes[0];
    for (gsize i = 0; i < len; i++) {
        const struct jis_mode *next = bytes[i] == 0x1b ? find_jis_mode(bytes + i + 1, len - i - 1) : NULL;
        if (next || bytes[i] == '\n')
            mode = next ? next : &jis_modes[0];
        if (next) {
            i += strlen(next->escape);
            continue;
        }
        bool is_coded = mode->width > 0 && bytes[i] > ' ' && bytes[i] < 0x7f;
        if (is_coded)
            g_string_append(out, mode->prefix);
        for (gsize k = 0; k < (is_coded ? mode->width : 0) && i < len; k++)
            g_string_append_c(out, (char)(bytes[i++] | 0x80));
        if (is_coded)
            i--;
        else
            g_string_append_c(out, bytes[i]);
    }
    return out;
}
