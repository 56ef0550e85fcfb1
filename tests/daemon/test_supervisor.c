/* test_supervisor.c - the whole daemon, as `suite run CONFIG`, on a Maildir source and a Maildir target. */
#include "cases.h"

#include <cardpost/daemon.h>
#include <cardpost/store.h>

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

/* Far beyond what anything here takes. */
#define DEADLINE_MS 60000
#define LOOK_MS     20

static char *dir, *config_path, *log_path;
static int notify_fd;
static pid_t daemon_pid;

static void
write_config(const char *outgoing, const char *extra)
{
    g_autofree char *text =
        g_strdup_printf("name = tasks\naddress = \"tasks@team.test\"\ndata = \"%s/data\"\n"
                        "parse_workers = 2\n%s"
                        "mailbox main {\n source = \"maildir:%s/in\"\n trust = from\n}\n"
                        "outgoing {\n %s\n}\nnotify {\n settle = 0\n}\n",
                        dir, extra, dir, outgoing);
    ck_assert(g_file_set_contents(config_path, text, -1, NULL));
}

static void
write_usual_config(const char *extra)
{
    g_autofree char *target = g_strdup_printf("target = \"maildir:%s/out\"", dir);
    write_config(target, extra);
}

static void
open_notify_socket(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    g_autofree char *name = g_strdup_printf("@cardpost-test-%d", (int)getpid());
    memcpy(address.sun_path, name, strlen(name));
    address.sun_path[0] = '\0';
    notify_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(notify_fd, (const struct sockaddr *)&address,
                          (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name))),
                     0);
    g_setenv("NOTIFY_SOCKET", name, TRUE);
}

static void
setup(void)
{
    static const char *const folders[] = {"in", "in/new", "in/cur", "in/tmp"};
    g_autoptr(GError) error = NULL;
    dir = support_tmpdir();
    config_path = g_build_filename(dir, "cardpost.conf", NULL);
    log_path = g_build_filename(dir, "log", NULL);
    g_autofree char *data = g_build_filename(dir, "data", NULL);
    g_autofree char *templates = g_canonicalize_filename("templates", NULL);
    for (guint i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *path = g_build_filename(dir, folders[i], NULL);
        ck_assert_int_eq(g_mkdir(path, 0700), 0);
    }
    ck_assert_msg(store_create(data, &error), "%s", error ? error->message : "");
    g_setenv("CARDPOST_TEMPLATES", templates, TRUE);
    write_usual_config("");
    open_notify_socket();
}

static pid_t
start_daemon(void)
{
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        int log = open(log_path, O_WRONLY | O_CREAT | O_APPEND, 0600);
        dup2(log, STDERR_FILENO);
        execl("/proc/self/exe", "cardpost", "run", config_path, (char *)NULL);
        _exit(127);
    }
    return pid;
}

/* Exit code of a daemon that ends by itself. */
static int
reap(pid_t pid)
{
    int status;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_msg(WIFEXITED(status), "status %d", status);
    return WEXITSTATUS(status);
}

static void
teardown(void)
{
    if (daemon_pid > 0) {
        kill(daemon_pid, SIGTERM);
        waitpid(daemon_pid, NULL, 0);
    }
    close(notify_fd);
    support_rmtree(dir);
    g_free(dir);
    g_free(config_path);
    g_free(log_path);
}

/* Waits for a datagram that begins so. */
static void
await_notify(const char *lines)
{
    struct pollfd p = {.fd = notify_fd, .events = POLLIN};
    char buffer[1024];
    for (;;) {
        ck_assert_msg(poll(&p, 1, DEADLINE_MS) == 1, "no %s", lines);
        ssize_t n = recv(notify_fd, buffer, sizeof buffer - 1, 0);
        ck_assert_int_gt(n, 0);
        buffer[n] = '\0';
        if (g_str_has_prefix(buffer, lines))
            return;
    }
}

static void
start(void)
{
    daemon_pid = start_daemon();
    await_notify("READY=1");
}

static int
stop(void)
{
    pid_t pid = daemon_pid;
    kill(daemon_pid, SIGTERM);
    daemon_pid = 0;
    return reap(pid);
}

