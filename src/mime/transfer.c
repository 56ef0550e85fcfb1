/* transfer.c - decodes transfer encodings. Does not know charsets. Linear; nothing is cut in silence. */
#include "transfer.h"

#include <string.h>

enum transfer
transfer_from_name(const char *name)
{
    static const struct {
        const char *name;
        enum transfer transfer;
    } names[] = {
        {"", TRANSFER_IDENTITY},         {"7bit", TRANSFER_IDENTITY},
        {"8bit", TRANSFER_IDENTITY},     {"7-bit", TRANSFER_IDENTITY},
        {"8-bit", TRANSFER_IDENTITY},    {"binary", TRANSFER_IDENTITY},
        {"base64", TRANSFER_BASE64},     {"quoted-printable", TRANSFER_QUOTED_PRINTABLE},
        {"uuencode", TRANSFER_UUENCODE}, {"x-uuencode", TRANSFER_UUENCODE},
        {"x-uue", TRANSFER_UUENCODE},    {"uue", TRANSFER_UUENCODE},
    };
    g_autofree char *word = g_strdup(name ? name : "");
    g_strstrip(word);
    word[strcspn(word, " \t;(")] = '\0';
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        if (g_ascii_strcasecmp(word, names[i].name) == 0)
            return names[i].transfer;
    return TRANSFER_UNKNOWN;
}

/* The six bits of a character; the alphabet for URLs (RFC 4648 section 5) is understood too. */
static int
six_bits(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+' || c == '-')
        return 62;
    return c == '/' || c == '_' ? 63 : -1;
}

/* Ends a chunk of `have` characters: the whole bytes in it are kept. False for a lone character, which holds
 * less than a byte. */
static bool
end_chunk(GByteArray *out, guint32 bits, guint have)
{
    guint8 rest[2] = {0, 0};
    if (have == 2)
        rest[0] = (guint8)(bits >> 4);
    if (have == 3) {
        rest[0] = (guint8)(bits >> 10);
        rest[1] = (guint8)(bits >> 2);
    }
    if (have >= 2)
        g_byte_array_append(out, rest, have - 1);
    return have != 1;
}

bool
transfer_is_base64(const char *bytes, gsize len)
{
    gsize good = 0, bad = 0;
    for (gsize i = 0; i < len && bytes[i] != '='; i++) {
        bool is_gap = (bytes[i] == ' ' || bytes[i] == '\t') && i > 0 && i + 1 < len &&
                      !g_ascii_isspace(bytes[i - 1]) && !g_ascii_isspace(bytes[i + 1]);
        good += six_bits(bytes[i]) >= 0;
        bad += is_gap || (six_bits(bytes[i]) < 0 && !g_ascii_isspace(bytes[i]));
    }
    return bad * 20 <= good;
}

bool
transfer_base64(GByteArray *out, const char *text, gsize len)
{
    guint32 bits = 0;
    guint have = 0;
    bool good = true;
    for (gsize i = 0; i < len; i++) {
        int six = six_bits(text[i]);
        if (six >= 0) {
            bits = bits << 6 | (guint32)six;
            if (++have < 4)
                continue;
            guint8 whole[3] = {(guint8)(bits >> 16), (guint8)(bits >> 8), (guint8)bits};
            g_byte_array_append(out, whole, sizeof whole);
            have = 0;
        } else if (text[i] == '=') {
            good = end_chunk(out, bits, have) && good;
            have = 0;
        } else if (!g_ascii_isspace(text[i])) {
            good = false;
        }
    }
    /* without its padding the end may have been cut off */
    return end_chunk(out, bits, have) && have == 0 && good;
}

/* `=` that neither two hex digits nor a line end follow. */
static bool
is_damaged_quoted(const char *bytes, gsize len)
{
    const char *end = bytes + len;
    for (const char *p = bytes; (p = memchr(p, '=', (gsize)(end - p))); p++) {
        if (end - p >= 3 && g_ascii_isxdigit(p[1]) && g_ascii_isxdigit(p[2]))
            continue;
        const char *q = p + 1;
        while (q < end && (*q == ' ' || *q == '\t' || *q == '\r'))
            q++;
        if (q < end && *q != '\n')
            return true;
    }
    return false;
}

