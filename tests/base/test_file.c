/* test_file.c - a new file is there whole, with nothing beside it, or not at all. */
#include <cardpost/file.h>

#include "cases.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char *root;

static void
set_up(void)
{
    root = support_tmpdir();
}

static void
tear_down(void)
{
    support_rmtree(root);
    g_free(root);
}

static guint
entries(void)
{
    GDir *dir = g_dir_open(root, 0, NULL);
    guint n = 0;
    while (g_dir_read_name(dir))
        n++;
    g_dir_close(dir);
    return n;
}

START_TEST(test_create)
{
    g_autofree char *path = g_build_filename(root, "key", NULL);
    g_autofree char *nowhere = g_build_filename(root, "no", "key", NULL);
    g_autofree char *content = NULL;
    gsize len = 0;
    struct stat st;
    ck_assert(file_create(path, "a\0b", 3));
    ck_assert(g_file_get_contents(path, &content, &len, NULL));
    ck_assert_uint_eq(len, 3);
    ck_assert_int_eq(memcmp(content, "a\0b", 3), 0);
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_int_eq(st.st_mode & 07777, 0600);
    ck_assert(!file_create(path, "other", 5));
    ck_assert_int_eq(errno, EEXIST);
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_int_eq(st.st_size, 3);
    ck_assert(!file_create(nowhere, "x", 1));
    ck_assert_int_eq(errno, ENOENT);
    ck_assert_uint_eq(entries(), 1);
}
END_TEST

/* Not even through a link that leads nowhere. */
START_TEST(test_create_at_a_link)
{
    g_autofree char *path = g_build_filename(root, "key", NULL);
    g_autofree char *target = g_build_filename(root, "target", NULL);
    ck_assert_int_eq(symlink(target, path), 0);
    ck_assert(!file_create(path, "x", 1));
    ck_assert_int_eq(errno, EEXIST);
    ck_assert_uint_eq(entries(), 1);
}
END_TEST

START_TEST(test_rename_new)
{
    g_autofree char *from = g_build_filename(root, "from", NULL);
    g_autofree char *to = g_build_filename(root, "to", NULL);
    ck_assert(file_create(from, "1", 1));
    ck_assert(file_rename_new(AT_FDCWD, from, AT_FDCWD, to));
    ck_assert(file_create(from, "22", 2));
    ck_assert(!file_rename_new(AT_FDCWD, from, AT_FDCWD, to));
    ck_assert_int_eq(errno, EEXIST);
    ck_assert_uint_eq(entries(), 2);
}
END_TEST

/* More than a pipe takes at once. */
START_TEST(test_write_all)
{
    enum { BYTES = 1024 * 1024 };
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        char buffer[4096];
        gsize sum = 0;
        ssize_t n;
        close(ends[1]);
        while ((n = read(ends[0], buffer, sizeof buffer)) > 0)
            sum += (gsize)n;
        _exit(sum == BYTES ? 0 : 1);
    }
    close(ends[0]);
    g_autofree char *data = g_malloc0(BYTES);
    ck_assert(file_write_all(ends[1], data, BYTES));
    close(ends[1]);
    int status = 1;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(status, 0);
    int full = open("/dev/full", O_WRONLY);
    ck_assert(!file_write_all(full, data, BYTES));
    ck_assert_int_eq(errno, ENOSPC);
    close(full);
}
END_TEST

TCase *
test_file(void)
{
    TCase *tcase = tcase_create("file");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, test_create);
    tcase_add_test(tcase, test_create_at_a_link);
    tcase_add_test(tcase, test_rename_new);
    tcase_add_test(tcase, test_write_all);
    return tcase;
}
