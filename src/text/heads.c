/* heads.c - see heads.h.
 *
 * An attribution is one logical line that mail programs wrap over up to JOIN_LINES lines: it is tried line
 * by line until it ends in a verb of wording.h, a colon, or an address. Each try is bounded, so the
 * whole stays linear. A date or an address is asked for: people write "he wrote:" themselves. */
#include "heads.h"

#include "fields.h"
#include "wording.h"

#include <cardpost/clean.h>
#include <cardpost/text.h>

#include <string.h>

#define JOIN_LINES 5
#define JOIN_BYTES 600
/* A separator is a short line. */
#define SEPARATOR_BYTES 160
/* The longest of wording_openers. */
#define OPENER_CHARS 16
/* On a line that a quote was run into. */
#define RUN_ON_COLONS 8

static bool
is_ruler_char(gunichar c)
{
    return c == '-' || c == '_' || c == '=' || c == '*' || c == '~' || c == '#' || c == ' ' || c == 0xa0 ||
           (c >= 0x2010 && c <= 0x2015) || c == 0x2500 || c == 0x2501 || c == 0x2550 || c == 0xff0d;
}

/* The dashes at both ends off (in place); *dashes_out: at least two at both or three at one. */
static char *
strip_dashes(char *text, bool *dashes_out)
{
    guint before = 0, after = 0;
    char *start = text, *end = text + strlen(text);
    for (; *start && is_ruler_char(g_utf8_get_char(start)); start += g_utf8_skip[(guchar)*start])
        before += *start != ' ';
    while (end > start) {
        char *p = g_utf8_prev_char(end);
        if (!is_ruler_char(g_utf8_get_char(p)))
            break;
        after += *p != ' ';
        end = p;
    }
    *end = '\0';
    *dashes_out = (before >= 2 && after >= 2) || before >= 3 || after >= 3;
    return start;
}

bool
head_is_ruler(const struct text_line *line)
{
    if (line->len < 3 || line->len > 400)
        return false;
    g_autofree char *bare = g_strndup(line->start, line->len);
    bool dashes;
    return *strip_dashes(bare, &dashes) == '\0' && dashes;
}

bool
head_is_framed(const struct text_line *line)
{
    if (line->len < 8 || line->len > SEPARATOR_BYTES)
        return false;
    g_autofree char *bare = line_bare(line);
    return g_str_has_prefix(bare, "---") && g_str_has_suffix(bare, "---");
}

static bool
in_table(const char *const *table, const char *word)
{
    /* asked of every line: the first byte decides nearly always */
    for (; *table; table++)
        if (**table == *word && strcmp(*table, word) == 0)
            return true;
    return false;
}

/* The colon and the blanks at the end off (in place); whether there was a colon. */
static bool
strip_colon(char *text)
{
    bool colon = false;
    for (gsize len = strlen(text); len > 0; len = strlen(text)) {
        if (g_str_has_suffix(text, ":")) {
            text[len - 1] = '\0';
            colon = true;
        } else if (g_str_has_suffix(text, "：")) {
            text[len - strlen("：")] = '\0';
            colon = true;
        } else if (g_str_has_suffix(text, " ")) {
            text[len - 1] = '\0';
        } else if (g_str_has_suffix(text, "\u00a0") || g_str_has_suffix(text, "\u202f")) {
            *g_utf8_prev_char(text + len) = '\0';
        } else {
            break;
        }
    }
    return colon;
}

/* Whether one of the next few lines with text is a header field: a separator without dashes needs it. */
static bool
field_follows(GArray *lines, guint i)
{
    guint next = lines_next_text(lines, i);
    if (next < lines->len && head_is_ruler(lines_at(lines, next)))
        next = lines_next_text(lines, next + 1);
    return next < lines->len && next < i + 6 && field_parse(lines_at(lines, next), NULL) != FIELD_NONE;
}

/* With dashes around, more may stand behind the words: "Forwarded message from Li". */
static bool
is_forward_words(const char *words, bool dashes)
{
    for (const char *const *entry = wording_forwards; *entry; entry++) {
        gsize len = **entry == *words ? strlen(*entry) : 0;
        if (len > 0 && strncmp(words, *entry, len) == 0 &&
            (words[len] == '\0' || (dashes && words[len] == ' ')))
            return true;
    }
    return false;
}

