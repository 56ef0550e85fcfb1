/* core.c - the process that owns the data directory: start, supervisor's frames, control requests, stop.
 *
 * It takes the lock, opens the databases and says READY; then channels to the other processes arrive one by
 * one. It touches no network and reads no MIME. A stop ends it when nothing is in hand, or after a while in
 * any case: every step is written so that a kill between any two is repaired by going on. */
#include "core.h"

#include "control_server.h"

#include <cardpost/clock.h>
#include <cardpost/error.h>

#include <glib-unix.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sysexits.h>
#include <unistd.h>

#define STOP_AFTER_S 7
/* How long a run once waits for a server to put processed mails away. */
#define SETTLE_WAIT_S 20

/* ---- ending */

void
core_fail(struct core *core, const GError *error)
{
    g_autoptr(GByteArray) body = g_byte_array_new();
    core->exit_code = cardpost_error_exit_code(error);
    wire_encode_code((uint32_t)core->exit_code, error->message, body);
    frame_send(&core->process->control, WIRE_FAILED, body);
    if (core->loop)
        g_main_loop_quit(core->loop);
}

bool
core_may_retry(struct core *core, const char *event, const GError *error)
{
    if (!g_error_matches(error, CARDPOST_ERROR, CARDPOST_ERROR_TEMPORARY)) {
        core_fail(core, error);
        return false;
    }
    log_error(event, "error", error->message, NULL);
    return true;
}

static void
say_finished(struct core *core, guint n_failed)
{
    g_autoptr(GByteArray) body = g_byte_array_new();
    g_autofree char *text = g_strdup_printf("%u mailboxes could not be read", n_failed);
    wire_encode_code(n_failed > 0 ? EX_TEMPFAIL : EX_OK, n_failed > 0 ? text : "", body);
    core->is_once = false;
    frame_queue(&core->process->control, WIRE_FINISHED, body);
}

static gboolean
settle_is_overdue(gpointer data)
{
    struct core *core = data;
    log_warning("settle.overdue", NULL);
    core->settle_is_overdue = true;
    core->settle_wait = 0;
    core_consider_stop(core);
    return G_SOURCE_REMOVE;
}

/* All mailboxes read, all mails applied, all that is due sent, and processed mails put away. */
static void
consider_finish(struct core *core)
{
    guint n_failed;
    if (core->arrived->len > 0 || !core_sources_are_read(core, &n_failed) || !core_fold_is_done(core->fold) ||
        !core_out_is_drained(core->out))
        return;
    if (!core_sources_are_settling(core) || core->settle_is_overdue)
        say_finished(core, n_failed);
    else if (core->settle_wait == 0)
        core->settle_wait = g_timeout_add_seconds(SETTLE_WAIT_S, settle_is_overdue, core);
}

void
core_consider_stop(struct core *core)
{
    if (core->is_once && !core->is_stopping)
        consider_finish(core);
    if (!core->is_stopping || core->arrived->len > 0 || core_fold_is_busy(core->fold) ||
        core_out_is_busy(core->out))
        return;
    g_main_loop_quit(core->loop);
}

static gboolean
stop_is_overdue(gpointer data)
{
    struct core *core = data;
    log_warning("stop.overdue", NULL);
    g_main_loop_quit(core->loop);
    return G_SOURCE_CONTINUE;
}

static void
stop(struct core *core)
{
    if (core->is_stopping)
        return;
    core->is_stopping = true;
    core_sources_stop(core);
    g_timeout_add_seconds(STOP_AFTER_S, stop_is_overdue, core);
    core_consider_stop(core);
}

/* ---- the supervisor's frames */

/* A process to talk to, by its role. False: malformed. */
static bool
take_peer(struct core *core, const struct frame *frame)
{
    struct frame_reader reader;
    frame_reader_init(&reader, frame->body, frame->len);
    g_autofree char *role = frame_get_text(&reader);
    frame_get_i64(&reader);
    int fd = frame_take_fd(&core->process->control);
    const char *rest = "";
    enum process_kind kind =
        frame_reader_end(&reader) && role && fd >= 0 ? process_kind_of(role, &rest) : PROCESS_UNKNOWN;
    if (kind == PROCESS_PARSE)
        parse_pool_add(core->pool, role, fd);
    else if (kind == PROCESS_IMAP || kind == PROCESS_MAILDIR)
        core_source_add(core, role, rest, fd);
    else if (kind == PROCESS_DELIVER)
        core_out_set_channel(core->out, fd);
    else if (fd >= 0)
        close(fd);
    return kind != PROCESS_UNKNOWN;
}

