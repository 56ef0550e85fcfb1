/* main.c - the suite of module mime. */
#include "suite.h"

support_case_fn attack_case, charset_case, compose_case, contents_case, corpus_case, read_case;

struct mail *
suite_parse(const void *raw, gsize len)
{
    GError *error = NULL;
    struct mail *mail = mime_parse(raw, len, &error);
    if (!mail)
        ck_abort_msg("refused: %s", error->message);
    return mail;
}

struct mail *
suite_parse_text(const char *raw)
{
    return suite_parse(raw, strlen(raw));
}

void
suite_refused(const char *label, const void *raw, gsize len)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(mail_t) mail = mime_parse(raw, len, &error);
    ck_assert_msg(!mail && g_error_matches(error, CARDPOST_ERROR, CARDPOST_ERROR_PERMANENT), "%s: refused",
                  label);
}

const struct mail_attachment *
suite_attachment(const struct mail *mail, guint i)
{
    ck_assert_msg(i < mail->attachments->len, "attachment %u of %u", i, mail->attachments->len);
    return mail->attachments->pdata[i];
}

bool
suite_has_problem(const struct mail *mail, const char *part)
{
    for (guint i = 0; i < mail->problems->len; i++)
        if (strstr(mail->problems->pdata[i], part))
            return true;
    return false;
}

int
main(void)
{
    support_case_fn *const cases[] = {read_case,    charset_case, contents_case, attack_case,
                                      compose_case, corpus_case,  NULL};
    return support_run("mime", cases);
}
