/* main.c - the suite of the source module. */
#include "support.h"

support_case_fn frames_case;

int
main(void)
{
    support_case_fn *const cases[] = {frames_case, NULL};
    return support_run("source", cases);
}
