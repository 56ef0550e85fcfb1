/* closing.c - see closing.h.
 *
 * What is cut here looks much like what people write: "Regards, Bob" is theirs, and an answer may be nothing
 * but a name and a phone number. So the lines from the closing words to the end must all look like parts of a
 * signature, and something has to make it sure: what tells how to reach the writer, below closing words; much
 * of it, where there are none; formal closing words at the very end of a mail. Looks at no more than
 * TAIL_LINES lines. */
#include "closing.h"

#include "contact.h"
#include "heads.h"
#include "wording.h"

#include <string.h>

#define TAIL_LINES   16
#define LINE_BYTES   240
#define LINE_COLUMNS 80
/* Without closing words this many kinds of contact lines are asked for. */
#define SURE_KINDS 4
/* And below a line drawn. */
#define RULED_KINDS 2
/* What no one writes who tells somebody else's number. */
#define SURE_BITS (CONTACT_FAX | CONTACT_WEB | CONTACT_REGISTER | CONTACT_LOGO)
/* Alone it may be what the mail is about. */
#define WEAK_BITS (CONTACT_WEB | CONTACT_PLACE)

/* --- lines that may stand in a signature */

/* Words to the reader, whatever stands around them: commands, items of lists, afterthoughts. */
static bool
is_spoken(const struct text_line *line, const char *bare)
{
    static const char *const starts[] = {"/",  "!",  "@",  "#",   "／",  "！", "＠",   "＃",   "【",  "- ",
                                         "* ", "• ", "ps", "p.s", "pps", "nb", "附：", "又及", "p.d", "ps："};
    g_autofree char *text = g_strndup(line->start, line->len);
    g_autofree char *lower = lower_plain(text, -1);
    const char *start = contact_skip_space(lower);
    /* "[image: logo]" */
    if (*start == '[' && !contact_is_logo(start) && !g_str_has_prefix(start, "[image"))
        return true;
    for (guint i = 0; i < G_N_ELEMENTS(starts); i++) {
        gsize len = strlen(starts[i]);
        bool word = g_ascii_isalpha(starts[i][len - 1]), image = g_str_has_prefix(start, "![");
        if (strncmp(start, starts[i], len) == 0 && !image && !(word && g_ascii_isalpha(start[len])))
            return true;
    }
    static const char *const ends[] = {"?", "？", ":", "："};
    for (guint i = 0; i < G_N_ELEMENTS(ends); i++)
        if (g_str_has_suffix(bare, ends[i]))
            return true;
    return false;
}

/* A department, an address: words with capitals or numbers, or a place in Chinese and its kin. */
static bool
is_plain_part(const char *bare)
{
    glong chars = g_utf8_strlen(bare, -1);
    if (contact_is_name(bare))
        return true;
    if (g_str_has_suffix(bare, "。") || g_str_has_suffix(bare, "！") || strstr(bare, "，"))
        return false;
    bool wide = false;
    for (const char *p = bare; *p; p = utf8_next(p))
        wide = wide || g_unichar_iswide(g_utf8_get_char(p));
    for (const char *const *place = wording_places; wide && *place; place++)
        if (strstr(bare, *place))
            return chars <= CONTACT_NAME_CHARS;
    guint words = 0, marked = 0;
    for (const char *p = contact_skip_space(bare), *end; *p; p = contact_skip_space(end), words++) {
        end = contact_word_end(p);
        gunichar first = g_utf8_get_char(p);
        marked += g_unichar_isupper(first) || g_unichar_isdigit(first) || !g_unichar_isalnum(first);
    }
    return !wide && marked * 2 >= words && !(words > 3 && strchr(".!", bare[strlen(bare) - 1]));
}

struct tail {
    guint line[TAIL_LINES]; /* lines with text, the last first */
    guint kinds[TAIL_LINES];
    guint count;
};

enum closing { CLOSING_NONE, CLOSING_FORMAL, CLOSING_THANKS };

static bool
in_table(const char *const *table, const char *words)
{
    for (; *table; table++)
        if (strcmp(*table, words) == 0)
            return true;
    return false;
}