/* The daemon's process of this role, 0 if there is none at the moment. */
static pid_t
find(const char *role)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/task/%d/children", (int)daemon_pid, (int)daemon_pid);
    g_autofree char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL))
        return 0;
    g_auto(GStrv) pids = g_strsplit_set(text, " \n", -1);
    g_autofree char *expected = g_strdup_printf("cardpost worker %s", role);
    for (guint i = 0; pids[i]; i++) {
        g_autofree char *cmdline_path = g_strdup_printf("/proc/%s/cmdline", pids[i]);
        g_autofree char *cmdline = NULL;
        gsize len;
        if (!*pids[i] || !g_file_get_contents(cmdline_path, &cmdline, &len, NULL))
            continue;
        for (gsize at = 0; at + 1 < len; at++)
            cmdline[at] = cmdline[at] ? cmdline[at] : ' ';
        if (strcmp(cmdline, expected) == 0)
            return (pid_t)g_ascii_strtoll(pids[i], NULL, 10);
    }
    return 0;
}

/* Waits until the role has a process other than `old`. */
static pid_t
await_process(const char *role, pid_t old)
{
    for (int waited = 0; waited < DEADLINE_MS; waited += LOOK_MS) {
        pid_t pid = find(role);
        if (pid > 0 && pid != old)
            return pid;
        g_usleep(LOOK_MS * 1000);
    }
    ck_abort_msg("no process %s", role);
}

static void
await_log(const char *text)
{
    for (int waited = 0; waited < DEADLINE_MS; waited += LOOK_MS) {
        g_autofree char *log = support_read(log_path, NULL);
        if (strstr(log, text))
            return;
        g_usleep(LOOK_MS * 1000);
    }
    ck_abort_msg("the log has no '%s'", text);
}

static const char *const roles[] = {"core", "maildir:main", "parse:0", "parse:1", "deliver"};

START_TEST(test_all_processes_start_and_stop)
{
    start();
    for (guint i = 0; i < G_N_ELEMENTS(roles); i++)
        await_process(roles[i], 0);
    ck_assert_int_eq(stop(), 0);
    await_notify("STOPPING=1");
    g_autofree char *log = support_read(log_path, NULL);
    ck_assert_ptr_null(strstr(log, " error "));
    ck_assert_ptr_null(strstr(log, "stop.killed"));
}
END_TEST

START_TEST(test_D08_second_daemon_is_refused)
{
    start();
    g_unsetenv("NOTIFY_SOCKET");
    ck_assert_int_eq(reap(start_daemon()), EX_TEMPFAIL);
    await_log("in use by another cardpost");
    ck_assert_int_eq(stop(), 0);
}
END_TEST

START_TEST(test_B04_missing_database_stops_the_start)
{
    g_autofree char *path = g_build_filename(dir, "data", "cardpost.db", NULL);
    ck_assert_int_eq(g_remove(path), 0);
    int code = reap(start_daemon());
    ck_assert_msg(code == EX_NOINPUT || code == EX_SOFTWARE, "exit code %d", code);
    ck_assert(!g_file_test(path, G_FILE_TEST_EXISTS));
    await_log("run.failed");
}
END_TEST

START_TEST(test_wrong_configuration_is_told)
{
    write_usual_config("no_such_key = 1\n");
    ck_assert_int_eq(reap(start_daemon()), EX_CONFIG);
    await_log("config.invalid");
    await_log("cardpost.conf:");
}
END_TEST

START_TEST(test_dead_children_come_back)
{
    start();
    pid_t core = await_process("core", 0);
    for (guint i = 1; i < G_N_ELEMENTS(roles); i++) {
        pid_t old = await_process(roles[i], 0);
        ck_assert_int_eq(kill(old, SIGKILL), 0);
        await_process(roles[i], old);
    }
    ck_assert_int_eq(find("core"), core);
    ck_assert_int_eq(stop(), 0);
}
END_TEST

