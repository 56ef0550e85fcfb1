/* date.c - see date.h. One pass; a text that is no date of any form gives 0. */
#include "date.h"

#include "lines.h"
#include "wording.h"

#include <string.h>

#define DATE_BYTES 700

struct parts {
    gint year, month, day, hour, minute, second;
    gint first, second_number; /* of "7/10/2026", until it is known which is the month; 0: none */
    gint offset_s;
    bool is_named; /* the month came as a word */
    bool timed;
    bool slashes;                     /* between first and second_number */
    bool morning, afternoon, english; /* AM, PM; in Latin letters */
};

static gint
month_of(const char *word)
{
    gsize best = 0;
    gint month = 0;
    for (const struct wording_month *entry = wording_months; entry->start; entry++) {
        gsize len = strlen(entry->start);
        if (len > best && g_str_has_prefix(word, entry->start)) {
            best = len;
            month = entry->month;
        }
    }
    return month;
}

static const char *
skip_digits(const char *p)
{
    return p + strspn(p, "0123456789");
}

static gint
number(const char *p)
{
    gsize digits = strspn(p, "0123456789");
    return digits > 0 && digits <= 4 ? (gint)g_ascii_strtoll(p, NULL, 10) : 0;
}

/* Past ".", "-" or "/" and blanks behind it, to another number; NULL if there is none. */
static const char *
next_number(const char *p, char separator)
{
    if (*p != separator)
        return NULL;
    p += 1 + strspn(p + 1, " ");
    return g_ascii_isdigit(*p) ? p : NULL;
}

static const char *
take_time(const char *p, char separator, struct parts *d)
{
    const char *next = skip_digits(p) + 1;
    d->hour = number(p);
    d->minute = number(next);
    p = skip_digits(next);
    if (*p == separator && g_ascii_isdigit(p[1])) {
        d->second = number(p + 1);
        p = skip_digits(p + 1);
    }
    d->timed = true;
    return p;
}

/* "7/10/2026", "7. 10. 26"; NULL if it is none. */
static const char *
take_day_first(const char *p, struct parts *d)
{
    char separator = *skip_digits(p);
    if (separator == '\0' || !strchr("/.-", separator) || d->year != 0)
        return NULL;
    const char *second = next_number(skip_digits(p), separator);
    const char *third = second ? next_number(skip_digits(second), separator) : NULL;
    gsize digits = third ? strspn(third, "0123456789") : 0;
    if (digits != 2 && digits != 4)
        return NULL;
    d->first = number(p);
    d->second_number = number(second);
    d->slashes = separator == '/';
    d->year = number(third) + (digits == 2 ? 2000 : 0);
    return skip_digits(third);
}

/* "2026-10-07", "2026. 10. 7", "2026年10月7日" (the rest of it comes by itself). */
static const char *
take_year(const char *p, struct parts *d)
{
    d->year = number(p);
    p += 4;
    const char *month = *p && strchr("-/.", *p) ? next_number(p, *p) : NULL;
    if (!month || number(month) < 1 || number(month) > 12)
        return p;
    d->month = number(month);
    p = skip_digits(month);
    const char *day = *p && strchr("-/.", *p) ? next_number(p, *p) : NULL;
    d->day = day ? number(day) : d->day;
    return day ? skip_digits(day) : p;
}

/* "09点31分", "9時31分"; NULL if it is none. */
static const char *
take_hour(const char *p, struct parts *d)
{
    static const char *const signs[] = {"点", "點", "时", "時", "시"};
    const char *end = skip_digits(p);
    for (guint i = 0; i < G_N_ELEMENTS(signs); i++) {
        if (!g_str_has_prefix(end, signs[i]))
            continue;
        d->hour = number(p);
        d->minute = number(end + strlen(signs[i]));
        d->timed = true;
        return skip_digits(end + strlen(signs[i]));
    }
    return NULL;
}

