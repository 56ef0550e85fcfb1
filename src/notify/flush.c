/* flush.c - due notices become final mails in the outbox. Files they carry are fetched by core beforehand
 * (decoding a part is the parse worker's work) and held here only until the flush. */
#include "notify.h"

#include <cardpost/log.h>

#define DUE_AT_ONCE 200
/* Files are looked for no further ahead than notices are rendered in one go. */
#define FILES_AHEAD 50

static void
unref_bytes(void *bytes)
{
    if (bytes)
        g_bytes_unref(bytes);
}

static void
unref_zone(void *zone)
{
    if (zone)
        g_time_zone_unref(zone);
}

struct notify *
notify_new(struct store *store, const struct config *config, const char *template_dir, GError **error)
{
    struct render *render = render_open(template_dir, config->template_dir, error);
    if (!render)
        return NULL;
    struct notify *notify = g_new0(struct notify, 1);
    notify->store = store;
    notify->config = config;
    notify->render = render;
    notify->zones = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, unref_zone);
    notify->files = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, unref_bytes);
    return notify;
}

void
notify_free(struct notify *notify)
{
    if (!notify)
        return;
    render_free(notify->render);
    g_hash_table_unref(notify->zones);
    g_hash_table_unref(notify->files);
    g_free(notify);
}

static void
destroy_attachment(void *attachment)
{
    attachment_free(attachment);
}

/* The draft's travelling attachments that are not at hand; *missing may be NULL to only count them. */
static guint
missing_files(const struct notify *notify, const struct draft *draft, GPtrArray *missing)
{
    guint n = 0;
    gsize used = 0;
    for (guint i = 0; i < draft->attachments->len; i++) {
        const struct attachment *attachment = draft->attachments->pdata[i];
        if (!draft_travels(draft, attachment, &used) || g_hash_table_contains(notify->files, &attachment->id))
            continue;
        n++;
        if (missing)
            g_ptr_array_add(missing, attachment_get(notify->store, attachment->id));
    }
    return n;
}

GPtrArray *
notify_files_needed(struct notify *notify, int64_t now, GError **error)
{
    g_autoptr(GPtrArray) missing = g_ptr_array_new_with_free_func(destroy_attachment);
    g_autoptr(GPtrArray) due = notice_due(notify->store, now, FILES_AHEAD);
    for (guint i = 0; i < due->len; i++) {
        struct draft draft;
        if (draft_init(notify, due->pdata[i], &draft))
            missing_files(notify, &draft, missing);
        draft_clear(&draft);
        if (missing->len > 0)
            break; /* one mail's files at a time: at most CAP_NOTICE_FILES_BYTES are held */
    }
    return store_check(notify->store, error) ? g_steal_pointer(&missing) : NULL;
}

void
notify_file(struct notify *notify, int64_t attachment_id, GBytes *content)
{
    int64_t *key = g_new(int64_t, 1);
    *key = attachment_id;
    g_hash_table_insert(notify->files, key, content ? g_bytes_ref(content) : NULL);
}

/* What one transaction has dealt with: int64_t ids. */
struct flushed {
    GArray *notices, *files;
};

static bool
was_done(const struct flushed *flushed, int64_t id)
{
    for (guint i = 0; i < flushed->notices->len; i++)
        if (g_array_index(flushed->notices, int64_t, i) == id)
            return true;
    return false;
}

static void
finish(struct notify *notify, const struct draft *draft, int64_t outbox_id, struct flushed *flushed)
{
    for (guint i = 0; i < draft->together->len; i++) {
        const struct notice *notice = draft->together->pdata[i];
        notice_done(notify->store, notice->id, outbox_id);
        g_array_append_val(flushed->notices, notice->id);
    }
    for (guint i = 0; i < draft->attachments->len; i++)
        g_array_append_val(flushed->files, ((const struct attachment *)draft->attachments->pdata[i])->id);
}

/* False: its files are not at hand yet. */
static bool
flush_one(struct notify *notify, const struct notice *notice, int64_t now, struct flushed *flushed)
{
    struct draft draft;
    bool readable = draft_init(notify, notice, &draft);
    bool ready = !readable || missing_files(notify, &draft, NULL) == 0;
    if (ready) {
        int64_t outbox_id = readable ? draft_send(notify, &draft, now) : 0;
        finish(notify, &draft, outbox_id, flushed);
        log_info("notice.rendered", "notice", log_int(notice->id).text, "kind",
                 notice_kind_name(notice->kind), "card",
                 notice->card_id ? log_int(notice->card_id).text : NULL, "outbox", log_int(outbox_id).text,
                 NULL);
    }
    draft_clear(&draft);
    return ready;
}

/* The files of a mail that is due and still waits, for others of its files or for its turn, stay. */
static void
forget_files(struct notify *notify, const struct flushed *flushed, bool none_waits)
{
    if (none_waits)
        g_hash_table_remove_all(notify->files);
    for (guint i = 0; i < flushed->files->len; i++)
        g_hash_table_remove(notify->files, &g_array_index(flushed->files, int64_t, i));
}

bool
notify_flush(struct notify *notify, int64_t now, guint n, guint *done_out, GError **error)
{
    *done_out = 0;
    g_autoptr(GPtrArray) due = notice_due(notify->store, now, MIN(n, DUE_AT_ONCE));
    g_autoptr(GArray) notices = g_array_new(FALSE, FALSE, sizeof(int64_t));
    g_autoptr(GArray) files = g_array_new(FALSE, FALSE, sizeof(int64_t));
    struct flushed flushed = {.notices = notices, .files = files};
    if (!store_check(notify->store, error))
        return false;
    if (due->len == 0)
        return true;
    store_begin(notify->store);
    for (guint i = 0; i < due->len; i++) {
        const struct notice *notice = due->pdata[i];
        if (was_done(&flushed, notice->id) || flush_one(notify, notice, now, &flushed))
            (*done_out)++;
    }
    bool committed = store_commit(notify->store, error);
    if (committed)
        forget_files(notify, &flushed, *done_out == due->len && due->len < MIN(n, DUE_AT_ONCE));
    return committed;
}

int64_t
notify_next_at(struct notify *notify)
{
    int64_t notice = notice_next_due(notify->store), outbox = outbox_next_due(notify->store);
    if (outbox && outbox < notify->next_send_at)
        outbox = notify->next_send_at;
    return notice && outbox ? MIN(notice, outbox) : notice ? notice : outbox;
}
