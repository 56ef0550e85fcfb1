/* values.c - the check of one value by its type. Whether values fit together is the matter of config.c
 * and team.c. */
#include "values.h"

#include <cardpost/clean.h>
#include <cardpost/config.h>
#include <cardpost/provider.h>

#include <arpa/inet.h>
#include <string.h>

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define DIGIT "0123456789"

bool
value_is_key(const char *value)
{
    return g_ascii_islower(value[0]) && strlen(value) <= 31 &&
           strspn(value, LOWER DIGIT "-") == strlen(value);
}

bool
value_is_loopback(const char *host)
{
    struct in_addr four;
    struct in6_addr six;
    if (inet_pton(AF_INET, host, &four) == 1)
        return (ntohl(four.s_addr) >> 24) == 127;
    if (inet_pton(AF_INET6, host, &six) == 1)
        return IN6_IS_ADDR_LOOPBACK(&six);
    return g_ascii_strcasecmp(host, "localhost") == 0;
}

const char *
value_maildir(const char *value)
{
    return g_str_has_prefix(value, "maildir:") ? value + strlen("maildir:") : NULL;
}

int
value_choice(const char *choices, const char *value)
{
    g_auto(GStrv) words = g_strsplit(choices, "|", -1);
    for (int i = 0; words[i]; i++)
        if (strcmp(words[i], value) == 0)
            return i;
    return -1;
}

/* What a unit letter multiplies by; 0: not a unit of this type. */
static int64_t
unit_of(enum conf_type type, char unit)
{
    if (unit == '\0')
        return 1;
    if (type == CONF_SIZE)
        return unit == 'k' ? 1024 : unit == 'M' ? 1024 * 1024 : 0;
    if (type == CONF_DURATION)
        return unit == 's' ? 1 : unit == 'm' ? 60 : unit == 'h' ? 3600 : 0;
    return 0;
}

bool
value_number(const struct conf_key *key, const char *value, int64_t *number_out)
{
    gsize digits = strspn(value, DIGIT);
    if (digits == 0 || digits > 12 || (value[digits] && value[digits + 1]))
        return false;
    int64_t unit = unit_of(key->type, value[digits]);
    if (unit == 0)
        return false;
    *number_out = (int64_t)g_ascii_strtoull(value, NULL, 10) * unit;
    return *number_out >= key->min && *number_out <= key->max;
}

static char *
number_problem(const struct conf_key *key, const char *value)
{
    int64_t number;
    if (value_number(key, value, &number))
        return NULL;
    const char *form = key->type == CONF_SIZE       ? "a size in bytes, with k or M, as in 25M,"
                       : key->type == CONF_DURATION ? "seconds, or a time as in 90s, 2m, 1h,"
                                                    : "a whole number";
    return g_strdup_printf("\"%s\" is not %s from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, value, form,
                           key->min, key->max);
}

static char *
choice_problem(const char *choices, const char *value)
{
    if (value_choice(choices, value) >= 0)
        return NULL;
    g_auto(GStrv) words = g_strsplit(choices, "|", -1);
    g_autofree char *list = g_strjoinv(", ", words);
    return g_strdup_printf("\"%s\" is not one of: %s", value, list);
}

static bool
is_host(const char *host)
{
    struct in6_addr six;
    if (inet_pton(AF_INET6, host, &six) == 1)
        return true;
    gsize len = strlen(host);
    return len > 0 && len <= 253 && host[0] != '-' && host[0] != '.' && !strstr(host, "..") &&
           strspn(host, LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGIT ".-") == len;
}

/* GLib would also take an offset, a POSIX rule or a path of any file. */
static bool
is_zone(const char *zone)
{
    if (!g_ascii_isalpha(zone[0]) || strlen(zone) > 60 || strstr(zone, "..") ||
        strspn(zone, LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGIT "_+/-") != strlen(zone))
        return false;
    g_autoptr(GTimeZone) known = g_time_zone_new_identifier(zone);
    return known != NULL;
}

