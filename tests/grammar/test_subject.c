/* test_subject.c - groups, card tags and people of a subject. */
#include "suite.h"
#include "support.h"

#include <cardpost/grammar.h>

#include <string.h>

struct sample {
    const char *subject;
    gint64 card;
    const char *groups; /* "text=board" or "text=board/column" of each, "|" behind each */
    const char *people; /* "|" behind each */
    const char *title;
};

static const struct sample samples[] = {
    {"Damaged parcel", 0, "", "", "Damaged parcel"},
    {"", 0, "", "", ""},
    {"[orders] Damaged parcel SKU #12345 @li", 0, "[orders]=orders|", "li|", "Damaged parcel SKU #12345 @li"},
    {"【订单】包裹破损 @李雷", 0, "【订单】=订单|", "李雷|", "包裹破损 @李雷"},
    {"【订单/待处理】包裹破损", 0, "【订单/待处理】=订单/待处理|", "", "包裹破损"},
    {"【 订单 ／ 待处理 】 包裹", 0, "【 订单 ／ 待处理 】=订单/待处理|", "", "包裹"},
    {"［orders／To do］x", 0, "［orders／To do］=orders/To do|", "", "x"},
    {"[orders］x", 0, "[orders］=orders|", "", "x"},
    {"[orders/]x", 0, "[orders/]=orders|", "", "x"},
    {"[a/b/c] x", 0, "[a/b/c]=a/b/c|", "", "x"},
    {"[EXTERNAL] [orders] x", 0, "[EXTERNAL]=EXTERNAL|[orders]=orders|", "", "x"},
    {"[PATCH 1/2] fix", 0, "[PATCH 1/2]=PATCH 1/2|", "", "fix"},
    {"fix [orders] later", 0, "", "", "fix [orders] later"},
    {"[orders", 0, "", "", "[orders"},
    {"[a[b]] x", 0, "", "", "[a[b]] x"},
    {"[订单】x", 0, "", "", "[订单】x"},
    {"[] x", 0, "[]=|", "", "x"},
    /* card tags */
    {"[tasks-128] Parcel", 128, "", "", "Parcel"},
    {"[TASKS-128] Parcel", 128, "", "", "Parcel"},
    {"【tasks-128】包裹", 128, "", "", "包裹"},
    {"［ｔａｓｋｓ－１２８］x", 128, "", "", "x"},
    {"[EXTERNAL] Re: [tasks-128] Parcel", 128, "[EXTERNAL]=EXTERNAL|", "", "Re: Parcel"},
    {"Parcel [tasks-128] again [tasks-9]", 128, "", "", "Parcel again"},
    {"[orders] [tasks-128] [sourcing] x", 128, "[orders]=orders|[sourcing]=sourcing|", "", "x"},
    {"[other-128] x", 0, "[other-128]=other-128|", "", "x"},
    {"[tasks-0] x", 0, "[tasks-0]=tasks-0|", "", "x"},
    {"[tasks-007] x", 0, "[tasks-007]=tasks-007|", "", "x"},
    {"[tasks--1] x", 0, "[tasks--1]=tasks--1|", "", "x"},
    {"[tasks-8 OR 1=1] x", 0, "[tasks-8 OR 1=1]=tasks-8 OR 1=1|", "", "x"},
    {"[tasks-999999999999999999] x", 999999999999999999, "", "", "x"},
    {"[tasks-9223372036854775808] x", 0, "[tasks-9223372036854775808]=tasks-9223372036854775808|", "", "x"},
    {"[tasks] x", 0, "[tasks]=tasks|", "", "x"},
    /* people */
    {"@li @wang-2 x", 0, "", "li|wang-2|", "@li @wang-2 x"},
    {"＠ｌｉ x", 0, "", "li|", "＠ｌｉ x"},
    {"请@李雷，看", 0, "", "李雷|", "请@李雷，看"},
    {"请@li处理", 0, "", "li|", "请@li处理"},
    {"@李雷@王芳 x", 0, "", "李雷|王芳|", "@李雷@王芳 x"},
    {"@李雷2 x", 0, "", "李雷2|", "@李雷2 x"},
    {"ask @li.", 0, "", "li|", "ask @li."},
    {"ask (@li.wei)", 0, "", "li.wei|", "ask (@li.wei)"},
    {"@José x", 0, "", "José|", "@José x"},
    {"mail ann@corp.example now", 0, "", "", "mail ann@corp.example now"},
    {"mail <ann+x@corp.example>", 0, "", "", "mail <ann+x@corp.example>"},
    {"josé@corp.example", 0, "", "", "josé@corp.example"},
    {"@li@corp.example", 0, "", "", "@li@corp.example"},
    {"ann＠corp", 0, "", "", "ann＠corp"},
    {"@ @@ @! x", 0, "", "", "@ @@ @! x"},
    {"[orders]@li x", 0, "[orders]=orders|", "li|", "@li x"},
    {"[@li] x", 0, "[@li]=@li|", "", "x"},
};

