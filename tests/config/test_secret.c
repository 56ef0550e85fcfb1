/* test_secret.c - secrets from commands, files and credentials; what is wrong is said, never what was read.
 */
#include "support.h"

#include <cardpost/config.h>
#include <cardpost/error.h>
#include <cardpost/secret.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *
get_by_command(const char *command, GError **error)
{
    g_autofree char *copy = g_strdup(command);
    struct config_secret secret = {.command = copy};
    return config_secret_get(&secret, error);
}

static void
expect(const char *label, char *secret, GError *error, const char *wanted)
{
    ck_assert_msg(secret, "%s: %s", label, error ? error->message : "");
    ck_assert_msg(strcmp(secret, wanted) == 0, "%s: got %s", label, secret);
    secret_free(secret);
}

static void
expect_error(const char *label, char *secret, GError *error, enum cardpost_error code, const char *says)
{
    ck_assert_msg(!secret, "%s: got %s", label, secret);
    ck_assert_msg(g_error_matches(error, CARDPOST_ERROR, (int)code), "%s: %s", label, error->message);
    ck_assert_msg(strstr(error->message, says), "%s: %s", label, error->message);
    ck_assert_msg(!strstr(error->message, "hunter2"), "%s: the secret is in: %s", label, error->message);
    g_error_free(error);
}

