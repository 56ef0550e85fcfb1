/* test_deliver.c - a Maildir as target: whole, once, and only where it may be. */
#include "support.h"

#include <cardpost/error.h>
#include <cardpost/maildir.h>

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

support_case_fn deliver_case;

static char *root;

static void
setup(void)
{
    root = support_tmpdir();
}

static void
teardown(void)
{
    support_rmtree(root);
    g_free(root);
}

/* The names in root/sub, sorted and joined by a space. */
static char *
names_in(const char *sub)
{
    g_autofree char *path = g_build_filename(root, sub, NULL);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    GDir *dir = g_dir_open(path, 0, NULL);
    ck_assert_msg(dir != NULL, "no %s", path);
    for (const char *name = g_dir_read_name(dir); name; name = g_dir_read_name(dir))
        g_ptr_array_add(names, g_strdup(name));
    g_dir_close(dir);
    g_ptr_array_sort(names, (GCompareFunc)(void (*)(void))g_strcmp0);
    g_ptr_array_add(names, NULL);
    return g_strjoinv(" ", (char **)names->pdata);
}

static const char mail[] = "Subject: x\r\n\r\n.\r\nbody\n";

START_TEST(test_bytes_arrive_and_tmp_is_empty)
{
    g_autofree char *path = g_build_filename(root, "deep/er/box", NULL);
    GError *error = NULL;
    ck_assert_msg(maildir_deliver(path, "li@team.test", "key 1", mail, strlen(mail), &error), "%s",
                  error ? error->message : "");
    g_autofree char *name = names_in("deep/er/box/new");
    g_autofree char *file = g_build_filename(path, "new", name, NULL);
    gsize len;
    g_autofree char *text = support_read(file, &len);
    ck_assert_uint_eq(len, strlen(mail));
    ck_assert_str_eq(text, mail);
    g_autofree char *left = names_in("deep/er/box/tmp");
    ck_assert_str_eq(left, "");
    ck_assert(maildir_check(path, &error));
}
END_TEST

START_TEST(test_same_key_is_one_mail)
{
    g_autofree char *path = g_build_filename(root, "box", NULL);
    for (int i = 0; i < 3; i++)
        ck_assert(maildir_deliver(path, "li@team.test", "7/abc", mail, strlen(mail), NULL));
    g_autofree char *name = names_in("box/new");
    ck_assert_msg(!strchr(name, ' '), "one file, not: %s", name);
    /* a mail client has seen it */
    g_autofree char *from = g_build_filename(path, "new", name, NULL);
    g_autofree char *to = g_strdup_printf("%s/cur/%s:2,RS", path, name);
    ck_assert_int_eq(g_rename(from, to), 0);
    ck_assert(maildir_deliver(path, "li@team.test", "7/abc", mail, strlen(mail), NULL));
    g_autofree char *again = names_in("box/new");
    ck_assert_str_eq(again, "");
    ck_assert(maildir_deliver(path, "li@team.test", "8/abc", mail, strlen(mail), NULL));
    g_autofree char *other = names_in("box/new");
    ck_assert_str_ne(other, "");
    ck_assert_str_ne(other, name);
}
END_TEST

START_TEST(test_half_written_rest_of_a_crash_is_replaced)
{
    g_autofree char *path = g_build_filename(root, "box", NULL);
    ck_assert(maildir_deliver(path, "li@team.test", "k", mail, strlen(mail), NULL));
    g_autofree char *name = names_in("box/new");
    g_autofree char *file = g_build_filename(path, "new", name, NULL);
    g_autofree char *rest = g_build_filename(path, "tmp", name, NULL);
    ck_assert_int_eq(g_unlink(file), 0);
    ck_assert(
        g_file_set_contents(rest, "Subject: x\r\n and a longer rest than the mail itself has", -1, NULL));
    ck_assert(maildir_deliver(path, "li@team.test", "k", mail, strlen(mail), NULL));
    g_autofree char *text = support_read(file, NULL);
    ck_assert_str_eq(text, mail);
    g_autofree char *left = names_in("box/tmp");
    ck_assert_str_eq(left, "");
}
END_TEST

