/* test_parse.c - the parse worker of one-shot commands: a real process in its real sandbox. */
#include "cases.h"

#include <cardpost/caps.h>
#include <cardpost/daemon.h>
#include <cardpost/error.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char plain[] = "From: Ann <ann@corp.example>\r\nSubject: =?utf-8?B?5oql5Lu3?=\r\n"
                            "Content-Type: text/plain; charset=gb18030\r\n\r\n\xc4\xe3\xba\xc3\r\n";
static const char with_file[] =
    "From: ann@corp.example\r\nSubject: file\r\nMIME-Version: 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nsee file\r\n"
    "--b\r\nContent-Type: text/csv; name=a.csv\r\nContent-Disposition: attachment; filename=a.csv\r\n"
    "Content-Transfer-Encoding: base64\r\n\r\nYSxiLGMK\r\n--b--\r\n";

static struct parse_worker *worker;

static void
setup(void)
{
    g_autoptr(GError) error = NULL;
    worker = daemon_parse_start(&error);
    ck_assert_msg(worker != NULL, "%s", error ? error->message : "");
}

static void
teardown(void)
{
    daemon_parse_stop(worker);
}

/* The one child this process has. */
static pid_t
worker_pid(void)
{
    g_autofree char *path = g_strdup_printf("/proc/self/task/%d/children", (int)getpid());
    g_autofree char *text = support_read(path, NULL);
    pid_t pid = (pid_t)g_ascii_strtoll(text, NULL, 10);
    ck_assert_int_gt(pid, 0);
    return pid;
}

static void
expect_plain(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(mail_t) mail = daemon_parse(worker, plain, sizeof plain - 1, &error);
    ck_assert_msg(mail != NULL, "%s", error ? error->message : "");
    ck_assert_str_eq(mail->subject, "报价");
    ck_assert_str_eq(g_strstrip(mail->body_text), "你好");
}

START_TEST(test_mail_is_read)
{
    expect_plain();
    expect_plain();
}
END_TEST

START_TEST(test_empty_mail_is_read)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(mail_t) mail = daemon_parse(worker, "", 0, &error);
    ck_assert_msg(mail != NULL, "%s", error ? error->message : "");
}
END_TEST

START_TEST(test_attachment_is_extracted)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(mail_t) mail = daemon_parse(worker, with_file, sizeof with_file - 1, &error);
    ck_assert_msg(mail != NULL, "%s", error ? error->message : "");
    ck_assert_uint_eq(mail->attachments->len, 1);
    const struct mail_attachment *attachment = g_ptr_array_index(mail->attachments, 0);
    g_autoptr(GBytes) content =
        daemon_extract(worker, with_file, sizeof with_file - 1, attachment->part, &error);
    ck_assert_msg(content != NULL, "%s", error ? error->message : "");
    ck_assert_uint_eq(g_bytes_get_size(content), 6);
    ck_assert_mem_eq(g_bytes_get_data(content, NULL), "a,b,c\n", 6);
    ck_assert_ptr_null(daemon_extract(worker, with_file, sizeof with_file - 1, 999, &error));
    ck_assert(g_error_matches(error, CARDPOST_ERROR, CARDPOST_ERROR_PERMANENT));
    expect_plain();
}
END_TEST

START_TEST(test_large_mail_is_read)
{
    g_autoptr(GString) raw = g_string_new("From: ann@corp.example\r\nSubject: big\r\n\r\n");
    while (raw->len < 8 * 1024 * 1024)
        g_string_append(raw, "0123456789 0123456789 0123456789\r\n");
    g_autoptr(GError) error = NULL;
    g_autoptr(mail_t) mail = daemon_parse(worker, raw->str, raw->len, &error);
    ck_assert_msg(mail != NULL, "%s", error ? error->message : "");
    ck_assert_uint_le(strlen(mail->body_text), CAP_TEXT_BYTES);
}
END_TEST

START_TEST(test_worker_is_replaced_after_its_share)
{
    pid_t first = worker_pid();
    for (int i = 0; i < CAP_PARSE_MAILS; i++)
        expect_plain();
    expect_plain();
    ck_assert_int_ne(worker_pid(), first);
}
END_TEST

