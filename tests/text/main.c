/* main.c - the suite of the text module. */
#include "support.h"

support_case_fn corpus_case;

int
main(void)
{
    support_case_fn *const cases[] = {corpus_case, NULL};
    return support_run("text", cases);
}
