/* Every feature by a table of our own: what a template makes of a value. */
#include "suite.h"

#include <cardpost/template.h>

static const struct {
    const char *label;
    enum template_kind kind;
    const char *source, *json, *want;
} rows[] = {
    {"plain text", TEMPLATE_TEXT, "no tags, { one } brace", "{}", "no tags, { one } brace"},
    {"value", TEMPLATE_TEXT, "{{a}}, {{ b }}", "{\"a\":\"x\",\"b\":7}", "x, 7"},
    {"html is escaped", TEMPLATE_HTML, "{{a}}", "{\"a\":\"<a href='x'>\\\"&\"}",
     "&lt;a href=&#39;x&#39;&gt;&quot;&amp;"},
    {"text is not", TEMPLATE_TEXT, "{{a}}", "{\"a\":\"<&'\\\">\"}", "<&'\">"},
    {"raw twice", TEMPLATE_HTML, "{{{a}}}{{& a }}", "{\"a\":\"<\"}", "<<"},
    {"Chinese untouched", TEMPLATE_HTML, "【{{a}}】", "{\"a\":\"订单“A”\"}", "【订单“A”】"},
    {"value is no template", TEMPLATE_HTML, "{{a}} {{{a}}}", "{\"a\":\"{{b}}{{>p}}\",\"b\":\"no\"}",
     "{{b}}{{&gt;p}} {{b}}{{>p}}"},
    {"missing and null", TEMPLATE_TEXT, "({{a}}{{b}})", "{\"b\":null}", "()"},
    {"truth as text", TEMPLATE_TEXT, "{{a}} {{b}}", "{\"a\":true,\"b\":false}", "true false"},
    {"object as text", TEMPLATE_TEXT, "({{a}}{{b}})", "{\"a\":{\"x\":1},\"b\":[1]}", "()"},
    {"decimals", TEMPLATE_TEXT, "{{a}} {{b}}", "{\"a\":3.3,\"b\":0.5}", "3.3 0.5"},
    {"section over object", TEMPLATE_TEXT, "{{#a}}{{x}}{{y}}{{/a}}", "{\"a\":{\"x\":1},\"y\":2}", "12"},
    {"section over list", TEMPLATE_TEXT, "{{#a}}<{{.}}>{{/a}}", "{\"a\":[1,\"b\",2.5]}", "<1><b><2.5>"},
    {"inner name wins", TEMPLATE_TEXT, "{{#a}}{{x}}{{/a}}{{x}}", "{\"a\":{\"x\":1},\"x\":2}", "12"},
    {"empty text is false", TEMPLATE_TEXT, "{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\":\"\"}", "no"},
    {"zero is true", TEMPLATE_TEXT, "{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\":0}", "yes"},
    {"empty list is false", TEMPLATE_TEXT, "{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\":[]}", "no"},
    {"empty object is true", TEMPLATE_TEXT, "{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\":{}}", "yes"},
    {"lists in lists", TEMPLATE_TEXT, "{{#a}}{{#.}}{{.}}{{/.}};{{/a}}", "{\"a\":[[1,2],[],[3]]}", "12;;3;"},
    {"same name nested", TEMPLATE_TEXT, "{{#a}}[{{#a}}x{{/a}}]{{/a}}", "{\"a\":true}", "[x]"},
    {"dotted", TEMPLATE_TEXT, "{{a.b.c}}{{a.x.c}}{{#a.b}}{{c}}{{/a.b}}", "{\"a\":{\"b\":{\"c\":5}}}", "55"},
    {"dotted does not go out again", TEMPLATE_TEXT, "{{#a}}({{b.c}}){{/a}}",
     "{\"a\":{\"b\":{}},\"b\":{\"c\":1}}", "()"},
    {"dot at the ends", TEMPLATE_TEXT, "({{a.}}{{.a}}{{a..b}})", "{\"a\":{\"b\":1}}", "()"},
    {"comment", TEMPLATE_TEXT, "a{{! {x} \n y }}b", "{}", "ab"},
    {"comment line goes", TEMPLATE_TEXT, "a\n  {{! x }}  \r\nb", "{}", "a\nb"},
    {"section lines go", TEMPLATE_TEXT, "a\n{{#x}}\nb\n{{/x}}\nc\n", "{\"x\":1}", "a\nb\nc\n"},
    {"two tags are no lone line", TEMPLATE_TEXT, "{{#x}}{{/x}}\nc", "{\"x\":1}", "\nc"},
    {"value alone keeps its line", TEMPLATE_TEXT, " {{x}} \nc", "{\"x\":1}", " 1 \nc"},
    {"delimiters", TEMPLATE_TEXT, "{{=<% %>=}}<%x%>{{x}}<%={{ }}=%>{{x}}<%x%>", "{\"x\":1}", "1{{x}}1<%x%>"},
    {"raw brace with other delimiters", TEMPLATE_HTML, "{{=<% %>=}}<%{x}%>", "{\"x\":\"<\"}", "<"},
    {"partial", TEMPLATE_TEXT, "[{{>hello}}]", "{\"name\":\"Li\"}", "[hello Li\nbye\n]"},
    {"partial alone is indented", TEMPLATE_TEXT, "[\n  {{> hello }}\n]", "{\"name\":\"Li\"}",
     "[\n  hello Li\n  bye\n]"},
    {"lines of a value are not", TEMPLATE_TEXT, "  {{> hello }}\n", "{\"name\":\"Li\\nWei\"}",
     "  hello Li\nWei\n  bye\n"},
    {"partial of a partial", TEMPLATE_TEXT, " {{>outer}}\n", "{\"name\":\"Li\"}",
     " (\n  hello Li\n  bye\n )\n"},
    {"no such partial", TEMPLATE_TEXT, "({{>nobody}})", "{}", "()"},
    {"partials begin with their own delimiters", TEMPLATE_TEXT, "{{=| |=}}|>hello|", "{\"name\":\"Li\"}",
     "hello Li\nbye\n"},
    {"tree", TEMPLATE_TEXT, "{{>tree}}", "{\"n\":1,\"kids\":[{\"n\":2,\"kids\":[]},{\"n\":3,\"kids\":[]}]}",
     "1(2()3())"},
};

