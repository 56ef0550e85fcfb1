/* signature.c - see signature.h. Works on runs of new lines between quotes. */
#include "signature.h"

#include "wording.h"

#include <string.h>

/* A signature below a loose delimiter ("--" without its space, "____") is short. */
#define LOOSE_LINES  15
#define RULER_LINES  8
#define DEVICE_BYTES 160
#define NAME_BYTES   40
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

/* "-Roman", "— Anna Bauer": a dash and a name. A word in lower case only without a blank ("-roman"); an item
 * of a list has others, or a colon, above. */
static bool
is_dash_name(const struct text_line *line, const struct text_line *above)
{
    static const char *const dashes[] = {"-", "\u2013", "\u2014", "~"};
    g_autofree char *text = line->len <= NAME_BYTES ? g_strndup(line->start, line->len) : NULL;
    const char *name = NULL;
    for (guint i = 0; text && i < G_N_ELEMENTS(dashes) && !name; i++)
        if (g_str_has_prefix(text, dashes[i]))
            name = text + strlen(dashes[i]);
    if (!name || above->len == 0 || strchr("-*:", above->start[0]) || above->start[above->len - 1] == ':')
        return false;
    bool joined = *name != ' ' && !strchr(name, ' ');
    guint words = 0;
    for (const char *p = name; *p; p = utf8_next(p)) {
        gunichar c = g_utf8_get_char(p);
        bool first = p == name || p[-1] == ' ';
        if (!g_unichar_isalpha(c) && c != ' ' && c != '.' && c != '\'')
            return false;
        if (first && c != ' ' && !joined && !g_unichar_isupper(c))
            return false;
        words += first && c != ' ';
    }
    return words >= 1 && words <= 3 &&
           (joined ? g_utf8_strlen(name, -1) >= 3 : *text != '-' || name[0] != ' ');
}

static bool
has_device_name(const char *lower)
{
    for (const char *const *name = wording_device_names; *name; name++)
        if (strstr(lower, *name))
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
        if ((has_device_name(first) || has_device_name(device->start)) &&
            (owned || len <= SHORT_BYTES || strstr(start, "://")))
            return true;
    }
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
            (delimiter == DELIMITER_LOOSE && loose && below <= LOOSE_LINES) ||
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
find_in_run(GArray *lines, guint from, guint to, bool text_above, struct quote_cut *cut)
{
    guint start = find_delimiter(lines, from, to, text_above);
    if (start < to) {
        quote_cut_add_rule(cut, "signature delimiter", start);
        lines_set_role(lines, start, to, ROLE_SIGNATURE);
    }
    for (guint i = start; i > from; i--) {
        if (line_is_blank(lines_at(lines, i - 1)))
            continue;
        if (!is_device_line(lines_at(lines, i - 1))) {
            if (start == to)
                take_dash_name(lines, from, i - 1, cut);
            return;
        }
        quote_cut_add_rule(cut, "device line", i - 1);
        lines_set_role(lines, i - 1, i, ROLE_SIGNATURE);
    }
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

void
signature_find(GArray *lines, struct quote_cut *cut)
{
    bool was = false, text_above = false;
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
    for (guint i = 0; i < lines->len;) {
        guint end = i;
        while (end < lines->len && lines_at(lines, end)->role == ROLE_NEW)
            end++;
        find_in_run(lines, i, end, text_above, cut);
        text_above = text_above || count_text(lines, i, end) > 0;
        i = end + 1;
    }
}
