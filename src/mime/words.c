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
    if (g_utf8_validate(value, -1, NULL) || !charset || !charset_is_known(charset))
        return charset_guess(value, len);
    bool bad;
    g_autofree char *text = charset_to_utf8(charset, value, len, &bad);
    return bad ? charset_guess(value, len) : g_steal_pointer(&text);
}

/* Whether a word begins at `at`. *no_more: no further word ends anywhere. */
static bool
read_word(const char *at, struct word *word, bool *no_more)
{
    if (*no_more || at[0] != '=' || at[1] != '?')
        return false;
    const char *name = at + 2;
    gsize len = strcspn(name, "? \t\r\n=");
    if (len == 0 || len > CHARSET_MAX || name[len] != '?')
        return false;
    word->encoding = g_ascii_toupper(name[len + 1]);
    if ((word->encoding != 'B' && word->encoding != 'Q') || name[len + 2] != '?')
        return false;
    word->text = name + len + 3;
    word->text_end = strstr(word->text, "?=");
    *no_more = word->text_end == NULL;
    if (*no_more)
        return false;
    word->end = word->text_end + 2;
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

char *
words_decode(const char *value, const char *charset)
{
    g_autofree char *text = words_from_8bit(value, charset);
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    struct joiner joiner = {.out = g_string_sized_new(strlen(text)), .bytes = bytes};
    bool no_more = false;
    for (const char *p = text; *p;) {
        struct word word;
        if (read_word(p, &word, &no_more)) {
            add_word(&joiner, &word);
            p = word.end;
            const char *next = p + strspn(p, " \t\r\n");
            if (next > p && read_word(next, &word, &no_more))
                p = next; /* white space between two words is not text */
            continue;
        }
        flush(&joiner);
        gsize plain = strcspn(p + 1, "=") + 1;
        g_string_append_len(joiner.out, p, (gssize)plain);
        p += plain;
    }
    flush(&joiner);
    return g_string_free(joiner.out, FALSE);
}
