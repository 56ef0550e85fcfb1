/* test_open.c - attack cases B01, B04, D08: a data directory is opened whole or not at all, and never
 * replaced. */
#include "cases.h"

#include <cardpost/caps.h>
#include <cardpost/error.h>
#include <cardpost/store.h>

#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char *dir, *data;

static void
setup(void)
{
    GError *error = NULL;
    dir = support_tmpdir();
    data = g_build_filename(dir, "data", NULL);
    ck_assert_msg(store_create(data, &error), "%s", error ? error->message : "");
}

static void
teardown(void)
{
    support_rmtree(dir);
    g_free(dir);
    g_free(data);
}

static void
expect_refused(enum cardpost_error code, const char *word, const char *label)
{
    GError *error = NULL;
    struct store *store = store_open(data, STORE_WRITE, &error);
    ck_assert_msg(store == NULL, "%s: opened", label);
    ck_assert_msg(g_error_matches(error, CARDPOST_ERROR, (int)code), "%s: %s", label, error->message);
    ck_assert_msg(strstr(error->message, word) != NULL, "%s: %s", label, error->message);
    g_error_free(error);
}

START_TEST(opens_what_it_made)
{
    GError *error = NULL;
    struct store *store = store_open(data, STORE_WRITE, &error);
    ck_assert_msg(store != NULL, "%s", error ? error->message : "");
    struct store *reader = store_open(data, STORE_READ, &error);
    ck_assert_msg(reader != NULL, "%s", error ? error->message : "");
    ck_assert_int_eq(journal_last(reader), 0);
    store_close(reader);
    store_close(store);
}
END_TEST

START_TEST(B04_init_never_replaces)
{
    GError *error = NULL;
    ck_assert(!store_create(data, &error));
    g_error_free(error);
}
END_TEST

START_TEST(B04_missing_file)
{
    static const char *const files[] = {"cardpost.db", "journal.db"};
    g_autofree char *path = g_build_filename(data, files[_i], NULL);
    g_remove(path);
    expect_refused(CARDPOST_ERROR_NOT_FOUND, "does not exist", files[_i]);
    ck_assert(!g_file_test(path, G_FILE_TEST_EXISTS));
}
END_TEST

START_TEST(B04_truncated_and_damaged)
{
    g_autofree char *path = g_build_filename(data, "cardpost.db", NULL);
    struct stat st;
    ck_assert_int_eq(g_stat(path, &st), 0);
    int fd = open(path, O_RDWR);
    if (_i == 0) {
        ck_assert_int_eq(ftruncate(fd, st.st_size / 2), 0);
    } else {
        char junk[3000];
        memset(junk, 0x5a, sizeof junk);
        ck_assert_int_eq(pwrite(fd, junk, sizeof junk, _i == 1 ? 8192 : 0), sizeof junk);
    }
    close(fd);
    expect_refused(CARDPOST_ERROR_CORRUPT, "cardpost.db", "damaged");
}
END_TEST

