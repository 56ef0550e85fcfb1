/* parse.c - mime_parse and mime_part: one mail from its bytes to struct mail.
 *
 * tree.c finds the parts and enforces the caps, fields.c and body.c read them; here the attachments are
 * listed and the forwarded mail is found. An attached mail's own text is never read as ours: only as
 * `forward`. */
#include <cardpost/mime.h>

#include "body.h"
#include "charset.h"
#include "expand.h"
#include "fields.h"
#include "filetype.h"

#include "words.h"

#include <cardpost/caps.h>
#include <cardpost/clean.h>
#include <cardpost/error.h>
#include <cardpost/text.h>

#include <gmime/gmime.h>
#include <stdint.h>
#include <string.h>

void
mime_open(void)
{
    g_mime_init();
    charset_open();
    filetype_open();
}

void
mime_close(void)
{
    filetype_close();
    charset_close();
    /* GMime stays: after g_mime_shutdown it cannot be initialised again (measured, 3.2.13) */
}

/* ---- attachments */

static char *
content_id_of(const struct part *part)
{
    g_autofree char *value = field_text(&part->head, "Content-ID", 0);
    return clean_message_id(value);
}

static char *
subject_of(const struct part *part, const GByteArray *content)
{
    if (!part_is(part, "message/rfc822"))
        return NULL;
    g_auto(header_block_t) head = {0};
    header_block_parse(content->data, content->len, &head);
    g_autofree char *value = field_text(&head, "Subject", 0);
    return value ? words_decode(value, NULL) : NULL;
}

/* A file without a name is called by its type, an attached mail by its subject. */
static char *
name_of(const struct tree *tree, const struct part *part, const GByteArray *content, const char *declared,
        const char *type)
{
    g_autofree char *given = body_file_name(tree, part);
    if (given && *given)
        return clean_filename(given);
    g_autofree char *subject = subject_of(part, content);
    const char *extension = filetype_extension(declared);
    g_autofree char *name = g_strconcat(subject && *subject ? subject : "attachment",
                                        *extension ? extension : filetype_extension(type), NULL);
    return clean_filename(name);
}

/* Only what begins like a type may be kept as one. */
static char *
declared_type_of(const struct part *part)
{
    g_autofree char *line = clean_line(part->type->value, CAP_NAME_BYTES);
    return g_steal_pointer(&line);
}

static bool
is_shown(const GPtrArray *content_ids, const char *content_id)
{
    return content_id && g_ptr_array_find_with_equal_func((GPtrArray *)(uintptr_t)content_ids, content_id,
                                                          g_str_equal, NULL);
}

static struct mail_attachment *
attachment_new(struct tree *tree, const struct part *part, const GPtrArray *content_ids)
{
    g_autoptr(GByteArray) content = part_content(tree, part);
    struct mail_attachment *attachment = g_new0(struct mail_attachment, 1);
    attachment->part = part->index;
    attachment->declared_type = declared_type_of(part);
    attachment->type = filetype_of(content->data, content->len, attachment->declared_type);
    attachment->name = name_of(tree, part, content, attachment->declared_type, attachment->type);
    attachment->size_bytes = content->len;
    g_autofree char *sum = g_compute_checksum_for_data(G_CHECKSUM_SHA256, content->data, content->len);
    g_strlcpy(attachment->sha256, sum, sizeof attachment->sha256);
    attachment->content_id = content_id_of(part);
    attachment->is_inline = is_shown(content_ids, attachment->content_id);
    return attachment;
}

/* Says of parts that stay closed why they do. */
static void
note_closed(struct tree *tree, const struct part *part)
{
    if (part_is(part, "multipart/encrypted"))
        tree_note_encrypted(tree);
    if (part_is(part, "message/external-body"))
        tree_note(tree, "part %u: its content is elsewhere and was not fetched", part->index);
    if (part_is(part, "message/partial"))
        tree_note(tree, "part %u: a piece of a mail that was sent in pieces, which are not joined",
                  part->index);
}

static void
list_attachments(struct tree *tree, const GPtrArray *content_ids, GPtrArray *attachments)
{
    for (guint i = 0; i < tree->parts->len; i++) {
        const struct part *part = tree->parts->pdata[i];
        if (part_is_leaf(part) && body_is_attachment(tree, part))
            g_ptr_array_add(attachments, attachment_new(tree, part, content_ids));
        note_closed(tree, part);
    }
}

/* ---- the mail */

static char *
one_line(const char *text, gsize max_bytes)
{
    return text ? clean_line(text, max_bytes) : NULL;
}

/* The strings of the text module once more cleaned and bounded, whatever they come from. */
static struct mail_forward *
forward_clean(const struct mail_forward *forward)
{
    if (!forward)
        return NULL;
    struct mail_forward *clean = g_new0(struct mail_forward, 1);
    clean->from.name = one_line(forward->from.name, CAP_NAME_BYTES);
    clean->from.address = one_line(forward->from.address, CAP_ADDRESS_BYTES * 2);
    clean->date_at = MAX(forward->date_at, 0);
    clean->subject = one_line(forward->subject, CAP_SUBJECT_BYTES);
    clean->to = one_line(forward->to, CAP_SUBJECT_BYTES);
    clean->text = forward->text ? clean_text(forward->text, strlen(forward->text), CAP_TEXT_BYTES) : NULL;
    return clean;
}