static enum head_kind
separator_at(GArray *lines, guint i)
{
    const struct text_line *line = lines_at(lines, i);
    if (line->len > SEPARATOR_BYTES && !memchr(line->start, '-', MIN(line->len, 8)))
        return HEAD_NONE;
    g_autofree char *bare = line_bare(line);
    bare[clean_cut(bare, strlen(bare), SEPARATOR_BYTES)] = '\0';
    g_autofree char *lower = lower_plain(bare, -1);
    bool dashes;
    char *words = strip_dashes(lower, &dashes);
    bool colon = strip_colon(words);
    bool forward = is_forward_words(words, dashes);
    if (!forward && !in_table(wording_originals, words))
        return HEAD_NONE;
    if (!dashes && !(forward && colon) && !field_follows(lines, i + 1))
        return HEAD_NONE;
    return forward ? HEAD_FORWARD : HEAD_ORIGINAL;
}

/* --- is there a date, an address, a verb? All on lower case text. */

static bool
has_calendar_word(const char *text)
{
    for (const char *p = text; *p;) {
        const char *end = p;
        while (*end && g_unichar_isalpha(g_utf8_get_char(end)))
            end = utf8_next(end);
        if (end > p) {
            g_autofree char *word = g_strndup(p, (gsize)(end - p));
            if (in_table(wording_calendar, word))
                return true;
        }
        p = *end ? utf8_next(end) : end;
    }
    return false;
}

static bool
is_year(const char *digits, gsize count)
{
    return count == 4 && (strncmp(digits, "19", 2) == 0 || strncmp(digits, "20", 2) == 0);
}

static bool
has_year(const char *text)
{
    for (const char *p = text; *p;) {
        gsize count = strspn(p, "0123456789");
        if (is_year(p, count))
            return true;
        p += count > 0 ? count : 1;
    }
    return false;
}

/* What a number and the character behind it say. */
static bool
is_date_number(const char *digits, gsize count)
{
    const char *next = digits + count;
    if (is_year(digits, count))
        return true;
    if (count <= 2 && (*next == ':' || *next == 'h') && g_ascii_isdigit(next[1]))
        return true;
    if (count <= 2 && *next && strchr("./-", *next) && g_ascii_isdigit(next[1]))
        return true;
    return g_str_has_prefix(next, "年") || g_str_has_prefix(next, "月") || g_str_has_prefix(next, "日");
}

static bool
has_date(const char *text)
{
    for (const char *p = text; *p;) {
        gsize count = strspn(p, "0123456789");
        if (count > 0 && is_date_number(p, count))
            return true;
        p += count > 0 ? count : 1;
    }
    return has_calendar_word(text);
}

static bool
has_address(const char *text)
{
    for (const char *at = strchr(text, '@'); at; at = strchr(at + 1, '@'))
        if (at > text && (g_ascii_isalnum(at[-1]) || strchr("_-+.", at[-1])) && g_ascii_isalnum(at[1]))
            return true;
    return false;
}

static bool
is_edge(const char *text, const char *p)
{
    return p == text || !g_unichar_isalpha(g_utf8_get_char(g_utf8_prev_char(p)));
}

static bool
has_verb(const char *text, gsize len, const struct wording_verb *verb, bool colon)
{
    gsize word = strlen(verb->word);
    if (len >= word && memcmp(text + len - word, verb->word, word) == 0)
        return verb->is_joined || is_edge(text, text + len - word);
    if (verb->place == VERB_LAST || !colon)
        return false;
    const char *p = strstr(text, verb->word);
    return p && is_edge(text, p) && !g_unichar_isalpha(g_utf8_get_char(p + word));
}

static const struct wording_verb *
find_verb(const char *text, bool colon)
{
    gsize len = strlen(text);
    for (const struct wording_verb *verb = wording_verbs; len > 0 && verb->word; verb++)
        if (has_verb(text, len, verb, colon))
            return verb;
    return NULL;
}

/* A date at the very beginning: a number, or a week day and a comma or a short one before it. */
static bool
begins_with_date(const char *text)
{
    if (g_ascii_isdigit(*text))
        return true;
    const char *comma = strchr(text, ',');
    g_autofree char *day = comma ? g_strndup(text, (gsize)(comma - text)) : NULL;
    if (day && in_table(wording_calendar, day))
        return true;
    const char *digit = strpbrk(text, "0123456789");
    return digit && g_utf8_strlen(text, digit - text) <= 8 && strcspn(text, ",.") < (gsize)(digit - text);
}

