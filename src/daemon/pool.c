/* pool.c - hands jobs to parse workers and takes their answers. Does not start, restart or kill processes,
 * and does not judge a mail that killed its reader.
 *
 * A worker has at most one job: when its channel closes, whose fault it was is known. It is let go after
 * CAP_PARSE_MAILS answers by closing its channel from this side, so that no job can be on its way to a
 * worker that is about to leave. A job that could not even be sent goes back to the head of the queue. */
#include "pool.h"

#include "raw_fd.h"
#include "wire.h"

#include <cardpost/caps.h>
#include <cardpost/log.h>

#include <glib-unix.h>
#include <unistd.h>

#define WATCHDOG_S (CAP_PARSE_WALL_S + 5)
/* Out of descriptors or memory: look again after. */
#define RETRY_MS 1000

struct job {
    int64_t id;
    enum wire_frame type;
    GByteArray *request;
    GBytes *raw;
    parse_done_fn *done;
    void *data;
};

struct worker {
    struct parse_pool *pool;
    char *name;
    struct frame_channel channel;
    guint watch, watchdog;
    int served;
    struct job *job; /* in hand, or NULL */
};

struct parse_pool {
    GPtrArray *workers; /* struct worker * */
    GQueue queue;       /* struct job * */
    guint dispatch;     /* idle or retry source, 0 if none */
    parse_kill_fn *kill;
    void *kill_data;
};

static gboolean dispatch(gpointer data);

static void
job_free(struct job *job)
{
    if (!job)
        return;
    g_byte_array_unref(job->request);
    g_bytes_unref(job->raw);
    g_free(job);
}

static void
worker_free(gpointer data)
{
    struct worker *worker = data;
    if (worker->watch)
        g_source_remove(worker->watch);
    if (worker->watchdog)
        g_source_remove(worker->watchdog);
    frame_channel_clear(&worker->channel);
    job_free(worker->job);
    g_free(worker->name);
    g_free(worker);
}

struct parse_pool *
parse_pool_new(parse_kill_fn *kill, void *kill_data)
{
    struct parse_pool *pool = g_new0(struct parse_pool, 1);
    pool->workers = g_ptr_array_new_with_free_func(worker_free);
    g_queue_init(&pool->queue);
    pool->kill = kill;
    pool->kill_data = kill_data;
    return pool;
}

void
parse_pool_free(struct parse_pool *pool)
{
    if (!pool)
        return;
    if (pool->dispatch)
        g_source_remove(pool->dispatch);
    g_ptr_array_unref(pool->workers);
    g_queue_clear_full(&pool->queue, (GDestroyNotify)job_free);
    g_free(pool);
}

static void
schedule(struct parse_pool *pool)
{
    if (pool->dispatch == 0 && !g_queue_is_empty(&pool->queue))
        pool->dispatch = g_idle_add_full(G_PRIORITY_DEFAULT, dispatch, pool, NULL);
}

/* Answers a job and forgets it. */
static void
finish(struct job *job, struct parse_result *result)
{
    job->done(job->data, job->id, result);
    mail_free(result->mail);
    if (result->parts)
        g_ptr_array_unref(result->parts);
    job_free(job);
}

/* The worker is gone or talks nonsense; with a job in hand that was the job's doing. */
static void
lose_worker(struct worker *worker, const char *why)
{
    struct job *job = g_steal_pointer(&worker->job);
    struct parse_pool *pool = worker->pool;
    if (job)
        log_warning("parse.died", "worker", worker->name, "job", log_int(job->id).text, "why", why, NULL);
    g_ptr_array_remove(pool->workers, worker);
    if (job)
        finish(job, &(struct parse_result){.outcome = PARSE_DIED, .failure = why});
}

/* False when the frame is no answer to the job in hand. */
static bool
take_answer(struct worker *worker, const struct frame *frame)
{
    struct wire_answer answer;
    if (!worker->job || !wire_decode_answer(frame, worker->job->id, &answer))
        return false;
    struct job *job = g_steal_pointer(&worker->job);
    struct parse_pool *pool = worker->pool;
    g_source_remove(worker->watchdog);
    worker->watchdog = 0;
    if (++worker->served >= CAP_PARSE_MAILS)
        g_ptr_array_remove(pool->workers, worker);
    schedule(pool);
    g_autofree char *unreadable = answer.unreadable;
    finish(job, &(struct parse_result){.outcome = unreadable ? PARSE_UNREADABLE : PARSE_DONE,
                                       .mail = answer.mail,
                                       .parts = answer.parts,
                                       .failure = unreadable});
    return true;
}

