/* test_service_manager.c - what is said to a service manager, heard on a socket of the test's. */
#include "cases.h"

#include "../../src/daemon/service_manager.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Bound to `name` ("@…" is abstract). */
static int
listen_at(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    gsize len = strlen(name);
    memcpy(address.sun_path, name, len);
    if (*name == '@')
        address.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(fd, (const struct sockaddr *)&address,
                          (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)),
                     0);
    return fd;
}

static void
expect(int fd, const char *lines)
{
    char buffer[1024];
    ssize_t n = recv(fd, buffer, sizeof buffer - 1, MSG_DONTWAIT);
    ck_assert_msg(n >= 0, "nothing was said, expected %s", lines);
    buffer[n] = '\0';
    ck_assert_str_eq(buffer, lines);
}

static void
check_socket(const char *name)
{
    struct service_manager manager;
    int fd = listen_at(name);
    setenv("NOTIFY_SOCKET", name, 1);
    service_manager_init(&manager);
    service_manager_tell(&manager, "READY=1\nSTATUS=running");
    expect(fd, "READY=1\nSTATUS=running");
    service_manager_status(&manager, "two\nREADY=1\nlines");
    expect(fd, "STATUS=two READY=1 lines");
    service_manager_clear(&manager);
    close(fd);
}

START_TEST(test_path_socket)
{
    g_autofree char *dir = support_tmpdir();
    g_autofree char *path = g_build_filename(dir, "notify", NULL);
    check_socket(path);
    support_rmtree(dir);
}
END_TEST

START_TEST(test_abstract_socket)
{
    g_autofree char *name = g_strdup_printf("@cardpost-test-%d", (int)getpid());
    check_socket(name);
}
END_TEST

START_TEST(test_nobody_listens)
{
    static const char *const names[] = {NULL, "", "@", "/nonexistent/notify"};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        struct service_manager manager;
        if (names[i])
            setenv("NOTIFY_SOCKET", names[i], 1);
        service_manager_init(&manager);
        service_manager_tell(&manager, "READY=1");
        service_manager_clear(&manager);
    }
    g_autofree char *too_long = g_strnfill(500, 'x');
    struct service_manager manager = {.socket = too_long};
    service_manager_tell(&manager, "READY=1");
}
END_TEST

START_TEST(test_variables_are_for_us_alone)
{
    const struct {
        const char *label, *usec, *pid;
        int64_t expected;
    } cases[] = {
        {"for whoever runs", "2000000", NULL, 2000000},
        {"for another process", "2000000", "1", 0},
        {"none", NULL, NULL, 0},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct service_manager manager;
        setenv("NOTIFY_SOCKET", "@x", 1);
        if (cases[i].usec)
            setenv("WATCHDOG_USEC", cases[i].usec, 1);
        if (cases[i].pid)
            setenv("WATCHDOG_PID", cases[i].pid, 1);
        service_manager_init(&manager);
        ck_assert_msg(manager.watchdog_us == cases[i].expected, "%s", cases[i].label);
        ck_assert_ptr_null(getenv("NOTIFY_SOCKET"));
        ck_assert_ptr_null(getenv("WATCHDOG_USEC"));
        ck_assert_ptr_null(getenv("WATCHDOG_PID"));
        service_manager_clear(&manager);
    }
}
END_TEST

TCase *
service_manager_case(void)
{
    TCase *tcase = tcase_create("service_manager");
    tcase_add_test(tcase, test_path_socket);
    tcase_add_test(tcase, test_abstract_socket);
    tcase_add_test(tcase, test_nobody_listens);
    tcase_add_test(tcase, test_variables_are_for_us_alone);
    return tcase;
}
