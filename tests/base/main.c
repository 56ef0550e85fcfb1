/* main.c - the base module: cleaning, frames, secrets, log lines. */
#include "cases.h"

int
main(void)
{
    static support_case_fn *const cases[] = {test_clean, test_frame, test_secret, test_log, NULL};
    return support_run("base", cases);
}
