/* word.c - a whole text that is one verb. Anything beyond the word and its closing mark makes it text: a
 * question mark too, for "approve?" asks. */
#include <cardpost/grammar.h>

#include <cardpost/clean.h>

#include <string.h>

/* No verb is longer; also the bound of the work. */
#define WORD_BYTES 100

/* Closing marks after width folding ("！" is "!", "…" is "..."). */
static const char *const closing[] = {".", "!", ",", ";", "~", "。", "、", "〜"};

static void
cut_closing(char *word)
{
    for (bool cut = true; cut;) {
        g_strchomp(word);
        cut = false;
        for (guint i = 0; i < G_N_ELEMENTS(closing); i++)
            if (g_str_has_suffix(word, closing[i])) {
                word[strlen(word) - strlen(closing[i])] = '\0';
                cut = true;
            }
    }
}

static bool
is_named(const struct grammar_verb *verb, const char *word)
{
    for (const char *const *name = verb->names; *name; name++) {
        g_autofree char *folded = clean_fold(*name, -1);
        if (strcmp(folded, word) == 0)
            return true;
    }
    return false;
}

int
grammar_one_word(const char *text, const struct grammar_verb *verbs, guint n)
{
    g_autofree char *trimmed = g_strstrip(g_strdup(text ? text : ""));
    if (strlen(trimmed) > WORD_BYTES)
        return -1;
    g_autofree char *folded = clean_fold(trimmed, -1);
    char *word = g_strchug(folded);
    word += *word == '/' || *word == '!';
    cut_closing(word);
    for (guint i = 0; *word && i < n; i++)
        if (is_named(&verbs[i], word))
            return (int)i;
    return -1;
}