static char *
provider_problem(const char *value)
{
    if (provider_by_name(value))
        return NULL;
    GString *names = g_string_new(NULL);
    guint n;
    const struct provider *const *all = provider_all(&n);
    for (guint i = 0; i < n; i++)
        g_string_append_printf(names, "%s%s", i ? ", " : "", all[i]->name);
    char *problem = g_strdup_printf("\"%s\" is no known provider; known are: %s", value, names->str);
    g_string_free(names, TRUE);
    return problem;
}

static char *
mark_problem(const char *value)
{
    const char *colon = strchr(value, ':');
    gsize name = colon ? (gsize)(colon - value) : 0;
    bool is_mark = name > 0 && strspn(value, LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGIT "-") == name &&
                   strspn(colon + 1, " ") != strlen(colon + 1);
    return *value == '\0' || is_mark
               ? NULL
               : g_strdup_printf("\"%s\" is not \"Header-Name: value\", nor \"\" for none", value);
}

static char *
source_problem(const struct conf_key *key, const char *value)
{
    const char *maildir = value_maildir(value);
    bool is_good = maildir ? *maildir != '\0' : value_choice(key->choices, value) >= 0;
    return is_good ? NULL
                   : g_strdup_printf("\"%s\" is neither \"%s\" nor \"maildir:PATH\"", value, key->choices);
}

static char *
text_problem(const struct conf_key *key, const char *value)
{
    gsize len = strlen(value);
    if (len < (gsize)key->min)
        return g_strdup("is empty; give it a value or remove the line");
    if (len > (gsize)key->max)
        return g_strdup_printf("is %" G_GSIZE_FORMAT " bytes long; at most %" G_GINT64_FORMAT " are allowed",
                               len, key->max);
    return NULL;
}

/* "VALUE is not WHAT", unless it is. */
static char *
unless(bool is_good, const char *value, const char *what)
{
    return is_good ? NULL : g_strdup_printf("\"%s\" is not %s", value, what);
}

static char *
problem_by_type(const struct conf_key *key, const char *value)
{
    switch (key->type) {
    case CONF_TEXT:
    case CONF_LIST:
        return text_problem(key, value);
    case CONF_KEY:
    case CONF_KEYS:
        return unless(value_is_key(value), value,
                      "a key: a lower-case letter, then up to 30 letters, digits and \"-\"");
    case CONF_NAME:
        return unless(value_is_key(value) && strlen(value) <= 16 && !strchr(value, '-'), value,
                      "a name: a lower-case letter, then up to 15 letters and digits");
    case CONF_PATH:
        return unless(*value != '\0', value, "a path");
    case CONF_SOURCE:
        return source_problem(key, value);
    case CONF_DONE:
        return unless(strcmp(value, "remember") == 0 || (g_str_has_prefix(value, "move:") && value[5]), value,
                      "\"remember\" or \"move:FOLDER\"");
    case CONF_ADDRESS:
    case CONF_ADDRESSES:
        return unless(clean_is_address(value), value, "a plain mail address such as tasks@example.com");
    case CONF_HOST:
        return unless(is_host(value), value, "a host name or IP address such as imap.example.com");
    case CONF_ZONE:
        return unless(is_zone(value), value, "a time zone such as Asia/Shanghai or Europe/Berlin");
    case CONF_NUMBER:
    case CONF_SIZE:
    case CONF_DURATION:
        return number_problem(key, value);
    case CONF_FLAG:
        return choice_problem("true|false", value);
    case CONF_CHOICE:
        return choice_problem(key->choices, value);
    case CONF_PROVIDER:
        return provider_problem(value);
    case CONF_MARK:
        return mark_problem(value);
    case CONF_REFUSED:
        return g_strdup(key->summary);
    }
    return g_strdup("has no type");
}

char *
value_problem(const struct conf_key *key, const char *value)
{
    for (const char *p = value; *p && key->type != CONF_REFUSED; p++)
        if (g_ascii_iscntrl(*p))
            return g_strdup("holds a control character; one line of text would be right");
    return problem_by_type(key, value);
}

char *
config_value_problem(const char *section, const char *key, const char *value)
{
    return value_problem(conf_key(section, key), value);
}
