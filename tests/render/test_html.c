/* The HTML part: form, escaping, size. */
#include "suite.h"

#include <cardpost/text.h>

#include <string.h>

#define HTML_LIMIT (100 * 1024)

static guint
count(const char *text, const char *piece)
{
    guint n = 0;
    for (const char *p = strstr(text, piece); p; p = strstr(p + strlen(piece), piece))
        n++;
    return n;
}

static void
expect_form(const char *html, const char *language)
{
    static const char *const never[] = {
        "border-radius", "flex",    "background-image", "url(",  "@font-face", "@import",
        "<img",          "http://", "https://",         "data:", "<link",      "<script"};
    g_autofree char *lang = g_strdup_printf("<html lang=\"%s\">", language);
    ck_assert_msg(g_str_has_prefix(html, "<!DOCTYPE html>\n") && strstr(html, lang), "head of\n%s", html);
    ck_assert_uint_eq(count(html, "<meta name=\"color-scheme\" content=\"light dark\">"), 1);
    for (guint i = 0; i < G_N_ELEMENTS(never); i++)
        ck_assert_msg(!strstr(html, never[i]), "<%s> in\n%s", never[i], html);
    static const char *const pairs[] = {"table", "tr",   "td",   "a",     "b",   "span",
                                        "div",   "body", "html", "title", "head"};
    for (guint i = 0; i < G_N_ELEMENTS(pairs); i++) {
        g_autofree char *bare = g_strdup_printf("<%s>", pairs[i]), *with = g_strdup_printf("<%s ", pairs[i]);
        g_autofree char *end = g_strdup_printf("</%s>", pairs[i]);
        ck_assert_msg(count(html, bare) + count(html, with) == count(html, end), "<%s> is not paired in\n%s",
                      pairs[i], html);
    }
    ck_assert_uint_eq(count(html, "<table "), 1);
    ck_assert_uint_eq(count(html, "width=\"600\""), 1);
    ck_assert_uint_lt(strlen(html), HTML_LIMIT);
}

START_TEST(test_form)
{
    const char *language = suite_languages[_i % 2];
    struct letter letter = suite_letter((enum letter_kind)(_i / 2), language);
    g_autoptr(outmail_t) mail = suite_render(&letter);
    expect_form(mail->html, language);
    ck_assert_uint_eq(count(mail->html, TEXT_REPLY_LINE), 1);
    for (const char *link = strstr(mail->html, "href=\""); link; link = strstr(link + 1, "href=\""))
        ck_assert_msg(g_str_has_prefix(link, "href=\"mailto:tasks%2Br."), "%.60s", link);
    guint links = count(mail->html, "href=");
    ck_assert_uint_eq(count(mail->html, "height=\"44\""), links); /* every link is a button of 44 px */
    ck_assert_uint_eq(count(mail->html, "<td bgcolor=\""), links);
}
END_TEST

/* The line in front of the reply line that mail programs show in their list. */
START_TEST(test_preview)
{
    struct letter letter = suite_letter(LETTER_COMMENT, "zh-CN");
    g_autoptr(outmail_t) mail = suite_render(&letter);
    const char *preview =
        strstr(mail->html, "王芳 发表了评论 · Orders / 打包中 · 负责人：李雷, Ann — 已联系货代。 明天给您");
    const char *reply_line = strstr(mail->html, TEXT_REPLY_LINE);
    ck_assert_msg(preview && preview < reply_line, "%s", mail->html);
}
END_TEST

START_TEST(test_lines_are_kept)
{
    struct letter_entry entry = {.author = "Ann", .text = "one\n\n  two  three\n\tfour，五\n"};
    struct letter letter = suite_letter(LETTER_COMMENT, "en");
    letter.entries = &entry;
    letter.n_entries = 1;
    g_autoptr(outmail_t) mail = suite_render(&letter);
    ck_assert_msg(strstr(mail->html, ">one<br>\n<br>\n\u00a0\u00a0two \u00a0three<br>\n"
                                     "\u00a0\u00a0\u00a0\u00a0four，五<br>\n</td>") != NULL,
                  "%s", mail->html);
}
END_TEST

/* Words of people are values: not markup, not templates, not formats. */
START_TEST(test_H07_words_are_no_templates)
{
    static const char evil[] =
        "{{reply_link}} {{{reason}}} {{>footer.html}} {{#files}}%s%n ${env:HOME} <b>\"&'</b>";
    static const char *const notes[] = {evil};
    struct letter_entry entry = {.author = evil, .text = evil};
    struct letter_file file = {.name = evil, .size_bytes = 5};
    struct letter letter = suite_letter((enum letter_kind)(_i / 2), suite_languages[_i % 2]);
    letter.card_title = letter.board_name = letter.column_name = letter.assignee_names = evil;
    letter.requester_name = letter.actor_name = letter.to_name = evil;
    letter.entries = &entry;
    letter.n_entries = 1;
    letter.files = &file;
    letter.n_files = 1;
    letter.notes = notes;
    letter.n_notes = 1;
    g_autoptr(outmail_t) mail = suite_render(&letter);
    expect_form(mail->html, suite_languages[_i % 2]);
    ck_assert_ptr_null(strstr(mail->html, "<b>\""));
    if (letter.kind == LETTER_STRANGER_RECEIPT)
        return;
    ck_assert_msg(strstr(mail->text, evil) != NULL, "not literal in\n%s", mail->text);
    ck_assert_msg(strstr(mail->html,
                         "{{reply_link}} {{{reason}}} {{&gt;footer.html}} {{#files}}%s%n ${env:HOME} "
                         "&lt;b&gt;&quot;&amp;&#39;&lt;/b&gt;"),
                  "not literal in\n%s", mail->html);
}
END_TEST

