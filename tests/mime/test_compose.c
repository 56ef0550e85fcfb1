/* test_compose.c - outgoing mails: exactly their fields, safe lines, equal bytes for equal mails, and the own
 * parser reads back what was meant. */
#include "suite.h"

#include <cardpost/clean.h>
#include <cardpost/header.h>

support_case_fn compose_case;

static struct outmail *
letter(void)
{
    struct outmail *mail = outmail_new();
    mail->from_name = g_strdup("Li Wei via Orders");
    mail->from_address = g_strdup("tasks@dom.example");
    mail->to_address = g_strdup("person@x.example");
    mail->subject = g_strdup("[tasks-128] 蓝牙耳机补货");
    mail->date_at = 1791194400;
    mail->date_offset_s = 28800;
    mail->message_id = g_strdup("c57.128.r9.abc@dom.example");
    mail->text = g_strdup("Hello\n");
    return mail;
}

static char *
compose(const struct outmail *mail)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = mime_compose(mail, &error);
    if (!bytes)
        ck_abort_msg("%s", error->message);
    gsize len;
    const char *data = g_bytes_get_data(bytes, &len);
    ck_assert_ptr_null(memchr(data, '\0', len));
    return g_strndup(data, len);
}

/* CRLF only, ASCII only, no line over max bytes. */
static void
assert_wire(const char *label, const char *wire, gsize max)
{
    gsize line = 0;
    for (const char *p = wire; *p; p++) {
        ck_assert_msg((*p == '\r') == (p[1] == '\n'), "%s: CRLF only", label);
        ck_assert_msg(*p == '\t' || *p == '\r' || *p == '\n' || (*p >= ' ' && *p < 127), "%s: ASCII only",
                      label);
        line = *p == '\n' ? 0 : line + 1;
        ck_assert_msg(line <= max + 1, "%s: a line of more than %" G_GSIZE_FORMAT, label, max);
    }
    ck_assert_msg(g_str_has_suffix(wire, "\r\n"), "%s: ends a line", label);
}

/* The field names of the header block, in order. */
static char *
field_names(const char *wire)
{
    g_auto(header_block_t) block = {0};
    header_block_parse(wire, strlen(wire), &block);
    GString *names = g_string_new(NULL);
    for (guint i = 0; i < block.fields->len; i++) {
        const struct header_field *field = &g_array_index(block.fields, struct header_field, i);
        g_string_append_printf(names, "%s%.*s", i > 0 ? " " : "", (int)field->name_len, field->name);
    }
    ck_assert_uint_eq(block.flaws, 0);
    return g_string_free(names, FALSE);
}

START_TEST(test_all_fields_in_order)
{
    g_autoptr(outmail_t) mail = letter();
    mail->to_name = g_strdup("Bob, \"the\" B");
    mail->reply_to_name = g_strdup("tasks-128");
    mail->reply_to_address = g_strdup("tasks+r.x@dom.example");
    mail->in_reply_to = g_strdup("last@x.example");
    g_ptr_array_add(mail->references, g_strdup("card.128@dom.example"));
    g_ptr_array_add(mail->references, g_strdup("last@x.example"));
    mail->thread_topic = g_strdup("[tasks-128] 蓝牙耳机补货");
    mail->thread_index = g_strdup("Adcz3gABAgMEBQYHCAkKCwwNDg8QEQ==");
    mail->list_id = g_strdup("\"Orders\" <orders.boards.dom.example>");
    mail->list_unsubscribe = g_strdup("<mailto:tasks+u.x@dom.example?subject=unsubscribe>");
    mail->auto_submitted = g_strdup("auto-generated");
    mail->precedence = g_strdup("list");
    mail->language = g_strdup("zh-CN");
    outmail_add_header(mail, "X-Cardpost-Reason", "assigned");
    mail->html = g_strdup("<p>你好</p>");
    g_autoptr(GBytes) content = g_bytes_new_static("\0\1\2abc", 6);
    outmail_add_file(mail, "报价.pdf", "application/pdf", content);
    g_autofree char *wire = compose(mail), *names = field_names(wire);
    ck_assert_str_eq(
        names,
        "From To Reply-To Subject Date Message-ID In-Reply-To References Thread-Topic Thread-Index List-Id "
        "List-Unsubscribe Auto-Submitted Precedence Content-Language X-Cardpost-Reason MIME-Version "
        "Content-Type");
    assert_wire("all", wire, 76);
    ck_assert_ptr_nonnull(strstr(wire, "Subject: [tasks-128] =?UTF-8?B?"));
    ck_assert_ptr_nonnull(strstr(wire, "\r\nDate: Mon, 05 Oct 2026 18:00:00 +0800\r\n"));
    ck_assert_ptr_nonnull(strstr(wire, "\r\nMessage-ID: <c57.128.r9.abc@dom.example>\r\n"));

    g_autoptr(mail_t) back = suite_parse_text(wire);
    ck_assert_str_eq(back->subject, mail->subject);
    ck_assert_str_eq(back->from.name, "Li Wei via Orders");
    ck_assert_str_eq(((struct mail_address *)back->to->pdata[0])->name, "Bob, \"the\" B");
    ck_assert_int_eq(back->date_at, mail->date_at);
    ck_assert_uint_eq(back->references->len, 2);
    ck_assert_str_eq(back->thread_index, mail->thread_index);
    ck_assert_str_eq(g_strchomp(back->body_text), "Hello");
    ck_assert_str_eq(suite_attachment(back, 0)->name, "报价.pdf");
    ck_assert_int_eq(suite_attachment(back, 0)->size_bytes, 6);
    ck_assert_uint_eq(back->problems->len, 0);
}
END_TEST

