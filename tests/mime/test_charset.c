/* test_charset.c - subjects, names and bodies in every charset come out as valid UTF-8 with all their text.
 */
#include "suite.h"

support_case_fn charset_case;

/* "中文", "收到" and so on in the charsets of their senders. */
static const struct {
    const char *label, *raw, *want;
} subjects[] = {
    {"two padded B-words", "=?UTF-8?B?SGVsbG8=?= =?UTF-8?B?IHdvcmxk?=", "Hello world"},
    {"folded between words", "=?UTF-8?B?SGVsbG8=?=\r\n =?utf-8?b?IHdvcmxk?=", "Hello world"},
    {"character split over two B-words", "=?UTF-8?B?5Lg=?= =?UTF-8?B?reaWhw==?=", "中文"},
    {"character split over two Q-words", "=?utf-8?Q?=E4=B8?= =?utf-8?Q?=AD=E6=96=87?=", "中文"},
    {"character split over B and Q", "=?utf-8?B?5Lg=?= =?UTF-8?Q?=AD?=", "中"},
    {"GB18030 under the name gb2312", "=?gb2312?B?gTnuOQ==?=", "㐀"},
    {"a rare character of GBK under the name gb2312", "=?gb2312?Q?=E9F?=", "镕"},
    {"gbk split in a character", "=?gbk?Q?=D6?= =?gbk?Q?=D0=CE=C4?=", "中文"},
    {"big5", "=?big5?B?pKSk5Q==?=", "中文"},
    {"iso-2022-jp", "=?ISO-2022-JP?B?GyRCRnxLXBsoQg==?=", "日本"},
    {"euc-kr", "=?euc-kr?B?x9GxuQ==?=", "한국"},
    {"koi8-r", "=?koi8-r?Q?=F0=D2=C9?=", "При"},
    {"language in the word", "=?utf-8*en?Q?J=C3=BC?=", "Jü"},
    {"unknown charset", "=?x-no-such?Q?=E4=B8=AD?=", "中"},
    {"text around words", "a =?utf-8?Q?b?= c", "a b c"},
    {"words of two charsets", "=?gbk?Q?=D6=D0?= =?utf-8?Q?=E6=96=87?=", "中文"},
    {"words without space", "=?utf-8?Q?a?==?utf-8?Q?b?=", "ab"},
    {"no padding", "=?utf-8?B?SGVsbG8?=", "Hello"},
    {"underscore and space", "=?utf-8?Q?a_b c?=", "a b c"},
    {"cut off at the end", "=?utf-8?Q?abc", "abc"},
    {"cut off within its end", "=?utf-8?B?5Lit5paH?", "中文"},
    {"no word: words behind it", "=?utf-8?Q?abc d", "=?utf-8?Q?abc d"},
    {"no charset", "=??Q?=E4=B8=AD?=", "中"},
    {"question mark within", "=?utf-8?Q?What?=E4=B8=AD?=", "What?中"},
    {"encoded twice", "=?utf-8?Q?=3D=3Futf-8=3FB=3F5Lit=3F=3D?=", "中"},
    {"UTF-8 under the name iso-8859-1", "=?iso-8859-1?Q?=E4=B8=AD?=", "中"},
    {"UTF-8 under the name gb2312", "=?gb2312?B?5Lit5paH5Lit?=", "中文中"},
    {"Latin 1 stays what it is", "=?iso-8859-1?Q?=C4rger_=DCber=FC?=", "Ärger Überü"},
    {"doubled UTF-8", "=?utf-8?B?w6TCuMKtw6bClsKH?=", "中文"},
    {"GBK under the name utf-8", "=?utf-8?B?1tDOxA==?=", "中文"},
    {"NEC row under the name iso-2022-jp", "=?iso-2022-jp?B?GyRCLWIbKEI0MQ==?=", "№41"},
    {"EUC under the name iso-2022-jp", "=?iso-2022-jp?B?xvzL3A==?=", "日本"},
    {"JIS under the name utf-8", "=?utf-8?B?GyRCRnxLXBsoQg==?=", "日本"},
    {"no word: no encoding", "=?utf-8?X?abc?=", "=?utf-8?X?abc?="},
    {"raw UTF-8", "中文 =?utf-8?Q?!?=", "中文 !"},
    {"raw GBK", "\xd6\xd0\xce\xc4", "中文"},
    {"raw bytes within a word", "=?iso-8859-1?Q?Fr\xf6sche?=", "Frösche"},
    {"raw Latin 1 of the West", "J\xfcrgen", "Jürgen"},
    {"encoded line ends", "=?utf-8?q?x=0D=0ABcc:_v@v?=", "x Bcc: v@v"},
    {"bidi and zero width",
     "a\xe2\x80\xae"
     "b\xe2\x80\x8b"
     "c",
     "abc"},
    {"utf-7", "=?utf-7?Q?+ADw-b+AD4-?=", "<b>"},
};

