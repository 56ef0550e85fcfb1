/* test_block.c - splitting of header blocks, their flaws, and the content key. */
#include "suite.h"
#include "support.h"

#include <cardpost/caps.h>
#include <cardpost/header.h>

#include <string.h>

struct sample {
    const char *label, *raw;
    gsize len;          /* 0: strlen */
    const char *fields; /* "Name=value|" of each field */
    unsigned flaws;
    const char *body;
};
#define BYTES(s) (s), sizeof(s) - 1

static const struct sample samples[] = {
    {"plain", BYTES("From: a@b\r\nTo: c@d\r\n\r\nhello"), "From=a@b|To=c@d|", 0, "hello"},
    {"bare LF", BYTES("From: a@b\nTo: c@d\n\nhello"), "From=a@b|To=c@d|", 0, "hello"},
    {"folded", BYTES("Subject: one\r\n two\r\n\tthree\r\n\r\nx"), "Subject=one two\tthree|", 0, "x"},
    {"white line continues", BYTES("A: 1\r\n \r\nB: 2\r\n\r\nx"), "A=1|B=2|", 0, "x"},
    {"no body", BYTES("From: a@b\r\n"), "From=a@b|", 0, ""},
    {"no line end", BYTES("From: a@b"), "From=a@b|", 0, ""},
    {"empty mail", BYTES(""), "", 0, ""},
    {"only CRLF", BYTES("\r\n"), "", 0, ""},
    {"no header", BYTES("\nhello: x\n\nbody"), "hello=x|", 0, "body"},
    {"mbox line", BYTES("From ann Mon Nov 1 10:00\nFrom: a@b\n\nx"), "From=a@b|", 0, "x"},
    {"quoted mbox line", BYTES(">From ann Mon Nov 1 10:00\nFrom: a@b\n\nx"), "From=a@b|", 0, "x"},
    {"quoted From with a space", BYTES(">From : a@b\n\nx"), ">From=a@b|", HEADER_FLAW_SPACED_NAME, "x"},
    {"second mbox line", BYTES("A: 1\nFrom ann Mon Nov 1 10:00\nB: 2\n\nx"), "A=1|", HEADER_FLAW_BAD_LINE,
     "From ann Mon Nov 1 10:00\nB: 2\n\nx"},
    {"spaced name", BYTES("From : a@b\r\nFrom\t: c@d\r\n\r\n"), "From=a@b|From=c@d|", HEADER_FLAW_SPACED_NAME,
     ""},
    {"spaced From on top", BYTES("From  : a@b\n\nx"), "From=a@b|", HEADER_FLAW_SPACED_NAME, "x"},
    {"NUL", BYTES("From: a@b\0 <c@d>\r\n\r\nx"), "From=a@b|", HEADER_FLAW_NUL, "x"},
    {"NUL in the body", BYTES("From: a@b\r\n\r\nx\0y"), "From=a@b|", 0, "x"},
    {"bare CR", BYTES("From: a@b\rFrom: c@d\r\n\r\nx"), "From=a@b\rFrom: c@d|", HEADER_FLAW_BARE_CR, "x"},
    {"CR CR LF", BYTES("A: 1\r\r\n\r\nx"), "A=1|", HEADER_FLAW_BARE_CR, "x"},
    {"CR at the very end", BYTES("A: 1\r"), "A=1|", HEADER_FLAW_BARE_CR, ""},
    {"encoded word without its fold", BYTES("Subject: =?a?=\n=?b?=\nTo: c@d\n\nx"),
     "Subject==?a?==?b?=|To=c@d|", HEADER_FLAW_BAD_LINE, "x"},
    {"encoded word on top", BYTES("=?b?=\nTo: c@d\n\nx"), "", HEADER_FLAW_BAD_LINE, "=?b?=\nTo: c@d\n\nx"},
    {"line without colon", BYTES("A: 1\r\nhello you\r\nB: 2\r\n\r\nx"), "A=1|", HEADER_FLAW_BAD_LINE,
     "hello you\r\nB: 2\r\n\r\nx"},
    {"bad line with NUL", BYTES("A: 1\nB\0: 2\n\nx"), "A=1|", HEADER_FLAW_BAD_LINE | HEADER_FLAW_NUL, "B"},
    {"continuation first", BYTES(" A: 1\r\n\r\nx"), "", HEADER_FLAW_BAD_LINE, " A: 1\r\n\r\nx"},
    {"empty name", BYTES(": 1\r\n\r\nx"), "", HEADER_FLAW_BAD_LINE, ": 1\r\n\r\nx"},
    {"8-bit name", BYTES("Fr\xc3\xb6m: 1\n\nx"), "", HEADER_FLAW_BAD_LINE, "Fr\xc3\xb6m: 1\n\nx"},
    {"name of two words", BYTES("My Field: 1\n\nx"), "", HEADER_FLAW_BAD_LINE, "My Field: 1\n\nx"},
};

static char *
show_fields(const struct header_block *block)
{
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < block->fields->len; i++) {
        const struct header_field *field = &g_array_index(block->fields, struct header_field, i);
        g_autofree char *value = header_unfold(field);
        g_string_append_printf(out, "%.*s=%s|", (int)field->name_len, field->name, value);
    }
    return g_string_free(out, FALSE);
}

