/* edits.c - what somebody wrote into the quote of a mail whose words are known, and above one without marks.
 *
 * Quotes come back wrapped anew, marked, indented and with their HTML turned into text by another program, so
 * neither lines nor bytes can be compared. What stays is which word follows which: a quoted line is ours if
 * each pair of neighbours in it stood side by side in what was sent. Linear; white space, punctuation, quote
 * marks and the addresses that mail programs add to links do not count. */
#include <cardpost/text.h>

#include "lines.h"

#include <string.h>

/* Fewer of our lines than this share of what lies between the first and the last: it is no quote of it. */
#define OUR_SHARE_PERCENT 60
/* One or two lines of ours below an answer are what it speaks of, and are meant. */
#define QUOTE_LINES 3
#define QUOTE_WORDS 10
#define HASH_START  UINT64_C(14695981039346656037) /* FNV-1a */
#define HASH_PRIME  UINT64_C(1099511628211)

static guint64
hash_on(guint64 hash, const char *bytes, gsize len)
{
    for (gsize i = 0; i < len; i++)
        hash = (hash ^ (guint8)bytes[i]) * HASH_PRIME;
    return hash;
}

/* Past "<mailto:li@team.test>", "<https://…>" and "[cid:…]", which mail programs write behind a link; else p.
 */
static const char *
skip_link(const char *p, const char *end)
{
    const char *q = p + 1;
    bool is_link = *p == '[' && end - q > 4 && memcmp(q, "cid:", 4) == 0;
    char close = *p == '<' ? '>' : ']';
    for (; q < end && *q != close && *q != ' ' && *q != '\n'; q++)
        is_link = is_link || (*p == '<' && (*q == ':' || *q == '@'));
    return is_link && q < end && *q == close ? q + 1 : p;
}

/* The next word in [p, end): a run of letters and digits, or one character of a script without spaces.
 * NULL when there is none; *len_out is its length. */
static const char *
next_word(const char *p, const char *end, gsize *len_out)
{
    while (p < end) {
        const char *past = *p == '<' || *p == '[' ? skip_link(p, end) : p;
        if (past > p) {
            p = past;
            continue;
        }
        const char *q = p;
        bool wide = g_unichar_iswide(g_utf8_get_char(q));
        while (q < end && (g_unichar_isalnum(g_utf8_get_char(q)) || g_unichar_ismark(g_utf8_get_char(q))) &&
               (q == p || (!wide && !g_unichar_iswide(g_utf8_get_char(q)))))
            q = utf8_next(q);
        if (q > p) {
            *len_out = (gsize)(q - p);
            return p;
        }
        p = utf8_next(p);
    }
    return NULL;
}

static int
compare_hashes(const void *a, const void *b)
{
    guint64 x = *(const guint64 *)a, y = *(const guint64 *)b;
    return (x > y) - (x < y);
}

/* Of all words and all pairs of neighbours, sorted. */
static GArray *
hashes_of(const char *sent)
{
    GArray *hashes = g_array_new(FALSE, FALSE, sizeof(guint64));
    const char *end = sent + strlen(sent), *before = NULL, *word;
    gsize len, before_len = 0;
    for (const char *p = sent; (word = next_word(p, end, &len)); p = word + len) {
        guint64 alone = hash_on(HASH_START, word, len);
        g_array_append_val(hashes, alone);
        if (before) {
            guint64 pair = hash_on(hash_on(hash_on(HASH_START, before, before_len), " ", 1), word, len);
            g_array_append_val(hashes, pair);
        }
        before = word;
        before_len = len;
    }
    g_array_sort(hashes, compare_hashes);
    return hashes;
}

enum origin { ORIGIN_BLANK, ORIGIN_OURS, ORIGIN_THEIRS };

/* The line's words are added to *words. */
static enum origin
origin_of(const struct text_line *line, GArray *sent, guint *words)
{
    const char *end = line->start + line->len, *before = NULL, *word;
    gsize len, before_len = 0;
    enum origin origin = ORIGIN_BLANK;
    for (const char *p = line->start; (word = next_word(p, end, &len)); p = word + len) {
        guint64 hash = hash_on(HASH_START, word, len);
        if (before)
            hash = hash_on(hash_on(hash_on(HASH_START, before, before_len), " ", 1), word, len);
        if (!g_array_binary_search(sent, &hash, compare_hashes, NULL))
            return ORIGIN_THEIRS;
        before = word;
        before_len = len;
        origin = ORIGIN_OURS;
        (*words)++;
    }
    return origin;
}

struct found {
    guint first, past; /* lines from the first of ours to behind the last */
    guint ours, theirs;
};

static struct found
find_ours(GArray *lines, const guint8 *origins)
{
    struct found found = {.first = lines->len};
    guint theirs = 0;
    for (guint i = 0; i < lines->len; i++) {
        if (origins[i] == ORIGIN_OURS) {
            found.first = MIN(found.first, i);
            found.past = i + 1;
            found.ours++;
            found.theirs = theirs;
        } else if (origins[i] == ORIGIN_THEIRS && found.ours > 0)
            theirs++;
    }
    return found;
}

char *
text_edits(const char *quoted, const char *sent)
{
    g_autoptr(GArray) lines = lines_split(quoted, NULL);
    g_autoptr(GArray) hashes = hashes_of(sent);
    g_autofree guint8 *origins = g_new(guint8, lines->len + 1);
    guint words = 0;
    for (guint i = 0; i < lines->len; i++)
        origins[i] = (guint8)origin_of(lines_at(lines, i), hashes, &words);
    struct found found = find_ours(lines, origins);
    if (found.ours == 0 || found.ours * 100 < (found.ours + found.theirs) * OUR_SHARE_PERCENT)
        return NULL;
    g_autoptr(GString) edits = g_string_new(NULL);
    for (guint i = found.first; i < lines->len; i++) {
        if (origins[i] != ORIGIN_THEIRS)
            continue;
        g_autofree char *bare = line_bare(lines_at(lines, i));
        g_string_append_printf(edits, "%s%s", edits->len > 0 ? "\n" : "", bare);
    }
    return g_strdup(edits->str);
}

gsize
text_before_sent(const char *text, const char *sent)
{
    g_autoptr(GArray) lines = lines_split(text, NULL);
    g_autoptr(GArray) hashes = hashes_of(sent);
    guint first = lines->len, ours = 0, words = 0;
    for (guint i = lines->len; i > 0; i--) {
        guint of_line = 0;
        enum origin origin = origin_of(lines_at(lines, i - 1), hashes, &of_line);
        if (origin == ORIGIN_THEIRS) {
            bool is_quote = ours >= QUOTE_LINES && words >= QUOTE_WORDS;
            return is_quote ? (gsize)(lines_at(lines, first)->start - text) : strlen(text);
        }
        first = origin == ORIGIN_OURS ? i - 1 : first;
        ours += origin == ORIGIN_OURS;
        words += of_line;
    }
    return strlen(text);
}
