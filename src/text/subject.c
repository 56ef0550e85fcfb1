/* subject.c - reply and forward prefixes of subjects. The single words lie in wording.c. */
#include "lines.h"
#include "wording.h"

#include <cardpost/text.h>

#include <string.h>

/* The longest prefix with its counter: "إعادة توجيه[12]:". */
#define PREFIX_BYTES 48
#define GROUP_BYTES  200
#define GROUPS_MAX   8

static const char *
skip_space(const char *p)
{
    for (;;) {
        if (*p == ' ' || *p == '\t')
            p++;
        else if (g_str_has_prefix(p, "\u00a0") || g_str_has_prefix(p, "\u3000"))
            p = utf8_next(p);
        else
            return p;
    }
}

/* The prefix without its counter and the blanks before it: "[2]", "(2)", "^2", "2". */
static gsize
word_length(const char *text, gsize len)
{
    gsize end = len;
    while (end > 0 && text[end - 1] == ' ')
        end--;
    if (end >= 2 && memcmp(text + end - 2, "\u00a0", 2) == 0)
        end -= 2;
    gsize digits = end > 0 && strchr("])", text[end - 1]) ? end - 1 : end;
    gsize start = digits;
    while (start > 0 && g_ascii_isdigit(text[start - 1]))
        start--;
    if (start == digits)
        return end;
    if (start > 0 && strchr("[(^", text[start - 1]))
        start--;
    while (start > 0 && text[start - 1] == ' ')
        start--;
    return start;
}

/* Behind one prefix, or NULL if there is none. */
static const char *
skip_prefix(const char *subject, bool *forward_out)
{
    const char *colon = subject;
    gsize len = 0, width = 0;
    for (; *colon && len < PREFIX_BYTES; colon = utf8_next(colon), len = (gsize)(colon - subject)) {
        width = *colon == ':' ? 1 : g_str_has_prefix(colon, "：") ? strlen("：") : 0;
        if (width > 0)
            break;
    }
    if (width == 0)
        return NULL;
    g_autofree char *word = g_utf8_strdown(subject, (gssize)word_length(subject, len));
    for (const struct wording_prefix *prefix = wording_prefixes; prefix->word; prefix++) {
        if (strcmp(prefix->word, word) != 0)
            continue;
        *forward_out |= prefix->is_forward;
        return colon + width;
    }
    return NULL;
}

const char *
text_bare_subject(const char *subject, bool *forwarded_out)
{
    bool forwarded = false;
    subject = skip_space(subject);
    for (const char *next; (next = skip_prefix(subject, &forwarded));)
        subject = skip_space(next);
    if (forwarded_out)
        *forwarded_out = forwarded;
    return subject;
}

/* Behind the group in brackets at p, or NULL. */
static const char *
skip_group(const char *p)
{
    static const char *const pairs[][2] = {{"[", "]"}, {"【", "】"}, {"［", "］"}};
    for (guint i = 0; i < G_N_ELEMENTS(pairs); i++) {
        const char *close =
            g_str_has_prefix(p, pairs[i][0]) ? g_strstr_len(p, GROUP_BYTES, pairs[i][1]) : NULL;
        if (close)
            return close + strlen(pairs[i][1]);
    }
    return NULL;
}

const char *
text_inner_subject(const char *subject, bool *forwarded_out)
{
    bool forwarded;
    const char *inner = text_bare_subject(subject, &forwarded), *p = inner;
    for (guint groups = 0; groups < GROUPS_MAX && (p = skip_group(p)); groups++) {
        bool again;
        p = skip_space(p);
        const char *bare = text_bare_subject(p, &again);
        forwarded |= again;
        inner = bare > p ? bare : inner;
        p = bare;
    }
    if (forwarded_out)
        *forwarded_out = forwarded;
    return inner;
}