/* The closing words that the text is, without marks at its ends. */
static enum closing
closing_words(const char *text)
{
    g_autofree char *lower = lower_plain(text, -1);
    char *end = lower + strlen(lower);
    while (end > lower) {
        char *last = g_utf8_prev_char(end);
        gunichar c = g_utf8_get_char(last);
        if (g_unichar_isalnum(c) || g_unichar_ismark(c))
            break;
        end = last;
    }
    *end = '\0';
    const char *words = lower;
    while (*words && !g_unichar_isalnum(g_utf8_get_char(words)))
        words = utf8_next(words);
    return in_table(wording_closings, words) ? CLOSING_FORMAL
           : in_table(wording_thanks, words) ? CLOSING_THANKS
                                             : CLOSING_NONE;
}

/* The closing of a line; "Best regards, Bob Miller" has a name behind it. */
static enum closing
closing_at(GArray *lines, guint i, bool *named_out)
{
    const struct text_line *line = lines_at(lines, i);
    *named_out = false;
    if (line->len > LINE_BYTES)
        return CLOSING_NONE;
    g_autofree char *bare = line_bare(line);
    char *comma = strchr(bare, ',');
    if (comma && contact_is_name(contact_skip_space(comma + 1))) {
        *comma = '\0';
        *named_out = true;
    }
    return closing_words(bare);
}

/* Whether a line may stand in a signature; notes what it tells. */
static bool
take_part(GArray *lines, guint i, struct tail *tail)
{
    const struct text_line *line = lines_at(lines, i);
    if (line->len > LINE_BYTES || line_quote_depth(line, NULL) > 0)
        return false;
    /* the lines drawn around it */
    if (head_is_ruler(line))
        return true;
    g_autofree char *bare = line_bare(line);
    guint kinds = contact_kinds(bare);
    if (is_spoken(line, bare) || (kinds == 0 && g_utf8_strlen(bare, -1) > LINE_COLUMNS))
        return false;
    if (kinds == 0 && !is_plain_part(bare) && !g_str_has_prefix(bare, "[image"))
        return false;
    tail->line[tail->count] = i;
    tail->kinds[tail->count++] = kinds;
    return true;
}

/* The next line with text above i, not above `from`; `none` if there is none. */
static guint
text_above(GArray *lines, guint from, guint i, guint none)
{
    while (i > from)
        if (!line_is_blank(lines_at(lines, --i)))
            return i;
    return none;
}

static bool
is_greeting(GArray *lines, guint i)
{
    const struct text_line *line = lines_at(lines, i);
    if (line->len > LINE_BYTES)
        return false;
    g_autofree char *bare = line_bare(line);
    g_autofree char *lower = lower_plain(bare, -1);
    if (contact_count_words(lower) > 5)
        return false;
    for (const char *const *greeting = wording_greetings; *greeting; greeting++) {
        gsize len = strlen(*greeting);
        bool wide = g_unichar_iswide(g_utf8_get_char(*greeting));
        if (strncmp(lower, *greeting, len) == 0 && (wide || !g_unichar_isalnum(g_utf8_get_char(lower + len))))
            return true;
    }
    return g_str_has_suffix(lower, ",") || g_str_has_suffix(lower, "，");
}

/* "The customer is:": what follows is what the mail is about. But ":+1:" is a picture. */
static bool
is_intro(GArray *lines, guint i)
{
    g_autofree char *bare = line_bare(lines_at(lines, i));
    return (g_str_has_suffix(bare, ":") && *bare != ':') || g_str_has_suffix(bare, "：");
}

/* Whether the writer says something above line i, more than "Hi Bob,". */
static bool
says_more(GArray *lines, guint from, guint i)
{
    guint above = text_above(lines, from, i, i);
    if (above == i || is_intro(lines, above))
        return false;
    return text_above(lines, from, above, i) != i || !is_greeting(lines, above);
}

/* "此致" above "敬礼": closing words go together, but "Thank you" above them is a word to the reader. */
static guint
widen_closing(GArray *lines, guint from, guint i)
{
    for (;;) {
        bool named;
        guint above = text_above(lines, from, i, i);
        if (above == i || closing_at(lines, above, &named) != CLOSING_FORMAL || named)
            return i;
        i = above;
    }
}

