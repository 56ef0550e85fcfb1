/* child.c - fork and exec of one of our own processes. Does not watch or restart it.
 *
 * Executing anew (in place of a bare fork) gives each process an address space of its own with nothing of
 * ours in it: no configuration of others, no secret, and addresses randomised anew. /proc/self/exe is this
 * program even when the file has been replaced by an upgrade meanwhile: all processes of one daemon are of
 * one version. */
#include "child.h"

#include "role.h"
#include "sandbox.h"
#include "wire.h"

#include <cardpost/error.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Descriptors are lifted above this before they are put in their places. */
#define FD_ABOVE 10

bool
child_socketpair(int fds_out[2], GError **error)
{
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds_out) == 0)
        return true;
    g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_TEMPORARY, "socketpair: %s", g_strerror(errno));
    return false;
}

/* What a process needs to know from ours. Sanitizer options only where a sanitizer reads them. */
static char **
clean_environment(void)
{
    static const char *const kept[] = {
        "PATH",
        "JOURNAL_STREAM",
        "CARDPOST_TEMPLATES",
#if SANDBOX_HAS_SANITIZER
        "ASAN_OPTIONS",
        "UBSAN_OPTIONS",
        "LSAN_OPTIONS"
#endif
    };
    char **environment = g_new0(char *, G_N_ELEMENTS(kept) + 1);
    guint n = 0;
    for (guint i = 0; i < G_N_ELEMENTS(kept); i++) {
        const char *value = g_getenv(kept[i]);
        if (value)
            environment[n++] = g_strdup_printf("%s=%s", kept[i], value);
    }
    return environment;
}

/* In the child, where only async-signal-safe functions may be called: the descriptors in their places. */
static bool
place_descriptors(int control_fd, int data_fd)
{
    int control = fcntl(control_fd, F_DUPFD_CLOEXEC, FD_ABOVE);
    int data = data_fd >= 0 ? fcntl(data_fd, F_DUPFD_CLOEXEC, FD_ABOVE) : -1;
    int null = open("/dev/null", O_RDONLY);
    if (control < 0 || (data_fd >= 0 && data < 0) || null < 0)
        return false;
    if (dup2(null, STDIN_FILENO) < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
        return false;
    if (dup2(control, WIRE_CONTROL_FD) < 0 || (data >= 0 && dup2(data, WIRE_DATA_FD) < 0))
        return false;
    return close_range(data >= 0 ? WIRE_DATA_FD + 1 : WIRE_DATA_FD, ~0u, 0) == 0;
}

static G_GNUC_NORETURN void
become(const struct child_start *start, enum process_kind role, pid_t parent, char *const *argv,
       char *const *envp)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    /* Ctrl-C at a terminal reaches the whole group: only the supervisor answers it. */
    signal(SIGINT, role == PROCESS_SECRET ? SIG_DFL : SIG_IGN);
    /* A parse worker ignores SIGTERM, so that a stop of the whole service kills no mail in its hands. */
    prctl(PR_SET_PDEATHSIG, role == PROCESS_PARSE ? SIGKILL : SIGTERM, 0, 0, 0);
    if (getppid() != parent)
        _exit(1);
    /* A password command may be one that changes user (sudo). */
    if (role != PROCESS_SECRET && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        _exit(1);
    if (place_descriptors(start->control_fd, start->data_fd))
        execve("/proc/self/exe", argv, envp);
    _exit(126);
}

pid_t
child_start(const struct child_start *start, GError **error)
{
    const char *rest;
    enum process_kind role = process_kind_of(start->role, &rest);
    g_auto(GStrv) environment = role == PROCESS_SECRET ? g_get_environ() : clean_environment();
    g_autofree char *name = g_strdup(start->role);
    char program[] = "cardpost", worker[] = "worker";
    char *argv[] = {program, worker, name, NULL};
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0)
        become(start, role, parent, argv, environment);
    if (pid < 0)
        g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_TEMPORARY, "fork for %s: %s", start->role,
                    g_strerror(errno));
    return pid;
}

char *
child_status_text(int status)
{
    if (WIFSIGNALED(status))
        return g_strdup_printf("signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
    return g_strdup_printf("exit %d", WEXITSTATUS(status));
}
