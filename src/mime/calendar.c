/* calendar.c - picks the fields of the first event out of an iCalendar object. Changes no state, whatever the
 * method says (attacks.md X06). Linear, no recursion: components are only counted. */
#include "calendar.h"

#include "charset.h"

#include <cardpost/caps.h>
#include <cardpost/clean.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum field { SUMMARY, START, END, LOCATION, ORGANIZER, RULE, STATUS, METHOD, N_FIELDS };

static const char *const field_names[N_FIELDS] = {"SUMMARY",   "DTSTART", "DTEND",  "LOCATION",
                                                  "ORGANIZER", "RRULE",   "STATUS", "METHOD"};

struct event {
    const char *charset;
    char *value[N_FIELDS]; /* unfolded, as it stands; NULL if it is not there */
    char *param[N_FIELDS]; /* `;NAME=value…` before the colon */
    guint depth;           /* of components that are open */
    guint event_depth;     /* of the first event, or 0 before it */
    bool is_over;
};

static void
event_clear(struct event *event)
{
    for (guint i = 0; i < N_FIELDS; i++) {
        g_free(event->value[i]);
        g_free(event->param[i]);
    }
}
typedef struct event event_t;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(event_t, event_clear)

/* The end of the line at `at` with all lines that continue it. */
static const char *
logical_end(const char *at)
{
    do {
        at += strcspn(at, "\n");
        at += *at == '\n';
    } while (*at == ' ' || *at == '\t');
    return at;
}

static char *
unfold(const char *at, const char *end)
{
    GString *line = g_string_sized_new((gsize)(end - at));
    for (; at < end; at++) {
        if (*at == '\n')
            at += at + 1 < end && (at[1] == ' ' || at[1] == '\t');
        else if (*at != '\r')
            g_string_append_c(line, *at);
    }
    return g_string_free(line, FALSE);
}

/* The colon before the value: not one within a quoted parameter. */
static char *
find_value(char *line)
{
    bool quoted = false;
    for (char *p = line; *p; p++) {
        quoted = quoted != (*p == '"');
        if (*p == ':' && !quoted)
            return p;
    }
    return NULL;
}

static void
take_field(struct event *event, enum field field, const char *at, const char *end)
{
    g_autofree char *bytes = unfold(at, end);
    g_autofree char *line = charset_to_utf8(event->charset, bytes, strlen(bytes), NULL);
    char *colon = find_value(line);
    if (!colon || event->value[field])
        return;
    *colon = '\0';
    event->value[field] = g_strdup(colon + 1);
    event->param[field] = g_strdup(line + strlen(field_names[field]));
}

static bool
is_named(const char *at, gsize len, const char *name)
{
    return strlen(name) == len && g_ascii_strncasecmp(at, name, len) == 0;
}

/* BEGIN and END: the first VEVENT or VTODO is the one. */
static void
count_component(struct event *event, const char *at, bool is_begin)
{
    const char *name = at + strcspn(at, ":") + 1;
    gsize len = strcspn(name, "\r\n");
    if (is_begin && ++event->depth && event->event_depth == 0 &&
        (is_named(name, len, "VEVENT") || is_named(name, len, "VTODO")))
        event->event_depth = event->depth;
    if (is_begin)
        return;
    event->is_over = event->event_depth > 0 && event->depth == event->event_depth;
    event->depth -= event->depth > 0;
}

static void
read_line(struct event *event, const char *at, const char *end)
{
    gsize len = strcspn(at, ":;\r\n");
    if (is_named(at, len, "BEGIN") || is_named(at, len, "END")) {
        if (at[len] == ':')
            count_component(event, at, *at == 'B' || *at == 'b');
        return;
    }
    for (guint i = 0; i < N_FIELDS; i++) {
        bool is_here = i == METHOD ? event->depth == 1 : event->depth == event->event_depth;
        if (is_here && event->depth > 0 && is_named(at, len, field_names[i]))
            take_field(event, (enum field)i, at, end);
    }
}

/* A text value (RFC 5545 section 3.3.11) on one line. */
static char *
plain(const char *value)
{
    GString *out = g_string_new(NULL);
    for (const char *p = value; *p; p++) {
        bool is_break = *p == '\\' && (p[1] == 'n' || p[1] == 'N');
        p += *p == '\\' && p[1];
        g_string_append_c(out, is_break ? ' ' : *p);
    }
    g_autofree char *text = g_string_free(out, FALSE);
    return clean_line(text, CAP_SUBJECT_BYTES);
}

/* The value of a parameter, without quotes; NULL if it is not there. */
static char *
param_of(const char *params, const char *name)
{
    const char *at = params ? strcasestr(params, name) : NULL;
    if (!at || at == params || at[-1] != ';')
        return NULL;
    at += strlen(name);
    gsize quote = *at == '"';
    g_autofree char *value = g_strndup(at + quote, strcspn(at + quote, quote ? "\"" : ";"));
    return clean_line(value, CAP_NAME_BYTES);
}

