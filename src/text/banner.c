/* banner.c - see banner.h.
 *
 * A banner is read sentence by sentence from the top of the mail: it ends at the first that says nothing of a
 * banner, even in the middle of a line, so that the writer's words stay. It has to say where the mail came
 * from, and to begin with an alarm or to advise something: people say the one, not both. */
#include "banner.h"

#include "sentence.h"
#include "wording.h"

#include <string.h>

#define BANNER_LINES 12
#define BANNER_BYTES 2000
#define TAG_BYTES    200

struct banner {
    const char *text, *end; /* what is looked at */
    const char *past;       /* behind what is known to be banner; NULL: none */
    bool tag, origin, advice, alarm;
};

static bool
is_sure(const struct banner *banner)
{
    return banner->tag || (banner->origin && (banner->advice || banner->alarm));
}

/* The lines at the top that may hold a banner, without quotes. */
static bool
find_top(GArray *lines, struct banner *banner)
{
    guint i = lines_next_text(lines, 0), stop = i;
    for (guint n = 0; n < BANNER_LINES && stop < lines->len; n++, stop = lines_next_text(lines, stop + 1)) {
        const struct text_line *line = lines_at(lines, stop);
        bool quote = line->role != ROLE_NEW || line_quote_depth(line, NULL) > 0 ||
                     (line->marks & (MARK_QUOTE | MARK_SOFT | MARK_CUT | MARK_SIGNATURE));
        if (quote || line->start + line->len - lines_at(lines, i)->start > BANNER_BYTES)
            break;
        banner->end = line->start + line->len;
    }
    if (!banner->end)
        return false;
    banner->text = lines_at(lines, i)->start;
    return true;
}

/* Lower case, white space as one blank, without what frames it. */
static char *
normal_words(const char *p, const char *end)
{
    g_autofree char *lower = lower_plain(p, end - p);
    GString *out = g_string_new(NULL);
    for (const char *c = lower; *c; c = utf8_next(c)) {
        gunichar u = g_utf8_get_char(c);
        bool blank = g_unichar_isspace(u) || u == 0x200b || u == '*' || u == '|' || u == '_';
        if (!blank)
            g_string_append_unichar(out, u);
        else if (out->len > 0 && out->str[out->len - 1] != ' ')
            g_string_append_c(out, ' ');
    }
    static const char frames[] = "[]()<>#=-~!.: \"";
    while (out->len > 0 && strchr(frames, out->str[out->len - 1]))
        g_string_truncate(out, out->len - 1);
    g_string_erase(out, 0, (gssize)strspn(out->str, frames));
    return g_string_free(out, FALSE);
}

static bool
holds_one(const char *const *table, const char *words)
{
    for (; *table; table++)
        if (strstr(words, *table))
            return true;
    return false;
}

static bool
is_one(const char *const *table, const char *words)
{
    for (; *table; table++)
        if (strcmp(words, *table) == 0)
            return true;
    return false;
}

/* "CAUTION: …", "【注意】…": the word stands by itself. */
static bool
begins_with_alarm(const char *words)
{
    static const char *const behind[] = {":", "：", "!", "！", " -", " –", "]", "】", ",", "，"};
    if (g_str_has_prefix(words, "【"))
        words += strlen("【");
    for (const char *const *alarm = wording_outside_alarms; *alarm; alarm++) {
        gsize len = strlen(*alarm);
        if (strncmp(words, *alarm, len) != 0)
            continue;
        for (guint i = 0; i < G_N_ELEMENTS(behind); i++)
            if (words[len] == '\0' || g_str_has_prefix(words + len, behind[i]))
                return true;
        if (g_str_has_prefix(words + len, " email") || g_str_has_prefix(words + len, " e-mail"))
            return true;
    }
    return false;
}

/* Behind "[EXTERNAL]" or "[This email originated from outside Acme]" at p, or NULL. */
static const char *
skip_tag(const char *p, const char *end)
{
    static const char *const pairs[][2] = {{"[", "]"}, {"【", "】"}, {"［", "］"}, {"<", ">"}, {"(", ")"}};
    for (guint i = 0; i < G_N_ELEMENTS(pairs); i++) {
        if ((gsize)(end - p) < strlen(pairs[i][0]) || strncmp(p, pairs[i][0], strlen(pairs[i][0])) != 0)
            continue;
        const char *start = p + strlen(pairs[i][0]);
        const char *close = g_strstr_len(start, MIN(end - start, TAG_BYTES), pairs[i][1]);
        g_autofree char *words = close ? normal_words(start, close) : NULL;
        if (words && (is_one(wording_outside_tags, words) || holds_one(wording_outside_origins, words)))
            return close + strlen(pairs[i][1]);
    }
    return NULL;
}

/* "EXTERNAL EMAIL" on a line of its own. */
static bool
is_shouted_tag(const char *p, const char *end, const char *words)
{
    for (; p < end; p = utf8_next(p))
        if (g_unichar_islower(g_utf8_get_char(p)))
            return false;
    return is_one(wording_outside_tags, words);
}

/* Takes the sentence [p, end); false if it is none of a banner's. `apart`: an empty line stands above it;
 * `below`: it begins a line. */
static bool
take_sentence(struct banner *banner, const char *p, const char *end, bool apart)
{
    g_autofree char *words = normal_words(p, end);
    if (*words == '\0')
        return banner->past != NULL;
    bool origin = holds_one(wording_outside_origins, words), alarm = begins_with_alarm(words),
         advice = holds_one(wording_outside_advice, words);
    bool tag = is_shouted_tag(p, end, words);
    /* a sure banner is over at an empty line: advice below it is the writer's */
    if (apart && is_sure(banner) && !origin && !tag)
        return false;
    if (!origin && !alarm && !advice && !tag)
        return false;
    banner->origin |= origin;
    banner->alarm |= alarm;
    banner->advice |= advice;
    banner->tag |= tag;
    return true;
}

static void
read_banner(struct banner *banner)
{
    const char *p = banner->text;
    for (;;) {
        guint newlines = 0;
        for (; p < banner->end && g_unichar_isspace(g_utf8_get_char(p)); p = utf8_next(p))
            newlines += *p == '\n';
        if (p >= banner->end)
            return;
        const char *past = skip_tag(p, banner->end);
        if (past) {
            banner->tag = true;
        } else {
            past = sentence_end(banner->text, p, banner->end);
            if (past == p || !take_sentence(banner, p, past, newlines > 1))
                return;
        }
        banner->past = p = past;
    }
}

void
banner_find(GArray *lines, struct quote_cut *cut)
{
    struct banner banner = {.past = NULL};
    if (!find_top(lines, &banner))
        return;
    read_banner(&banner);
    if (!banner.past || !is_sure(&banner))
        return;
    guint i = lines_next_text(lines, 0);
    quote_cut_add_rule(cut, "banner of a mail gateway", i);
    for (; i < lines->len && lines_at(lines, i)->start < banner.past; i++) {
        struct text_line *line = lines_at(lines, i);
        gsize at = (gsize)(banner.past - line->start);
        at += at < line->len ? strspn(banner.past, " \t") : 0;
        if (at < line->len)
            lines_cut(lines, i, at);
        lines_at(lines, i)->role = ROLE_SIGNATURE;
    }
}