static bool
take_frame(struct core *core, const struct frame *frame)
{
    switch (frame->type) {
    case WIRE_PEER:
        return take_peer(core, frame);
    case WIRE_PING:
        return frame_queue(&core->process->control, WIRE_PONG, NULL);
    case WIRE_STOP:
        stop(core);
        return true;
    case WIRE_ONCE:
        core->is_once = true;
        core_consider_stop(core);
        return true;
    default:
        return false;
    }
}

static gboolean
control_readable(gint fd, GIOCondition condition, gpointer data)
{
    (void)fd, (void)condition;
    struct core *core = data;
    struct frame frame;
    enum frame_status status;
    while ((status = frame_receive(&core->process->control, 0, &frame)) == FRAME_READY)
        if (!take_frame(core, &frame)) {
            status = FRAME_BAD;
            break;
        }
    if (status == FRAME_NONE)
        return G_SOURCE_CONTINUE;
    log_error("core.abandoned", NULL);
    core->exit_code = EX_PROTOCOL;
    g_main_loop_quit(core->loop);
    return G_SOURCE_REMOVE;
}

static gboolean
signal_readable(gint fd, GIOCondition condition, gpointer data)
{
    (void)condition;
    struct signalfd_siginfo info;
    if (read(fd, &info, sizeof info) == (ssize_t)sizeof info)
        stop(data);
    return G_SOURCE_CONTINUE;
}

/* ---- the command line's requests */

static uint32_t
take_request(void *data, const struct control_request *request, char **text_out)
{
    struct core *core = data;
    if (strcmp(request->verb, "sources") == 0) {
        GString *text = g_string_new(NULL);
        core_sources_describe(core, text);
        *text_out = g_string_free(text, FALSE);
        return EX_OK;
    }
    struct daemon_request asked = {.verb = request->verb,
                                   .args = request->args,
                                   .n_args = request->n_args,
                                   .uid = request->uid,
                                   .now = clock_now(),
                                   .store = core->store,
                                   .config = core->process->config};
    uint32_t code = core->request(&asked, text_out);
    core_fold_wake(core->fold);
    core_out_wake(core->out);
    return code;
}

/* ---- the process */

static void
kill_reader(void *data, const char *worker)
{
    struct core *core = data;
    log_warning("parse.hangs", "worker", worker, NULL);
    wire_queue_text(&core->process->control, WIRE_KILL, worker);
}

static bool
open_core(struct core *core, GError **error)
{
    const struct config *config = core->process->config;
    g_autofree char *templates = daemon_template_dir();
    core->lock_fd = daemon_lock(config->data_dir, error);
    if (core->lock_fd < 0)
        return false;
    core->store = store_open(config->data_dir, STORE_WRITE, error);
    if (!core->store)
        return false;
    core->notify = notify_new(core->store, config, templates, error);
    if (!core->notify || !dispatch_recover(core->notify, clock_now(), error))
        return false;
    core->intake = intake_new(core->store, config);
    core->sources = g_ptr_array_new_with_free_func(core_source_free);
    core->arrived = g_ptr_array_new_with_free_func(core_arrival_free);
    core->pool = parse_pool_new(kill_reader, core);
    core->out = core_out_new(core);
    core->fold = core_fold_new(core);
    return true;
}

static void
close_core(struct core *core)
{
    if (core->sources)
        g_ptr_array_unref(core->sources);
    if (core->arrived)
        g_ptr_array_unref(core->arrived);
    if (core->journal)
        g_source_remove(core->journal);
    if (core->settle_wait)
        g_source_remove(core->settle_wait);
    parse_pool_free(core->pool);
    core_fold_free(core->fold);
    core_out_free(core->out);
    intake_free(core->intake);
    notify_free(core->notify);
    store_close(core->store);
    if (core->lock_fd >= 0)
        close(core->lock_fd);
}

static bool
run_loop(struct core *core, GError **error)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    struct control_server *control =
        control_server_new(core->process->config->data_dir, take_request, core, error);
    if (!control)
        return false;
    core->loop = g_main_loop_new(NULL, FALSE);
    g_unix_fd_add(signal_fd, G_IO_IN, signal_readable, core);
    /* before anything else, so that the deaths that follow the supervisor's are known for what they are */
    g_unix_fd_add_full(G_PRIORITY_HIGH, core->process->control.fd, G_IO_IN | G_IO_HUP | G_IO_ERR,
                       control_readable, core, NULL);
    frame_queue(&core->process->control, WIRE_READY, NULL);
    g_main_loop_run(core->loop);
    g_clear_pointer(&core->loop, g_main_loop_unref);
    control_server_free(control);
    close(signal_fd);
    return true;
}

int
core_process_run(struct process *process, daemon_request_fn *request)
{
    g_autoptr(GError) error = NULL;
    struct core core = {.process = process, .request = request, .lock_fd = -1};
    if (!open_core(&core, &error) || !run_loop(&core, &error))
        core_fail(&core, error);
    close_core(&core);
    return core.exit_code;
}
