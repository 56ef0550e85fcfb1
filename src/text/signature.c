/* signature.c - see signature.h. Works on runs of new lines between quotes. */
#include "signature.h"

#include "closing.h"
#include "contact.h"
#include "notice.h"
#include "wording.h"

#include <string.h>

/* A signature below a loose delimiter ("--" without its space, "____") is short. */
#define LOOSE_LINES  15
#define CARD_LINES   12
#define RULER_LINES  8
#define DEVICE_BYTES 160
#define NAME_BYTES   40
/* In an answer passage by passage there may be thousands. */
#define FIRST_RUNS 4
/* "Sent by …" is prose as well: only believed in a short line. */
#define SHORT_BYTES 70

enum delimiter { DELIMITER_NONE, DELIMITER_STRICT, DELIMITER_LOOSE, DELIMITER_RULER };

static enum delimiter
delimiter_of(const struct text_line *line)
{
    gsize len = line->len;
    if (len == 3 && memcmp(line->start, "-- ", 3) == 0)
        return DELIMITER_STRICT;
    while (len > 0 && strchr(" \t\r", line->start[len - 1]))
        len--;
    if ((len == 2 && memcmp(line->start, "--", 2) == 0) || (len == 3 && memcmp(line->start, "—", 3) == 0))
        return DELIMITER_LOOSE;
    gsize bars = 0;
    while (bars < len && line->start[bars] == '_')
        bars++;
    return len >= 2 && bars == len ? DELIMITER_RULER : DELIMITER_NONE;
}

static guint
count_text(GArray *lines, guint from, guint to)
{
    guint count = 0;
    for (guint i = from; i < to; i++)
        count += !line_is_blank(lines_at(lines, i));
    return count;
}

static bool
is_no_name(const char *text)
{
    g_autofree char *lower = lower_plain(text, -1);
    lower[strcspn(lower, " .")] = '\0';
    for (const char *const *word = wording_no_names; *word; word++)
        if (strcmp(*word, lower) == 0)
            return true;
    return false;
}

/* One word in lower case, of letters only: "roman". */
static bool
is_small_name(const char *text)
{
    for (const char *p = text; *p; p = utf8_next(p))
        if (!g_unichar_islower(g_utf8_get_char(p)))
            return false;
    return g_utf8_strlen(text, -1) >= 3;
}

/* "-Roman", "— Anna Bauer": dashes and a name, and below the end of a sentence "-roman". An item of a list
 * has a blank behind its dash, or others, or a colon, above. */
static bool
is_dash_name(const struct text_line *line, const struct text_line *above)
{
    static const char *const dashes[] = {"-", "\u2013", "\u2014", "~"};
    g_autofree char *text = line->len <= NAME_BYTES ? g_strndup(line->start, line->len) : NULL;
    const char *name = text;
    for (guint i = 0; name && i < G_N_ELEMENTS(dashes); i++)
        while (g_str_has_prefix(name, dashes[i]))
            name += strlen(dashes[i]);
    if (name == text || above->len == 0 || strchr("-*:", above->start[0]) ||
        above->start[above->len - 1] == ':')
        return false;
    bool hyphen = *text == '-', blank = *name == ' ';
    const char *word = name + blank;
    if ((hyphen && (blank || g_unichar_iswide(g_utf8_get_char(word)))) || is_no_name(word))
        return false;
    if (contact_is_name(word))
        return !hyphen || g_utf8_strlen(word, -1) >= 3;
    bool ended = strchr(".!?", above->start[above->len - 1]) != NULL;
    return ended && name == text + 1 && !blank && is_small_name(word);
}

static bool
has_device_name(const char *lower)
{
    for (const char *const *name = wording_device_names; *name; name++)
        if (strstr(lower, *name))
            return true;
    return false;
}

static bool
is_no_device(const char *words)
{
    static const char *const means[] = {"mail", "email", "e-mail", "e mail", "phone", "post", "courier"};
    for (guint i = 0; i < G_N_ELEMENTS(means); i++)
        if (strcmp(words, means[i]) == 0)
            return true;
    return false;
}

/* The device stands in the first words: "Sent from my desk, which is easier than my phone" is prose. */
static void
cut_words(char *text, guint words)
{
    for (char *p = text; *p; p++)
        if (*p == ' ' && words-- == 1) {
            *p = '\0';
            return;
        }
}

