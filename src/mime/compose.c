/* compose.c - mime_compose: an outgoing mail as its final bytes.
 *
 * The fields are written here and not by GMime's message writer, which puts CR and LF of a Message-ID or file
 * name raw onto the wire (measured, 3.2.13); GMime writes dates and quoted-printable. Every value passes
 * fold.c, so no field can end early. Nothing depends on the clock or on chance. */
#include <cardpost/mime.h>

#include "fold.h"

#include <cardpost/caps.h>
#include <cardpost/clean.h>
#include <cardpost/error.h>

#include <gmime/gmime.h>
#include <string.h>

#define BASE64_LINE_BYTES 76

static bool
refuse(GError **error, const char *what, const char *value)
{
    g_autofree char *shown = clean_line(value, CAP_NAME_BYTES);
    g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_INVALID, "%s cannot be sent: \"%s\"", what, shown);
    return false;
}

static bool
is_safe_id(const char *id)
{
    g_autofree char *clean = clean_message_id(id);
    return clean && strcmp(clean, id) == 0;
}

static bool
is_field_name(const char *name)
{
    if (!name || !*name || strlen(name) > 70)
        return false;
    for (const char *p = name; *p; p++)
        if (!g_ascii_isalnum(*p) && *p != '-')
            return false;
    return true;
}

static bool
check(const struct outmail *mail, GError **error)
{
    if (!clean_is_address(mail->from_address))
        return refuse(error, "From address", mail->from_address);
    if (!clean_is_address(mail->to_address))
        return refuse(error, "To address", mail->to_address);
    if (mail->reply_to_address && !clean_is_address(mail->reply_to_address))
        return refuse(error, "Reply-To address", mail->reply_to_address);
    if (!is_safe_id(mail->message_id))
        return refuse(error, "Message-ID", mail->message_id);
    for (guint i = 0; i < mail->extra->len; i++) {
        const struct outmail_header *header = mail->extra->pdata[i];
        if (!is_field_name(header->name))
            return refuse(error, "header field name", header->name);
    }
    return true;
}

/* ---- header fields */

static void
add_address(GString *out, const char *field, const char *name, const char *address)
{
    if (!address)
        return;
    g_autofree char *phrase = fold_phrase(name);
    g_autofree char *value = g_strdup_printf("%s%s<%s>", phrase, *phrase ? " " : "", address);
    fold_field(out, field, *phrase ? value : address);
}

static void
add_id(GString *out, const char *field, const char *id)
{
    if (!id || !is_safe_id(id))
        return;
    g_autofree char *value = g_strdup_printf("<%s>", id);
    fold_field(out, field, value);
}

static void
add_references(GString *out, const GPtrArray *references)
{
    g_autoptr(GString) value = g_string_new(NULL);
    for (guint i = 0; i < references->len; i++)
        if (is_safe_id(references->pdata[i]))
            g_string_append_printf(value, "%s<%s>", value->len > 0 ? " " : "",
                                   (const char *)references->pdata[i]);
    if (value->len > 0)
        fold_field(out, "References", value->str);
}

static void
add_text(GString *out, const char *field, const char *text)
{
    if (!text)
        return;
    g_autofree char *value = fold_text(text);
    fold_field(out, field, value);
}

/* A value with a form of its own, complete as it is: only made safe for one line. */
static void
add_structured(GString *out, const char *field, const char *text)
{
    g_autofree char *value = text ? clean_line(text, 0) : NULL;
    if (value && g_str_is_ascii(value))
        fold_field(out, field, value);
    else
        add_text(out, field, text);
}

static void
add_date(GString *out, const struct outmail *mail)
{
    g_autoptr(GTimeZone) zone = g_time_zone_new_offset(mail->date_offset_s);
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(mail->date_at);
    g_autoptr(GDateTime) local = g_date_time_to_timezone(utc, zone);
    g_autofree char *value = g_mime_utils_header_format_date(local);
    fold_field(out, "Date", value);
}

/* Absent fields are left out. */
static void
add_fields(GString *out, const struct outmail *mail)
{
    add_address(out, "From", mail->from_name, mail->from_address);
    add_address(out, "To", mail->to_name, mail->to_address);
    add_address(out, "Reply-To", mail->reply_to_name, mail->reply_to_address);
    add_text(out, "Subject", mail->subject ? mail->subject : "");
    add_date(out, mail);
    add_id(out, "Message-ID", mail->message_id);
    add_id(out, "In-Reply-To", mail->in_reply_to);
    add_references(out, mail->references);
    add_text(out, "Thread-Topic", mail->thread_topic);
    add_text(out, "Thread-Index", mail->thread_index);
    add_structured(out, "List-Id", mail->list_id);
    add_structured(out, "List-Unsubscribe", mail->list_unsubscribe);
    add_text(out, "Auto-Submitted", mail->auto_submitted);
    add_text(out, "Precedence", mail->precedence);
    add_text(out, "Content-Language", mail->language);
    for (guint i = 0; i < mail->extra->len; i++) {
        const struct outmail_header *header = mail->extra->pdata[i];
        add_text(out, header->name, header->value);
    }
    g_string_append(out, "MIME-Version: 1.0\r\n");
}

