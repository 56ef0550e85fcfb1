/* test_log.c - attack case G01: no sender writes a log line of his own. */
#include "cases.h"

#include <cardpost/log.h>

#include <string.h>

static const struct {
    const char *in, *out;
} values[] = {
    {"plain-1@x", "plain-1@x"},
    {"", "\"\""},
    {"two words", "\"two words\""},
    {"a\n<3>fake", "\"a\\n<3>fake\""},
    {"\x1b[2J", "\"\\u{1b}[2J\""},
    {"%n%s", "%n%s"},
    {"a=b", "\"a=b\""},
    {"q\"\\", "\"q\\\"\\\\\""},
    {"\xff", "\"\\xff\""},
    {"a\u202e"
     "b",
     "\"a\\u{202e}b\""},
    {"中文", "\"中文\""},
};

START_TEST(G01_values_are_escaped)
{
    g_autofree char *out = log_escape(values[_i].in);
    ck_assert_str_eq(out, values[_i].out);
}
END_TEST

START_TEST(G01_a_long_value_is_cut)
{
    g_autofree char *in = g_strnfill(1000000, 'a');
    g_autofree char *out = log_escape(in);
    ck_assert_uint_lt(strlen(out), LOG_VALUE_MAX + 20);
}
END_TEST

TCase *
test_log(void)
{
    TCase *tcase = tcase_create("log");
    tcase_add_loop_test(tcase, G01_values_are_escaped, 0, G_N_ELEMENTS(values));
    tcase_add_test(tcase, G01_a_long_value_is_cut);
    return tcase;
}
