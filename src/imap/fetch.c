/* fetch.c - what is there, how it is recognised, and the mails themselves. Asks only for UID, RFC822.SIZE,
 * INTERNALDATE and BODY.PEEK; memory stays at one mail: each goes on to core as it is parsed. */
#include "session.h"

#include <cardpost/caps.h>
#include <cardpost/clean.h>
#include <cardpost/error.h>
#include <cardpost/header.h>
#include <cardpost/source.h>

#include <string.h>
#include <time.h>

/* Mails in one listing command: some 5 MB of answer. */
#define LIST_AT_ONCE 100000u

/* One FETCH answer, taken apart. */
struct answer {
    uint32_t uid, size;
    bool has_size;
    int64_t arrived_at;
    const char *body;
    gsize body_len;
};

static int64_t
date_time(const struct mailimap_date_time *d)
{
    if (!d)
        return 0;
    g_autoptr(GDateTime) time =
        g_date_time_new_utc(d->dt_year, d->dt_month, d->dt_day, d->dt_hour, d->dt_min, d->dt_sec);
    if (!time)
        return 0;
    int zone_s = (abs(d->dt_zone) / 100 * 60 + abs(d->dt_zone) % 100) * 60 * (d->dt_zone < 0 ? -1 : 1);
    return g_date_time_to_unix(time) - zone_s;
}

static void
read_item(const struct mailimap_msg_att_static *item, struct answer *answer)
{
    switch (item->att_type) {
    case MAILIMAP_MSG_ATT_UID:
        answer->uid = item->att_data.att_uid;
        break;
    case MAILIMAP_MSG_ATT_RFC822_SIZE:
        answer->size = item->att_data.att_rfc822_size;
        answer->has_size = true;
        break;
    case MAILIMAP_MSG_ATT_INTERNALDATE:
        answer->arrived_at = date_time(item->att_data.att_internal_date);
        break;
    case MAILIMAP_MSG_ATT_BODY_SECTION:
        answer->body = item->att_data.att_body_section->sec_body_part;
        answer->body_len = item->att_data.att_body_section->sec_length;
        break;
    }
}

static void
read_answer(const struct mailimap_msg_att *att, struct answer *answer)
{
    *answer = (struct answer){0};
    for (clistiter *i = clist_begin(att->att_list); i; i = clist_next(i)) {
        const struct mailimap_msg_att_item *item = clist_content(i);
        if (item->att_type == MAILIMAP_MSG_ATT_ITEM_STATIC)
            read_item(item->att_data.att_static, answer);
    }
}

/* libetpan calls the handler of single answers only when progress is asked for too. */
static void
no_progress(size_t current, size_t maximum, void *context)
{
    (void)current;
    (void)maximum;
    (void)context;
}

static bool
fetch_with(struct session *session, const char *command, int64_t bytes, mailimap_msg_att_handler *handler,
           void *data, GError **error)
{
    mailimap_set_progress_callback(session->imap, no_progress, no_progress, NULL);
    mailimap_set_msg_att_handler(session->imap, handler, data);
    bool done = session_command(session, command, bytes, error);
    mailimap_set_msg_att_handler(session->imap, NULL, NULL);
    mailimap_set_progress_callback(session->imap, NULL, NULL, NULL);
    return done;
}

/* Where no answer is no way on: a refused FETCH is a server in trouble, to be tried later. */
static bool
later(GError *failure, GError **error)
{
    failure->code = CARDPOST_ERROR_TEMPORARY;
    g_propagate_error(error, failure);
    return false;
}

/* ---- the list */

struct listing {
    GArray *items;
    uint32_t next;
};

static void
take_listed(struct mailimap_msg_att *att, void *data)
{
    struct listing *listing = data;
    struct answer answer;
    read_answer(att, &answer);
    /* "n:*" always answers the last mail, also below n */
    if (answer.uid < listing->next || !answer.has_size)
        return;
    struct listed item = {.uid = answer.uid, .size = answer.size};
    g_array_append_val(listing->items, item);
}

static int
by_uid(const void *a, const void *b)
{
    uint32_t x = ((const struct listed *)a)->uid, y = ((const struct listed *)b)->uid;
    return x < y ? -1 : x > y;
}

/* In rising order, each once, whatever the server sent. */
static void
tidy(GArray *items)
{
    g_array_sort(items, by_uid);
    guint n = 0;
    for (guint i = 0; i < items->len; i++)
        if (i == 0 ||
            g_array_index(items, struct listed, i).uid != g_array_index(items, struct listed, n - 1).uid)
            g_array_index(items, struct listed, n++) = g_array_index(items, struct listed, i);
    g_array_set_size(items, n);
}

/* The last UID to ask for together with `first`, or 0 for "*": an answer stays far below
 * CAP_IMAP_RESPONSE_BYTES, for LIST_AT_ONCE UIDs hold no more mails than that. */
static uint32_t
window_end(const struct session *session, uint32_t first)
{
    const struct mailimap_selection_info *info = session->imap->imap_selection_info;
    if (!info || info->sel_exists <= LIST_AT_ONCE || info->sel_uidnext <= first ||
        info->sel_uidnext - first <= LIST_AT_ONCE)
        return 0;
    return first + LIST_AT_ONCE - 1;
}