static guint
kinds_of(const struct tail *tail)
{
    guint kinds = 0;
    for (guint n = 0; n < tail->count; n++)
        kinds |= tail->kinds[n];
    return kinds;
}

static guint
count_bits(guint bits)
{
    guint count = 0;
    for (; bits != 0; bits &= bits - 1)
        count++;
    return count;
}

/* "Anna Schmidt | Sales" too. */
static bool
is_name_line(GArray *lines, guint i)
{
    g_autofree char *name = line_bare(lines_at(lines, i));
    name[strcspn(name, "|,*")] = '\0';
    return contact_is_name(g_strchomp(name));
}

/* Whether what stands below closing words makes it sure that they open a signature. */
static bool
is_sure(GArray *lines, const struct tail *tail, enum closing closing, bool named, bool ends_mail)
{
    guint kinds = kinds_of(tail), top = tail->count - 1;
    if (tail->count == 0)
        return closing == CLOSING_FORMAL && ends_mail;
    bool titled = named || is_name_line(lines, tail->line[top]);
    /* Japanese mail has the company above the name */
    bool company = !titled && top > 0 && is_name_line(lines, tail->line[top - 1]);
    /* "Sincerely, the Account Manager": a post for a name tells nothing more */
    bool post_only = tail->count == 1 && kinds == CONTACT_POST && !named;
    if ((kinds & ~(guint)WEAK_BITS) != 0 && !post_only)
        return titled || company || tail->kinds[top] != 0;
    return closing == CLOSING_FORMAL && ends_mail && titled && tail->count == 1 && kinds == 0;
}

/* A block with no closing words above it: where it begins, `none` if it is not sure. */
static guint
find_block(GArray *lines, guint from, const struct tail *tail, guint none)
{
    guint kinds = kinds_of(tail), top = tail->count;
    for (guint n = 0; n < tail->count; n++)
        top = tail->kinds[n] != 0 ? n : top;
    if (count_bits(kinds) < SURE_KINDS || (kinds & SURE_BITS) == 0)
        return none;
    guint start = tail->line[top];
    while (start > from && !line_is_blank(lines_at(lines, start - 1)))
        start--;
    if (start < tail->line[tail->count - 1] || !is_name_line(lines, start))
        return none;
    guint above = text_above(lines, from, start, none);
    return above == none || is_intro(lines, above) ? none : start;
}

/* Chinese mail programs draw a line above a signature; whether the tail below one is sure to be that. */
static bool
is_ruled(GArray *lines, guint i, const struct tail *tail)
{
    if (tail->count == 0 || !head_is_ruler(lines_at(lines, i)))
        return false;
    guint kinds = kinds_of(tail);
    return count_bits(kinds) >= RULED_KINDS && (kinds & ~(guint)WEAK_BITS) != 0 &&
           is_name_line(lines, tail->line[tail->count - 1]);
}

guint
closing_find(GArray *lines, guint from, guint to, bool ends_mail, const char **rule_out)
{
    struct tail tail = {.count = 0};
    for (guint i = text_above(lines, from, to, to); i != to && tail.count < TAIL_LINES;) {
        bool named;
        enum closing closing = closing_at(lines, i, &named);
        if (closing != CLOSING_NONE && is_sure(lines, &tail, closing, named, ends_mail)) {
            guint start = closing == CLOSING_FORMAL ? widen_closing(lines, from, i) : i;
            *rule_out = "closing words";
            return says_more(lines, from, start) ? start : to;
        }
        if (is_ruled(lines, i, &tail)) {
            *rule_out = "contact block below a line";
            return says_more(lines, from, i) ? i : to;
        }
        guint above = text_above(lines, from, i, to);
        if (closing != CLOSING_NONE || !take_part(lines, i, &tail))
            break;
        i = above;
    }
    *rule_out = "contact block";
    return tail.count > 0 ? find_block(lines, from, &tail, to) : to;
}
