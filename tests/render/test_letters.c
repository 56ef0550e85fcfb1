/* Every kind of letter in both languages: what must be in it, what must not. */
#include "suite.h"

#include <cardpost/text.h>

#include <string.h>

static const struct {
    const char *kind, *text_en, *text_zh; /* a phrase that only this kind has */
} phrases[N_KINDS] = {
    [LETTER_RECEIPT] = {"receipt", "Received as tasks-128 · Orders / 打包中 · with 李雷, Ann\n",
                        "已收到，编号 tasks-128 · Orders / 打包中 · 负责人：李雷, Ann\n"},
    [LETTER_STRANGER_RECEIPT] = {"stranger", "at most once a day", "每天最多发送一次"},
    [LETTER_ASSIGNED] = {"assigned", "王芳 assigned this to you", "王芳 将此任务指派给您"},
    [LETTER_COMMENT] = {"comment", "王芳 commented", "王芳 发表了评论"},
    [LETTER_HELD] = {"held", "reject (or 驳回) - it does not", "驳回（或 reject）- 不采纳"},
    [LETTER_REFUSED] = {"refused", "was not carried out", "未能执行"},
    [LETTER_ADMIN] = {"admin", "tasks needs your attention", "tasks 需要您处理"},
};

static guint
count(const char *text, const char *piece)
{
    guint n = 0;
    for (const char *p = strstr(text, piece); p; p = strstr(p + strlen(piece), piece))
        n++;
    return n;
}

/* Index of a loop test: kind and language. */
static enum letter_kind
kind_of(int i)
{
    return (enum letter_kind)(i / 2);
}

static void
expect_clean(const char *label, const char *part, const char *text)
{
    static const char *const signs[] = {"{{",   "}}",  "(null)", "()",       "（）", " : ", "·  ",
                                        "· \n", "·\n", " \n",    "\n\n\n\n", "::",   "[]",  "\"\""};
    for (guint i = 0; i < G_N_ELEMENTS(signs); i++)
        ck_assert_msg(!strstr(text, signs[i]), "%s, %s: an empty place, <%s>, in\n%s", label, part, signs[i],
                      text);
    ck_assert_msg(g_utf8_validate(text, -1, NULL), "%s, %s: not UTF-8", label, part);
}

START_TEST(test_nothing_empty)
{
    enum letter_kind kind = kind_of(_i);
    const char *language = suite_languages[_i % 2];
    g_autofree char *label = g_strdup_printf("%s %s", phrases[kind].kind, language);
    struct letter full = suite_letter(kind, language), bare = suite_bare_letter(kind, language);
    g_autoptr(outmail_t) full_mail = suite_render(&full);
    g_autoptr(outmail_t) bare_mail = suite_render(&bare);
    expect_clean(label, "text", full_mail->text);
    expect_clean(label, "html", full_mail->html);
    expect_clean(label, "bare text", bare_mail->text);
    expect_clean(label, "bare html", bare_mail->html);
    ck_assert_msg(strlen(bare_mail->subject) > strlen("[tasks] "), "%s: subject <%s>", label,
                  bare_mail->subject);
    ck_assert_msg(g_strcmp0(bare_mail->from_name, "tasks") == 0, "%s: from <%s>", label,
                  bare_mail->from_name);
}
END_TEST

