/* The header fields of a letter, as mail.md section 1 has them. */
#include "suite.h"

#include <cardpost/error.h>
#include <cardpost/render.h>

#include <string.h>

enum { PLUS, CATCHALL, DEDICATED };

static const struct {
    const char *label;
    int mode;
    const char *token, *want, *unsubscribe;
} reply_rows[] = {
    {"plus", PLUS, "abcdefghijklmnopqrstuvwxyz", "tasks+r.abcdefghijklmnopqrstuvwxyz@team.test",
     "<mailto:tasks+u.stop@team.test?subject=unsubscribe>"},
    {"catch-all", CATCHALL, "abcdefghijklmnopqrstuvwxyz", "r.abcdefghijklmnopqrstuvwxyz@team.test",
     "<mailto:u.stop@team.test?subject=unsubscribe>"},
    {"dedicated", DEDICATED, "abcdefghijklmnopqrstuvwxyz", "tasks@team.test",
     "<mailto:tasks@team.test?subject=unsubscribe%20%5Btasks-128%5D>"},
    {"no token", PLUS, NULL, "tasks@team.test", "<mailto:tasks+u.stop@team.test?subject=unsubscribe>"},
};

START_TEST(test_reply_address)
{
    struct letter letter = suite_letter(LETTER_COMMENT, "en");
    letter.reply_mode = reply_rows[_i].mode;
    letter.reply_token = reply_rows[_i].token;
    letter.unsubscribe_token = "stop";
    g_autoptr(outmail_t) mail = suite_render(&letter);
    ck_assert_msg(g_strcmp0(mail->reply_to_address, reply_rows[_i].want) == 0, "%s: %s", reply_rows[_i].label,
                  mail->reply_to_address);
    ck_assert_msg(g_strcmp0(mail->list_unsubscribe, reply_rows[_i].unsubscribe) == 0, "%s: %s",
                  reply_rows[_i].label, mail->list_unsubscribe);
    ck_assert_str_eq(mail->reply_to_name, "tasks-128");
    ck_assert_str_eq(mail->from_address, "tasks@team.test");
}
END_TEST

static const struct {
    const char *label;
    enum letter_kind kind;
    bool is_first;
    int64_t card;
    const char *title, *want;
} subject_rows[] = {
    {"first", LETTER_ASSIGNED, true, 128, "蓝牙耳机补货", "[tasks-128] 蓝牙耳机补货"},
    {"later", LETTER_ASSIGNED, false, 128, "蓝牙耳机补货", "Re: [tasks-128] 蓝牙耳机补货"},
    {"title with Re", LETTER_COMMENT, false, 7, "Re: x", "Re: [tasks-7] Re: x"},
    {"refused without card", LETTER_REFUSED, false, 0, "List of cards", "[tasks] List of cards"},
    {"refused without title", LETTER_REFUSED, false, 0, NULL, "[tasks] Your request was not carried out"},
    {"admin", LETTER_ADMIN, false, 0, NULL, "[tasks] Needs your attention"},
    {"stranger", LETTER_STRANGER_RECEIPT, false, 128, "x", "[tasks] Your mail has arrived"},
};

START_TEST(test_subject)
{
    struct letter letter = suite_letter(subject_rows[_i].kind, "en");
    letter.is_first = subject_rows[_i].is_first;
    letter.card = subject_rows[_i].card;
    letter.card_title = subject_rows[_i].title;
    g_autoptr(outmail_t) mail = suite_render(&letter);
    ck_assert_msg(g_str_equal(mail->subject, subject_rows[_i].want), "%s: %s", subject_rows[_i].label,
                  mail->subject);
    bool has_topic = letter.card > 0 && letter.kind != LETTER_STRANGER_RECEIPT;
    ck_assert_msg((mail->thread_topic != NULL) == has_topic, "%s: topic", subject_rows[_i].label);
    ck_assert_msg((mail->thread_index != NULL) == has_topic, "%s: index", subject_rows[_i].label);
    if (has_topic)
        ck_assert_msg(g_str_has_suffix(mail->subject, mail->thread_topic) && *mail->thread_topic == '[',
                      "%s: topic %s", subject_rows[_i].label, mail->thread_topic);
}
END_TEST

static const struct {
    const char *label, *language;
    enum letter_kind kind;
    const char *actor, *want;
} from_rows[] = {
    {"actor", "en", LETTER_COMMENT, "Li Wei", "Li Wei via Orders"},
    {"actor in Chinese", "zh-CN", LETTER_ASSIGNED, "李伟", "李伟（Orders）"},
    {"no actor", "en", LETTER_COMMENT, NULL, "Orders"},
    {"receipt", "en", LETTER_RECEIPT, "Li Wei", "Orders"},
    {"held: an unproven actor has no voice", "en", LETTER_HELD, "Li Wei", "Orders"},
    {"admin", "en", LETTER_ADMIN, "Li Wei", "tasks"},
    {"stranger", "en", LETTER_STRANGER_RECEIPT, "Li Wei", "tasks"},
};

