/* grammar.h - what the words of a mail ask for. Pure; knows syntax, not people or boards.
 *
 * Subject (design section 8): leading bracket groups `[board]`, `[board/column]`, `[tasks-128]`, `【看板】`,
 * `【看板/列】`; `@person` anywhere after them. Full-width forms count. Unknown groups stay in the title: the
 * caller looks the names up and hands back what it did not know. */
#ifndef CARDPOST_GRAMMAR_H
#define CARDPOST_GRAMMAR_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct grammar_group {
    char *text;   /* the group as written, brackets included */
    char *board;  /* before "/", trimmed */
    char *column; /* after "/", or NULL */
};

struct grammar_subject {
    int64_t card;      /* of the first `[NAME-n]` whose NAME is ours, or 0 */
    GPtrArray *groups; /* struct grammar_group: leading ones, card tags left out */
    GPtrArray *people; /* char *: names after "@" or "＠", in order, without it, full-width letters made
                        * plain; "ann@corp.example" names nobody; "@li处理" names li */
    char *title;       /* the subject without card tags and leading groups; "@x" stay in it */
};

/* `subject` is bare (text_bare_subject) and clean (valid UTF-8, one line); `name` our instance name. At most
 * 20 groups of 200 bytes. Free with grammar_subject_clear. */
void grammar_subject(const char *subject, const char *name, struct grammar_subject *subject_out);
void grammar_subject_clear(struct grammar_subject *subject);
typedef struct grammar_subject grammar_subject_t; /* for g_auto */
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(grammar_subject_t, grammar_subject_clear)

/* title without "@x" for the names in `known` (char *, may be NULL; compared after case and width folding):
 * what becomes the card's title. g_free. */
char *grammar_title_without(const char *title, const GPtrArray *known);

/* The verb table is an argument (design section 5): names in every language, NULL-terminated. */
struct grammar_verb {
    const char *const *names; /* "approve", "同意", … compared after case folding and width folding */
};
/* The verb that the whole new text is (one word, with or without a leading "/", "!" or "／", trailing
 * punctuation ignored but for a question mark), as an index into verbs, or -1. */
int grammar_one_word(const char *text, const struct grammar_verb *verbs, guint n);

#endif
