/* core_source.c - core's side of the mail sources: which mails are wanted, the journal commit of those that
 * came, and the word that they are done with. Reads nothing in a mail.
 *
 * The order that loses nothing: a mail is journaled and committed (intake_journal) before anything else is
 * done with it, and its source is told to settle it only when the state that holds its outcome is committed
 * too. A mail whose commit never came is simply still on the server, and wanted again. */
#include "core.h"

#include <cardpost/caps.h>
#include <cardpost/clock.h>
#include <cardpost/error.h>

#include <glib-unix.h>
#include <string.h>

struct core_arrival {
    char *mailbox;
    int64_t uidvalidity;
    struct source_mail mail; /* raw points into `raw` */
    GBytes *raw;
};

void
core_arrival_free(gpointer data)
{
    struct core_arrival *arrival = data;
    g_free(arrival->mailbox);
    g_free(arrival->mail.ref);
    g_bytes_unref(arrival->raw);
    g_free(arrival);
}

void
core_source_free(gpointer data)
{
    struct core_source *source = data;
    if (source->watch)
        g_source_remove(source->watch);
    if (source->again)
        g_source_remove(source->again);
    frame_channel_clear(&source->channel);
    g_free(source->role);
    g_free(source->mailbox);
    g_hash_table_unref(source->told);
    g_free(source->detail);
    g_free(source->mend);
    g_free(source);
}

/* ---- the journal */

static gboolean
journal_arrived(gpointer data)
{
    struct core *core = data;
    g_autoptr(GError) error = NULL;
    guint n = core->arrived->len;
    g_autofree struct intake_mail *mails = g_new0(struct intake_mail, n);
    for (guint i = 0; i < n; i++) {
        const struct core_arrival *from = g_ptr_array_index(core->arrived, i);
        mails[i] = (struct intake_mail){.mailbox = from->mailbox,
                                        .uidvalidity = from->uidvalidity,
                                        .ref = from->mail.ref,
                                        .size_bytes = from->mail.size_bytes,
                                        .arrived_at = from->mail.arrived_at,
                                        .is_partial = from->mail.is_partial,
                                        .raw = from->mail.raw,
                                        .raw_len = from->mail.raw_len};
    }
    core->journal = 0;
    if (!intake_journal(core->intake, mails, n, clock_now(), &error)) {
        /* Nothing is written, nothing acknowledged: the same again. Sources are held back meanwhile. */
        if (core_may_retry(core, "journal.waiting", error))
            core->journal = g_timeout_add_seconds(CORE_RETRY_S, journal_arrived, core);
        return G_SOURCE_REMOVE;
    }
    g_ptr_array_set_size(core->arrived, 0);
    core->arrived_bytes = 0;
    core_fold_wake(core->fold);
    core_sources_regulate(core);
    return G_SOURCE_REMOVE;
}

/* Commits when the loop has nothing more to read. */
static void
schedule_journal(struct core *core)
{
    if (core->journal == 0 && core->arrived->len > 0)
        core->journal = g_idle_add(journal_arrived, core);
}

static bool
is_batch_full(const struct core *core)
{
    return core->arrived->len >= CAP_BATCH_MAILS || core->arrived_bytes >= CAP_BATCH_BYTES;
}

/* ---- frames of a source; false: malformed, or the source is gone */

static bool
take_mail(struct core_source *source, const struct frame *frame)
{
    struct core *core = source->core;
    struct source_mail mail;
    if (!source->is_open || !source_decode_mail(frame, &mail))
        return false;
    struct core_arrival *arrival = g_new0(struct core_arrival, 1);
    arrival->mailbox = g_strdup(source->mailbox);
    arrival->uidvalidity = source->uidvalidity;
    arrival->raw = g_bytes_new(mail.raw, mail.raw_len);
    arrival->mail = mail;
    arrival->mail.raw = g_bytes_get_data(arrival->raw, &arrival->mail.raw_len);
    g_ptr_array_add(core->arrived, arrival);
    core->arrived_bytes += mail.raw_len;
    schedule_journal(core);
    return true;
}

