/* test_read.c - which part is the text, what is an attachment and under which name, who and which thread. */
#include "suite.h"

support_case_fn read_case;

#define HEAD                                                                                                 \
    "From: Sue <Sue@Sup.Example>\r\nTo: Tasks <tasks@team.example>\r\nSubject: s\r\nMIME-Version: 1.0\r\n"
#define MIXED       HEAD "Content-Type: multipart/mixed; boundary=\"b b\"\r\n\r\npreamble\r\n--b b\r\n"
#define NEXT        "\r\n--b b\r\n"
#define END         "\r\n--b b--\r\nepilogue\r\n"
#define ALTERNATIVE HEAD "Content-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\n"

static const struct {
    const char *label, *raw, *body;
    guint attachments;
} bodies[] = {
    {"plain", HEAD "\r\nhello\r\n", "hello", 0},
    {"C03: only in an attached text",
     MIXED "Content-Type: text/plain\r\nContent-Disposition: attachment; filename=x.txt\r\n\r\n!close" END,
     "", 1},
    {"C03: text with a name", MIXED "\r\nhello" NEXT "Content-Type: text/plain; name=x.txt\r\n\r\n!close" END,
     "hello", 1},
    {"C03: attached mail",
     MIXED "\r\nhello" NEXT
           "Content-Type: message/rfc822\r\n\r\nFrom: x@y.example\r\nSubject: inner\r\n\r\n!close" END,
     "hello", 1},
    {"C03: inline with a name",
     MIXED "\r\nhello" NEXT "Content-Disposition: inline; filename=x.txt\r\n\r\n!close" END, "hello", 1},
    {"C03: the mail itself is an attachment",
     HEAD "Content-Type: text/plain\r\nContent-Disposition: attachment\r\n\r\n!close", "", 1},
    {"a lone part with a name is the text", HEAD "Content-Type: text/plain; name=x.txt\r\n\r\nhello", "hello",
     0},
    {"C04: plain counts",
     ALTERNATIVE "\r\nhello\r\n--a\r\nContent-Type: text/html\r\n\r\n<p>!close</p>\r\n--a--", "hello", 0},
    {"C04: plain counts, HTML first",
     ALTERNATIVE "Content-Type: text/html\r\n\r\n<p>hello</p>\r\n--a\r\n\r\n!close\r\n--a--", "!close", 0},
    {"plain is empty", ALTERNATIVE "\r\n \r\n\r\n--a\r\nContent-Type: text/html\r\n\r\n<p>hello</p>\r\n--a--",
     "hello", 0},
    {"plain is a stub",
     ALTERNATIVE "\r\nThis mail is in HTML.\r\n--a\r\nContent-Type: text/html\r\n\r\n<p>The parcel with the "
                 "broken lid came back today.</p>\r\n--a--",
     "The parcel with the broken lid came back today.", 0},
    {"HTML only", HEAD "Content-Type: text/html\r\n\r\n<p>hello</p>", "hello", 0},
    {"three texts", MIXED "\r\none\r\n" NEXT "\r\ntwo\r\n" NEXT "Content-Type: text/plain\r\n\r\nthree" END,
     "one\ntwo\nthree", 0},
    {"text around a picture", MIXED "\r\none\r\n" NEXT "Content-Type: image/png\r\n\r\nx" NEXT "\r\ntwo" END,
     "one\ntwo", 1},
    {"signed",
     HEAD "Content-Type: multipart/signed; boundary=a\r\n\r\n--a\r\nContent-Type: multipart/mixed; "
          "boundary=c\r\n\r\n--c\r\n\r\nhello\r\n--c--\r\n--a\r\nContent-Type: application/pgp-signature; "
          "name=signature.asc\r\n\r\nx\r\n--a--",
     "hello", 1},
    {"calendar",
     ALTERNATIVE "\r\nhello\r\n--a\r\nContent-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n--a--", "hello",
     1},
    {"digest",
     HEAD "Content-Type: multipart/digest; boundary=a\r\n\r\n--a\r\n\r\nSubject: x\r\n\r\n!close\r\n--a--",
     "", 1},
    {"report",
     HEAD "Content-Type: multipart/report; boundary=a\r\n\r\n--a\r\n\r\nfailed\r\n--a\r\nContent-Type: "
          "message/delivery-status\r\n\r\nx\r\n--a\r\nContent-Type: text/rfc822-headers\r\n\r\nx\r\n--a--",
     "failed", 2},
    {"quoted boundary with spaces at the line's end",
     HEAD "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a  \r\n\r\nhello\r\n--a-- \r\n", "hello", 0},
    {"a longer boundary is another one",
     HEAD "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\r\none\r\n--ab\r\ntwo\r\n--a--",
     "one\n--ab\ntwo", 0},
    {"LF and no end", HEAD "Content-Type: multipart/mixed; boundary=a\n\n--a\n\nhello\n", "hello", 0},
    {"boundary in RFC 2231 pieces",
     HEAD
     "Content-Type: multipart/mixed; boundary*0=ab; boundary*1=cd\r\n\r\n--abcd\r\n\r\nhello\r\n--abcd--",
     "hello", 0},
};

