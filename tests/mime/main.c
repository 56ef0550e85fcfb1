/* main.c - the suite of module mime. */
#include "suite.h"

support_case_fn corpus_case;

struct mail *
suite_parse(const void *raw, gsize len)
{
    GError *error = NULL;
    struct mail *mail = mime_parse(raw, len, &error);
    if (!mail)
        ck_abort_msg("refused: %s", error->message);
    return mail;
}

int
main(void)
{
    support_case_fn *const cases[] = {corpus_case, NULL};
    return support_run("mime", cases);
}