START_TEST(test_from)
{
    struct letter letter = suite_letter(from_rows[_i].kind, from_rows[_i].language);
    letter.actor_name = from_rows[_i].actor;
    g_autoptr(outmail_t) mail = suite_render(&letter);
    ck_assert_msg(g_str_equal(mail->from_name, from_rows[_i].want), "%s: %s", from_rows[_i].label,
                  mail->from_name);
}
END_TEST

START_TEST(test_fixed_fields)
{
    static const char *const automatic[N_KINDS] = {
        [LETTER_RECEIPT] = "auto-replied",    [LETTER_STRANGER_RECEIPT] = "auto-replied",
        [LETTER_ASSIGNED] = "auto-generated", [LETTER_COMMENT] = "auto-generated",
        [LETTER_HELD] = "auto-generated",     [LETTER_REFUSED] = "auto-replied",
        [LETTER_ADMIN] = "auto-generated"};
    struct letter letter = suite_letter((enum letter_kind)_i, "zh-CN");
    letter.reason = "watching";
    g_autoptr(outmail_t) mail = suite_render(&letter);
    ck_assert_str_eq(mail->auto_submitted, automatic[_i]);
    ck_assert_str_eq(suite_extra(mail, "X-Auto-Response-Suppress"), "DR, RN, NRN, OOF, AutoReply");
    ck_assert_str_eq(suite_extra(mail, "X-Cardpost-Loop"), "loop-1");
    ck_assert_str_eq(suite_extra(mail, "X-Cardpost-Reason"), "watching");
    ck_assert_ptr_null(mail->precedence);
    ck_assert_str_eq(mail->to_address, "lilei@corp.test");
    ck_assert_str_eq(mail->message_id, "c57.128.r9.hmac@team.test");
    ck_assert_str_eq(mail->language, "zh-CN");
    ck_assert_int_eq(mail->date_at, 1795510000);
    ck_assert_int_eq(mail->date_offset_s, 8 * 3600);
}
END_TEST

START_TEST(test_board_fields)
{
    struct letter letter = suite_letter(LETTER_COMMENT, "en");
    g_autoptr(outmail_t) mail = suite_render(&letter);
    ck_assert_str_eq(mail->list_id, "\"Orders\" <orders.boards.team.test>");
    ck_assert_str_eq(suite_extra(mail, "X-Cardpost-Board"), "orders");
    ck_assert_str_eq(suite_extra(mail, "X-Cardpost-Card"), "tasks-128");
    letter.board_name = "A \"B\" \\";
    letter.board_alias = "After Sales";
    g_autoptr(outmail_t) quoted = suite_render(&letter);
    ck_assert_str_eq(quoted->list_id, "\"A \\\"B\\\" \\\\\" <after-sales.boards.team.test>");
    letter.board_name = "订单与售后跟进看板（跨境电商团队）";
    g_autoptr(outmail_t) chinese = suite_render(&letter);
    ck_assert_str_eq(chinese->list_id,
                     "=?UTF-8?B?6K6i5Y2V5LiO5ZSu5ZCO6Lef6L+b55yL5p2/77yI6Leo5aKD55S15ZWG5Zui?= "
                     "=?UTF-8?B?6Zif77yJ?= <after-sales.boards.team.test>");
}
END_TEST

/* Guests: public names in the words, but no List-Id and no board header. */
START_TEST(test_H06_guest_headers)
{
    struct letter letter = suite_letter((enum letter_kind)_i, "en");
    letter.shows_board_headers = false;
    g_autoptr(outmail_t) mail = suite_render(&letter);
    ck_assert_ptr_null(mail->list_id);
    ck_assert_ptr_null(suite_extra(mail, "X-Cardpost-Board"));
    letter.shows_board_headers = true;
    letter.board_alias = NULL;
    g_autoptr(outmail_t) no_alias = suite_render(&letter);
    ck_assert_ptr_null(no_alias->list_id);
    ck_assert_ptr_null(suite_extra(no_alias, "X-Cardpost-Board"));
}
END_TEST

static char *
joined(const GPtrArray *ids)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < ids->len; i++)
        g_string_append_printf(text, "%s%s", i ? " " : "", (const char *)g_ptr_array_index(ids, i));
    return g_string_free(text, FALSE);
}

START_TEST(test_references)
{
    g_autoptr(GPtrArray) ids = g_ptr_array_new();
    static char between[4][40] = {"a@x", "last@customer.test", "bad id\r\nX: 1@x", "card.128.h@team.test"};
    for (guint i = 0; i < G_N_ELEMENTS(between); i++)
        g_ptr_array_add(ids, between[i]);
    struct letter letter = suite_letter(LETTER_COMMENT, "en");
    letter.references = ids;
    g_autoptr(outmail_t) mail = suite_render(&letter);
    g_autofree char *some = joined(mail->references);
    ck_assert_str_eq(some, "card.128.h@team.test a@x last@customer.test");
    ck_assert_str_eq(mail->in_reply_to, "last@customer.test");
    letter.references = NULL;
    letter.in_reply_to = NULL;
    g_autoptr(outmail_t) first = suite_render(&letter);
    g_autofree char *root = joined(first->references);
    ck_assert_str_eq(root, "card.128.h@team.test");
    ck_assert_ptr_null(first->in_reply_to);
}
END_TEST