START_TEST(test_dead_core_means_a_new_start)
{
    pid_t old[G_N_ELEMENTS(roles)];
    start();
    for (guint i = 0; i < G_N_ELEMENTS(roles); i++)
        old[i] = await_process(roles[i], 0);
    ck_assert_int_eq(kill(old[0], SIGKILL), 0);
    await_notify("READY=1");
    for (guint i = 0; i < G_N_ELEMENTS(roles); i++)
        await_process(roles[i], old[i]);
    ck_assert_int_eq(stop(), 0);
}
END_TEST

START_TEST(test_children_end_with_a_killed_supervisor)
{
    pid_t pids[G_N_ELEMENTS(roles)];
    start();
    for (guint i = 0; i < G_N_ELEMENTS(roles); i++)
        pids[i] = await_process(roles[i], 0);
    kill(daemon_pid, SIGKILL);
    waitpid(daemon_pid, NULL, 0);
    daemon_pid = 0;
    /* Orphans are not ours to reap: gone, or a zombie of init. The lock is free when core has gone. */
    g_unsetenv("NOTIFY_SOCKET");
    for (int waited = 0; waited < DEADLINE_MS; waited += LOOK_MS) {
        guint alive = 0;
        for (guint i = 0; i < G_N_ELEMENTS(roles); i++) {
            g_autofree char *path = g_strdup_printf("/proc/%d/cmdline", (int)pids[i]);
            g_autofree char *text = NULL;
            gsize len = 0;
            alive += g_file_get_contents(path, &text, &len, NULL) && len > 0;
        }
        if (alive == 0)
            return;
        g_usleep(LOOK_MS * 1000);
    }
    ck_abort_msg("children outlive their supervisor");
}
END_TEST

START_TEST(test_bad_reload_keeps_the_old_configuration)
{
    start();
    pid_t core = await_process("core", 0);
    write_usual_config("no_such_key = 1\n");
    kill(daemon_pid, SIGHUP);
    await_log("config.rejected");
    ck_assert_int_eq(find("core"), core);
    ck_assert_int_eq(stop(), 0);
}
END_TEST

START_TEST(test_reload_takes_the_new_configuration)
{
    start();
    pid_t core = await_process("core", 0);
    g_autofree char *mailbox = g_strdup_printf(
        "mailbox second {\n source = \"maildir:%s/in\"\n address = \"b@team.test\"\n}\n", dir);
    write_usual_config(mailbox);
    kill(daemon_pid, SIGHUP);
    await_notify("RELOADING=1");
    await_notify("READY=1");
    await_process("core", core);
    await_process("maildir:second", 0);
    ck_assert_int_eq(stop(), 0);
}
END_TEST

START_TEST(test_reload_that_core_cannot_use_is_undone)
{
    start();
    pid_t core = await_process("core", 0);
    g_autofree char *data = g_strdup_printf("data = \"%s/data\"", dir);
    g_autofree char *text = support_read(config_path, NULL);
    g_auto(GStrv) parts = g_strsplit(text, data, 2);
    g_autofree char *wrong = g_strdup_printf("%sdata = \"%s/nowhere\"%s", parts[0], dir, parts[1]);
    ck_assert(g_file_set_contents(config_path, wrong, -1, NULL));
    kill(daemon_pid, SIGHUP);
    await_notify("RELOADING=1");
    await_notify("READY=1");
    await_process("core", core);
    await_log("config.rejected");
    ck_assert_int_eq(stop(), 0);
}
END_TEST

/* Only core's main loop feeds the watchdog. */
START_TEST(test_watchdog_is_fed_by_core)
{
    g_setenv("WATCHDOG_USEC", "200000", TRUE);
    start();
    await_notify("WATCHDOG=1");
    await_notify("WATCHDOG=1");
    pid_t core = await_process("core", 0);
    kill(core, SIGSTOP);
    struct pollfd p = {.fd = notify_fd, .events = POLLIN};
    char buffer[256];
    g_usleep(500 * 1000);
    while (poll(&p, 1, 0) == 1)
        ck_assert_int_gt(recv(notify_fd, buffer, sizeof buffer, 0), 0);
    ck_assert_int_eq(poll(&p, 1, 1000), 0);
    kill(core, SIGCONT);
    await_notify("WATCHDOG=1");
    ck_assert_int_eq(stop(), 0);
}
END_TEST

