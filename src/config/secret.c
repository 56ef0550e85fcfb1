/* secret.c - fetching a secret from where the configuration says it is. Keeps none and logs none: an
 * error's text names the place and what went wrong there, never what was read or printed.
 *
 * A command runs in a process group of its own, so that at the deadline everything it started is killed
 * with it; its standard error goes to ours, where pass, gpg and their kin say what they need. */
#include <cardpost/config.h>

#include <cardpost/error.h>
#include <cardpost/secret.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define COMMAND_TIMEOUT_S 30
#define SECRET_BYTES      8192 /* access tokens have been seen up to 4 KB */

extern char **environ;

/* One line without its end; the buffer is wiped by the caller. */
static char *
one_line(const char *bytes, gsize len, const char *place, GError **error)
{
    const char *what = NULL;
    if (len > 0 && bytes[len - 1] == '\n')
        len--;
    if (len > 0 && bytes[len - 1] == '\r')
        len--;
    if (len == 0)
        what = "gave no secret: one line of text would be right";
    else if (len > SECRET_BYTES)
        what = "gave more than 8192 bytes: one line of text would be right";
    else if (memchr(bytes, '\n', len))
        what = "gave several lines: exactly one would be right";
    else if (memchr(bytes, '\0', len) || memchr(bytes, '\r', len))
        what = "gave a control character: one line of text would be right";
    if (!what)
        return g_strndup(bytes, len);
    g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_INVALID, "%s %s", place, what);
    return NULL;
}

/* Up to SECRET_BYTES and a little more, so that too much is seen; -1 on error or at the deadline. */
static gssize
read_until(int fd, char *buffer, gsize size, gint64 deadline)
{
    gsize have = 0;
    while (have < size) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        gint64 left = (deadline - g_get_monotonic_time()) / 1000;
        int ready = left > 0 ? poll(&wait, 1, (int)left) : 0;
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return -1;
        gssize n = read(fd, buffer + have, size - have);
        if (n < 0 && errno != EINTR)
            return -1;
        if (n == 0)
            break;
        have += n > 0 ? (gsize)n : 0;
    }
    return (gssize)have;
}

/* Starts the command with its output in *fd_out; 0 and an error if that cannot be. */
static pid_t
start(const char *command, int *fd_out, GError **error)
{
    int pipes[2];
    pid_t pid = 0;
    int failed = pipe2(pipes, O_CLOEXEC) == 0 ? 0 : errno;
    if (failed == 0) {
        posix_spawn_file_actions_t actions;
        posix_spawnattr_t attributes;
        sigset_t no_signals, all_default;
        sigemptyset(&no_signals);
        sigfillset(&all_default);
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_adddup2(&actions, pipes[1], 1);
        posix_spawnattr_init(&attributes);
        posix_spawnattr_setflags(&attributes,
                                 POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
        posix_spawnattr_setpgroup(&attributes, 0);
        posix_spawnattr_setsigmask(&attributes, &no_signals);
        posix_spawnattr_setsigdefault(&attributes, &all_default);
        g_autofree char *copy = g_strdup(command);
        char name[] = "sh", option[] = "-c";
        char *argv[] = {name, option, copy, NULL};
        failed = posix_spawn(&pid, "/bin/sh", &actions, &attributes, argv, environ);
        posix_spawn_file_actions_destroy(&actions);
        posix_spawnattr_destroy(&attributes);
        close(pipes[1]);
        *fd_out = pipes[0];
        if (failed)
            close(pipes[0]);
    }
    if (failed)
        g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_TEMPORARY, "password_command cannot be started: %s",
                    g_strerror(failed));
    return failed ? 0 : pid;
}

/* Waits for the end of the command until the deadline; false if it has to be killed. */
static bool
wait_for(pid_t pid, gint64 deadline, int *status_out)
{
    for (;;) {
        siginfo_t info = {0};
        int result = waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT);
        if (result < 0 && errno != EINTR)
            return false;
        if (result == 0 && info.si_pid == pid) {
            *status_out = info.si_code == CLD_EXITED ? info.si_status : 256 + info.si_status;
            return true;
        }
        if (g_get_monotonic_time() >= deadline)
            return false;
        g_usleep(5000);
    }
}