/* The escapes of one line decoded; what is no escape stays as it is. */
static void
append_unquoted(GByteArray *out, const char *p, const char *end)
{
    for (; p < end; p++) {
        guint8 byte = (guint8)*p;
        if (*p == '=' && end - p >= 3 && g_ascii_isxdigit(p[1]) && g_ascii_isxdigit(p[2])) {
            byte = (guint8)(g_ascii_xdigit_value(p[1]) << 4 | g_ascii_xdigit_value(p[2]));
            p += 2;
        }
        g_byte_array_append(out, &byte, 1);
    }
}

/* White space between a soft break's `=` and its line end was added on the way (RFC 2045 section 6.7 (3)). */
static GByteArray *
decode_quoted(const char *bytes, gsize len)
{
    GByteArray *out = g_byte_array_sized_new((guint)len);
    const char *end = bytes + len;
    while (bytes < end) {
        const char *lf = memchr(bytes, '\n', (gsize)(end - bytes));
        const char *line_end = lf ? lf + 1 : end;
        const char *text_end = line_end;
        while (text_end > bytes && strchr(" \t\r\n", text_end[-1]))
            text_end--;
        bool is_soft = text_end > bytes && text_end[-1] == '=';
        append_unquoted(out, bytes, is_soft ? text_end - 1 : line_end);
        bytes = line_end;
    }
    return out;
}

/* One line of uuencode, its length character first; false if it is none or too short. */
static bool
decode_uu_line(GByteArray *out, const char *line, gsize len)
{
    gsize count = len > 0 ? ((guint)line[0] - ' ') & 63 : 0;
    gsize at = 1;
    while (count > 0) {
        guint32 bits = 0;
        for (gsize k = 0; k < 4; k++, at++)
            bits = bits << 6 | (at < len ? ((guint)line[at] - ' ') & 63 : 0);
        guint8 whole[3] = {(guint8)(bits >> 16), (guint8)(bits >> 8), (guint8)bits};
        g_byte_array_append(out, whole, (guint)MIN(count, 3));
        count -= MIN(count, 3);
    }
    /* trailing spaces, which stand for zeros, may have been stripped on the way */
    return len > 0 && line[0] >= ' ' && line[0] <= '`';
}

/* From the line after `begin MODE NAME` to `end`. */
static GByteArray *
decode_uu(const char *bytes, gsize len, bool *damaged_out)
{
    GByteArray *out = g_byte_array_new();
    const char *end = bytes + len;
    bool begun = false, ended = false;
    *damaged_out = false;
    while (bytes < end && !ended) {
        const char *lf = memchr(bytes, '\n', (gsize)(end - bytes));
        const char *text_end = lf ? lf : end;
        while (text_end > bytes && text_end[-1] == '\r')
            text_end--;
        gsize n = (gsize)(text_end - bytes);
        if (!begun)
            begun = n > 6 && memcmp(bytes, "begin ", 6) == 0;
        else if (n == 3 && memcmp(bytes, "end", 3) == 0)
            ended = true;
        else if (n > 0 && !decode_uu_line(out, bytes, n))
            *damaged_out = true;
        bytes = lf ? lf + 1 : end;
    }
    *damaged_out = *damaged_out || !ended;
    return out;
}

GByteArray *
transfer_decode(enum transfer transfer, const char *bytes, gsize len, bool *damaged_out)
{
    GByteArray *out = NULL;
    *damaged_out = false;
    switch (transfer) {
    case TRANSFER_BASE64:
        out = g_byte_array_sized_new((guint)(len / 4 * 3 + 4));
        *damaged_out = !transfer_base64(out, bytes, len);
        return out;
    case TRANSFER_QUOTED_PRINTABLE:
        *damaged_out = is_damaged_quoted(bytes, len);
        return decode_quoted(bytes, len);
    case TRANSFER_UUENCODE:
        out = decode_uu(bytes, len, damaged_out);
        if (out->len > 0 || len == 0)
            return out;
        g_byte_array_unref(out);
        break;
    case TRANSFER_UNKNOWN:
        *damaged_out = true;
        break;
    case TRANSFER_IDENTITY:
        break;
    }
    out = g_byte_array_sized_new((guint)len);
    return g_byte_array_append(out, (const guint8 *)bytes, (guint)len);
}
