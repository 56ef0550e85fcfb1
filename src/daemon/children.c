/* children.c - the supervisor's processes: slots, starting, reaping, back-off. What an end means for the
 * whole is decided in supervisor.c.
 *
 * A process is signalled only while it is our unreaped child, so its pid cannot be another's. Children are
 * reaped here and nowhere else. */
#include "supervisor.h"

#include "child.h"
#include "wire.h"

#include <cardpost/clock.h>

#include <errno.h>
#include <glib-unix.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define STEADY_MS 60000

static void
child_free(gpointer data)
{
    struct child *child = data;
    if (child->watch)
        g_source_remove(child->watch);
    if (child->restart)
        g_source_remove(child->restart);
    frame_channel_clear(&child->control);
    g_free(child->name);
    g_free(child);
}

/* Takes the name over. */
static struct child *
child_new(struct supervisor *supervisor, char *name)
{
    const char *rest;
    struct child *child = g_new0(struct child, 1);
    child->supervisor = supervisor;
    child->name = name;
    child->role = process_kind_of(name, &rest);
    child->control.fd = child->control.passed_fd = -1;
    return child;
}

GPtrArray *
children_for(struct supervisor *supervisor)
{
    const struct config *config = supervisor->settings.config;
    GPtrArray *children = g_ptr_array_new_with_free_func(child_free);
    g_ptr_array_add(children, child_new(supervisor, g_strdup("core")));
    for (guint i = 0; i < config->mailboxes->len; i++) {
        const struct config_mailbox *mailbox = g_ptr_array_index(config->mailboxes, i);
        const char *kind = mailbox->maildir ? "maildir:" : "imap:";
        g_ptr_array_add(children, child_new(supervisor, g_strconcat(kind, mailbox->name, NULL)));
    }
    for (int i = 0; i < config->parse_workers; i++)
        g_ptr_array_add(children, child_new(supervisor, g_strdup_printf("parse:%d", i)));
    g_ptr_array_add(children, child_new(supervisor, g_strdup("deliver")));
    return children;
}

struct child *
child_find(struct supervisor *supervisor, const char *name)
{
    for (guint i = 0; i < supervisor->children->len; i++) {
        struct child *child = g_ptr_array_index(supervisor->children, i);
        if (g_str_equal(child->name, name))
            return child;
    }
    return NULL;
}

static gboolean
control_readable(gint fd, GIOCondition condition, gpointer data)
{
    (void)fd, (void)condition;
    struct child *child = data;
    struct frame frame;
    enum frame_status status;
    while ((status = frame_receive(&child->control, 0, &frame)) == FRAME_READY)
        if (!supervisor_take_frame(child, &frame)) {
            status = FRAME_BAD;
            break;
        }
    if (status == FRAME_NONE)
        return G_SOURCE_CONTINUE;
    if (status == FRAME_BAD) {
        log_error("child.nonsense", "process", child->name, NULL);
        child_kill(child, SIGKILL);
    }
    /* A parse worker closes this channel itself; the end of a process is told by SIGCHLD. */
    child->watch = 0;
    frame_channel_clear(&child->control);
    return G_SOURCE_REMOVE;
}

/* Whether the process is there now. The descriptors stay the caller's. */
static bool
launch(struct child *child, int data_fd, GError **error)
{
    struct supervisor *supervisor = child->supervisor;
    int control[2];
    if (!child_socketpair(control, error))
        return false;
    struct child_start start = {.role = child->name, .control_fd = control[1], .data_fd = data_fd};
    child->pid = child_start(&start, error);
    close(control[1]);
    if (child->pid < 0) {
        child->pid = 0;
        close(control[0]);
        return false;
    }
    bool needs_config = child->role != PROCESS_PARSE;
    struct wire_hello hello = {.role = child->name,
                               .log_level = supervisor->log_level,
                               .config_path = needs_config ? supervisor->settings.path : NULL,
                               .config_text = needs_config ? supervisor->settings.text : NULL};
    frame_channel_init(&child->control, control[0]);
    child->watch = g_unix_fd_add(control[0], G_IO_IN | G_IO_HUP | G_IO_ERR, control_readable, child);
    child->started_at_ms = clock_monotonic_ms();
    child->killed_on_purpose = false;
    child->signalled = 0;
    wire_send_hello(&child->control, &hello);
    log_debug("child.started", "process", child->name, "pid", log_int(child->pid).text, NULL);
    return true;
}

