/* test_source.c - maildir_run against a core played by the test, over the real channel. */
#include "support.h"

#include <cardpost/caps.h>
#include <cardpost/maildir.h>
#include <cardpost/source.h>

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

support_case_fn source_case;

#define DEADLINE_MS 30000
#define QUIET_MS    300 /* long enough to see what must not come; never too short to pass */

static struct fixture {
    char *root, *box;
    struct frame_channel core, source;
    struct maildir_settings settings;
    int stop;
    int exit_code;
    GThread *thread;
} fixture;

static void
make_box(void)
{
    for (const char *const *sub = (const char *const[]){"new", "cur", "tmp", NULL}; *sub; sub++) {
        g_autofree char *path = g_build_filename(fixture.box, *sub, NULL);
        ck_assert_int_eq(g_mkdir_with_parents(path, 0700), 0);
    }
}

static void
setup(void)
{
    int fds[2];
    fixture = (struct fixture){.exit_code = -1};
    fixture.root = support_tmpdir();
    fixture.box = g_build_filename(fixture.root, "box", NULL);
    fixture.settings = (struct maildir_settings){.path = fixture.box, .max_mail_bytes = 200000};
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    frame_channel_init(&fixture.core, fds[0]);
    frame_channel_init(&fixture.source, fds[1]);
}

static gpointer
run_thread(gpointer unused)
{
    fixture.exit_code = maildir_run(&fixture.settings, &fixture.source, &fixture.stop);
    return unused;
}

static void
start(void)
{
    fixture.thread = g_thread_new("maildir", run_thread, NULL);
}

static void
stop_and_join(void)
{
    frame_channel_clear(&fixture.core);
    g_clear_pointer(&fixture.thread, g_thread_join);
}

static void
teardown(void)
{
    stop_and_join();
    ck_assert_int_eq(fixture.exit_code, 0);
    frame_channel_clear(&fixture.source);
    support_rmtree(fixture.root);
    g_free(fixture.root);
    g_free(fixture.box);
}

static void
put(const char *name, const char *text)
{
    g_autofree char *tmp = g_build_filename(fixture.box, "tmp", "writing", NULL);
    g_autofree char *path = g_build_filename(fixture.box, name, NULL);
    ck_assert(g_file_set_contents(tmp, text, -1, NULL));
    ck_assert_int_eq(g_rename(tmp, path), 0);
}

static void
rename_in_box(const char *from, const char *to)
{
    g_autofree char *a = g_build_filename(fixture.box, from, NULL);
    g_autofree char *b = g_build_filename(fixture.box, to, NULL);
    ck_assert_int_eq(g_rename(a, b), 0);
}

static bool
exists(const char *name)
{
    g_autofree char *path = g_build_filename(fixture.box, name, NULL);
    return g_file_test(path, G_FILE_TEST_EXISTS);
}

/* The next frame; states are skipped unless one is wanted. */
static struct frame
expect(enum source_frame type)
{
    struct frame frame;
    do {
        ck_assert_msg(frame_receive(&fixture.core, DEADLINE_MS, &frame) == FRAME_READY, "no frame %d came",
                      type);
    } while (frame.type == SOURCE_STATE && type != SOURCE_STATE);
    ck_assert_uint_eq(frame.type, type);
    return frame;
}

/* Nothing but a word about the state. */
static void
expect_quiet(const char *label)
{
    struct frame frame;
    enum frame_status status;
    do
        status = frame_receive(&fixture.core, QUIET_MS, &frame);
    while (status == FRAME_READY && frame.type == SOURCE_STATE);
    ck_assert_msg(status == FRAME_NONE, "%s: a frame %u came", label, status == FRAME_READY ? frame.type : 0);
}

static void
expect_state(enum source_state wanted)
{
    struct frame frame = expect(SOURCE_STATE);
    enum source_state state;
    g_autofree char *detail = NULL, *mend = NULL;
    ck_assert(source_decode_state(&frame, &state, &detail, &mend));
    ck_assert_msg(state == wanted, "state %d and not %d: %s", state, wanted, detail);
    ck_assert_msg(state != SOURCE_REFUSED || mend, "a refusal says how to mend it");
}

/* Refs of the next LIST, joined by spaces. */
static char *
expect_list(void)
{
    struct frame frame = expect(SOURCE_LIST);
    g_autoptr(GArray) items = source_decode_list(&frame);
    ck_assert_ptr_nonnull(items);
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < items->len; i++)
        g_string_append_printf(text, "%s%s", i ? " " : "", g_array_index(items, struct source_item, i).ref);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static void