/* "好的在2026年10月7日 20:03，张三 写道：": nothing stands between the words and the head. */
static bool
opens_unspaced_at(const char *text, const char *p)
{
    gunichar c = p > text ? g_utf8_get_char(g_utf8_prev_char(p)) : 0;
    bool above = c == '.' || c == '!' || c == '?' || c == 0x3002 || c == 0xff01 || c == 0xff1f;
    gsize skip = g_str_has_prefix(p, "在") ? strlen("在") : 0;
    const char *year = p + skip + (skip ? strspn(p + skip, " ") : 0);
    if (strspn(year, "0123456789") != 4 || !(g_str_has_prefix(year, "19") || g_str_has_prefix(year, "20")))
        return false;
    const char *colon = strpbrk(year, ":");
    bool timed = colon && g_ascii_isdigit(colon[-1]) && g_ascii_isdigit(colon[1]);
    return timed && (skip > 0 || (above && g_str_has_prefix(year + 4, "年")));
}

static bool
has_opener(const char *text)
{
    if (begins_with_date(text))
        return true;
    for (const char *const *opener = wording_openers; *opener; opener++)
        if (g_str_has_prefix(text, *opener))
            return true;
    /* "张三 于2026年9月21日写道：": the opener stands before the date */
    for (guint i = 0; i < 2; i++) {
        const char *p = strstr(text, i == 0 ? "于" : "於");
        p = p ? p + strlen("于") : NULL;
        if (p && g_ascii_isdigit(p[strspn(p, " ")]))
            return true;
    }
    for (const char *p = text; *p && *p != '@'; p = utf8_next(p))
        if (opens_unspaced_at(text, p))
            return true;
    return false;
}

/* "said" and "sent" are everyday words: nothing less than the full form will do. */
static bool
is_common(const struct wording_verb *verb)
{
    return strcmp(verb->word, "sent") == 0 || strcmp(verb->word, "said") == 0;
}

/* "Sue <sue@sup.example> şunları yazdı (5 Eki 2026 09:31)": the verb stands before the date. */
static const struct wording_verb *
find_verb_before_date(const char *text)
{
    const char *open = g_str_has_suffix(text, ")") ? g_strrstr(text, " (") : NULL;
    if (!open || !has_date(open))
        return NULL;
    g_autofree char *before = g_strchomp(g_strndup(text, (gsize)(open - text)));
    return find_verb(before, false);
}

/* The kind of a whole logical line (changed in the course). */
static enum head_kind
judge(char *joined)
{
    bool dashes;
    char *text = strip_dashes(joined, &dashes);
    bool colon = strip_colon(text);
    const struct wording_verb *verb = find_verb(text, colon);
    if (!verb && colon)
        verb = find_verb_before_date(text);
    bool address = has_address(text), date = has_date(text);
    if (!verb) {
        /* whatever the language; an agenda has such lines as well */
        bool dated = g_str_has_suffix(text, ">") && address && date && begins_with_date(text);
        return colon && dated && has_year(text) ? HEAD_WROTE
               : dated || (colon && address)    ? HEAD_NAME
                                                : HEAD_NONE;
    }
    /* "On Monday Li wrote:" is what people write themselves; programs give the day */
    bool day = date && strpbrk(text, "0123456789");
    if (day && has_opener(text) && (colon || dashes || address))
        return HEAD_WROTE;
    if (is_common(verb))
        return HEAD_NONE;
    if (address && (date || colon))
        return HEAD_WROTE;
    if (dashes && strlen(text) < SEPARATOR_BYTES)
        return HEAD_WROTE;
    return colon && strlen(text) < SEPARATOR_BYTES ? HEAD_NAME : HEAD_NONE;
}

/* Whether a sentence ends here, so that the next line is another one. "Aug." and "Di." do not end one.
 * Not lower case. */