static const char *const nasty[] = {
    "x\r\nBcc: v@v.example",
    "x\nBcc: v@v.example",
    "x\rBcc: v@v.example",
    "x\u2028Bcc: v",
    "x\tBcc: v",
    "=?utf-8?q?x=0D=0ABcc:_v@v?=",
    "\"x\" <v@v.example>,",
    "\\",
    "\"",
    "x\xff\xfe",
    "\x1b[2J",
    "",
    " ",
    "中\r\n文",
};

/* Wherever a value comes from a stranger, the header set stays what it is. */
START_TEST(test_H01_values_cannot_make_fields)
{
    g_autoptr(outmail_t) mail = letter();
    const char *value = nasty[_i];
    char **places[] = {&mail->from_name, &mail->to_name,  &mail->subject,          &mail->thread_topic,
                       &mail->list_id,   &mail->language, &mail->list_unsubscribe, &mail->in_reply_to,
                       &mail->text,      &mail->html,     &mail->auto_submitted,   &mail->thread_index};
    for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
        g_free(*places[i]);
        *places[i] = g_strdup(value);
    }
    g_ptr_array_add(mail->references, g_strdup(value));
    outmail_add_header(mail, "X-Cardpost-Reason", value);
    g_autoptr(GBytes) content = g_bytes_new_static("abc", 3);
    outmail_add_file(mail, value, value, content);
    g_autofree char *wire = compose(mail), *names = field_names(wire);
    g_autofree char *id = clean_message_id(value);
    g_autofree char *want = g_strdup_printf(
        "From To Subject Date Message-ID%s Thread-Topic Thread-Index List-Id List-Unsubscribe Auto-Submitted "
        "Content-Language X-Cardpost-Reason MIME-Version Content-Type",
        id ? " In-Reply-To References" : "");
    ck_assert_msg(strcmp(names, want) == 0, "\"%s\": got %s", value, names);
    assert_wire(value, wire, 998);
    g_autoptr(mail_t) back = suite_parse_text(wire);
    ck_assert_msg(strcmp(back->from.address, "tasks@dom.example") == 0, "\"%s\": From is %s", value,
                  back->from.address);
    ck_assert_msg(back->to->len == 1, "\"%s\": one recipient", value);
    ck_assert_uint_eq(back->attachments->len, 1);
}
END_TEST

/* A literal that looks like an encoded word is shown as it was written. */
START_TEST(test_H01_a_literal_encoded_word_stays_literal)
{
    g_autoptr(outmail_t) mail = letter();
    g_free(mail->subject);
    mail->subject = g_strdup("see =?utf-8?q?x=0D=0ABcc:_v@v?= there");
    g_autofree char *wire = compose(mail);
    g_autoptr(mail_t) back = suite_parse_text(wire);
    ck_assert_str_eq(back->subject, mail->subject);
}
END_TEST

/* Not only encoded: a reader who decodes the value finds no line end in it either. */
START_TEST(test_H01_line_ends_are_gone_and_not_encoded)
{
    g_autoptr(outmail_t) mail = letter();
    g_free(mail->subject);
    mail->subject = g_strdup("x\r\nBcc: v@v.example\n");
    outmail_add_header(mail, "X-Cardpost-Reason", "a\n\tb\x1b[2J");
    g_autofree char *wire = compose(mail);
    ck_assert_ptr_nonnull(strstr(wire, "\r\nSubject: x Bcc: v@v.example\r\n"));
    ck_assert_ptr_nonnull(strstr(wire, "\r\nX-Cardpost-Reason: a b[2J\r\n"));
}
END_TEST

