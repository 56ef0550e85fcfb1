/* test_lock.c - one writer a data directory. */
#include "cases.h"

#include <cardpost/daemon.h>
#include <cardpost/error.h>

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char *dir;

static void
setup(void)
{
    dir = support_tmpdir();
}

static void
teardown(void)
{
    support_rmtree(dir);
    g_free(dir);
}

START_TEST(test_D08_second_lock_is_refused)
{
    g_autoptr(GError) error = NULL;
    int first = daemon_lock(dir, &error);
    ck_assert_int_ge(first, 0);
    ck_assert_int_eq(daemon_lock(dir, &error), -1);
    ck_assert(g_error_matches(error, CARDPOST_ERROR, CARDPOST_ERROR_TEMPORARY));
    g_autofree char *pid = g_strdup_printf("process %d", (int)getpid());
    ck_assert_ptr_nonnull(strstr(error->message, pid));
    ck_assert_ptr_nonnull(strstr(error->message, dir));
    close(first);
    int again = daemon_lock(dir, NULL);
    ck_assert_int_ge(again, 0);
    close(again);
}
END_TEST

/* A holder that is killed, or stopped for a long time. */
START_TEST(test_D08_lock_ends_with_its_process_only)
{
    int fds[2];
    char byte;
    ck_assert_int_eq(pipe(fds), 0);
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        bool locked = daemon_lock(dir, NULL) >= 0 && write(fds[1], "x", 1) == 1;
        if (locked)
            pause();
        _exit(1);
    }
    close(fds[1]);
    ck_assert_int_eq(read(fds[0], &byte, 1), 1);
    kill(pid, SIGSTOP);
    ck_assert_int_eq(daemon_lock(dir, NULL), -1);
    kill(pid, SIGKILL);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    int fd = daemon_lock(dir, NULL);
    ck_assert_int_ge(fd, 0);
    close(fd);
    close(fds[0]);
}
END_TEST

START_TEST(test_missing_directory_is_told)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *missing = g_build_filename(dir, "none", NULL);
    ck_assert_int_eq(daemon_lock(missing, &error), -1);
    ck_assert(g_error_matches(error, CARDPOST_ERROR, CARDPOST_ERROR_NOT_FOUND));
}
END_TEST

START_TEST(test_lock_that_is_a_link_is_not_followed)
{
    g_autofree char *path = g_build_filename(dir, "lock", NULL);
    g_autofree char *victim = g_build_filename(dir, "victim", NULL);
    ck_assert(g_file_set_contents(victim, "precious", -1, NULL));
    ck_assert_int_eq(symlink(victim, path), 0);
    ck_assert_int_eq(daemon_lock(dir, NULL), -1);
    g_autofree char *text = support_read(victim, NULL);
    ck_assert_str_eq(text, "precious");
}
END_TEST

TCase *
lock_case(void)
{
    TCase *tcase = tcase_create("lock");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_D08_second_lock_is_refused);
    tcase_add_test(tcase, test_D08_lock_ends_with_its_process_only);
    tcase_add_test(tcase, test_missing_directory_is_told);
    tcase_add_test(tcase, test_lock_that_is_a_link_is_not_followed);
    return tcase;
}