/* The text with runs of white space as one; which blank lines stand between parts is not the point. */
static char *
squeeze(const char *text)
{
    g_auto(GStrv) words = g_strsplit_set(text, " \n", -1);
    GString *out = g_string_new(NULL);
    for (guint i = 0; words[i]; i++)
        if (*words[i])
            g_string_append_printf(out, "%s%s", out->len > 0 ? " " : "", words[i]);
    return g_string_free(out, FALSE);
}

START_TEST(test_C03_C04_body_and_attachments)
{
    g_autoptr(mail_t) mail = suite_parse_text(bodies[_i].raw);
    g_autofree char *got = squeeze(mail->body_text), *want = squeeze(bodies[_i].body);
    ck_assert_msg(strcmp(got, want) == 0, "%s: got \"%s\"", bodies[_i].label, got);
    ck_assert_msg(mail->attachments->len == bodies[_i].attachments, "%s: %u attachments", bodies[_i].label,
                  mail->attachments->len);
}
END_TEST

static const struct {
    const char *label, *fields, *want;
} names[] = {
    {"plain", "Content-Disposition: attachment; filename=a.pdf", "a.pdf"},
    {"quoted", "Content-Disposition: attachment; filename=\"a b; c.pdf\"", "a b; c.pdf"},
    {"unquoted with spaces", "Content-Disposition: attachment; filename=a b.pdf; size=3", "a b.pdf"},
    {"in the type", "Content-Type: application/pdf; name=\"a.pdf\"", "a.pdf"},
    {"RFC 2231", "Content-Disposition: attachment; filename*=UTF-8''%E6%8A%A5%E4%BB%B7.pdf", "报价.pdf"},
    {"RFC 2231 in GBK", "Content-Disposition: attachment; filename*=gb2312''%B1%A8%BC%DB.pdf", "报价.pdf"},
    {"RFC 2231 before plain",
     "Content-Disposition: attachment; filename=x.pdf; filename*=UTF-8''%E6%8A%A5.pdf", "报.pdf"},
    {"continued", "Content-Disposition: attachment; filename*0=\"a\"; filename*1=\"b.pdf\"", "ab.pdf"},
    {"continued in any order, a character split",
     "Content-Disposition: attachment;\r\n filename*1*=%8A%A5.pdf;\r\n filename*0*=UTF-8''%E6", "报.pdf"},
    {"continued, partly encoded",
     "Content-Disposition: attachment; filename*0*=UTF-8''%E6%8A%A5; filename*1=\" 1.pdf\"", "报 1.pdf"},
    {"continued from one", "Content-Disposition: attachment; filename*1=a; filename*2=b.pdf", "ab.pdf"},
    {"RFC 2231 without its quotes", "Content-Disposition: attachment; filename*=%E6%8A%A5.pdf", "报.pdf"},
    {"encoded word", "Content-Disposition: attachment; filename=\"=?UTF-8?B?5oql5Lu3LnBkZg==?=\"",
     "报价.pdf"},
    {"encoded words, a character split",
     "Content-Type: application/pdf;\r\n name=\"=?gbk?Q?=B1?=\r\n =?gbk?Q?=A8=BC=DB.pdf?=\"", "报价.pdf"},
    {"raw GBK", "Content-Disposition: attachment; filename=\"\xb1\xa8\xbc\xdb.pdf\"", "报价.pdf"},
    {"raw UTF-8", "Content-Disposition: attachment; filename=\"报价.pdf\"", "报价.pdf"},
    {"percent signs in a plain name", "Content-Disposition: attachment; filename=\"%E6%8A%A5%E4%BB%B7.pdf\"",
     "报价.pdf"},
    {"percent signs that are meant", "Content-Disposition: attachment; filename=\"100%25.pdf\"",
     "100%25.pdf"},
    {"RFC 2231 in a plain name", "Content-Disposition: attachment; filename=\"UTF-8''%E6%8A%A5.pdf\"",
     "报.pdf"},
    {"RFC 2231 in GBK in a plain name", "Content-Disposition: attachment; filename=\"gbk''%B1%A8.pdf\"",
     "报.pdf"},
    {"encoded word in RFC 2231", "Content-Disposition: attachment; filename*=UTF-8''=?UTF-8?B?5oql?=.pdf",
     "报.pdf"},
    {"encoded word in pieces",
     "Content-Disposition: attachment; filename*0=\"=?UTF-8?B?5oql\"; filename*1=\"5Lu3?=.pdf\"", "报价.pdf"},
    {"encoded word without quotes",
     "Content-Disposition: attachment; filename==?UTF-8?Q?=E6=8A=A5.pdf?=", "报.pdf"},
    {"encoded word with spaces", "Content-Disposition: attachment; filename=\"=?UTF-8?Q?=E6=8A=A5 1.pdf?=\"",
     "报 1.pdf"},
    {"encoded word without padding", "Content-Disposition: attachment; filename=\"=?UTF-8?B?5oqlLnBkZg?=\"",
     "报.pdf"},
    {"Q-word without its frame", "Content-Disposition: attachment; filename=\"=E6=8A=A5.pdf\"", "报.pdf"},
    {"equals signs that are meant", "Content-Disposition: attachment; filename=\"a=20.pdf\"", "a=20.pdf"},
    {"single quotes", "Content-Disposition: attachment; filename='a b.pdf'", "a b.pdf"},
    {"raw Big5 that ends in a backslash",
     "Content-Disposition: attachment; filename=\"\xa6\xa8\xa5\\\"; size=3", "成功"},
    {"an escaped quote", "Content-Disposition: attachment; filename=\"a\\\"b.pdf\"", "a_b.pdf"},
    {"no disposition at all", "Content-Disposition: ; filename=\"a.pdf\"", "a.pdf"},
    {"no semicolon", "Content-Disposition: attachment filename=\"a.pdf\"", "a.pdf"},
    {"no closing quote", "Content-Disposition: attachment; filename=\"a.pdf", "a.pdf"},
    {"no name", "Content-Type: application/pdf", "attachment.pdf"},
    {"F01: up", "Content-Disposition: attachment; filename=\"../../etc/passwd\"", NULL},
    {"F01: absolute", "Content-Disposition: attachment; filename=/abs", NULL},
    {"F01: up in Windows", "Content-Disposition: attachment; filename=\"..\\\\..\\\\x\"", NULL},
    {"F01: separator", "Content-Disposition: attachment; filename=a/b", NULL},
    {"F01: dot", "Content-Disposition: attachment; filename=.", NULL},
    {"F01: percent as it stands", "Content-Disposition: attachment; filename=\"%2e%2e%2f\"", NULL},
    {"F01: dot at the end", "Content-Disposition: attachment; filename=\"a.pdf. .\"", "a.pdf"},
    {"F01: space at the end", "Content-Disposition: attachment; filename=\"a.pdf \"", "a.pdf"},
    {"F01: dots", "Content-Disposition: attachment; filename=\"..\"", NULL},
    {"F01: empty", "Content-Disposition: attachment; filename=\"\"", NULL},
    {"F01: percent", "Content-Disposition: attachment; filename*0*=UTF-8''..%2F; filename*1*=%2e%2e%2fx",
     NULL},
    {"F01: line end", "Content-Disposition: attachment; filename*=UTF-8''a%0D%0ABcc:x", NULL},
    {"F01: NUL", "Content-Disposition: attachment; filename*=UTF-8''a%00/../b", NULL},
    {"F02: hidden dot", "Content-Disposition: attachment; filename=\"\xe2\x80\x8b.htaccess\"", NULL},
    {"F02: reversed", "Content-Disposition: attachment; filename=\"\xe2\x80\xaegpj.exe\"", "gpj.exe"},
    {"F02: device", "Content-Disposition: attachment; filename=CON", "_CON"},
    {"F02: stream", "Content-Disposition: attachment; filename=\"a.txt:ads\"", NULL},
    {"F02: option", "Content-Disposition: attachment; filename=-rf", "rf"},
    {"F02: substitution", "Content-Disposition: attachment; filename=\"$(x).pdf\"", NULL},
    {"F02: markup", "Content-Disposition: attachment; filename=\"<img>.png\"", NULL},
};