START_TEST(test_P10_subjects)
{
    g_autofree char *raw = g_strdup_printf("From: a@b.example\r\nSubject: %s\r\n\r\nx\r\n", subjects[_i].raw);
    g_autoptr(mail_t) mail = suite_parse_text(raw);
    ck_assert_msg(strcmp(mail->subject, subjects[_i].want) == 0, "%s: got \"%s\"", subjects[_i].label,
                  mail->subject);
}
END_TEST

/* Raw 8-bit fields follow the charset that the mail's text declares, if it tells something. */
START_TEST(test_raw_fields_follow_the_text)
{
    g_autoptr(mail_t) mail = suite_parse_text("From: a@b.example\nSubject: \xa4\xa4\xa4\xe5\n"
                                              "Content-Type: text/plain; charset=big5\n\n\xa4\xe5\n");
    ck_assert_str_eq(mail->subject, "中文");
    ck_assert_str_eq(g_strchomp(mail->body_text), "文");
}
END_TEST

/* Undeclared bytes of several languages; the expectation is the whole text. */
static const struct {
    const char *label, *charset, *text;
} undeclared[] = {
    {"Chinese, short", "GBK", "报价单"},
    {"Chinese", "GBK", "您好，请尽快安排发货，谢谢！订单号20731"},
    {"Chinese of Taiwan", "BIG5", "您好，請盡快安排出貨，謝謝！訂單號20731"},
    {"Japanese, Shift_JIS", "CP932", "いつもお世話になっております。納期をお知らせください。"},
    {"Japanese, EUC-JP", "EUC-JP", "いつもお世話になっております。納期をお知らせください。"},
    {"Japanese, ISO-2022-JP", "ISO-2022-JP", "いつもお世話になっております。"},
    {"Korean", "EUC-KR", "안녕하세요 빠른 배송 부탁드립니다 감사합니다"},
    {"Russian, windows-1251", "CP1251", "Добрый день, пришлите пожалуйста счёт"},
    {"Russian, KOI8-R", "KOI8-R", "Добрый день, пришлите пожалуйста инвойс"},
    {"French", "CP1252", "La société a reçu le colis abîmé, très déçue"},
    {"German, many umlauts together", "CP1252",
     "Größe, Blöße, Schöße, Füße, süß: Größe, Blöße, Schöße, Füße, süß"},
    {"Chinese among Latin", "GBK", "PO单已确认，SKU请看Excel表"},
    {"German with two umlauts together", "CP1252", "Größe und Übermaß der Geräte: äußerst ungünstig"},
};

START_TEST(test_undeclared)
{
    gsize len;
    g_autofree char *bytes =
        g_convert(undeclared[_i].text, -1, undeclared[_i].charset, "UTF-8", NULL, &len, NULL);
    ck_assert_msg(bytes != NULL, "%s: the case itself", undeclared[_i].label);
    g_autofree char *raw = g_strdup_printf("From: a@b.example\n\n%s", bytes);
    g_autoptr(mail_t) mail = suite_parse_text(raw);
    ck_assert_msg(strcmp(g_strchomp(mail->body_text), undeclared[_i].text) == 0, "%s: got \"%s\"",
                  undeclared[_i].label, mail->body_text);
}
END_TEST

