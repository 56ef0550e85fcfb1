/* mail.c - an incoming mail as plain data, and its frame body.
 *
 * Does not parse mail (mime.h). mail_decode runs in core on what a parse worker sent, and a worker may have
 * been taken over by the mail it read: each count, length and character is checked before it is believed,
 * so that nothing decoded here can overflow a sum or break a header, a log line or a page. */
#include <cardpost/mail.h>

#include <cardpost/caps.h>
#include <cardpost/error.h>

#include <string.h>

#define MAX_PROBLEMS      CAP_REFERENCES
#define MAX_LINE_BYTES    4096
#define MAX_DATE          INT64_C(253402300799) /* the end of the year 9999 */
#define SHA256_HEX_LENGTH 64

struct mail *
mail_new(void)
{
    struct mail *mail = g_new0(struct mail, 1);
    mail->in_reply_to = g_ptr_array_new_with_free_func(g_free);
    mail->references = g_ptr_array_new_with_free_func(g_free);
    mail->to = g_ptr_array_new_with_free_func((GDestroyNotify)mail_address_free);
    mail->cc = g_ptr_array_new_with_free_func((GDestroyNotify)mail_address_free);
    mail->delivered_to = g_ptr_array_new_with_free_func(g_free);
    mail->attachments = g_ptr_array_new_with_free_func((GDestroyNotify)mail_attachment_free);
    mail->problems = g_ptr_array_new_with_free_func(g_free);
    return mail;
}

static void
free_arrays(struct mail *mail)
{
    g_ptr_array_unref(mail->in_reply_to);
    g_ptr_array_unref(mail->references);
    g_ptr_array_unref(mail->to);
    g_ptr_array_unref(mail->cc);
    g_ptr_array_unref(mail->delivered_to);
    g_ptr_array_unref(mail->attachments);
    g_ptr_array_unref(mail->problems);
}

void
mail_free(struct mail *mail)
{
    if (!mail)
        return;
    free_arrays(mail);
    g_free(mail->subject);
    g_free(mail->message_id);
    g_free(mail->thread_index);
    g_free(mail->from.name);
    g_free(mail->from.address);
    g_free(mail->body_text);
    g_free(mail->reply_text);
    g_free(mail->quoted_text);
    g_free(mail->signature);
    g_free(mail->cut_rule);
    mail_forward_free(mail->forward);
    g_free(mail);
}

struct mail_address *
mail_address_new(const char *name, const char *address)
{
    struct mail_address *new = g_new0(struct mail_address, 1);
    new->name = g_strdup(name ? name : "");
    new->address = g_strdup(address ? address : "");
    return new;
}

void
mail_address_free(struct mail_address *address)
{
    if (!address)
        return;
    g_free(address->name);
    g_free(address->address);
    g_free(address);
}

void
mail_attachment_free(struct mail_attachment *attachment)
{
    if (!attachment)
        return;
    g_free(attachment->name);
    g_free(attachment->declared_type);
    g_free(attachment->type);
    g_free(attachment->content_id);
    g_free(attachment);
}

void
mail_forward_free(struct mail_forward *forward)
{
    if (!forward)
        return;
    g_free(forward->from.name);
    g_free(forward->from.address);
    g_free(forward->subject);
    g_free(forward->to);
    g_free(forward->text);
    g_free(forward);
}

/* ---- to bytes */

static void
put_strings(GByteArray *body, const GPtrArray *strings)
{
    frame_put_u32(body, strings->len);
    for (guint i = 0; i < strings->len; i++)
        frame_put_text(body, strings->pdata[i]);
}

static void
put_address(GByteArray *body, const struct mail_address *address)
{
    frame_put_text(body, address->name);
    frame_put_text(body, address->address);
}

static void
put_addresses(GByteArray *body, const GPtrArray *addresses)
{
    frame_put_u32(body, addresses->len);
    for (guint i = 0; i < addresses->len; i++)
        put_address(body, addresses->pdata[i]);
}

static void
put_attachments(GByteArray *body, const GPtrArray *attachments)
{
    frame_put_u32(body, attachments->len);
    for (guint i = 0; i < attachments->len; i++) {
        const struct mail_attachment *a = attachments->pdata[i];
        frame_put_u32(body, a->part);
        frame_put_text(body, a->name);
        frame_put_text(body, a->declared_type);
        frame_put_text(body, a->type);
        frame_put_i64(body, a->size_bytes);
        frame_put_text(body, a->sha256);
        frame_put_u32(body, a->is_inline);
        frame_put_text(body, a->content_id);
    }
}

static void
put_forward(GByteArray *body, const struct mail_forward *forward)
{
    frame_put_u32(body, forward != NULL);
    if (!forward)
        return;
    put_address(body, &forward->from);
    frame_put_i64(body, forward->date_at);
    frame_put_text(body, forward->subject);
    frame_put_text(body, forward->to);
    frame_put_text(body, forward->text);
}

void
mail_encode(const struct mail *mail, GByteArray *body)
{
    frame_put_text(body, mail->subject);
    frame_put_text(body, mail->message_id);
    put_strings(body, mail->in_reply_to);
    put_strings(body, mail->references);
    frame_put_text(body, mail->thread_index);
    frame_put_i64(body, mail->date_at);
    put_address(body, &mail->from);
    put_addresses(body, mail->to);
    put_addresses(body, mail->cc);
    put_strings(body, mail->delivered_to);
    frame_put_text(body, mail->body_text);
    frame_put_text(body, mail->reply_text);
    frame_put_text(body, mail->quoted_text);
    frame_put_text(body, mail->signature);
    frame_put_text(body, mail->cut_rule);
    put_forward(body, mail->forward);
    put_attachments(body, mail->attachments);
    put_strings(body, mail->problems);
    frame_put_u32(body, mail->is_encrypted);
    frame_put_u32(body, mail->is_damaged);
}

