/* guard.c - counts what a server sends before libetpan's parser sees it. Understands only as much IMAP as
 * that needs: lines, quoted strings, literals, parentheses, words.
 *
 * libetpan 1.9.4 (measured) grows without end on a line without end, allocates what a literal announces,
 * overruns its stack on deep parentheses and lets numbers wrap. Each is stopped here, by the bytes alone:
 * what is inside a literal counts for nothing but its length. A quoted string cannot hold a line end (RFC
 * 3501 section 9), so one left open ends with its line. Where we and libetpan could read a byte differently
 * the stricter reading holds: a status line has no literal, parentheses in strings are counted too. */
#include "guard.h"

#include <cardpost/caps.h>

#include <string.h>

enum { LITERAL_NONE, LITERAL_DIGITS, LITERAL_CLOSED };

const char *
guard_verdict_text(enum guard_verdict verdict)
{
    static const char *const texts[] = {
        [GUARD_PASS] = "",
        [GUARD_LINE] = "the server sent a line that is too long",
        [GUARD_ANSWER] = "the server's answer is too long",
        [GUARD_LITERAL] = "the server announced more bytes than a mail may have",
        [GUARD_DEPTH] = "the server's answer is nested too deeply",
        [GUARD_NUMBER] = "the server sent a number that is out of range",
        [GUARD_NUL] = "the server sent a NUL byte",
    };
    return texts[verdict];
}

void
guard_init(struct guard *guard, uint64_t max_literal_bytes)
{
    *guard = (struct guard){.max_literal_bytes = max_literal_bytes};
}

void
guard_begin(struct guard *guard)
{
    guard->answer_bytes = 0;
}

/* Whether the word just ended is a number over 32 bits after a word that promises 32. */
static bool
is_out_of_range(const struct guard *guard)
{
    static const char *const names[] = {"UID", "UIDVALIDITY", "UIDNEXT", "RFC822.SIZE"};
    bool is_bounded = false;
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        is_bounded = is_bounded || strcmp(guard->previous, names[i]) == 0;
    if (!is_bounded || guard->word_len == 0 || strspn(guard->word, "0123456789") != strlen(guard->word))
        return false;
    return guard->word_len >= GUARD_WORD_BYTES || g_ascii_strtoull(guard->word, NULL, 10) > UINT32_MAX;
}

/* "+ …", "TAG …", "* OK …" and its kin. */
static void
note_kind(struct guard *guard)
{
    static const char *const statuses[] = {"OK", "NO", "BAD", "BYE", "PREAUTH"};
    if (guard->words == 0)
        guard->is_text = strcmp(guard->word, "*") != 0;
    for (guint i = 0; guard->words == 1 && i < G_N_ELEMENTS(statuses); i++)
        guard->is_text = guard->is_text || strcmp(guard->word, statuses[i]) == 0;
    if (guard->words < 2)
        guard->words++;
}

static enum guard_verdict
end_word(struct guard *guard)
{
    if (guard->word_len == 0)
        return GUARD_PASS;
    note_kind(guard);
    bool is_bad = is_out_of_range(guard);
    memcpy(guard->previous, guard->word, sizeof guard->previous);
    guard->word_len = 0;
    guard->word[0] = '\0';
    return is_bad ? GUARD_NUMBER : GUARD_PASS;
}

static void
add_to_word(struct guard *guard, uint8_t c)
{
    if (guard->word_len + 1 < GUARD_WORD_BYTES) {
        guard->word[guard->word_len] = g_ascii_toupper((char)c);
        guard->word[guard->word_len + 1] = '\0';
    }
    guard->word_len++;
}

/* The literal's announcement, byte by byte; only one that ends its line counts. */
static enum guard_verdict
follow_literal(struct guard *guard, uint8_t c)
{
    if (c == '{') {
        guard->literal_state = LITERAL_DIGITS;
        guard->literal_len = 0;
    } else if (guard->literal_state == LITERAL_DIGITS && g_ascii_isdigit((char)c)) {
        /* No overflow: it stops at the limit, long before. */
        guard->literal_len = guard->literal_len * 10 + (uint64_t)(c - '0');
        if (guard->literal_len > guard->max_literal_bytes)
            return GUARD_LITERAL;
    } else if (guard->literal_state == LITERAL_DIGITS && c == '}') {
        guard->literal_state = LITERAL_CLOSED;
    } else if (c != '\r' && !(guard->literal_state == LITERAL_DIGITS && c == '+')) {
        guard->literal_state = LITERAL_NONE;
    }
    return GUARD_PASS;
}

static enum guard_verdict
end_line(struct guard *guard)
{
    enum guard_verdict verdict = end_word(guard);
    guard->in_string = guard->is_escaped = false;
    guard->line_bytes = 0;
    if (guard->literal_state == LITERAL_CLOSED && !guard->is_text) {
        guard->literal_left = guard->literal_len;
    } else {
        guard->depth = guard->string_depth = guard->words = 0;
        guard->is_text = false;
        guard->previous[0] = '\0';
    }
    guard->literal_state = LITERAL_NONE;
    return verdict;
}

/* One byte outside quoted strings. */
static enum guard_verdict
scan_plain(struct guard *guard, uint8_t c)
{
    if (c == '(' && ++guard->depth > GUARD_MAX_DEPTH)
        return GUARD_DEPTH;
    if (c == ')' && guard->depth > 0)
        guard->depth--;
    if (c == '"')
        guard->in_string = true;
    if (strchr(" ()[]\"\r\n", c))
        return end_word(guard);
    add_to_word(guard, c);
    return GUARD_PASS;
}

static enum guard_verdict
scan_byte(struct guard *guard, uint8_t c)
{
    if (guard->line_bytes < GUARD_HEAD_BYTES - 1) {
        guard->head[guard->line_bytes] = (char)c;
        guard->head[guard->line_bytes + 1] = '\0';
    }
    if (++guard->line_bytes > CAP_IMAP_LINE_BYTES)
        return GUARD_LINE;
    if (++guard->answer_bytes > CAP_IMAP_RESPONSE_BYTES)
        return GUARD_ANSWER;
    if (c == '\0')
        return GUARD_NUL;
    if (c == '\n')
        return end_line(guard);
    enum guard_verdict verdict = guard->in_string ? GUARD_PASS : follow_literal(guard, c);
    if (verdict != GUARD_PASS)
        return verdict;
    if (!guard->in_string)
        return scan_plain(guard, c);
    if (c == '(' && ++guard->string_depth > GUARD_MAX_STRING_DEPTH)
        return GUARD_DEPTH;
    if (guard->is_escaped)
        guard->is_escaped = false;
    else if (c == '\\')
        guard->is_escaped = true;
    else if (c == '"')
        guard->in_string = false;
    return GUARD_PASS;
}

enum guard_verdict
guard_scan(struct guard *guard, const uint8_t *bytes, gsize len)
{
    for (gsize i = 0; i < len;) {
        if (guard->literal_left > 0) {
            gsize n = (gsize)MIN(guard->literal_left, len - i);
            guard->literal_left -= n;
            i += n;
            continue;
        }
        enum guard_verdict verdict = scan_byte(guard, bytes[i++]);
        if (verdict != GUARD_PASS)
            return verdict;
    }
    return GUARD_PASS;
}

bool
guard_is_tagged_bad(const struct guard *guard, int tag)
{
    g_autofree char *line = g_strdup_printf("%d BAD", tag);
    return g_ascii_strncasecmp(guard->head, line, strlen(line)) == 0;
}
