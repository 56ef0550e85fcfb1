/* main.c - the base module: cleaning, frames, secrets, log lines, files. */
#include "cases.h"

int
main(void)
{
    static support_case_fn *const cases[] = {test_clean, test_frame, test_secret, test_log, test_file, NULL};
    return support_run("base", cases);
}
