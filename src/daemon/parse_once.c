/* parse_once.c - one parse worker for a command that reads mails itself (explain, attachment get,
 * run --once). Same process, same limits as under the supervisor; here the caller waits. */
#include <cardpost/daemon.h>

#include "child.h"
#include "raw_fd.h"
#include "wire.h"

#include <cardpost/caps.h>
#include <cardpost/error.h>

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* The worker's own limit ends it before. */
#define ANSWER_TIMEOUT_MS ((CAP_PARSE_WALL_S + 5) * 1000)

struct job {
    enum wire_frame type;
    const uint32_t *part; /* of an EXTRACT */
    const void *raw;
    gsize len;
};

struct parse_worker {
    pid_t pid; /* 0: none */
    struct frame_channel channel;
    int served;
    int64_t last_id;
};

/* Starts the process with `fds[1]` as its data channel; the control channel carries HELLO and is closed. */
static pid_t
start_process(int data_fd, GError **error)
{
    int control[2];
    if (!child_socketpair(control, error))
        return -1;
    char role[] = "parse:0";
    struct child_start start = {.role = role, .control_fd = control[1], .data_fd = data_fd};
    struct frame_channel channel;
    frame_channel_init(&channel, control[0]);
    wire_send_hello(&channel, &(struct wire_hello){.role = role, .log_level = LOG_LEVEL_INFO});
    pid_t pid = child_start(&start, error);
    close(control[1]);
    frame_channel_clear(&channel);
    return pid;
}

static bool
ensure_process(struct parse_worker *worker, GError **error)
{
    if (worker->pid > 0)
        return true;
    int data[2];
    if (!child_socketpair(data, error))
        return false;
    pid_t pid = start_process(data[1], error);
    close(data[1]);
    if (pid < 0) {
        close(data[0]);
        return false;
    }
    frame_channel_init(&worker->channel, data[0]);
    worker->pid = pid;
    worker->served = 0;
    return true;
}

/* Closes the channel, ends the process if it has not ended, and returns its wait status. */
static int
end_process(struct parse_worker *worker, bool kill_it)
{
    int status = 0;
    frame_channel_clear(&worker->channel);
    if (kill_it)
        kill(worker->pid, SIGKILL);
    while (waitpid(worker->pid, &status, 0) < 0 && errno == EINTR)
        ;
    worker->pid = 0;
    return status;
}

struct parse_worker *
daemon_parse_start(GError **error)
{
    struct parse_worker *worker = g_new0(struct parse_worker, 1);
    if (ensure_process(worker, error))
        return worker;
    g_free(worker);
    return NULL;
}

void
daemon_parse_stop(struct parse_worker *worker)
{
    if (!worker)
        return;
    if (worker->pid > 0)
        end_process(worker, true);
    g_free(worker);
}

/* Whether the process was ended by one of its own time limits. */
static bool
was_too_slow(int status)
{
    return WIFSIGNALED(status) && (WTERMSIG(status) == SIGPROF || WTERMSIG(status) == SIGALRM);
}

static void
tell_death(int status, GError **error)
{
    g_autofree char *text = child_status_text(status);
    if (was_too_slow(status))
        g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_PERMANENT, "the reader took too long");
    else
        g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_PERMANENT, "the reader died (%s)", text);
}

static bool
send_job(struct parse_worker *worker, const struct job *job, GError **error)
{
    g_autoptr(GByteArray) request = g_byte_array_new();
    frame_put_i64(request, ++worker->last_id);
    if (job->part) {
        frame_put_u32(request, 1);
        frame_put_u32(request, *job->part);
    }
    int fd = raw_fd_new(job->raw, job->len, error);
    if (fd < 0)
        return false;
    bool sent = frame_send_fd(&worker->channel, job->type, request, fd);
    close(fd);
    if (!sent)
        tell_death(end_process(worker, false), error);
    return sent;
}

static bool
receive_answer(struct parse_worker *worker, struct wire_answer *answer_out, GError **error)
{
    struct frame frame;
    enum frame_status status = frame_receive(&worker->channel, ANSWER_TIMEOUT_MS, &frame);
    if (status == FRAME_READY && wire_decode_answer(&frame, worker->last_id, answer_out)) {
        if (++worker->served >= CAP_PARSE_MAILS)
            end_process(worker, false);
        return true;
    }
    int end = end_process(worker, status != FRAME_CLOSED);
    if (status == FRAME_NONE)
        g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_PERMANENT, "the reader took too long");
    else
        tell_death(end, error);
    return false;
}

/* One job and its answer; an UNREADABLE one is the error. */
static bool
ask(struct parse_worker *worker, const struct job *job, struct wire_answer *answer_out, GError **error)
{
    if (!ensure_process(worker, error) || !send_job(worker, job, error) ||
        !receive_answer(worker, answer_out, error))
        return false;
    if (!answer_out->unreadable)
        return true;
    g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_PERMANENT, "%s", answer_out->unreadable);
    g_free(answer_out->unreadable);
    return false;
}

/* An answer of the other kind is nonsense. */
static void
tell_nonsense(GError **error)
{
    g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_PERMANENT, "the reader answered nonsense");
}

struct mail *
daemon_parse(struct parse_worker *worker, const void *raw, gsize len, GError **error)
{
    struct wire_answer answer;
    struct job job = {.type = WIRE_PARSE, .raw = raw, .len = len};
    if (!ask(worker, &job, &answer, error))
        return NULL;
    if (!answer.mail) {
        g_ptr_array_unref(answer.parts);
        tell_nonsense(error);
    }
    return answer.mail;
}

GBytes *
daemon_extract(struct parse_worker *worker, const void *raw, gsize len, uint32_t part, GError **error)
{
    struct wire_answer answer;
    struct job job = {.type = WIRE_EXTRACT, .part = &part, .raw = raw, .len = len};
    if (!ask(worker, &job, &answer, error))
        return NULL;
    g_autoptr(GPtrArray) parts = answer.parts;
    if (parts && parts->len == 1)
        return g_bytes_ref(g_ptr_array_index(parts, 0));
    mail_free(answer.mail);
    tell_nonsense(error);
    return NULL;
}
