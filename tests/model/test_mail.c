/* test_mail.c - the frame form of a parsed mail: what goes in comes out, and nothing malformed is believed.
 */
#include "support.h"

#include <cardpost/caps.h>
#include <cardpost/error.h>
#include <cardpost/mail.h>
#include <cardpost/outmail.h>

#include <string.h>

support_case_fn mail_case;

static struct mail *
full_mail(void)
{
    struct mail *mail = mail_new();
    mail->subject = g_strdup("包裹");
    mail->message_id = g_strdup("a@b");
    g_ptr_array_add(mail->in_reply_to, g_strdup("c@d"));
    g_ptr_array_add(mail->references, g_strdup("e@f"));
    g_ptr_array_add(mail->references, g_strdup("c@d"));
    mail->thread_index = g_strdup("AQ==");
    mail->date_at = 1791194400;
    mail->from.name = g_strdup("Sue");
    mail->from.address = g_strdup("sue@sup.example");
    g_ptr_array_add(mail->to, mail_address_new(NULL, "tasks@team.example"));
    g_ptr_array_add(mail->cc, mail_address_new("Bob", "bob@team.example"));
    g_ptr_array_add(mail->delivered_to, g_strdup("tasks+r.x@team.example"));
    mail->body_text = g_strdup("a\n\tb\n");
    mail->reply_text = g_strdup("a");
    mail->quoted_text = g_strdup("");
    mail->signature = g_strdup("");
    mail->cut_rule = g_strdup("none");
    mail->forward = g_new0(struct mail_forward, 1);
    mail->forward->from.address = g_strdup("tom@other.example");
    mail->forward->text = g_strdup("x");
    struct mail_attachment *file = g_new0(struct mail_attachment, 1);
    file->part = 3;
    file->name = g_strdup("报价.pdf");
    file->declared_type = g_strdup("application/pdf");
    file->type = g_strdup("application/pdf");
    file->size_bytes = 17;
    memset(file->sha256, 'a', 64);
    file->is_inline = true;
    file->content_id = g_strdup("x@y");
    g_ptr_array_add(mail->attachments, file);
    g_ptr_array_add(mail->problems, g_strdup("odd"));
    mail->is_encrypted = true;
    mail->is_damaged = true;
    return mail;
}

static struct mail *
decode(const GByteArray *body, GError **error)
{
    struct frame_reader reader;
    frame_reader_init(&reader, body->data, body->len);
    return mail_decode(&reader, error);
}

START_TEST(test_round_trip)
{
    g_autoptr(mail_t) mail = full_mail();
    g_autoptr(GByteArray) body = g_byte_array_new(), again = g_byte_array_new();
    mail_encode(mail, body);
    g_autoptr(GError) error = NULL;
    g_autoptr(mail_t) copy = decode(body, &error);
    ck_assert_ptr_nonnull(copy);
    ck_assert_str_eq(copy->subject, "包裹");
    ck_assert_str_eq(((struct mail_address *)copy->to->pdata[0])->name, "");
    ck_assert_str_eq(((struct mail_attachment *)copy->attachments->pdata[0])->name, "报价.pdf");
    ck_assert_ptr_null(copy->forward->subject);
    mail_encode(copy, again);
    ck_assert_uint_eq(again->len, body->len);
    ck_assert_mem_eq(again->data, body->data, body->len);
}
END_TEST

START_TEST(test_empty_mail)
{
    g_autoptr(mail_t) mail = mail_new();
    g_autoptr(GByteArray) body = g_byte_array_new();
    mail_encode(mail, body);
    g_autoptr(mail_t) copy = decode(body, NULL);
    ck_assert_ptr_nonnull(copy);
    ck_assert_ptr_null(copy->subject);
    ck_assert_ptr_null(copy->forward);
}
END_TEST

START_TEST(test_cut_off_anywhere_or_too_long)
{
    g_autoptr(mail_t) mail = full_mail();
    g_autoptr(GByteArray) body = g_byte_array_new();
    mail_encode(mail, body);
    guint whole = body->len;
    for (guint len = 0; len < whole; len++) {
        struct frame_reader reader;
        g_autoptr(GError) error = NULL;
        frame_reader_init(&reader, body->data, len);
        g_autoptr(mail_t) copy = mail_decode(&reader, &error);
        ck_assert_msg(!copy && g_error_matches(error, CARDPOST_ERROR, CARDPOST_ERROR_INVALID), "cut at %u",
                      len);
    }
    g_byte_array_append(body, (const guint8 *)"", 1);
    g_autoptr(mail_t) longer = decode(body, NULL);
    ck_assert_ptr_null(longer);
}
END_TEST

