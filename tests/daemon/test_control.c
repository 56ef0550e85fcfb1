/* test_control.c - asking a running core over its socket. The server runs in a child with its own main loop.
 */
#include "cases.h"

#include "../../src/daemon/control_server.h"
#include "../../src/daemon/wire.h"

#include <cardpost/daemon.h>
#include <cardpost/error.h>

#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static char *dir;
static pid_t server;

/* Joins what was asked; the verb "big" is answered with more than a socket takes at once. */
static uint32_t
echo(void *data, const struct control_request *request, char **text_out)
{
    (void)data;
    if (strcmp(request->verb, "big") == 0) {
        *text_out = g_strnfill(3 * 1024 * 1024, 'x');
        return 0;
    }
    g_autofree char *joined = g_strjoinv(",", (gchar **)(uintptr_t)request->args);
    *text_out =
        g_strdup_printf("%s/%u/%s/%d", request->verb, request->n_args, joined, request->uid == geteuid());
    return 65;
}

static void
serve(int ready)
{
    GMainLoop *loop = g_main_loop_new(NULL, FALSE);
    if (control_server_new(dir, echo, NULL, NULL) && write(ready, "x", 1) == 1)
        g_main_loop_run(loop);
    _exit(1);
}

static void
start_server(void)
{
    int fds[2];
    char byte;
    ck_assert_int_eq(pipe(fds), 0);
    server = fork();
    ck_assert_int_ge(server, 0);
    if (server == 0)
        serve(fds[1]);
    close(fds[1]);
    ck_assert_int_eq(read(fds[0], &byte, 1), 1);
    close(fds[0]);
}

static void
stop_server(void)
{
    kill(server, SIGKILL);
    ck_assert_int_eq(waitpid(server, NULL, 0), server);
    server = 0;
}

static void
setup(void)
{
    dir = support_tmpdir();
    start_server();
}

static void
teardown(void)
{
    if (server > 0)
        stop_server();
    support_rmtree(dir);
    g_free(dir);
}

static void
check_echo(void)
{
    static const char *const args[] = {"看板", "", "b", NULL};
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    uint32_t code = 0;
    ck_assert_msg(daemon_control(dir, "move", args, &code, &text, &error), "%s", error ? error->message : "");
    ck_assert_uint_eq(code, 65);
    ck_assert_str_eq(text, "move/3/看板,,b/1");
}

START_TEST(test_request_and_answer)
{
    check_echo();
    check_echo();
}
END_TEST

START_TEST(test_long_answer_arrives_whole)
{
    static const char *const none[] = {NULL};
    g_autofree char *text = NULL;
    uint32_t code = 1;
    ck_assert(daemon_control(dir, "big", none, &code, &text, NULL));
    ck_assert_uint_eq(code, 0);
    ck_assert_uint_eq(strlen(text), 3 * 1024 * 1024);
}
END_TEST

START_TEST(test_only_the_owner_may_connect)
{
    g_autofree char *path = g_build_filename(dir, "control.sock", NULL);
    struct stat st;
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0600);
}
END_TEST

START_TEST(test_no_daemon_is_not_found)
{
    static const char *const none[] = {NULL};
    g_autoptr(GError) dead = NULL;
    g_autoptr(GError) never = NULL;
    g_autofree char *text = NULL, *other = support_tmpdir();
    uint32_t code;
    stop_server();
    /* The dead server's socket is still there. */
    ck_assert(!daemon_control(dir, "x", none, &code, &text, &dead));
    ck_assert(g_error_matches(dead, CARDPOST_ERROR, CARDPOST_ERROR_NOT_FOUND));
    ck_assert(!daemon_control(other, "x", none, &code, &text, &never));
    ck_assert(g_error_matches(never, CARDPOST_ERROR, CARDPOST_ERROR_NOT_FOUND));
    support_rmtree(other);
    /* And it does not keep the next one from listening. */
    start_server();
    check_echo();
}
END_TEST

static int
connect_raw(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    g_snprintf(address.sun_path, sizeof address.sun_path, "%s/control.sock", dir);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

START_TEST(test_garbage_closes_the_connection_only)
{
    const struct {
        const char *label;
        const char *bytes;
        gsize len;
    } cases[] = {
        {"a length over the cap", "\xff\xff\xff\xff\0\0\0\0", 8},
        {"another frame", "\0\0\0\0\x01\0\0\0", 8},
        {"a request without a verb", "\x04\0\0\0\x7c\x01\0\0\xff\xff\xff\xff", 12},
        {"a count that lies", "\x09\0\0\0\x7c\x01\0\0\x01\0\0\0v\xff\xff\xff\x7f", 17},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        char byte;
        int fd = connect_raw();
        ck_assert_int_eq(send(fd, cases[i].bytes, cases[i].len, MSG_NOSIGNAL), (ssize_t)cases[i].len);
        ck_assert_msg(recv(fd, &byte, 1, 0) <= 0, "%s was answered", cases[i].label);
        close(fd);
        check_echo();
    }
}
END_TEST

START_TEST(test_silent_connections_do_not_block)
{
    int fds[8];
    for (guint i = 0; i < G_N_ELEMENTS(fds); i++)
        fds[i] = connect_raw();
    ck_assert_int_eq(send(fds[0], "\x09\0\0", 3, MSG_NOSIGNAL), 3);
    check_echo();
    for (guint i = 0; i < G_N_ELEMENTS(fds); i++)
        close(fds[i]);
}
END_TEST

START_TEST(test_long_directory_names_work)
{
    g_autofree char *name = g_strnfill(200, 'd');
    char *parent = dir;
    stop_server();
    dir = g_build_filename(parent, name, NULL);
    ck_assert_int_eq(mkdir(dir, 0700), 0);
    start_server();
    check_echo();
    g_free(dir);
    dir = parent;
}
END_TEST

TCase *
control_case(void)
{
    TCase *tcase = tcase_create("control");
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_request_and_answer);
    tcase_add_test(tcase, test_long_answer_arrives_whole);
    tcase_add_test(tcase, test_only_the_owner_may_connect);
    tcase_add_test(tcase, test_no_daemon_is_not_found);
    tcase_add_test(tcase, test_garbage_closes_the_connection_only);
    tcase_add_test(tcase, test_silent_connections_do_not_block);
    tcase_add_test(tcase, test_long_directory_names_work);
    return tcase;
}