static bool
ends_sentence(const char *text)
{
    gsize len = strlen(text);
    if (g_str_has_suffix(text, "。") || g_str_has_suffix(text, "！") || g_str_has_suffix(text, "？"))
        return true;
    if (len == 0 || !strchr(".!?", text[len - 1]))
        return false;
    gsize word = 0;
    while (word + 1 < len && g_ascii_isalnum(text[len - 2 - word]))
        word++;
    bool short_form = word > 0 && word <= 4 && !g_ascii_islower(text[len - 1 - word]);
    return text[len - 1] != '.' || !short_form;
}

/* Whether a logical line could end here: only then is it worth judging. */
static bool
may_end(const char *text)
{
    gsize len = strlen(text);
    return len > 0 &&
           (strchr(":>-", text[len - 1]) || g_str_has_suffix(text, "：") || g_str_has_suffix(text, "wrote"));
}

/* Whether one of the lines (first, last] opens a line "On <date> …" itself: what stands above is prose. */
static bool
begins_later(GArray *lines, guint first, guint last)
{
    for (guint i = first + 1; i <= last; i++) {
        g_autofree char *bare = line_bare(lines_at(lines, i));
        g_autofree char *lower = lower_plain(bare, -1);
        if (!begins_with_date(lower) && has_opener(lower) && has_date(lower))
            return true;
    }
    return false;
}

/* Whether a date stands right behind an opener: a number, a week day or a month. */
static bool
is_date_word(const char *word)
{
    gsize len = 0;
    while (word[len] && g_unichar_isalpha(g_utf8_get_char(word + len)))
        len += (gsize)(utf8_next(word + len) - (word + len));
    g_autofree char *lower = g_utf8_strdown(word, (gssize)len);
    /* "lun. 5", "ma 5": week days are short in every language */
    const char *behind = word + len + strspn(word + len, "., ");
    bool short_day = len > 0 && g_utf8_strlen(word, (gssize)len) <= 5 && g_ascii_isdigit(*behind);
    return g_ascii_isdigit(*word) || short_day || (len > 0 && in_table(wording_calendar, lower));
}

/* What tells "On <date>" from prose in the middle of a line: a capital, a date right behind. */
static bool
opens_at(const char *p)
{
    /* "Bob 于 2026年": the name stands before these */
    if (g_unichar_islower(g_utf8_get_char(p)) || g_str_has_prefix(p, "于") || g_str_has_prefix(p, "於"))
        return false;
    gsize len = 0;
    for (guint chars = 0; p[len] && chars < OPENER_CHARS; chars++)
        len += (gsize)(utf8_next(p + len) - (p + len));
    g_autofree char *lower = g_utf8_strdown(p, (gssize)len);
    for (const char *const *opener = wording_openers; *opener; opener++) {
        /* the lower case of these words is as long as the capitals */
        const char *word = p + strlen(*opener);
        if (g_str_has_prefix(lower, *opener) && is_date_word(word + strspn(word, " ")))
            return true;
    }
    return false;
}

gsize
head_glued_at(const struct text_line *line)
{
    if (line->len > JOIN_BYTES || line_quote_depth(line, NULL) > 0)
        return 0;
    g_autofree char *text = g_strndup(line->start, line->len);
    for (const char *p = text; *p && *p != '@'; p = utf8_next(p)) {
        bool edge =
            p > text && (strchr(" -", p[-1]) || !g_unichar_isalnum(g_utf8_get_char(g_utf8_prev_char(p))));
        bool opens = (edge && opens_at(p)) || (p > text && opens_unspaced_at(text, p));
        g_autofree char *above = opens ? g_utf8_strdown(text, p - text) : NULL;
        if (!above || find_verb(g_strstrip(above), true) || has_date(above))
            continue;
        /* dashes between the two belong to the head; nothing but dashes: nothing is glued */
        gsize end = (gsize)(p - text);
        while (end > 0 && strchr(" -", text[end - 1]))
            end--;
        return end;
    }
    return 0;
}

/* "> wrote:" on a line of its own, below an address that looked like the end. */
static bool
is_verb_alone(GArray *lines, guint i)
{
    if (i >= lines->len || lines_at(lines, i)->len > 60)
        return false;
    g_autofree char *bare = line_bare(lines_at(lines, i));
    g_autofree char *lower = lower_plain(bare, -1);
    if (!strip_colon(lower))
        return false;
    const struct wording_verb *verb = find_verb(lower, true);
    return verb && strcmp(verb->word, lower) == 0;
}