static bool
command_failed(GError **error, const char *format, int number)
{
    g_autofree char *what = format ? g_strdup_printf("%s %d", format, number) : NULL;
    g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_TEMPORARY, "password_command %s",
                what ? what : "did not end within 30 seconds and was killed");
    return false;
}

static char *
from_command(const char *command, GError **error)
{
    int fd = -1, status = 0;
    pid_t pid = start(command, &fd, error);
    if (pid == 0)
        return NULL;
    gint64 deadline = g_get_monotonic_time() + COMMAND_TIMEOUT_S * G_USEC_PER_SEC;
    char buffer[SECRET_BYTES + 16];
    gssize len = read_until(fd, buffer, sizeof buffer, deadline);
    close(fd);
    bool has_ended = len >= 0 && wait_for(pid, deadline, &status);
    /* Not reaped yet, so the number of the group is still ours; what it left behind goes with it. */
    kill(-pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    char *secret = NULL;
    if (len == (gssize)sizeof buffer) /* the rest was not read and may have killed it */
        secret = one_line(buffer, (gsize)len, "password_command", error);
    else if (!has_ended)
        command_failed(error, NULL, 0);
    else if (status >= 256)
        command_failed(error, "was ended by signal", status - 256);
    else if (status != 0)
        command_failed(error, "failed with exit code", status);
    else
        secret = one_line(buffer, (gsize)len, "password_command", error);
    explicit_bzero(buffer, sizeof buffer);
    return secret;
}

static bool
file_problem(GError **error, const char *path, const char *what)
{
    g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_INVALID, "secret file %s: %s", path, what);
    return false;
}

/* Whether only its owner, who is we or root, can read it. */
static bool
check_mode(int fd, const char *path, GError **error)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return file_problem(error, path, g_strerror(errno));
    if (!S_ISREG(st.st_mode))
        return file_problem(error, path, "is not a plain file");
    if (st.st_uid != geteuid() && st.st_uid != 0)
        return file_problem(error, path, "belongs to somebody else; make it your own (chown)");
    if (st.st_mode & 077)
        return file_problem(error, path, "can be read or changed by others; run chmod 600 on it");
    return true;
}

static char *
from_file(const char *path, bool is_checked, GError **error)
{
    /* not blocked for ever by a FIFO */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        file_problem(error, path, g_strerror(errno));
        return NULL;
    }
    char *secret = NULL;
    char buffer[SECRET_BYTES + 16];
    if (!is_checked || check_mode(fd, path, error)) {
        gssize len = read_until(fd, buffer, sizeof buffer, g_get_monotonic_time() + 5 * G_USEC_PER_SEC);
        const char *end = len > 0 ? memchr(buffer, '\n', (gsize)len) : NULL;
        g_autofree char *place = g_strdup_printf("secret file %s", path);
        if (len < 0)
            file_problem(error, path, "cannot be read");
        else
            secret = one_line(buffer, end ? (gsize)(end - buffer) : (gsize)len, place, error);
    }
    explicit_bzero(buffer, sizeof buffer);
    close(fd);
    return secret;
}

/* systemd has made the directory readable by the service alone. */
static char *
from_credential(const char *name, GError **error)
{
    const char *directory = g_getenv("CREDENTIALS_DIRECTORY");
    if (!directory || strchr(name, '/') || g_str_equal(name, "..") || g_str_equal(name, ".")) {
        g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_INVALID,
                    directory
                        ? "credential %s: is not the name of a credential, which has no \"/\""
                        : "credential %s: no $CREDENTIALS_DIRECTORY; put LoadCredential= into the service",
                    name);
        return NULL;
    }
    g_autofree char *path = g_build_filename(directory, name, NULL);
    return from_file(path, false, error);
}

char *
config_secret_get(const struct config_secret *secret, GError **error)
{
    if (secret->command)
        return from_command(secret->command, error);
    if (secret->file)
        return from_file(secret->file, true, error);
    if (secret->credential)
        return from_credential(secret->credential, error);
    g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_INVALID,
                "no secret is configured; give password_command, password_file or credential");
    return NULL;
}