START_TEST(test_subjects)
{
    const struct sample *s = &samples[_i];
    g_auto(grammar_subject_t) subject = {.groups = NULL};
    grammar_subject(s->subject, "tasks", &subject);
    g_autoptr(GString) groups = g_string_new(NULL);
    for (guint i = 0; i < subject.groups->len; i++) {
        const struct grammar_group *group = g_ptr_array_index(subject.groups, i);
        g_string_append_printf(groups, "%s=%s%s%s|", group->text, group->board, group->column ? "/" : "",
                               group->column ? group->column : "");
    }
    g_autoptr(GString) people = g_string_new(NULL);
    for (guint i = 0; i < subject.people->len; i++)
        g_string_append_printf(people, "%s|", (const char *)g_ptr_array_index(subject.people, i));
    ck_assert_msg(subject.card == s->card, "%s: card %" G_GINT64_FORMAT, s->subject, subject.card);
    ck_assert_msg(strcmp(groups->str, s->groups) == 0, "%s: groups %s", s->subject, groups->str);
    ck_assert_msg(strcmp(people->str, s->people) == 0, "%s: people %s", s->subject, people->str);
    ck_assert_msg(strcmp(subject.title, s->title) == 0, "%s: title %s", s->subject, subject.title);
}
END_TEST

START_TEST(test_title_without)
{
    static const struct {
        const char *title, *title_out;
    } titles[] = {
        {"Parcel @li broken", "Parcel broken"},
        {"@li Parcel", "Parcel"},
        {"Parcel @LI", "Parcel"},
        {"Parcel ＠ｌｉ！", "Parcel ！"},
        {"Parcel @wang broken", "Parcel @wang broken"},
        {"包裹 @李雷 破损", "包裹 破损"},
        {"请@李雷，看", "请，看"},
        {"@li @李雷", ""},
        {"ann@li", "ann@li"},
        {"@lily", "@lily"},
    };
    g_autoptr(GPtrArray) known = g_ptr_array_new();
    static char li[] = "li", lei[] = "李雷";
    g_ptr_array_add(known, li);
    g_ptr_array_add(known, lei);
    for (guint i = 0; i < G_N_ELEMENTS(titles); i++) {
        g_autofree char *title = grammar_title_without(titles[i].title, known);
        ck_assert_msg(strcmp(title, titles[i].title_out) == 0, "%s: %s", titles[i].title, title);
    }
    g_autofree char *same = grammar_title_without("x @li", NULL);
    ck_assert_str_eq(same, "x @li");
}
END_TEST

START_TEST(test_floods)
{
    static const char *const pieces[] = {"[", "【", "[a] ", "@", "@a ", "@李", "[tasks-1]", "＠"};
    for (guint i = 0; i < G_N_ELEMENTS(pieces); i++) {
        g_autoptr(GString) subject = g_string_new(NULL);
        while (subject->len < 100000)
            g_string_append(subject, pieces[i]);
        g_auto(grammar_subject_t) out = {.groups = NULL};
        grammar_subject(subject->str, "tasks", &out);
        ck_assert_msg(out.groups->len <= 20, "%s: %u groups", pieces[i], out.groups->len);
        ck_assert_msg(g_utf8_validate(out.title, -1, NULL), "%s: title", pieces[i]);
    }
}
END_TEST

TCase *
case_subject(void)
{
    TCase *tcase = tcase_create("subject");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, test_subjects, 0, G_N_ELEMENTS(samples));
    tcase_add_test(tcase, test_title_without);
    tcase_add_test(tcase, test_floods);
    return tcase;
}