START_TEST(test_references_are_at_most_20)
{
    g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < 200; i++)
        g_ptr_array_add(ids, g_strdup_printf("%u@x", i));
    struct letter letter = suite_letter(LETTER_COMMENT, "en");
    letter.references = ids;
    g_autoptr(outmail_t) mail = suite_render(&letter);
    ck_assert_uint_eq(mail->references->len, 20);
    ck_assert_str_eq(g_ptr_array_index(mail->references, 0), "card.128.h@team.test");
    ck_assert_str_eq(g_ptr_array_index(mail->references, 1), "182@x");
    ck_assert_str_eq(g_ptr_array_index(mail->references, 18), "199@x");
    ck_assert_str_eq(g_ptr_array_index(mail->references, 19), "last@customer.test");
}
END_TEST

static void
expect_one_line(const char *what, const char *value)
{
    for (const char *p = value ? value : ""; *p; p++)
        ck_assert_msg((guchar)*p >= ' ' && *p != 0x7f, "%s has a control character: %s", what, value);
    ck_assert_msg(!value || !strstr(value, "\u2028"), "%s has a line separator: %s", what, value);
}

START_TEST(test_H01_line_ends_in_values)
{
    static const char evil[] = "x\r\nBcc: v@v.test\n\tz\u2028y\x01";
    struct letter letter = suite_letter(LETTER_COMMENT, "en");
    struct letter_file file = {.name = evil, .type = evil, .content = letter.files[0].content};
    letter.card_title = letter.board_name = letter.to_name = letter.actor_name = letter.reason = evil;
    letter.column_name = letter.requester_name = letter.assignee_names = letter.loop_id = evil;
    letter.thread_index = letter.in_reply_to = letter.root_id = letter.board_alias = evil;
    letter.files = &file;
    letter.n_files = 1;
    g_autoptr(outmail_t) mail = suite_render(&letter);
    const char *values[] = {mail->from_name,        mail->to_name,       mail->subject,
                            mail->thread_topic,     mail->thread_index,  mail->list_id,
                            mail->list_unsubscribe, mail->reply_to_name, mail->in_reply_to};
    for (guint i = 0; i < G_N_ELEMENTS(values); i++)
        expect_one_line("a field", values[i]);
    for (guint i = 0; i < mail->extra->len; i++)
        expect_one_line("an extra field",
                        ((struct outmail_header *)g_ptr_array_index(mail->extra, i))->value);
    for (guint i = 0; i < mail->references->len; i++)
        expect_one_line("a reference", g_ptr_array_index(mail->references, i));
    const struct outmail_file *out = g_ptr_array_index(mail->files, 0);
    expect_one_line("a file name", out->name);
    expect_one_line("a file type", out->type);
    ck_assert_str_eq(mail->subject, "Re: [tasks-128] x Bcc: v@v.test z y");
    ck_assert_ptr_null(strstr(mail->text, "\nBcc:"));
}
END_TEST

START_TEST(test_unsafe_ids_and_addresses)
{
    static const char *const ids[] = {NULL, "", "a b@x", "a@x\r\nBcc: v@v"};
    g_autoptr(render_t) render = suite_open();
    struct letter letter = suite_letter(LETTER_COMMENT, "en");
    for (guint i = 0; i < G_N_ELEMENTS(ids); i++) {
        g_autoptr(GError) error = NULL;
        letter.message_id = ids[i];
        ck_assert_msg(!render_letter(render, &letter, &error), "Message-ID %u was taken", i);
        ck_assert(g_error_matches(error, CARDPOST_ERROR, CARDPOST_ERROR_INVALID));
    }
    static const char *const tokens[] = {
        "a\r\nb", "x@evil.test,y", "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopq"};
    letter = suite_letter(LETTER_COMMENT, "en");
    for (guint i = 0; i < G_N_ELEMENTS(tokens); i++) {
        g_autoptr(GError) error = NULL;
        letter.reply_token = tokens[i];
        ck_assert_msg(!render_letter(render, &letter, &error), "token %u was taken", i);
        ck_assert(g_error_matches(error, CARDPOST_ERROR, CARDPOST_ERROR_INVALID));
    }
}
END_TEST

TCase *
case_headers(void)
{
    TCase *tcase = tcase_create("headers");
    tcase_add_loop_test(tcase, test_reply_address, 0, G_N_ELEMENTS(reply_rows));
    tcase_add_loop_test(tcase, test_subject, 0, G_N_ELEMENTS(subject_rows));
    tcase_add_loop_test(tcase, test_from, 0, G_N_ELEMENTS(from_rows));
    tcase_add_loop_test(tcase, test_fixed_fields, 0, N_KINDS);
    tcase_add_test(tcase, test_board_fields);
    tcase_add_loop_test(tcase, test_H06_guest_headers, 0, N_KINDS);
    tcase_add_test(tcase, test_references);
    tcase_add_test(tcase, test_references_are_at_most_20);
    tcase_add_test(tcase, test_H01_line_ends_in_values);
    tcase_add_test(tcase, test_unsafe_ids_and_addresses);
    return tcase;
}