START_TEST(test_text_order)
{
    enum letter_kind kind = kind_of(_i);
    const char *language = suite_languages[_i % 2];
    struct letter letter = suite_letter(kind, language);
    g_autoptr(outmail_t) mail = suite_render(&letter);
    ck_assert_msg(g_str_has_prefix(mail->text, TEXT_REPLY_LINE "\n\n"), "no reply line first:\n%s",
                  mail->text);
    const char *phrase = _i % 2 ? phrases[kind].text_zh : phrases[kind].text_en;
    ck_assert_msg(strstr(mail->text, phrase) != NULL, "no <%s> in\n%s", phrase, mail->text);
    ck_assert_str_eq(mail->language, language);
    if (kind == LETTER_STRANGER_RECEIPT)
        return;
    const char *newest = strstr(mail->text, "明天给您 <新单号> & 照片。");
    const char *earlier = strstr(mail->text, "我们今天重新发货。");
    const char *first = strstr(mail->text, "Carton 3 of 12 arrived wet.\n\n  - SKU 12345\n  - SKU 777\n");
    ck_assert_msg(newest && earlier && first, "words are missing:\n%s", mail->text);
    ck_assert_msg(newest < earlier && earlier < first, "newest must be on top:\n%s", mail->text);
    ck_assert_ptr_nonnull(
        strstr(mail->text, _i % 2 ? "11月24日 周二 16:00（上海）" : "Tue 24 Nov 16:00 (Shanghai)"));
    ck_assert_ptr_nonnull(strstr(mail->text, _i % 2 ? "[发件人未经验证]" : "[sender not verified]"));
    ck_assert_ptr_nonnull(strstr(mail->text, _i % 2 ? "[内部]" : "[internal]"));
}
END_TEST

START_TEST(test_footer)
{
    enum letter_kind kind = kind_of(_i);
    bool is_zh = _i % 2 == 1, has_card = kind != LETTER_STRANGER_RECEIPT && kind != LETTER_ADMIN;
    bool stops = kind == LETTER_ASSIGNED || kind == LETTER_COMMENT;
    struct letter letter = suite_letter(kind, suite_languages[_i % 2]);
    g_autoptr(outmail_t) mail = suite_render(&letter);
    const char *why = strstr(mail->text, is_zh ? "您收到本邮件，是因为" : "You get this mail because");
    ck_assert_msg(why != NULL, "%s: no reason in\n%s", phrases[kind].kind, mail->text);
    ck_assert_msg((strstr(why, is_zh ? "一个词：静音" : "word: mute") != NULL) == stops,
                  "%s: stop word in\n%s", phrases[kind].kind, mail->text);
    ck_assert_msg(
        g_str_has_suffix(mail->text, has_card ? "\n[tasks-128] tasks@team.test\n" : "\ntasks@team.test\n"),
        "%s: footer of\n%s", phrases[kind].kind, mail->text);
}
END_TEST

START_TEST(test_files)
{
    struct letter letter = suite_letter(LETTER_COMMENT, suite_languages[_i]);
    g_autoptr(outmail_t) mail = suite_render(&letter);
    ck_assert_ptr_nonnull(
        strstr(mail->text, _i ? "- 破损照片.jpg（346 KB）\n" : "- 破损照片.jpg (346 KB)\n"));
    ck_assert_ptr_nonnull(strstr(mail->text, _i ? "- video.mp4（18 MB） - 未随信附上\n"
                                                : "- video.mp4 (18 MB) - not in this mail\n"));
    ck_assert_ptr_nonnull(strstr(mail->text, _i ? "请直接回复本邮件索取" : "reply and ask for it"));
    ck_assert_uint_eq(mail->files->len, 1);
    const struct outmail_file *file = g_ptr_array_index(mail->files, 0);
    ck_assert_str_eq(file->name, "破损照片.jpg");
    ck_assert_str_eq(file->type, "image/jpeg");
    ck_assert_uint_eq(g_bytes_get_size(file->content), 4);
    letter.n_files = 1;
    g_autoptr(outmail_t) all_travel = suite_render(&letter);
    ck_assert_ptr_null(strstr(all_travel->text, _i ? "索取" : "ask for it"));
}
END_TEST

