/* test_corpus.c - every public mail is read within its time, in one process that cannot open a file, and what
 * the sources of the mails expect is counted. Skipped where the corpus is not. */
#include "suite.h"

#include <cardpost/caps.h>
#include <cardpost/header.h>

#include <errno.h>
#include <glib/gstdio.h>
#include <jansson.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

support_case_fn corpus_case;

/* Generous: the machine may be slow, an endless loop is slower. */
#define MAIL_SECONDS 30
#define NO_SECCOMP   77 /* the exit code when no filter can be set */

static char *
corpus_dir(void)
{
    const char *named = g_getenv("CARDPOST_CORPUS");
    char *dir = g_build_filename(named ? named : "../shared/corpus", "mime", NULL);
    if (g_file_test(dir, G_FILE_TEST_IS_DIR))
        return dir;
    printf("no corpus at %s: skipped\n", dir);
    g_free(dir);
    return NULL;
}

static void
find_mails(const char *path, GPtrArray *files)
{
    GDir *dir = g_dir_open(path, 0, NULL);
    const char *name;
    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *child = g_build_filename(path, name, NULL);
        if (g_file_test(child, G_FILE_TEST_IS_DIR))
            find_mails(child, files);
        else if (g_str_has_suffix(name, ".eml"))
            g_ptr_array_add(files, g_steal_pointer(&child));
    }
    if (dir)
        g_dir_close(dir);
}

static int
by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static GPtrArray *
corpus_mails(void)
{
    g_autofree char *dir = corpus_dir();
    if (!dir)
        return NULL;
    GPtrArray *files = g_ptr_array_new_with_free_func(g_free);
    find_mails(dir, files);
    g_ptr_array_sort(files, by_name);
    ck_assert_uint_gt(files->len, 100);
    return files;
}

static void
assert_clean(const char *file, const struct mail *mail)
{
    g_autoptr(GByteArray) body = g_byte_array_new();
    mail_encode(mail, body);
    struct frame_reader reader;
    frame_reader_init(&reader, body->data, body->len);
    g_autoptr(GError) error = NULL;
    g_autoptr(mail_t) copy = mail_decode(&reader, &error);
    ck_assert_msg(copy != NULL, "%s: what was parsed passes core's checks", file);
}

/* ---- survival, without files */

static void
forbid_files(void)
{
    static const int calls[] = {SCMP_SYS(open),       SCMP_SYS(openat), SCMP_SYS(stat),     SCMP_SYS(lstat),
                                SCMP_SYS(newfstatat), SCMP_SYS(access), SCMP_SYS(readlink), SCMP_SYS(socket)};
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    bool good = filter != NULL;
    for (guint i = 0; i < G_N_ELEMENTS(calls) && good; i++)
        good = seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, calls[i], 0) == 0;
    if (!good || seccomp_load(filter) != 0)
        _exit(NO_SECCOMP);
    seccomp_release(filter);
}

/* Reads all mails beforehand, then parses each with every way to a file closed. */
static void
parse_all(const GPtrArray *files, int report)
{
    g_autoptr(GPtrArray) raws = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    for (guint i = 0; i < files->len; i++) {
        gsize len;
        char *raw = support_read(files->pdata[i], &len);
        g_ptr_array_add(raws, g_bytes_new_take(raw, len));
    }
    forbid_files();
    for (guint i = 0; i < raws->len; i++) {
        gsize len;
        const void *raw = g_bytes_get_data(raws->pdata[i], &len);
        g_autoptr(GError) error = NULL;
        if (write(report, &i, sizeof i) != sizeof i)
            _exit(3);
        alarm(MAIL_SECONDS);
        g_autoptr(mail_t) mail = mime_parse(raw, len, &error);
        alarm(0);
        if (mail)
            assert_clean(files->pdata[i], mail);
        else if (!g_error_matches(error, CARDPOST_ERROR, CARDPOST_ERROR_PERMANENT))
            _exit(4);
    }
    _exit(0);
}

START_TEST(test_all_survive_in_one_process_without_files)
{
    g_autoptr(GPtrArray) files = corpus_mails();
    if (!files)
        return;
    int pipe_fds[2], status;
    ck_assert_int_eq(pipe(pipe_fds), 0);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        close(pipe_fds[0]);
        parse_all(files, pipe_fds[1]);
    }
    close(pipe_fds[1]);
    guint last = 0, n = 0;
    while (read(pipe_fds[0], &last, sizeof last) == sizeof last)
        n++;
    close(pipe_fds[0]);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == NO_SECCOMP) {
        printf("skipped: no seccomp here (valgrind has none)\n");
        return;
    }
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %d after %s", status,
                  (const char *)files->pdata[last]);
    ck_assert_uint_eq(n, files->len);
}
END_TEST

/* ---- what the sources expect */

struct tally {
    const char *name;
    guint floor_percent; /* below what is reached: sources disagree, a collapse is what is caught */
    guint right, all;
};

static char *
flat(const char *text)
{
    g_auto(GStrv) words = g_strsplit_set(text ? text : "", " \t\r\n", -1);
    GString *out = g_string_new(NULL);
    for (guint i = 0; words[i]; i++)
        if (*words[i])
            g_string_append_printf(out, "%s%s", out->len > 0 ? " " : "", words[i]);
    return g_string_free(out, FALSE);
}

