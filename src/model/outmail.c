/* outmail.c - one outgoing mail as plain data. Does not check or write it (mime_compose does). */
#include <cardpost/outmail.h>

static void
header_free(struct outmail_header *header)
{
    g_free(header->name);
    g_free(header->value);
    g_free(header);
}

static void
file_free(struct outmail_file *file)
{
    g_free(file->name);
    g_free(file->type);
    g_bytes_unref(file->content);
    g_free(file);
}

struct outmail *
outmail_new(void)
{
    struct outmail *mail = g_new0(struct outmail, 1);
    mail->references = g_ptr_array_new_with_free_func(g_free);
    mail->extra = g_ptr_array_new_with_free_func((GDestroyNotify)header_free);
    mail->files = g_ptr_array_new_with_free_func((GDestroyNotify)file_free);
    return mail;
}

static void
free_fields(struct outmail *mail)
{
    g_free(mail->from_name);
    g_free(mail->from_address);
    g_free(mail->to_name);
    g_free(mail->to_address);
    g_free(mail->reply_to_name);
    g_free(mail->reply_to_address);
    g_free(mail->subject);
    g_free(mail->message_id);
    g_free(mail->in_reply_to);
    g_free(mail->thread_topic);
    g_free(mail->thread_index);
    g_free(mail->list_id);
    g_free(mail->list_unsubscribe);
    g_free(mail->auto_submitted);
    g_free(mail->precedence);
    g_free(mail->language);
}

void
outmail_free(struct outmail *mail)
{
    if (!mail)
        return;
    free_fields(mail);
    g_free(mail->text);
    g_free(mail->html);
    g_ptr_array_unref(mail->references);
    g_ptr_array_unref(mail->extra);
    g_ptr_array_unref(mail->files);
    g_free(mail);
}

void
outmail_add_header(struct outmail *mail, const char *name, const char *value)
{
    struct outmail_header *header = g_new0(struct outmail_header, 1);
    header->name = g_strdup(name);
    header->value = g_strdup(value);
    g_ptr_array_add(mail->extra, header);
}

void
outmail_add_file(struct outmail *mail, const char *name, const char *type, GBytes *content)
{
    struct outmail_file *file = g_new0(struct outmail_file, 1);
    file->name = g_strdup(name);
    file->type = g_strdup(type);
    file->content = g_bytes_ref(content);
    g_ptr_array_add(mail->files, file);
}
