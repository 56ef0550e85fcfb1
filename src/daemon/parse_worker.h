/* parse_worker.h - the process that reads mails: PARSE and EXTRACT jobs on WIRE_DATA_FD, one at a time. */
#ifndef DAEMON_PARSE_WORKER_H
#define DAEMON_PARSE_WORKER_H

/* Opens the libraries, closes the sandbox and serves until the channel is closed or CAP_PARSE_MAILS jobs are
 * done. Returns the exit code. A job over its CPU or wall-clock limit ends the process by SIGPROF or SIGALRM.
 */
int parse_worker_run(void);

#endif
