/* The core cases of the public Mustache specification, read where they lie: CARDPOST_MUSTACHE_SPEC or
 * ../shared/mustache-spec. Skipped with a message when they are not there. */
#include "suite.h"

#include <cardpost/template.h>

#include <jansson.h>
#include <stdio.h>

static const struct {
    const char *file;
    size_t least; /* cases the file has; fewer means that it was not read whole */
} files[] = {
    {"interpolation", 42}, {"sections", 34},   {"inverted", 22},
    {"comments", 12},      {"delimiters", 14}, {"partials", 12},
};

static char *
case_partial(const char *name, void *data)
{
    return g_strdup(json_string_value(json_object_get(data, name)));
}

static void
run_case(const char *file, json_t *test)
{
    const char *name = json_string_value(json_object_get(test, "name"));
    const char *want = json_string_value(json_object_get(test, "expected"));
    const char *source = json_string_value(json_object_get(test, "template"));
    char *data = json_dumps(json_object_get(test, "data"), JSON_ENCODE_ANY);
    g_autoptr(view_t) view = view_from_json(data, NULL);
    g_autoptr(GError) error = NULL;
    g_autofree char *got =
        template_render(TEMPLATE_HTML, source, view, case_partial, json_object_get(test, "partials"), &error);
    ck_assert_msg(got != NULL, "%s: %s: %s", file, name, error ? error->message : "no error");
    ck_assert_msg(g_str_equal(got, want), "%s: %s: got <%s>, want <%s>", file, name, got, want);
    free(data);
}

START_TEST(test_core_cases)
{
    const char *dir = g_getenv("CARDPOST_MUSTACHE_SPEC");
    g_autofree char *name = g_strconcat(files[_i].file, ".json", NULL);
    g_autofree char *path = g_build_filename(dir ? dir : "../shared/mustache-spec", name, NULL);
    if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
        fprintf(stderr, "skipped: %s is not there (set CARDPOST_MUSTACHE_SPEC)\n", path);
        return;
    }
    json_t *root = json_load_file(path, 0, NULL);
    ck_assert_msg(root != NULL, "%s is not JSON", path);
    json_t *tests = json_object_get(root, "tests");
    ck_assert_msg(json_array_size(tests) >= files[_i].least, "%s: only %zu cases", path,
                  json_array_size(tests));
    size_t i;
    json_t *test;
    json_array_foreach(tests, i, test)
    {
        run_case(files[_i].file, test);
    }
    json_decref(root);
}
END_TEST

TCase *
case_specification(void)
{
    TCase *tcase = tcase_create("specification");
    tcase_add_loop_test(tcase, test_core_cases, 0, G_N_ELEMENTS(files));
    return tcase;
}