static char *
repeated(const char *piece, guint n)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < n; i++)
        g_string_append(text, piece);
    return g_string_free(text, FALSE);
}

static const struct {
    const char *label, *piece;
    guint n;
} long_rows[] = {
    {"one long line", "x", 300000}, {"Chinese", "这是一段很长的文字。", 20000},
    {"short lines", "a\n", 200000}, {"empty lines", "b\n\n\n\n\n", 50000},
    {"quotes", "\"'\"", 90000},     {"tabs", "\tx", 90000},
    {"spaces", "  .", 90000},
};

START_TEST(test_long_text)
{
    g_autofree char *text = repeated(long_rows[_i].piece, long_rows[_i].n);
    g_strchomp(text);
    struct letter_entry entries[] = {{.author = "Old", .text = "older words"},
                                     {.author = "Ann", .text = text}};
    struct letter letter = suite_letter(LETTER_COMMENT, suite_languages[_i % 2]);
    letter.entries = entries;
    letter.n_entries = 2;
    g_autoptr(outmail_t) mail = suite_render(&letter);
    ck_assert_msg(strlen(mail->html) < HTML_LIMIT, "%s: HTML of %zu bytes", long_rows[_i].label,
                  strlen(mail->html));
    ck_assert_msg(strlen(mail->html) > 20000, "%s: only %zu bytes", long_rows[_i].label, strlen(mail->html));
    ck_assert_msg(g_utf8_validate(mail->html, -1, NULL), "%s: cut within a character", long_rows[_i].label);
    ck_assert_msg(strstr(mail->html, _i % 2 ? "此处已截断" : "Cut here") != NULL, "%s: not said",
                  long_rows[_i].label);
    ck_assert_msg(strstr(mail->text, text) != NULL, "%s: the text part is cut", long_rows[_i].label);
    ck_assert_msg(strstr(mail->text, "older words") != NULL, "%s: the older entry is lost",
                  long_rows[_i].label);
    ck_assert_msg(g_str_has_suffix(mail->html, "</html>\n"), "%s: no end", long_rows[_i].label);
}
END_TEST

/* All at once: every name as long and as expensive as it can be. */
START_TEST(test_worst_case_size)
{
    g_autofree char *quotes = repeated("\"", 5000);
    g_autofree struct letter_entry *entries = g_new0(struct letter_entry, 1000);
    g_autofree struct letter_file *files = g_new0(struct letter_file, 500);
    g_autofree const char **notes = g_new0(const char *, 50);
    for (guint i = 0; i < 1000; i++)
        entries[i] = (struct letter_entry){.author = quotes, .text = quotes};
    for (guint i = 0; i < 500; i++)
        files[i] = (struct letter_file){.name = "&'&'&'&'&'&'&'&'&'&'&'&'&'&'&'&'&'&'&'&'", .size_bytes = 9};
    for (guint i = 0; i < 50; i++)
        notes[i] = quotes;
    struct letter letter = suite_letter((enum letter_kind)_i, "en");
    letter.card_title = letter.board_name = letter.column_name = letter.assignee_names = quotes;
    letter.requester_name = letter.actor_name = letter.to_name = quotes;
    letter.entries = entries;
    letter.n_entries = 1000;
    letter.files = files;
    letter.n_files = 500;
    letter.notes = notes;
    letter.n_notes = 50;
    g_autoptr(outmail_t) mail = suite_render(&letter);
    ck_assert_msg(strlen(mail->html) < HTML_LIMIT, "HTML of %zu bytes", strlen(mail->html));
    if (letter.kind != LETTER_STRANGER_RECEIPT && letter.kind != LETTER_ADMIN)
        ck_assert_uint_eq(count(mail->text, "\n- "), 500);
}
END_TEST

TCase *
case_html(void)
{
    TCase *tcase = tcase_create("html");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, test_form, 0, 2 * N_KINDS);
    tcase_add_test(tcase, test_preview);
    tcase_add_test(tcase, test_lines_are_kept);
    tcase_add_loop_test(tcase, test_H07_words_are_no_templates, 0, 2 * N_KINDS);
    tcase_add_loop_test(tcase, test_long_text, 0, G_N_ELEMENTS(long_rows));
    tcase_add_loop_test(tcase, test_worst_case_size, 0, N_KINDS);
    return tcase;
}
