/* main.c - the suite of the text module. */
#include "support.h"

support_case_fn replies_case, heads_case, quotes_case, clients_case, html_case, html_forms_case,
    html_quotes_case, forward_case, edits_case, ends_case, corpus_case;

int
main(void)
{
    support_case_fn *const cases[] = {replies_case, heads_case,      quotes_case,      clients_case,
                                      html_case,    html_forms_case, html_quotes_case, forward_case,
                                      edits_case,   ends_case,       corpus_case,      NULL};
    return support_run("text", cases);
}
