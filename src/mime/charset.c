/* charset.c - the closed list of charsets and their kept converters.
 *
 * The list of converters is the only state of this file; it lives from charset_open to charset_close. */
#include "charset.h"

#include "doubled.h"
#include "guess.h"
#include "jis.h"

#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd"

/* Names as normalise() makes them, and the converter that reads what senders mean by them: a superset
 * where there is one. */
static const struct {
    const char *alias, *converter;
} aliases[] = {
    {"gb2312", "GB18030"},
    {"gb231280", "GB18030"},
    {"gbk", "GB18030"},
    {"cp936", "GB18030"},
    {"ms936", "GB18030"},
    {"windows936", "GB18030"},
    {"xgbk", "GB18030"},
    {"xxgbk", "GB18030"},
    {"gb18030", "GB18030"},
    {"euccn", "GB18030"},
    {"xeuccn", "GB18030"},
    {"chinese", "GB18030"},
    {"csgb2312", "GB18030"},
    {"hzgb2312", "HZ"},
    {"hz", "HZ"},
    {"iso2022cn", "ISO-2022-CN"},
    {"big5", "BIG5-HKSCS"},
    {"csbig5", "BIG5-HKSCS"},
    {"big5hkscs", "BIG5-HKSCS"},
    {"cnbig5", "BIG5-HKSCS"},
    {"cp950", "CP950"},
    {"windows950", "CP950"},
    {"ms950", "CP950"},
    {"xxbig5", "BIG5-HKSCS"},
    {"xeuctw", "EUC-TW"},
    {"euctw", "EUC-TW"},
    {"shiftjis", "CP932"},
    {"sjis", "CP932"},
    {"xsjis", "CP932"},
    {"mskanji", "CP932"},
    {"cp932", "CP932"},
    {"windows31j", "CP932"},
    {"ms932", "CP932"},
    {"eucjp", "EUC-JP-MS"},
    {"xeucjp", "EUC-JP-MS"},
    {"iso2022jp2", "ISO-2022-JP-2"},
    {"euckr", "UHC"},
    {"ksc56011987", "UHC"},
    {"ksc5601", "UHC"},
    {"cp949", "UHC"},
    {"windows949", "UHC"},
    {"uhc", "UHC"},
    {"korean", "UHC"},
    {"iso2022kr", "ISO-2022-KR"},
    {"johab", "JOHAB"},
    {"iso88591", "CP1252"},
    {"88591", "CP1252"},
    {"latin1", "CP1252"},
    {"l1", "CP1252"},
    {"iso8859", "CP1252"},
    {"cp819", "CP1252"},
    {"windows1252", "CP1252"},
    {"cp1252", "CP1252"},
    {"ansi", "CP1252"},
    {"isolatin1", "CP1252"},
    {"iso885911", "TIS-620"},
    {"iso88591windows1252", "CP1252"},
    {"iso88592", "ISO-8859-2"},
    {"latin2", "ISO-8859-2"},
    {"iso88593", "ISO-8859-3"},
    {"iso88594", "ISO-8859-4"},
    {"iso88595", "ISO-8859-5"},
    {"iso88596", "ISO-8859-6"},
    {"iso88597", "ISO-8859-7"},
    {"iso88598", "ISO-8859-8"},
    {"iso88598i", "ISO-8859-8"},
    {"iso88599", "CP1254"},
    {"latin5", "CP1254"},
    {"iso885910", "ISO-8859-10"},
    {"iso885913", "ISO-8859-13"},
    {"iso885914", "ISO-8859-14"},
    {"iso885915", "ISO-8859-15"},
    {"latin9", "ISO-8859-15"},
    {"iso885916", "ISO-8859-16"},
    {"windows1250", "CP1250"},
    {"cp1250", "CP1250"},
    {"windows1251", "CP1251"},
    {"cp1251", "CP1251"},
    {"windows1253", "CP1253"},
    {"cp1253", "CP1253"},
    {"windows1254", "CP1254"},
    {"cp1254", "CP1254"},
    {"windows1255", "CP1255"},
    {"cp1255", "CP1255"},
    {"windows1256", "CP1256"},
    {"cp1256", "CP1256"},
    {"windows1257", "CP1257"},
    {"cp1257", "CP1257"},
    {"windows1258", "CP1258"},
    {"cp1258", "CP1258"},
    {"windows874", "CP874"},
    {"cp874", "CP874"},
    {"tis620", "TIS-620"},
    {"koi8r", "KOI8-R"},
    {"koi8u", "KOI8-U"},
    {"koi8", "KOI8-R"},
    {"viscii", "VISCII"},
    {"ibm437", "IBM437"},
    {"cp437", "IBM437"},
    {"ibm850", "IBM850"},
    {"cp850", "IBM850"},
    {"ibm852", "IBM852"},
    {"cp852", "IBM852"},
    {"ibm866", "IBM866"},
    {"cp866", "IBM866"},
    {"macintosh", "MACINTOSH"},
    {"mac", "MACINTOSH"},
    {"xmacroman", "MACINTOSH"},
    {"macroman", "MACINTOSH"},
    {"utf7", "UTF-7"},
    {"unicode11utf7", "UTF-7"},
    {"utf16", "UTF-16"},
    {"utf16le", "UTF-16LE"},
    {"utf16be", "UTF-16BE"},
    {"ucs2", "UTF-16"},
    {"unicode", "UTF-16"},
    {"utf32", "UTF-32"},
    {"utf32le", "UTF-32LE"},
    {"utf32be", "UTF-32BE"},
};