START_TEST(test_H03_recipient_in_the_path)
{
    static const struct {
        const char *recipient, *folder; /* folder NULL: refused */
    } cases[] = {
        {"Li@Team.test", "li@team.test"},
        {"a/b@team.test", "a%2Fb@team.test"},
        {"a%2fb@team.test", "a%252fb@team.test"},
        {"../evil@team.test", NULL},
        {"/etc@team.test\n", NULL},
        {"li@team.test/../../x", NULL},
        {"<li@team.test>", NULL},
        {"li", NULL},
        {"", NULL},
    };
    g_autofree char *path = g_build_filename(root, "out/{recipient}/box", NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        bool is_delivered = maildir_deliver(path, cases[i].recipient, "k", mail, strlen(mail), &error);
        ck_assert_msg(is_delivered == (cases[i].folder != NULL), "%s: %s", cases[i].recipient,
                      error ? error->message : "delivered");
        if (!is_delivered) {
            ck_assert_int_eq(error->code, CARDPOST_ERROR_PERMANENT);
            continue;
        }
        g_autofree char *sub = g_build_filename("out", cases[i].folder, "box/new", NULL);
        g_autofree char *names = names_in(sub);
        ck_assert_msg(*names, "%s has no mail in %s", cases[i].recipient, sub);
    }
    g_autofree char *top = names_in(".");
    ck_assert_str_eq(top, "out");
}
END_TEST

START_TEST(test_errors_say_what_to_do)
{
    g_autofree char *file = g_build_filename(root, "file", NULL);
    ck_assert(g_file_set_contents(file, "", 0, NULL));
    g_autofree char *below = g_build_filename(file, "box", NULL);
    g_autoptr(GError) error = NULL;
    ck_assert(!maildir_deliver(below, "li@team.test", "k", mail, strlen(mail), &error));
    ck_assert_int_eq(error->code, CARDPOST_ERROR_PERMANENT);
    g_clear_error(&error);
    /* /dev/full answers every write with ENOSPC, as a full disk does */
    g_autofree char *path = g_build_filename(root, "box", NULL);
    ck_assert(maildir_deliver(path, "li@team.test", "k", mail, strlen(mail), NULL));
    g_autofree char *name = names_in("box/new");
    g_autofree char *new_file = g_build_filename(path, "new", name, NULL);
    ck_assert_int_eq(g_unlink(new_file), 0);
    g_autofree char *tmp = g_build_filename(path, "tmp", name, NULL);
    ck_assert_int_eq(symlink("/dev/full", tmp), 0);
    ck_assert_msg(!maildir_deliver(path, "li@team.test", "k", mail, strlen(mail), &error),
                  "no symlink is followed");
    g_autofree char *none = names_in("box/new");
    ck_assert_str_eq(none, "");
}
END_TEST

START_TEST(test_check_names_the_mend)
{
    g_autoptr(GError) error = NULL;
    ck_assert(!maildir_check(root, &error));
    ck_assert_int_eq(error->code, CARDPOST_ERROR_INVALID);
    ck_assert_ptr_nonnull(strstr(error->message, "new"));
}
END_TEST

TCase *
deliver_case(void)
{
    TCase *tcase = tcase_create("deliver");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_bytes_arrive_and_tmp_is_empty);
    tcase_add_test(tcase, test_same_key_is_one_mail);
    tcase_add_test(tcase, test_half_written_rest_of_a_crash_is_replaced);
    tcase_add_test(tcase, test_H03_recipient_in_the_path);
    tcase_add_test(tcase, test_errors_say_what_to_do);
    tcase_add_test(tcase, test_check_names_the_mend);
    return tcase;
}
