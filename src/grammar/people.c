/* people.c - `@name` in a line: who counts is the caller's affair.
 *
 * Chinese is written without spaces, so "请@li处理" names li: a name of ASCII letters ends where Chinese
 * begins. A name in Chinese ends at a space or a mark. "ann@corp.example" names nobody: before the "@"
 * stands a letter of a script with spaces, or a mark of a local part. */
#include "people.h"

#include <cardpost/grammar.h>

#include <cardpost/clean.h>

#include "fold.h"

#include <string.h>

#define NAME_BYTES 200

/* Length of an "@" in either width at `at`, or 0. */
static gsize
at_sign(const char *at)
{
    return *at == '@' ? 1 : strncmp(at, "＠", strlen("＠")) == 0 ? strlen("＠") : 0;
}

/* Letters of scripts that are written without spaces between words. */
static bool
is_spaceless(gunichar c)
{
    return g_unichar_iswide(c) && !(c >= 0xff00 && c <= 0xffef) && !(c >= 0xac00 && c <= 0xd7a3);
}

static bool
is_name_character(gunichar c)
{
    return g_unichar_isalnum(c) || g_unichar_ismark(c) || (c < 128 && strchr("._-", (int)c)) || c == 0xb7;
}

/* Whether an "@" here may begin a name, by what stands before it. */
static bool
may_begin(const char *line, const char *at)
{
    if (at == line)
        return true;
    gunichar c = g_utf8_get_char(g_utf8_prev_char(at));
    if (c < 128 && strchr("@.+-_%\"", (int)c))
        return false;
    return c != 0xff20 && (!g_unichar_isalnum(c) || is_spaceless(c));
}

/* Where the name that begins at `at` ends; `at` itself when there is none. */
static const char *
name_end(const char *at)
{
    const char *end = at;
    bool was_spaced = false; /* the last letter belongs to a script with spaces, from the start on */
    for (const char *p = at; *p && p - at < NAME_BYTES; p = g_utf8_find_next_char(p, NULL)) {
        gunichar c = g_utf8_get_char(p);
        if (!is_name_character(c) || (was_spaced && is_spaceless(c)))
            break;
        was_spaced = p == at ? !is_spaceless(c) : was_spaced;
        if (g_unichar_isalnum(c) || g_unichar_ismark(c)) /* "@li." ends before the full stop */
            end = g_utf8_find_next_char(p, NULL);
    }
    return end;
}

bool
people_next(const char *line, const char *at, struct person_span *span_out)
{
    for (; *at; at++) {
        gsize sign = at_sign(at);
        if (sign == 0 || !may_begin(line, at))
            continue;
        const char *name = at + sign;
        const char *end = name_end(name);
        /* "@li@corp.example" is an address of some kind; "@李雷@王芳" are two people */
        bool is_address = end > name && at_sign(end) > 0 && !may_begin(line, end);
        if (end == name || is_address)
            continue;
        *span_out = (struct person_span){.start = at, .name = name, .end = end};
        return true;
    }
    return false;
}

char *
people_name(const struct person_span *span)
{
    return fold_width(span->name, (gsize)(span->end - span->name));
}

static bool
is_known(const struct person_span *span, const GPtrArray *known)
{
    g_autofree char *name = clean_fold(span->name, span->end - span->name);
    for (guint i = 0; i < known->len; i++) {
        const char *one = g_ptr_array_index(known, i);
        g_autofree char *folded = clean_fold(one, -1);
        if (strcmp(name, folded) == 0)
            return true;
    }
    return false;
}

char *
grammar_title_without(const char *title, const GPtrArray *known)
{
    GString *out = g_string_new(NULL);
    struct person_span span;
    const char *kept = title;
    for (const char *at = title; known && people_next(title, at, &span); at = span.end) {
        if (!is_known(&span, known))
            continue;
        fold_append(out, kept, (gsize)(span.start - kept));
        kept = span.end;
    }
    fold_append(out, kept, strlen(kept));
    return g_strstrip(g_string_free(out, FALSE));
}