/* "On 10/07/2026 at 9:31 AM, Su wrote:Dear all", "… wrote: > Dear all": a program ran the quote into its
 * head. People leave a blank behind their colon. */
static bool
holds_quote(const char *lower)
{
    guint colons = 0;
    for (const char *p = strchr(lower, ':'); p && p - lower < JOIN_BYTES && colons < RUN_ON_COLONS;
         p = strchr(p + 1, ':'), colons++) {
        bool runs_on = p[1] != '\0' && !strchr(" \t/", p[1]) && !g_ascii_isdigit(p[1]);
        bool spaced = g_str_has_prefix(p + 1, " >");
        g_autofree char *head = g_strchomp(g_strndup(lower, (gsize)(p - lower)));
        const struct wording_verb *verb = find_verb(head, false);
        bool timed = verb && has_date(head) && strpbrk(head, "0123456789") && strchr(head, ':');
        bool opened = timed && has_opener(head), named = timed && has_address(head);
        if ((runs_on || spaced) ? opened || named : opened && named)
            return true;
    }
    return false;
}

static enum head_kind
attribution_at(GArray *lines, guint i, guint *end_out)
{
    g_autoptr(GString) joined = g_string_new(NULL);
    guint blanks = 0;
    for (guint n = i; n < lines->len && n < i + JOIN_LINES; n++) {
        if (line_is_blank(lines_at(lines, n))) {
            /* a few programs wrap with an empty line before the address */
            const char *next = n + 1 < lines->len ? lines_at(lines, n + 1)->start : "";
            if (++blanks > 1 || *next != '<' || !has_date(joined->str))
                return HEAD_NONE;
            continue;
        }
        g_autofree char *bare = line_bare(lines_at(lines, n));
        if (joined->len + strlen(bare) > JOIN_BYTES)
            return HEAD_NONE;
        if (joined->len > 0)
            g_string_append_c(joined, ' ');
        g_autofree char *lower = lower_plain(bare, -1);
        g_string_append(joined, lower);
        if (may_end(lower)) {
            g_autofree char *copy = g_strdup(joined->str);
            enum head_kind kind = judge(copy);
            bool whole = kind == HEAD_WROTE || n == i || has_address(joined->str);
            if (kind != HEAD_NONE && whole && !begins_later(lines, i, n)) {
                bool verb_below = is_verb_alone(lines, n + 1);
                *end_out = n + 1 + verb_below;
                return verb_below ? HEAD_WROTE : kind;
            }
        }
        if (n == i && holds_quote(lower)) {
            *end_out = n + 1;
            return HEAD_WROTE;
        }
        if (ends_sentence(bare) || (n == i && !has_date(lower) && !has_address(lower)))
            return HEAD_NONE;
    }
    return HEAD_NONE;
}

/* Ours, and what other systems write: "##- Please type your reply above this line -##". */
static bool
is_reply_line(const struct text_line *line)
{
    if (line->len > SEPARATOR_BYTES)
        return false;
    g_autofree char *bare = line_bare(line);
    g_autofree char *lower = lower_plain(bare, -1);
    bool dashes;
    const char *words = strip_dashes(lower, &dashes);
    for (const char *const *asked = wording_reply_lines; dashes && *asked; asked++)
        if (strstr(words, *asked))
            return true;
    return false;
}

enum head_kind
head_at(GArray *lines, guint i, guint *end_out)
{
    *end_out = i + 1;
    if (is_reply_line(lines_at(lines, i)))
        return HEAD_REPLY_LINE;
    enum head_kind kind = separator_at(lines, i);
    if (kind != HEAD_NONE)
        return kind;
    g_auto(field_block_t) block = {0};
    if (field_block_at(lines, i, false, &block)) {
        *end_out = block.end;
        return HEAD_FIELDS;
    }
    return attribution_at(lines, i, end_out);
}

const char *
head_name(enum head_kind kind)
{
    switch (kind) {
    case HEAD_NONE:
        return "none";
    case HEAD_REPLY_LINE:
        return "reply line";
    case HEAD_WROTE:
    case HEAD_NAME:
        return "quote head";
    case HEAD_ORIGINAL:
        return "original message line";
    case HEAD_FORWARD:
        return "forwarded message line";
    case HEAD_FIELDS:
        return "header block";
    }
    return "none";
}
