/* Templates and short texts: the languages hold the same, overrides work, faults are named by file and line.
 */
#include "suite.h"

#include <cardpost/error.h>

#include <glib/gstdio.h>
#include <string.h>

static char *
read_ours(const char *language, const char *name)
{
    g_autofree char *path = g_build_filename(suite_templates(), language, name, NULL);
    return support_read(path, NULL);
}

static int
by_text(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Every match of pattern's first group, sorted, one a line. */
static char *
all_matches(const char *text, const char *pattern)
{
    g_autoptr(GRegex) regex = g_regex_new(pattern, G_REGEX_MULTILINE, 0, NULL);
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GMatchInfo) match = NULL;
    for (g_regex_match(regex, text, 0, &match); g_match_info_matches(match); g_match_info_next(match, NULL))
        g_ptr_array_add(found, g_match_info_fetch(match, 1));
    g_ptr_array_sort(found, by_text);
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < found->len; i++)
        g_string_append_printf(out, "%s\n", (const char *)g_ptr_array_index(found, i));
    return g_string_free(out, FALSE);
}

START_TEST(test_same_keys)
{
    g_autofree char *en = read_ours("en", "texts"), *zh = read_ours("zh-CN", "texts");
    g_autofree char *en_keys = all_matches(en, "^([^#=\\s]+) = .*$"),
                    *zh_keys = all_matches(zh, "^([^#=\\s]+) = .*$");
    ck_assert_msg(strstr(en_keys, "reason.other\n") != NULL, "keys were not read: %s", en_keys);
    ck_assert_str_eq(en_keys, zh_keys);
    g_autofree char *en_args = all_matches(en, "^([^#=\\s]+) = .*%s"),
                    *zh_args = all_matches(zh, "^([^#=\\s]+) = .*%s");
    ck_assert_str_eq(en_args, zh_args);
}
END_TEST

START_TEST(test_same_templates)
{
    static const char tags[] = "\\{\\{([#^/>]? ?[a-z_.]+)\\}\\}";
    guint n = 0;
    for (guint direction = 0; direction < 2; direction++) {
        const char *from = suite_languages[direction], *to = suite_languages[!direction];
        g_autofree char *dir = g_build_filename(suite_templates(), from, NULL);
        g_autoptr(GDir) files = g_dir_open(dir, 0, NULL);
        ck_assert_ptr_nonnull(files);
        for (const char *name = g_dir_read_name(files); name; name = g_dir_read_name(files), n++) {
            g_autofree char *ours = read_ours(from, name), *theirs = read_ours(to, name);
            g_autofree char *our_tags = all_matches(ours, tags), *their_tags = all_matches(theirs, tags);
            ck_assert_msg(g_str_equal(our_tags, their_tags), "%s: %s has\n%s%s has\n%s", name, from, our_tags,
                          to, their_tags);
        }
    }
    ck_assert_uint_gt(n, 2 * 3 * N_KINDS);
}
END_TEST

/* A partial that is named and not there would render as nothing. */
START_TEST(test_partials_exist)
{
    g_autofree char *dir = g_build_filename(suite_templates(), suite_languages[_i], NULL);
    g_autoptr(GDir) files = g_dir_open(dir, 0, NULL);
    for (const char *name = g_dir_read_name(files); name; name = g_dir_read_name(files)) {
        g_autofree char *source = read_ours(suite_languages[_i], name);
        g_autofree char *partials = all_matches(source, "\\{\\{> ?([a-z_.]+)\\}\\}");
        g_auto(GStrv) names = g_strsplit(partials, "\n", -1);
        for (guint i = 0; names[i] && *names[i]; i++) {
            g_autofree char *file = g_strconcat(names[i], ".mustache", NULL);
            g_autofree char *path = g_build_filename(dir, file, NULL);
            ck_assert_msg(g_file_test(path, G_FILE_TEST_EXISTS), "%s names %s", name, path);
        }
    }
}
END_TEST

START_TEST(test_texts)
{
    static const struct {
        const char *language, *key, *arg, *want;
    } rows[] = {
        {"en", "size.bytes", "7", "7 bytes"},
        {"zh-CN", "size.bytes", "7", "7 字节"},
        {"zh", "size.bytes", "7", "7 字节"},
        {"zh-TW", "size.bytes", "7", "7 字节"},
        {"en-GB", "size.bytes", "7", "7 bytes"},
        {"fr", "size.bytes", "7", "7 bytes"},
        {"", "size.bytes", "7", "7 bytes"},
        {NULL, "size.bytes", "7", "7 bytes"},
        {"en", "size.bytes", NULL, " bytes"},
        {"en", "size.bytes", "%s%n{{x}}", "%s%n{{x}} bytes"},
        {"en", "subject.admin", "unused", "Needs your attention"},
        {"zh-CN", "no.such.key", "x", "no.such.key"},
        {"zh-CN", "note.unknown-board", "%n", "没有名为“%n”的看板。"},
    };
    g_autoptr(render_t) render = suite_open();
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got = render_text(render, rows[i].language, rows[i].key, rows[i].arg);
        ck_assert_msg(g_str_equal(got, rows[i].want), "row %u: got %s, want %s", i, got, rows[i].want);
    }
}
END_TEST

