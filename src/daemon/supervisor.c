/* supervisor.c - the course of `cardpost run`: start, stop, reload, and what the end of a process means.
 *
 * Core comes first and goes last. When it dies, nothing of what the others hold can be trusted to have been
 * recorded, so they are ended too and all begin anew; nothing is lost by that (design section 10: a kill
 * between any two steps is repaired by going on). A reload is the same clean start with the new text: no
 * process has to know how to change its mind. If core does not come up with it, the old one is used again.
 *
 * Signals arrive by a descriptor in the main loop; there are no handlers and no second thread (children are
 * forked from here). */
#include "supervisor.h"

#include "wire.h"

#include <cardpost/error.h>

#include <glib-unix.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#define STOP_DEADLINE_MS 9000
#define FIRST_DELAY_MS   1000
#define MAX_DELAY_MS     60000
/* A mail that kills its reader must not keep the mails behind it waiting for long. */
#define PARSE_FIRST_MS 100
#define PARSE_MAX_MS   2000

static void
start_core(struct supervisor *supervisor)
{
    supervisor->state = SUPERVISOR_STARTING;
    supervisor->failed_code = 0;
    g_clear_pointer(&supervisor->failed_text, g_free);
    child_launch(g_ptr_array_index(supervisor->children, 0));
}

static void
start_all(struct supervisor *supervisor)
{
    if (supervisor->children)
        g_ptr_array_unref(supervisor->children);
    supervisor->children = children_for(supervisor);
    start_core(supervisor);
}

/* ---- stopping */

static gboolean
stop_is_overdue(gpointer data)
{
    struct supervisor *supervisor = data;
    supervisor->stop_deadline = 0;
    for (guint i = 0; i < supervisor->children->len; i++) {
        struct child *child = g_ptr_array_index(supervisor->children, i);
        if (child->pid > 0)
            log_warning("stop.killed", "process", child->name, NULL);
        child_kill(child, SIGKILL);
    }
    return G_SOURCE_REMOVE;
}

/* Core is gone: whoever waits for it may go, and readers have nothing more to read. */
static void
stop_rest(struct supervisor *supervisor)
{
    for (guint i = 0; i < supervisor->children->len; i++) {
        struct child *child = g_ptr_array_index(supervisor->children, i);
        child_kill(child, child->role == PROCESS_PARSE ? SIGKILL : SIGTERM);
    }
}

static gboolean
pause_is_over(gpointer data)
{
    struct supervisor *supervisor = data;
    supervisor->pause = 0;
    start_all(supervisor);
    return G_SOURCE_REMOVE;
}

static void
stop_is_complete(struct supervisor *supervisor)
{
    if (supervisor->stop_deadline)
        g_source_remove(supervisor->stop_deadline);
    supervisor->stop_deadline = 0;
    if (supervisor->exit_after_stop) {
        g_main_loop_quit(supervisor->loop);
        return;
    }
    supervisor->state = SUPERVISOR_PAUSING;
    supervisor->pause = g_timeout_add(supervisor->core_delay_ms, pause_is_over, supervisor);
}

/* Sources first, core finishes what is in hand, then the rest. */
static void
stop_all(struct supervisor *supervisor)
{
    supervisor->state = SUPERVISOR_STOPPING;
    if (supervisor->watchdog)
        g_source_remove(supervisor->watchdog);
    supervisor->watchdog = 0;
    struct child *core = g_ptr_array_index(supervisor->children, 0);
    for (guint i = 0; i < supervisor->children->len; i++) {
        struct child *child = g_ptr_array_index(supervisor->children, i);
        if (child->restart)
            g_source_remove(child->restart);
        child->restart = 0;
        if (child->role == PROCESS_IMAP || child->role == PROCESS_MAILDIR)
            child_kill(child, SIGTERM);
    }
    if (core->pid == 0)
        stop_rest(supervisor);
    else if (core->control.fd < 0 || !frame_queue(&core->control, WIRE_STOP, NULL))
        child_kill(core, SIGKILL);
    supervisor->stop_deadline = g_timeout_add(STOP_DEADLINE_MS, stop_is_overdue, supervisor);
    if (!children_any_running(supervisor))
        stop_is_complete(supervisor);
}

static void
quit(struct supervisor *supervisor, int code)
{
    supervisor->exit_after_stop = true;
    supervisor->exit_code = code;
    service_manager_tell(&supervisor->manager, "STOPPING=1");
    if (supervisor->state == SUPERVISOR_PAUSING)
        g_main_loop_quit(supervisor->loop);
    else if (supervisor->state != SUPERVISOR_STOPPING)
        stop_all(supervisor);
}

static void
start_anew(struct supervisor *supervisor, guint delay_ms)
{
    supervisor->core_delay_ms = delay_ms;
    if (supervisor->state != SUPERVISOR_STOPPING)
        stop_all(supervisor);
}

/* ---- reloading */

