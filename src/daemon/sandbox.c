/* sandbox.c - resource limits and system call filters. The only user of libseccomp.
 *
 * The parse worker reads what strangers send with libraries that are known to loop, to overrun their stack
 * and to eat memory. It keeps what it needs for that: memory, its data channel, the descriptor of the mail,
 * standard error. An allow-list is short enough to read and fails closed; it was made from strace of the
 * worker over the public corpora, on x86-64 and by name, so that libseccomp finds the number on others. */
#include "sandbox.h"

#include "wire.h"

#include <cardpost/caps.h>
#include <cardpost/error.h>

#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define PARSE_DESCRIPTORS 64
#define PEER_DESCRIPTORS  256

static bool
fail(GError **error, const char *what, int code)
{
    g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_PERMANENT, "sandbox: %s: %s", what, g_strerror(code));
    return false;
}

static bool
limit(__rlimit_resource_t resource, rlim_t value, const char *name, GError **error)
{
    struct rlimit now, wanted = {value, value};
    if (getrlimit(resource, &now) == 0 && now.rlim_max < value)
        wanted = (struct rlimit){now.rlim_max, now.rlim_max};
    return setrlimit(resource, &wanted) == 0 || fail(error, name, errno);
}

#if !SANDBOX_HAS_SANITIZER
typedef struct scmp_filter {
    scmp_filter_ctx context;
} scmp_filter_t;

static void
scmp_filter_clear(scmp_filter_t *filter)
{
    if (filter->context)
        seccomp_release(filter->context);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(scmp_filter_t, scmp_filter_clear)

/* Calls that act on memory, time, the process itself or descriptors it already has. */
static const int allowed[] = {
    SCMP_SYS(read),
    SCMP_SYS(pread64),
    SCMP_SYS(readv),
    SCMP_SYS(close),
    SCMP_SYS(fstat),
    SCMP_SYS(lseek),
    SCMP_SYS(fcntl),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(munmap),
    SCMP_SYS(brk),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(futex),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(getrandom),
    SCMP_SYS(setitimer),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(sched_yield),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(uname),
};

/* Looking for a file finds that it may not. */
static const int refused[] = {
    SCMP_SYS(open),       SCMP_SYS(openat),     SCMP_SYS(openat2), SCMP_SYS(stat),      SCMP_SYS(lstat),
    SCMP_SYS(newfstatat), SCMP_SYS(statx),      SCMP_SYS(access),  SCMP_SYS(faccessat), SCMP_SYS(faccessat2),
    SCMP_SYS(readlink),   SCMP_SYS(readlinkat), SCMP_SYS(getcwd),  SCMP_SYS(ioctl),
};

/* Programs and other processes: nothing that serves a mailbox needs them. */
static const int peer_refused[] = {
    SCMP_SYS(execve),
    SCMP_SYS(execveat),
    SCMP_SYS(ptrace),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(pidfd_getfd),
    SCMP_SYS(kill),
    SCMP_SYS(mount),
    SCMP_SYS(umount2),
    SCMP_SYS(bpf),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(keyctl),
    SCMP_SYS(add_key),
    SCMP_SYS(request_key),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(unshare),
    SCMP_SYS(setns),
    SCMP_SYS(init_module),
    SCMP_SYS(finit_module),
};

/* An unknown name on this machine is negative and simply not there. 0, or a negative errno. */
static int
add_all(scmp_filter_ctx context, uint32_t action, const int *calls, guint n)
{
    int code = 0;
    for (guint i = 0; i < n && code == 0; i++)
        code = seccomp_rule_add(context, action, calls[i], 0);
    return code;
}

/* Calls that are harmless only with certain arguments. */
static int
add_conditional(scmp_filter_ctx context)
{
    const struct {
        int call;
        struct scmp_arg_cmp argument;
    } rules[] = {
        {SCMP_SYS(write), SCMP_A0(SCMP_CMP_EQ, STDERR_FILENO, 0)},
        {SCMP_SYS(writev), SCMP_A0(SCMP_CMP_EQ, STDERR_FILENO, 0)},
        {SCMP_SYS(sendmsg), SCMP_A0(SCMP_CMP_EQ, WIRE_DATA_FD, 0)},
        {SCMP_SYS(recvmsg), SCMP_A0(SCMP_CMP_EQ, WIRE_DATA_FD, 0)},
        {SCMP_SYS(mmap), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)},
        {SCMP_SYS(mprotect), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)},
        /* abort(3) */
        {SCMP_SYS(tgkill), SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0)},
    };
    int code = 0;
    for (guint i = 0; i < G_N_ELEMENTS(rules) && code == 0; i++)
        code = seccomp_rule_add_array(context, SCMP_ACT_ALLOW, rules[i].call, 1, &rules[i].argument);
    return code;
}

static bool
filter_parse(GError **error)
{
    g_auto(scmp_filter_t) filter = {seccomp_init(SCMP_ACT_KILL_PROCESS)};
    int code = filter.context ? 0 : -ENOMEM;
    if (code == 0)
        code = add_all(filter.context, SCMP_ACT_ALLOW, allowed, G_N_ELEMENTS(allowed));
    if (code == 0)
        code = add_all(filter.context, SCMP_ACT_ERRNO(EACCES), refused, G_N_ELEMENTS(refused));
    if (code == 0)
        code = add_conditional(filter.context);
    if (code == 0)
        code = seccomp_load(filter.context);
    return code == 0 || fail(error, "seccomp", -code);
}

static bool
filter_peer(GError **error)
{
    g_auto(scmp_filter_t) filter = {seccomp_init(SCMP_ACT_ALLOW)};
    int code = filter.context ? 0 : -ENOMEM;
    if (code == 0)
        code = add_all(filter.context, SCMP_ACT_ERRNO(EPERM), peer_refused, G_N_ELEMENTS(peer_refused));
    if (code == 0)
        code = seccomp_load(filter.context);
    return code == 0 || fail(error, "seccomp", -code);
}
#endif

bool
sandbox_parse(GError **error)
{
    /* A log line to a file over the limit is lost and does not kill. */
    signal(SIGXFSZ, SIG_IGN);
    if (!limit(RLIMIT_FSIZE, 0, "RLIMIT_FSIZE", error) ||
        !limit(RLIMIT_NOFILE, PARSE_DESCRIPTORS, "RLIMIT_NOFILE", error))
        return false;
#if SANDBOX_HAS_SANITIZER
    return true;
#else
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return fail(error, "no_new_privs", errno);
    return limit(RLIMIT_NPROC, 0, "RLIMIT_NPROC", error) &&
           limit(RLIMIT_AS, CAP_PARSE_MEMORY_BYTES, "RLIMIT_AS", error) && filter_parse(error);
#endif
}

bool
sandbox_peer(GError **error)
{
    if (!limit(RLIMIT_NOFILE, PEER_DESCRIPTORS, "RLIMIT_NOFILE", error))
        return false;
#if SANDBOX_HAS_SANITIZER
    return true;
#else
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return fail(error, "no_new_privs", errno);
    return filter_peer(error);
#endif
}