static const struct {
    const char *label, *text, *back;
} bodies[] = {
    {"dots", "a\n.\nb\n", "a\n.\nb"},
    {"CR dot CR", "a\r.\rb", "a\n.\nb"},
    {"lone CR", "a\rb", "a\nb"},
    {"CRLF", "a\r\nb\r\n", "a\nb"},
    {"no line end", "a", "a"},
    {"8-bit", "J\xc3\xbcrgen = 1", "J\xc3\xbcrgen = 1"},
    {"Chinese", "蓝牙耳机补货\n第二行", "蓝牙耳机补货\n第二行"},
    {"invalid",
     "a\xff"
     "b",
     "a\xef\xbf\xbd"
     "b"},
    {"trailing space", "a \n-- \nb", "a \n-- \nb"},
    {"looks like a boundary", "--=_x\n--a--\n", "--=_x\n--a--"},
    {"empty", "", ""},
};

START_TEST(test_H04_bodies_on_the_wire)
{
    g_autoptr(outmail_t) mail = letter();
    g_free(mail->text);
    mail->text = g_strdup(bodies[_i].text);
    g_autofree char *plain = compose(mail);
    assert_wire(bodies[_i].label, plain, 76);
    mail->html = g_strdup_printf("<p>%s</p>", bodies[_i].text);
    g_autofree char *both = compose(mail);
    assert_wire(bodies[_i].label, both, 76);
    g_autoptr(mail_t) back = suite_parse_text(plain);
    ck_assert_msg(strcmp(g_strchomp(back->body_text), bodies[_i].back) == 0, "%s: got \"%s\"",
                  bodies[_i].label, back->body_text);
}
END_TEST

START_TEST(test_H04_a_line_of_100_kilobytes)
{
    g_autoptr(outmail_t) mail = letter();
    g_free(mail->text);
    mail->text = g_strnfill(100000, 'x');
    mail->html = g_strnfill(100000, 'y');
    g_free(mail->subject);
    mail->subject = g_strnfill(5000, 'z');
    g_autofree char *wire = compose(mail);
    assert_wire("long", wire, 76);
    g_autoptr(mail_t) back = suite_parse_text(wire);
    ck_assert_uint_eq(strlen(g_strchomp(back->body_text)), 100000);
}
END_TEST

START_TEST(test_equal_mails_are_equal_bytes)
{
    g_autoptr(outmail_t) one = letter(), two = letter();
    one->html = g_strdup("<p>x</p>");
    two->html = g_strdup("<p>x</p>");
    g_autofree char *a = compose(one), *b = compose(two);
    ck_assert_str_eq(a, b);
    g_free(two->message_id);
    two->message_id = g_strdup("other@dom.example");
    g_autofree char *c = compose(two);
    ck_assert_ptr_null(strstr(c, strstr(a, "boundary=")));
}
END_TEST

START_TEST(test_refused)
{
    static const struct {
        const char *label, *to, *id, *header;
    } tests[] = {
        {"recipient with a command", "a@b>\r\nRCPT TO:<evil@x", "i@d", "X-A"},
        {"two recipients", "a@b.example,c@d.example", "i@d", "X-A"},
        {"no recipient", "", "i@d", "X-A"},
        {"line end in the Message-ID", "a@b.example", "i\r\nBcc: x@y", "X-A"},
        {"brackets in the Message-ID", "a@b.example", "<i@d>", "X-A"},
        {"empty Message-ID", "a@b.example", "", "X-A"},
        {"line end in a field name", "a@b.example", "i@d", "X-A:\r\nBcc"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_autoptr(outmail_t) mail = letter();
        g_autoptr(GError) error = NULL;
        g_free(mail->to_address);
        mail->to_address = g_strdup(tests[i].to);
        g_free(mail->message_id);
        mail->message_id = g_strdup(tests[i].id);
        outmail_add_header(mail, tests[i].header, "x");
        g_autoptr(GBytes) bytes = mime_compose(mail, &error);
        ck_assert_msg(!bytes && g_error_matches(error, CARDPOST_ERROR, CARDPOST_ERROR_INVALID), "%s",
                      tests[i].label);
    }
}
END_TEST

TCase *
compose_case(void)
{
    TCase *tcase = tcase_create("compose");
    tcase_add_unchecked_fixture(tcase, mime_open, mime_close);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, test_all_fields_in_order);
    tcase_add_loop_test(tcase, test_H01_values_cannot_make_fields, 0, G_N_ELEMENTS(nasty));
    tcase_add_test(tcase, test_H01_a_literal_encoded_word_stays_literal);
    tcase_add_test(tcase, test_H01_line_ends_are_gone_and_not_encoded);
    tcase_add_loop_test(tcase, test_H04_bodies_on_the_wire, 0, G_N_ELEMENTS(bodies));
    tcase_add_test(tcase, test_H04_a_line_of_100_kilobytes);
    tcase_add_test(tcase, test_equal_mails_are_equal_bytes);
    tcase_add_test(tcase, test_refused);
    return tcase;
}
