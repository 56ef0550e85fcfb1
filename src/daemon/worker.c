/* worker.c - the start of every worker process: HELLO from the supervisor, then the role's own main. */
#include <cardpost/daemon.h>

#include "process.h"
#include "sandbox.h"

#include <cardpost/error.h>

#include <signal.h>
#include <sysexits.h>

#define HELLO_TIMEOUT_MS (30 * 1000)

static volatile int stop_requested; /* set by the signal handler */

static void
on_stop(int signal_number)
{
    (void)signal_number;
    stop_requested = 1;
}

const volatile int *
process_stop_flag(void)
{
    return &stop_requested;
}

/* HELLO, checked against what we were started as, and the configuration in it. */
static bool
greet(struct process *process, const char *role, GError **error)
{
    struct frame frame;
    if (frame_receive(&process->control, HELLO_TIMEOUT_MS, &frame) != FRAME_READY ||
        !wire_decode_hello(&frame, &process->hello) || !g_str_equal(process->hello.role, role)) {
        g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_INVALID, "no greeting: started by hand?");
        return false;
    }
    log_set_level(process->hello.log_level);
    if (!process->hello.config_text)
        return process->role == PROCESS_PARSE;
    process->config = config_parse(process->hello.config_text, process->hello.config_path, error);
    return process->config != NULL;
}

static void
process_clear(struct process *process)
{
    config_free(process->config);
    wire_hello_clear(&process->hello);
    frame_channel_clear(&process->control);
    frame_channel_clear(&process->data);
}

static int
run_role(struct process *process, daemon_request_fn *request)
{
    switch (process->role) {
    case PROCESS_CORE:
        return core_process_run(process, request);
    case PROCESS_IMAP:
    case PROCESS_MAILDIR:
        return source_process_run(process);
    case PROCESS_DELIVER:
        return deliver_process_run(process);
    case PROCESS_SECRET:
        return secret_process_run(process);
    case PROCESS_PARSE:
        return parse_worker_run(process);
    case PROCESS_UNKNOWN:
        break;
    }
    return EX_USAGE;
}

int
daemon_worker_main(const char *role, daemon_request_fn *request)
{
    struct process process = {0};
    g_autoptr(GError) error = NULL;
    process.role = process_kind_of(role, &process.role_rest);
    if (process.role == PROCESS_UNKNOWN)
        return EX_USAGE;
    log_set_process(role);
    struct sigaction action = {.sa_handler = on_stop};
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    frame_channel_init(&process.control, WIRE_CONTROL_FD);
    frame_channel_init(&process.data, process.role == PROCESS_CORE ? -1 : WIRE_DATA_FD);
    int code = EX_CONFIG;
    if (greet(&process, role, &error))
        code = run_role(&process, request);
    else
        log_error("worker.failed", "error", error ? error->message : "no configuration", NULL);
    process_clear(&process);
    return code;
}