START_TEST(test_command)
{
    g_setenv("CARDPOST_TEST_ENV", "from the environment", TRUE);
    static const struct {
        const char *command, *secret;
    } cases[] = {
        {"echo hunter2", "hunter2"},
        {"printf hunter2", "hunter2"},
        {"printf 'hunter2\\r\\n'", "hunter2"},
        {"printf ' a b \\n'", " a b "},
        {"echo \"$CARDPOST_TEST_ENV\"", "from the environment"},
        {"cat; echo no input", "no input"},
        {"echo noise >&2; echo hunter2", "hunter2"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        GError *error = NULL;
        char *secret = get_by_command(cases[i].command, &error);
        expect(cases[i].command, secret, error, cases[i].secret);
    }
}
END_TEST

START_TEST(test_I11_command_fails_or_prints_two_lines)
{
    static const struct {
        const char *label, *command;
        enum cardpost_error code;
        const char *says;
    } cases[] = {
        {"fails", "exit 3", CARDPOST_ERROR_TEMPORARY, "failed with exit code 3"},
        {"prints and fails", "echo hunter2; exit 1", CARDPOST_ERROR_TEMPORARY, "exit code 1"},
        {"not there", "/nonexistent/command", CARDPOST_ERROR_TEMPORARY, "exit code 127"},
        {"killed", "kill -9 $$", CARDPOST_ERROR_TEMPORARY, "signal 9"},
        {"two lines", "echo hunter2; echo hunter2", CARDPOST_ERROR_INVALID, "several lines"},
        {"empty line after", "printf 'hunter2\\n\\n'", CARDPOST_ERROR_INVALID, "several lines"},
        {"nothing", "true", CARDPOST_ERROR_INVALID, "gave no secret"},
        {"empty line", "echo", CARDPOST_ERROR_INVALID, "gave no secret"},
        {"NUL", "printf 'hunter2\\0x'", CARDPOST_ERROR_INVALID, "control character"},
        {"too much", "yes hunter2 | tr -d '\\n' | head -c 9000", CARDPOST_ERROR_INVALID, "8192 bytes"},
        {"without end", "yes | tr -d '\\n'", CARDPOST_ERROR_INVALID, "8192 bytes"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        GError *error = NULL;
        char *secret = get_by_command(cases[i].command, &error);
        expect_error(cases[i].label, secret, error, cases[i].code, cases[i].says);
    }
}
END_TEST

/* Killed after 30 s together with what it started; nothing of it is left. */
START_TEST(test_I11_command_hangs)
{
    g_autofree char *directory = support_tmpdir();
    g_autofree char *pid_file = g_build_filename(directory, "pid", NULL);
    g_autofree char *command = g_strdup_printf("sleep 1000 & echo $! > %s; echo hunter2; wait", pid_file);
    GError *error = NULL;
    gint64 start = g_get_monotonic_time();
    char *secret = get_by_command(command, &error);
    gint64 took = g_get_monotonic_time() - start;
    expect_error("hangs", secret, error, CARDPOST_ERROR_TEMPORARY, "did not end within 30 seconds");
    ck_assert_msg(took >= 29 * G_USEC_PER_SEC, "given up too early");
    g_autofree char *pid = support_read(pid_file, NULL);
    pid_t child = (pid_t)g_ascii_strtoll(pid, NULL, 10);
    bool is_gone = false;
    for (guint i = 0; i < 500 && !is_gone; i++) {
        g_autofree char *stat_file = g_strdup_printf("/proc/%d/stat", (int)child);
        g_autofree char *stat = NULL;
        /* without an init that reaps it, a killed orphan stays as a zombie */
        is_gone = !g_file_get_contents(stat_file, &stat, NULL, NULL) || strstr(stat, ") Z ");
        if (!is_gone)
            g_usleep(10000);
    }
    ck_assert_msg(is_gone, "sleep %d goes on", (int)child);
    support_rmtree(directory);
}
END_TEST

/* A command may leave something in the background that does not hold its output. */
START_TEST(test_command_leaves_nothing_behind)
{
    GError *error = NULL;
    char *secret = get_by_command("sleep 1000 >/dev/null 2>&1 & echo $!", &error);
    ck_assert_msg(secret, "%s", error ? error->message : "");
    pid_t child = (pid_t)g_ascii_strtoll(secret, NULL, 10);
    secret_free(secret);
    bool is_gone = false;
    for (guint i = 0; i < 500 && !is_gone; i++) {
        g_autofree char *stat_file = g_strdup_printf("/proc/%d/stat", (int)child);
        g_autofree char *stat = NULL;
        is_gone = !g_file_get_contents(stat_file, &stat, NULL, NULL) || strstr(stat, ") Z ");
        if (!is_gone)
            g_usleep(10000);
    }
    ck_assert(is_gone);
}
END_TEST

static void
write_file(const char *path, const char *text, mode_t mode)
{
    ck_assert(g_file_set_contents(path, text, -1, NULL));
    ck_assert_int_eq(chmod(path, mode), 0);
}

START_TEST(test_file)
{
    g_autofree char *directory = support_tmpdir();
    g_autofree char *path = g_build_filename(directory, "password", NULL);
    struct config_secret secret = {.file = path};
    static const struct {
        const char *label, *text, *secret;
    } cases[] = {{"line", "hunter2\n", "hunter2"},
                 {"no line end", "hunter2", "hunter2"},
                 {"first of several", "hunter2\nsecond\n", "hunter2"},
                 {"Windows", "hunter2\r\nnext", "hunter2"}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        GError *error = NULL;
        write_file(path, cases[i].text, 0600);
        char *text = config_secret_get(&secret, &error);
        expect(cases[i].label, text, error, cases[i].secret);
    }
    GError *error = NULL;
    write_file(path, "\nsecond\n", 0400);
    char *text = config_secret_get(&secret, &error);
    expect_error("empty first line", text, error, CARDPOST_ERROR_INVALID, "gave no secret");
    support_rmtree(directory);
}
END_TEST

START_TEST(test_G03_secret_readable_by_others)
{
    g_autofree char *directory = support_tmpdir();
    g_autofree char *path = g_build_filename(directory, "password", NULL);
    struct config_secret secret = {.file = path};
    static const mode_t modes[] = {0644, 0640, 0604, 0660, 0620, 0602, 0610};
    for (guint i = 0; i < G_N_ELEMENTS(modes); i++) {
        GError *error = NULL;
        g_autofree char *label = g_strdup_printf("mode %o", (guint)modes[i]);
        write_file(path, "hunter2\n", modes[i]);
        char *text = config_secret_get(&secret, &error);
        expect_error(label, text, error, CARDPOST_ERROR_INVALID, "chmod 600");
    }
    GError *error = NULL;
    unlink(path);
    char *text = config_secret_get(&secret, &error);
    expect_error("missing", text, error, CARDPOST_ERROR_INVALID, path);
    error = NULL;
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    text = config_secret_get(&secret, &error);
    expect_error("FIFO", text, error, CARDPOST_ERROR_INVALID, "not a plain file");
    support_rmtree(directory);
}
END_TEST

START_TEST(test_credential)
{
    g_autofree char *directory = support_tmpdir();
    g_autofree char *path = g_build_filename(directory, "imap", NULL);
    char name[] = "imap", outside[] = "../imap", up[] = "..";
    struct config_secret secret = {.credential = name};
    GError *error = NULL;
    g_unsetenv("CREDENTIALS_DIRECTORY");
    char *text = config_secret_get(&secret, &error);
    expect_error("no directory", text, error, CARDPOST_ERROR_INVALID, "LoadCredential");
    g_setenv("CREDENTIALS_DIRECTORY", directory, TRUE);
    write_file(path, "hunter2\n", 0440); /* as systemd may make it */
    error = NULL;
    text = config_secret_get(&secret, &error);
    expect("credential", text, error, "hunter2");
    char *const bad[] = {outside, up};
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        secret.credential = bad[i];
        error = NULL;
        text = config_secret_get(&secret, &error);
        expect_error(bad[i], text, error, CARDPOST_ERROR_INVALID, "not the name of a credential");
    }
    struct config_secret none = {0};
    error = NULL;
    text = config_secret_get(&none, &error);
    expect_error("none", text, error, CARDPOST_ERROR_INVALID, "no secret is configured");
    support_rmtree(directory);
}
END_TEST

TCase *secret_case(void);

TCase *
secret_case(void)
{
    TCase *tcase = tcase_create("secret");
    tcase_set_timeout(tcase, 180);
    tcase_add_test(tcase, test_command);
    tcase_add_test(tcase, test_I11_command_fails_or_prints_two_lines);
    tcase_add_test(tcase, test_I11_command_hangs);
    tcase_add_test(tcase, test_command_leaves_nothing_behind);
    tcase_add_test(tcase, test_file);
    tcase_add_test(tcase, test_G03_secret_readable_by_others);
    tcase_add_test(tcase, test_credential);
    return tcase;
}