/* Alias to struct converter (owned by the list: several aliases share one); NULL while closed. */
static GHashTable *converters;
static GPtrArray *owned;

struct converter {
    const char *name;
    iconv_t descriptor;
};

static void
converter_free(struct converter *converter)
{
    iconv_close(converter->descriptor);
    g_free(converter);
}

static struct converter *
converter_new(const char *name)
{
    iconv_t descriptor = iconv_open("UTF-8", name);
    if (descriptor == (iconv_t)-1)
        return NULL;
    struct converter *converter = g_new0(struct converter, 1);
    converter->name = name;
    converter->descriptor = descriptor;
    return converter;
}

/* The open converter of this name, or NULL. */
static struct converter *
find_owned(const char *name)
{
    for (guint i = 0; i < owned->len; i++)
        if (strcmp(((const struct converter *)owned->pdata[i])->name, name) == 0)
            return owned->pdata[i];
    return NULL;
}

void
charset_open(void)
{
    if (converters)
        return;
    converters = g_hash_table_new(g_str_hash, g_str_equal);
    owned = g_ptr_array_new_with_free_func((GDestroyNotify)converter_free);
    for (guint i = 0; i < G_N_ELEMENTS(aliases); i++) {
        struct converter *converter = find_owned(aliases[i].converter);
        if (!converter && (converter = converter_new(aliases[i].converter)))
            g_ptr_array_add(owned, converter);
        if (converter)
            g_hash_table_insert(converters, (gpointer)(uintptr_t)aliases[i].alias, converter);
    }
}

void
charset_close(void)
{
    g_clear_pointer(&converters, g_hash_table_unref);
    g_clear_pointer(&owned, g_ptr_array_unref);
}

/* Letters and digits of the name in lower case, up to the first character that no name has:
 * `"UTF-8; x"` and `utf_8` are utf8. */
static void
normalise(const char *charset, char *out, gsize size)
{
    gsize n = 0;
    const char *p = charset ? charset : "";
    p += strspn(p, " \t\"'");
    for (; *p && n + 1 < size; p++) {
        if (g_ascii_isalnum(*p))
            out[n++] = g_ascii_tolower(*p);
        else if (!strchr("-_.:", *p))
            break;
    }
    out[n] = '\0';
}

static bool
is_utf8_name(const char *normal)
{
    static const char *const names[] = {"utf8",    "unicode11utf8", "cp65001",
                                        "utf8mb4", "unicode20utf8", "xutf8"};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        if (strcmp(normal, names[i]) == 0)
            return true;
    return false;
}

static bool
is_ascii_name(const char *normal)
{
    return strcmp(normal, "usascii") == 0 || strcmp(normal, "ascii") == 0 ||
           strcmp(normal, "ansix341968") == 0 || strcmp(normal, "us") == 0 || strcmp(normal, "7bit") == 0;
}

static struct converter *
find(const char *normal)
{
    g_assert(converters); /* mime_open comes first */
    return g_hash_table_lookup(converters, normal);
}

/* Of several bytes a character, or with shifts: a wrong text in it hardly ever is without fault. */
static bool
is_multibyte(const struct converter *converter)
{
    static const char *const prefixes[] = {"GB",    "BIG5",     "CP9", "EUC", "UHC",
                                           "JOHAB", "ISO-2022", "HZ",  "UTF"};
    for (guint i = 0; converter && i < G_N_ELEMENTS(prefixes); i++)
        if (g_str_has_prefix(converter->name, prefixes[i]))
            return true;
    return false;
}

