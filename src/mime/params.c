/* params.c - reads parameters, well formed or not. Does not know what they mean. Linear in the value for a
 * fixed number of look-ups. */
#include "params.h"

#include "charset.h"
#include "words.h"

#include <stdbool.h>
#include <string.h>

struct param {
    char *name;       /* lower case, without RFC 2231's stars */
    char *value;      /* bytes */
    int section;      /* of a continuation, or -1 */
    bool is_extended; /* percent-encoded, with charset in front of the first section */
};

static void
param_free(struct param *param)
{
    g_free(param->name);
    g_free(param->value);
    g_free(param);
}

void
params_free(struct params *params)
{
    if (!params)
        return;
    g_free(params->value);
    g_ptr_array_unref(params->list);
    g_free(params);
}

/* `name`, `name*`, `name*2`, `name*2*` */
static void
split_name(struct param *param)
{
    char *star = strchr(param->name, '*');
    param->section = -1;
    if (!star)
        return;
    *star = '\0';
    if (g_ascii_isdigit(star[1]))
        param->section = (int)MIN(g_ascii_strtoull(star + 1, NULL, 10), 100000);
    param->is_extended = param->section < 0 || star[strlen(star + 1)] == '*';
}

/* Whether the quote at `at` ends the value although a backslash stands before it: in Big5, GBK and Shift_JIS
 * that is the second byte of many characters. */
static bool
is_behind_character(const char *value, gsize len, const char *at)
{
    const char *next = at + 1 + strspn(at + 1, " \t\r\n");
    return len > 0 && (guchar)value[len - 1] >= 0x80 && (*next == '\0' || *next == ';');
}

/* A quoted string; *at behind it. A backslash escapes only a quote or a backslash: Windows paths are sent as
 * they are. */
static char *
read_quoted(const char **at)
{
    GString *value = g_string_new(NULL);
    const char *p = *at + 1;
    for (; *p && *p != '"'; p++) {
        bool is_escape = *p == '\\' && (p[1] == '"' || p[1] == '\\');
        if (is_escape && !(p[1] == '"' && is_behind_character(value->str, value->len, p + 1)))
            p++;
        g_string_append_c(value, *p);
    }
    *at = *p ? p + 1 : p;
    return g_string_free(value, FALSE);
}

/* Up to the next `;`: names with spaces are sent without quotes. A comment at the end is none of it. */
static char *
read_token(const char **at)
{
    gsize len = strcspn(*at, ";");
    char *value = g_strndup(*at, len);
    *at += len;
    g_strchomp(value);
    gsize n = strlen(value);
    char *open = strrchr(value, '(');
    if (n > 0 && value[n - 1] == ')' && open && open > value && g_ascii_isspace(open[-1])) {
        *open = '\0';
        g_strchomp(value);
    }
    n = strlen(value);
    if (n > 2 && value[0] == '\'' && value[n - 1] == '\'') { /* quotes of another language */
        value[n - 1] = '\0';
        memmove(value, value + 1, n - 1);
    }
    return value;
}

/* One parameter at *at, which is not at the end; NULL for a piece without `=`. */
static struct param *
read_param(const char **at)
{
    gsize len = strcspn(*at, "=;");
    const char *name = *at;
    *at += len;
    if (**at != '=')
        return NULL;
    *at += 1;
    *at += strspn(*at, " \t\r\n");
    struct param *param = g_new0(struct param, 1);
    param->name = g_strstrip(g_ascii_strdown(name, (gssize)len));
    param->value = **at == '"' ? read_quoted(at) : read_token(at);
    split_name(param);
    return param;
}

/* How far the value goes that stands before the parameters: to `;`, or to white space or a comma behind
 * which a parameter follows although the semicolon is missing. */
static gsize
head_length(const char *p)
{
    gsize len = strcspn(p, "=;, \t\r\n");
    if (p[len] == '=')
        return 0; /* no value at all: a parameter */
    gsize gap = strspn(p + len, ", \t\r\n");
    gsize name = strcspn(p + len + gap, "=;, \t\r\n\"(");
    return gap > 0 && name > 0 && p[len + gap + name] == '=' ? len : strcspn(p, ";");
}

struct params *
params_parse(const char *value)
{
    struct params *params = g_new0(struct params, 1);
    const char *p = value + strspn(value, " \t\r\n;");
    gsize len = head_length(p);
    g_autofree char *head = g_strndup(p, len);
    head[strcspn(head, "(")] = '\0';
    params->value = g_strstrip(g_ascii_strdown(head, -1));
    params->list = g_ptr_array_new_with_free_func((GDestroyNotify)param_free);
    p += len;
    while (*p && params->list->len < PARAMS_MAX) {
        p += strspn(p, ";, \t\r\n");
        struct param *param = *p ? read_param(&p) : NULL;
        if (param)
            g_ptr_array_add(params->list, param);
        p += strcspn(p, ";"); /* what stands behind a quoted string is nothing */
    }
    return params;
}

