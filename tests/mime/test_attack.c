/* test_attack.c - crafted mails: bombs are refused within their time, damaged ones are read as far as
 * possible. */
#include "suite.h"

#include <cardpost/caps.h>

support_case_fn attack_case;

#define HEAD "From: Sue <sue@sup.example>\r\nSubject: s\r\nMIME-Version: 1.0\r\n"

static void
repeat(GString *out, const char *piece, guint n)
{
    for (guint i = 0; i < n; i++)
        g_string_append(out, piece);
}

START_TEST(test_P01_parameter_name_that_hangs_the_library)
{
    g_autoptr(GString) raw = g_string_new("Content-Type: multipart/mixed; ");
    repeat(raw, "a", 68 + (guint)_i);
    g_string_append(raw, "=\xc3\xa9\xc3\xa9\r\n\r\nstill here");
    g_autoptr(mail_t) mail = suite_parse(raw->str, raw->len);
    ck_assert_str_eq(g_strchomp(mail->body_text), "still here");
    ck_assert(suite_has_problem(mail, "without a boundary"));
}
END_TEST

static GString *
many_parts(guint n)
{
    GString *raw = g_string_new(HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n");
    repeat(raw, "--b\n\n\n", n);
    return raw;
}

START_TEST(test_P02_too_many_parts)
{
    static const guint counts[] = {CAP_MIME_PARTS + 1, 10000, 10001, 800000};
    for (guint i = 0; i < G_N_ELEMENTS(counts); i++) {
        g_autoptr(GString) raw = many_parts(counts[i]);
        suite_refused("too many parts", raw->str, raw->len);
    }
    g_autoptr(GString) raw = many_parts(CAP_MIME_PARTS);
    g_autoptr(mail_t) mail = suite_parse(raw->str, raw->len);
    ck_assert_str_eq(mail->from.address, "sue@sup.example");
}
END_TEST

static GString *
deep(guint depth, const char *type)
{
    GString *raw = g_string_new(HEAD);
    for (guint i = 0; i < depth; i++)
        g_string_append_printf(raw, "Content-Type: %s; boundary=b%u\r\n\r\n--b%u\r\n", type, i, i);
    g_string_append(raw, "\r\nbottom\r\n");
    return raw;
}

START_TEST(test_P03_too_deep)
{
    static const guint depths[] = {CAP_MIME_DEPTH + 1, 1025, 100000};
    for (guint i = 0; i < G_N_ELEMENTS(depths); i++) {
        g_autoptr(GString) raw = deep(depths[i], "multipart/mixed");
        suite_refused("too deep", raw->str, raw->len);
    }
    g_autoptr(GString) raw = deep(CAP_MIME_DEPTH, "multipart/mixed");
    g_autoptr(mail_t) mail = suite_parse(raw->str, raw->len);
    ck_assert_str_eq(g_strchomp(mail->body_text), "bottom");
}
END_TEST

START_TEST(test_P03_nested_messages_are_one_attachment)
{
    g_autoptr(GString) raw = g_string_new(HEAD);
    repeat(raw, "Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n", 100000);
    g_autoptr(mail_t) mail = suite_parse(raw->str, raw->len);
    ck_assert_uint_eq(mail->attachments->len, 1);
    ck_assert_str_eq(suite_attachment(mail, 0)->name, "inner.eml");
}
END_TEST

START_TEST(test_P04_many_open_boundaries)
{
    g_autoptr(GString) raw = deep(900, "multipart/mixed");
    repeat(raw, "--b\n", 2000000);
    suite_refused("900 boundaries", raw->str, raw->len);
    g_autoptr(GString) most = deep(CAP_MIME_DEPTH, "multipart/mixed");
    repeat(most, "--b\n", 1000000); /* no boundary of any of them */
    g_autoptr(mail_t) mail = suite_parse(most->str, most->len);
    ck_assert_str_eq(mail->subject, "s");
}
END_TEST

START_TEST(test_P05_headers_without_end)
{
    static const struct {
        const char *label, *piece;
        guint n;
        bool refused;
    } tests[] = {
        {"1,000,000 fields", "X: y\n", 1000000, true},
        {"one field of 10 MB", "X: 0123456789\n ", 700000, true},
        {"500,000 To fields", "To: a@b.example\n", 500000, true},
        {"100,000 addresses", "X: 1\nTo: a@b.example", 1, false},
        {"200,000 references", "X: 1\nReferences: <1@a>", 1, false},
    };
    static const char *const tails[] = {"", "", "", ", a@b.example", " <x@y>"};
    static const guint tail_counts[] = {0, 0, 0, 70000, 150000};
    for (guint i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_autoptr(GString) raw = g_string_new("From: sue@sup.example\n");
        repeat(raw, tests[i].piece, tests[i].n);
        repeat(raw, tails[i], tail_counts[i]);
        g_string_append(raw, "\n\nbody");
        g_autoptr(mail_t) mail = tests[i].refused ? NULL : suite_parse(raw->str, raw->len);
        if (tests[i].refused)
            suite_refused(tests[i].label, raw->str, raw->len);
        else
            ck_assert_msg(mail->to->len <= CAP_ADDRESSES && mail->references->len <= CAP_REFERENCES, "%s",
                          tests[i].label);
    }
}
END_TEST

START_TEST(test_P05_first_and_last_references)
{
    g_autoptr(GString) raw = g_string_new("From: a@b.example\nReferences:");
    for (guint i = 0; i < 1000; i++)
        g_string_append_printf(raw, " <%u@x>", i);
    g_string_append(raw, "\n\n");
    g_autoptr(mail_t) mail = suite_parse(raw->str, raw->len);
    ck_assert_uint_eq(mail->references->len, CAP_REFERENCES);
    ck_assert_str_eq(mail->references->pdata[0], "0@x");
    ck_assert_str_eq(mail->references->pdata[CAP_REFERENCES / 2 - 1], "49@x");
    ck_assert_str_eq(mail->references->pdata[CAP_REFERENCES / 2], "950@x");
    ck_assert_str_eq(mail->references->pdata[CAP_REFERENCES - 1], "999@x");
}
END_TEST

START_TEST(test_nested_groups)
{
    static const char *const pieces[] = {"g:", "("};
    for (guint i = 0; i < G_N_ELEMENTS(pieces); i++) {
        g_autoptr(GString) raw = g_string_new("From: a@b.example\nTo: ");
        repeat(raw, pieces[i], 50000);
        g_string_append(raw, "\n\nx");
        suite_refused(pieces[i], raw->str, raw->len);
    }
    g_autoptr(mail_t) mail =
        suite_parse_text("From: a@b.example\nTo: Team: c@d.example, E <e@f.example>;, g@h.example\n\nx");
    ck_assert_uint_eq(mail->to->len, 3);
    ck_assert_str_eq(((struct mail_address *)mail->to->pdata[1])->name, "E");
}
END_TEST

static const struct {
    const char *label, *raw, *body;
} rests[] = {
    {"empty", "", ""},
    {"one line end", "\r\n", ""},
    {"header only", "From: a@b.example\r\nSubject: s\r\n", ""},
    {"header without line end", "From: a@b.example", ""},
    {"no body", "From: a@b.example\r\n\r\n", ""},
    {"first line without colon", "hello there\r\nSubject: s\r\n", "hello there\nSubject: s"},
    {"multipart cut off in its preamble", HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\npre", "pre"},
    {"multipart cut off in a header",
     HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Ty", "Content-Ty"},
    {"multipart cut off in a part", HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nte",
     "te"},
    {"attached mail is empty", HEAD "Content-Type: message/rfc822\r\n\r\n", ""},
    {"unknown encoding", HEAD "Content-Transfer-Encoding: x-fancy\r\n\r\ntext", "text"},
    {"base64 on a multipart",
     HEAD "Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: "
          "base64\r\n\r\n--b\r\n\r\ntext\r\n--b--\r\n",
     "text"},
    {"the boundary comes without an empty line",
     HEAD "Content-Type: multipart/mixed; boundary=b\r\n--b\r\n\r\ntext\r\n--b--\r\n", "text"},
    {"no content type, no slash", HEAD "Content-Type: text\r\n\r\ntext", "text"},
};

START_TEST(test_P06_what_is_left_of_a_mail)
{
    g_autoptr(mail_t) mail = suite_parse_text(rests[_i].raw);
    g_strstrip(mail->body_text);
    ck_assert_msg(strcmp(mail->body_text, rests[_i].body) == 0, "%s: got \"%s\"", rests[_i].label,
                  mail->body_text);
}
END_TEST

START_TEST(test_P06_five_megabytes_without_a_field)
{
    g_autoptr(GString) raw = g_string_new(NULL);
    repeat(raw, "no field here ", 5 * 1024 * 1024 / 14);
    g_autoptr(mail_t) mail = suite_parse(raw->str, raw->len);
    ck_assert_uint_le(strlen(mail->body_text), CAP_TEXT_BYTES);
    ck_assert_uint_ge(strlen(mail->body_text), CAP_TEXT_BYTES / 2);
    ck_assert(suite_has_problem(mail, "cut"));
    ck_assert(mail->is_damaged);
}
END_TEST

static const struct {
    const char *label, *encoding, *bytes, *want;
    bool damaged;
} encodings[] = {
    {"chunked", "base64", "Vkk=\nUlVTISE=", "VIRUS!!", false},
    {"padding in one line", "base64", "Vkk=UlVTISE=", "VIRUS!!", false},
    {"no padding", "base64", "VkkhIQ", "VI!!", true},
    {"8-bit junk", "base64", "Vk\xffkh", "VI!", true},
    {"a lone character", "base64", "VkkhV", "VI!", true},
    {"soft breaks", "quoted-printable", "a=\r\nb= \r\nc=3D", "abc=", false},
    {"broken escapes", "quoted-printable", "a=ZZb=4", "a=ZZb=4", true},
    {"lower case hex", "Quoted-Printable", "=e4=b8=ad", "中", false},
    {"uuencode", "x-uuencode", "begin 644 f\n#0V%T\n`\nend\n", "Cat", false},
    {"uuencode cut off", "uuencode", "begin 644 f\n#0V%T\n", "Cat", true},
};

START_TEST(test_P07_content_is_complete_or_marked)
{
    g_autofree char *raw =
        g_strdup_printf(HEAD "Content-Type: application/x-test; name=f\nContent-Transfer-Encoding: %s\n\n%s",
                        encodings[_i].encoding, encodings[_i].bytes);
    g_autoptr(mail_t) mail = suite_parse_text(raw);
    const char *label = encodings[_i].label;
    g_autoptr(GBytes) content = mime_part(raw, strlen(raw), suite_attachment(mail, 0)->part, NULL);
    gsize len;
    const char *bytes = g_bytes_get_data(content, &len);
    ck_assert_msg(len == strlen(encodings[_i].want) && memcmp(bytes, encodings[_i].want, len) == 0,
                  "%s: %.*s", label, (int)len, bytes);
    ck_assert_msg(suite_has_problem(mail, "damaged") == encodings[_i].damaged, "%s: damage", label);
    /* what quoted-printable cannot read stays as it is: nothing is missing */
    bool is_quoted = g_ascii_strcasecmp(encodings[_i].encoding, "quoted-printable") == 0;
    ck_assert_msg(mail->is_damaged == (encodings[_i].damaged && !is_quoted), "%s: is_damaged", label);
}
END_TEST

START_TEST(test_P07_a_million_soft_breaks)
{
    g_autoptr(GString) raw = g_string_new(HEAD "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
    repeat(raw, "=\r\n", 1000000);
    g_string_append(raw, "end");
    g_autoptr(mail_t) mail = suite_parse(raw->str, raw->len);
    ck_assert_str_eq(g_strchomp(mail->body_text), "end");
}
END_TEST

START_TEST(test_P08_the_first_64_kilobytes_of_a_big_mail)
{
    g_autoptr(GString) raw = g_string_new(HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
                                               "Content-Type: text/plain; charset=utf-8\r\n\r\n早上好\r\n"
                                               "--b\r\nContent-Type: application/pdf; name=\"big.pdf\"\r\n"
                                               "Content-Transfer-Encoding: base64\r\n\r\n");
    repeat(raw, "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZn\r\n", 2000);
    g_string_truncate(raw, CAP_OVERSIZE_FETCH_BYTES);
    g_autoptr(mail_t) mail = suite_parse(raw->str, raw->len);
    ck_assert_str_eq(g_strchomp(mail->body_text), "早上好");
    ck_assert_str_eq(suite_attachment(mail, 0)->name, "big.pdf");
    ck_assert(suite_has_problem(mail, "cut off"));
}
END_TEST

START_TEST(test_P10_subject_of_a_megabyte)
{
    g_autoptr(GString) raw = g_string_new("From: a@b.example\nSubject: ");
    repeat(raw, "中", 300000);
    g_string_append(raw, "\n\nx");
    g_autoptr(mail_t) mail = suite_parse(raw->str, raw->len);
    ck_assert_uint_le(strlen(mail->subject), CAP_SUBJECT_BYTES);
    ck_assert_uint_ge(strlen(mail->subject), CAP_SUBJECT_BYTES - 3);
    ck_assert(g_utf8_validate(mail->subject, -1, NULL));
}
END_TEST

/* Quadratic readers need minutes for these. */
START_TEST(test_headers_that_look_like_words_and_parameters)
{
    static const char *const heads[] = {"Subject: ", "Content-Type: text/plain; name*0=", "To: ",
                                        "In-Reply-To: ", "Content-Disposition: attachment; "};
    static const char *const pieces[] = {"=?a?b?", "=?a?Q?x", "\"(<,", "<a@b", "filename*1=a;"};
    for (guint i = 0; i < G_N_ELEMENTS(heads); i++) {
        g_autoptr(GString) raw = g_string_new(heads[i]);
        while (raw->len < CAP_HEADER_BYTES - 100)
            g_string_append(raw, pieces[i]);
        g_string_append(raw, "\n\nx");
        g_autoptr(GError) error = NULL;
        g_autoptr(mail_t) mail = mime_parse(raw->str, raw->len, &error);
        ck_assert_msg(mail || error, "%s", heads[i]);
    }
}
END_TEST

START_TEST(test_A11_what_stands_behind_a_nul_is_shown)
{
    static const char raw[] = "From: boss@corp.example\x00 <evil@x.example>\nSubject: s\n\nx";
    g_autoptr(mail_t) mail = suite_parse(raw, sizeof raw - 1);
    ck_assert_str_eq(mail->from.address, "evil@x.example");
    static const char cr[] = "From: evil@x.example\rFrom: boss@corp.example\nSubject: s\n\nx";
    g_autoptr(mail_t) second = suite_parse(cr, sizeof cr - 1);
    ck_assert_str_ne(second->from.address, "boss@corp.example");
    ck_assert(suite_has_problem(second, "bare CR"));
}
END_TEST

static const struct {
    const char *label, *field, *want;
} ids[] = {
    {"plain", "Message-ID: <a@b>", "a@b"},
    {"none", "X: y", NULL},
    {"empty", "Message-ID: <>", NULL},
    {"two", "Message-ID: <a@b>\nMessage-ID: <c@d>", "a@b"},
    {"folded within", "Message-ID: <a\n @b>", "a@b"},
    {"percent", "Message-ID: <%s%n@b>", "%s%n@b"},
    {"without brackets", "Message-ID: a@b", "a@b"},
    {"quoted", "Message-ID: <\"a b\"@c>", "\"ab\"@c"},
    {"text around", "Message-ID: (x) <a@b> junk", "a@b"},
    {"8-bit", "Message-ID: <\xe4@b>", NULL},
};

START_TEST(test_D04_message_ids)
{
    g_autofree char *raw = g_strdup_printf("From: a@b.example\n%s\n\nx", ids[_i].field);
    g_autoptr(mail_t) mail = suite_parse_text(raw);
    ck_assert_msg(g_strcmp0(mail->message_id, ids[_i].want) == 0, "%s: got %s", ids[_i].label,
                  mail->message_id);
}
END_TEST

START_TEST(test_D04_ten_kilobytes_and_nul)
{
    g_autoptr(GString) raw = g_string_new("From: a@b.example\nMessage-ID: <");
    repeat(raw, "a", 10000);
    g_string_append(raw, "@b>\n\nx");
    g_autoptr(mail_t) mail = suite_parse(raw->str, raw->len);
    ck_assert_ptr_null(mail->message_id);
    static const char nul[] = "Message-ID: <a\x00"
                              "c@b>\n\nx";
    g_autoptr(mail_t) second = suite_parse(nul, sizeof nul - 1);
    ck_assert_ptr_null(strstr(second->message_id ? second->message_id : "", "a@"));
    ck_assert(suite_has_problem(second, "NUL byte"));
}
END_TEST

static const struct {
    const char *date;
    int64_t want;
} dates[] = {
    {"Mon, 05 Oct 2026 10:00:00 +0000", 1791194400},
    {"Mon, 05 Oct 2026 18:00:00 +0800", 1791194400},
    {"5 Oct 2026 10:00 GMT", 1791194400},
    {"Mon, 05 Oct 2026 10:00:00 -0000", 1791194400},
    {"Mon, 05 Oct 2026 06:00:00 EDT", 1791194400},
    {"Tue, 31 Feb 2026 10:00:00 +0000", 0},
    {"Mon, 05 Oct 2999 10:00:00 +0000", 0},
    {"Mon, 05 Oct 99999 10:00:00 +0000", 0},
    {"", 0},
    {"yesterday", 0},
    {"Mon, 05 Oct 2026 10:00:00 +2500", 0},
    {"Mon, 05 Oct 2026 25:61:00 +0000", 0},
};

START_TEST(test_M03_impossible_dates)
{
    g_autofree char *raw = g_strdup_printf("From: a@b.example\nDate: %s\n\nx", dates[_i].date);
    g_autoptr(mail_t) mail = suite_parse_text(raw);
    ck_assert_msg(mail->date_at == dates[_i].want, "\"%s\": got %" G_GINT64_FORMAT, dates[_i].date,
                  mail->date_at);
}
END_TEST

START_TEST(test_C04_text_hidden_in_html_is_told)
{
    static const char *const ways[] = {"<p style='display:none'>!close</p>",
                                       "<font color=white>!close</font>",
                                       "<style>.a{font-size:0}</style><p class=a>!close</p>", ""};
    for (guint i = 0; i < G_N_ELEMENTS(ways); i++) {
        g_autofree char *raw = g_strconcat(HEAD "Content-Type: text/html\r\n\r\n<p>hello</p>", ways[i], NULL);
        g_autoptr(mail_t) mail = suite_parse_text(raw);
        ck_assert_msg(strcmp(g_strchomp(mail->body_text), "hello") == 0, "%s: body is %s", ways[i],
                      mail->body_text);
        bool told = suite_has_problem(mail, "hidden text in the HTML, dropped: !close");
        ck_assert_msg(told == (*ways[i] != '\0'), "%s: told %d", ways[i], told);
    }
}
END_TEST

TCase *
attack_case(void)
{
    TCase *tcase = tcase_create("attack");
    tcase_add_unchecked_fixture(tcase, mime_open, mime_close);
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, test_P01_parameter_name_that_hangs_the_library, 0, 8);
    tcase_add_test(tcase, test_P02_too_many_parts);
    tcase_add_test(tcase, test_P03_too_deep);
    tcase_add_test(tcase, test_P03_nested_messages_are_one_attachment);
    tcase_add_test(tcase, test_P04_many_open_boundaries);
    tcase_add_test(tcase, test_P05_headers_without_end);
    tcase_add_test(tcase, test_P05_first_and_last_references);
    tcase_add_test(tcase, test_nested_groups);
    tcase_add_loop_test(tcase, test_P06_what_is_left_of_a_mail, 0, G_N_ELEMENTS(rests));
    tcase_add_test(tcase, test_P06_five_megabytes_without_a_field);
    tcase_add_loop_test(tcase, test_P07_content_is_complete_or_marked, 0, G_N_ELEMENTS(encodings));
    tcase_add_test(tcase, test_P07_a_million_soft_breaks);
    tcase_add_test(tcase, test_P08_the_first_64_kilobytes_of_a_big_mail);
    tcase_add_test(tcase, test_P10_subject_of_a_megabyte);
    tcase_add_test(tcase, test_headers_that_look_like_words_and_parameters);
    tcase_add_test(tcase, test_A11_what_stands_behind_a_nul_is_shown);
    tcase_add_loop_test(tcase, test_D04_message_ids, 0, G_N_ELEMENTS(ids));
    tcase_add_test(tcase, test_D04_ten_kilobytes_and_nul);
    tcase_add_test(tcase, test_C04_text_hidden_in_html_is_told);
    tcase_add_loop_test(tcase, test_M03_impossible_dates, 0, G_N_ELEMENTS(dates));
    return tcase;
}