/* ---- from bytes: a value that is not allowed fails the reader like one that is cut off */

/* Text without control characters (but TAB and LF where `lines`), at most max_bytes; NULL as written. */
static char *
get_checked(struct frame_reader *reader, gsize max_bytes, bool lines)
{
    char *text = frame_get_text(reader);
    if (!text)
        return NULL;
    const char *p = text;
    while (*p && !(g_ascii_iscntrl(*p) && !(lines && (*p == '\n' || *p == '\t'))))
        p++;
    if (*p || (gsize)(p - text) > max_bytes)
        reader->failed = true;
    return text;
}

static char *
get_line(struct frame_reader *reader)
{
    return get_checked(reader, MAX_LINE_BYTES, false);
}

static char *
get_lines(struct frame_reader *reader)
{
    return get_checked(reader, CAP_TEXT_BYTES, true);
}

/* A count that is over its cap or that the bytes left cannot hold is 0 and fails the reader. */
static uint32_t
get_count(struct frame_reader *reader, uint32_t max)
{
    uint32_t n = frame_get_u32(reader);
    if (n <= max)
        return n;
    reader->failed = true;
    return 0;
}

static int64_t
get_number(struct frame_reader *reader, int64_t max)
{
    int64_t n = frame_get_i64(reader);
    if (n >= 0 && n <= max)
        return n;
    reader->failed = true;
    return 0;
}

static bool
get_flag(struct frame_reader *reader)
{
    return get_count(reader, 1) == 1;
}

/* The string, or "" and a failed reader where the sender wrote NULL in a place that is never NULL. */
static char *
never_null(struct frame_reader *reader, char *text)
{
    if (text)
        return text;
    reader->failed = true;
    return g_strdup("");
}

static void
get_strings(struct frame_reader *reader, uint32_t max, GPtrArray *strings)
{
    uint32_t n = get_count(reader, max);
    for (uint32_t i = 0; i < n && !reader->failed; i++)
        g_ptr_array_add(strings, never_null(reader, get_line(reader)));
}

static void
get_address(struct frame_reader *reader, struct mail_address *address_out)
{
    address_out->name = get_line(reader);
    address_out->address = get_line(reader);
}

static void
get_addresses(struct frame_reader *reader, GPtrArray *addresses)
{
    uint32_t n = get_count(reader, CAP_ADDRESSES);
    for (uint32_t i = 0; i < n && !reader->failed; i++) {
        struct mail_address *address = g_new0(struct mail_address, 1);
        address->name = never_null(reader, get_line(reader));
        address->address = never_null(reader, get_line(reader));
        g_ptr_array_add(addresses, address);
    }
}

static void
get_sha256(struct frame_reader *reader, char hex_out[SHA256_HEX_LENGTH + 1])
{
    g_autofree char *hex = get_line(reader);
    if (hex && strlen(hex) == SHA256_HEX_LENGTH && strspn(hex, "0123456789abcdef") == SHA256_HEX_LENGTH)
        memcpy(hex_out, hex, SHA256_HEX_LENGTH + 1);
    else
        reader->failed = true;
}

static void
get_attachments(struct frame_reader *reader, GPtrArray *attachments)
{
    uint32_t n = get_count(reader, CAP_MIME_PARTS);
    for (uint32_t i = 0; i < n && !reader->failed; i++) {
        struct mail_attachment *a = g_new0(struct mail_attachment, 1);
        a->part = get_count(reader, CAP_MIME_PARTS);
        a->name = never_null(reader, get_line(reader));
        a->declared_type = never_null(reader, get_line(reader));
        a->type = never_null(reader, get_line(reader));
        a->size_bytes = get_number(reader, CAP_FRAME_BYTES);
        get_sha256(reader, a->sha256);
        a->is_inline = get_flag(reader);
        a->content_id = get_line(reader);
        g_ptr_array_add(attachments, a);
    }
}

static struct mail_forward *
get_forward(struct frame_reader *reader)
{
    if (!get_flag(reader))
        return NULL;
    struct mail_forward *forward = g_new0(struct mail_forward, 1);
    get_address(reader, &forward->from);
    forward->date_at = get_number(reader, MAX_DATE);
    forward->subject = get_line(reader);
    forward->to = get_line(reader);
    forward->text = get_lines(reader);
    return forward;
}

struct mail *
mail_decode(struct frame_reader *reader, GError **error)
{
    g_autoptr(mail_t) mail = mail_new();
    mail->subject = get_line(reader);
    mail->message_id = get_line(reader);
    get_strings(reader, CAP_REFERENCES, mail->in_reply_to);
    get_strings(reader, CAP_REFERENCES, mail->references);
    mail->thread_index = get_line(reader);
    mail->date_at = get_number(reader, MAX_DATE);
    get_address(reader, &mail->from);
    get_addresses(reader, mail->to);
    get_addresses(reader, mail->cc);
    get_strings(reader, CAP_ADDRESSES, mail->delivered_to);
    mail->body_text = get_lines(reader);
    mail->reply_text = get_lines(reader);
    mail->quoted_text = get_lines(reader);
    mail->signature = get_lines(reader);
    mail->cut_rule = get_line(reader);
    mail->forward = get_forward(reader);
    get_attachments(reader, mail->attachments);
    get_strings(reader, MAX_PROBLEMS, mail->problems);
    mail->is_encrypted = get_flag(reader);
    mail->is_damaged = get_flag(reader);
    if (frame_reader_end(reader))
        return g_steal_pointer(&mail);
    g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_INVALID, "a parsed mail's record is malformed");
    return NULL;
}
