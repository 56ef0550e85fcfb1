/* closing.c - see closing.h.
 *
 * What is cut here looks much like what people write: "Regards, Bob" is theirs, and an answer may be nothing
 * but a name and a phone number. So the lines from the closing words to the end must all look like parts of a
 * signature, and something has to make it sure: what tells how to reach the writer, below closing words; much
 * of it, where there are none; formal closing words at the very end of a mail. Looks at no more than
 * TAIL_LINES lines. */
#include "closing.h"

#include "wording.h"

#include <string.h>

#define TAIL_LINES   16
#define LINE_BYTES   240
#define LINE_COLUMNS 80
#define NAME_COLUMNS 40
#define NAME_WORDS   4
/* Without closing words this many kinds of contact lines are asked for. */
#define SURE_KINDS   4
#define PHONE_DIGITS 7
/* What no one writes who tells somebody else's number. */
#define SURE_BITS (CONTACT_FAX | CONTACT_WEB | CONTACT_REGISTER | CONTACT_LOGO)
/* Alone it may be what the mail is about. */
#define WEAK_BITS (CONTACT_WEB | CONTACT_PLACE)

/* Behind the word at p. */
static const char *
word_end(const char *p)
{
    while (*p && !g_unichar_isspace(g_utf8_get_char(p)))
        p = utf8_next(p);
    return p;
}

static const char *
skip_space(const char *p)
{
    while (*p && g_unichar_isspace(g_utf8_get_char(p)))
        p = utf8_next(p);
    return p;
}

static guint
count_words(const char *text)
{
    guint words = 0;
    for (const char *p = skip_space(text); *p; p = skip_space(word_end(p)))
        words++;
    return words;
}

/* --- names */

/* "von", "de la", "bin": written small within a name. */
static bool
is_particle(const char *word, const char *end)
{
    static const char *const particles[] = {"von", "van", "de", "der", "den", "di", "da",  "la",
                                            "le",  "del", "du", "bin", "al",  "zu", "dos", "the"};
    for (guint i = 0; i < G_N_ELEMENTS(particles); i++)
        if ((gsize)(end - word) == strlen(particles[i]) &&
            strncmp(word, particles[i], (gsize)(end - word)) == 0)
            return true;
    return false;
}

static bool
is_name_char(gunichar c)
{
    return g_unichar_isalpha(c) || g_unichar_ismark(c) || g_unichar_isspace(c) || c == '.' || c == '\'' ||
           c == '-' || c == 0x2019 || c == 0xb7;
}

bool
closing_is_name(const char *text)
{
    glong chars = g_utf8_strlen(text, -1);
    bool wide = g_unichar_iswide(g_utf8_get_char(text));
    if (chars == 0 || chars > NAME_COLUMNS || (wide && (chars < 2 || chars > NAME_WORDS)))
        return false;
    for (const char *p = text; *p; p = utf8_next(p))
        if (!is_name_char(g_utf8_get_char(p)) || g_unichar_iswide(g_utf8_get_char(p)) != wide)
            return false;
    if (wide)
        return true;
    guint words = 0;
    for (const char *p = text, *end; *p; p = skip_space(end), words++) {
        end = word_end(p);
        gunichar first = g_utf8_get_char(p);
        /* scripts without capitals: nothing tells a name from a sentence */
        if (!g_unichar_isupper(first) && !(p > text && is_particle(p, end)))
            return false;
    }
    return words <= NAME_WORDS;
}

/* --- contact lines; lower case */

static gsize
count_digits(const char *text)
{
    gsize digits = 0;
    for (; *text; text++)
        digits += g_ascii_isdigit(*text) != 0;
    return digits;
}

static bool
has_mail_address(const char *text)
{
    const char *at = strchr(text, '@');
    return at && at > text && g_ascii_isalnum(at[-1]) && g_ascii_isalnum(at[1]) && strchr(at, '.');
}