START_TEST(test_F01_F02_names)
{
    g_autofree char *raw = g_strdup_printf(
        MIXED "%s%s\r\n\r\nx" END,
        strstr(names[_i].fields, "Type:") ? "" : "Content-Type: application/pdf\r\n", names[_i].fields);
    g_autoptr(mail_t) mail = suite_parse_text(raw);
    const char *name = suite_attachment(mail, 0)->name, *label = names[_i].label;
    if (names[_i].want)
        ck_assert_msg(strcmp(name, names[_i].want) == 0, "%s: got \"%s\"", label, name);
    ck_assert_msg(*name && *name != '.' && *name != '-' && !strpbrk(name, "/\\<>:\"|?*\r\n\t"),
                  "%s: got \"%s\"", label, name);
    ck_assert_msg(g_utf8_validate(name, -1, NULL) && !strstr(name, "\xe2\x80"), "%s: got \"%s\"", label,
                  name);
}
END_TEST

START_TEST(test_F01_name_of_five_kilobytes_keeps_its_extension)
{
    g_autofree char *stem = g_strnfill(5000, 'a');
    g_autofree char *raw =
        g_strconcat(MIXED "Content-Disposition: attachment; filename=", stem, ".pdf\r\n\r\nx" END, NULL);
    g_autoptr(mail_t) mail = suite_parse_text(raw);
    ck_assert(g_str_has_suffix(suite_attachment(mail, 0)->name, "a.pdf"));
    ck_assert_uint_le(strlen(suite_attachment(mail, 0)->name), 200);
}
END_TEST

