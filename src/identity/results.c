/* results.c - parser of Authentication-Results (RFC 8601 section 2.2). Does not know whom to believe.
 *
 * A sender has a hand in what the border writes: the local part of an envelope sender, a HELO name. So a
 * field is believed whole or not at all: an open quote or comment spoils it, and a quoted string is never
 * taken for structure. One pass, comments counted and not recursed into. */
#include "results.h"

#include <string.h>

/* Borders write one result a method and one a DKIM signature. */
#define RESULTS_MAX 100

bool
comment_skip(const char **at)
{
    guint depth = 0;
    for (const char *p = *at; *p; p++) {
        if (*p == '\\' && p[1])
            p++;
        else if (*p == '(')
            depth++;
        else if (*p == ')' && --depth == 0) {
            *at = p + 1;
            return true;
        }
    }
    return false;
}

/* Moves over white space and comments. */
static bool
skip_blank(const char **at)
{
    for (;;) {
        *at += strspn(*at, " \t\r\n");
        if (**at != '(')
            return true;
        if (!comment_skip(at))
            return false;
    }
}

static bool
take_quoted(const char **at, GString *out)
{
    const char *p = *at + 1;
    for (; *p && *p != '"'; p++) {
        if (*p == '\\' && p[1])
            p++;
        g_string_append_c(out, *p);
    }
    *at = *p ? p + 1 : p;
    return *p != '\0';
}

/* A word, maybe empty, up to one of `stops`, white space or a comment; quoted strings within it are
 * unquoted. NULL when a quote is open. */
static char *
take_word(const char **at, const char *stops)
{
    g_autoptr(GString) word = g_string_new(NULL);
    while (**at && !strchr(" \t\r\n(", **at) && !strchr(stops, **at)) {
        if (**at != '"')
            g_string_append_c(word, *(*at)++);
        else if (!take_quoted(at, word))
            return NULL;
    }
    return g_strdup(word->str);
}

/* The place for a property's value, or NULL for one that nobody asks for. */
static char **
property_slot(struct auth_result *result, const char *key)
{
    const struct {
        const char *key;
        char **slot;
    } slots[] = {{"header.from", &result->header_from},
                 {"header.d", &result->header_d},
                 {"header.i", &result->header_i},
                 {"smtp.mailfrom", &result->smtp_mailfrom},
                 {"smtp.mail", &result->smtp_mailfrom}};
    for (guint i = 0; i < G_N_ELEMENTS(slots); i++)
        if (g_ascii_strcasecmp(key, slots[i].key) == 0)
            return slots[i].slot;
    return NULL;
}

/* `key = value` with the cursor on key; white space and comments may stand around "=". The value may be
 * empty: `smtp.mailfrom=;` of a null sender. */
static bool
take_pair(const char **at, char **key_out, char **value_out)
{
    g_autofree char *key = take_word(at, ";=");
    if (!key || *key == '\0' || !skip_blank(at) || **at != '=')
        return false;
    (*at)++;
    g_autofree char *value = skip_blank(at) ? take_word(at, ";") : NULL;
    if (!value || !skip_blank(at))
        return false;
    *key_out = g_steal_pointer(&key);
    *value_out = g_steal_pointer(&value);
    return true;
}

static void
result_clear(gpointer data)
{
    struct auth_result *result = data;
    g_free(result->method);
    g_free(result->result);
    g_free(result->header_from);
    g_free(result->header_d);
    g_free(result->header_i);
    g_free(result->smtp_mailfrom);
}

/* The properties behind a method's result, up to ";" or the end. A property written twice is malformed. */
static bool
take_properties(const char **at, struct auth_result *result)
{
    while (**at && **at != ';') {
        g_autofree char *key = NULL;
        g_autofree char *value = NULL;
        if (!take_pair(at, &key, &value))
            return false;
        char **slot = property_slot(result, key);
        if (slot && *slot)
            return false;
        if (slot)
            *slot = g_steal_pointer(&value);
    }
    return true;
}

/* `method[/version] = result properties` with the cursor on method. */
static bool
take_result(const char **at, GArray *results)
{
    if (results->len >= RESULTS_MAX)
        return false;
    g_autofree char *method = NULL;
    g_autofree char *value = NULL;
    if (!take_pair(at, &method, &value))
        return false;
    method[strcspn(method, "/")] = '\0';
    struct auth_result result = {.method = g_ascii_strdown(method, -1), .result = g_ascii_strdown(value, -1)};
    bool is_good = take_properties(at, &result);
    g_array_append_val(results, result);
    return is_good;
}

/* Results, each behind a ";"; `none` and empty ones say nothing. */
static bool
take_results(const char *at, GArray *results)
{
    while (*at == ';') {
        at++;
        if (!skip_blank(&at))
            return false;
        if (g_ascii_strncasecmp(at, "none", 4) == 0 && strchr("; \t(", at[4])) {
            at += 4;
            if (!skip_blank(&at))
                return false;
        } else if (*at && *at != ';' && !take_result(&at, results)) {
            return false;
        }
    }
    return *at == '\0';
}

/* The version behind the id, if any: only 1 is known. */
static bool
skip_version(const char **at)
{
    if (**at == '1')
        (*at)++;
    return skip_blank(at) && (**at == ';' || **at == '\0');
}

bool
auth_results_parse(const char *value, struct auth_results *results_out)
{
    *results_out = (struct auth_results){.results = g_array_new(FALSE, FALSE, sizeof(struct auth_result))};
    g_array_set_clear_func(results_out->results, result_clear);
    const char *at = value;
    if (!skip_blank(&at))
        return false;
    const char *start = at;
    g_autofree char *id = take_word(&at, ";=");
    if (!id || *id == '\0' || !skip_blank(&at))
        return false;
    if (*at == '=') { /* no id: the field begins with a result */
        at = start;
        return take_result(&at, results_out->results) && take_results(at, results_out->results);
    }
    results_out->id = g_steal_pointer(&id);
    return skip_version(&at) && take_results(at, results_out->results);
}

void
auth_results_clear(struct auth_results *results)
{
    g_clear_pointer(&results->id, g_free);
    g_clear_pointer(&results->results, g_array_unref);
}
