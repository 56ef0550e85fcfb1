/* test_manual.c - cardpost.conf(5) has every key of the table, in its section, and no other. */
#include "support.h"

#include <cardpost/config.h>
#include <cardpost/team.h>

#include <stdio.h>
#include <string.h>

#define MANUAL "contrib/man/cardpost.conf.5"

/* The words after .It Ic, each as "section.key"; the section is set by comments `.\" section NAME`. */
static GHashTable *
documented(void)
{
    g_autofree char *text = support_read(MANUAL, NULL);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    GHashTable *found = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    const char *section = NULL;
    for (guint i = 0; lines[i]; i++) {
        if (g_str_has_prefix(lines[i], ".\\\" section"))
            section = g_strstrip(lines[i] + strlen(".\\\" section"));
        if (!section || !g_str_has_prefix(lines[i], ".It Ic "))
            continue;
        g_auto(GStrv) words = g_strsplit(lines[i] + strlen(".It Ic "), " ", 2);
        g_autofree char *key = g_strconcat(section, ".", words[0], NULL);
        ck_assert_msg(!g_hash_table_contains(found, key), "%s is there twice", key);
        g_hash_table_add(found, g_steal_pointer(&key));
    }
    return found;
}

START_TEST(test_every_key_is_in_the_manual)
{
    g_autoptr(GHashTable) found = documented();
    struct config_key key;
    guint n = 0;
    for (; config_key_at(n, &key); n++) {
        g_autofree char *name = g_strconcat(key.section, ".", key.name, NULL);
        ck_assert_msg(g_hash_table_contains(found, name), "%s is not in " MANUAL, name);
        ck_assert_msg(key.summary && *key.summary, "%s has no summary", name);
        g_hash_table_remove(found, name);
    }
    ck_assert_uint_gt(n, 70);
    GHashTableIter iter;
    gpointer left;
    g_hash_table_iter_init(&iter, found);
    if (g_hash_table_iter_next(&iter, &left, NULL))
        ck_abort_msg("%s is in " MANUAL " but no key", (const char *)left);
}
END_TEST

START_TEST(test_every_provider_is_in_the_manual)
{
    g_autofree char *text = support_read(MANUAL, NULL);
    guint n;
    const struct provider *const *all = provider_all(&n);
    for (guint i = 0; i < n; i++) {
        g_autofree char *item = g_strdup_printf(".It Cm %s\n", all[i]->name);
        ck_assert_msg(strstr(text, item), "provider %s is not in " MANUAL, all[i]->name);
    }
}
END_TEST

/* Each example of the manual is a good file. */
START_TEST(test_examples)
{
    g_autofree char *text = support_read(MANUAL, NULL);
    guint n = 0;
    for (const char *at = text; (at = strstr(at, "\n.Bd -literal")); n++) {
        const char *begin = strchr(at + 1, '\n') + 1;
        at = strstr(begin, "\n.Ed");
        ck_assert_ptr_nonnull(at);
        g_autofree char *example = g_strndup(begin, (gsize)(at - begin));
        GError *error = NULL;
        bool is_team = g_str_has_prefix(example, "person ");
        g_autoptr(team_file_t) team = is_team ? team_file_parse(example, "example", &error) : NULL;
        g_autoptr(config_t) config = is_team ? NULL : config_parse(example, "example", &error);
        ck_assert_msg(team || config, "%s\n%s", error ? error->message : "", example);
    }
    ck_assert_uint_eq(n, 3);
}
END_TEST

START_TEST(test_mandoc_finds_nothing)
{
    g_autofree char *mandoc = g_find_program_in_path("mandoc");
    if (!mandoc) {
        fprintf(stderr, "test_mandoc_finds_nothing: skipped, mandoc is not installed\n");
        return;
    }
    char *argv[] = {mandoc, (char[]){"-Tlint"}, (char[]){"cardpost.1"}, (char[]){"cardpost.conf.5"}, NULL};
    g_autofree char *out = NULL, *err = NULL;
    GError *error = NULL;
    ck_assert_msg(
        g_spawn_sync("contrib/man", argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &out, &err, NULL, &error), "%s",
        error ? error->message : "");
    ck_assert_msg(*out == '\0' && *err == '\0', "%s%s", out, err);
}
END_TEST

TCase *manual_case(void);

TCase *
manual_case(void)
{
    TCase *tcase = tcase_create("manual");
    tcase_add_test(tcase, test_every_key_is_in_the_manual);
    tcase_add_test(tcase, test_every_provider_is_in_the_manual);
    tcase_add_test(tcase, test_examples);
    tcase_add_test(tcase, test_mandoc_finds_nothing);
    return tcase;
}