static const char *
take_number(const char *p, struct parts *d)
{
    const char *end = skip_digits(p), *known;
    gsize digits = (gsize)(end - p);
    bool sub = *end && g_ascii_isdigit(end[1]);
    if (digits <= 2 && *end == ':' && sub && number(p) < 24)
        return take_time(p, ':', d);
    if (digits == 4 && d->year == 0)
        return take_year(p, d);
    if (digits > 2)
        return end;
    known = take_day_first(p, d);
    known = known ? known : take_hour(p, d);
    if (known)
        return known;
    if ((*end == '.' || *end == 'h') && sub && d->year != 0 && !d->timed && number(p) < 24)
        return take_time(p, *end, d);
    if (g_str_has_prefix(end, "月") || g_str_has_prefix(end, "월"))
        d->month = number(p);
    else if (d->day == 0)
        d->day = number(p);
    return end;
}

static const char *
take_zone(const char *p, struct parts *d)
{
    gint sign = *p == '-' ? -1 : 1;
    gsize digits = strspn(p + 1, "0123456789");
    /* a longer number is no zone: nothing of it counts */
    gint n = digits <= 4 ? number(p + 1) : 0;
    if (digits >= 3)
        d->offset_s = sign * (n / 100 * 3600 + n % 100 * 60);
    else if (p[1 + digits] == ':')
        d->offset_s = sign * (n * 3600 + CLAMP(number(p + 2 + digits), 0, 59) * 60);
    else
        d->offset_s = sign * n * 3600;
    return p + 1 + strspn(p + 1, "0123456789:");
}

/* A month, AM or PM. "mar. 7 oct. 2026": week days that look like months stand first. */
static const char *
take_word(const char *p, struct parts *d)
{
    const char *end = p;
    while (*end && g_unichar_isalpha(g_utf8_get_char(end)))
        end = utf8_next(end);
    g_autofree char *word = g_strndup(p, (gsize)(end - p));
    bool pm = strcmp(word, "pm") == 0 || g_str_has_prefix(p, "p.m") || g_str_has_prefix(p, "p. m");
    bool am = strcmp(word, "am") == 0 || g_str_has_prefix(p, "a.m") || g_str_has_prefix(p, "a. m");
    d->english |= pm || am;
    d->morning |= am && d->timed;
    d->afternoon |= pm || g_str_has_prefix(p, "下午") || g_str_has_prefix(p, "晚上") ||
                    g_str_has_prefix(p, "午後") || g_str_has_prefix(p, "오후");
    gint month = month_of(word);
    if (month != 0 && (d->month == 0 || (d->is_named && d->year == 0))) {
        d->month = month;
        d->is_named = true;
    }
    if ((strcmp(word, "gmt") == 0 || strcmp(word, "utc") == 0) && (*end == '+' || *end == '-') &&
        g_ascii_isdigit(end[1]))
        return take_zone(end, d);
    return end;
}

static void
settle(struct parts *d)
{
    bool american = d->slashes && d->english;
    if (d->first != 0 && d->month == 0) {
        bool month_first = d->first <= 12 && (d->second_number > 12 || american);
        d->month = month_first ? d->first : d->second_number;
        d->day = month_first ? d->second_number : d->first;
    }
    if (d->afternoon && d->hour < 12)
        d->hour += 12;
    if (d->morning && d->hour == 12)
        d->hour = 0;
}

int64_t
date_read(const char *text)
{
    struct parts d = {0};
    if (!text || strlen(text) > DATE_BYTES)
        return 0;
    g_autofree char *lower = lower_plain(text, -1);
    for (const char *p = lower; *p;) {
        if (g_ascii_isdigit(*p))
            p = take_number(p, &d);
        else if ((*p == '+' || *p == '-') && g_ascii_isdigit(p[1]) && d.timed)
            p = take_zone(p, &d);
        else if (g_unichar_isalpha(g_utf8_get_char(p)))
            p = take_word(p, &d);
        else
            p = utf8_next(p);
    }
    settle(&d);
    if (d.year < 1970 || d.month == 0 || d.day == 0)
        return 0;
    g_autoptr(GDateTime) at = g_date_time_new_utc(d.year, d.month, d.day, d.hour, d.minute, d.second);
    return at ? g_date_time_to_unix(at) - d.offset_s : 0;
}
