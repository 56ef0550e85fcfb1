/* test_pool.c - core's side of the parse workers, with real workers and with peers that die, lie and hang. */
#include "cases.h"

#include "../../src/daemon/child.h"
#include "../../src/daemon/pool.h"
#include "../../src/daemon/wire.h"

#include <cardpost/caps.h>

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char plain[] = "From: ann@corp.example\r\nSubject: hello\r\n\r\ntext\r\n";

static struct parse_pool *pool;
static GMainLoop *loop;
static GBytes *raw;
static char *killed; /* name of the last worker that was asked to be killed */
static guint expected, done, died, unreadable;

static void
note_kill(void *data, const char *name)
{
    (void)data;
    g_free(killed);
    killed = g_strdup(name);
}

static void
setup(void)
{
    pool = parse_pool_new(note_kill, NULL);
    loop = g_main_loop_new(NULL, FALSE);
    raw = g_bytes_new_static(plain, sizeof plain - 1);
}

static void
teardown(void)
{
    parse_pool_free(pool);
    g_main_loop_unref(loop);
    g_bytes_unref(raw);
    g_free(killed);
}

static void
count(void *data, int64_t id, struct parse_result *result)
{
    (void)data, (void)id;
    done += result->outcome == PARSE_DONE;
    died += result->outcome == PARSE_DIED;
    unreadable += result->outcome == PARSE_UNREADABLE;
    if (result->outcome == PARSE_DONE)
        ck_assert_str_eq(result->mail->subject, "hello");
    if (done + died + unreadable == expected)
        g_main_loop_quit(loop);
}

/* A real worker; *pid_out for the test to kill and reap. */
static void
add_worker(const char *name, pid_t *pid_out)
{
    int control[2], data[2];
    ck_assert(child_socketpair(control, NULL) && child_socketpair(data, NULL));
    char role[16];
    g_strlcpy(role, name, sizeof role);
    struct frame_channel channel;
    frame_channel_init(&channel, control[0]);
    ck_assert(wire_send_hello(&channel, &(struct wire_hello){.role = role, .log_level = LOG_LEVEL_INFO}));
    *pid_out =
        child_start(&(struct child_start){.role = role, .control_fd = control[1], .data_fd = data[1]}, NULL);
    ck_assert_int_gt(*pid_out, 0);
    close(control[1]);
    close(data[1]);
    frame_channel_clear(&channel);
    parse_pool_add(pool, name, data[0]);
}

/* A worker whose other end the test holds. */
static void
add_peer(const char *name, struct frame_channel *peer_out)
{
    int data[2];
    ck_assert(child_socketpair(data, NULL));
    frame_channel_init(peer_out, data[1]);
    parse_pool_add(pool, name, data[0]);
}

static void
submit(guint n)
{
    expected = n;
    for (guint i = 0; i < n; i++)
        parse_pool_read(pool, i + 1, raw, count, NULL);
}

/* Wait status; a worker that does not end by itself fails the test by its time limit. */
static int
reap(pid_t pid)
{
    int status;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return status;
}

START_TEST(test_many_mails_and_recycling)
{
    pid_t pids[4];
    submit(CAP_PARSE_MAILS * 3);
    for (guint i = 0; i < 4; i++) {
        g_autofree char *name = g_strdup_printf("parse:%u", i);
        add_worker(name, &pids[i]);
    }
    g_main_loop_run(loop);
    ck_assert_uint_eq(done, CAP_PARSE_MAILS * 3);
    ck_assert_uint_eq(parse_pool_pending(pool), 0);
    parse_pool_free(g_steal_pointer(&pool));
    for (guint i = 0; i < 4; i++) {
        int status = reap(pids[i]);
        ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "worker %u: %d", i, status);
    }
}
END_TEST

