/* log.c - one escaped line a fact on standard error; does not know what the facts are. */
#include <cardpost/log.h>

#include <cardpost/clock.h>

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct {
    char process[32];
    enum log_level level;
} settings = {.process = "cardpost", .level = LOG_LEVEL_INFO};

static const char *const level_names[] = {"error", "warning", "info", "debug"};
static const char *const syslog_prefix[] = {"<3>", "<4>", "<6>", "<7>"};

void
log_set_process(const char *name)
{
    g_strlcpy(settings.process, name, sizeof settings.process);
}

void
log_set_level(enum log_level level)
{
    settings.level = level;
}

struct log_number
log_int(int64_t n)
{
    struct log_number number;
    g_snprintf(number.text, sizeof number.text, "%" G_GINT64_FORMAT, n);
    return number;
}

/* Plain values stay bare, so that lines are easy to read and to grep. */
static bool
is_plain(const char *value)
{
    if (*value == '\0')
        return false;
    for (const char *p = value; *p; p++)
        if ((guchar)*p <= ' ' || *p == '"' || *p == '\\' || *p == '=' || (guchar)*p >= 0x7f)
            return false;
    return strlen(value) <= LOG_VALUE_MAX;
}

/* Printable, and no character that reorders or hides text on a terminal. */
static bool
is_shown(gunichar c)
{
    if (!g_unichar_isprint(c) || c == '"' || c == '\\')
        return false;
    return g_unichar_type(c) != G_UNICODE_FORMAT;
}

char *
log_escape(const char *value)
{
    if (is_plain(value))
        return g_strdup(value);
    GString *out = g_string_new("\"");
    const char *p = value;
    while (*p && out->len < LOG_VALUE_MAX) {
        gunichar c = g_utf8_get_char_validated(p, -1);
        if (c == (gunichar)-1 || c == (gunichar)-2) {
            g_string_append_printf(out, "\\x%02x", (guchar)*p++);
            continue;
        }
        if (is_shown(c))
            g_string_append_unichar(out, c);
        else if (c == '"' || c == '\\')
            g_string_append_printf(out, "\\%c", (char)c);
        else if (c == '\n')
            g_string_append(out, "\\n");
        else
            g_string_append_printf(out, "\\u{%x}", c);
        p = g_utf8_find_next_char(p, NULL);
    }
    if (*p)
        g_string_append(out, "…");
    g_string_append_c(out, '"');
    return g_string_free(out, FALSE);
}

static void
append_time(GString *line)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autofree char *text = g_date_time_format(now, "%Y-%m-%dT%H:%M:%S");
    g_string_append_printf(line, "%s.%03dZ ", text, g_date_time_get_microsecond(now) / 1000);
}

void
log_write(enum log_level level, const char *event, ...)
{
    if (level > settings.level)
        return;
    g_autoptr(GString) line = g_string_new(NULL);
    if (getenv("JOURNAL_STREAM"))
        g_string_append(line, syslog_prefix[level]);
    else
        append_time(line);
    g_string_append_printf(line, "%s %s[%d] %s", level_names[level], settings.process, (int)getpid(), event);
    va_list args;
    va_start(args, event);
    for (const char *key = va_arg(args, const char *); key; key = va_arg(args, const char *)) {
        const char *value = va_arg(args, const char *);
        if (!value)
            continue;
        g_autofree char *escaped = log_escape(value);
        g_string_append_printf(line, " %s=%s", key, escaped);
    }
    va_end(args);
    g_string_append_c(line, '\n');
    /* One write a line: lines of several processes do not mix. A full disk or closed pipe loses the
     * line and nothing else. */
    if (write(STDERR_FILENO, line->str, line->len) < 0)
        return;
}