static bool
send_refs(struct core_source *source, enum source_frame type, const GPtrArray *refs)
{
    return source_send_refs(&source->channel, type, (char *const *)refs->pdata, refs->len);
}

/* Of what is there, what the ledger does not know. */
static bool
take_list(struct core_source *source, const struct frame *frame)
{
    g_autoptr(GArray) items = source->is_open ? source_decode_list(frame) : NULL;
    if (!items)
        return false;
    g_autoptr(GPtrArray) wanted = g_ptr_array_new();
    for (guint i = 0; i < items->len; i++) {
        const struct source_item *item = &g_array_index(items, struct source_item, i);
        if (!ledger_has(source->core->store, source->mailbox, source->uidvalidity, item->ref))
            g_ptr_array_add(wanted, item->ref);
    }
    bool by_key = source->is_renumbered && wanted->len > 0;
    return send_refs(source, by_key ? SOURCE_WANT_KEYS : SOURCE_WANT, wanted);
}

static bool
is_once(const GPtrArray *keys, guint at)
{
    for (guint i = 0; i < keys->len; i++)
        if (i != at && strcmp(keys->pdata[i], keys->pdata[at]) == 0)
            return false;
    return true;
}

/* After a UIDVALIDITY change: known mails get a ledger row under their new ref, the others are wanted, and
 * so are those that look alike: which of them is the known one only their bytes tell. */
static bool
take_keys(struct core_source *source, const struct frame *frame)
{
    struct store *store = source->core->store;
    GPtrArray *refs = NULL, *keys = NULL;
    if (!source->is_open || !source_decode_keys(frame, &refs, &keys))
        return false;
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) wanted = g_ptr_array_new();
    journal_begin(store);
    for (guint i = 0; i < refs->len; i++) {
        char *ref = g_ptr_array_index(refs, i);
        const char *key = g_ptr_array_index(keys, i);
        int64_t seq = *key && is_once(keys, i)
                          ? ledger_seq_by_key(store, source->mailbox, source->uidvalidity, key, NULL)
                          : 0;
        if (seq > 0)
            ledger_add(store, source->mailbox, source->uidvalidity, ref, seq, key);
        else
            g_ptr_array_add(wanted, ref);
    }
    bool good = journal_commit(store, &error) || core_may_retry(source->core, "ledger.waiting", error);
    /* What could not be noted is fetched anew and recognised as a duplicate then. */
    good = good && send_refs(source, SOURCE_WANT, wanted);
    g_ptr_array_unref(refs);
    g_ptr_array_unref(keys);
    return good;
}

static bool
take_open(struct core_source *source, const struct frame *frame)
{
    int64_t uidvalidity, next;
    if (!source_decode_open(frame, &uidvalidity, &next))
        return false;
    source->uidvalidity = ledger_numbering(source->core->store, source->mailbox, (uint32_t)uidvalidity, next);
    source->is_open = true;
    source->state = SOURCE_CONNECTING;
    g_hash_table_remove_all(source->told);
    source->is_renumbered = ledger_was_renumbered(source->core->store, source->mailbox, source->uidvalidity);
    if (source->is_renumbered)
        log_warning("source.renumbered", "mailbox", source->mailbox, "uidvalidity", log_int(uidvalidity).text,
                    NULL);
    if (!source_send_resume(&source->channel, 1))
        return false;
    core_sources_settle(source->core);
    return true;
}

static gboolean
settle_again(gpointer data)
{
    struct core_source *source = data;
    source->again = 0;
    g_hash_table_remove_all(source->told);
    core_sources_settle(source->core);
    return G_SOURCE_REMOVE;
}