START_TEST(test_workers_leave_after_their_share_without_a_death)
{
    pid_t first, second;
    add_worker("parse:0", &first);
    submit(CAP_PARSE_MAILS + 5);
    while (done < CAP_PARSE_MAILS)
        g_main_context_iteration(NULL, TRUE);
    ck_assert_int_eq(WEXITSTATUS(reap(first)), 0);
    add_worker("parse:0", &second);
    g_main_loop_run(loop);
    ck_assert_uint_eq(died, 0);
    parse_pool_free(g_steal_pointer(&pool));
    reap(second);
}
END_TEST

START_TEST(test_D11_death_is_the_job_in_hands_and_others_go_on)
{
    struct frame_channel victim;
    struct frame frame;
    pid_t pid;
    add_peer("parse:0", &victim);
    submit(20);
    /* The first worker has one mail and dies with it. */
    while (frame_receive(&victim, 0, &frame) == FRAME_NONE)
        g_main_context_iteration(NULL, FALSE);
    ck_assert_uint_eq(frame.type, WIRE_PARSE);
    frame_channel_clear(&victim);
    add_worker("parse:1", &pid);
    g_main_loop_run(loop);
    ck_assert_uint_eq(died, 1);
    ck_assert_uint_eq(done, 19);
    parse_pool_free(g_steal_pointer(&pool));
    reap(pid);
}
END_TEST

START_TEST(test_worker_that_died_idle_costs_no_mail)
{
    struct frame_channel dead;
    pid_t pid;
    add_peer("parse:0", &dead);
    frame_channel_clear(&dead);
    add_worker("parse:1", &pid);
    submit(5);
    g_main_loop_run(loop);
    ck_assert_uint_eq(died, 0);
    ck_assert_uint_eq(done, 5);
    parse_pool_free(g_steal_pointer(&pool));
    reap(pid);
}
END_TEST

START_TEST(test_garbage_is_a_death)
{
    static const enum wire_frame types[] = {WIRE_PARSED, WIRE_EXTRACTED, WIRE_UNREADABLE, WIRE_READY};
    struct frame_channel liar;
    struct frame frame;
    add_peer("parse:0", &liar);
    submit(1);
    while (frame_receive(&liar, 0, &frame) == FRAME_NONE)
        g_main_context_iteration(NULL, FALSE);
    g_autoptr(GByteArray) body = g_byte_array_new();
    frame_put_i64(body, 1);
    frame_put_bytes(body, "\xff\xff\xff", 3);
    ck_assert(frame_send(&liar, types[_i], body));
    g_main_loop_run(loop);
    ck_assert_uint_eq(died, 1);
    frame_channel_clear(&liar);
}
END_TEST

START_TEST(test_P01_hanging_worker_is_killed_by_name)
{
    struct frame_channel deaf;
    add_peer("parse:7", &deaf);
    submit(1);
    g_main_loop_run(loop);
    ck_assert_uint_eq(died, 1);
    ck_assert_str_eq(killed, "parse:7");
    frame_channel_clear(&deaf);
}
END_TEST

START_TEST(test_worker_ignores_a_terminate_of_the_whole_service)
{
    pid_t pid;
    add_worker("parse:0", &pid);
    submit(1);
    g_main_loop_run(loop);
    kill(pid, SIGTERM);
    submit(2);
    g_main_loop_run(loop);
    ck_assert_uint_eq(died, 0);
    parse_pool_free(g_steal_pointer(&pool));
    ck_assert_int_eq(WEXITSTATUS(reap(pid)), 0);
}
END_TEST

TCase *
pool_case(void)
{
    TCase *tcase = tcase_create("pool");
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_many_mails_and_recycling);
    tcase_add_test(tcase, test_workers_leave_after_their_share_without_a_death);
    tcase_add_test(tcase, test_D11_death_is_the_job_in_hands_and_others_go_on);
    tcase_add_test(tcase, test_worker_that_died_idle_costs_no_mail);
    tcase_add_loop_test(tcase, test_garbage_is_a_death, 0, 4);
    tcase_add_test(tcase, test_P01_hanging_worker_is_killed_by_name);
    tcase_add_test(tcase, test_worker_ignores_a_terminate_of_the_whole_service);
    return tcase;
}