/* Whether a value is one that this label stands before. */
static bool
fits(enum contact_kind kind, const char *value, bool colon)
{
    switch (kind) {
    case CONTACT_PHONE:
    case CONTACT_FAX:
        return count_digits(value) >= PHONE_DIGITS && count_words(value) <= 8;
    case CONTACT_MAIL:
        return has_mail_address(value) && count_words(value) <= 2;
    case CONTACT_WEB:
        return strchr(value, '.') && count_words(value) <= 2;
    case CONTACT_REGISTER:
        return count_digits(value) >= 4;
    case CONTACT_PLACE:
    case CONTACT_CHAT:
        return colon && *value != '\0';
    case CONTACT_NONE:
    case CONTACT_POST:
    case CONTACT_LOGO:
        return false;
    }
    return false;
}

/* "Tel. +49 30 …", "电话：138…". */
static guint
labelled_kind(const char *piece)
{
    for (const struct wording_contact *row = wording_contacts; row->label; row++) {
        gsize len = strlen(row->label);
        if (strncmp(piece, row->label, len) != 0)
            continue;
        const char *value = piece + len + strspn(piece + len, " \t.*");
        bool blank = value > piece + len, colon = *value == ':' || g_str_has_prefix(value, "：");
        if (colon)
            value = utf8_next(value);
        if ((colon || (blank && len > 1)) && fits(row->kind, value + strspn(value, " \t*"), colon))
            return row->kind;
    }
    return 0;
}

/* "+49 30 1234567", "(030) 123-45-67", but not "2026-11-03". */
static bool
is_phone(const char *piece)
{
    const char *plus = strchr(piece, '+');
    if (plus && g_ascii_isdigit(plus[1]) && count_words(piece) <= 8)
        return count_digits(plus) > PHONE_DIGITS;
    return piece[strspn(piece, "0123456789 ()-./")] == '\0' && count_digits(piece) > PHONE_DIGITS &&
           strchr("0(1", *piece);
}

static bool
is_web(const char *piece)
{
    bool begins = g_str_has_prefix(piece, "www.") || g_str_has_prefix(piece, "http://") ||
                  g_str_has_prefix(piece, "https://");
    return begins && count_words(piece) <= 2;
}

static bool
is_logo(const char *piece)
{
    bool image = strstr(piece, "[image") || strstr(piece, "![") || strstr(piece, "[cid:");
    return image && (strstr(piece, "logo") || strstr(piece, "signature"));
}

/* Whether a word of the table stands in the text, by itself where the script has blanks. */
static bool
has_post(const char *text)
{
    for (const char *const *post = wording_posts; *post; post++) {
        gsize len = strlen(*post);
        bool wide = g_unichar_iswide(g_utf8_get_char(*post));
        for (const char *p = strstr(text, *post); p; p = strstr(p + len, *post)) {
            bool before = p > text && g_unichar_isalnum(g_utf8_get_char(g_utf8_prev_char(p)));
            if (wide || (!before && !g_unichar_isalnum(g_utf8_get_char(p + len))))
                return true;
        }
    }
    return false;
}

/* What a line tells, as bits; pieces of it stand between bars. */
static guint
contact_kinds(const char *bare)
{
    guint kinds = 0;
    g_autofree char *lower = lower_plain(bare, -1);
    g_auto(GStrv) pieces = g_strsplit_set(lower, "|\t", -1);
    for (guint i = 0; pieces[i]; i++) {
        char *piece = g_strstrip(pieces[i] + strspn(pieces[i], "* "));
        if (*piece == '\0')
            continue;
        kinds |= labelled_kind(piece);
        kinds |= is_phone(piece) ? CONTACT_PHONE : 0u;
        kinds |= has_mail_address(piece) && count_words(piece) <= 2 ? CONTACT_MAIL : 0u;
        kinds |= is_web(piece) ? CONTACT_WEB : 0u;
        kinds |= is_logo(piece) ? CONTACT_LOGO : 0u;
    }
    bool titled = *bare && !g_unichar_islower(g_utf8_get_char(bare));
    if (titled && count_words(bare) <= 7 && has_post(lower))
        kinds |= CONTACT_POST;
    return kinds;
}

/* --- lines that may stand in a signature */

