/* A letter all the way: rendered, made to bytes by mime, read back by mime. */
#include "suite.h"

#include <cardpost/mime.h>
#include <cardpost/text.h>

#include <string.h>

static char *
compose(const struct outmail *mail)
{
    GError *error = NULL;
    g_autoptr(GBytes) bytes = mime_compose(mail, &error);
    if (!bytes)
        ck_abort_msg("%s", error->message);
    gsize len;
    const char *data = g_bytes_get_data(bytes, &len);
    return g_strndup(data, len);
}

START_TEST(test_read_back)
{
    enum letter_kind kind = (enum letter_kind)(_i / 2);
    struct letter letter = suite_letter(kind, suite_languages[_i % 2]);
    g_autoptr(outmail_t) out = suite_render(&letter);
    g_autofree char *wire = compose(out);
    mime_open();
    g_autoptr(mail_t) in = mime_parse(wire, strlen(wire), NULL);
    mime_close();
    ck_assert_ptr_nonnull(in);
    ck_assert_str_eq(in->subject, out->subject);
    ck_assert_str_eq(in->from.name, out->from_name);
    ck_assert_str_eq(in->message_id, "c57.128.r9.hmac@team.test");
    ck_assert_int_eq(in->date_at, letter.now);
    ck_assert_uint_eq(in->references->len, out->references->len);
    ck_assert_str_eq(g_ptr_array_index(in->references, out->references->len - 1), "last@customer.test");
    ck_assert_ptr_nonnull(strstr(in->body_text, TEXT_REPLY_LINE));
    ck_assert_uint_eq(in->attachments->len, out->files->len);
    if (out->files->len > 0)
        ck_assert_str_eq(((struct mail_attachment *)g_ptr_array_index(in->attachments, 0))->name,
                         "破损照片.jpg");
    ck_assert_msg((in->thread_index != NULL) == (out->thread_index != NULL), "Thread-Index lost");
    if (kind != LETTER_STRANGER_RECEIPT)
        ck_assert_ptr_nonnull(strstr(in->body_text, "明天给您 <新单号> & 照片。"));
}
END_TEST

START_TEST(test_fields_on_the_wire)
{
    static const char *const fields[] = {
        "\r\nReply-To: tasks-128 <tasks+r.abcdefghijklmnopqrstuvwxyz@team.test>\r\n",
        "\r\nList-Id: \"Orders\" <orders.boards.team.test>\r\n",
        "\r\nAuto-Submitted: auto-generated\r\n",
        "\r\nX-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply\r\n",
        "\r\nContent-Language: en\r\n",
        "\r\nX-Cardpost-Board: orders\r\n",
        "\r\nX-Cardpost-Card: tasks-128\r\n",
        "\r\nX-Cardpost-Reason: watching\r\n",
        "\r\nX-Cardpost-Loop: loop-1\r\n",
        "\r\nThread-Index: AQID",
    };
    struct letter letter = suite_letter(LETTER_COMMENT, "en");
    g_autoptr(outmail_t) out = suite_render(&letter);
    g_autofree char *wire = compose(out);
    const char *body = strstr(wire, "\r\n\r\n");
    g_autofree char *head = g_strndup(wire, (gsize)(body + 2 - wire));
    for (guint i = 0; i < G_N_ELEMENTS(fields); i++)
        ck_assert_msg(strstr(head, fields[i]) != NULL, "no <%s> in\n%s", fields[i] + 2, head);
    letter.shows_board_headers = false;
    g_autoptr(outmail_t) guest = suite_render(&letter);
    g_autofree char *guest_wire = compose(guest);
    ck_assert_ptr_null(strstr(guest_wire, "List-Id:"));
    ck_assert_ptr_null(strstr(guest_wire, "X-Cardpost-Board:"));
}
END_TEST

/* What people write above the reply line of a letter is the new text, the letter below it is not. */
START_TEST(test_answer_is_found_again)
{
    enum letter_kind kind = (enum letter_kind)(_i / 2);
    struct letter letter = suite_letter(kind, suite_languages[_i % 2]);
    g_autoptr(outmail_t) out = suite_render(&letter);
    g_autofree char *plain = g_strconcat("同意\n\n", out->text, NULL);
    g_autofree char *html = g_strconcat("<div>同意</div><br>", out->html, NULL);
    g_auto(text_parts_t) from_plain = {0};
    g_auto(text_parts_t) from_html = {0};
    text_read(TEXT_PLAIN, plain, strlen(plain), &from_plain);
    text_read(TEXT_HTML, html, strlen(html), &from_html);
    g_strstrip(from_plain.reply);
    g_strstrip(from_html.reply);
    ck_assert_str_eq(from_plain.reply, "同意");
    ck_assert_str_eq(from_html.reply, "同意");
}
END_TEST

TCase *
case_wire(void)
{
    TCase *tcase = tcase_create("wire");
    tcase_add_loop_test(tcase, test_read_back, 0, 2 * N_KINDS);
    tcase_add_test(tcase, test_fields_on_the_wire);
    tcase_add_loop_test(tcase, test_answer_is_found_again, 0, 2 * N_KINDS);
    return tcase;
}
