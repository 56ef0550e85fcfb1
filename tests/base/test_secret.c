/* test_secret.c - HMAC, base32, key files. */
#include "cases.h"

#include <cardpost/error.h>
#include <cardpost/secret.h>

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

START_TEST(base32_of_rfc_4648)
{
    g_autofree char *text = secret_base32((const uint8_t *)"foobar", 6, 9);
    ck_assert_str_eq(text, "mzxw6ytbo");
}
END_TEST

START_TEST(fields_do_not_run_together)
{
    struct secret_key key = {{1}};
    uint8_t ab_c[32], a_bc[32], again[32];
    secret_hmac(&key, ab_c, "ab", "c", NULL);
    secret_hmac(&key, a_bc, "a", "bc", NULL);
    secret_hmac(&key, again, "ab", "c", NULL);
    ck_assert_mem_ne(ab_c, a_bc, 32);
    ck_assert_mem_eq(ab_c, again, 32);
}
END_TEST

START_TEST(equality)
{
    ck_assert(secret_equal("abc", "abc"));
    ck_assert(!secret_equal("abc", "abd"));
    ck_assert(!secret_equal("abc", "ab"));
    ck_assert(!secret_equal(NULL, NULL));
}
END_TEST

START_TEST(key_files)
{
    g_autofree char *dir = support_tmpdir();
    g_autofree char *path = g_build_filename(dir, "keys", NULL);
    struct secret_key key, again;
    GError *error = NULL;
    ck_assert(!secret_key_load(path, false, &key, &error));
    g_clear_error(&error);
    ck_assert(secret_key_load(path, true, &key, NULL));
    ck_assert(secret_key_load(path, true, &again, NULL));
    ck_assert_mem_eq(&key, &again, sizeof key);
    g_chmod(path, 0644);
    ck_assert(!secret_key_load(path, false, &key, &error));
    ck_assert_ptr_nonnull(strstr(error->message, "0600"));
    g_clear_error(&error);
    g_chmod(path, 0600);
    ck_assert(g_file_set_contents(path, "short", -1, NULL));
    g_chmod(path, 0600);
    ck_assert(!secret_key_load(path, false, &key, &error));
    g_clear_error(&error);
    support_rmtree(dir);
}
END_TEST

TCase *
test_secret(void)
{
    TCase *tcase = tcase_create("secret");
    tcase_add_test(tcase, base32_of_rfc_4648);
    tcase_add_test(tcase, fields_do_not_run_together);
    tcase_add_test(tcase, equality);
    tcase_add_test(tcase, key_files);
    return tcase;
}