static bool
take_settled(struct core_source *source, const struct frame *frame)
{
    struct store *store = source->core->store;
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) refs = source->is_open ? source_decode_refs(frame) : NULL;
    if (!refs)
        return false;
    journal_begin(store);
    for (guint i = 0; i < refs->len; i++)
        ledger_settle(store, source->mailbox, source->uidvalidity, g_ptr_array_index(refs, i));
    /* Not noted: told again after a while; settling twice does no harm. */
    if (!journal_commit(store, &error)) {
        if (source->again == 0)
            source->again = g_timeout_add_seconds(CORE_RETRY_S, settle_again, source);
        return core_may_retry(source->core, "ledger.waiting", error);
    }
    for (guint i = 0; i < refs->len; i++)
        g_hash_table_remove(source->told, g_ptr_array_index(refs, i));
    core_sources_settle(source->core);
    return true;
}

static bool
take_state(struct core_source *source, const struct frame *frame)
{
    g_autofree char *detail = NULL, *mend = NULL;
    enum source_state state;
    if (!source_decode_state(frame, &state, &detail, &mend))
        return false;
    bool is_new = state != source->state;
    source->state = state;
    g_free(source->detail);
    g_free(source->mend);
    source->detail = g_steal_pointer(&detail);
    source->mend = g_steal_pointer(&mend);
    /* All that was there when it was opened is known now; what comes from here on is new, like it or not. */
    if (state == SOURCE_UP) {
        source->is_renumbered = false;
        core_sources_settle(source->core);
    }
    if (state == SOURCE_REFUSED && is_new) {
        g_autofree char *text = g_strdup_printf("mailbox %s: %s (%s)", source->mailbox, source->detail,
                                                source->mend ? source->mend : "");
        core_out_tell_admin(source->core->out, text);
    }
    return true;
}

/* Wanted mails that vanished: nothing of them is in our hands, and nobody will list them again. */
static bool
take_gone(struct core_source *source, const struct frame *frame)
{
    g_autoptr(GPtrArray) refs = source_decode_refs(frame);
    if (!refs)
        return false;
    for (guint i = 0; i < refs->len; i++)
        log_info("mail.gone", "mailbox", source->mailbox, "ref", g_ptr_array_index(refs, i), NULL);
    return true;
}

static bool
take_frame(struct core_source *source, const struct frame *frame)
{
    switch (frame->type) {
    case SOURCE_STATE:
        return take_state(source, frame);
    case SOURCE_OPEN:
        return take_open(source, frame);
    case SOURCE_LIST:
        return take_list(source, frame);
    case SOURCE_KEYS:
        return take_keys(source, frame);
    case SOURCE_MAIL:
        return take_mail(source, frame);
    case SOURCE_GONE:
        return take_gone(source, frame);
    case SOURCE_SETTLED:
        return take_settled(source, frame);
    default:
        return false;
    }
}

static gboolean
source_readable(gint fd, GIOCondition condition, gpointer data)
{
    (void)fd, (void)condition;
    struct core_source *source = data;
    struct core *core = source->core;
    struct frame frame;
    enum frame_status status = FRAME_NONE;
    while (!is_batch_full(core) && (status = frame_receive(&source->channel, 0, &frame)) == FRAME_READY)
        if (!take_frame(source, &frame)) {
            status = FRAME_BAD;
            break;
        }
    if (status == FRAME_BAD || status == FRAME_CLOSED) {
        log_write(status == FRAME_BAD ? LOG_LEVEL_ERROR : LOG_LEVEL_DEBUG, "source.closed", "process",
                  source->role, NULL);
        g_ptr_array_remove(core->sources, source);
        core_consider_stop(core);
        return G_SOURCE_CONTINUE;
    }
    core_sources_regulate(core);
    core_consider_stop(core);
    return G_SOURCE_CONTINUE;
}

/* ---- the sources as a whole */

bool
core_sources_are_read(const struct core *core, guint *n_failed_out)
{
    *n_failed_out = 0;
    for (guint i = 0; i < core->sources->len; i++) {
        const struct core_source *source = g_ptr_array_index(core->sources, i);
        if (source->state == SOURCE_CONNECTING)
            return false;
        *n_failed_out += source->state != SOURCE_UP;
    }
    return core->sources->len == core->process->config->mailboxes->len;
}