static void
set_pragma(const char *sql)
{
    g_autofree char *path = g_build_filename(data, "cardpost.db", NULL);
    sqlite3 *db = NULL;
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

START_TEST(B04_newer_or_foreign)
{
    set_pragma(_i == 0 ? "PRAGMA user_version = 99" : "PRAGMA application_id = 7");
    expect_refused(CARDPOST_ERROR_CORRUPT, _i == 0 ? "newer" : "not a cardpost database", "newer");
}
END_TEST

START_TEST(B04_readable_by_others)
{
    g_autofree char *path = g_build_filename(data, "cardpost.db", NULL);
    g_chmod(path, 0644);
    expect_refused(CARDPOST_ERROR_INVALID, "chmod 600", "mode");
}
END_TEST

/* B01 in one process: no byte can be written any more; nothing is half there, and afterwards all goes on. */
START_TEST(B01_no_room)
{
    GError *error = NULL;
    struct store *store = store_open(data, STORE_WRITE, &error);
    ck_assert_ptr_nonnull(store);
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit old, none;
    getrlimit(RLIMIT_FSIZE, &old);
    none = old;
    none.rlim_cur = 4096;
    setrlimit(RLIMIT_FSIZE, &none);
    g_autofree char *raw = g_strnfill(100000, 'x');
    struct input input = {.at = 1,
                          .kind = INPUT_MAIL,
                          .mailbox = (char *)(uintptr_t) "m",
                          .sha256 = (char *)(uintptr_t) "x",
                          .actor_uid = -1};
    journal_begin(store);
    journal_append(store, &input, raw, 100000);
    ck_assert(!journal_commit(store, &error));
    ck_assert_msg(g_error_matches(error, CARDPOST_ERROR, CARDPOST_ERROR_TEMPORARY), "%s", error->message);
    g_clear_error(&error);
    setrlimit(RLIMIT_FSIZE, &old);
    ck_assert_int_eq(journal_last(store), 0);
    journal_begin(store);
    ck_assert_int_eq(journal_append(store, &input, raw, 100000), 1);
    ck_assert_msg(journal_commit(store, &error), "%s", error ? error->message : "");
    store_close(store);
}
END_TEST

START_TEST(raw_mails_small_and_large)
{
    struct store *store = store_open(data, STORE_WRITE, NULL);
    gsize len = _i == 0 ? 1000 : CAP_INLINE_RAW_BYTES + 1;
    g_autofree char *raw = g_strnfill(len, 'y');
    g_autofree char *sha256 = secret_sha256(raw, len);
    struct input input = {
        .at = 1, .kind = INPUT_MAIL, .mailbox = (char *)(uintptr_t) "m", .sha256 = sha256, .actor_uid = -1};
    journal_begin(store);
    int64_t seq = journal_append(store, &input, raw, len);
    ck_assert(journal_commit(store, NULL));
    g_autofree char *blob = g_build_filename(data, "blobs", sha256, NULL);
    ck_assert(g_file_test(blob, G_FILE_TEST_EXISTS) == (_i == 1));
    g_autoptr(GBytes) whole = journal_raw(store, seq), head = journal_raw_head(store, seq, 10);
    ck_assert_uint_eq(g_bytes_get_size(whole), len);
    ck_assert_mem_eq(g_bytes_get_data(whole, NULL), raw, len);
    ck_assert_uint_eq(g_bytes_get_size(head), 10);
    store_close(store);
}
END_TEST

START_TEST(a_backup_can_be_opened)
{
    GError *error = NULL;
    g_autofree char *copy = g_build_filename(dir, "copy", NULL);
    struct store *store = store_open(data, STORE_READ, NULL);
    ck_assert_msg(store_backup(store, copy, &error), "%s", error ? error->message : "");
    ck_assert(!store_backup(store, copy, &error));
    g_clear_error(&error);
    store_close(store);
    store = store_open(copy, STORE_WRITE, &error);
    ck_assert_msg(store != NULL, "%s", error ? error->message : "");
    store_close(store);
}
END_TEST

/* A raw mail that is too large for its row; n tells one from another. The row is committed or not. */
static int64_t
add_large(struct store *store, char n, bool is_committed)
{
    g_autofree char *raw = g_strnfill(2 * CAP_INLINE_RAW_BYTES, n);
    g_autofree char *sha256 = g_compute_checksum_for_string(G_CHECKSUM_SHA256, raw, -1);
    struct input input = {.at = 1, .kind = INPUT_MAIL, .sha256 = sha256, .actor_uid = -1};
    journal_begin(store);
    int64_t seq = journal_append(store, &input, raw, strlen(raw));
    if (is_committed)
        ck_assert(journal_commit(store, NULL));
    return seq;
}

static guint
count_blobs(void)
{
    g_autofree char *path = g_build_filename(data, "blobs", NULL);
    g_autoptr(GDir) blobs = g_dir_open(path, 0, NULL);
    guint n = 0;
    while (g_dir_read_name(blobs))
        n++;
    return n;
}

/* Ended between the file and the row's commit, and in the middle of the file: nothing of it is there after
 * the next opening, what has a row is, and the mail can come again. */
START_TEST(F05_killed_between_file_and_row)
{
    struct store *store = store_open(data, STORE_WRITE, NULL);
    int64_t kept = add_large(store, 'a', true);
    add_large(store, 'b', false);
    store_close(store);
    g_autofree char *half = g_build_filename(data, "blobs", "tmp.AbCdEf", NULL);
    ck_assert(g_file_set_contents(half, "half", 4, NULL));
    ck_assert_uint_eq(count_blobs(), 3);
    store = store_open(data, STORE_READ, NULL);
    ck_assert_uint_eq(count_blobs(), 3); /* a reader changes nothing */
    store_close(store);
    store = store_open(data, STORE_WRITE, NULL);
    ck_assert_ptr_nonnull(store);
    ck_assert_uint_eq(count_blobs(), 1);
    g_autoptr(GBytes) raw = journal_raw(store, kept);
    ck_assert_ptr_nonnull(raw);
    ck_assert_uint_eq(g_bytes_get_size(raw), 2 * CAP_INLINE_RAW_BYTES);
    int64_t again = add_large(store, 'b', true);
    ck_assert_int_eq(again, kept + 1);
    ck_assert_uint_eq(count_blobs(), 2);
    store_close(store);
}
END_TEST

/* The disk ends in the middle of the file: no row, no file, and the mail is for later. */
START_TEST(F05_no_room_for_the_file)
{
    struct store *store = store_open(data, STORE_WRITE, NULL);
    struct rlimit limit, small;
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    signal(SIGXFSZ, SIG_IGN);
    small = (struct rlimit){.rlim_cur = CAP_INLINE_RAW_BYTES, .rlim_max = limit.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
    int64_t seq = add_large(store, 'a', false);
    GError *error = NULL;
    bool is_committed = journal_commit(store, &error);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    ck_assert(seq == 0 && !is_committed);
    ck_assert_msg(g_error_matches(error, CARDPOST_ERROR, CARDPOST_ERROR_TEMPORARY), "%s", error->message);
    g_clear_error(&error);
    ck_assert_uint_eq(count_blobs(), 0);
    ck_assert_int_eq(journal_last(store), 0);
    ck_assert_int_eq(add_large(store, 'a', true), 1);
    store_close(store);
}
END_TEST

TCase *
test_open(void)
{
    TCase *tcase = tcase_create("open");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 30);
    tcase_add_test(tcase, opens_what_it_made);
    tcase_add_test(tcase, B04_init_never_replaces);
    tcase_add_loop_test(tcase, B04_missing_file, 0, 2);
    tcase_add_loop_test(tcase, B04_truncated_and_damaged, 0, 3);
    tcase_add_loop_test(tcase, B04_newer_or_foreign, 0, 2);
    tcase_add_test(tcase, B04_readable_by_others);
    tcase_add_test(tcase, B01_no_room);
    tcase_add_loop_test(tcase, raw_mails_small_and_large, 0, 2);
    tcase_add_test(tcase, a_backup_can_be_opened);
    tcase_add_test(tcase, F05_killed_between_file_and_row);
    tcase_add_test(tcase, F05_no_room_for_the_file);
    return tcase;
}