GArray *
fetch_list(struct session *session, uint32_t next, GError **error)
{
    g_autoptr(GArray) items = g_array_new(FALSE, FALSE, sizeof(struct listed));
    struct listing listing = {.items = items, .next = next};
    uint32_t first = next, last;
    do {
        last = window_end(session, first);
        g_autofree char *end = last > 0 ? g_strdup_printf("%u", last) : g_strdup("*");
        g_autofree char *command = g_strdup_printf("UID FETCH %u:%s (UID RFC822.SIZE)", first, end);
        GError *failure = NULL;
        if (!fetch_with(session, command, LIST_AT_ONCE, take_listed, &listing, &failure))
            return later(failure, error), NULL;
        first = last + 1;
    } while (last > 0);
    tidy(items);
    return g_steal_pointer(&items);
}

static void
append_uid(GString *command, uint32_t uid)
{
    if (g_ascii_isdigit(command->str[command->len - 1]))
        g_string_append_c(command, ',');
    g_string_append_printf(command, "%u", uid);
}

/* "UID FETCH 1,2,3 WHAT" for UIDs at the given stride in an array. */
static char *
fetch_command(const GArray *items, gsize stride, const char *what)
{
    GString *command = g_string_new("UID FETCH ");
    for (guint i = 0; i < items->len; i++)
        append_uid(command, *(const uint32_t *)(const void *)(items->data + i * stride));
    g_string_append_printf(command, " %s", what);
    return g_string_free(command, FALSE);
}

/* ---- content keys */

struct keying {
    const GArray *uids;
    GPtrArray *refs, *keys;
};

static bool
is_asked(const GArray *items, gsize stride, uint32_t uid)
{
    for (guint i = 0; i < items->len; i++)
        if (*(const uint32_t *)(const void *)(items->data + i * stride) == uid)
            return true;
    return false;
}

static void
take_key(struct mailimap_msg_att *att, void *data)
{
    struct keying *keying = data;
    struct answer answer;
    read_answer(att, &answer);
    if (!answer.body || !answer.has_size || !is_asked(keying->uids, sizeof(uint32_t), answer.uid))
        return;
    g_auto(header_block_t) block;
    header_block_parse(answer.body, answer.body_len, &block);
    /* without a good Message-ID two mails may have all the rest in common: the bytes must tell */
    g_autofree char *field = header_first(&block, "Message-ID");
    g_autofree char *id = clean_message_id(field);
    bool is_known_by_id = id && header_count(&block, "Message-ID") == 1;
    g_ptr_array_add(keying->refs, g_strdup_printf("%u", answer.uid));
    g_ptr_array_add(keying->keys, is_known_by_id ? header_content_key(&block, answer.size) : g_strdup(""));
}

bool
fetch_keys(struct session *session, const GArray *uids, GPtrArray *refs, GPtrArray *keys, GError **error)
{
    struct keying keying = {.uids = uids, .refs = refs, .keys = keys};
    g_autofree char *command = fetch_command(
        uids, sizeof(uint32_t), "(UID RFC822.SIZE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID FROM DATE)])");
    GError *failure = NULL;
    if (fetch_with(session, command, (int64_t)uids->len * 4096, take_key, &keying, &failure))
        return true;
    return later(failure, error);
}

/* ---- mails */

struct taking {
    struct session *session;
    struct fetch *fetch;
};

static const struct listed *
find_item(const GArray *items, uint32_t uid)
{
    for (guint i = 0; i < items->len; i++)
        if (g_array_index(items, struct listed, i).uid == uid)
            return &g_array_index(items, struct listed, i);
    return NULL;
}

/* Only what was asked for, and each once: answers for other mails are not ours to take. */
static void
take_mail(struct mailimap_msg_att *att, void *data)
{
    struct taking *taking = data;
    struct fetch *fetch = taking->fetch;
    struct answer answer;
    read_answer(att, &answer);
    const struct listed *item = find_item(fetch->items, answer.uid);
    if (taking->session->reads_past_end > 0 || fetch->core_gone || !item || !answer.body ||
        !g_hash_table_add(fetch->came, GUINT_TO_POINTER(answer.uid)))
        return;
    char ref[16];
    g_snprintf(ref, sizeof ref, "%u", answer.uid);
    struct source_mail mail = {.ref = ref,
                               .size_bytes = MAX(item->size, answer.size),
                               .arrived_at = answer.arrived_at,
                               .is_partial = fetch->is_partial,
                               .raw = (const uint8_t *)answer.body,
                               .raw_len = answer.body_len};
    int64_t paused_at = session_pause(taking->session);
    fetch->core_gone = !source_send_mail(fetch->core, &mail);
    session_resume(taking->session, paused_at);
}

bool
fetch_mails(struct session *session, struct fetch *fetch, GError **error)
{
    g_autofree char *what =
        fetch->is_partial
            ? g_strdup_printf("(UID INTERNALDATE RFC822.SIZE BODY.PEEK[]<0.%d>)", CAP_OVERSIZE_FETCH_BYTES)
            : g_strdup("(UID INTERNALDATE RFC822.SIZE BODY.PEEK[])");
    g_autofree char *command = fetch_command(fetch->items, sizeof(struct listed), what);
    struct taking taking = {.session = session, .fetch = fetch};
    int64_t bytes = 0;
    for (guint i = 0; i < fetch->items->len; i++)
        bytes +=
            fetch->is_partial ? CAP_OVERSIZE_FETCH_BYTES : g_array_index(fetch->items, struct listed, i).size;
    return fetch_with(session, command, bytes, take_mail, &taking, error);
}