static void
reload(struct supervisor *supervisor)
{
    struct settings fresh;
    g_autoptr(GError) error = NULL;
    if (supervisor->exit_after_stop)
        return;
    if (!settings_load(&fresh, supervisor->settings.path, &error)) {
        log_error("config.rejected", "error", error->message, NULL);
        service_manager_status(&supervisor->manager,
                               "the new configuration is wrong; running with the old one");
        return;
    }
    g_autofree char *lines =
        g_strdup_printf("RELOADING=1\nMONOTONIC_USEC=%" G_GINT64_FORMAT, g_get_monotonic_time());
    service_manager_tell(&supervisor->manager, lines);
    log_info("config.reloaded", NULL);
    /* Two reloads in a row: the one to go back to is the last that worked. */
    if (supervisor->previous.path)
        settings_clear(&supervisor->settings);
    else
        supervisor->previous = supervisor->settings;
    supervisor->settings = fresh;
    if (supervisor->state != SUPERVISOR_PAUSING)
        start_anew(supervisor, 0);
}

/* Core has failed with a configuration that is new. */
static void
reload_undo(struct supervisor *supervisor)
{
    log_error("config.rejected", "error", supervisor->failed_text, NULL);
    settings_clear(&supervisor->settings);
    supervisor->settings = supervisor->previous;
    supervisor->previous = (struct settings){0};
    start_anew(supervisor, 0);
}

/* ---- what children say */

static gboolean
watchdog_due(gpointer data)
{
    struct supervisor *supervisor = data;
    struct child *core = g_ptr_array_index(supervisor->children, 0);
    if (core->control.fd >= 0)
        frame_queue(&core->control, WIRE_PING, NULL);
    return G_SOURCE_CONTINUE;
}

static void
core_is_ready(struct supervisor *supervisor)
{
    supervisor->state = SUPERVISOR_RUNNING;
    supervisor->has_been_ready = true;
    settings_clear(&supervisor->previous);
    for (guint i = 1; i < supervisor->children->len; i++)
        child_launch(g_ptr_array_index(supervisor->children, i));
    service_manager_tell(&supervisor->manager, "READY=1\nSTATUS=running");
    log_info("run.ready", NULL);
    if (supervisor->is_once)
        frame_queue(&((struct child *)supervisor->children->pdata[0])->control, WIRE_ONCE, NULL);
    if (supervisor->manager.watchdog_us >= 2000 && supervisor->watchdog == 0)
        supervisor->watchdog =
            g_timeout_add((guint)(supervisor->manager.watchdog_us / 2000), watchdog_due, supervisor);
}

/* A hanging reader is killed, and only a reader. */
static bool
kill_reader(struct supervisor *supervisor, const struct frame *frame)
{
    g_autofree char *name = NULL;
    if (!wire_decode_text(frame, &name))
        return false;
    struct child *child = child_find(supervisor, name);
    if (!child || child->role != PROCESS_PARSE)
        return false;
    child->killed_on_purpose = true;
    child_kill(child, SIGKILL);
    return true;
}

static bool
take_status(struct supervisor *supervisor, const struct frame *frame)
{
    g_autofree char *text = NULL;
    if (!wire_decode_text(frame, &text))
        return false;
    service_manager_status(&supervisor->manager, text);
    return true;
}

static bool
take_failure(struct supervisor *supervisor, const struct frame *frame)
{
    g_clear_pointer(&supervisor->failed_text, g_free);
    return wire_decode_code(frame, &supervisor->failed_code, &supervisor->failed_text) &&
           supervisor->failed_code > 0 && supervisor->failed_code < 256;
}

/* A run once is through. */
static bool
take_finish(struct supervisor *supervisor, const struct frame *frame)
{
    g_autofree char *text = NULL;
    uint32_t code;
    if (!wire_decode_code(frame, &code, &text) || !supervisor->is_once || code > 255)
        return false;
    if (code != EX_OK)
        log_error("run.incomplete", "why", text, NULL);
    quit(supervisor, (int)code);
    return true;
}

static bool
take_core_frame(struct supervisor *supervisor, const struct frame *frame)
{
    switch (frame->type) {
    case WIRE_READY:
        if (supervisor->state == SUPERVISOR_STARTING)
            core_is_ready(supervisor);
        return true;
    case WIRE_PONG:
        service_manager_tell(&supervisor->manager, "WATCHDOG=1");
        return true;
    case WIRE_KILL:
        return kill_reader(supervisor, frame);
    case WIRE_STATUS:
        return take_status(supervisor, frame);
    case WIRE_FAILED:
        return take_failure(supervisor, frame);
    case WIRE_FINISHED:
        return take_finish(supervisor, frame);
    default:
        return false;
    }
}

bool
supervisor_take_frame(struct child *child, const struct frame *frame)
{
    if (child->role == PROCESS_CORE)
        return take_core_frame(child->supervisor, frame);
    int fd = frame_take_fd(&child->control);
    if (frame->type != WIRE_SECRET_REQUEST ||
        (child->role != PROCESS_IMAP && child->role != PROCESS_DELIVER) || fd < 0) {
        if (fd >= 0)
            close(fd);
        return false;
    }
    child_launch_secret(child, fd);
    return true;
}

