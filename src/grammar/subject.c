/* subject.c - bracket groups and card tags of a subject. Does not know which boards there are: `[EXTERNAL]`
 * and `[PATCH 1/2]` are groups like any other until the caller has looked them up.
 *
 * Card tags are taken out first, wherever they stand ("[EXTERNAL] Re: [tasks-128] x"); then what leads the
 * rest in brackets are groups. Brackets do not nest. */
#include <cardpost/grammar.h>

#include <cardpost/clean.h>

#include "fold.h"
#include "people.h"

#include <string.h>

/* A longer one is text, and so is what follows so many. */
#define GROUP_BYTES 200
#define GROUPS_MAX  20
/* 18 digits always fit. */
#define CARD_DIGITS 18

static const char *const openers[] = {"[", "［", "【"};
static const char *const closers[] = {"]", "］", "】"};

struct span {
    const char *text; /* inside the brackets */
    gsize len;
    const char *end; /* behind the closing one */
};

static bool
begins_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Whether a group in brackets begins at `at`; `[` and `［` may close each other. */
static bool
match_group(const char *at, struct span *span_out)
{
    guint kind = 0;
    while (kind < G_N_ELEMENTS(openers) && !begins_with(at, openers[kind]))
        kind++;
    if (kind == G_N_ELEMENTS(openers))
        return false;
    const char *text = at + strlen(openers[kind]);
    for (const char *p = text; *p && p - text <= GROUP_BYTES; p++)
        for (guint i = 0; i < G_N_ELEMENTS(openers); i++) {
            if (begins_with(p, openers[i]))
                return false;
            if ((i == 2) == (kind == 2) && begins_with(p, closers[i])) {
                *span_out =
                    (struct span){.text = text, .len = (gsize)(p - text), .end = p + strlen(closers[i])};
                return true;
            }
        }
    return false;
}

/* The card of `NAME-n`, or 0. */
static int64_t
card_number(const struct span *span, const char *folded_name)
{
    g_autofree char *folded = clean_fold(span->text, (gssize)span->len);
    char *tag = g_strstrip(folded);
    gsize len = strlen(folded_name);
    if (len == 0 || strncmp(tag, folded_name, len) != 0 || tag[len] != '-')
        return 0;
    const char *digits = tag + len + 1;
    gsize n = strspn(digits, "0123456789");
    if (n == 0 || n > CARD_DIGITS || digits[n] != '\0' || digits[0] == '0')
        return 0;
    return (int64_t)g_ascii_strtoull(digits, NULL, 10);
}

/* The subject without card tags; the first one's number goes to *card_out. g_free. */
static char *
cut_card_tags(const char *subject, const char *name, int64_t *card_out)
{
    g_autofree char *folded_name = clean_fold(name, -1);
    GString *rest = g_string_new(NULL);
    const char *kept = subject;
    *card_out = 0;
    for (const char *at = subject; *at;) {
        struct span span;
        int64_t card = match_group(at, &span) ? card_number(&span, folded_name) : 0;
        if (card == 0) {
            at++;
            continue;
        }
        if (*card_out == 0)
            *card_out = card;
        fold_append(rest, kept, (gsize)(at - kept));
        at = kept = span.end;
    }
    fold_append(rest, kept, strlen(kept));
    return g_string_free(rest, FALSE);
}

static void
group_free(gpointer data)
{
    struct grammar_group *group = data;
    g_free(group->text);
    g_free(group->board);
    g_free(group->column);
    g_free(group);
}

/* `board` or `board/column`; an empty column is none. */
static struct grammar_group *
group_new(const char *at, const struct span *span)
{
    struct grammar_group *group = g_new0(struct grammar_group, 1);
    group->text = g_strndup(at, (gsize)(span->end - at));
    g_autofree char *inner = g_strndup(span->text, span->len);
    char *slash = strchr(inner, '/');
    char *wide = strstr(inner, "／");
    char *cut = slash && wide ? MIN(slash, wide) : slash ? slash : wide;
    if (cut) {
        g_autofree char *column = g_strstrip(g_strdup(cut + (cut == wide ? strlen("／") : 1)));
        group->column = *column ? g_steal_pointer(&column) : NULL;
        *cut = '\0';
    }
    group->board = g_strdup(g_strstrip(inner));
    return group;
}

/* Takes the leading groups; returns where the title begins. */
static const char *
take_groups(const char *at, GPtrArray *groups)
{
    struct span span;
    at += strspn(at, " ");
    while (groups->len < GROUPS_MAX && match_group(at, &span)) {
        g_ptr_array_add(groups, group_new(at, &span));
        at = span.end + strspn(span.end, " ");
    }
    return at;
}

void
grammar_subject(const char *subject, const char *name, struct grammar_subject *subject_out)
{
    *subject_out = (struct grammar_subject){.groups = g_ptr_array_new_with_free_func(group_free),
                                            .people = g_ptr_array_new_with_free_func(g_free)};
    g_autofree char *rest = cut_card_tags(subject ? subject : "", name ? name : "", &subject_out->card);
    subject_out->title = g_strchomp(g_strdup(take_groups(rest, subject_out->groups)));
    struct person_span person;
    for (const char *at = subject_out->title; people_next(subject_out->title, at, &person); at = person.end)
        g_ptr_array_add(subject_out->people, people_name(&person));
}

void
grammar_subject_clear(struct grammar_subject *subject)
{
    if (!subject)
        return;
    g_clear_pointer(&subject->groups, g_ptr_array_unref);
    g_clear_pointer(&subject->people, g_ptr_array_unref);
    g_clear_pointer(&subject->title, g_free);
}
