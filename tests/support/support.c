/* support.c - see support.h. */
#include "support.h"

#include <glib/gstdio.h>
#include <stdlib.h>

int
support_run(const char *suite_name, support_case_fn *const *cases)
{
    Suite *suite = suite_create(suite_name);
    for (guint i = 0; cases[i]; i++)
        suite_add_tcase(suite, cases[i]());
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

char *
support_tmpdir(void)
{
    char *path = g_dir_make_tmp("cardpost-test-XXXXXX", NULL);
    ck_assert_ptr_nonnull(path);
    return path;
}

void
support_rmtree(const char *path)
{
    GDir *dir = g_file_test(path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open(path, 0, NULL);
    if (dir) {
        const char *name;
        while ((name = g_dir_read_name(dir))) {
            g_autofree char *child = g_build_filename(path, name, NULL);
            support_rmtree(child);
        }
        g_dir_close(dir);
    }
    g_remove(path);
}

char *
support_read(const char *path, gsize *len_out)
{
    char *text = NULL;
    GError *error = NULL;
    g_file_get_contents(path, &text, len_out, &error);
    if (!text)
        ck_abort_msg("%s", error->message);
    return text;
}