START_TEST(test_blocks)
{
    const struct sample *s = &samples[_i];
    g_auto(header_block_t) block = {.fields = NULL};
    header_block_parse(s->raw, s->len, &block);
    g_autofree char *fields = show_fields(&block);
    ck_assert_msg(strcmp(fields, s->fields) == 0, "%s: fields %s", s->label, fields);
    ck_assert_msg(block.flaws == s->flaws, "%s: flaws %#x", s->label, block.flaws);
    ck_assert_msg(strcmp(s->raw + block.body_at, s->body) == 0, "%s: body at %zu", s->label, block.body_at);
}
END_TEST

START_TEST(test_lookup)
{
    static const char raw[] = "Received: 1\nfrom: a@b\nRECEIVED: 2\nreceived : 3\nReceivedX: 4\n\n";
    g_auto(header_block_t) block = {.fields = NULL};
    header_block_parse(raw, strlen(raw), &block);
    ck_assert_uint_eq(header_count(&block, "Received"), 3);
    ck_assert_uint_eq(header_count(&block, "Receive"), 0);
    g_autofree char *first = header_first(&block, "received");
    ck_assert_str_eq(first, "1");
    g_autofree char *third = header_unfold(header_nth(&block, "Received", 2));
    ck_assert_str_eq(third, "3");
    ck_assert_ptr_null(header_nth(&block, "Received", 3));
    ck_assert_ptr_null(header_first(&block, "Subject"));
}
END_TEST

START_TEST(test_P05_too_many_fields)
{
    g_autoptr(GString) raw = g_string_new("From: a@b\n");
    for (int i = 1; i < CAP_HEADER_FIELDS; i++)
        g_string_append(raw, "X: y\n");
    g_autofree char *exact = g_strconcat(raw->str, "\nbody", NULL);
    g_auto(header_block_t) block = {.fields = NULL};
    header_block_parse(exact, strlen(exact), &block);
    ck_assert_uint_eq(block.flaws, 0);
    ck_assert_uint_eq(block.fields->len, CAP_HEADER_FIELDS);

    g_string_append(raw, "From: evil@x\n\nbody");
    g_auto(header_block_t) over = {.fields = NULL};
    header_block_parse(raw->str, raw->len, &over);
    ck_assert_uint_eq(over.flaws, HEADER_FLAW_TOO_BIG);
    ck_assert_uint_eq(over.fields->len, CAP_HEADER_FIELDS);
}
END_TEST

START_TEST(test_P05_too_many_bytes)
{
    g_autofree char *filler = g_strnfill(10 * CAP_HEADER_BYTES, 'x');
    g_autofree char *raw = g_strconcat("From: a@b\nX: ", filler, "\nFrom: evil@x\n\nbody", NULL);
    g_auto(header_block_t) block = {.fields = NULL};
    header_block_parse(raw, strlen(raw), &block);
    ck_assert_uint_eq(block.flaws, HEADER_FLAW_TOO_BIG);
    ck_assert_uint_le(block.body_at, CAP_HEADER_BYTES);

    /* a big body is no flaw */
    g_autofree char *mail = g_strconcat("From: a@b\n\n", filler, NULL);
    g_auto(header_block_t) small = {.fields = NULL};
    header_block_parse(mail, strlen(mail), &small);
    ck_assert_uint_eq(small.flaws, 0);
    ck_assert_uint_eq(small.body_at, strlen("From: a@b\n\n"));
}
END_TEST

static char *
key_of(const char *raw, gint64 size)
{
    g_auto(header_block_t) block = {.fields = NULL};
    header_block_parse(raw, strlen(raw), &block);
    return header_content_key(&block, size);
}

/* D04, D05: the key of the whole mail is the key of the three fields fetched alone, whatever the order
 * and the line ends; any difference that makes another mail makes another key. */
START_TEST(test_D04_content_key)
{
    g_autofree char *whole = key_of("Received: x\nDate: d\nFrom: a@b\nMessage-ID: <1@x>\n\nbody", 60);
    g_autofree char *fetched = key_of("Message-ID:\r\n <1@x>\r\nFrom: a@b\r\nDate: d\r\n\r\n", 60);
    ck_assert_str_eq(whole, fetched);
    ck_assert_uint_eq(strlen(whole), 64);
    static const char *const others[] = {
        "Message-ID: <2@x>\nFrom: a@b\nDate: d\n\n",
        "Message-ID: <1@x>\nFrom: c@b\nDate: d\n\n",
        "Message-ID: <1@x>\nFrom: a@b\nDate: e\n\n",
        "From: a@b\nDate: d\n\n",
        "Message-ID:\nFrom: a@b\nDate: d\n\n",
        "Message-ID: <>\nFrom: a@b\nDate: d\n\n",
        "Message-ID: <1@x>a@b\nFrom:\nDate: d\n\n",
        "Message-ID: <1@x> %s\nFrom: a@b\nDate: d\n\n",
        "",
    };
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_hash_table_add(seen, g_strdup(whole));
    for (guint i = 0; i < G_N_ELEMENTS(others); i++)
        ck_assert_msg(g_hash_table_add(seen, key_of(others[i], 60)), "mail %u has another's key", i);
    ck_assert_msg(g_hash_table_add(seen, key_of("Message-ID: <1@x>\nFrom: a@b\nDate: d\n\n", 61)), "size");
}
END_TEST

TCase *
case_block(void)
{
    TCase *tcase = tcase_create("block");
    tcase_add_loop_test(tcase, test_blocks, 0, G_N_ELEMENTS(samples));
    tcase_add_test(tcase, test_lookup);
    tcase_add_test(tcase, test_P05_too_many_fields);
    tcase_add_test(tcase, test_P05_too_many_bytes);
    tcase_add_test(tcase, test_D04_content_key);
    return tcase;
}