order(enum source_frame type, const char *refs)
{
    g_auto(GStrv) list = *refs ? g_strsplit(refs, " ", -1) : g_new0(char *, 1);
    ck_assert(source_send_refs(&fixture.core, type, list, g_strv_length(list)));
}

static void
expect_refs(enum source_frame type, const char *wanted)
{
    struct frame frame = expect(type);
    g_autoptr(GPtrArray) refs = source_decode_refs(&frame);
    ck_assert_ptr_nonnull(refs);
    g_ptr_array_add(refs, NULL);
    g_autofree char *text = g_strjoinv(" ", (char **)refs->pdata);
    ck_assert_str_eq(text, wanted);
}

static void
expect_mail(const char *ref, const char *text)
{
    struct frame frame = expect(SOURCE_MAIL);
    struct source_mail mail;
    ck_assert(source_decode_mail(&frame, &mail));
    ck_assert_str_eq(mail.ref, ref);
    ck_assert_uint_eq(mail.raw_len, strlen(text));
    ck_assert_mem_eq(mail.raw, text, mail.raw_len);
    ck_assert(!mail.is_partial);
    ck_assert(mail.arrived_at > 1500000000);
    g_free(mail.ref);
}

static void
open_and_resume(void)
{
    struct frame frame = expect(SOURCE_OPEN);
    int64_t uidvalidity, next;
    ck_assert(source_decode_open(&frame, &uidvalidity, &next));
    ck_assert_int_eq(uidvalidity, 0);
    ck_assert_int_eq(next, 0);
    ck_assert(source_send_resume(&fixture.core, 1));
}

static void
start_with_box(void)
{
    make_box();
    start();
    open_and_resume();
}

START_TEST(test_full_look_then_arrivals)
{
    make_box();
    put("new/2.b", "Subject: b\r\n\r\n.\r\nb\n");
    put("cur/1.a:2,FS", "Subject: a\n\na\n");
    put("new/.hidden", "x");
    start();
    open_and_resume();
    g_autofree char *list = expect_list();
    ck_assert_str_eq(list, "1.a 2.b");
    order(SOURCE_WANT, "2.b 1.a");
    expect_mail("2.b", "Subject: b\r\n\r\n.\r\nb\n");
    expect_mail("1.a", "Subject: a\n\na\n");
    put("new/3.c", "c\n");
    g_autofree char *second = expect_list();
    ck_assert_str_eq(second, "3.c");
    order(SOURCE_WANT, "");
    expect_quiet("nothing was wanted");
}
END_TEST

START_TEST(test_D07_a_mail_client_moves_and_flags)
{
    start_with_box();
    put("new/1.a", "a\n");
    g_autofree char *list = expect_list();
    ck_assert_str_eq(list, "1.a");
    rename_in_box("new/1.a", "cur/1.a:2,");
    rename_in_box("cur/1.a:2,", "cur/1.a:2,S");
    order(SOURCE_WANT, "1.a");
    expect_mail("1.a", "a\n");
    rename_in_box("cur/1.a:2,S", "cur/1.a:2,RS");
    expect_quiet("told once");
    ck_assert(source_send_resume(&fixture.core, 1));
    g_autofree char *again = expect_list();
    ck_assert_str_eq(again, "1.a");
}
END_TEST

START_TEST(test_D07_a_vanished_mail_is_gone)
{
    start_with_box();
    put("new/1.a", "a\n");
    put("new/2.b", "b\n");
    g_autoptr(GString) listed = g_string_new(NULL);
    while (listed->len < 6) { /* one list or two, as the events came */
        g_autofree char *list = expect_list();
        g_string_append(listed, list);
        if (listed->len < 6)
            order(SOURCE_WANT, "");
    }
    g_autofree char *path = g_build_filename(fixture.box, "new/1.a", NULL);
    ck_assert_int_eq(g_unlink(path), 0);
    order(SOURCE_WANT, "1.a 2.b");
    expect_refs(SOURCE_GONE, "1.a");
    expect_mail("2.b", "b\n");
    order(SOURCE_SETTLE, "1.a");
    expect_refs(SOURCE_SETTLED, "1.a");
    put("new/1.a", "back\n");
    g_autofree char *list = expect_list();
    ck_assert_str_eq(list, "1.a");
}
END_TEST