/* Each makes the mail of a worker that was taken over. */
static void
bad_subject(struct mail *mail)
{
    g_free(mail->subject);
    mail->subject = g_strdup("x\r\nBcc: v@v.example");
}

static void
bad_date(struct mail *mail)
{
    mail->date_at = G_MAXINT64;
}

static void
bad_size(struct mail *mail)
{
    ((struct mail_attachment *)mail->attachments->pdata[0])->size_bytes = -1;
}

static void
bad_sum(struct mail *mail)
{
    ((struct mail_attachment *)mail->attachments->pdata[0])->sha256[5] = '/';
}

static void
bad_part(struct mail *mail)
{
    ((struct mail_attachment *)mail->attachments->pdata[0])->part = 4000000000u;
}

static void
bad_name(struct mail *mail)
{
    struct mail_attachment *file = mail->attachments->pdata[0];
    g_clear_pointer(&file->name, g_free);
}

static void
bad_text(struct mail *mail)
{
    g_free(mail->body_text);
    mail->body_text = g_strnfill(CAP_TEXT_BYTES + 1, 'x');
}

static void
bad_references(struct mail *mail)
{
    for (guint i = 0; i < CAP_REFERENCES; i++)
        g_ptr_array_add(mail->references, g_strdup("x@y"));
}

static void
bad_recipients(struct mail *mail)
{
    for (guint i = 0; i < CAP_ADDRESSES; i++)
        g_ptr_array_add(mail->to, mail_address_new("", "x@y.example"));
}

static void
bad_forward(struct mail *mail)
{
    mail->forward->date_at = -1;
}

static void
bad_utf8(struct mail *mail)
{
    g_free(mail->reply_text);
    mail->reply_text = g_strdup("\xff");
}

static const struct {
    const char *label;
    void (*spoil)(struct mail *mail);
} bad[] = {
    {"line end in the subject", bad_subject},
    {"date beyond reason", bad_date},
    {"negative size", bad_size},
    {"no hash", bad_sum},
    {"part out of range", bad_part},
    {"no file name", bad_name},
    {"text over its cap", bad_text},
    {"references over their cap", bad_references},
    {"recipients over their cap", bad_recipients},
    {"negative date of a forward", bad_forward},
    {"invalid UTF-8", bad_utf8},
};

START_TEST(test_not_believed)
{
    g_autoptr(mail_t) mail = full_mail();
    g_autoptr(GByteArray) body = g_byte_array_new();
    bad[_i].spoil(mail);
    mail_encode(mail, body);
    g_autoptr(GError) error = NULL;
    g_autoptr(mail_t) copy = decode(body, &error);
    ck_assert_msg(!copy && g_error_matches(error, CARDPOST_ERROR, CARDPOST_ERROR_INVALID), "%s",
                  bad[_i].label);
}
END_TEST

START_TEST(test_destructors_take_null)
{
    mail_free(NULL);
    mail_address_free(NULL);
    mail_attachment_free(NULL);
    mail_forward_free(NULL);
    outmail_free(NULL);
}
END_TEST

START_TEST(test_outmail_copies_what_it_is_given)
{
    g_autoptr(outmail_t) mail = outmail_new();
    g_autofree char *value = g_strdup("assigned");
    GBytes *content = g_bytes_new("abc", 3);
    outmail_add_header(mail, "X-Cardpost-Reason", value);
    outmail_add_file(mail, "a.txt", "text/plain", content);
    g_bytes_unref(content);
    value[0] = 'A';
    ck_assert_str_eq(((struct outmail_header *)mail->extra->pdata[0])->value, "assigned");
    ck_assert_uint_eq(g_bytes_get_size(((struct outmail_file *)mail->files->pdata[0])->content), 3);
}
END_TEST

TCase *
mail_case(void)
{
    TCase *tcase = tcase_create("mail");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, test_round_trip);
    tcase_add_test(tcase, test_empty_mail);
    tcase_add_test(tcase, test_cut_off_anywhere_or_too_long);
    tcase_add_loop_test(tcase, test_not_believed, 0, G_N_ELEMENTS(bad));
    tcase_add_test(tcase, test_destructors_take_null);
    tcase_add_test(tcase, test_outmail_copies_what_it_is_given);
    return tcase;
}