bool
charset_is_known(const char *charset)
{
    char normal[40];
    normalise(charset, normal, sizeof normal);
    return is_utf8_name(normal) || is_ascii_name(normal) || jis_is_name(normal) || find(normal);
}

bool
charset_is_telling(const char *charset)
{
    char normal[40];
    normalise(charset, normal, sizeof normal);
    const struct converter *converter = find(normal);
    return is_utf8_name(normal) || jis_is_name(normal) ||
           (converter && strcmp(converter->name, "CP1252") != 0);
}

static void
append_without_nul(GString *out, const char *bytes, gsize len)
{
    while (len > 0) {
        const char *nul = memchr(bytes, '\0', len);
        gsize n = nul ? (gsize)(nul - bytes) : len;
        g_string_append_len(out, bytes, (gssize)n);
        bytes += n + (nul != NULL);
        len -= n + (nul != NULL);
    }
}

/* What has no meaning becomes U+FFFD, one a byte, and is counted. */
static char *
convert(struct converter *converter, const char *bytes, gsize len, bool *bad_out)
{
    GString *out = g_string_sized_new(len + len / 2 + 16);
    iconv_t descriptor = converter->descriptor;
    char *in = (char *)(uintptr_t)bytes, buffer[4096];
    bool more = true;
    *bad_out = false;
    iconv(descriptor, NULL, NULL, NULL, NULL);
    while (more) {
        char *at = buffer;
        size_t room = sizeof buffer;
        more = len > 0; /* the last round flushes what a converter has kept back */
        size_t result = iconv(descriptor, more ? &in : NULL, more ? &len : NULL, &at, &room);
        int failure = result == (size_t)-1 ? errno : 0;
        append_without_nul(out, buffer, sizeof buffer - room);
        if (failure == 0 || failure == E2BIG)
            continue;
        *bad_out = true;
        g_string_append(out, REPLACEMENT);
        if (failure == EINVAL || len == 0)
            len = 0;
        else
            in++, len--;
    }
    return g_string_free(out, FALSE);
}

static bool
is_ascii(const char *bytes, gsize len)
{
    for (gsize i = 0; i < len; i++)
        if ((guchar)bytes[i] >= 0x80)
            return false;
    return true;
}

static char *
copy_without_nul(const char *bytes, gsize len)
{
    GString *out = g_string_sized_new(len);
    append_without_nul(out, bytes, len);
    return g_string_free(out, FALSE);
}

/* Characters of more than one byte that are well formed UTF-8, at most `limit`. */
static guint
count_utf8(const char *bytes, gsize len, guint limit)
{
    guint n = 0;
    for (const char *p = bytes, *end = bytes + len; p < end && n < limit; p++)
        if ((guchar)*p >= 0xc2 && g_utf8_get_char_validated(p, end - p) < (gunichar)-2)
            n++;
    return n;
}

static char *
read_jis(const char *bytes, gsize len, bool *bad_out)
{
    GString *euc = jis_to_euc(bytes, len);
    g_autofree char *text = convert(find("eucjp"), euc->str, euc->len, bad_out);
    g_string_free(euc, TRUE);
    if (!*bad_out || jis_is_in(bytes, len))
        return g_steal_pointer(&text);
    bool bad;
    g_autofree char *other = convert(find("shiftjis"), bytes, len, &bad);
    *bad_out = bad;
    return bad ? g_steal_pointer(&text) : g_steal_pointer(&other);
}

/* ---- undeclared, doubled and wrongly declared */

/* The bytes in the first charset in which they have a meaning; NULL if that were only windows-1252. */
static char *
try_guesses(const char *bytes, gsize len)
{
    const char *guesses[GUESSES];
    guess_charsets((const guchar *)bytes, len, guesses);
    for (guint i = 0; i < GUESSES && guesses[i]; i++) {
        bool bad;
        g_autofree char *text = convert(find(guesses[i]), bytes, len, &bad);
        if (!bad)
            return g_steal_pointer(&text);
    }
    return NULL;
}

char *
charset_guess(const void *bytes, gsize len)
{
    g_autofree char *clean = copy_without_nul(bytes, len);
    gsize clean_len = strlen(clean);
    bool bad;
    if (jis_is_in(clean, clean_len))
        return read_jis(clean, clean_len, &bad);
    if (g_utf8_validate_len(clean, clean_len, NULL))
        return g_steal_pointer(&clean);
    /* UTF-8 with a few damaged bytes, one cut off at the end for example */
    if (count_utf8(clean, clean_len, 1) > 0) {
        g_free(convert(find("gb18030"), clean, clean_len, &bad));
        if (bad)
            return g_utf8_make_valid(clean, -1);
    }
    char *text = try_guesses(clean, clean_len);
    return text ? text : convert(find("cp1252"), clean, clean_len, &bad);
}

