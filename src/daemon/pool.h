/* pool.h - core's side of the parse workers: a queue of jobs, one mail in a worker's hands at a time.
 *
 * Answers come from the main loop, in any order; the caller puts them in order and counts attempts. The
 * supervisor makes the workers and hands their channels over (parse_pool_add), again after each death. */
#ifndef DAEMON_POOL_H
#define DAEMON_POOL_H

#include <cardpost/mail.h>

#include <glib.h>
#include <stdint.h>

struct parse_pool;

enum parse_outcome {
    PARSE_DONE,       /* mail or parts are there */
    PARSE_UNREADABLE, /* the mail is refused for good, `failure` says why: quarantine */
    PARSE_DIED,       /* the worker died or was killed with this job in hand: an attempt is used up */
};

struct parse_result {
    enum parse_outcome outcome;
    struct mail *mail;   /* of a parse job that is done; mail_free'd after the call unless taken (set NULL) */
    GPtrArray *parts;    /* GBytes *, of an extract job that is done; unref'd after the call */
    const char *failure; /* for the operator; NULL when done */
};
typedef void parse_done_fn(void *data, int64_t id, struct parse_result *result);

/* Asks that the worker of this name be killed: it hangs beyond all its own limits. */
typedef void parse_kill_fn(void *data, const char *worker);

struct parse_pool *parse_pool_new(parse_kill_fn *kill, void *kill_data);
/* Jobs still queued or in hand are dropped without a word: they were not the mails' deaths. */
void parse_pool_free(struct parse_pool *pool);

/* A worker of this name is there at this descriptor, which the pool takes over. */
void parse_pool_add(struct parse_pool *pool, const char *worker, int fd);

/* `id` is the caller's name of the job. `done` is called exactly once, later, never from within this call. */
void parse_pool_read(struct parse_pool *pool, int64_t id, GBytes *raw, parse_done_fn *done, void *data);
void parse_pool_extract(struct parse_pool *pool, int64_t id, GBytes *raw, const uint32_t *parts, guint n,
                        parse_done_fn *done, void *data);

/* Jobs not yet answered. */
guint parse_pool_pending(const struct parse_pool *pool);

#endif