static bool
has_digits(const char *at, gsize n)
{
    for (gsize i = 0; i < n; i++)
        if (!g_ascii_isdigit(at[i]))
            return false;
    return true;
}

/* `20261005T100000` as "2026-10-05 10:00", a day as "2026-10-05"; what is neither stays. */
static char *
moment(const char *value)
{
    if (!has_digits(value, 8))
        return clean_line(value, CAP_NAME_BYTES);
    g_autofree char *day = g_strdup_printf("%.4s-%.2s-%.2s", value, value + 4, value + 6);
    if (value[8] != 'T' || !has_digits(value + 9, 4))
        return g_steal_pointer(&day);
    return g_strdup_printf("%s %.2s:%.2s", day, value + 9, value + 11);
}

/* The last day of an event of whole days, whose end is the day behind it. */
static char *
last_day(const char *value)
{
    GDate date;
    int year = 0, month = 0, day = 0;
    g_date_clear(&date, 1);
    if (has_digits(value, 8) && sscanf(value, "%4d%2d%2d", &year, &month, &day) == 3 && month > 0 &&
        day > 0 && g_date_valid_dmy((GDateDay)day, (GDateMonth)month, (GDateYear)year))
        g_date_set_dmy(&date, (GDateDay)day, (GDateMonth)month, (GDateYear)year);
    if (!g_date_valid(&date) || g_date_get_julian(&date) <= 1)
        return moment(value);
    g_date_subtract_days(&date, 1);
    return g_strdup_printf("%04d-%02d-%02d", g_date_get_year(&date), (int)g_date_get_month(&date),
                           g_date_get_day(&date));
}

/* "2026-10-05 10:00 – 11:00 (Asia/Shanghai)" */
static char *
when(const struct event *event)
{
    const char *start = event->value[START], *end = event->value[END];
    bool is_timed = strchr(start, 'T') != NULL;
    g_autofree char *first = moment(start);
    g_autofree char *last = !end ? NULL : is_timed ? moment(end) : last_day(end);
    g_autofree char *zone =
        g_str_has_suffix(start, "Z") ? g_strdup("UTC") : param_of(event->param[START], "TZID=");
    bool same_day = last && strncmp(first, last, 10) == 0;
    const char *shown = !last ? NULL : !same_day ? last : is_timed && strlen(last) > 11 ? last + 11 : NULL;
    return g_strconcat(first, shown ? " – " : "", shown ? shown : "", zone && *zone ? " (" : "",
                       zone && *zone ? zone : "", zone && *zone ? ")" : "", NULL);
}

static char *
organizer(const struct event *event)
{
    g_autofree char *name = param_of(event->param[ORGANIZER], "CN=");
    g_autofree char *value = plain(event->value[ORGANIZER]);
    const char *address = g_ascii_strncasecmp(value, "mailto:", 7) == 0 ? value + 7 : value;
    return name && *name ? g_strdup_printf("%s <%s>", name, address) : g_strdup(address);
}

static const char *
title(const struct event *event)
{
    static const struct {
        const char *method, *title;
    } titles[] = {{"REQUEST", "Invitation / 邀请"},
                  {"CANCEL", "Cancelled / 已取消"},
                  {"REPLY", "Answer to the invitation / 邀请答复"},
                  {"COUNTER", "Other proposal / 新的提议"}};
    const char *method = event->value[METHOD] ? event->value[METHOD] : "";
    for (guint i = 0; i < G_N_ELEMENTS(titles); i++)
        if (g_ascii_strcasecmp(method, titles[i].method) == 0)
            return titles[i].title;
    return "Event / 日程";
}

static void
append_field(GString *out, const char *label, const char *value)
{
    if (*value)
        g_string_append_printf(out, "%s: %s\n", label, value);
}

static char *
describe(const struct event *event)
{
    GString *out = g_string_new(NULL);
    static const struct {
        enum field field;
        const char *label;
    } rest[] = {{LOCATION, "Where / 地点"}, {RULE, "Repeats / 重复"}, {STATUS, "Status / 状态"}};
    g_autofree char *summary = plain(event->value[SUMMARY] ? event->value[SUMMARY] : "");
    g_string_append_printf(out, "%s: %s\n", title(event), summary);
    g_autofree char *time = event->value[START] ? when(event) : g_strdup("");
    append_field(out, "When / 时间", time);
    for (guint i = 0; i < G_N_ELEMENTS(rest); i++) {
        const char *value = event->value[rest[i].field];
        g_autofree char *text = plain(value ? value : "");
        append_field(out, rest[i].label, text);
    }
    g_autofree char *who = event->value[ORGANIZER] ? organizer(event) : g_strdup("");
    append_field(out, "Organizer / 组织者", who);
    return g_string_free(out, FALSE);
}

char *
calendar_text(const char *ics, const char *charset)
{
    g_auto(event_t) event = {.charset = charset ? charset : "utf-8"};
    for (const char *at = ics; *at && !event.is_over;) {
        const char *end = logical_end(at);
        read_line(&event, at, end);
        at = end;
    }
    return event.event_depth > 0 ? describe(&event) : NULL;
}
