/* Points in time as people read them. */
#include "suite.h"

static const struct {
    const char *label;
    int64_t at;
    const char *zone, *language, *want;
} rows[] = {
    {"Shanghai", 1795514400, "Asia/Shanghai", "en", "Tue 24 Nov 18:00 (Shanghai)"},
    {"Shanghai in Chinese", 1795514400, "Asia/Shanghai", "zh-CN", "11月24日 周二 18:00（上海）"},
    {"New York", 1795514400, "America/New_York", "en", "Tue 24 Nov 05:00 (New York)"},
    {"New York in Chinese", 1795514400, "America/New_York", "zh-CN", "11月24日 周二 05:00（纽约）"},
    {"summer time", 1783677600, "America/New_York", "en", "Fri 10 Jul 06:00 (New York)"},
    {"day before", 1795485600, "America/Los_Angeles", "en", "Mon 23 Nov 18:00 (Los Angeles)"},
    {"one digit", 1767229500, "Europe/London", "en", "Thu 1 Jan 01:05 (London)"},
    {"Sunday", 1795316400, "Asia/Shanghai", "zh-CN", "11月22日 周日 11:00（上海）"},
    {"half an hour", 1795514400, "Asia/Kolkata", "zh-CN", "11月24日 周二 15:30（加尔各答）"},
    {"three parts", 1795514400, "America/Argentina/Buenos_Aires", "en", "Tue 24 Nov 07:00 (Buenos Aires)"},
    {"not in our Chinese list", 1795514400, "Pacific/Fiji", "zh-CN", "11月24日 周二 22:00（Fiji）"},
    {"UTC", 1795514400, "UTC", "en", "Tue 24 Nov 10:00 (UTC)"},
    {"POSIX sign", 1795514400, "Etc/GMT-8", "en", "Tue 24 Nov 18:00 (UTC+08:00)"},
    {"bad name", 1795514400, "Asia/Nowhere", "en", "Tue 24 Nov 10:00 (UTC)"},
    {"bad name in Chinese", 1795514400, "上海", "zh-CN", "11月24日 周二 10:00（UTC）"},
    {"none", 1795514400, NULL, "en", "Tue 24 Nov 10:00 (UTC)"},
    {"empty", 1795514400, "", "en", "Tue 24 Nov 10:00 (UTC)"},
    {"path", 1795514400, "../../../etc/passwd", "en", "Tue 24 Nov 10:00 (UTC)"},
    {"path inside", 1795514400, "Asia/../../zoneinfo/Asia/Tokyo", "en", "Tue 24 Nov 10:00 (UTC)"},
    {"other language", 1795514400, "Asia/Tokyo", "fr", "Tue 24 Nov 19:00 (Tokyo)"},
    {"no language", 1795514400, "Asia/Tokyo", NULL, "Tue 24 Nov 19:00 (Tokyo)"},
    {"beyond all calendars", INT64_MAX, "Asia/Tokyo", "en", "—"},
    {"1970", 0, "UTC", "zh-CN", "1月1日 周四 00:00（UTC）"},
};

START_TEST(test_table)
{
    g_autofree char *got = render_time(rows[_i].at, rows[_i].zone, rows[_i].language);
    ck_assert_msg(g_str_equal(got, rows[_i].want), "%s: got %s, want %s", rows[_i].label, got, rows[_i].want);
}
END_TEST

TCase *
case_time(void)
{
    TCase *tcase = tcase_create("time");
    tcase_add_loop_test(tcase, test_table, 0, G_N_ELEMENTS(rows));
    return tcase;
}
