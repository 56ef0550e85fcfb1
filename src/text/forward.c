/* forward.c - see forward.h. Reads what the header block says; proves nothing. */
#include "forward.h"

#include "fields.h"

#include <cardpost/caps.h>
#include <cardpost/clean.h>

#include <string.h>

/* Between the announcement and the header block. */
#define LINES_BETWEEN 4

/* The address in "Li Wei <li@x>", "li@x<mailto:li@x>", "li@x [mailto:li@x]": start and length. */
static const char *
find_address(const char *value, gsize *len_out)
{
    for (const char *at = value; (at = strchr(at, '@')); at++) {
        const char *start = at, *end = at + 1;
        while (start > value && (g_ascii_isalnum(start[-1]) || strchr("!#$%&'*+-/=?^_`{|}~.", start[-1])))
            start--;
        while (g_ascii_isalnum(*end) || *end == '-' || *end == '.')
            end++;
        g_autofree char *address = g_strndup(start, (gsize)(end - start));
        *len_out = strlen(address);
        if (clean_is_address(address))
            return start;
    }
    return NULL;
}

static void
read_from(const char *value, struct mail_address *from)
{
    gsize len = 0;
    const char *start = find_address(value, &len);
    g_autofree char *address = start ? g_strndup(start, len) : NULL;
    from->address = address ? clean_address_fold(address) : clean_line("", 0);
    g_autofree char *name = start ? g_strndup(value, (gsize)(start - value)) : g_strdup(value);
    for (gsize end = strlen(name); end > 0 && strchr(" \t<([\"'", name[end - 1]); end--)
        name[end - 1] = '\0';
    from->name = clean_line(name + strspn(name, " \t\"'"), CAP_NAME_BYTES);
}

/* --- the date: English and numeric forms; without a zone it is read as UTC */

static gint
month_of(const char *word)
{
    static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    for (gint i = 0; i < 12; i++)
        if (g_ascii_strncasecmp(word, months + 3 * i, 3) == 0)
            return i + 1;
    return 0;
}

struct date_parts {
    gint year, month, day, hour, minute, second;
    gint offset_s;
    bool afternoon, morning;
};

/* A number that stands at p with what is behind it; returns past it. */
static const char *
take_number(const char *p, struct date_parts *d)
{
    char *end;
    gint64 n = g_ascii_strtoll(p, &end, 10);
    if (*end == ':' && n < 24) {
        d->hour = (gint)n;
        d->minute = (gint)g_ascii_strtoll(end + 1, &end, 10);
        if (*end == ':')
            d->second = (gint)g_ascii_strtoll(end + 1, &end, 10);
    } else if (end - p == 4 && d->year == 0) {
        d->year = (gint)n;
        gint64 month = strchr("-/.", *end) && *end ? g_ascii_strtoll(end + 1, NULL, 10) : 0;
        if (month >= 1 && month <= 12) {
            d->month = (gint)month;
            end += 1 + strspn(end + 1, "0123456789");
        }
    } else if (end - p <= 2 && g_str_has_prefix(end, "月")) {
        d->month = (gint)n;
    } else if (end - p <= 2 && d->day == 0) {
        d->day = (gint)n;
    }
    return end;
}

static const char *
take_zone(const char *p, struct date_parts *d)
{
    gint sign = *p == '-' ? -1 : 1;
    gsize digits = strspn(p + 1, "0123456789");
    /* a longer number is no zone: nothing of it counts */
    gint n = digits <= 4 ? (gint)g_ascii_strtoll(p + 1, NULL, 10) : 0;
    if (digits == 4)
        d->offset_s = sign * (n / 100 * 3600 + n % 100 * 60);
    else if (digits <= 2 && p[1 + digits] == ':')
        d->offset_s = sign * (n * 3600 + (gint)CLAMP(g_ascii_strtoll(p + 2 + digits, NULL, 10), 0, 59) * 60);
    else
        d->offset_s = sign * n * 3600;
    return p + 1 + strspn(p + 1, "0123456789:");
}

static void
scan_date(const char *p, struct date_parts *d)
{
    bool timed = false;
    while (*p) {
        if (g_ascii_isdigit(*p)) {
            p = take_number(p, d);
            timed = timed || d->hour > 0 || d->minute > 0;
        } else if ((*p == '+' || *p == '-') && g_ascii_isdigit(p[1]) && timed) {
            p = take_zone(p, d);
        } else if (g_ascii_isalpha(*p)) {
            gsize len = 0;
            while (g_ascii_isalpha(p[len]))
                len++;
            d->month = d->month == 0 && len >= 3 ? month_of(p) : d->month;
            d->afternoon |= len == 2 && g_ascii_strncasecmp(p, "pm", 2) == 0;
            d->morning |= len == 2 && g_ascii_strncasecmp(p, "am", 2) == 0;
            p += len;
        } else {
            d->afternoon |= g_str_has_prefix(p, "下午") || g_str_has_prefix(p, "晚上");
            p = utf8_next(p);
        }
    }
}

