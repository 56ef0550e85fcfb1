/* test_word.c - a text that is one verb (attacks.md C10: an exact match or plain text). */
#include "suite.h"
#include "support.h"

#include <cardpost/grammar.h>

#include <string.h>

static const char *const done[] = {"done", "完成", NULL};
static const char *const approve[] = {"Approve", "同意", "好的", NULL};
static const struct grammar_verb verbs[] = {{done}, {approve}};

static const struct {
    const char *text;
    int verb;
} samples[] = {
    {"done", 0},
    {"Done", 0},
    {" \n done \n", 0},
    {"done.", 0},
    {"done!!", 0},
    {"/done", 0},
    {"!done", 0},
    {"／done", 0},
    {"！done", 0},
    {"ｄｏｎｅ", 0},
    {"完成", 0},
    {"完成。", 0},
    {"完成！", 0},
    {"／完成", 0},
    {"完成……", 0},
    {"approve", 1},
    {"APPROVE ~", 1},
    {"同意", 1},
    {"\xc2\xa0同意\xc2\xa0", 1},
    {"好的，", 1},
    {"approve?", -1},
    {"同意？", -1},
    {"//done", -1},
    {"/ done", -1},
    {"not done", -1},
    {"done now", -1},
    {"done\ndone", -1},
    {"不同意", -1},
    {"do\xe2\x80\x8bne", -1},
    {"dоne (Cyrillic)", -1},
    {"d\xd0\xbene", -1},
    {"", -1},
    {"!", -1},
    {"...", -1},
    {"> done", -1},
    {"don", -1},
    {"done\xff", -1},
};

START_TEST(test_C10_one_word)
{
    int verb = grammar_one_word(samples[_i].text, verbs, G_N_ELEMENTS(verbs));
    ck_assert_msg(verb == samples[_i].verb, "'%s': %d", samples[_i].text, verb);
}
END_TEST

START_TEST(test_C10_long_text)
{
    g_autofree char *marks = g_strnfill(1000000, '!');
    g_autofree char *text = g_strconcat("done", marks, NULL);
    ck_assert_int_eq(grammar_one_word(text, verbs, G_N_ELEMENTS(verbs)), -1);
    ck_assert_int_eq(grammar_one_word(NULL, verbs, G_N_ELEMENTS(verbs)), -1);
    ck_assert_int_eq(grammar_one_word("done", verbs, 0), -1);
}
END_TEST

TCase *
case_word(void)
{
    TCase *tcase = tcase_create("word");
    tcase_add_loop_test(tcase, test_C10_one_word, 0, G_N_ELEMENTS(samples));
    tcase_add_test(tcase, test_C10_long_text);
    return tcase;
}