/* Words to the reader, whatever stands around them: commands, items of lists, afterthoughts. */
static bool
is_spoken(const struct text_line *line, const char *bare)
{
    static const char *const starts[] = {"/",  "!",  "@",  "#",   "／",  "！", "＠",   "＃",   "【",  "- ",
                                         "* ", "• ", "ps", "p.s", "pps", "nb", "附：", "又及", "p.d", "ps："};
    g_autofree char *text = g_strndup(line->start, line->len);
    g_autofree char *lower = lower_plain(text, -1);
    const char *start = skip_space(lower);
    /* "[image: logo]" */
    if (*start == '[' && !is_logo(start) && !g_str_has_prefix(start, "[image"))
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
    if (closing_is_name(bare))
        return true;
    if (g_str_has_suffix(bare, "。") || g_str_has_suffix(bare, "！") || strstr(bare, "，"))
        return false;
    bool wide = false;
    for (const char *p = bare; *p; p = utf8_next(p))
        wide = wide || g_unichar_iswide(g_utf8_get_char(p));
    for (const char *const *place = wording_places; wide && *place; place++)
        if (strstr(bare, *place))
            return chars <= NAME_COLUMNS;
    guint words = 0, marked = 0;
    for (const char *p = skip_space(bare), *end; *p; p = skip_space(end), words++) {
        end = word_end(p);
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
    if (comma && closing_is_name(skip_space(comma + 1))) {
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
    if (count_words(lower) > 5)
        return false;
    for (const char *const *greeting = wording_greetings; *greeting; greeting++) {
        gsize len = strlen(*greeting);
        bool wide = g_unichar_iswide(g_utf8_get_char(*greeting));
        if (strncmp(lower, *greeting, len) == 0 && (wide || !g_unichar_isalnum(g_utf8_get_char(lower + len))))
            return true;
    }
    return g_str_has_suffix(lower, ",") || g_str_has_suffix(lower, "，");
}

/* Whether the writer says something above line i, more than "Hi Bob,". */
static bool
says_more(GArray *lines, guint from, guint i)
{
    guint above = text_above(lines, from, i, i);
    if (above == i)
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

/* Whether what stands below closing words makes it sure that they open a signature. */
static bool
is_sure(GArray *lines, const struct tail *tail, enum closing closing, bool named, bool ends_mail)
{
    guint kinds = 0, top = tail->count - 1;
    for (guint n = 0; n < tail->count; n++)
        kinds |= tail->kinds[n];
    if (tail->count == 0)
        return closing == CLOSING_FORMAL && ends_mail;
    g_autofree char *name = line_bare(lines_at(lines, tail->line[top]));
    name[strcspn(name, "|,*")] = '\0';
    bool titled = named || closing_is_name(g_strchomp(name));
    /* "Sincerely, the Account Manager": a post for a name tells nothing more */
    bool post_only = tail->count == 1 && kinds == CONTACT_POST && !named;
    if ((kinds & ~(guint)WEAK_BITS) != 0 && !post_only)
        return titled || tail->kinds[top] != 0;
    return closing == CLOSING_FORMAL && ends_mail && titled && tail->count == 1 && kinds == 0;
}

/* A block with no closing words above it: where it begins, `none` if it is not sure. */
static guint
find_block(GArray *lines, guint from, const struct tail *tail, guint none)
{
    guint kinds = 0, top = tail->count;
    for (guint n = 0; n < tail->count; n++) {
        kinds |= tail->kinds[n];
        top = tail->kinds[n] != 0 ? n : top;
    }
    guint count = 0;
    for (guint bits = kinds; bits != 0; bits &= bits - 1)
        count++;
    if (count < SURE_KINDS || (kinds & SURE_BITS) == 0)
        return none;
    guint start = tail->line[top];
    while (start > from && !line_is_blank(lines_at(lines, start - 1)))
        start--;
    g_autofree char *name = line_bare(lines_at(lines, start));
    name[strcspn(name, "|,*")] = '\0';
    if (start < tail->line[tail->count - 1] || !closing_is_name(g_strchomp(name)))
        return none;
    /* "The customer is:" */
    guint above = text_above(lines, from, start, none);
    g_autofree char *intro = above == none ? NULL : line_bare(lines_at(lines, above));
    return !intro || (g_str_has_suffix(intro, ":") && *intro != ':') || g_str_has_suffix(intro, "：") ? none
                                                                                                      : start;
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
        guint above = text_above(lines, from, i, to);
        if (closing != CLOSING_NONE || !take_part(lines, i, &tail))
            break;
        i = above;
    }
    *rule_out = "contact block";
    return tail.count > 0 ? find_block(lines, from, &tail, to) : to;
}