static void
append_escaped(GString *out, const char *p, char escape)
{
    for (; *p; p++) {
        if (*p == escape && g_ascii_isxdigit(p[1]) && g_ascii_isxdigit(p[2])) {
            g_string_append_c(out, (char)(g_ascii_xdigit_value(p[1]) << 4 | g_ascii_xdigit_value(p[2])));
            p += 2;
        } else {
            g_string_append_c(out, *p);
        }
    }
}

/* `charset'language'text`: the text; *charset_out (g_free) or NULL. A value without the quotes is all text.
 */
static const char *
skip_charset(const char *value, char **charset_out)
{
    const char *first = strchr(value, '\'');
    const char *second = first ? strchr(first + 1, '\'') : NULL;
    if (!second || strcspn(value, "% ") < (gsize)(first - value))
        return value;
    *charset_out = g_strndup(value, (gsize)(first - value));
    return second + 1;
}

static const struct param *
find_section(const struct params *params, const char *name, int section, bool extended)
{
    for (guint i = 0; i < params->list->len; i++) {
        const struct param *param = params->list->pdata[i];
        if (param->section == section && (section >= 0 || param->is_extended == extended) &&
            strcmp(param->name, name) == 0)
            return param;
    }
    return NULL;
}

/* The RFC 2231 form: bytes, and the charset if one was named. NULL if there is none. */
static GString *
extended_bytes(const struct params *params, const char *name, char **charset_out)
{
    const struct param *param = find_section(params, name, -1, true);
    int section = param ? -1 : 0;
    if (!param && !(param = find_section(params, name, 0, true)))
        param = find_section(params, name, section = 1, true); /* some count from 1 */
    if (!param)
        return NULL;
    GString *bytes = g_string_new(NULL);
    const char *text = param->is_extended ? skip_charset(param->value, charset_out) : param->value;
    while (param) {
        if (param->is_extended)
            append_escaped(bytes, text, '%');
        else
            g_string_append(bytes, text);
        param = section < 0 ? NULL : find_section(params, name, ++section, true);
        text = param ? param->value : NULL;
    }
    return bytes;
}

char *
params_bytes(const struct params *params, const char *name)
{
    const struct param *plain = find_section(params, name, -1, false);
    g_autofree char *charset = NULL;
    if (plain)
        return g_strdup(plain->value);
    GString *bytes = extended_bytes(params, name, &charset);
    return bytes ? g_string_free(bytes, FALSE) : NULL;
}

/* The bytes in their charset, or else as words, which some put even into the RFC 2231 form. */
static char *
text_of(const GString *bytes, const char *named, const char *charset)
{
    if (!named || !*named)
        return words_decode(bytes->str, charset);
    g_autofree char *text = charset_to_utf8(named, bytes->str, bytes->len, NULL);
    return strstr(text, "=?") ? words_decode(text, charset) : g_steal_pointer(&text);
}

/* The value unescaped, if that gives UTF-8 and not just ASCII, which may be meant as it is; or NULL. */
static char *
unescaped_text(const char *value, char escape)
{
    GString *bytes = g_string_new(NULL);
    append_escaped(bytes, value, escape);
    bool is_text = g_utf8_validate_len(bytes->str, bytes->len, NULL) && !g_str_is_ascii(bytes->str) &&
                   strcmp(bytes->str, value) != 0;
    return g_string_free(bytes, !is_text);
}

/* Escapes that have no place in a plain value: those of RFC 2231 behind a known charset, of an URL, of a
 * Q-word without its frame. NULL if there are none. */
static char *
escaped_text(const char *value)
{
    g_autofree char *named = NULL;
    const char *text = skip_charset(value, &named);
    if (named && *named && charset_is_known(named) && strchr(text, '%')) {
        GString *bytes = g_string_new(NULL);
        append_escaped(bytes, text, '%');
        char *decoded = charset_to_utf8(named, bytes->str, bytes->len, NULL);
        g_string_free(bytes, TRUE);
        return decoded;
    }
    if (strstr(value, "=?"))
        return NULL;
    char *decoded = strchr(value, '%') ? unescaped_text(value, '%') : NULL;
    return decoded || !strchr(value, '=') ? decoded : unescaped_text(value, '=');
}

char *
params_text(const struct params *params, const char *name, const char *charset)
{
    g_autofree char *named = NULL;
    GString *bytes = extended_bytes(params, name, &named);
    const struct param *plain = find_section(params, name, -1, false);
    if (!bytes) {
        char *text = plain ? escaped_text(plain->value) : NULL;
        return text || !plain ? text : words_decode(plain->value, charset);
    }
    char *text = text_of(bytes, named, charset);
    g_string_free(bytes, TRUE);
    return text;
}
