/* name.c - display names: RFC 2047 encoded words in a closed list of charsets. Everything that is not a
 * well-formed encoded word stays as it is. Never decides who somebody is.
 *
 * Bytes of adjacent words of one charset are joined before they are converted: clients cut words in the
 * middle of a character. */
#include "from.h"

#include <cardpost/caps.h>
#include <cardpost/clean.h>

#include <string.h>

/* What clients call it, and what iconv converts it as (a labelled gb2312 is GB18030 in practice). */
static const char *const charsets[][2] = {
    {"utf-8", "UTF-8"},
    {"utf8", "UTF-8"},
    {"us-ascii", "UTF-8"},
    {"gb2312", "GB18030"},
    {"gbk", "GB18030"},
    {"gb18030", "GB18030"},
    {"cp936", "GB18030"},
    {"big5", "BIG5"},
    {"iso-8859-1", "WINDOWS-1252"},
    {"iso-8859-2", "ISO-8859-2"},
    {"iso-8859-5", "ISO-8859-5"},
    {"iso-8859-7", "ISO-8859-7"},
    {"iso-8859-9", "ISO-8859-9"},
    {"iso-8859-15", "ISO-8859-15"},
    {"windows-1250", "WINDOWS-1250"},
    {"windows-1251", "WINDOWS-1251"},
    {"windows-1252", "WINDOWS-1252"},
    {"windows-1254", "WINDOWS-1254"},
    {"koi8-r", "KOI8-R"},
    {"koi8-u", "KOI8-U"},
    {"shift_jis", "CP932"},
    {"iso-2022-jp", "ISO-2022-JP"},
    {"euc-jp", "EUC-JP"},
    {"euc-kr", "CP949"},
    {"ks_c_5601-1987", "CP949"},
};

struct word {
    const char *charset; /* iconv's name, a constant */
    char encoding;       /* 'b' or 'q' */
    const char *text;
    gsize text_len;
    const char *end; /* behind the closing "?=" */
};

static const char *
find_charset(const char *name, gsize len)
{
    for (guint i = 0; i < G_N_ELEMENTS(charsets); i++)
        if (strlen(charsets[i][0]) == len && g_ascii_strncasecmp(charsets[i][0], name, len) == 0)
            return charsets[i][1];
    return NULL;
}

/* Whether an encoded word of a known charset begins at `at`. */
static bool
match_word(const char *at, struct word *word_out)
{
    if (at[0] != '=' || at[1] != '?')
        return false;
    const char *charset = at + 2;
    gsize charset_len = strcspn(charset, "*? \t");
    const char *mark = charset + strcspn(charset, "? \t"); /* behind RFC 2231's language */
    if (mark[0] != '?' || mark[1] == '\0' || mark[2] != '?')
        return false;
    const char *text = mark + 3;
    gsize text_len = strcspn(text, "? \t");
    if (text[text_len] != '?' || text[text_len + 1] != '=')
        return false;
    *word_out = (struct word){.charset = find_charset(charset, charset_len),
                              .encoding = g_ascii_tolower(mark[1]),
                              .text = text,
                              .text_len = text_len,
                              .end = text + text_len + 2};
    return word_out->charset && (word_out->encoding == 'b' || word_out->encoding == 'q');
}

static void
append_q(GString *bytes, const char *text, gsize len)
{
    for (gsize i = 0; i < len; i++) {
        if (text[i] == '=' && i + 2 < len && g_ascii_isxdigit(text[i + 1]) && g_ascii_isxdigit(text[i + 2])) {
            int byte = g_ascii_xdigit_value(text[i + 1]) * 16 + g_ascii_xdigit_value(text[i + 2]);
            g_string_append_c(bytes, (char)byte);
            i += 2;
        } else {
            g_string_append_c(bytes, text[i] == '_' ? ' ' : text[i]);
        }
    }
}

static void
append_bytes(GString *bytes, const struct word *word)
{
    if (word->encoding == 'q') {
        append_q(bytes, word->text, word->text_len);
        return;
    }
    g_autofree guchar *decoded = g_malloc(word->text_len / 4 * 3 + 6);
    gint state = 0;
    guint save = 0;
    gsize n = g_base64_decode_step(word->text, word->text_len, decoded, &state, &save);
    g_string_append_len(bytes, (const char *)decoded, (gssize)n);
}

/* Converts and empties the bytes gathered so far. What cannot be converted is made valid later. */
static void
flush(GString *out, GString *bytes, const char *charset)
{
    if (bytes->len == 0)
        return;
    gsize len = 0;
    g_autofree char *text = g_convert(bytes->str, (gssize)bytes->len, "UTF-8", charset, NULL, &len, NULL);
    if (text)
        g_string_append(out, text);
    else
        g_string_append(out, bytes->str);
    g_string_truncate(bytes, 0);
}

/* Raw 8-bit text: UTF-8, else GB18030, else left to clean_line. */
static char *
to_utf8(const char *raw)
{
    char *text =
        g_utf8_validate(raw, -1, NULL) ? NULL : g_convert(raw, -1, "UTF-8", "GB18030", NULL, NULL, NULL);
    return text ? text : g_strdup(raw);
}

char *
name_decode(const char *raw)
{
    g_autofree char *text = to_utf8(raw);
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(GString) bytes = g_string_new(NULL);
    const char *charset = NULL;
    struct word word;
    for (const char *at = text; *at;) {
        gsize gap = charset ? strspn(at, " \t") : 0; /* white space between two words is none */
        if (match_word(at + gap, &word)) {
            if (charset != word.charset)
                flush(out, bytes, charset);
            charset = word.charset;
            append_bytes(bytes, &word);
            at = word.end;
            continue;
        }
        flush(out, bytes, charset);
        charset = NULL;
        g_string_append_c(out, *at++);
    }
    flush(out, bytes, charset);
    return clean_line(out->str, CAP_NAME_BYTES);
}
