/* source.c - the frames between a mail source and core, written and read in one place.
 *
 * Does not know what a source does with them (src/imap, src/maildir) nor what core decides. Decoders run
 * in core on what another process sent: every count is checked before it is believed. */
#include <cardpost/source.h>

#include <string.h>

static void
put_valid_text(GByteArray *body, const char *text)
{
    g_autofree char *valid = text ? g_utf8_make_valid(text, -1) : NULL;
    frame_put_text(body, valid);
}

bool
source_send_state(struct frame_channel *core, enum source_state state, const char *detail, const char *mend)
{
    g_autoptr(GByteArray) body = g_byte_array_new();
    frame_put_u32(body, state);
    put_valid_text(body, detail ? detail : "");
    put_valid_text(body, mend);
    return frame_send(core, SOURCE_STATE, body);
}

bool
source_send_open(struct frame_channel *core, int64_t uidvalidity, int64_t next)
{
    g_autoptr(GByteArray) body = g_byte_array_new();
    frame_put_i64(body, uidvalidity);
    frame_put_i64(body, next);
    return frame_send(core, SOURCE_OPEN, body);
}

bool
source_send_resume(struct frame_channel *source, int64_t next)
{
    g_autoptr(GByteArray) body = g_byte_array_new();
    frame_put_i64(body, next);
    return frame_send(source, SOURCE_RESUME, body);
}

bool
source_send_list(struct frame_channel *core, const struct source_item *items, guint n)
{
    g_assert(n <= SOURCE_LIST_MAX);
    g_autoptr(GByteArray) body = g_byte_array_new();
    frame_put_u32(body, n);
    for (guint i = 0; i < n; i++) {
        frame_put_text(body, items[i].ref);
        frame_put_i64(body, items[i].size_bytes);
    }
    return frame_send(core, SOURCE_LIST, body);
}

bool
source_send_keys(struct frame_channel *core, char *const *refs, char *const *keys, guint n)
{
    g_assert(n <= SOURCE_LIST_MAX);
    g_autoptr(GByteArray) body = g_byte_array_new();
    frame_put_u32(body, n);
    for (guint i = 0; i < n; i++) {
        frame_put_text(body, refs[i]);
        frame_put_text(body, keys[i]);
    }
    return frame_send(core, SOURCE_KEYS, body);
}

bool
source_send_mail(struct frame_channel *core, const struct source_mail *mail)
{
    g_autoptr(GByteArray) body = g_byte_array_sized_new((guint)(mail->raw_len + SOURCE_REF_BYTES + 64));
    frame_put_text(body, mail->ref);
    frame_put_i64(body, mail->size_bytes);
    frame_put_i64(body, mail->arrived_at);
    frame_put_u32(body, mail->is_partial);
    frame_put_bytes(body, mail->raw, mail->raw_len);
    return frame_send(core, SOURCE_MAIL, body);
}

bool
source_send_refs(struct frame_channel *peer, enum source_frame type, char *const *refs, guint n)
{
    g_assert(n <= SOURCE_LIST_MAX);
    g_autoptr(GByteArray) body = g_byte_array_new();
    frame_put_u32(body, n);
    for (guint i = 0; i < n; i++)
        frame_put_text(body, refs[i]);
    return frame_send(peer, type, body);
}

/* A ref that can be one; anything else fails the reader. */
static char *
get_ref(struct frame_reader *reader)
{
    char *ref = frame_get_text(reader);
    if (!ref || *ref == '\0' || strlen(ref) > SOURCE_REF_BYTES)
        reader->failed = true;
    return ref;
}

/* How many entries follow; 0 and a failed reader when it is more than a frame may hold. */
static uint32_t
get_count(struct frame_reader *reader)
{
    uint32_t n = frame_get_u32(reader);
    if (n <= SOURCE_LIST_MAX)
        return n;
    reader->failed = true;
    return 0;
}