START_TEST(test_settle_moves_with_flags)
{
    fixture.settings.move_done = true;
    make_box();
    put("new/1.a", "a\n");
    put("cur/2.b:2,FS", "b\n");
    put("new/3.c", "c\n");
    start();
    open_and_resume();
    g_free(expect_list());
    order(SOURCE_WANT, "");
    order(SOURCE_SETTLE, "1.a 2.b 9.unknown");
    expect_refs(SOURCE_SETTLED, "1.a 2.b 9.unknown");
    ck_assert(exists(".Done/cur/1.a:2,"));
    ck_assert(exists(".Done/cur/2.b:2,FS"));
    ck_assert(!exists("new/1.a") && !exists("cur/2.b:2,FS") && exists("new/3.c"));
}
END_TEST

START_TEST(test_settle_replaces_no_other_mail)
{
    fixture.settings.move_done = true;
    make_box();
    put("new/1.a", "second\n");
    start();
    open_and_resume();
    g_free(expect_list());
    g_autofree char *done = g_build_filename(fixture.box, ".Done/cur", NULL);
    g_autofree char *first = g_build_filename(done, "1.a:2,", NULL);
    ck_assert_int_eq(g_mkdir_with_parents(done, 0700), 0);
    ck_assert(g_file_set_contents(first, "first\n", -1, NULL));
    order(SOURCE_WANT, "");
    order(SOURCE_SETTLE, "1.a");
    expect_refs(SOURCE_SETTLED, "1.a");
    g_autofree char *text = support_read(first, NULL);
    ck_assert_str_eq(text, "first\n");
    ck_assert(exists(".Done/cur/1.a.1:2,"));
}
END_TEST

START_TEST(test_settle_to_another_file_system_copies)
{
    g_autofree char *done = g_strdup_printf("/dev/shm/cardpost-test-%d", (int)getpid());
    struct stat here, there;
    if (stat("/dev/shm", &there) != 0 || stat(fixture.root, &here) != 0 || here.st_dev == there.st_dev) {
        g_printerr("skipped: /dev/shm is no other file system\n");
        start_with_box();
        return;
    }
    fixture.settings.move_done = true;
    fixture.settings.done_path = done;
    make_box();
    put("cur/1.a:2,S", "moved across\r\n");
    start();
    open_and_resume();
    g_free(expect_list());
    order(SOURCE_WANT, "");
    order(SOURCE_SETTLE, "1.a");
    expect_refs(SOURCE_SETTLED, "1.a");
    g_autofree char *moved = g_build_filename(done, "cur/1.a:2,S", NULL);
    g_autofree char *text = support_read(moved, NULL);
    bool is_left = exists("cur/1.a:2,S");
    support_rmtree(done);
    ck_assert_str_eq(text, "moved across\r\n");
    ck_assert(!is_left);
}
END_TEST

START_TEST(test_remember_only_touches_nothing)
{
    make_box();
    put("new/1.a", "a\n");
    start();
    open_and_resume();
    g_free(expect_list());
    order(SOURCE_WANT, "");
    order(SOURCE_SETTLE, "1.a");
    expect_refs(SOURCE_SETTLED, "1.a");
    ck_assert(exists("new/1.a") && !exists(".Done"));
    expect_quiet("not told again");
}
END_TEST

START_TEST(test_done_folder_that_cannot_be)
{
    g_autofree char *file = g_build_filename(fixture.root, "file", NULL);
    ck_assert(g_file_set_contents(file, "", 0, NULL));
    g_autofree char *done = g_build_filename(file, "done", NULL);
    fixture.settings.move_done = true;
    fixture.settings.done_path = done;
    make_box();
    put("new/1.a", "a\n");
    start();
    open_and_resume();
    g_free(expect_list());
    order(SOURCE_WANT, "");
    order(SOURCE_SETTLE, "1.a");
    g_autofree char *mend = NULL;
    while (!mend) {
        struct frame frame = expect(SOURCE_STATE);
        g_autofree char *detail = NULL;
        enum source_state state;
        ck_assert(source_decode_state(&frame, &state, &detail, &mend));
        ck_assert_int_eq(state, SOURCE_UP);
    }
    ck_assert(exists("new/1.a"));
    /* the rest goes on, and once the folder can be, the next order moves it */
    put("new/2.b", "b\n");
    g_autofree char *second = expect_list();
    ck_assert_str_eq(second, "2.b");
    ck_assert_int_eq(g_unlink(file), 0);
    order(SOURCE_SETTLE, "1.a");
    expect_refs(SOURCE_SETTLED, "1.a");
    ck_assert(!exists("new/1.a"));
}
END_TEST

