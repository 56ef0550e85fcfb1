/* wire.c - bodies of the frames between our processes. Knows their form, not what they lead to. */
#include "wire.h"

void
wire_hello_clear(struct wire_hello *hello)
{
    g_clear_pointer(&hello->role, g_free);
    g_clear_pointer(&hello->config_path, g_free);
    g_clear_pointer(&hello->config_text, g_free);
}

bool
wire_send_hello(struct frame_channel *child, const struct wire_hello *hello)
{
    g_autoptr(GByteArray) body = g_byte_array_new();
    frame_put_text(body, hello->role);
    frame_put_u32(body, hello->log_level);
    frame_put_text(body, hello->config_path);
    frame_put_text(body, hello->config_text);
    return frame_queue(child, WIRE_HELLO, body);
}

bool
wire_decode_hello(const struct frame *frame, struct wire_hello *hello_out)
{
    struct frame_reader reader;
    frame_reader_init(&reader, frame->body, frame->len);
    hello_out->role = frame_get_text(&reader);
    uint32_t level = frame_get_u32(&reader);
    hello_out->config_path = frame_get_text(&reader);
    hello_out->config_text = frame_get_text(&reader);
    hello_out->log_level = level <= LOG_LEVEL_DEBUG ? (enum log_level)level : LOG_LEVEL_INFO;
    if (frame->type == WIRE_HELLO && frame_reader_end(&reader) && level <= LOG_LEVEL_DEBUG && hello_out->role)
        return true;
    wire_hello_clear(hello_out);
    return false;
}

void
wire_deliver_clear(struct wire_deliver *job)
{
    g_clear_pointer(&job->envelope_from, g_free);
    g_clear_pointer(&job->recipient, g_free);
    g_clear_pointer(&job->key, g_free);
}

void
wire_encode_deliver(const struct wire_deliver *job, GByteArray *body)
{
    frame_put_i64(body, job->id);
    frame_put_text(body, job->envelope_from);
    frame_put_text(body, job->recipient);
    frame_put_text(body, job->key);
    frame_put_bytes(body, job->raw, job->raw_len);
}

bool
wire_decode_deliver(const struct frame *frame, struct wire_deliver *job_out)
{
    struct frame_reader reader;
    frame_reader_init(&reader, frame->body, frame->len);
    job_out->id = frame_get_i64(&reader);
    job_out->envelope_from = frame_get_text(&reader);
    job_out->recipient = frame_get_text(&reader);
    job_out->key = frame_get_text(&reader);
    job_out->raw = frame_get_bytes(&reader, &job_out->raw_len);
    if (frame->type == WIRE_DELIVER && frame_reader_end(&reader) && job_out->envelope_from &&
        job_out->recipient && job_out->key)
        return true;
    wire_deliver_clear(job_out);
    return false;
}

void
wire_encode_delivered(int64_t id, const struct smtp_result *result, GByteArray *body)
{
    frame_put_i64(body, id);
    frame_put_u32(body, result->outcome);
    frame_put_u32(body, (uint32_t)MAX(result->code, 0));
    frame_put_text(body, result->text);
    frame_put_i64(body, result->size_limit);
}

bool
wire_decode_delivered(const struct frame *frame, int64_t *id_out, struct smtp_result *result_out)
{
    struct frame_reader reader;
    frame_reader_init(&reader, frame->body, frame->len);
    *id_out = frame_get_i64(&reader);
    uint32_t outcome = frame_get_u32(&reader), code = frame_get_u32(&reader);
    *result_out = (struct smtp_result){.outcome = (enum smtp_outcome)MIN(outcome, SMTP_REFUSED),
                                       .code = (int)MIN(code, 999),
                                       .text = frame_get_text(&reader)};
    result_out->size_limit = frame_get_i64(&reader);
    if (frame->type == WIRE_DELIVERED && frame_reader_end(&reader) && outcome <= SMTP_REFUSED &&
        code <= 999 && result_out->size_limit >= 0)
        return true;
    g_clear_pointer(&result_out->text, g_free);
    return false;
}

/* n x bytes, or NULL when the count lies. */
static GPtrArray *
get_parts(struct frame_reader *reader)
{
    uint32_t n = frame_get_u32(reader);
    if (n > WIRE_PARTS_MAX)
        return NULL;
    g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    for (uint32_t i = 0; i < n && !reader->failed; i++) {
        gsize len;
        const uint8_t *data = frame_get_bytes(reader, &len);
        g_ptr_array_add(parts, g_bytes_new(data, len));
    }
    return frame_reader_end(reader) ? g_steal_pointer(&parts) : NULL;
}

static char *
get_reason(struct frame_reader *reader)
{
    g_autofree char *text = frame_get_text(reader);
    return frame_reader_end(reader) ? g_steal_pointer(&text) : NULL;
}

bool
wire_decode_answer(const struct frame *frame, int64_t id, struct wire_answer *answer_out)
{
    struct frame_reader reader;
    frame_reader_init(&reader, frame->body, frame->len);
    *answer_out = (struct wire_answer){0};
    if (frame_get_i64(&reader) != id || reader.failed)
        return false;
    if (frame->type == WIRE_PARSED) {
        g_autoptr(mail_t) mail = mail_decode(&reader, NULL);
        if (!mail || !frame_reader_end(&reader))
            return false;
        answer_out->mail = g_steal_pointer(&mail);
        return true;
    }
    if (frame->type == WIRE_EXTRACTED)
        return (answer_out->parts = get_parts(&reader)) != NULL;
    return frame->type == WIRE_UNREADABLE && (answer_out->unreadable = get_reason(&reader)) != NULL;
}

bool
wire_decode_text(const struct frame *frame, char **text_out)
{
    struct frame_reader reader;
    frame_reader_init(&reader, frame->body, frame->len);
    *text_out = get_reason(&reader);
    return *text_out != NULL;
}

void
wire_encode_code(uint32_t code, const char *text, GByteArray *body)
{
    frame_put_u32(body, code);
    frame_put_text(body, text ? text : "");
}

bool
wire_decode_code(const struct frame *frame, uint32_t *code_out, char **text_out)
{
    struct frame_reader reader;
    frame_reader_init(&reader, frame->body, frame->len);
    *code_out = frame_get_u32(&reader);
    *text_out = get_reason(&reader);
    return *text_out != NULL;
}

bool
wire_queue_text(struct frame_channel *peer, enum wire_frame type, const char *text)
{
    g_autoptr(GByteArray) body = g_byte_array_new();
    frame_put_text(body, text);
    return frame_queue(peer, type, body);
}