static void
write_file(const char *root, const char *language, const char *name, const char *text, gssize len)
{
    g_autofree char *dir = g_build_filename(root, language, NULL);
    g_autofree char *path = g_build_filename(dir, name, NULL);
    g_mkdir_with_parents(dir, 0700);
    ck_assert(g_file_set_contents(path, text, len, NULL));
}

START_TEST(test_override)
{
    g_autofree char *dir = support_tmpdir();
    write_file(dir, "en", "footer.text.mustache", "own footer\n", -1);
    write_file(dir, "en", "texts", "size.bytes = %s octets\n", -1);
    write_file(dir, "de", "texts", "size.bytes = %s Byte\n", -1);
    g_autoptr(GError) error = NULL;
    g_autoptr(render_t) render = render_open(suite_templates(), dir, &error);
    ck_assert_msg(render != NULL, "%s", error ? error->message : "");
    struct letter letter = suite_letter(LETTER_COMMENT, "en");
    g_autoptr(outmail_t) mail = render_letter(render, &letter, NULL);
    ck_assert_msg(g_str_has_suffix(mail->text, "\nown footer\n"), "%s", mail->text);
    g_autofree char *size = render_text(render, "en", "size.bytes", "7");
    g_autofree char *reason = render_text(render, "en", "subject.comment", NULL);
    g_autofree char *german = render_text(render, "de-AT", "size.bytes", "7");
    ck_assert_str_eq(size, "7 octets");
    ck_assert_str_eq(reason, "New comment");
    ck_assert_str_eq(german, "7 Byte");
    letter.language = "de"; /* a language half done falls back to English */
    g_autoptr(outmail_t) half = render_letter(render, &letter, NULL);
    ck_assert_ptr_nonnull(strstr(half->text, "王芳 commented"));
    g_autoptr(render_t) none = render_open(suite_templates(), "/nonexistent/override", NULL);
    ck_assert_ptr_nonnull(none);
    support_rmtree(dir);
}
END_TEST

static const struct {
    const char *label, *name, *text;
    gssize len;
    const char *want;
} bad_rows[] = {
    {"tag not closed", "x.mustache", "a\n{{b", -1, "/en/x.mustache: line 2: a tag is not closed"},
    {"section not closed", "footer.html.mustache", "{{#b}}", -1,
     "/en/footer.html.mustache: line 1: section is never"},
    {"texts without =", "texts", "# comment\n\na = b\nword\n", -1, "/en/texts:4: a line must be"},
    {"texts without key", "texts", "= b\n", -1, "/en/texts:1: a line must be"},
    {"not UTF-8", "x.mustache", "a\xff", -1, "/en/x.mustache:1: is not UTF-8"},
    {"NUL", "x.mustache", "a\0b", 3, "/en/x.mustache:1: is not UTF-8"},
};

START_TEST(test_faults_name_the_file)
{
    g_autofree char *dir = support_tmpdir();
    write_file(dir, "en", bad_rows[_i].name, bad_rows[_i].text, bad_rows[_i].len);
    g_autoptr(GError) error = NULL;
    struct render *render = render_open(suite_templates(), dir, &error);
    ck_assert_msg(!render && error, "%s: was taken", bad_rows[_i].label);
    ck_assert_msg(g_error_matches(error, CARDPOST_ERROR, CARDPOST_ERROR_INVALID), "%s: code",
                  bad_rows[_i].label);
    ck_assert_msg(strstr(error->message, bad_rows[_i].want) != NULL, "%s: %s", bad_rows[_i].label,
                  error->message);
    support_rmtree(dir);
}
END_TEST

START_TEST(test_missing_templates)
{
    g_autofree char *dir = support_tmpdir();
    g_autoptr(GError) none = NULL, some = NULL;
    ck_assert_ptr_null(render_open("/nonexistent/templates", NULL, &none));
    ck_assert_ptr_nonnull(none);
    write_file(dir, "en", "receipt.status.mustache", "x", -1);
    ck_assert_ptr_null(render_open(dir, NULL, &some));
    ck_assert(g_error_matches(some, CARDPOST_ERROR, CARDPOST_ERROR_NOT_FOUND));
    ck_assert_msg(strstr(some->message, "en/receipt.text.mustache") != NULL, "%s", some->message);
    support_rmtree(dir);
}
END_TEST

TCase *
case_catalog(void)
{
    TCase *tcase = tcase_create("catalog");
    tcase_add_test(tcase, test_same_keys);
    tcase_add_test(tcase, test_same_templates);
    tcase_add_loop_test(tcase, test_partials_exist, 0, 2);
    tcase_add_test(tcase, test_texts);
    tcase_add_test(tcase, test_override);
    tcase_add_loop_test(tcase, test_faults_name_the_file, 0, G_N_ELEMENTS(bad_rows));
    tcase_add_test(tcase, test_missing_templates);
    return tcase;
}