bool
core_sources_are_settling(const struct core *core)
{
    for (guint i = 0; i < core->sources->len; i++) {
        const struct core_source *source = g_ptr_array_index(core->sources, i);
        if (source->state == SOURCE_UP && g_hash_table_size(source->told) > 0)
            return true;
    }
    return false;
}

/* Whole frames may lie in the buffer of a source whose reading was held back: no poll would tell of them. */
static gboolean
read_buffered(gpointer data)
{
    struct core_source *source = data;
    source->watch = 0;
    source->watch = g_unix_fd_add(source->channel.fd, G_IO_IN | G_IO_HUP | G_IO_ERR, source_readable, source);
    return source_readable(source->channel.fd, G_IO_IN, source), G_SOURCE_REMOVE;
}

void
core_sources_regulate(struct core *core)
{
    bool holds_back = is_batch_full(core) || core_fold_is_full(core->fold);
    for (guint i = 0; i < core->sources->len; i++) {
        struct core_source *source = g_ptr_array_index(core->sources, i);
        if (holds_back && source->watch) {
            g_source_remove(source->watch);
            source->watch = 0;
        } else if (!holds_back && source->watch == 0 && !core->is_stopping) {
            source->watch = g_idle_add_full(G_PRIORITY_DEFAULT, read_buffered, source, NULL);
        }
    }
}

/* Refs of this source that are done and that it has not been told of in this session. A mail that cannot be
 * moved stays told and keeps no other waiting; not many are told at once, as two processes that wait for each
 * other's reading never move again. */
static void
settle(struct core_source *source, int64_t applied)
{
    guint told = g_hash_table_size(source->told);
    bool is_there = source->state == SOURCE_UP || source->state == SOURCE_CONNECTING;
    if (!source->is_open || !is_there || told >= SOURCE_LIST_MAX)
        return;
    g_autoptr(GPtrArray) fresh = g_ptr_array_new();
    g_autoptr(GPtrArray) refs = ledger_unsettled(source->core->store, source->mailbox, source->uidvalidity,
                                                 applied, told + SOURCE_LIST_MAX);
    for (guint i = 0; refs && i < refs->len && fresh->len < SOURCE_LIST_MAX; i++) {
        char *ref = g_ptr_array_index(refs, i);
        if (g_hash_table_add(source->told, g_strdup(ref)))
            g_ptr_array_add(fresh, ref);
    }
    if (fresh->len > 0)
        send_refs(source, SOURCE_SETTLE, fresh);
}

void
core_sources_settle(struct core *core)
{
    g_autoptr(GError) error = NULL;
    int64_t applied = outcome_last(core->store);
    for (guint i = 0; i < core->sources->len; i++)
        settle(g_ptr_array_index(core->sources, i), applied);
    if (!store_check(core->store, &error))
        core_may_retry(core, "ledger.waiting", error);
}

void
core_sources_stop(struct core *core)
{
    for (guint i = 0; i < core->sources->len; i++) {
        struct core_source *source = g_ptr_array_index(core->sources, i);
        if (source->watch)
            g_source_remove(source->watch);
        source->watch = 0;
    }
}

void
core_sources_describe(const struct core *core, GString *text)
{
    static const char *const names[] = {"connecting", "up", "down", "refused"};
    for (guint i = 0; i < core->sources->len; i++) {
        const struct core_source *source = g_ptr_array_index(core->sources, i);
        g_string_append_printf(text, "%s\t%s\t%s\t%s\n", source->mailbox, names[source->state],
                               source->detail ? source->detail : "", source->mend ? source->mend : "");
    }
}

void
core_source_add(struct core *core, const char *role, const char *mailbox, int fd)
{
    struct core_source *source = g_new0(struct core_source, 1);
    source->core = core;
    source->role = g_strdup(role);
    source->mailbox = g_strdup(mailbox);
    source->told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    frame_channel_init(&source->channel, fd);
    g_ptr_array_add(core->sources, source);
    core_sources_regulate(core);
}
