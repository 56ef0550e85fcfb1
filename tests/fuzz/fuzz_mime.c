/* fuzz_mime.c - any bytes as a mail: it is read or refused, what is read passes core's checks, and every
 * listed attachment can be fetched. Built with clang's -fsanitize=fuzzer. */
#include <cardpost/error.h>
#include <cardpost/mime.h>

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    mime_open();
    return 0;
}

static void
check_attachments(const struct mail *mail, const uint8_t *data, size_t size)
{
    for (guint i = 0; i < mail->attachments->len && i < 10; i++) {
        const struct mail_attachment *attachment = mail->attachments->pdata[i];
        g_autoptr(GBytes) content = mime_part(data, size, attachment->part, NULL);
        g_assert(content && (int64_t)g_bytes_get_size(content) == attachment->size_bytes);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(mail_t) mail = mime_parse(data, size, &error);
    g_assert(mail || g_error_matches(error, CARDPOST_ERROR, CARDPOST_ERROR_PERMANENT));
    if (!mail)
        return 0;
    g_autoptr(GByteArray) body = g_byte_array_new();
    mail_encode(mail, body);
    struct frame_reader reader;
    frame_reader_init(&reader, body->data, body->len);
    g_autoptr(mail_t) copy = mail_decode(&reader, NULL);
    g_assert(copy);
    check_attachments(mail, data, size);
    return 0;
}
