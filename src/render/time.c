/* time.c - points in time as people write them in their zone and language. Does not ask the clock. */
#include "parts.h"

#include <string.h>

static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static const char *const days_en[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
static const char *const days_zh[] = {"周一", "周二", "周三", "周四", "周五", "周六", "周日"};

/* Where our teams and their suppliers sit; a zone that is not here is shown by its English city. */
static const struct {
    const char *zone, *chinese;
} zones[] = {
    {"Africa/Cairo", "开罗"},
    {"Africa/Johannesburg", "约翰内斯堡"},
    {"Africa/Lagos", "拉各斯"},
    {"America/Bogota", "波哥大"},
    {"America/Chicago", "芝加哥"},
    {"America/Denver", "丹佛"},
    {"America/Los_Angeles", "洛杉矶"},
    {"America/Mexico_City", "墨西哥城"},
    {"America/New_York", "纽约"},
    {"America/Sao_Paulo", "圣保罗"},
    {"America/Toronto", "多伦多"},
    {"America/Vancouver", "温哥华"},
    {"Asia/Bangkok", "曼谷"},
    {"Asia/Chongqing", "重庆"},
    {"Asia/Dhaka", "达卡"},
    {"Asia/Dubai", "迪拜"},
    {"Asia/Ho_Chi_Minh", "胡志明市"},
    {"Asia/Hong_Kong", "香港"},
    {"Asia/Jakarta", "雅加达"},
    {"Asia/Karachi", "卡拉奇"},
    {"Asia/Kolkata", "加尔各答"},
    {"Asia/Kuala_Lumpur", "吉隆坡"},
    {"Asia/Macau", "澳门"},
    {"Asia/Manila", "马尼拉"},
    {"Asia/Riyadh", "利雅得"},
    {"Asia/Seoul", "首尔"},
    {"Asia/Shanghai", "上海"},
    {"Asia/Singapore", "新加坡"},
    {"Asia/Taipei", "台北"},
    {"Asia/Tokyo", "东京"},
    {"Asia/Urumqi", "乌鲁木齐"},
    {"Australia/Melbourne", "墨尔本"},
    {"Australia/Sydney", "悉尼"},
    {"Europe/Amsterdam", "阿姆斯特丹"},
    {"Europe/Berlin", "柏林"},
    {"Europe/Brussels", "布鲁塞尔"},
    {"Europe/Istanbul", "伊斯坦布尔"},
    {"Europe/London", "伦敦"},
    {"Europe/Madrid", "马德里"},
    {"Europe/Moscow", "莫斯科"},
    {"Europe/Paris", "巴黎"},
    {"Europe/Prague", "布拉格"},
    {"Europe/Rome", "罗马"},
    {"Europe/Stockholm", "斯德哥尔摩"},
    {"Europe/Vienna", "维也纳"},
    {"Europe/Warsaw", "华沙"},
    {"Europe/Zurich", "苏黎世"},
    {"Pacific/Auckland", "奥克兰"},
};

/* GLib opens the name as a file below the zone directory: only what can be a zone's name gets there (no dot,
 * so no way up). */
static bool
is_zone_name(const char *name)
{
    if (!name || !g_ascii_isalpha(*name))
        return false;
    return strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/") == strlen(name);
}

/* The zone, or UTC and *known_out false. */
static GTimeZone *
open_zone(const char *name, bool *known_out)
{
    GTimeZone *zone = is_zone_name(name) ? g_time_zone_new_identifier(name) : NULL;
    *known_out = zone != NULL;
    return zone ? zone : g_time_zone_new_utc();
}

static GDateTime *
local_time(int64_t at, GTimeZone *zone)
{
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(at);
    return utc ? g_date_time_to_timezone(utc, zone) : NULL;
}

/* "Shanghai" of "Asia/Shanghai", "New York" of "America/New_York". Etc/GMT-8 means eight hours *east* of
 * Greenwich: such names are shown as what they are, "UTC+08:00". */
static char *
zone_label(const char *name, bool is_known, bool is_chinese, GDateTime *time)
{
    if (!is_known || g_str_equal(name, "UTC") || g_str_equal(name, "Etc/UTC"))
        return g_strdup("UTC");
    if (!strchr(name, '/') || g_str_has_prefix(name, "Etc/"))
        return g_date_time_format(time, "UTC%:z");
    for (guint i = 0; is_chinese && i < G_N_ELEMENTS(zones); i++)
        if (g_str_equal(zones[i].zone, name))
            return g_strdup(zones[i].chinese);
    return g_strdelimit(g_strdup(strrchr(name, '/') + 1), "_", ' ');
}

char *
render_time(int64_t at, const char *zone_name, const char *language)
{
    bool is_known;
    g_autoptr(GTimeZone) zone = open_zone(zone_name, &is_known);
    g_autoptr(GDateTime) time = local_time(at, zone);
    if (!time) /* beyond the year 9999 */
        return g_strdup("—");
    bool is_chinese = language && g_str_has_prefix(language, "zh");
    g_autofree char *label = zone_label(zone_name, is_known, is_chinese, time);
    int month = g_date_time_get_month(time), day = g_date_time_get_day_of_month(time);
    int hour = g_date_time_get_hour(time), minute = g_date_time_get_minute(time);
    int weekday = g_date_time_get_day_of_week(time) - 1;
    if (is_chinese)
        return g_strdup_printf("%d月%d日 %s %02d:%02d（%s）", month, day, days_zh[weekday], hour, minute,
                               label);
    return g_strdup_printf("%s %d %s %02d:%02d (%s)", days_en[weekday], day, months[month - 1], hour, minute,
                           label);
}

int
time_offset_s(int64_t at, const char *zone_name)
{
    bool is_known;
    g_autoptr(GTimeZone) zone = open_zone(zone_name, &is_known);
    g_autoptr(GDateTime) time = local_time(at, zone);
    return time ? (int)(g_date_time_get_utc_offset(time) / G_TIME_SPAN_SECOND) : 0;
}