START_TEST(test_attachment_facts)
{
    static const char raw[] =
        MIXED "Content-Type: text/html\r\n\r\n<p>see <img src=\"cid:logo@x\"></p>" NEXT
              "Content-Type: Image/JPEG; name=logo.jpg\r\nContent-ID: <logo@x>\r\nContent-Transfer-Encoding: "
              "base64\r\n\r\niVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ" NEXT
              "Content-Type: application/octet-stream; name=a.txt\r\nContent-ID: "
              "<other@x>\r\nContent-Transfer-Encoding: base64\r\n\r\nYWJj" END;
    g_autoptr(mail_t) mail = suite_parse_text(raw);
    ck_assert_uint_eq(mail->attachments->len, 2);
    const struct mail_attachment *picture = suite_attachment(mail, 0), *file = suite_attachment(mail, 1);
    ck_assert_str_eq(picture->declared_type, "image/jpeg");
    ck_assert_str_eq(picture->type, "image/png");
    ck_assert_str_eq(picture->content_id, "logo@x");
    ck_assert(picture->is_inline);
    ck_assert(!file->is_inline);
    ck_assert_str_eq(file->type, "text/plain");
    ck_assert_int_eq(file->size_bytes, 3);
    ck_assert_str_eq(file->sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
END_TEST

START_TEST(test_part_by_index)
{
    static const char raw[] = MIXED "\r\nhello" NEXT "Content-Type: application/pdf\r\n\r\none" NEXT
                                    "Content-Type: application/pdf\r\n\r\ntwo" END;
    g_autoptr(mail_t) mail = suite_parse_text(raw);
    static const char *const wants[] = {"one", "two"};
    for (guint i = 0; i < 2; i++) {
        gsize len;
        g_autoptr(GBytes) content = mime_part(raw, sizeof raw - 1, suite_attachment(mail, i)->part, NULL);
        const char *bytes = g_bytes_get_data(content, &len);
        ck_assert_msg(len == 3 && memcmp(bytes, wants[i], 3) == 0, "%s", wants[i]);
    }
    static const guint none[] = {0, 3, 4000000000u}; /* 0 is the text */
    for (guint i = 0; i < G_N_ELEMENTS(none); i++) {
        g_autoptr(GError) error = NULL;
        ck_assert_ptr_null(mime_part(raw, sizeof raw - 1, none[i], &error));
        ck_assert_msg(g_error_matches(error, CARDPOST_ERROR, CARDPOST_ERROR_NOT_FOUND), "%u", none[i]);
    }
}
END_TEST

START_TEST(test_who_and_which_thread)
{
    g_autoptr(mail_t) mail = suite_parse_text(
        "Delivered-To: Tasks+R.abc@Team.example\r\nX-Original-To: <other@team.example>\r\nEnvelope-To: "
        "tasks+r.abc@team.example\r\nEnvelope-To: not an address\r\n"
        "From: =?UTF-8?B?5p2O6Zu3?= <Li@X.Example>\r\nTo: \"A, B\" <a@b.example>, c@d.example (Carl)\r\nTo: "
        "e@f.example\r\nCc: G <g@h.example>, broken\r\n"
        "In-Reply-To: Your mail of Monday <one@x>\r\nReferences: <r@x>\r\n <a\r\n b@x>,<c@x>\r\n"
        "Thread-Index: Adcz3gABAgMEBQYHCAkKCwwNDg8QEQ==\r\nThread-Index: x\r\nDate: Mon, 05 Oct 2026 "
        "10:00:00 +0000\r\n\r\nx");
    ck_assert_str_eq(mail->from.name, "李雷");
    ck_assert_str_eq(mail->from.address, "li@x.example");
    ck_assert_uint_eq(mail->to->len, 3);
    ck_assert_str_eq(((struct mail_address *)mail->to->pdata[0])->name, "A, B");
    ck_assert_str_eq(((struct mail_address *)mail->to->pdata[1])->name, "Carl");
    ck_assert_str_eq(((struct mail_address *)mail->cc->pdata[0])->address, "g@h.example");
    ck_assert_uint_eq(mail->delivered_to->len, 2);
    ck_assert_str_eq(mail->delivered_to->pdata[0], "tasks+r.abc@team.example");
    ck_assert_uint_eq(mail->in_reply_to->len, 1);
    ck_assert_str_eq(mail->in_reply_to->pdata[0], "one@x");
    ck_assert_uint_eq(mail->references->len, 3);
    ck_assert_str_eq(mail->references->pdata[1], "ab@x");
    ck_assert_str_eq(mail->thread_index, "Adcz3gABAgMEBQYHCAkKCwwNDg8QEQ==");
}
END_TEST

START_TEST(test_who_by_a_broken_from)
{
    static const struct {
        const char *field, *address;
    } froms[] = {{"Big Bug bb@bug.example", "bb@bug.example"},
                 {"\"postmaster@\" <a_b.example postmaster@a_b.example>", "postmaster@a_b.example"},
                 {"=?UTF-8?B?5p2O6Zu3IDxsaUB4LmV4YW1wbGU+?=", "li@x.example"},
                 {"\"a b\"@x.example", "\"a b\"@x.example"},
                 {"nobody at all", ""}};
    for (guint i = 0; i < G_N_ELEMENTS(froms); i++) {
        g_autofree char *raw = g_strdup_printf("From: %s\r\n\r\nx", froms[i].field);
        g_autoptr(mail_t) mail = suite_parse_text(raw);
        bool is_right = *froms[i].address ? strcmp(mail->from.address, froms[i].address) == 0
                                          : !strchr(mail->from.address, '@');
        ck_assert_msg(is_right, "%s: got %s", froms[i].field, mail->from.address);
    }
}
END_TEST

START_TEST(test_thread_index_is_cut_to_its_root)
{
    g_autoptr(mail_t) mail =
        suite_parse_text("From: a@b.example\nThread-Index: Adcz3gABAgMEBQYHCAkKCwwNDg8QERITFBUW\n\nx");
    ck_assert_str_eq(mail->thread_index, "Adcz3gABAgMEBQYHCAkKCwwNDg8QEQ==");
    g_autoptr(mail_t) none = suite_parse_text("From: a@b.example\nThread-Index: Adcz3gAB\n\nx");
    ck_assert_ptr_null(none->thread_index);
}
END_TEST

#define INNER                                                                                                \
    "Content-Type: message/rfc822\r\n\r\nFrom: Tom <tom@other.example>\r\nTo: sue@sup.example\r\nSubject: "  \
    "=?utf-8?Q?J=C3=BC?=\r\nDate: Mon, 05 Oct 2026 10:00:00 +0000\r\n\r\n!close\r\n"

START_TEST(test_attached_mail_as_forward)
{
    g_autoptr(mail_t) mail = suite_parse_text(MIXED INNER END);
    ck_assert_ptr_nonnull(mail->forward);
    ck_assert_str_eq(mail->forward->from.address, "tom@other.example");
    ck_assert_str_eq(mail->forward->from.name, "Tom");
    ck_assert_str_eq(mail->forward->subject, "Jü");
    ck_assert_int_eq(mail->forward->date_at, 1791194400);
    ck_assert_str_eq(mail->forward->to, "<sue@sup.example>");
    ck_assert_str_eq(g_strchomp(mail->forward->text), "!close");
    ck_assert_str_eq(mail->body_text, "");
    ck_assert_str_eq(mail->reply_text, "");
}
END_TEST

START_TEST(test_attached_mail_without_forward)
{
    g_autoptr(mail_t) mail = suite_parse_text(MIXED "\r\nlook at this" NEXT INNER END);
    ck_assert_ptr_null(mail->forward);
    g_autoptr(mail_t) fwd =
        suite_parse_text("From: a@b.example\r\nSubject: Fwd: x\r\nContent-Type: multipart/mixed; "
                         "boundary=\"b b\"\r\n\r\n--b b\r\n\r\nfyi" NEXT INNER END);
    ck_assert_ptr_nonnull(fwd->forward);
    g_autoptr(mail_t) empty = suite_parse_text(MIXED "Content-Type: message/rfc822\r\n\r\n" END);
    ck_assert_ptr_null(empty->forward);
    ck_assert(suite_has_problem(empty, "cannot be read"));
}
END_TEST

TCase *
read_case(void)
{
    TCase *tcase = tcase_create("read");
    tcase_add_unchecked_fixture(tcase, mime_open, mime_close);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, test_C03_C04_body_and_attachments, 0, G_N_ELEMENTS(bodies));
    tcase_add_loop_test(tcase, test_F01_F02_names, 0, G_N_ELEMENTS(names));
    tcase_add_test(tcase, test_F01_name_of_five_kilobytes_keeps_its_extension);
    tcase_add_test(tcase, test_attachment_facts);
    tcase_add_test(tcase, test_part_by_index);
    tcase_add_test(tcase, test_who_and_which_thread);
    tcase_add_test(tcase, test_who_by_a_broken_from);
    tcase_add_test(tcase, test_thread_index_is_cut_to_its_root);
    tcase_add_test(tcase, test_attached_mail_as_forward);
    tcase_add_test(tcase, test_attached_mail_without_forward);
    return tcase;
}