/* ---- bodies */

/* LF to CRLF. */
static void
append_lines(GString *out, const char *text, gsize len)
{
    for (gsize i = 0; i < len; i++) {
        if (text[i] == '\n')
            g_string_append_c(out, '\r');
        g_string_append_c(out, text[i]);
    }
    if (len > 0 && text[len - 1] != '\n')
        g_string_append(out, "\r\n");
}

static void
append_base64(GString *out, const guint8 *bytes, gsize len)
{
    g_autofree char *text = g_base64_encode(bytes, len);
    gsize text_len = strlen(text);
    for (gsize at = 0; at < text_len; at += BASE64_LINE_BYTES) {
        g_string_append_len(out, text + at, (gssize)MIN(BASE64_LINE_BYTES, text_len - at));
        g_string_append(out, "\r\n");
    }
}

static void
append_quoted(GString *out, const char *text, gsize len)
{
    GMimeEncoding encoding;
    g_mime_encoding_init_encode(&encoding, GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
    g_autofree char *encoded = g_malloc(g_mime_encoding_outlen(&encoding, len));
    gsize n = g_mime_encoding_flush(&encoding, text, len, encoded);
    append_lines(out, encoded, n);
}

/* Quoted-printable stays readable where most is ASCII; base64 is shorter elsewhere. */
static void
append_text_part(GString *out, const char *subtype, const char *text)
{
    g_autofree char *clean = clean_text(text, text ? strlen(text) : 0, 0);
    gsize len = strlen(clean), high = 0;
    for (gsize i = 0; i < len; i++)
        high += (guchar)clean[i] >= 0x80;
    bool quoted = high <= len / 6;
    g_string_append_printf(out,
                           "Content-Type: text/%s; charset=utf-8\r\n"
                           "Content-Transfer-Encoding: %s\r\n\r\n",
                           subtype, quoted ? "quoted-printable" : "base64");
    if (quoted)
        append_quoted(out, clean, len);
    else
        append_base64(out, (const guint8 *)clean, len);
}

static bool
is_type(const char *type)
{
    const char *slash = type ? strchr(type, '/') : NULL;
    if (!slash || slash == type || !slash[1] || strlen(type) > 100)
        return false;
    for (const char *p = type; *p; p++)
        if (p != slash && !g_ascii_isalnum(*p) && !strchr(".+-_", *p))
            return false;
    return !g_str_has_prefix(type, "multipart/") && !g_str_has_prefix(type, "message/");
}

/* Made from the Message-ID, so that equal mails are equal bytes. "=_" is in no body that we encode. */
static char *
boundary_of(const struct outmail *mail, const char *level)
{
    g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, mail->message_id, -1);
    return g_strdup_printf("=_%.24s.%s", sum, level);
}

static void
begin_multipart(GString *out, const char *subtype, const char *boundary)
{
    g_string_append_printf(out, "Content-Type: multipart/%s;\r\n boundary=\"%s\"\r\n\r\n", subtype, boundary);
}

static void
append_text(GString *out, const struct outmail *mail)
{
    if (!mail->html) {
        append_text_part(out, "plain", mail->text);
        return;
    }
    g_autofree char *boundary = boundary_of(mail, "alternative");
    begin_multipart(out, "alternative", boundary);
    g_string_append_printf(out, "--%s\r\n", boundary);
    append_text_part(out, "plain", mail->text);
    g_string_append_printf(out, "--%s\r\n", boundary);
    append_text_part(out, "html", mail->html);
    g_string_append_printf(out, "--%s--\r\n", boundary);
}

static void
append_file(GString *out, const struct outmail_file *file)
{
    gsize len;
    const guint8 *bytes = g_bytes_get_data(file->content, &len);
    g_autofree char *name = fold_file_name(file->name);
    g_string_append_printf(out,
                           "Content-Type: %s\r\n"
                           "Content-Transfer-Encoding: base64\r\n"
                           "Content-Disposition: attachment;\r\n %s\r\n\r\n",
                           is_type(file->type) ? file->type : "application/octet-stream", name);
    append_base64(out, bytes, len);
}

static void
append_body(GString *out, const struct outmail *mail)
{
    if (mail->files->len == 0) {
        append_text(out, mail);
        return;
    }
    g_autofree char *boundary = boundary_of(mail, "mixed");
    begin_multipart(out, "mixed", boundary);
    g_string_append_printf(out, "--%s\r\n", boundary);
    append_text(out, mail);
    for (guint i = 0; i < mail->files->len; i++) {
        g_string_append_printf(out, "--%s\r\n", boundary);
        append_file(out, mail->files->pdata[i]);
    }
    g_string_append_printf(out, "--%s--\r\n", boundary);
}

GBytes *
mime_compose(const struct outmail *mail, GError **error)
{
    if (!check(mail, error))
        return NULL;
    GString *out = g_string_sized_new(8192);
    add_fields(out, mail);
    append_body(out, mail);
    return g_string_free_to_bytes(out);
}