START_TEST(test_sizes)
{
    static const struct {
        int64_t bytes;
        const char *want;
    } rows[] = {{0, "0 bytes"},      {999, "999 bytes"},     {1000, "1 KB"},
                {999499, "999 KB"},  {999500, "1.0 MB"},     {1440000, "1.4 MB"},
                {25000000, "25 MB"}, {3000000000, "3.0 GB"}, {-5, "0 bytes"}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct letter_file file = {.name = "x", .size_bytes = rows[i].bytes};
        struct letter letter = suite_letter(LETTER_COMMENT, "en");
        letter.files = &file;
        letter.n_files = 1;
        g_autoptr(outmail_t) mail = suite_render(&letter);
        g_autofree char *want = g_strdup_printf("- x (%s)", rows[i].want);
        ck_assert_msg(strstr(mail->text, want) != NULL, "no <%s> in\n%s", want, mail->text);
    }
}
END_TEST

/* mail.md section 1: to an unproven stranger a receipt without title or text, whatever the caller filled in.
 */
START_TEST(test_stranger_learns_nothing)
{
    static const char *const secrets[] = {
        "蓝牙耳机", "Carton",    "tasks-128", "128",        "Orders",           "orders", "打包中",
        "Sue",      "李雷, Ann", "破损照片",  "First note", "abcdefghijklmnop", "zyxwvu", "王芳"};
    struct letter letter = suite_letter(LETTER_STRANGER_RECEIPT, suite_languages[_i]);
    letter.card = 128;
    g_autoptr(outmail_t) mail = suite_render(&letter);
    g_autoptr(GString) all = g_string_new(NULL);
    g_string_append_printf(all, "%s\n%s\n%s\n%s\n%s\n", mail->text, mail->html, mail->subject,
                           mail->from_name, mail->from_address);
    for (guint i = 0; i < mail->extra->len; i++)
        g_string_append(all, ((struct outmail_header *)g_ptr_array_index(mail->extra, i))->value);
    for (guint i = 0; i < mail->references->len; i++)
        g_string_append(all, g_ptr_array_index(mail->references, i));
    for (guint i = 0; i < G_N_ELEMENTS(secrets); i++)
        ck_assert_msg(!strstr(all->str, secrets[i]), "<%s> leaks in\n%s", secrets[i], all->str);
    ck_assert_uint_eq(mail->files->len, 0);
    ck_assert(!mail->reply_to_address && !mail->list_id && !mail->list_unsubscribe && !mail->thread_topic &&
              !mail->thread_index);
    ck_assert_str_eq(mail->auto_submitted, "auto-replied");
    ck_assert_str_eq(suite_extra(mail, "X-Cardpost-Reason"), "receipt");
}
END_TEST

/* The one-word answers stand in the letter and in its links, as ASCII. */
START_TEST(test_held_links)
{
    struct letter letter = suite_letter(LETTER_HELD, suite_languages[_i]);
    g_autoptr(outmail_t) mail = suite_render(&letter);
    static const char link[] =
        "href=\"mailto:tasks%2Br.abcdefghijklmnopqrstuvwxyz@team.test?subject=Re%3A%20%5Btasks-"
        "128%5D&amp;body=";
    g_autofree char *approve = g_strconcat(link, "approve\"", NULL),
                    *reject = g_strconcat(link, "reject\"", NULL);
    ck_assert_uint_eq(count(mail->html, approve), 1);
    ck_assert_uint_eq(count(mail->html, reject), 1);
    ck_assert_uint_eq(count(mail->html, "href="), 2);
}
END_TEST

TCase *
case_letters(void)
{
    TCase *tcase = tcase_create("letters");
    tcase_add_loop_test(tcase, test_nothing_empty, 0, 2 * N_KINDS);
    tcase_add_loop_test(tcase, test_text_order, 0, 2 * N_KINDS);
    tcase_add_loop_test(tcase, test_footer, 0, 2 * N_KINDS);
    tcase_add_loop_test(tcase, test_files, 0, 2);
    tcase_add_test(tcase, test_sizes);
    tcase_add_loop_test(tcase, test_stranger_learns_nothing, 0, 2);
    tcase_add_loop_test(tcase, test_held_links, 0, 2);
    return tcase;
}
