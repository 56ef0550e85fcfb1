/* child.h - starting one of our own processes: this very program as `cardpost worker ROLE`. */
#ifndef DAEMON_CHILD_H
#define DAEMON_CHILD_H

#include <cardpost/frame.h>

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

struct child_start {
    const char *role;
    int control_fd; /* becomes WIRE_CONTROL_FD */
    int data_fd;    /* becomes WIRE_DATA_FD; -1: none */
};

/* Forks and executes /proc/self/exe with exactly these descriptors, standard error (as output too) and
 * /dev/null as input; no signals blocked; a clean environment (PATH, JOURNAL_STREAM, CARDPOST_TEMPLATES, and
 * what sanitizers need) except for the secret helper, whose password command gets ours; no new privileges,
 * and death together with the process that called. The descriptors stay the caller's. -1 and
 * TEMPORARY. The caller reaps the process. */
pid_t child_start(const struct child_start *start, GError **error);

/* A pair of connected, close-on-exec stream sockets; false and TEMPORARY. */
bool child_socketpair(int fds_out[2], GError **error);

/* "exit 3" or "signal 11 (Segmentation fault)". g_free. */
char *child_status_text(int status);

#endif