static bool
is_device_line(const struct text_line *line)
{
    if (line->len > DEVICE_BYTES)
        return false;
    if (line->len == 3 && memcmp(line->start, "ᐧ", 3) == 0)
        return true;
    g_autofree char *bare = line_bare(line);
    g_autofree char *lower = g_utf8_strdown(bare, -1);
    /* "Get [Outlook for Android](https://…)" */
    char *link = strstr(lower, "](");
    char *open = link ? memchr(lower, '[', (gsize)(link - lower)) : NULL;
    if (open) {
        *link = ' ';
        memmove(open, open + 1, strlen(open));
    }
    char *start = lower + strspn(lower, "(<[_ ");
    gsize len = strlen(start);
    while (len > 0 && strchr(")>]_. !", start[len - 1]))
        len--;
    start[len] = '\0';
    for (const struct wording_device *device = wording_devices; device->start; device++) {
        if (!g_str_has_prefix(start, device->start) || !g_str_has_suffix(start, device->end))
            continue;
        /* three words of a table are no accident in prose */
        const char *space = strchr(device->start, ' ');
        bool owned = space && (space = strchr(space + 1, ' '));
        g_autofree char *first = g_strdup(start + strlen(device->start));
        cut_words(first, 4);
        /* "Sent by mail" is an answer */
        if (is_no_device(first))
            continue;
        if ((has_device_name(first) || has_device_name(device->start)) &&
            (owned || len <= SHORT_BYTES || strstr(start, "://")))
            return true;
    }
    return false;
}

/* Whether the "--" at line i is one of several with text between them: they divide. */
static bool
is_divider(GArray *lines, guint from, guint i, guint to)
{
    for (guint n = i > from + LOOSE_LINES ? i - LOOSE_LINES : from; n < MIN(to, i + LOOSE_LINES); n++)
        if (delimiter_of(lines_at(lines, n)) == DELIMITER_LOOSE &&
            count_text(lines, MIN(n, i) + 1, MAX(n, i)) > 0)
            return true;
    return false;
}

/* Where the signature of the new lines [from, to) begins below a delimiter; to if there is none. */
static guint
find_delimiter(GArray *lines, guint from, guint to, bool text_above)
{
    for (guint i = from; i < to; i++) {
        enum delimiter delimiter = delimiter_of(lines_at(lines, i));
        guint below = delimiter == DELIMITER_NONE ? 0 : count_text(lines, i + 1, MIN(to, i + 200));
        bool loose = text_above && below > 0;
        if (delimiter == DELIMITER_STRICT ||
            (delimiter == DELIMITER_LOOSE && loose && below <= LOOSE_LINES &&
             !is_divider(lines, from, i, to)) ||
            (delimiter == DELIMITER_RULER && loose && below <= RULER_LINES))
            return i;
        text_above = text_above || !line_is_blank(lines_at(lines, i));
    }
    return to;
}

static void
take_dash_name(GArray *lines, guint from, guint i, struct quote_cut *cut)
{
    guint above = i;
    while (above > from && line_is_blank(lines_at(lines, above - 1)))
        above--;
    if (above == from || !is_dash_name(lines_at(lines, i), lines_at(lines, above - 1)))
        return;
    quote_cut_add_rule(cut, "name behind a dash", i);
    lines_at(lines, i)->role = ROLE_SIGNATURE;
}

static void
take(GArray *lines, guint from, guint to, const char *rule, struct quote_cut *cut)
{
    quote_cut_add_rule(cut, rule, from);
    lines_set_role(lines, from, to, ROLE_SIGNATURE);
}

struct run {
    guint from, to;
    guint least;     /* a notice that begins here or above would be the whole mail */
    bool text_above; /* new text stands above it */
    bool is_closer;  /* looked at more closely: the first runs of a mail, and the last */
    bool ends_mail;  /* no quote stands below */
};

/* NetEase's Mail Master, a table as bars: "| |", a name, "|", …, "签名由网易邮箱大师定制". Where the card
 * that ends with line i begins; i + 1 if none does. */