static gboolean
worker_readable(gint fd, GIOCondition condition, gpointer data)
{
    (void)fd, (void)condition;
    struct worker *worker = data;
    struct frame frame;
    enum frame_status status = frame_receive(&worker->channel, 0, &frame);
    if (status == FRAME_NONE)
        return G_SOURCE_CONTINUE;
    /* One worker, one job, one answer: what follows an answer is looked at in the next round. */
    if (status == FRAME_READY && take_answer(worker, &frame))
        return G_SOURCE_CONTINUE;
    lose_worker(worker, status == FRAME_CLOSED ? "the reader died" : "the reader answered nonsense");
    return G_SOURCE_CONTINUE;
}

static gboolean
worker_hangs(gpointer data)
{
    struct worker *worker = data;
    struct parse_pool *pool = worker->pool;
    worker->watchdog = 0;
    pool->kill(pool->kill_data, worker->name);
    lose_worker(worker, "the reader took too long");
    return G_SOURCE_REMOVE;
}

void
parse_pool_add(struct parse_pool *pool, const char *name, int fd)
{
    struct worker *worker = g_new0(struct worker, 1);
    worker->pool = pool;
    worker->name = g_strdup(name);
    frame_channel_init(&worker->channel, fd);
    worker->watch = g_unix_fd_add(fd, G_IO_IN | G_IO_HUP | G_IO_ERR, worker_readable, worker);
    g_ptr_array_add(pool->workers, worker);
    schedule(pool);
}

static struct worker *
idle_worker(const struct parse_pool *pool)
{
    for (guint i = 0; i < pool->workers->len; i++) {
        struct worker *worker = g_ptr_array_index(pool->workers, i);
        if (!worker->job)
            return worker;
    }
    return NULL;
}

/* False: nothing can be sent for the moment. */
static bool
give(struct worker *worker, struct job *job)
{
    struct parse_pool *pool = worker->pool;
    g_autoptr(GError) error = NULL;
    gsize len;
    const void *raw = g_bytes_get_data(job->raw, &len);
    int fd = raw_fd_new(raw, len, &error);
    if (fd < 0) {
        log_warning("parse.waiting", "error", error->message, NULL);
        g_queue_push_head(&pool->queue, job);
        return false;
    }
    bool sent = frame_send_fd(&worker->channel, job->type, job->request, fd);
    close(fd);
    if (!sent) {
        g_queue_push_head(&pool->queue, job);
        lose_worker(worker, NULL);
        return true;
    }
    worker->job = job;
    worker->watchdog = g_timeout_add_seconds(WATCHDOG_S, worker_hangs, worker);
    return true;
}

static gboolean
dispatch(gpointer data)
{
    struct parse_pool *pool = data;
    pool->dispatch = 0;
    for (struct worker *worker = idle_worker(pool); worker && !g_queue_is_empty(&pool->queue);
         worker = idle_worker(pool))
        if (!give(worker, g_queue_pop_head(&pool->queue))) {
            pool->dispatch = g_timeout_add(RETRY_MS, dispatch, pool);
            break;
        }
    return G_SOURCE_REMOVE;
}

static struct job *
job_new(int64_t id, enum wire_frame type, GBytes *raw, parse_done_fn *done, void *data)
{
    struct job *job = g_new0(struct job, 1);
    *job = (struct job){.id = id,
                        .type = type,
                        .request = g_byte_array_new(),
                        .raw = g_bytes_ref(raw),
                        .done = done,
                        .data = data};
    frame_put_i64(job->request, id);
    return job;
}

void
parse_pool_read(struct parse_pool *pool, int64_t id, GBytes *raw, parse_done_fn *done, void *data)
{
    g_queue_push_tail(&pool->queue, job_new(id, WIRE_PARSE, raw, done, data));
    schedule(pool);
}

void
parse_pool_extract(struct parse_pool *pool, int64_t id, GBytes *raw, const uint32_t *parts, guint n,
                   parse_done_fn *done, void *data)
{
    g_assert(n <= WIRE_PARTS_MAX);
    struct job *job = job_new(id, WIRE_EXTRACT, raw, done, data);
    frame_put_u32(job->request, n);
    for (guint i = 0; i < n; i++)
        frame_put_u32(job->request, parts[i]);
    g_queue_push_tail(&pool->queue, job);
    schedule(pool);
}

guint
parse_pool_pending(const struct parse_pool *pool)
{
    guint in_hand = 0;
    for (guint i = 0; i < pool->workers->len; i++) {
        const struct worker *worker = g_ptr_array_index(pool->workers, i);
        in_hand += worker->job != NULL;
    }
    return in_hand + pool->queue.length;
}