/* ---- mail through all processes */

/* One member and one board, before the daemon has the lock. */
static void
fill_database(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *data = g_build_filename(dir, "data", NULL);
    struct store *store = store_open(data, STORE_WRITE, &error);
    ck_assert_msg(store != NULL, "%s", error ? error->message : "");
    g_autoptr(person_t) person = person_new();
    g_autoptr(board_t) board = board_new();
    struct column *column = g_new0(struct column, 1);
    person->key = g_strdup("ann");
    person->name = g_strdup("Ann");
    person->role = ROLE_MEMBER;
    person->is_active = person->wants_all_receipts = true;
    g_ptr_array_add(person->addresses, g_strdup("ann@corp.example"));
    column->key = g_strdup("new");
    column->name = g_strdup("New");
    g_ptr_array_add(board->columns, column);
    board->key = g_strdup("orders");
    board->name = g_strdup("Orders");
    board->alias = g_strdup("orders");
    board->is_default = true;
    store_begin(store);
    person_save(store, person);
    board_save(store, board);
    ck_assert_msg(store_commit(store, &error), "%s", error ? error->message : "");
    store_close(store);
}

/* Delivers mail number n as an MTA does: written aside, then moved in. */
static void
put_mail(guint n)
{
    g_autofree char *raw = g_strdup_printf("From: Ann <ann@corp.example>\r\nTo: tasks@team.test\r\n"
                                           "Subject: Parcel %u\r\nMessage-ID: <m%u@corp.example>\r\n"
                                           "Date: Sun, 22 Nov 2026 10:00:00 +0000\r\n\r\nText %u\r\n",
                                           n, n, n);
    g_autofree char *name = g_strdup_printf("1700000000.m%u.host", n);
    g_autofree char *aside = g_build_filename(dir, "in", "tmp", name, NULL);
    g_autofree char *final = g_build_filename(dir, "in", "new", name, NULL);
    ck_assert(g_file_set_contents(aside, raw, -1, NULL));
    ck_assert_int_eq(g_rename(aside, final), 0);
}

static guint
count_files(const char *folder)
{
    g_autofree char *path = g_build_filename(dir, folder, NULL);
    GDir *open_dir = g_dir_open(path, 0, NULL);
    guint n = 0;
    while (open_dir && g_dir_read_name(open_dir))
        n++;
    if (open_dir)
        g_dir_close(open_dir);
    return n;
}

static void
await_files(const char *folder, guint n)
{
    for (int waited = 0; waited < DEADLINE_MS && count_files(folder) < n; waited += LOOK_MS)
        g_usleep(LOOK_MS * 1000);
    ck_assert_uint_eq(count_files(folder), n);
}

/* How many inputs ended as what. */
static int64_t
outcomes(enum outcome outcome)
{
    g_autofree char *data = g_build_filename(dir, "data", NULL);
    struct store *store = store_open(data, STORE_READ, NULL);
    ck_assert_ptr_nonnull(store);
    g_autoptr(GArray) counts = outcome_counts(store);
    int64_t n = g_array_index(counts, int64_t, outcome);
    store_close(store);
    return n;
}

START_TEST(test_mail_becomes_card_and_receipt)
{
    fill_database();
    start();
    put_mail(1);
    await_files("out/new", 1);
    put_mail(2);
    await_files("out/new", 2);
    ck_assert_int_eq(stop(), 0);
    ck_assert_int_eq(outcomes(OUTCOME_APPLIED), 2);
}
END_TEST

/* Whatever dies and whenever: each mail is one card and has one receipt. */
START_TEST(test_D09_deaths_lose_and_double_nothing)
{
    enum { MAILS = 40 };
    fill_database();
    start();
    for (guint n = 1; n <= MAILS; n++) {
        put_mail(n);
        if (n % 8 == 0)
            kill(await_process(roles[(n / 8 - 1) % G_N_ELEMENTS(roles)], 0), SIGKILL);
        g_usleep(30 * 1000);
    }
    await_files("out/new", MAILS);
    ck_assert_int_eq(stop(), 0);
    ck_assert_int_eq(outcomes(OUTCOME_APPLIED), MAILS);
    ck_assert_uint_eq(count_files("out/new"), MAILS);
}
END_TEST