static void
take_text(struct mail *mail, struct text_parts *parts)
{
    mail->body_text = g_steal_pointer(&parts->body);
    mail->reply_text = g_steal_pointer(&parts->reply);
    mail->quoted_text = g_steal_pointer(&parts->quoted);
    mail->signature = g_steal_pointer(&parts->signature);
    mail->cut_rule = one_line(parts->rule, CAP_SUBJECT_BYTES);
    mail->forward = forward_clean(parts->forward);
}

/* All but attachments and forward. NULL: as mime_parse. */
static struct mail *
read_mail(struct tree *tree, struct text_parts *parts, GError **error)
{
    g_autoptr(mail_t) mail = mail_new();
    g_autofree char *charset = body_charset(tree);
    if (!fields_read(&tree_root(tree)->head, charset, mail, error))
        return NULL;
    body_read(tree, parts);
    take_text(mail, parts);
    return g_steal_pointer(&mail);
}

static char *
join_addresses(const GPtrArray *addresses)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < addresses->len; i++) {
        const struct mail_address *a = addresses->pdata[i];
        g_string_append_printf(text, "%s%s%s<%s>", i > 0 ? ", " : "", a->name, *a->name ? " " : "",
                               a->address);
    }
    g_autofree char *joined = g_string_free(text, FALSE);
    return clean_line(joined, CAP_SUBJECT_BYTES);
}

/* The attached mail as the one that was forwarded; NULL (and a problem) if it is over a cap. */
static struct mail_forward *
read_attached(struct tree *outer, const struct part *part)
{
    g_autoptr(GByteArray) content = part_content(outer, part);
    g_autoptr(tree_t) tree = expand_scan(content->data, content->len, NULL);
    g_auto(text_parts_t) parts = {0};
    g_autoptr(mail_t) mail = tree ? read_mail(tree, &parts, NULL) : NULL;
    if (!mail || tree_root(tree)->head.fields->len == 0) {
        tree_note(outer, "part %u: the attached mail cannot be read", part->index);
        return NULL;
    }
    struct mail_forward *forward = g_new0(struct mail_forward, 1);
    forward->from.name = g_steal_pointer(&mail->from.name);
    forward->from.address = g_steal_pointer(&mail->from.address);
    forward->date_at = mail->date_at;
    forward->subject = g_steal_pointer(&mail->subject);
    forward->to = join_addresses(mail->to);
    forward->text = g_steal_pointer(&mail->body_text);
    return forward;
}

static bool
is_blank(const char *text)
{
    return text[strspn(text, " \t\n")] == '\0';
}

/* What no line announces: when the subject says so, the mail whose head stands over the quote (Outlook);
 * then, or of a mail without words of its own, the first attached mail. */
static void
find_forward(struct tree *tree, struct text_parts *parts, struct mail *mail)
{
    bool says_so = false;
    const char *subject = text_inner_subject(mail->subject, &says_so);
    if (!mail->forward && says_so)
        mail->forward = forward_clean(parts->original);
    if (mail->forward && !mail->forward->subject && says_so)
        mail->forward->subject = g_strdup(subject);
    if (mail->forward || !(says_so || is_blank(mail->body_text)) ||
        part_is(tree_root(tree), "multipart/report"))
        return;
    for (guint i = 0; i < tree->parts->len && !mail->forward; i++) {
        const struct part *part = tree->parts->pdata[i];
        if (part_is_leaf(part) && part_is(part, "message/rfc822"))
            mail->forward = read_attached(tree, part);
    }
}

struct mail *
mime_parse(const void *raw, gsize len, GError **error)
{
    g_autoptr(tree_t) tree = expand_scan(raw, len, error);
    g_auto(text_parts_t) parts = {0};
    g_autoptr(mail_t) mail = tree ? read_mail(tree, &parts, error) : NULL;
    if (!mail)
        return NULL;
    find_forward(tree, &parts, mail);
    list_attachments(tree, parts.content_ids, mail->attachments);
    g_ptr_array_extend_and_steal(mail->problems, g_steal_pointer(&tree->problems));
    tree->problems = g_ptr_array_new();
    mail->is_encrypted = tree->is_encrypted;
    mail->is_damaged = tree->is_damaged;
    return g_steal_pointer(&mail);
}

GBytes *
mime_part(const void *raw, gsize len, guint index, GError **error)
{
    g_autoptr(tree_t) tree = expand_scan(raw, len, error);
    if (!tree)
        return NULL;
    for (guint i = 0; i < tree->parts->len; i++) {
        const struct part *part = tree->parts->pdata[i];
        if (part_is_leaf(part) && part->index == index && body_is_attachment(tree, part))
            return g_byte_array_free_to_bytes(part_content(tree, part));
    }
    g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_NOT_FOUND, "no attachment %u in the mail", index);
    return NULL;
}
