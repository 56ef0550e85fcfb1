/* test_provider.c - the presets are whole, and found by name and address. */
#include "support.h"

#include <cardpost/provider.h>

#include <string.h>

START_TEST(test_all_are_whole)
{
    guint n;
    const struct provider *const *all = provider_all(&n);
    ck_assert_uint_ge(n, 20);
    for (guint i = 0; i < n; i++) {
        const struct provider *p = all[i];
        ck_assert_msg(provider_by_name(p->name) == p, "%s is there twice", p->name);
        ck_assert_msg(p->title && p->note && *p->note && p->secret && p->login && p->domains, "%s", p->name);
        bool is_asked = strcmp(p->name, "own") == 0 || strcmp(p->name, "ses") == 0;
        ck_assert_msg((*p->imap_host == '\0') == is_asked, "%s", p->name);
        ck_assert_msg((*p->smtp_host == '\0') == is_asked, "%s", p->name);
        ck_assert_msg(p->imap_port && p->smtp_port && p->max_sessions > 0, "%s", p->name);
        ck_assert_msg(!p->internal_header == !p->internal_value, "%s", p->name);
        ck_assert_msg(strcmp(p->login, "address") == 0 || strcmp(p->login, "local") == 0, "%s", p->name);
        /* nothing that a sender could have written is believed by a preset alone */
        struct border border;
        provider_border(p, &border);
        ck_assert_msg(!border.strips_forged && !border.trust_from && border.received_hops <= 1, "%s",
                      p->name);
        border_clear(&border);
        for (const char *const *d = p->domains; *d; d++) {
            g_autofree char *address = g_strconcat("x@", *d, NULL);
            ck_assert_msg(provider_by_address(address) == p, "%s: %s is another's", p->name, *d);
        }
    }
    ck_assert_ptr_null(provider_by_name("nowhere"));
}
END_TEST

START_TEST(test_lookup)
{
    static const struct {
        const char *address, *provider;
    } cases[] = {{"a@gmail.com", "gmail"},     {"a@GoogleMail.com", "gmail"}, {"a@foxmail.com", "qq"},
                 {"a@163.com", "163"},         {"a@126.com", "126"},          {"a@yeah.net", "yeah"},
                 {"a@hotmail.com", "outlook"}, {"a@shop.test", "own"},        {"no address", "own"},
                 {"a@notgmail.com", "own"},    {"a@aliyun.com", "aliyun"},    {"a@me.com", "icloud"}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
        ck_assert_msg(strcmp(provider_by_address(cases[i].address)->name, cases[i].provider) == 0, "%s",
                      cases[i].address);
    static const char *const names[] = {"own",    "gmail", "workspace", "m365",    "outlook", "yahoo",
                                        "icloud", "zoho",  "fastmail",  "qq",      "foxmail", "exmail",
                                        "163",    "126",   "yeah",      "qiye163", "aliyun",  "qiyealiyun",
                                        "feishu", "lark",  "yandex",    "ses"};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        ck_assert_msg(provider_by_name(names[i]), "%s", names[i]);
    ck_assert(provider_by_name("163")->needs_id && provider_by_name("qiye163")->needs_id);
    ck_assert(!provider_by_name("yahoo")->has_idle);
    ck_assert_int_eq(provider_by_name("workspace")->per_day, 2000);
}
END_TEST

START_TEST(test_border_is_a_copy)
{
    struct border border, copy;
    provider_border(provider_by_name("m365"), &border);
    ck_assert(border.allows_absent_id && border.verdict_below && !border.trust_from);
    ck_assert_str_eq(border.internal_value, "Internal");
    g_ptr_array_add(border.authserv_ids, g_strdup("mx.test"));
    border_copy(&copy, &border);
    border_clear(&border);
    border_clear(&border);
    ck_assert_str_eq(copy.authserv_ids->pdata[0], "mx.test");
    ck_assert_str_eq(copy.internal_header, "X-MS-Exchange-Organization-AuthAs");
    border_clear(&copy);
}
END_TEST

TCase *provider_case(void);

TCase *
provider_case(void)
{
    TCase *tcase = tcase_create("provider");
    tcase_add_test(tcase, test_all_are_whole);
    tcase_add_test(tcase, test_lookup);
    tcase_add_test(tcase, test_border_is_a_copy);
    return tcase;
}
