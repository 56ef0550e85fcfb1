/* daemon.h - the processes of `cardpost run` and what one-shot commands need of them.
 *
 * Each process is this program executed anew as `cardpost worker ROLE`; main dispatches that to
 * daemon_worker_main before anything else is done. See src/daemon/ for the roles. */
#ifndef CARDPOST_DAEMON_H
#define CARDPOST_DAEMON_H

#include <cardpost/config.h>
#include <cardpost/log.h>
#include <cardpost/mail.h>
#include <cardpost/store.h>

#include <sys/types.h>

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct daemon_options {
    const char *config_path;
    enum log_level log_level;
    bool is_once; /* take in what waits, send what is due, and end */
};

/* Runs the daemon until SIGTERM or SIGINT (0), or once until nothing is left to do (0, EX_TEMPFAIL when a
 * mailbox could not be read), or until core cannot work: the database is missing, damaged
 * or newer, the configuration is wrong, another daemon holds the lock. That is logged and told to the
 * service manager; returned is its sysexits code. Reads the configuration again on SIGHUP. Must be called in
 * a process with one thread. */
int daemon_run(const struct daemon_options *options);

/* A change asked for on the command line, run in core between two other things, outside any transaction, or
 * by the command itself under the data lock when no daemon runs. Core itself answers "sources". */
struct daemon_request {
    const char *verb;
    char *const *args; /* NULL-terminated */
    guint n_args;
    uid_t uid; /* who asks */
    int64_t now;
    struct store *store;
    const struct config *config;
};
/* Returns a sysexits code; *text_out (g_free'd, may stay NULL) is the answer, or why not. */
typedef uint32_t daemon_request_fn(const struct daemon_request *request, char **text_out);

/* The main function of a process started by daemon_run or daemon_parse_start. Returns the exit code.
 * `request` is what core answers the command line's requests with. */
int daemon_worker_main(const char *role, daemon_request_fn *request);

/* The installed templates: $CARDPOST_TEMPLATES, or beside this program (../share/cardpost/templates, in a
 * build tree ../templates), or below the prefix. g_free. */
char *daemon_template_dir(void);

/* ---- the data directory's lock, held by core and by one-shot commands that change something.
 * The descriptor holds it (close gives it back; so does the end of the process). -1: TEMPORARY (held; the
 * text names the process), NOT_FOUND (no such directory), or PERMANENT. */
int daemon_lock(const char *data_dir, GError **error);

/* ---- asking the running core (data/control.sock).
 * Sends verb and args (ended by NULL) and waits for the answer: its sysexits code and text (g_free).
 * NOT_FOUND: no daemon runs on this directory. TEMPORARY: it did not answer. REFUSED: another user's. */
bool daemon_control(const char *data_dir, const char *verb, const char *const *args, uint32_t *code_out,
                    char **text_out, GError **error);

/* ---- the parse worker for one-shot commands: one sandboxed process, without a supervisor.
 * Started at the first use and again after a death. */
struct parse_worker;
struct parse_worker *daemon_parse_start(GError **error);
void daemon_parse_stop(struct parse_worker *worker); /* NULL is nothing */

/* PERMANENT: the mail cannot be read (mime.h), "the reader died (signal N)" or "the reader took too long".
 * TEMPORARY: no process or memory to be had. mail_free. */
struct mail *daemon_parse(struct parse_worker *worker, const void *raw, gsize len, GError **error);
/* The decoded content of one attachment (mime_part). Errors as above. */
GBytes *daemon_extract(struct parse_worker *worker, const void *raw, gsize len, uint32_t part,
                       GError **error);

#endif
