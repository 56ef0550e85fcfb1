/* words.c - decodes encoded words. Does not know which fields may hold them. Linear: what looks like a word
 * is either used up or left at a bounded look. */
#include "words.h"

#include "charset.h"
#include "transfer.h"

#include <string.h>

#define CHARSET_MAX 60

struct word {
    char charset[CHARSET_MAX + 1];
    char encoding; /* 'B' or 'Q' */
    const char *text, *text_end, *end;
};

/* Words of one charset on their way to be converted together. */
struct joiner {
    GString *out;
    GByteArray *bytes;
    char charset[CHARSET_MAX + 1];
};

char *
words_from_8bit(const char *value, const char *charset)
{
    gsize len = strlen(value);
    if (g_utf8_validate(value, -1, NULL))
        return charset_to_utf8("utf-8", value, len, NULL);
    if (!charset || !charset_is_telling(charset))
        return charset_guess(value, len);
    bool bad;
    g_autofree char *text = charset_to_utf8(charset, value, len, &bad);
    return bad ? charset_guess(value, len) : g_steal_pointer(&text);
}

/* The first of these two characters together, or NULL. (strstr looks at all of the text each time where
 * AddressSanitizer stands in for it.) */
static const char *
find_pair(const char *text, const char pair[2])
{
    const char *at = strchr(text, pair[0]);
    while (at && at[1] != pair[1])
        at = strchr(at + 1, pair[0]);
    return at;
}

/* Whether the `?=` at `end` is a question mark of a Q-word's text, which should have been encoded, and the
 * beginning of an encoded byte: two digits follow, and another end. */
static bool
is_question_mark(const char *end)
{
    if (!g_ascii_isxdigit(end[2]) || !g_ascii_isxdigit(end[3]))
        return false;
    gsize n = strcspn(end + 2, "? \t\r\n");
    return end[2 + n] == '?' && end[3 + n] == '=';
}

/* Where the text of a word ends. A last word that was cut off ends with the value. NULL: no word. */
static const char *
word_end(const struct word *word, bool *no_more)
{
    const char *end = find_pair(word->text, "?=");
    while (end && word->encoding == 'Q' && is_question_mark(end))
        end = find_pair(end + 2, "?=");
    if (end)
        return end;
    gsize len = strcspn(word->text, " \t\r\n\"");
    *no_more = len == 0 || word->text[len] != '\0';
    return *no_more ? NULL : word->text + len - (word->text[len - 1] == '?');
}

/* Whether a word begins at `at`. *no_more: no further word ends anywhere. */
static bool
read_word(const char *at, struct word *word, bool *no_more)
{
    if (*no_more || at[0] != '=' || at[1] != '?')
        return false;
    const char *name = at + 2;
    gsize len = strcspn(name, "? \t\r\n=");
    if (len > CHARSET_MAX || name[len] != '?')
        return false;
    word->encoding = g_ascii_toupper(name[len + 1]);
    if ((word->encoding != 'B' && word->encoding != 'Q') || name[len + 2] != '?')
        return false;
    word->text = name + len + 3;
    word->text_end = word_end(word, no_more);
    if (!word->text_end)
        return false;
    word->end = word->text_end + strspn(word->text_end, "?");
    word->end += *word->end == '=';
    memcpy(word->charset, name, len);
    word->charset[len] = '\0';
    word->charset[strcspn(word->charset, "*")] = '\0'; /* a language follows (RFC 2231 section 5) */
    return true;
}

static void
append_q(GByteArray *out, const char *p, const char *end)
{
    for (; p < end; p++) {
        guint8 byte = (guint8)(*p == '_' ? ' ' : *p);
        if (*p == '=' && end - p >= 3 && g_ascii_isxdigit(p[1]) && g_ascii_isxdigit(p[2])) {
            byte = (guint8)(g_ascii_xdigit_value(p[1]) << 4 | g_ascii_xdigit_value(p[2]));
            p += 2;
        }
        g_byte_array_append(out, &byte, 1);
    }
}

static void
flush(struct joiner *joiner)
{
    if (joiner->bytes->len == 0)
        return;
    g_autofree char *text = charset_to_utf8(joiner->charset, joiner->bytes->data, joiner->bytes->len, NULL);
    g_string_append(joiner->out, text);
    g_byte_array_set_size(joiner->bytes, 0);
}

static void
add_word(struct joiner *joiner, const struct word *word)
{
    if (g_ascii_strcasecmp(joiner->charset, word->charset) != 0)
        flush(joiner);
    g_strlcpy(joiner->charset, word->charset, sizeof joiner->charset);
    if (word->encoding == 'B')
        transfer_base64(joiner->bytes, word->text, (gsize)(word->text_end - word->text));
    else
        append_q(joiner->bytes, word->text, word->text_end);
}

/* Text between words, which may be raw 8-bit. */
static void
add_plain(struct joiner *joiner, const char *text, gsize len, const char *charset)
{
    g_autofree char *bytes = g_strndup(text, len);
    g_autofree char *plain = words_from_8bit(bytes, charset);
    flush(joiner);
    g_string_append(joiner->out, plain);
}

/* Bytes before the next word, which begins at `=?`. */
static gsize
plain_length(const char *p, bool *no_more)
{
    struct word word;
    const char *at = p;
    while ((at = find_pair(at, "=?")) && !read_word(at, &word, no_more))
        at += 2;
    return at ? (gsize)(at - p) : strlen(p);
}

static char *
decode_once(const char *value, const char *charset)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    struct joiner joiner = {.out = g_string_sized_new(strlen(value)), .bytes = bytes};
    bool no_more = false;
    for (const char *p = value; *p;) {
        struct word word;
        gsize plain = plain_length(p, &no_more);
        if (plain > 0) {
            add_plain(&joiner, p, plain, charset);
            p += plain;
            continue;
        }
        if (!read_word(p, &word, &no_more))
            break;
        add_word(&joiner, &word);
        p = word.end;
        const char *next = p + strspn(p, " \t\r\n");
        if (next > p && read_word(next, &word, &no_more))
            p = next; /* white space between two words is not text */
    }
    flush(&joiner);
    return g_string_free(joiner.out, FALSE);
}

/* Some servers encode what is encoded already. */
char *
words_decode(const char *value, const char *charset)
{
    g_autofree char *text = decode_once(value, charset);
    bool is_word = g_str_has_prefix(text, "=?") && g_str_has_suffix(text, "?=");
    return is_word ? decode_once(text, charset) : g_steal_pointer(&text);
}
