/* process.h - what every worker process has: its role, its configuration, its channels and its stop flag. */
#ifndef DAEMON_PROCESS_H
#define DAEMON_PROCESS_H

#include "role.h"
#include "wire.h"

#include <cardpost/config.h>
#include <cardpost/daemon.h>
#include <cardpost/frame.h>

struct process {
    enum process_kind role;
    const char *role_rest; /* "main" of "imap:main" */
    struct wire_hello hello;
    struct config *config;        /* NULL for a parse worker */
    struct frame_channel control; /* to the supervisor */
    struct frame_channel data;    /* to core; fd -1 where the role has none */
};

/* SIGTERM sets this flag and interrupts waits (no SA_RESTART). */
const volatile int *process_stop_flag(void);

/* The main functions of the roles; each returns the exit code. */
int source_process_run(struct process *process);
/* Opens the libraries, closes the sandbox and serves PARSE and EXTRACT jobs, one at a time, until the channel
 * is closed or CAP_PARSE_MAILS are done. A job over its limits ends the process by SIGPROF or SIGALRM. */
int parse_worker_run(struct process *process);
int deliver_process_run(struct process *process);
int secret_process_run(struct process *process);
int core_process_run(struct process *process, daemon_request_fn *request);

/* Asks the supervisor to have this process' secret fetched (the password command is run again) and waits for
 * it; NULL when it could not be had, which is logged. secret_free. `data` is a struct process *: this is an
 * imap_secret_fn. */
char *process_secret(void *data);

#endif