static int64_t
read_date(const char *value)
{
    struct date_parts d = {0};
    if (!value || strlen(value) > 200)
        return 0;
    scan_date(value, &d);
    if (d.year < 1970 || d.month == 0 || d.day == 0)
        return 0;
    if (d.afternoon && d.hour < 12)
        d.hour += 12;
    if (d.morning && d.hour == 12)
        d.hour = 0;
    g_autoptr(GDateTime) at = g_date_time_new_utc(d.year, d.month, d.day, d.hour, d.minute, d.second);
    return at ? g_date_time_to_unix(at) - d.offset_s : 0;
}

/* The text below the header block, one level of ">" off where the block has it. */
static char *
read_text(GArray *lines, guint i, bool quoted)
{
    g_autoptr(GString) text = g_string_new(NULL);
    guint marks = i < lines->len ? lines_at(lines, i)->marks & (guint)MARK_QUOTE : 0;
    for (; i < lines->len; i++) {
        const struct text_line *line = lines_at(lines, i);
        /* below the forwarding container stands the forwarder's own text again */
        if (marks && !(line->marks & MARK_QUOTE) && !line_is_blank(line))
            break;
        const char *start = line->start;
        gsize skip = quoted && line->len > 0 && *start == '>' ? 1 : 0;
        skip += skip && line->len > 1 && start[1] == ' ';
        g_string_append_len(text, start + skip, (gssize)(line->len - skip));
        g_string_append_c(text, '\n');
    }
    return g_strdup(g_strstrip(text->str));
}

struct mail_forward *
forward_read(GArray *lines, guint i)
{
    g_auto(field_block_t) block = {0};
    guint at = lines_next_text(lines, i), tries = 0;
    while (at < lines->len && tries <= LINES_BETWEEN && !field_block_at(lines, at, true, &block)) {
        at = lines_next_text(lines, at + 1);
        tries++;
    }
    if (!block.from)
        return NULL;
    struct mail_forward *forward = g_new0(struct mail_forward, 1);
    read_from(block.from, &forward->from);
    forward->date_at = read_date(block.date);
    forward->subject = block.subject ? clean_line(block.subject, CAP_SUBJECT_BYTES) : NULL;
    forward->to = block.to ? clean_line(block.to, CAP_SUBJECT_BYTES) : NULL;
    bool quoted = line_quote_depth(lines_at(lines, at), NULL) > 0;
    forward->text = read_text(lines, block.end, quoted);
    return forward;
}

/* Back from the address: to a quotation mark, or over words to a comma, a number or the verb, which is in
 * lower case ("heeft John Doe <"). */
static const char *
name_start(const char *text, const char *address)
{
    const char *end = address;
    while (end > text && strchr(" \t<([", end[-1]))
        end--;
    if (end > text && end[-1] == '"') {
        const char *open = memrchr(text, '"', (gsize)(end - 1 - text));
        return open ? open : end;
    }
    const char *start = end;
    while (start > text && !strchr(",;:0123456789", start[-1]))
        start--;
    for (const char *word = start; word < end;) {
        gsize len = strcspn(word, " ");
        bool is_time = len == 2 && (memcmp(word, "PM", 2) == 0 || memcmp(word, "AM", 2) == 0);
        if (len > 0 && !is_time && !g_unichar_islower(g_utf8_get_char(word)))
            return word;
        word += MIN(len + 1, (gsize)(end - word));
    }
    return end;
}

struct mail_forward *
forward_read_wrote(GArray *lines, guint i, guint end)
{
    g_autoptr(GString) joined = g_string_new(NULL);
    for (guint n = i; n < end; n++) {
        g_autofree char *bare = line_bare(lines_at(lines, n));
        g_string_append_printf(joined, "%s%s", n > i ? " " : "", bare);
    }
    gsize len = 0;
    const char *address = find_address(joined->str, &len);
    if (!address)
        return NULL;
    struct mail_forward *forward = g_new0(struct mail_forward, 1);
    read_from(name_start(joined->str, address), &forward->from);
    forward->date_at = read_date(joined->str);
    forward->text = read_text(lines, end, false);
    return forward;
}