START_TEST(test_F02_no_link_is_followed)
{
    make_box();
    g_autofree char *link = g_build_filename(fixture.box, "new/1.link", NULL);
    g_autofree char *dir = g_build_filename(fixture.box, "new/2.dir", NULL);
    g_autofree char *fifo = g_build_filename(fixture.box, "new/3.fifo", NULL);
    ck_assert_int_eq(symlink("/etc/passwd", link), 0);
    ck_assert_int_eq(g_mkdir(dir, 0700), 0);
    ck_assert_int_eq(mkfifo(fifo, 0600), 0);
    put("new/4.mail", "m\n");
    start();
    open_and_resume();
    g_autofree char *list = expect_list();
    ck_assert_str_eq(list, "4.mail");
    order(SOURCE_WANT, "1.link 2.dir 3.fifo 4.mail");
    expect_refs(SOURCE_GONE, "1.link");
    expect_refs(SOURCE_GONE, "2.dir");
    expect_refs(SOURCE_GONE, "3.fifo");
    expect_mail("4.mail", "m\n");
}
END_TEST

START_TEST(test_oversize_is_sent_in_part)
{
    make_box();
    g_autoptr(GString) text = g_string_new("Subject: big\r\nX-Long: ");
    for (int i = 0; i < 100000; i++)
        g_string_append_c(text, 'h');
    g_string_append(text, "\r\n\r\n");
    gsize header = text->len;
    while (text->len < 300000)
        g_string_append(text, "body\r\n");
    put("new/1.long-header", text->str);
    g_autoptr(GString) short_header = g_string_new("Subject: big\n\n");
    while (short_header->len < 300000)
        g_string_append(short_header, "body\n");
    put("new/2.big", short_header->str);
    start();
    open_and_resume();
    g_free(expect_list());
    order(SOURCE_WANT, "1.long-header 2.big");
    const gsize wanted[] = {header, CAP_OVERSIZE_FETCH_BYTES};
    const GString *whole[] = {text, short_header};
    for (gsize i = 0; i < 2; i++) {
        struct frame frame = expect(SOURCE_MAIL);
        struct source_mail mail;
        ck_assert(source_decode_mail(&frame, &mail));
        ck_assert_msg(mail.is_partial, "%zu", i);
        ck_assert_int_eq(mail.size_bytes, (int64_t)whole[i]->len);
        ck_assert_uint_eq(mail.raw_len, wanted[i]);
        ck_assert_mem_eq(mail.raw, whole[i]->str, mail.raw_len);
        g_free(mail.ref);
    }
}
END_TEST

START_TEST(test_a_file_being_written_waits_for_its_end)
{
    start_with_box();
    g_autofree char *path = g_build_filename(fixture.box, "new/by-hand.eml", NULL);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    ck_assert_int_eq(write(fd, "Subject: half\n", 14), 14);
    expect_state(SOURCE_UP);
    expect_quiet("half a mail");
    ck_assert_int_eq(write(fd, "\nwhole\n", 7), 7);
    close(fd);
    g_autofree char *list = expect_list();
    ck_assert_str_eq(list, "by-hand.eml");
    order(SOURCE_WANT, "by-hand.eml");
    expect_mail("by-hand.eml", "Subject: half\n\nwhole\n");
}
END_TEST

START_TEST(test_delivery_by_link)
{
    start_with_box();
    g_autofree char *tmp = g_build_filename(fixture.box, "tmp/x", NULL);
    g_autofree char *new = g_build_filename(fixture.box, "new/x", NULL);
    ck_assert(g_file_set_contents(tmp, "linked\n", -1, NULL));
    ck_assert_int_eq(link(tmp, new), 0);
    ck_assert_int_eq(g_unlink(tmp), 0);
    g_autofree char *list = expect_list();
    ck_assert_str_eq(list, "x");
}
END_TEST

START_TEST(test_many_mails_come_in_lists)
{
    make_box();
    for (int i = 0; i < SOURCE_LIST_MAX + 7; i++) {
        g_autofree char *name = g_strdup_printf("new/%05d.m", i);
        put(name, "m\n");
    }
    start();
    open_and_resume();
    struct frame frame = expect(SOURCE_LIST);
    g_autoptr(GArray) items = source_decode_list(&frame);
    ck_assert_uint_eq(items->len, SOURCE_LIST_MAX);
    expect_quiet("the second list waits for the answer to the first");
    order(SOURCE_WANT, "00499.m");
    expect_mail("00499.m", "m\n");
    g_autofree char *rest = expect_list();
    ck_assert_str_eq(rest, "00500.m 00501.m 00502.m 00503.m 00504.m 00505.m 00506.m");
}
END_TEST