static bool
same(const char *a, const char *b)
{
    g_autofree char *x = flat(a), *y = flat(b);
    return strcmp(x, y) == 0;
}

static void
mark(struct tally *tally, bool right, const char *file, const char *want, const char *got)
{
    tally->all++;
    tally->right += right;
    if (!right && g_getenv("CARDPOST_CORPUS_FAILS"))
        printf("%s: %s\n  want %s\n  got  %s\n", tally->name, file, want, got);
}

/* As the corpus's own scorer reads it: several forms of the sender are in use. */
static char *
expected_sender(json_t *expected)
{
    static const char *const keys[] = {"from_email", "from", "from_", "From"};
    for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
        json_t *value = json_object_get(expected, keys[i]);
        if (json_is_array(value) && json_array_size(value) > 0)
            value = json_array_get(value, 0);
        if (json_is_object(value))
            value = json_object_get(value, "address") ? json_object_get(value, "address")
                                                      : json_object_get(value, "email");
        const char *text = json_string_value(value);
        g_autoptr(GRegex) regex = g_regex_new("[^\\s<>\",;]+@[^\\s<>\",;]+", 0, 0, NULL);
        g_autoptr(GMatchInfo) match = NULL;
        if (text && g_regex_match(regex, text, 0, &match)) {
            g_autofree char *found = g_match_info_fetch(match, 0);
            return g_utf8_strdown(found, -1);
        }
    }
    return NULL;
}

static const struct mail_attachment *
find_attachment(const struct mail *mail, const char *key, const char *value)
{
    for (guint i = 0; i < mail->attachments->len; i++) {
        const struct mail_attachment *a = mail->attachments->pdata[i];
        if (same(strcmp(key, "filename") == 0 ? a->name : a->sha256, value))
            return a;
    }
    return NULL;
}

static void
compare_attachments(const char *file, json_t *expected, const struct mail *mail, struct tally *names,
                    struct tally *contents)
{
    json_t *list = json_object_get(expected, "attachments"), *item;
    gsize i;
    json_array_foreach(list, i, item)
    {
        const char *name = json_string_value(json_object_get(item, "filename"));
        const char *sum = json_string_value(json_object_get(item, "sha256"));
        if (!name || !*name || strcmp(name, "message.html") == 0)
            continue;
        const struct mail_attachment *other = mail->attachments->len > i ? mail->attachments->pdata[i] : NULL;
        mark(names, find_attachment(mail, "filename", name) != NULL, file, name,
             other ? other->name : "none");
        if (sum)
            mark(contents, find_attachment(mail, "sha256", sum) != NULL, file, sum,
                 other ? other->sha256 : "none");
    }
}

static void
compare(const char *file, const struct mail *mail, struct tally *tallies)
{
    g_autofree char *stem = g_strndup(file, strlen(file) - strlen(".eml"));
    g_autofree char *path = g_strconcat(stem, ".expected.json", NULL);
    json_t *expected = json_load_file(path, JSON_ALLOW_NUL, NULL);
    if (!expected)
        return;
    json_t *subject = json_object_get(expected, "subject");
    if (!subject)
        subject = json_object_get(expected, "Subject");
    const char *text = json_string_value(subject);
    if (text && *text)
        mark(&tallies[0], same(text, mail->subject), file, text, mail->subject);
    g_autofree char *sender = expected_sender(expected);
    g_autofree char *own = g_utf8_strdown(mail->from.address, -1);
    if (sender)
        mark(&tallies[1], strcmp(sender, own) == 0, file, sender, own);
    compare_attachments(file, expected, mail, &tallies[2], &tallies[3]);
    json_decref(expected);
}

START_TEST(test_expected_values)
{
    g_autoptr(GPtrArray) files = corpus_mails();
    struct tally tallies[] = {{"subject", 93, 0, 0},
                              {"sender", 98, 0, 0},
                              {"attachment name", 88, 0, 0},
                              {"attachment content", 30, 0, 0}};
    for (guint i = 0; files && i < files->len; i++) {
        gsize len;
        g_autofree char *raw = support_read(files->pdata[i], &len);
        g_autoptr(mail_t) mail = mime_parse(raw, len, NULL);
        if (mail)
            compare(files->pdata[i], mail, tallies);
    }
    for (guint i = 0; files && i < G_N_ELEMENTS(tallies); i++) {
        printf("%-20s %u of %u\n", tallies[i].name, tallies[i].right, tallies[i].all);
        ck_assert_msg(tallies[i].right * 100 >= tallies[i].all * tallies[i].floor_percent, "%s",
                      tallies[i].name);
    }
}
END_TEST

TCase *
corpus_case(void)
{
    TCase *tcase = tcase_create("corpus");
    tcase_add_unchecked_fixture(tcase, mime_open, mime_close);
    tcase_set_timeout(tcase, 1800);
    tcase_add_test(tcase, test_all_survive_in_one_process_without_files);
    tcase_add_test(tcase, test_expected_values);
    return tcase;
}