GPtrArray *
source_decode_refs(const struct frame *frame)
{
    struct frame_reader reader;
    frame_reader_init(&reader, frame->body, frame->len);
    g_autoptr(GPtrArray) refs = g_ptr_array_new_with_free_func(g_free);
    uint32_t n = get_count(&reader);
    for (uint32_t i = 0; i < n && !reader.failed; i++)
        g_ptr_array_add(refs, get_ref(&reader));
    return frame_reader_end(&reader) ? g_steal_pointer(&refs) : NULL;
}

bool
source_decode_number(const struct frame *frame, int64_t *number_out)
{
    struct frame_reader reader;
    frame_reader_init(&reader, frame->body, frame->len);
    *number_out = frame_get_i64(&reader);
    return frame_reader_end(&reader) && *number_out >= 0;
}

bool
source_decode_open(const struct frame *frame, int64_t *uidvalidity_out, int64_t *next_out)
{
    struct frame_reader reader;
    frame_reader_init(&reader, frame->body, frame->len);
    *uidvalidity_out = frame_get_i64(&reader);
    *next_out = frame_get_i64(&reader);
    return frame_reader_end(&reader) && *uidvalidity_out >= 0 && *uidvalidity_out <= UINT32_MAX &&
           *next_out >= 0;
}

bool
source_decode_state(const struct frame *frame, enum source_state *state_out, char **detail_out,
                    char **mend_out)
{
    struct frame_reader reader;
    frame_reader_init(&reader, frame->body, frame->len);
    uint32_t state = frame_get_u32(&reader);
    g_autofree char *detail = frame_get_text(&reader);
    g_autofree char *mend = frame_get_text(&reader);
    if (!frame_reader_end(&reader) || !detail || state > SOURCE_REFUSED)
        return false;
    *state_out = (enum source_state)state;
    *detail_out = g_steal_pointer(&detail);
    *mend_out = g_steal_pointer(&mend);
    return true;
}

static void
item_clear(gpointer data)
{
    struct source_item *item = data;
    g_clear_pointer(&item->ref, g_free);
}

GArray *
source_decode_list(const struct frame *frame)
{
    struct frame_reader reader;
    frame_reader_init(&reader, frame->body, frame->len);
    g_autoptr(GArray) items = g_array_new(FALSE, TRUE, sizeof(struct source_item));
    g_array_set_clear_func(items, item_clear);
    uint32_t n = get_count(&reader);
    for (uint32_t i = 0; i < n && !reader.failed; i++) {
        struct source_item item = {.ref = get_ref(&reader)};
        item.size_bytes = frame_get_i64(&reader);
        if (item.size_bytes < 0)
            reader.failed = true;
        g_array_append_val(items, item);
    }
    return frame_reader_end(&reader) ? g_steal_pointer(&items) : NULL;
}

bool
source_decode_keys(const struct frame *frame, GPtrArray **refs_out, GPtrArray **keys_out)
{
    struct frame_reader reader;
    frame_reader_init(&reader, frame->body, frame->len);
    g_autoptr(GPtrArray) refs = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);
    uint32_t n = get_count(&reader);
    for (uint32_t i = 0; i < n && !reader.failed; i++) {
        g_ptr_array_add(refs, get_ref(&reader));
        char *key = frame_get_text(&reader);
        if (!key)
            reader.failed = true;
        g_ptr_array_add(keys, key);
    }
    if (!frame_reader_end(&reader))
        return false;
    *refs_out = g_steal_pointer(&refs);
    *keys_out = g_steal_pointer(&keys);
    return true;
}

bool
source_decode_mail(const struct frame *frame, struct source_mail *mail_out)
{
    struct frame_reader reader;
    frame_reader_init(&reader, frame->body, frame->len);
    g_autofree char *ref = get_ref(&reader);
    *mail_out = (struct source_mail){.size_bytes = frame_get_i64(&reader)};
    mail_out->arrived_at = frame_get_i64(&reader);
    uint32_t is_partial = frame_get_u32(&reader);
    mail_out->raw = frame_get_bytes(&reader, &mail_out->raw_len);
    if (!frame_reader_end(&reader) || is_partial > 1 || mail_out->size_bytes < 0)
        return false;
    mail_out->is_partial = is_partial == 1;
    mail_out->ref = g_steal_pointer(&ref);
    return true;
}