static guint
find_bar_card(GArray *lines, guint from, guint i)
{
    g_autofree char *bare = line_bare(lines_at(lines, i));
    g_autofree char *lower = g_utf8_strdown(bare, -1);
    const char *const *end = wording_card_ends;
    while (*end && strcmp(lower, *end) != 0)
        end++;
    if (!*end)
        return i + 1;
    guint start = i;
    while (start > from && i - start < CARD_LINES && !line_is_blank(lines_at(lines, start - 1)))
        start--;
    while (start < i && lines_at(lines, start)->start[0] != '|')
        start++;
    return start;
}

/* Device lines and notices off the end of the run's lines above `to`; returns the new end, below a line with
 * text. */
static guint
take_last(GArray *lines, const struct run *run, guint to, struct quote_cut *cut)
{
    while (to > run->from) {
        guint start = to;
        if (line_is_blank(lines_at(lines, to - 1)))
            start = to - 1;
        else if ((start = find_bar_card(lines, run->from, to - 1)) < to)
            take(lines, start, to, "signature card", cut);
        else if (is_device_line(lines_at(lines, to - 1)))
            take(lines, start = to - 1, to, "device line", cut);
        else if (run->is_closer && (start = notice_find(lines, run->from, to)) < to && start >= run->least)
            take(lines, start, to, "notice below the text", cut);
        else
            return to;
        to = start;
    }
    return to;
}

static void
find_in_run(GArray *lines, const struct run *run, struct quote_cut *cut)
{
    guint from = run->from, start = find_delimiter(lines, from, run->to, run->text_above);
    if (start < run->to)
        take(lines, start, run->to, "signature delimiter", cut);
    guint end = take_last(lines, run, start, cut);
    if (end == from || start < run->to)
        return;
    const char *rule;
    guint closing = run->is_closer ? closing_find(lines, from, end, run->ends_mail, &rule) : end;
    if (closing < end)
        take(lines, closing, end, rule, cut);
    else
        take_dash_name(lines, from, end - 1, cut);
}

/* Some programs put the "--" above their container. */
static void
take_delimiter_above(GArray *lines, guint i)
{
    while (i > 0 && line_is_blank(lines_at(lines, i - 1)))
        i--;
    if (i > 0 && lines_at(lines, i - 1)->role == ROLE_NEW &&
        delimiter_of(lines_at(lines, i - 1)) != DELIMITER_NONE)
        lines_at(lines, i - 1)->role = ROLE_SIGNATURE;
}

static bool
is_quoted(const struct text_line *line)
{
    return !line_is_blank(line) && (line->role == ROLE_QUOTED || line->role == ROLE_HEAD);
}

static void
take_containers(GArray *lines, struct quote_cut *cut)
{
    bool was = false;
    for (guint i = 0; i < lines->len; i++) {
        struct text_line *line = lines_at(lines, i);
        bool is = line->role == ROLE_NEW && (line->marks & MARK_SIGNATURE);
        if (is && !was)
            quote_cut_add_rule(cut, "signature container of the HTML", i);
        if (is)
            line->role = ROLE_SIGNATURE;
        if (is && !was)
            take_delimiter_above(lines, i);
        was = is;
    }
}

void
signature_find(GArray *lines, struct quote_cut *cut)
{
    take_containers(lines, cut);
    guint last = lines->len, quoted = lines->len, runs = 0;
    while (last > 0 && lines_at(lines, last - 1)->role != ROLE_NEW)
        last--;
    while (quoted > 0 && !is_quoted(lines_at(lines, quoted - 1)))
        quoted--;
    guint first = lines_next_text(lines, 0);
    bool text_above = false;
    for (guint i = 0; i < lines->len;) {
        struct run run = {.from = i, .to = i, .text_above = text_above};
        while (run.to < lines->len && lines_at(lines, run.to)->role == ROLE_NEW)
            run.to++;
        runs += run.to > i;
        run.is_closer = runs <= FIRST_RUNS || run.to == last;
        run.ends_mail = run.to >= quoted;
        run.least = lines_next_text(lines, run.to) < lines->len ? 0 : first + 1;
        find_in_run(lines, &run, cut);
        text_above = text_above || count_text(lines, i, run.to) > 0;
        i = run.to + 1;
    }
}