START_TEST(test_odd_names)
{
    make_box();
    put("new/\xff\xfe", "bytes\n");
    put("cur/:2,S", "no name\n");
    start();
    open_and_resume();
    g_autofree char *list = expect_list();
    g_auto(GStrv) refs = g_strsplit(list, " ", -1);
    ck_assert_uint_eq(g_strv_length(refs), 2);
    ck_assert(g_str_has_prefix(refs[0], "sha256-") && g_str_has_prefix(refs[1], "sha256-"));
    order(SOURCE_WANT, list);
    struct frame frame;
    for (int i = 0; i < 2; i++) {
        struct source_mail mail;
        frame = expect(SOURCE_MAIL);
        ck_assert(source_decode_mail(&frame, &mail));
        ck_assert(mail.raw_len > 5);
        g_free(mail.ref);
    }
}
END_TEST

START_TEST(test_missing_folder_is_refused_and_found_later)
{
    start();
    expect_state(SOURCE_REFUSED);
    make_box();
    put("new/1.a", "a\n");
    open_and_resume();
    g_autofree char *list = expect_list();
    ck_assert_str_eq(list, "1.a");
}
END_TEST

START_TEST(test_folder_that_disappears_comes_back)
{
    start_with_box();
    expect_state(SOURCE_UP);
    put("new/1.a", "a\n");
    g_free(expect_list());
    g_autofree char *away = g_build_filename(fixture.root, "away", NULL);
    ck_assert_int_eq(g_rename(fixture.box, away), 0);
    expect_state(SOURCE_DOWN);
    order(SOURCE_WANT, "1.a"); /* too late: belongs to the folder as it was */
    expect_state(SOURCE_REFUSED);
    ck_assert_int_eq(g_rename(away, fixture.box), 0);
    open_and_resume();
    g_autofree char *again = expect_list();
    ck_assert_str_eq(again, "1.a");
    order(SOURCE_WANT, "1.a");
    expect_mail("1.a", "a\n");
}
END_TEST

START_TEST(test_stop_flag_ends_it)
{
    make_box();
    fixture.stop = 1;
    start();
    g_clear_pointer(&fixture.thread, g_thread_join);
    ck_assert_int_eq(fixture.exit_code, 0);
}
END_TEST

/* Core that breaks the protocol ends the process with an error. */
START_TEST(test_bad_frame_ends_it)
{
    start_with_box();
    ck_assert(frame_send(&fixture.core, SOURCE_WANT, NULL));
    g_clear_pointer(&fixture.thread, g_thread_join);
    ck_assert_int_ne(fixture.exit_code, 0);
    fixture.exit_code = 0;
}
END_TEST

TCase *
source_case(void)
{
    TCase *tcase = tcase_create("source");
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_full_look_then_arrivals);
    tcase_add_test(tcase, test_D07_a_mail_client_moves_and_flags);
    tcase_add_test(tcase, test_D07_a_vanished_mail_is_gone);
    tcase_add_test(tcase, test_settle_moves_with_flags);
    tcase_add_test(tcase, test_settle_replaces_no_other_mail);
    tcase_add_test(tcase, test_settle_to_another_file_system_copies);
    tcase_add_test(tcase, test_remember_only_touches_nothing);
    tcase_add_test(tcase, test_done_folder_that_cannot_be);
    tcase_add_test(tcase, test_F02_no_link_is_followed);
    tcase_add_test(tcase, test_oversize_is_sent_in_part);
    tcase_add_test(tcase, test_a_file_being_written_waits_for_its_end);
    tcase_add_test(tcase, test_delivery_by_link);
    tcase_add_test(tcase, test_many_mails_come_in_lists);
    tcase_add_test(tcase, test_odd_names);
    tcase_add_test(tcase, test_missing_folder_is_refused_and_found_later);
    tcase_add_test(tcase, test_folder_that_disappears_comes_back);
    tcase_add_test(tcase, test_stop_flag_ends_it);
    tcase_add_test(tcase, test_bad_frame_ends_it);
    return tcase;
}
