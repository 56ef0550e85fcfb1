/* main.c - the suite of the grammar module. */
#include "suite.h"
#include "support.h"

int
main(void)
{
    static support_case_fn *const cases[] = {case_subject, case_word, NULL};
    return support_run("grammar", cases);
}