START_TEST(test_D11_dead_worker_is_told_and_replaced)
{
    g_autoptr(GError) error = NULL;
    expect_plain();
    kill(worker_pid(), SIGKILL);
    ck_assert_ptr_null(daemon_parse(worker, plain, sizeof plain - 1, &error));
    ck_assert(g_error_matches(error, CARDPOST_ERROR, CARDPOST_ERROR_PERMANENT));
    ck_assert_msg(strstr(error->message, "signal 9") != NULL, "%s", error->message);
    expect_plain();
}
END_TEST

START_TEST(test_P01_worker_that_hangs_is_given_up)
{
    g_autoptr(GError) error = NULL;
    expect_plain();
    kill(worker_pid(), SIGSTOP);
    ck_assert_ptr_null(daemon_parse(worker, plain, sizeof plain - 1, &error));
    ck_assert(g_error_matches(error, CARDPOST_ERROR, CARDPOST_ERROR_PERMANENT));
    ck_assert_msg(strstr(error->message, "too long") != NULL, "%s", error->message);
    expect_plain();
}
END_TEST

/* A multipart without boundary whose parameter name is 70 to 72 bytes long hangs GMime 3.2.13. */
START_TEST(test_P01_mail_that_hangs_the_library)
{
    for (guint n = 70; n <= 72; n++) {
        g_autofree char *name = g_strnfill(n, 'a');
        g_autofree char *raw = g_strdup_printf(
            "From: a@b.example\r\nContent-Type: multipart/mixed; %s=\xc3\xa9\r\n\r\nx\r\n", name);
        g_autoptr(GError) error = NULL;
        g_autoptr(mail_t) mail = daemon_parse(worker, raw, strlen(raw), &error);
        ck_assert_msg(mail || g_error_matches(error, CARDPOST_ERROR, CARDPOST_ERROR_PERMANENT), "%u", n);
        expect_plain();
    }
}
END_TEST

START_TEST(test_P02_a_million_parts)
{
    g_autoptr(GString) raw =
        g_string_new("From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n");
    for (guint i = 0; i < 1000000; i++)
        g_string_append(raw, "--b\n\n");
    g_autoptr(GError) error = NULL;
    g_autoptr(mail_t) mail = daemon_parse(worker, raw->str, raw->len, &error);
    ck_assert(!mail && g_error_matches(error, CARDPOST_ERROR, CARDPOST_ERROR_PERMANENT));
    expect_plain();
}
END_TEST

/* Nothing of the asker's environment or command line goes to the worker. */
START_TEST(test_G02_environment_is_clean)
{
    teardown();
    g_setenv("CARDPOST_TEST_PASSWORD", "hunter2-secret", TRUE);
    setup();
    expect_plain();
    static const char *const files[] = {"environ", "cmdline"};
    for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path = g_strdup_printf("/proc/%d/%s", (int)worker_pid(), files[i]);
        gsize len;
        g_autofree char *text = support_read(path, &len);
        ck_assert_msg(g_strstr_len(text, (gssize)len, "hunter2") == NULL && !memmem(text, len, "hunter2", 7),
                      "%s", files[i]);
    }
}
END_TEST

TCase *
parse_case(void)
{
    TCase *tcase = tcase_create("parse");
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_mail_is_read);
    tcase_add_test(tcase, test_empty_mail_is_read);
    tcase_add_test(tcase, test_attachment_is_extracted);
    tcase_add_test(tcase, test_large_mail_is_read);
    tcase_add_test(tcase, test_worker_is_replaced_after_its_share);
    tcase_add_test(tcase, test_D11_dead_worker_is_told_and_replaced);
    tcase_add_test(tcase, test_P01_worker_that_hangs_is_given_up);
    tcase_add_test(tcase, test_P01_mail_that_hangs_the_library);
    tcase_add_test(tcase, test_P02_a_million_parts);
    tcase_add_test(tcase, test_G02_environment_is_clean);
    return tcase;
}
