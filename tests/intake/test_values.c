/* test_values.c - names, words and addresses in every shape, as they are kept (attack cases U and H03). */
#include "cases.h"
#include "expect.h"

#include <cardpost/caps.h>
#include <cardpost/mime.h>

#include <string.h>

#define BOB PROVEN("corp.example") "From: Bob <bob@corp.example>\nTo: tasks@corp.example\n"
#define END "Date: Mon, 23 Nov 2026 08:00:00 +0000\nMessage-ID: <u@corp.example>\n"

/* No string is kept or sent on that is not valid, or that moves the cursor, reorders or hides. */
static void
check_text(const char *label, const char *text, bool is_line)
{
    ck_assert_msg(g_utf8_validate(text, -1, NULL), "%s: not valid", label);
    guint marks = 0;
    for (const char *p = text; *p; p = g_utf8_find_next_char(p, NULL)) {
        gunichar c = g_utf8_get_char(p);
        bool is_end = !is_line && (c == '\n' || c == '\t');
        bool is_hidden = (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x200e ||
                         c == 0x200f || c == 0x061c || c == 0xfeff || (c >= 0xe0000 && c <= 0xe007f);
        ck_assert_msg(is_end || (!g_unichar_iscntrl(c) && c != 0x2028 && c != 0x2029), "%s: U+%04X", label,
                      c);
        ck_assert_msg(!is_hidden, "%s: U+%04X", label, c);
        marks = g_unichar_ismark(c) ? marks + 1 : 0;
        ck_assert_msg(marks <= 8, "%s: a tower of marks", label);
    }
}

/* Everything that was kept of card 1 and of the mail that made it. */
static void
check_kept(struct world *world, const char *label)
{
    g_autoptr(card_t) card = card_get(world->store, 1);
    check_text(label, card->title, true);
    ck_assert_msg(*card->title && strlen(card->title) <= CAP_SUBJECT_BYTES, "%s: title of %zu", label,
                  strlen(card->title));
    g_autoptr(GPtrArray) comments = comment_list(world->store, 1, 10);
    const struct comment *comment = comments->pdata[0];
    check_text(label, comment->author_name, true);
    check_text(label, comment->author_address, true);
    ck_assert_msg(strlen(comment->author_name) <= CAP_NAME_BYTES, "%s: a long name", label);
    check_text(label, comment->text, false);
    check_text(label, comment->quoted, false);
    check_text(label, comment->signature, false);
    g_autoptr(GPtrArray) files = attachment_list(world->store, 1);
    for (guint i = 0; i < files->len; i++) {
        const struct attachment *file = files->pdata[i];
        check_text(label, file->name, true);
        check_text(label, file->type, true);
        check_text(label, file->declared_type, true);
        ck_assert_msg(strlen(file->name) <= CAP_FILENAME_BYTES, "%s: a long file name", label);
    }
    struct outcome_row *row = outcome_get(world->store, journal_last(world->store));
    check_text(label, row->subject, true);
    check_text(label, row->reason, true);
    check_text(label, row->trust_reason, true);
    outcome_row_free(row);
    g_autoptr(GPtrArray) events = event_of_card(world->store, 1);
    for (guint i = 0; i < events->len; i++) {
        const struct event *event = events->pdata[i];
        check_text(label, event->detail ? event->detail : "", false);
    }
    g_autoptr(GPtrArray) people = person_list(world->store);
    for (guint i = 0; i < people->len; i++)
        check_text(label, ((const struct person *)people->pdata[i])->name, true);
}

static void
check_sent(const GPtrArray *sent, const char *label)
{
    for (guint i = 0; i < sent->len; i++) {
        const struct sent *one = sent->pdata[i];
        g_autoptr(mail_t) read = mime_parse(one->raw, strlen(one->raw), NULL);
        ck_assert_msg(read->problems->len == 0, "%s: %s", label,
                      read->problems->len ? (const char *)read->problems->pdata[0] : "");
        check_text(label, read->subject, true);
        check_text(label, read->body_text, false);
    }
}

/* Bytes of a text and how they are declared. */
static const struct {
    const char *label, *charset;
    const char *bytes;
    gsize len;
} charsets[] = {
    {"U01 unknown charset", "x-no-such", "\xe4\xb8\xad\xff", 4},
    {"U01 invalid UTF-8", "utf-8", "a\xe4\xb8-\xff\xfe", 6},
    {"U01 overlong", "utf-8", "a\xc0\xaf\xe0\x80\xaf", 6},
    {"U01 lone surrogates", "utf-8", "\xed\xa0\x80\xed\xb0\x80", 6},
    {"U01 UTF-16 without mark", "utf-16", "a\0b\0\0\xd8", 6},
    {"U01 UTF-16, odd and cut", "utf-16", "\0a\xd8", 3},
    {"U01 a name with more in it", "\"utf-8; x\"", "\xe4\xb8\xad\xc0", 4},
    {"U01 none", NULL, "\x81\x20\xff\xa0", 4},
    {"U03 NUL, C0 and C1", "utf-8", "a\0b\x01\x1b[2J\x7f\xc2\x85\xc2\x9b", 13},
    {"U03 U+2028, bidi, tags", "utf-8",
     "a\xe2\x80\xa8\xe2\x80\xae\xe2\x81\xa6\xf3\xa0\x81\x81"
     "b",
     15},
    {"U03 emoji", "utf-8", "\xf0\x9f\x98\x80", 4},
};

static void
add_word(GString *raw, guint i, const char *before, const char *behind)
{
    g_autofree char *coded = g_base64_encode((const guchar *)charsets[i].bytes, charsets[i].len);
    const char *charset = charsets[i].charset && *charsets[i].charset != '"' ? charsets[i].charset : "utf-8";
    g_string_append_printf(raw, "%s=?%s?b?%s?=%s", before, charset, coded, behind);
}

/* The same bytes in the text, its quoted part and signature, in subject, name and file name, encoded; and
 * raw. */
START_TEST(U01_U03_every_string_that_is_kept)
{
    const char *label = charsets[_i].label;
    struct world *world = world_new();
    g_autoptr(GString) raw = g_string_new(PROVEN("corp.example"));
    g_autofree char *type =
        charsets[_i].charset ? g_strdup_printf("; charset=%s", charsets[_i].charset) : g_strdup("");
    add_word(raw, (guint)_i, "From: ", " <bob@corp.example>\n");
    add_word(raw, (guint)_i, "To: tasks@corp.example\nSubject: y ", " @li\n" END);
    g_string_append_printf(
        raw, "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain%s\n\n", type);
    static const char *const lines[] = {"", "\n> ", "\n-- \n", "\n"};
    for (guint i = 0; i < G_N_ELEMENTS(lines); i++) {
        g_string_append(raw, lines[i]);
        g_string_append_len(raw, charsets[_i].bytes, (gssize)charsets[_i].len);
    }
    add_word(raw, (guint)_i, "\n--b\nContent-Type: image/png; name=\"", "\"\n\nx\n");
    add_word(raw, (guint)_i, "--b\nContent-Type: text/",
             "; charset=utf-8\nContent-Disposition: attachment\n\nx\n--b--\n");
    struct wish wish = {label,
                        OUTCOME_APPLIED,
                        "a new card",
                        TRUST_MEMBER,
                        0,
                        1,
                        "bob@corp.example receipt, li@corp.example assigned"};
    g_autoptr(GPtrArray) sent = expect_mail_bytes(world, &wish, raw->str, raw->len);
    check_kept(world, label);
    check_sent(sent, label);
    world_free(world);
}
END_TEST

/* Raw bytes in the header, where no charset is declared at all. */
START_TEST(U01_raw_bytes_in_the_header)
{
    if (memchr(charsets[_i].bytes, '\0', charsets[_i].len))
        return; /* A11 */
    struct world *world = world_new();
    g_autofree char *raw = g_strdup_printf(
        PROVEN("corp.example") "From: bob@corp.example\nTo: %s <tasks@corp.example>\nSubject: y %s "
                               "@li\n" END "\nx\n",
        charsets[_i].bytes, charsets[_i].bytes);
    struct wish wish = {charsets[_i].label,
                        OUTCOME_APPLIED,
                        "a new card",
                        TRUST_MEMBER,
                        0,
                        1,
                        "bob@corp.example receipt, li@corp.example assigned"};
    g_autoptr(GPtrArray) sent = expect_mail_bytes(world, &wish, raw, strlen(raw));
    check_kept(world, charsets[_i].label);
    check_sent(sent, charsets[_i].label);
    world_free(world);
}
END_TEST

/* 1,000 marks on one letter, and 4-byte characters beyond every limit: cut on a character. */
START_TEST(U03_lengths)
{
    static const char *const units[] = {"\xcd\x93", "\xf0\x9f\x98\x80", "\xe4\xb8\xad"};
    struct world *world = world_new();
    g_autoptr(GString) many = g_string_new("a");
    for (guint i = 0; i < 1000; i++)
        g_string_append(many, units[_i]);
    g_autofree char *raw = g_strdup_printf(
        BOB END
        "Subject: y%s @li\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; "
        "charset=utf-8\n\n%s\n--b\nContent-Type: image/png; name=\"%s.png\"\n\nx\n--b--\n",
        many->str, many->str, many->str);
    struct outcome_row *row = world_mail(world, raw);
    expect_outcome(row, OUTCOME_APPLIED, "U03");
    g_autoptr(GPtrArray) sent = world_sent(world);
    ck_assert_uint_ge(sent->len, 1);
    check_kept(world, "U03");
    check_sent(sent, "U03");
    world_free(world);
}
END_TEST

/* ---- H03: what no address is, is none on any way in */

static const char *const unsafe[] = {
    "a@b>\r\nRCPT TO:<evil@x",
    "<a@b> NOTIFY=NEVER",
    "a@b,evil@x",
    "-oQ/tmp@x",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@x.example",
};

START_TEST(H03_unsafe_senders_are_nobody)
{
    struct world *world = world_new();
    g_autofree char *raw = g_strdup_printf(
        PROVEN("x") "From: <%s>\nTo: tasks+open@corp.example\n" END "Subject: y\n\nx\n", unsafe[_i]);
    struct outcome_row *row = world_mail(world, raw);
    ck_assert_msg(row->outcome == OUTCOME_QUARANTINED && row->trust < TRUST_GUEST, "%s: %s (%s)", unsafe[_i],
                  outcome_name(row->outcome), row->reason);
    outcome_row_free(row);
    g_autoptr(GPtrArray) sent = world_sent(world);
    g_autofree char *summary = sent_summary(sent);
    ck_assert_str_eq(summary, "ann@corp.example admin");
    world_free(world);
}
END_TEST

START_TEST(H03_unsafe_people_are_not_taken)
{
    struct world *world = world_new();
    g_autofree char *quoted = g_strescape(unsafe[_i], NULL);
    g_autofree char *team =
        g_strdup_printf("person x { name = \"X\" email = {\"%s\"} role = \"member\" }\n", quoted);
    struct input input = {.at = world->now, .kind = INPUT_CHANGE, .text = team, .actor_uid = -1};
    journal_begin(world->store);
    journal_append(world->store, &input, NULL, 0);
    ck_assert(journal_commit(world->store, NULL));
    world_fold(world);
    expect_outcome(outcome_get(world->store, journal_last(world->store)), OUTCOME_REFUSED, unsafe[_i]);
    ck_assert_ptr_null(person_by_key(world->store, "x"));
    world_free(world);
}
END_TEST

TCase *
test_values(void)
{
    TCase *tcase = tcase_create("values");
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, U01_U03_every_string_that_is_kept, 0, G_N_ELEMENTS(charsets));
    tcase_add_loop_test(tcase, U01_raw_bytes_in_the_header, 0, G_N_ELEMENTS(charsets));
    tcase_add_loop_test(tcase, U03_lengths, 0, 3);
    tcase_add_loop_test(tcase, H03_unsafe_senders_are_nobody, 0, G_N_ELEMENTS(unsafe));
    tcase_add_loop_test(tcase, H03_unsafe_people_are_not_taken, 0, G_N_ELEMENTS(unsafe));
    return tcase;
}
