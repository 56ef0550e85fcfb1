/* What is wrong with a template is said with its line, and every bound holds. */
#include "suite.h"

#include <cardpost/error.h>
#include <cardpost/template.h>

#include <string.h>

static const struct {
    const char *label, *source, *want; /* want: part of the message */
} rows[] = {
    {"tag not closed", "a\nb {{x", "line 2: a tag is not closed"},
    {"raw tag not closed", "{{{x}}", "line 1: a tag is not closed"},
    {"comment not closed", "\n\n{{! x", "line 3: a tag is not closed"},
    {"no name", "{{ }}", "line 1: a tag without a name"},
    {"no section name", "{{# }}{{/ }}", "a tag without a name"},
    {"white space in a name", "{{a b}}", "a name with white space: a b"},
    {"section not closed", "x\n{{#a}}\n{{^b}}{{/b}}\n", "line 2: section is never closed: a"},
    {"end without section", "x\n{{/a}}", "line 2: no section is open to be closed by a"},
    {"crossed sections", "{{#a}}{{#b}}{{/a}}{{/b}}", "another section is open than a"},
    {"end is a prefix", "{{#ab}}{{/a}}", "another section is open than a"},
    {"one delimiter", "{{=|=}}", "delimiters must be two words"},
    {"three delimiters", "{{=| | |=}}", "delimiters must be two words"},
    {"delimiter with =", "{{=<= =>=}}", "delimiters must be two words"},
    {"long delimiter", "{{=aaaaaaaaaaaaaaaaa b=}}", "delimiters must be two words"},
    {"wrong within a false section", "{{#no}}{{/x}}{{/no}}", "another section is open than x"},
    {"wrong partial", "{{>broken}}", "partial broken: line 2: a tag is not closed"},
    {"partial of itself", "{{>self}}", "partials nest too deep"},
    {"partial twice of itself", "{{>twice}}", "partials nest too deep"},
    {"sections through partials", "{{>deeper}}", "nest too deep"},
};

static char *
own_partial(const char *name, void *data)
{
    (void)data;
    if (g_str_equal(name, "broken"))
        return g_strdup("\n{{");
    if (g_str_equal(name, "self"))
        return g_strdup("x\n {{>self}}\n");
    if (g_str_equal(name, "twice"))
        return g_strdup("{{>twice}}{{>twice}}");
    if (g_str_equal(name, "deeper"))
        return g_strdup("{{#yes}}{{#yes}}{{#yes}}{{>deeper}}{{/yes}}{{/yes}}{{/yes}}");
    return NULL;
}

static void
expect_invalid(const char *label, const char *source, const char *json, const char *want)
{
    GError *error = NULL;
    g_autoptr(view_t) view = view_from_json(json, NULL);
    g_autofree char *got = template_render(TEMPLATE_TEXT, source, view, own_partial, NULL, &error);
    ck_assert_msg(!got && error, "%s: rendered <%.100s>", label, got ? got : "");
    ck_assert_msg(g_error_matches(error, CARDPOST_ERROR, CARDPOST_ERROR_INVALID), "%s: other code", label);
    ck_assert_msg(strstr(error->message, want) != NULL, "%s: %s", label, error->message);
    g_error_free(error);
}

START_TEST(test_table)
{
    expect_invalid(rows[_i].label, rows[_i].source, "{\"yes\":true}", rows[_i].want);
    g_autoptr(view_t) view = view_new();
    ck_assert_ptr_null(strchr(rows[_i].source, '>')
                           ? NULL
                           : template_render(TEMPLATE_TEXT, rows[_i].source, view, NULL, NULL, NULL));
}
END_TEST

static char *
repeated(const char *piece, guint n)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < n; i++)
        g_string_append(text, piece);
    return g_string_free(text, FALSE);
}

START_TEST(test_section_depth)
{
    g_autofree char *open = repeated("{{#yes}}", TEMPLATE_SECTION_DEPTH);
    g_autofree char *close = repeated("{{/yes}}", TEMPLATE_SECTION_DEPTH);
    g_autofree char *most = g_strconcat(open, "x", close, NULL);
    g_autofree char *over = g_strconcat("{{#yes}}", most, "{{/yes}}", NULL);
    g_autoptr(view_t) view = view_from_json("{\"yes\":true}", NULL);
    g_autofree char *got = template_render(TEMPLATE_TEXT, most, view, NULL, NULL, NULL);
    ck_assert_str_eq(got, "x");
    expect_invalid("one deeper", over, "{\"yes\":true}", "sections nest too deep");
}
END_TEST

static char *
chain_partial(const char *name, void *data)
{
    guint left = *(guint *)data;
    (void)name;
    if (left == 0)
        return g_strdup("end");
    *(guint *)data = left - 1;
    return g_strdup("{{>chain}}");
}

START_TEST(test_partial_depth)
{
    g_autoptr(view_t) view = view_new();
    guint left = TEMPLATE_PARTIAL_DEPTH - 1;
    g_autofree char *most = template_render(TEMPLATE_TEXT, "{{>chain}}", view, chain_partial, &left, NULL);
    ck_assert_str_eq(most, "end");
    left = TEMPLATE_PARTIAL_DEPTH;
    ck_assert_ptr_null(template_render(TEMPLATE_TEXT, "{{>chain}}", view, chain_partial, &left, NULL));
}
END_TEST

START_TEST(test_output_and_work)
{
    g_autofree char *items = repeated("1,", 9999);
    g_autofree char *long_text = repeated("0123456789", 1000);
    g_autofree char *json = g_strdup_printf("{\"a\":[%s1],\"t\":\"%s\"}", items, long_text);
    expect_invalid("output", "{{#a}}{{t}}{{/a}}", json, "the output is too long");
    expect_invalid("work", "{{#a}}{{#a}}{{#a}}{{/a}}{{/a}}{{/a}}", json, "too much work");
}
END_TEST

static char *
wide_partial(const char *name, void *data)
{
    (void)data;
    return g_str_equal(name, "lines") ? repeated("\n", 1024 * 1024) : NULL;
}

START_TEST(test_indentation_is_bounded)
{
    g_autofree char *spaces = repeated(" ", 100);
    g_autofree char *source = g_strconcat(spaces, "{{>lines}}\n", NULL);
    g_autoptr(view_t) view = view_new();
    g_autoptr(GError) error = NULL;
    ck_assert_ptr_null(template_render(TEMPLATE_TEXT, source, view, wide_partial, NULL, &error));
    ck_assert_str_eq(error->message, "a partial is too long");
}
END_TEST

START_TEST(test_wrong_json)
{
    g_autoptr(GError) error = NULL;
    ck_assert_ptr_null(view_from_json("{\n \"a\": }", &error));
    ck_assert_msg(g_str_has_prefix(error->message, "line 2, column "), "%s", error->message);
}
END_TEST

TCase *
case_errors(void)
{
    TCase *tcase = tcase_create("errors");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, test_table, 0, G_N_ELEMENTS(rows));
    tcase_add_test(tcase, test_section_depth);
    tcase_add_test(tcase, test_partial_depth);
    tcase_add_test(tcase, test_output_and_work);
    tcase_add_test(tcase, test_indentation_is_bounded);
    tcase_add_test(tcase, test_wrong_json);
    return tcase;
}
