/* core_fold.c - journaled mails through the parse workers into the state, strictly in journal order. Decides
 * nothing about a mail: intake does.
 *
 * A window of inputs is in hand: read by the workers in any order, applied in order, as many in one
 * transaction as are ready. What was in hand when core last ended may be what ended it: after a start the
 * first window is done one mail at a time, each attempt counted in the journal before the mail is touched. A
 * worker has one mail only, so its death counts at once. After CAP_ATTEMPTS the mail is quarantined and the
 * others go on. */
#include "core.h"

#include <cardpost/caps.h>
#include <cardpost/error.h>

struct entry {
    struct core_fold *fold;
    int64_t seq;
    gsize raw_bytes;
    struct mail *mail;
    char *failure;
    int attempts;   /* counted before it was read; 0: none */
    bool is_unread; /* could not be fetched from the journal yet */
    bool is_ready;
};

struct core_fold {
    struct core *core;
    GQueue window; /* struct entry *, in journal order */
    gsize window_bytes;
    int64_t taken;     /* last seq in the window so far; 0: begin after the fold's position */
    guint careful;     /* so many inputs are still to be done alone */
    bool is_exhausted; /* nothing more in the journal when last looked */
    guint step;        /* idle or retry source */
};

static gboolean step(gpointer data);

static void
schedule(struct core_fold *fold)
{
    if (fold->step == 0)
        fold->step = g_idle_add(step, fold);
}

static void
schedule_retry(struct core_fold *fold)
{
    if (fold->step == 0)
        fold->step = g_timeout_add_seconds(CORE_RETRY_S, step, fold);
}

static void
entry_free(gpointer data)
{
    struct entry *entry = data;
    mail_free(entry->mail);
    g_free(entry->failure);
    g_free(entry);
}

struct core_fold *
core_fold_new(struct core *core)
{
    struct core_fold *fold = g_new0(struct core_fold, 1);
    fold->core = core;
    fold->careful = CAP_BATCH_MAILS;
    g_queue_init(&fold->window);
    schedule(fold);
    return fold;
}

void
core_fold_free(struct core_fold *fold)
{
    if (!fold)
        return;
    if (fold->step)
        g_source_remove(fold->step);
    /* The pool is freed before: no answer comes any more. */
    g_queue_clear_full(&fold->window, entry_free);
    g_free(fold);
}

void
core_fold_wake(struct core_fold *fold)
{
    fold->is_exhausted = false;
    schedule(fold);
}

bool
core_fold_is_busy(const struct core_fold *fold)
{
    return !g_queue_is_empty((GQueue *)(uintptr_t)&fold->window);
}

bool
core_fold_is_done(const struct core_fold *fold)
{
    return fold->is_exhausted && fold->step == 0 && !core_fold_is_busy(fold);
}

bool
core_fold_is_full(const struct core_fold *fold)
{
    return fold->window.length >= CAP_BATCH_MAILS || fold->window_bytes >= CAP_BATCH_BYTES;
}

/* ---- reading */

static void read_entry(struct entry *entry);

static void
entry_ready(struct entry *entry, const char *failure)
{
    entry->failure = g_strdup(failure);
    entry->is_ready = true;
    schedule(entry->fold);
}

/* The death of its reader: once more, until there were enough of them. */
static void
entry_died(struct entry *entry, const char *why)
{
    struct core *core = entry->fold->core;
    g_autoptr(GError) error = NULL;
    /* the whole daemon dies: that is no mail's fault */
    if (core->exit_code != 0)
        return;
    int attempts = entry->attempts;
    entry->attempts = 0;
    if (attempts == 0)
        attempts = journal_count_attempt(core->store, entry->seq, &error);
    if (error && !core_may_retry(core, "journal.waiting", error))
        return;
    if (attempts >= CAP_ATTEMPTS) {
        log_warning("mail.unreadable", "input", log_int(entry->seq).text, "attempts", log_int(attempts).text,
                    "why", why, NULL);
        entry_ready(entry, why);
    } else {
        read_entry(entry);
    }
}

static void
entry_read(void *data, int64_t id, struct parse_result *result)
{
    (void)id;
    struct entry *entry = data;
    switch (result->outcome) {
    case PARSE_DONE:
        entry->mail = g_steal_pointer(&result->mail);
        entry_ready(entry, entry->mail ? NULL : "the reader answered nonsense");
        return;
    case PARSE_UNREADABLE:
        entry_ready(entry, result->failure);
        return;
    case PARSE_DIED:
        entry_died(entry, result->failure);
        return;
    }
}

