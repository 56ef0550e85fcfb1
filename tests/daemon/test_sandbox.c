/* test_sandbox.c - what the closed processes can no longer do, tried in a child that closes itself. */
#include "cases.h"

#include "../../src/daemon/sandbox.h"
#include "../../src/daemon/wire.h"

#include <cardpost/caps.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Exit codes of the child. */
enum { DID_IT = 10, WAS_REFUSED = 11, NOT_CLOSED = 12 };

static int
outcome(bool did_it)
{
    return did_it ? DID_IT : WAS_REFUSED;
}

static int
open_file(void)
{
    return outcome(open("/etc/passwd", O_RDONLY) >= 0);
}

static int
make_file(void)
{
    return outcome(open("/tmp/cardpost-test-escape", O_WRONLY | O_CREAT, 0600) >= 0);
}

static int
look_at_file(void)
{
    return outcome(access("/etc/passwd", F_OK) == 0);
}

static int
open_socket(void)
{
    return outcome(socket(AF_INET, SOCK_STREAM, 0) >= 0);
}

static int
run_program(void)
{
    execl("/bin/true", "true", (char *)NULL);
    return WAS_REFUSED;
}

static int
make_process(void)
{
    return outcome(fork() >= 0);
}

static int
write_elsewhere(void)
{
    return outcome(write(9, "x", 1) == 1);
}

static int
signal_parent(void)
{
    return outcome(kill(getppid(), 0) == 0);
}

static int
trace_parent(void)
{
    return outcome(ptrace(PTRACE_SEIZE, getppid(), 0, 0) == 0);
}

static int
make_code(void)
{
    return outcome(mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
                   MAP_FAILED);
}

static int
take_much_memory(void)
{
    return outcome(mmap(NULL, CAP_PARSE_MEMORY_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                        0) != MAP_FAILED);
}

static int
take_some_memory(void)
{
    void *memory = malloc(20 * 1024 * 1024);
    bool taken = memory != NULL;
    free(memory);
    return outcome(taken);
}

static int
write_standard_error(void)
{
    return outcome(write(STDERR_FILENO, "", 0) == 0);
}

/* Wait status of a child that closes itself and then does `attempt`. Descriptor 9 is a pipe it could write.
 */
static int
try_closed(bool (*close_sandbox)(GError **), int (*attempt)(void))
{
    int fds[2], status;
    ck_assert_int_eq(pipe(fds), 0);
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        dup2(fds[1], 9);
        _exit(close_sandbox(NULL) ? attempt() : NOT_CLOSED);
    }
    close(fds[0]);
    close(fds[1]);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return status;
}

/* Expected: an exit code, or minus a signal. */
static const struct attempt {
    const char *label;
    int (*attempt)(void);
    int expected;
} parse_attempts[] =
    {
        {"open a file", open_file, WAS_REFUSED},
        {"make a file", make_file, WAS_REFUSED},
        {"look whether a file is there", look_at_file, WAS_REFUSED},
        {"open a socket", open_socket, -SIGSYS},
        {"run a program", run_program, -SIGSYS},
        {"make a process", make_process, -SIGSYS},
        {"write to another descriptor", write_elsewhere, -SIGSYS},
        {"signal another process", signal_parent, -SIGSYS},
        {"trace another process", trace_parent, -SIGSYS},
        {"make memory that can be executed", make_code, -SIGSYS},
        {"take more memory than allowed", take_much_memory, WAS_REFUSED},
        {"take memory", take_some_memory, DID_IT},
        {"write to standard error", write_standard_error, DID_IT},
},
  peer_attempts[] = {
      {"run a program", run_program, WAS_REFUSED},
      {"signal another process", signal_parent, WAS_REFUSED},
      {"trace another process", trace_parent, WAS_REFUSED},
      {"open a socket", open_socket, DID_IT},
      {"open a file", open_file, DID_IT},
};

static void
check_attempt(bool (*close_sandbox)(GError **), const struct attempt *row)
{
    int status = try_closed(close_sandbox, row->attempt);
    int got = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
    ck_assert_msg(got == row->expected, "%s: %d, expected %d", row->label, got, row->expected);
}

START_TEST(test_parse_sandbox)
{
    check_attempt(sandbox_parse, &parse_attempts[_i]);
}
END_TEST

START_TEST(test_peer_sandbox)
{
    check_attempt(sandbox_peer, &peer_attempts[_i]);
}
END_TEST

TCase *
sandbox_case(void)
{
    TCase *tcase = tcase_create("sandbox");
    if (SANDBOX_HAS_SANITIZER) {
        g_printerr("sandbox: not tested, a sanitizer build has no system call filter\n");
        return tcase;
    }
    tcase_add_loop_test(tcase, test_parse_sandbox, 0, G_N_ELEMENTS(parse_attempts));
    tcase_add_loop_test(tcase, test_peer_sandbox, 0, G_N_ELEMENTS(peer_attempts));
    return tcase;
}
