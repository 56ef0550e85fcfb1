/* fuzz_grammar.c - any clean line as a subject and any text as a verb: valid UTF-8 comes out, nothing is made
 * up, and taking people out of a title only shortens it. */
#include <cardpost/clean.h>
#include <cardpost/grammar.h>

#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_subject(const char *line)
{
    g_auto(grammar_subject_t) subject = {.groups = NULL};
    grammar_subject(line, "tasks", &subject);
    g_assert(subject.card >= 0 && g_utf8_validate(subject.title, -1, NULL));
    g_assert_cmpuint(strlen(subject.title), <=, strlen(line));
    for (guint i = 0; i < subject.groups->len; i++) {
        const struct grammar_group *group = g_ptr_array_index(subject.groups, i);
        g_assert(g_utf8_validate(group->text, -1, NULL) && g_utf8_validate(group->board, -1, NULL));
        g_assert(!group->column || (*group->column && g_utf8_validate(group->column, -1, NULL)));
    }
    for (guint i = 0; i < subject.people->len; i++)
        g_assert(*(const char *)g_ptr_array_index(subject.people, i));
    g_autofree char *title = grammar_title_without(subject.title, subject.people);
    g_assert(g_utf8_validate(title, -1, NULL) && strlen(title) <= strlen(subject.title));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const done[] = {"done", "完成", NULL};
    static const struct grammar_verb verbs[] = {{done}};
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autofree char *line = clean_line(text, 0);
    check_subject(line);
    int verb = grammar_one_word(text, verbs, G_N_ELEMENTS(verbs));
    g_assert_cmpint(verb, >=, -1);
    g_assert_cmpint(verb, <, 1);
    return 0;
}