/* UTF-8 (or, where `declared` is not NULL, text of that charset) that was encoded twice is encoded once. */
static char *
undouble(char *text, struct converter *declared)
{
    gsize ascii = 0;
    while (text[ascii] && (guchar)text[ascii] < 0x80)
        ascii++;
    GString *bytes = text[ascii] ? doubled_bytes(text) : NULL;
    if (!bytes)
        return text;
    bool bad = !g_utf8_validate_len(bytes->str, bytes->len, NULL);
    char *once = NULL;
    if (!bad)
        once = g_strdup(bytes->str);
    else if (declared)
        once = convert(declared, bytes->str, bytes->len, &bad);
    g_string_free(bytes, TRUE);
    g_free(bad ? once : text);
    return bad ? text : once;
}

/* Whether bytes that are declared as something else are UTF-8: in a charset of single bytes one character of
 * it never is text, in one of several bytes three in a row are none. */
static bool
is_utf8_anyway(const struct converter *converter, const char *bytes, gsize len)
{
    static const char *const other[] = {"UTF-7",  "UTF-16",   "UTF-16LE", "UTF-16BE",
                                        "UTF-32", "UTF-32LE", "UTF-32BE", "HZ"};
    for (guint i = 0; i < G_N_ELEMENTS(other); i++)
        if (strcmp(converter->name, other[i]) == 0)
            return false;
    guint enough = is_multibyte(converter) ? 3 : 1;
    return count_utf8(bytes, len, enough) >= enough && g_utf8_validate_len(bytes, len, NULL);
}

/* UTF-16 without a mark: the byte that is zero more often is the high one. */
static const char *
utf16_order(const guchar *bytes, gsize len)
{
    gsize even = 0, odd = 0;
    if (len >= 2 && ((bytes[0] == 0xff && bytes[1] == 0xfe) || (bytes[0] == 0xfe && bytes[1] == 0xff)))
        return "utf16";
    for (gsize i = 0; i + 1 < len; i += 2) {
        even += bytes[i] == 0;
        odd += bytes[i + 1] == 0;
    }
    return even > odd ? "utf16be" : "utf16le";
}

static char *
read_utf8(const char *bytes, gsize len, bool *bad_out)
{
    g_autofree char *clean = copy_without_nul(bytes, len);
    *bad_out = !g_utf8_validate(clean, -1, NULL);
    if (!*bad_out)
        return g_steal_pointer(&clean);
    /* wholly mislabelled, and not just damaged */
    char *text = count_utf8(clean, strlen(clean), 1) == 0 ? charset_guess(clean, strlen(clean)) : NULL;
    *bad_out = text == NULL;
    return text ? text : g_utf8_make_valid(clean, -1);
}

/* By a converter, if the bytes are what it reads. */
static char *
read_declared(struct converter *converter, const char *bytes, gsize len, bool *bad_out)
{
    if (is_utf8_anyway(converter, bytes, len))
        return undouble(copy_without_nul(bytes, len), is_multibyte(converter) ? converter : NULL);
    g_autofree char *text = convert(converter, bytes, len, bad_out);
    char *other = *bad_out && is_multibyte(converter) ? try_guesses(bytes, len) : NULL;
    *bad_out = *bad_out && !other;
    return other ? other : undouble(g_steal_pointer(&text), NULL);
}

char *
charset_to_utf8(const char *charset, const void *bytes, gsize len, bool *bad_out)
{
    bool bad = false;
    char normal[40];
    char *text;
    if (bad_out)
        *bad_out = false;
    if (len == 0)
        return g_strdup("");
    normalise(charset, normal, sizeof normal);
    if (strcmp(normal, "utf16") == 0 || strcmp(normal, "ucs2") == 0 || strcmp(normal, "unicode") == 0)
        g_strlcpy(normal, utf16_order(bytes, len), sizeof normal);
    struct converter *converter = find(normal);
    if (jis_is_name(normal) || (!is_multibyte(converter) && jis_is_in(bytes, len))) {
        text = read_jis(bytes, len, &bad);
    } else if (is_utf8_name(normal)) {
        text = undouble(read_utf8(bytes, len, &bad), NULL);
    } else if (converter) {
        text = read_declared(converter, bytes, len, &bad);
    } else {
        bad = is_ascii_name(normal) ? false : *normal && !is_ascii(bytes, len);
        text = undouble(charset_guess(bytes, len), NULL);
    }
    if (bad_out)
        *bad_out = bad;
    return text;
}