static void
read_entry(struct entry *entry)
{
    struct core *core = entry->fold->core;
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) raw = intake_raw(core->intake, entry->seq, &error);
    entry->is_unread = error != NULL;
    if (error) {
        if (core_may_retry(core, "journal.waiting", error))
            schedule_retry(entry->fold);
    } else if (!raw) {
        entry_ready(entry, NULL);
    } else {
        entry->fold->window_bytes += g_bytes_get_size(raw) - entry->raw_bytes;
        entry->raw_bytes = g_bytes_get_size(raw);
        parse_pool_read(core->pool, entry->seq, raw, entry_read, entry);
    }
}

/* Before a mail that may have ended core is looked at: one attempt is used up. False: it has none left, or
 * the attempt could not be noted. */
static bool
begin_careful(struct entry *entry, bool *must_wait_out)
{
    struct core *core = entry->fold->core;
    g_autoptr(GError) error = NULL;
    g_autoptr(input_t) input = journal_input(core->store, entry->seq);
    *must_wait_out = false;
    if (input && input->attempts >= CAP_ATTEMPTS) {
        entry_ready(entry, "cardpost ended three times with this mail in hand");
        return false;
    }
    entry->attempts = journal_count_attempt(core->store, entry->seq, &error);
    *must_wait_out = error && core_may_retry(core, "journal.waiting", error);
    return error == NULL;
}

/* Puts the next input into the window; false: come back later. */
static bool
take_input(struct core_fold *fold, int64_t seq)
{
    bool must_wait = false;
    struct entry *entry = g_new0(struct entry, 1);
    entry->fold = fold;
    entry->seq = seq;
    bool reads = fold->careful == 0 || begin_careful(entry, &must_wait);
    if (must_wait) {
        entry_free(entry);
        return false;
    }
    fold->careful -= MIN(fold->careful, 1);
    fold->taken = seq;
    g_queue_push_tail(&fold->window, entry);
    if (reads)
        read_entry(entry);
    return true;
}

/* Fills the window from the journal; false: the journal cannot be read now. */
static bool
fill(struct core_fold *fold)
{
    struct core *core = fold->core;
    g_autoptr(GError) error = NULL;
    guint limit = fold->careful > 0 ? 1 : CAP_BATCH_MAILS;
    if (fold->is_exhausted || core->is_stopping || fold->window.length >= limit)
        return true;
    g_autoptr(GArray) seqs = intake_pending(core->intake, fold->taken, limit - fold->window.length, &error);
    if (!seqs)
        return error == NULL || !core_may_retry(core, "journal.waiting", error);
    /* Nothing was left over: from here on mails are new and go in batches. */
    if (seqs->len == 0) {
        fold->is_exhausted = true;
        fold->careful = 0;
    }
    for (guint i = 0; i < seqs->len && fold->window_bytes < CAP_BATCH_BYTES; i++)
        if (!take_input(fold, g_array_index(seqs, int64_t, i)))
            return false;
    return true;
}

static void
read_again(struct core_fold *fold)
{
    for (GList *l = fold->window.head; l; l = l->next)
        if (((struct entry *)l->data)->is_unread)
            read_entry(l->data);
}

/* ---- applying */

static guint
ready_at_head(struct core_fold *fold)
{
    guint n = 0;
    for (GList *l = fold->window.head; l && n < CAP_BATCH_MAILS; l = l->next, n++)
        if (!((struct entry *)l->data)->is_ready)
            break;
    return n;
}

static void
drop_head(struct core_fold *fold, guint n)
{
    for (guint i = 0; i < n; i++) {
        struct entry *entry = g_queue_pop_head(&fold->window);
        fold->window_bytes -= entry->raw_bytes;
        entry_free(entry);
    }
}

/* False: the state cannot be written now. */
static bool
apply(struct core_fold *fold)
{
    struct core *core = fold->core;
    g_autoptr(GError) error = NULL;
    guint n = ready_at_head(fold);
    if (n == 0)
        return true;
    g_autofree struct intake_item *items = g_new0(struct intake_item, n);
    GList *l = fold->window.head;
    for (guint i = 0; i < n; i++, l = l->next) {
        const struct entry *entry = l->data;
        items[i] = (struct intake_item){.seq = entry->seq, .mail = entry->mail, .failure = entry->failure};
    }
    if (!intake_apply(core->intake, items, n, &error))
        return !core_may_retry(core, "state.waiting", error);
    drop_head(fold, n);
    core_sources_settle(core);
    core_out_wake(core->out);
    return true;
}

static gboolean
step(gpointer data)
{
    struct core_fold *fold = data;
    struct core *core = fold->core;
    fold->step = 0;
    read_again(fold);
    if (!apply(fold) || !fill(fold)) {
        /* Waits its full time, whatever an entry has asked for meanwhile. */
        if (fold->step)
            g_source_remove(fold->step);
        fold->step = 0;
        schedule_retry(fold);
        return G_SOURCE_REMOVE;
    }
    core_sources_regulate(core);
    core_consider_stop(core);
    return G_SOURCE_REMOVE;
}