/* ---- when children end */

/* Whether starting core again could help: after it has once worked, a full disk or a held lock may pass. */
static bool
failure_may_pass(const struct supervisor *supervisor)
{
    return supervisor->has_been_ready &&
           (supervisor->failed_code == EX_TEMPFAIL || supervisor->failed_code == EX_IOERR);
}

static void
core_ended(struct child *core)
{
    struct supervisor *supervisor = core->supervisor;
    core->delay_ms = supervisor->core_delay_ms;
    guint delay_ms = child_next_delay(core, FIRST_DELAY_MS, MAX_DELAY_MS);
    if (supervisor->failed_code == 0 || failure_may_pass(supervisor)) {
        log_error("core.died", "error", supervisor->failed_text, NULL);
        start_anew(supervisor, delay_ms);
        return;
    }
    if (supervisor->previous.path) {
        reload_undo(supervisor);
        return;
    }
    log_error("run.failed", "error", supervisor->failed_text, NULL);
    service_manager_status(&supervisor->manager, supervisor->failed_text);
    quit(supervisor, (int)supervisor->failed_code);
}

static void
restart(struct child *child, int status)
{
    bool asked = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (child->role == PROCESS_PARSE && (asked || child->killed_on_purpose))
        child->delay_ms = 0;
    else if (child->role == PROCESS_PARSE)
        child->delay_ms = child_next_delay(child, PARSE_FIRST_MS, PARSE_MAX_MS);
    else
        child->delay_ms = child_next_delay(child, FIRST_DELAY_MS, MAX_DELAY_MS);
    child_schedule_restart(child);
}

void
supervisor_child_ended(struct child *child, int status)
{
    struct supervisor *supervisor = child->supervisor;
    if (child->role == PROCESS_SECRET) {
        g_ptr_array_remove(supervisor->children, child);
    } else if (supervisor->state == SUPERVISOR_STOPPING) {
        if (child->role == PROCESS_CORE)
            stop_rest(supervisor);
    } else if (child->role == PROCESS_CORE) {
        core_ended(child);
        return;
    } else {
        restart(child, status);
    }
    if (supervisor->state == SUPERVISOR_STOPPING && !children_any_running(supervisor))
        stop_is_complete(supervisor);
}

/* ---- the process */

static void
take_signal(struct supervisor *supervisor, int signal_number)
{
    if (signal_number == SIGHUP) {
        reload(supervisor);
    } else if (signal_number == SIGINT && supervisor->exit_after_stop) {
        stop_is_overdue(supervisor); /* Ctrl-C a second time */
    } else if ((signal_number == SIGTERM || signal_number == SIGINT) && !supervisor->exit_after_stop) {
        log_info("run.stopping", NULL);
        quit(supervisor, EX_OK);
    }
}

static gboolean
signals_readable(gint fd, GIOCondition condition, gpointer data)
{
    (void)condition;
    struct supervisor *supervisor = data;
    struct signalfd_siginfo info;
    while (read(fd, &info, sizeof info) == (ssize_t)sizeof info)
        take_signal(supervisor, (int)info.ssi_signo);
    /* Several ends may share one SIGCHLD. */
    children_reap(supervisor);
    return G_SOURCE_CONTINUE;
}

static int
open_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void
run_loop(struct supervisor *supervisor, int signal_fd)
{
    supervisor->loop = g_main_loop_new(NULL, FALSE);
    guint watch = g_unix_fd_add(signal_fd, G_IO_IN, signals_readable, supervisor);
    start_all(supervisor);
    g_main_loop_run(supervisor->loop);
    g_source_remove(watch);
    if (supervisor->pause)
        g_source_remove(supervisor->pause);
    if (supervisor->stop_deadline)
        g_source_remove(supervisor->stop_deadline);
    g_ptr_array_unref(supervisor->children);
    g_main_loop_unref(supervisor->loop);
}

int
daemon_run(const struct daemon_options *options)
{
    struct supervisor supervisor = {.log_level = options->log_level, .is_once = options->is_once};
    g_autoptr(GError) error = NULL;
    log_set_process("supervisor");
    log_set_level(options->log_level);
    service_manager_init(&supervisor.manager);
    int signal_fd = open_signals();
    if (signal_fd < 0 || !settings_load(&supervisor.settings, options->config_path, &error)) {
        log_error("config.invalid", "error", error ? error->message : "signalfd", NULL);
        service_manager_clear(&supervisor.manager);
        return EX_CONFIG;
    }
    run_loop(&supervisor, signal_fd);
    log_info("run.stopped", NULL);
    close(signal_fd);
    settings_clear(&supervisor.settings);
    settings_clear(&supervisor.previous);
    service_manager_clear(&supervisor.manager);
    g_free(supervisor.failed_text);
    return supervisor.exit_code;
}