/* Fails the test where a process' environment or command line holds the text. */
static void
check_process(pid_t pid, const char *secret)
{
    static const char *const files[] = {"environ", "cmdline"};
    for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path = g_strdup_printf("/proc/%d/%s", (int)pid, files[i]);
        g_autofree char *text = NULL;
        gsize len = 0;
        if (g_file_get_contents(path, &text, &len, NULL))
            ck_assert_msg(!memmem(text, len, secret, strlen(secret)), "%s", path);
    }
}

START_TEST(test_G02_password_is_nowhere_to_be_seen)
{
    static const char secret[] = "hunter2-very-secret";
    g_autofree char *password = g_build_filename(dir, "password", NULL);
    g_autofree char *asked = g_build_filename(dir, "asked", NULL);
    /* A port that was free a moment ago: the mail is deferred after the password was fetched. */
    g_autofree char *outgoing =
        g_strdup_printf("smtp_host = \"127.0.0.1\"\n smtp_port = 1\n tls = \"none\"\n user = \"u\"\n"
                        " password_command = \"cat %s; touch %s\"",
                        password, asked);
    ck_assert(g_file_set_contents(password, secret, -1, NULL));
    write_config(outgoing, "");
    fill_database();
    start();
    put_mail(1);
    for (int waited = 0; waited < DEADLINE_MS && !g_file_test(asked, G_FILE_TEST_EXISTS); waited += LOOK_MS)
        g_usleep(LOOK_MS * 1000);
    ck_assert_msg(g_file_test(asked, G_FILE_TEST_EXISTS), "the password was not fetched");
    await_log("outbox.result");
    check_process(daemon_pid, secret);
    for (guint i = 0; i < G_N_ELEMENTS(roles); i++)
        check_process(await_process(roles[i], 0), secret);
    ck_assert_int_eq(stop(), 0);
    g_autofree char *log = support_read(log_path, NULL);
    ck_assert_ptr_null(strstr(log, secret));
}
END_TEST

START_TEST(test_requests_reach_core)
{
    static const char *const none[] = {NULL};
    g_autofree char *data = g_build_filename(dir, "data", NULL), *text = NULL, *refusal = NULL;
    uint32_t code;
    start();
    await_log("maildir.up");
    ck_assert(daemon_control(data, "sources", none, &code, &text, NULL));
    ck_assert_uint_eq(code, 0);
    ck_assert_msg(g_str_has_prefix(text, "main\t"), "%s", text);
    ck_assert(daemon_control(data, "frobnicate", none, &code, &refusal, NULL));
    ck_assert_uint_eq(code, 64);
    ck_assert_str_eq(refusal, "no verb frobnicate");
    ck_assert_int_eq(stop(), 0);
}
END_TEST

TCase *
supervisor_case(void)
{
    TCase *tcase = tcase_create("supervisor");
    tcase_set_timeout(tcase, 180);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_all_processes_start_and_stop);
    tcase_add_test(tcase, test_D08_second_daemon_is_refused);
    tcase_add_test(tcase, test_B04_missing_database_stops_the_start);
    tcase_add_test(tcase, test_wrong_configuration_is_told);
    tcase_add_test(tcase, test_dead_children_come_back);
    tcase_add_test(tcase, test_dead_core_means_a_new_start);
    tcase_add_test(tcase, test_children_end_with_a_killed_supervisor);
    tcase_add_test(tcase, test_bad_reload_keeps_the_old_configuration);
    tcase_add_test(tcase, test_reload_takes_the_new_configuration);
    tcase_add_test(tcase, test_reload_that_core_cannot_use_is_undone);
    tcase_add_test(tcase, test_watchdog_is_fed_by_core);
    tcase_add_test(tcase, test_mail_becomes_card_and_receipt);
    tcase_add_test(tcase, test_D09_deaths_lose_and_double_nothing);
    tcase_add_test(tcase, test_G02_password_is_nowhere_to_be_seen);
    tcase_add_test(tcase, test_requests_reach_core);
    return tcase;
}
