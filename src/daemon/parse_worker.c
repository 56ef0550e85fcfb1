/* parse_worker.c - one raw mail in, one record out, under limits. Decides nothing about a mail; whoever
 * asks (pool.c, parse_once.c) counts deaths.
 *
 * Time limits are interval timers whose default action is death: no code of ours or of a library has to
 * notice them. They run from before the first byte is looked at until the answer is made; the time that
 * the asker takes to read the answer is not the mail's. */
#include "process.h"

#include "sandbox.h"
#include "wire.h"

#include <cardpost/caps.h>
#include <cardpost/error.h>
#include <cardpost/log.h>
#include <cardpost/mime.h>

#include <signal.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

/* Room for the head of an answer beside the bytes of its parts. */
#define ANSWER_HEAD_BYTES (64 * 1024)

struct raw {
    void *data; /* mapped; NULL when len is 0 */
    gsize len;
};

static void
raw_clear(struct raw *raw)
{
    if (raw->data)
        munmap(raw->data, raw->len);
}
typedef struct raw raw_t;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(raw_t, raw_clear)

/* Takes the descriptor over. (Its size by lseek: fstat is a look at a path for the sandbox.) */
static bool
raw_map(int fd, struct raw *raw_out)
{
    *raw_out = (struct raw){0};
    off_t size = fd >= 0 ? lseek(fd, 0, SEEK_END) : -1;
    bool good = size >= 0 && size <= CAP_FRAME_BYTES;
    if (good && size > 0) {
        void *data = mmap(NULL, (gsize)size, PROT_READ, MAP_PRIVATE, fd, 0);
        good = data != MAP_FAILED;
        if (good)
            *raw_out = (struct raw){.data = data, .len = (gsize)size};
    }
    if (fd >= 0)
        close(fd);
    return good;
}

static const void *
raw_bytes(const struct raw *raw)
{
    return raw->data ? raw->data : "";
}

/* 0 takes the limits off. */
static void
set_limits(int cpu_s, int wall_s)
{
    struct itimerval cpu = {.it_value = {.tv_sec = cpu_s}}, wall = {.it_value = {.tv_sec = wall_s}};
    setitimer(ITIMER_PROF, &cpu, NULL);
    setitimer(ITIMER_REAL, &wall, NULL);
}

static enum wire_frame
parse(const struct raw *raw, GByteArray *answer, GError **error)
{
    g_autoptr(mail_t) mail = mime_parse(raw_bytes(raw), raw->len, error);
    if (!mail)
        return WIRE_UNREADABLE;
    mail_encode(mail, answer);
    return WIRE_PARSED;
}

static enum wire_frame
extract(const struct raw *raw, struct frame_reader *job, GByteArray *answer, GError **error)
{
    uint32_t n = frame_get_u32(job);
    frame_put_u32(answer, n);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t part = frame_get_u32(job);
        g_autoptr(GBytes) content = job->failed ? NULL : mime_part(raw_bytes(raw), raw->len, part, error);
        if (!content)
            return WIRE_UNREADABLE;
        if (answer->len + g_bytes_get_size(content) > CAP_FRAME_BYTES - ANSWER_HEAD_BYTES) {
            g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_PERMANENT, "its parts are too large in sum");
            return WIRE_UNREADABLE;
        }
        frame_put_bytes(answer, g_bytes_get_data(content, NULL), g_bytes_get_size(content));
    }
    return WIRE_EXTRACTED;
}

/* UNREADABLE in place of a begun answer. */
static void
put_unreadable(GByteArray *answer, int64_t id, const char *why)
{
    g_autofree char *text = g_utf8_make_valid(why, -1);
    g_byte_array_set_size(answer, 0);
    frame_put_i64(answer, id);
    frame_put_text(answer, text);
}

/* One job; false: the asker is gone or talks nonsense. */
static bool
serve(struct frame_channel *asker, const struct frame *frame)
{
    struct frame_reader job;
    frame_reader_init(&job, frame->body, frame->len);
    int64_t id = frame_get_i64(&job);
    g_auto(raw_t) raw = {0};
    bool mapped = raw_map(frame_take_fd(asker), &raw);
    if (job.failed || !mapped || (frame->type != WIRE_PARSE && frame->type != WIRE_EXTRACT))
        return false;
    g_autoptr(GByteArray) answer = g_byte_array_new();
    g_autoptr(GError) error = NULL;
    frame_put_i64(answer, id);
    set_limits(CAP_PARSE_CPU_S, CAP_PARSE_WALL_S);
    enum wire_frame type =
        frame->type == WIRE_PARSE ? parse(&raw, answer, &error) : extract(&raw, &job, answer, &error);
    set_limits(0, 0);
    if (!frame_reader_end(&job) && type != WIRE_UNREADABLE)
        return false;
    if (type == WIRE_UNREADABLE)
        put_unreadable(answer, id, error ? error->message : "malformed request");
    return frame_send(asker, type, answer);
}

int
parse_worker_run(struct process *process)
{
    g_autoptr(GError) error = NULL;
    signal(SIGTERM, SIG_IGN);
    frame_channel_clear(&process->control);
    mime_open();
    tzset();
    if (!sandbox_parse(&error)) {
        log_error("parse.sandbox", "error", error->message, NULL);
        return EX_OSERR;
    }
    struct frame frame;
    for (int done = 0; done < CAP_PARSE_MAILS; done++) {
        enum frame_status status = frame_receive(&process->data, -1, &frame);
        if (status == FRAME_CLOSED)
            return EX_OK;
        if (status != FRAME_READY || !serve(&process->data, &frame))
            return EX_PROTOCOL;
    }
    return EX_OK;
}
