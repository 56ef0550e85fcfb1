/* notice.c - see notice.h.
 *
 * Paragraphs are weighed from the end upwards by the phrases that they hold. One word is no notice
 * ("confidential"): weights have to sum up, and the uppermost paragraph needs a phrase that only notices
 * have. Words above such a phrase in the same paragraph stay. Bounded by NOTICE_BYTES. */
#include "notice.h"

#include "heads.h"
#include "sentence.h"
#include "wording.h"

#include <string.h>

#define NOTICE_BYTES      8000
#define NOTICE_PARAGRAPHS 12
#define SURE_WEIGHT       3
#define STRONG_WEIGHT     2
#define TITLE_BYTES       80

struct weight {
    guint sum, most; /* of all phrases; the heaviest */
};

static struct weight
weigh(const char *p, const char *end)
{
    struct weight weight = {0, 0};
    g_autofree char *lower = lower_plain(p, end - p);
    /* phrases may be wrapped */
    char *out = lower;
    for (const char *c = lower; *c; c++) {
        bool blank = strchr(" \t\r\n*", *c) != NULL;
        if (!blank)
            *out++ = *c;
        else if (out > lower && out[-1] != ' ')
            *out++ = ' ';
    }
    *out = '\0';
    for (const struct wording_phrase *phrase = wording_notices; phrase->words; phrase++) {
        if (!strstr(lower, phrase->words))
            continue;
        weight.sum += phrase->weight;
        weight.most = MAX(weight.most, phrase->weight);
    }
    return weight;
}

/* The line of a paragraph [from, to) with whose first word the first sentence that weighs begins; `to` if it
 * begins within a line. */
static guint
first_weighty(GArray *lines, guint from, guint to)
{
    const char *text = lines_at(lines, from)->start;
    const char *end = lines_at(lines, to - 1)->start + lines_at(lines, to - 1)->len;
    guint line = from;
    for (const char *p = text, *past; p < end; p = past) {
        while (p < end && g_unichar_isspace(g_utf8_get_char(p)))
            p = utf8_next(p);
        past = p < end ? sentence_end(text, p, end) : end;
        if (past == p || weigh(p, past).sum == 0)
            continue;
        while (line + 1 < to && lines_at(lines, line + 1)->start <= p)
            line++;
        gsize before = (gsize)(p - lines_at(lines, line)->start);
        return strspn(lines_at(lines, line)->start, " \t*_[(") >= before ? line : to;
    }
    return to;
}

static bool
is_title(GArray *lines, guint i)
{
    const struct text_line *line = lines_at(lines, i);
    if (line->len > TITLE_BYTES)
        return false;
    g_autofree char *bare = line_bare(line);
    g_autofree char *lower = lower_plain(bare, -1);
    lower[strcspn(lower, ":")] = '\0';
    if (g_str_has_suffix(lower, "："))
        lower[strlen(lower) - strlen("：")] = '\0';
    for (const char *const *title = wording_notice_titles; *title; title++)
        if (strcmp(lower, *title) == 0)
            return true;
    return false;
}

/* The titles and rulers above a notice that begins at line i. */
static guint
widen_up(GArray *lines, guint from, guint i)
{
    guint start = i;
    while (i > from) {
        i--;
        if (line_is_blank(lines_at(lines, i)))
            continue;
        if (!head_is_ruler(lines_at(lines, i)) && !is_title(lines, i))
            break;
        start = i;
    }
    return start;
}

guint
notice_find(GArray *lines, guint from, guint to)
{
    guint found = to, sum = 0;
    const char *bottom = to > from ? lines_at(lines, to - 1)->start + lines_at(lines, to - 1)->len : NULL;
    for (guint n = 0, end = to; n < NOTICE_PARAGRAPHS; n++) {
        while (end > from &&
               (line_is_blank(lines_at(lines, end - 1)) || head_is_ruler(lines_at(lines, end - 1))))
            end--;
        guint start = end;
        while (start > from && !line_is_blank(lines_at(lines, start - 1)) &&
               !head_is_ruler(lines_at(lines, start - 1)) &&
               bottom - lines_at(lines, start - 1)->start <= NOTICE_BYTES)
            start--;
        if (start == end)
            break;
        const struct text_line *last = lines_at(lines, end - 1);
        struct weight weight = weigh(lines_at(lines, start)->start, last->start + last->len);
        if (weight.sum == 0 && !is_title(lines, start))
            break;
        sum += weight.sum;
        guint first = weight.sum > 0 ? first_weighty(lines, start, end) : start;
        if (sum >= SURE_WEIGHT && weight.most >= STRONG_WEIGHT)
            found = first < end ? first : found;
        if (first > start)
            break;
        end = start;
    }
    return found < to ? widen_up(lines, from, found) : to;
}
