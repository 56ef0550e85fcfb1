/* test_guard.c - the scanner alone: what passes and what is refused, in pieces of any size. */
#include "../../src/imap/guard.h"
#include "support.h"

#include <cardpost/caps.h>

#include <string.h>

support_case_fn guard_case;

static enum guard_verdict
scan_pieces(const char *bytes, gsize len, gsize piece)
{
    struct guard guard;
    guard_init(&guard, 1000);
    for (gsize at = 0; at < len; at += piece) {
        enum guard_verdict verdict = guard_scan(&guard, (const uint8_t *)bytes + at, MIN(piece, len - at));
        if (verdict != GUARD_PASS)
            return verdict;
    }
    return GUARD_PASS;
}

static const struct {
    const char *label, *bytes;
    gsize len; /* 0: strlen */
    enum guard_verdict verdict;
} lines[] = {
    {"greeting", "* OK ready\r\n", 0, GUARD_PASS},
    {"literal hides all", "* 1 FETCH (BODY[] {6}\r\n((\"\0{9)\r\n", 31, GUARD_PASS},
    {"biggest literal", "* 1 FETCH (BODY[] {1000}\r\n", 0, GUARD_PASS},
    {"literal too big", "* 1 FETCH (BODY[] {1001}\r\n", 0, GUARD_LITERAL},
    {"I02 32 bits", "* 1 FETCH (BODY[] {4294967295}\r\n", 0, GUARD_LITERAL},
    {"I02 wraps 64 bits", "* 1 FETCH (BODY[] {18446744073709551617}\r\n", 0, GUARD_LITERAL},
    {"I02 many digits", "* 1 FETCH (BODY[] {99999999999999999999}\r\n", 0, GUARD_LITERAL},
    {"non-synchronising", "* 1 FETCH (BODY[] {1001+}\r\n", 0, GUARD_LITERAL},
    {"no literal in a status line", "* OK {900}\r\n\0", 13, GUARD_NUL},
    {"no literal in a tagged line", "7 OK {900}\r\n\0", 13, GUARD_NUL},
    {"no literal in a quoted string", "* LIST () \"{900}\r\n\0", 19, GUARD_NUL},
    {"NUL", "* OK a\0b\r\n", 10, GUARD_NUL},
    {"UID fits", "* 1 FETCH (UID 4294967295)\r\n", 0, GUARD_PASS},
    {"D06 UID wraps", "* 1 FETCH (UID 4294967296)\r\n", 0, GUARD_NUMBER},
    {"D06 UID with leading zeros", "* 1 FETCH (UID 000000000000000000000000000000004294967297)\r\n", 0,
     GUARD_NUMBER},
    {"D06 UIDVALIDITY wraps", "* OK [UIDVALIDITY 99999999999] x\r\n", 0, GUARD_NUMBER},
    {"D06 UIDNEXT wraps", "* OK [UIDNEXT 4294967296] x\r\n", 0, GUARD_NUMBER},
    {"size wraps", "* 1 FETCH (RFC822.SIZE 4294967297)\r\n", 0, GUARD_NUMBER},
    {"MODSEQ has 64 bits", "* OK [HIGHESTMODSEQ 99999999999] x\r\n", 0, GUARD_PASS},
    {"a size after a literal", "* 1 FETCH (BODY[] {2}\r\nab UID 4294967296)\r\n", 0, GUARD_NUMBER},
};

START_TEST(test_lines)
{
    gsize len = lines[_i].len ? lines[_i].len : strlen(lines[_i].bytes);
    for (gsize piece = 1; piece <= len; piece++)
        ck_assert_msg(scan_pieces(lines[_i].bytes, len, piece) == lines[_i].verdict,
                      "%s in pieces of %zu: %s", lines[_i].label, piece,
                      guard_verdict_text(scan_pieces(lines[_i].bytes, len, piece)));
}
END_TEST

/* prefix, then n times the text, then suffix */
static char *
repeat(const char *prefix, const char *text, guint n, const char *suffix)
{
    GString *out = g_string_new(prefix);
    for (guint i = 0; i < n; i++)
        g_string_append(out, text);
    g_string_append(out, suffix);
    return g_string_free(out, FALSE);
}

static const struct {
    const char *label, *prefix, *text;
    guint n;
    enum guard_verdict verdict;
} repeated[] = {
    {"usual depth", "* 1 FETCH ", "(", GUARD_MAX_DEPTH, GUARD_PASS},
    {"I03 200,000 parentheses", "* 1 FETCH ", "(", 200000, GUARD_DEPTH},
    {"I03 hidden behind a quotation mark", "* 1 FETCH \"", "(", 200000, GUARD_DEPTH},
    {"I03 over a literal", "* 1 FETCH (", "({0}\r\n", 100, GUARD_DEPTH},
    {"I03 a line without end", "* OK ", "x", CAP_IMAP_LINE_BYTES, GUARD_LINE},
    {"I03 lines without end", "", "* 1 RECENT\r\n", CAP_IMAP_RESPONSE_BYTES / 12 + 1, GUARD_ANSWER},
    {"flat parentheses", "* 1 FETCH (", "()", 10000, GUARD_PASS},
};

START_TEST(test_I03_repeated)
{
    g_autofree char *bytes = repeat(repeated[_i].prefix, repeated[_i].text, repeated[_i].n, "\r\n");
    enum guard_verdict verdict = scan_pieces(bytes, strlen(bytes), 1400);
    ck_assert_msg(verdict == repeated[_i].verdict, "%s: %s", repeated[_i].label, guard_verdict_text(verdict));
}
END_TEST

START_TEST(test_answer_begins_anew)
{
    g_autofree char *half = repeat("", "* 1 RECENT\r\n", CAP_IMAP_RESPONSE_BYTES / 12 - 1, "");
    struct guard guard;
    guard_init(&guard, 1000);
    for (int i = 0; i < 3; i++) {
        guard_begin(&guard);
        ck_assert_int_eq(guard_scan(&guard, (const uint8_t *)half, strlen(half)), GUARD_PASS);
    }
}
END_TEST

static const struct {
    const char *label, *bytes;
    bool is_bad;
} heads[] = {
    {"BAD", "* 1 EXISTS\r\n12 BAD no\r\n", true}, {"NO", "12 NO no\r\n", false},
    {"another tag", "11 BAD no\r\n", false},      {"only begun", "12 BAD no\r\n* OK", false},
    {"untagged", "* BAD no\r\n", false},
};

START_TEST(test_tagged_bad)
{
    struct guard guard;
    guard_init(&guard, 1000);
    guard_scan(&guard, (const uint8_t *)heads[_i].bytes, strlen(heads[_i].bytes));
    ck_assert_msg(guard_is_tagged_bad(&guard, 12) == heads[_i].is_bad, "%s", heads[_i].label);
}
END_TEST

TCase *
guard_case(void)
{
    TCase *tcase = tcase_create("guard");
    tcase_add_loop_test(tcase, test_lines, 0, G_N_ELEMENTS(lines));
    tcase_add_loop_test(tcase, test_I03_repeated, 0, G_N_ELEMENTS(repeated));
    tcase_add_test(tcase, test_answer_begins_anew);
    tcase_add_loop_test(tcase, test_tagged_bad, 0, G_N_ELEMENTS(heads));
    tcase_set_timeout(tcase, 300);
    return tcase;
}
