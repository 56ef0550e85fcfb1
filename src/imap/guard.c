/* guard.c - see guard.h. One pass, no allocation. */
#include "guard.h"

#include <cardpost/caps.h>

#include <string.h>

#define PARENTHESES_MAX 20 /* nothing we ask for nests deeper than a few */

void
guard_init(struct guard *guard, int64_t max_literal_bytes)
{
    *guard = (struct guard){.max_literal_bytes = max_literal_bytes};
}

void
guard_new_command(struct guard *guard)
{
    guard->response_bytes = 0;
}

static bool
break_bound(struct guard *guard, const char *what)
{
    guard->violation = what;
    return false;
}

/* The size a line's end announces as "{123}" or "{123+}", -1 for none, -2 for one that is no size. */
static int64_t
announced_literal(const struct guard *guard)
{
    if (guard->tail_len < 3 || guard->tail[guard->tail_len - 1] != '}')
        return -1;
    gsize end = guard->tail_len - 1, start = end;
    if (guard->tail[end - 1] == '+')
        end--;
    while (start > 0 && guard->tail[start - 1] != '{')
        start--;
    if (start == 0)
        return guard->tail_len == sizeof guard->tail ? -2 : -1;
    int64_t size = 0;
    for (gsize i = start; i < end; i++) {
        if (!g_ascii_isdigit(guard->tail[i]))
            return -1;
        size = size * 10 + (guard->tail[i] - '0');
        if (size > INT64_MAX / 100)
            return -2;
    }
    return start < end ? size : -1;
}

static void
keep_tail(struct guard *guard, char c)
{
    if (guard->tail_len == sizeof guard->tail) {
        memmove(guard->tail, guard->tail + 1, sizeof guard->tail - 1);
        guard->tail_len--;
    }
    guard->tail[guard->tail_len++] = c;
}

static bool
end_line(struct guard *guard)
{
    int64_t literal = announced_literal(guard);
    guard->line_bytes = 0;
    guard->tail_len = 0;
    guard->in_quotes = guard->is_escaped = false;
    if (literal == -2 || literal > guard->max_literal_bytes) {
        guard->literal_too_big = true;
        return break_bound(guard, "a literal over its bound");
    }
    if (literal >= 0)
        guard->literal_left = literal;
    else
        guard->depth = 0;
    return true;
}

/* Quoted strings hide parentheses. */
static bool
follow_character(struct guard *guard, char c)
{
    if (guard->in_quotes) {
        if (guard->is_escaped)
            guard->is_escaped = false;
        else if (c == '\\')
            guard->is_escaped = true;
        else if (c == '"')
            guard->in_quotes = false;
    } else if (c == '"') {
        guard->in_quotes = true;
    } else if (c == '(' && ++guard->depth > PARENTHESES_MAX) {
        return break_bound(guard, "parentheses nested too deep");
    } else if (c == ')' && guard->depth > 0) {
        guard->depth--;
    }
    if (c != '\r')
        keep_tail(guard, c);
    return true;
}

bool
guard_check(struct guard *guard, const char *bytes, gsize len)
{
    for (gsize i = 0; i < len && !guard->violation; i++) {
        if (guard->literal_left > 0) {
            int64_t skipped = MIN(guard->literal_left, (int64_t)(len - i));
            guard->literal_left -= skipped;
            i += (gsize)skipped - 1;
            continue;
        }
        if (++guard->line_bytes > CAP_IMAP_LINE_BYTES)
            break_bound(guard, "a line over its bound");
        else if (++guard->response_bytes > CAP_IMAP_RESPONSE_BYTES)
            break_bound(guard, "an answer over its bound");
        else if (bytes[i] == '\n')
            end_line(guard);
        else
            follow_character(guard, bytes[i]);
    }
    return guard->violation == NULL;
}