/* The supervisor waits for nobody: a core that does not even read this has hung. */
static void
give_peer(struct child *child, int fd)
{
    struct child *core = g_ptr_array_index(child->supervisor->children, 0);
    struct pollfd p = {.fd = core->control.fd, .events = POLLOUT};
    g_autoptr(GByteArray) body = g_byte_array_new();
    frame_put_text(body, child->name);
    frame_put_i64(body, child->pid);
    if (core->control.fd < 0 || poll(&p, 1, 0) != 1 || !frame_send_fd(&core->control, WIRE_PEER, body, fd)) {
        log_error("core.deaf", NULL);
        child_kill(core, SIGKILL);
    }
}

void
child_launch(struct child *child)
{
    g_autoptr(GError) error = NULL;
    int data[2] = {-1, -1};
    bool has_peer = child->role != PROCESS_CORE;
    bool launched = (!has_peer || child_socketpair(data, &error)) && launch(child, data[1], &error);
    if (launched && has_peer)
        give_peer(child, data[0]);
    if (data[0] >= 0) {
        close(data[0]);
        close(data[1]);
    }
    if (launched)
        return;
    log_error("child.not_started", "process", child->name, "error", error->message, NULL);
    child->started_at_ms = clock_monotonic_ms();
    child->delay_ms = child_next_delay(child, 1000, STEADY_MS);
    child_schedule_restart(child);
}

void
child_launch_secret(struct child *asker, int fd)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *name = g_strconcat("secret:", asker->name, NULL);
    if (child_find(asker->supervisor, name)) {
        /* Its last command still runs; the closed socket tells it to wait. */
        close(fd);
        return;
    }
    struct child *helper = child_new(asker->supervisor, g_steal_pointer(&name));
    g_ptr_array_add(asker->supervisor->children, helper);
    if (!launch(helper, fd, &error)) {
        log_error("child.not_started", "process", helper->name, "error", error->message, NULL);
        g_ptr_array_remove(asker->supervisor->children, helper);
    }
    close(fd);
}

void
child_kill(struct child *child, int signal_number)
{
    if (child->pid > 0)
        kill(child->pid, signal_number);
    child->signalled = signal_number;
}

bool
children_any_running(const struct supervisor *supervisor)
{
    for (guint i = 0; i < supervisor->children->len; i++) {
        const struct child *child = g_ptr_array_index(supervisor->children, i);
        if (child->pid > 0)
            return true;
    }
    return false;
}

static gboolean
restart_now(gpointer data)
{
    struct child *child = data;
    child->restart = 0;
    child_launch(child);
    return G_SOURCE_REMOVE;
}

void
child_schedule_restart(struct child *child)
{
    if (child->restart == 0)
        child->restart = g_timeout_add(child->delay_ms, restart_now, child);
}

guint
child_next_delay(const struct child *child, guint first_ms, guint max_ms)
{
    if (child->delay_ms == 0 || clock_monotonic_ms() - child->started_at_ms >= STEADY_MS)
        return first_ms;
    return MIN(child->delay_ms * 2, max_ms);
}

static void
child_ended(struct child *child, int status)
{
    g_autofree char *how = child_status_text(status);
    bool was_told = child->supervisor->state == SUPERVISOR_STOPPING && WIFSIGNALED(status) &&
                    WTERMSIG(status) == child->signalled;
    bool expected = was_told || (WIFEXITED(status) && WEXITSTATUS(status) == 0);
    log_write(expected ? LOG_LEVEL_DEBUG : LOG_LEVEL_WARNING, "child.ended", "process", child->name, "pid",
              log_int(child->pid).text, "how", how, NULL);
    child->pid = 0;
    /* Its last words come before its end. */
    if (child->watch) {
        g_source_remove(child->watch);
        child->watch = 0;
        struct frame frame;
        while (frame_receive(&child->control, 0, &frame) == FRAME_READY)
            if (!supervisor_take_frame(child, &frame))
                break;
        frame_channel_clear(&child->control);
    }
    supervisor_child_ended(child, status);
}

void
children_reap(struct supervisor *supervisor)
{
    /* From the end: helpers, which come last, leave the array when they have ended. An end may change the
     * whole array (all are gone: a new start), so the look begins anew after each. */
    for (guint i = supervisor->children->len; i > 0; i--) {
        struct child *child = g_ptr_array_index(supervisor->children, i - 1);
        int status;
        if (child->pid > 0 && waitpid(child->pid, &status, WNOHANG) == child->pid) {
            child_ended(child, status);
            i = supervisor->children->len + 1;
        }
    }
}