static const struct {
    const char *label, *type, *body, *want;
} bodies[] = {
    {"no charset, UTF-8", "text/plain", "\xe4\xb8\xad", "中"},
    {"no charset, GBK", "text/plain", "\xd6\xd0\xce\xc4", "中文"},
    {"us-ascii, but GBK", "text/plain; charset=us-ascii", "\xd6\xd0\xce\xc4", "中文"},
    {"utf-8, but GBK", "text/plain; charset=utf-8", "\xd6\xd0\xce\xc4", "中文"},
    {"utf-8, but Latin 1", "text/plain; charset=utf-8", "Fr\xf6sche", "Frösche"},
    {"utf-8, but Latin 1 at the end", "text/plain; charset=utf-8", "deux caf\xe9s", "deux cafés"},
    {"gb2312", "text/plain; charset=gb2312", "\xd6\xd0", "中"},
    {"quoted with rubbish", "text/plain; charset=\"utf-8; x\"", "\xe4\xb8\xad", "中"},
    {"iso-8859-1, but UTF-8", "text/plain; charset=iso-8859-1", "\xe4\xb8\xad", "中"},
    {"encoded twice", "text/plain; charset=utf-8", "\xc3\xa4\xc2\xb8\xc2\xad", "中"},
    {"GBK encoded twice", "text/plain; charset=gbk", "\xc3\x96\xc3\x90\xc3\x8e\xc3\x84", "中文"},
    {"unknown", "text/plain; charset=x-none", "\xe4\xb8\xad", "中"},
    {"invalid UTF-8", "text/plain; charset=utf-8", "\xe4\xb8\xad\xc0\xaf.", "中\xef\xbf\xbd\xef\xbf\xbd."},
    {"lone surrogate", "text/plain; charset=utf-8", "\xe4\xb8\xad\xed\xa0\x80",
     "中\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    {"EBCDIC is not on the list", "text/plain; charset=cp037", "abc", "abc"},
    {"a name that iconv would take for more", "text/plain; charset=utf-16//TRANSLIT", "a\0b\0c\0", "a"},
};

START_TEST(test_U01_bodies_are_valid_utf8)
{
    g_autofree char *raw =
        g_strdup_printf("From: a@b.example\nContent-Type: %s\n\n%s", bodies[_i].type, bodies[_i].body);
    g_autoptr(mail_t) mail = suite_parse_text(raw);
    g_strchomp(mail->body_text);
    ck_assert_msg(g_utf8_validate(mail->body_text, -1, NULL), "%s", bodies[_i].label);
    if (strchr(bodies[_i].type, '/') != strrchr(bodies[_i].type, '/'))
        return;
    ck_assert_msg(strcmp(mail->body_text, bodies[_i].want) == 0, "%s: got \"%s\"", bodies[_i].label,
                  mail->body_text);
}
END_TEST

START_TEST(test_U01_utf16_with_and_without_mark)
{
    static const struct {
        const char *label, *bytes;
        gsize len;
    } tests[] = {{"LE mark",
                  "\xff\xfe-N\x87"
                  "e",
                  6},
                 {"BE mark", "\xfe\xffN-e\x87", 6},
                 {"LE, no mark", "a\0b\0", 4},
                 {"BE, no mark", "\0a\0b", 4}};
    for (guint i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_autoptr(GString) raw =
            g_string_new("From: a@b.example\nContent-Type: text/plain; charset=utf-16\n\n");
        g_string_append_len(raw, tests[i].bytes, (gssize)tests[i].len);
        g_autoptr(mail_t) mail = suite_parse(raw->str, raw->len);
        ck_assert_msg(strcmp(g_strchomp(mail->body_text), i < 2 ? "中文" : "ab") == 0, "%s: %s",
                      tests[i].label, mail->body_text);
    }
}
END_TEST

START_TEST(test_U03_controls_are_gone)
{
    static const char raw[] = "From: \"\x1b[2J\" <a@b.example>\nSubject: x\x00y\x07z\n\n"
                              "a\x1b[2Jb\xe2\x80\xa8"
                              "c\xe2\x80\xae"
                              "d\x00"
                              "e\xf0\x9f\x98\x80";
    g_autoptr(mail_t) mail = suite_parse(raw, sizeof raw - 1);
    ck_assert_str_eq(mail->subject, "x yz");
    ck_assert_str_eq(mail->from.name, "[2J");
    ck_assert_str_eq(g_strchomp(mail->body_text), "a[2Jb\ncde\xf0\x9f\x98\x80");
    ck_assert(suite_has_problem(mail, "NUL byte"));
}
END_TEST

/* The page's own charset, where the mail declares none. */
START_TEST(test_html_names_its_charset)
{
    g_autoptr(mail_t) mail = suite_parse_text(
        "From: a@b.example\nContent-Type: text/html\n\n"
        "<html><meta http-equiv='Content-Type' content='text/html; charset=big5'><p>\xa4\xa4</p>");
    ck_assert_ptr_nonnull(strstr(mail->body_text, "中"));
}
END_TEST

TCase *
charset_case(void)
{
    TCase *tcase = tcase_create("charset");
    tcase_add_unchecked_fixture(tcase, mime_open, mime_close);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, test_P10_subjects, 0, G_N_ELEMENTS(subjects));
    tcase_add_test(tcase, test_raw_fields_follow_the_text);
    tcase_add_loop_test(tcase, test_undeclared, 0, G_N_ELEMENTS(undeclared));
    tcase_add_loop_test(tcase, test_U01_bodies_are_valid_utf8, 0, G_N_ELEMENTS(bodies));
    tcase_add_test(tcase, test_U01_utf16_with_and_without_mark);
    tcase_add_test(tcase, test_U03_controls_are_gone);
    tcase_add_test(tcase, test_html_names_its_charset);
    return tcase;
}