static char *
own_partial(const char *name, void *data)
{
    (void)data;
    if (g_str_equal(name, "hello"))
        return g_strdup("hello {{name}}\nbye\n");
    if (g_str_equal(name, "outer"))
        return g_strdup("(\n {{>hello}}\n)\n");
    if (g_str_equal(name, "tree"))
        return g_strdup("{{n}}({{#kids}}{{>tree}}{{/kids}})");
    return NULL;
}

START_TEST(test_table)
{
    GError *error = NULL;
    g_autoptr(view_t) view = view_from_json(rows[_i].json, &error);
    ck_assert_msg(view != NULL, "%s: %s", rows[_i].label, error ? error->message : "");
    g_autofree char *got = template_render(rows[_i].kind, rows[_i].source, view, own_partial, NULL, &error);
    ck_assert_msg(got != NULL, "%s: %s", rows[_i].label, error ? error->message : "");
    ck_assert_msg(g_str_equal(got, rows[_i].want), "%s: got <%s>, want <%s>", rows[_i].label, got,
                  rows[_i].want);
}
END_TEST

START_TEST(test_built_view)
{
    g_autoptr(view_t) view = view_new();
    view_set(view, "title", "订单 <1>");
    view_set(view, "gone", "x");
    view_set(view, "gone", NULL);
    view_set_int(view, "n", -9007199254740993);
    view_set_bool(view, "on", true);
    view_set(view_object(view, "board"), "name", "Orders");
    view_set(view_append(view, "files"), "name", "a.pdf");
    view_set(view_append(view, "files"), "name", "b.pdf");
    view_set(view_object(view_append(view, "files"), "deep"), "er", "c");
    view_set(view, "bad",
             "a\xff"
             "b");
    g_autofree char *got =
        template_render(TEMPLATE_HTML,
                        "{{title}}|{{^gone}}-{{/gone}}|{{n}}|{{#on}}on{{/on}}|{{board.name}}|"
                        "{{#files}}{{name}}{{deep.er}},{{/files}}|{{bad}}",
                        view, NULL, NULL, NULL);
    ck_assert_str_eq(got, "订单 &lt;1&gt;|-|-9007199254740993|on|Orders|a.pdf,b.pdf,c,|a\xef\xbf\xbd"
                          "b");
}
END_TEST

TCase *
case_features(void)
{
    TCase *tcase = tcase_create("features");
    tcase_add_loop_test(tcase, test_table, 0, G_N_ELEMENTS(rows));
    tcase_add_test(tcase, test_built_view);
    return tcase;
}
