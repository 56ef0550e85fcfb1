/* test_corpus.c - public mails: whatever is in them, an identity is one folded ASCII address whose text
 * stands in the From field, or none with a reason; without a border nobody is proven. */
#include "suite.h"
#include "support.h"

#include <cardpost/clean.h>

#include <string.h>

struct tally {
    guint mails, broken;
};

static void
check_mail(const char *path, struct tally *tally)
{
    gsize len;
    g_autofree char *raw = support_read(path, &len);
    struct border border;
    suite_border(&border);
    g_auto(header_block_t) block = {.fields = NULL};
    g_auto(identity_t) identity = {.address = NULL};
    header_block_parse(raw, len, &block);
    identity_read(&block, &border, &identity);
    suite_border_clear(&border);
    tally->mails++;
    tally->broken += identity.is_broken;
    if (g_getenv("CARDPOST_SHOW_BROKEN") && identity.is_broken)
        g_print("%s: %s\n", path, identity.reason);
    ck_assert_msg(identity.verdict == IDENTITY_NONE, "%s: %s", path, identity.reason);
    ck_assert_msg(g_utf8_validate(identity.name, -1, NULL), "%s: name", path);
    ck_assert_msg(identity.is_broken == !identity.address && *identity.reason, "%s: broken", path);
    if (identity.is_broken)
        return;
    g_autofree char *from = header_first(&block, "From");
    g_autofree char *lower = g_ascii_strdown(from, -1);
    g_autofree char *folded = clean_address_fold(identity.address);
    ck_assert_msg(strstr(lower, identity.address) && strcmp(folded, identity.address) == 0, "%s: %s", path,
                  from);
}

static void
walk(const char *path, struct tally *tally)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;
    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *child = g_build_filename(path, name, NULL);
        if (g_file_test(child, G_FILE_TEST_IS_DIR))
            walk(child, tally);
        else if (g_str_has_suffix(name, ".eml"))
            check_mail(child, tally);
    }
}

START_TEST(test_public_mails)
{
    const char *path = g_getenv("CARDPOST_CORPUS") ? g_getenv("CARDPOST_CORPUS") : "../shared/corpus";
    struct tally tally = {0};
    walk(path, &tally);
    if (tally.mails == 0)
        g_print("skipped: no mails below %s (CARDPOST_CORPUS)\n", path);
    else
        ck_assert_msg(tally.broken < tally.mails / 4, "%u of %u mails without identity", tally.broken,
                      tally.mails);
}
END_TEST

TCase *
case_corpus(void)
{
    TCase *tcase = tcase_create("corpus");
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, test_public_mails);
    return tcase;
}
