/* main.c - the suite of the header module. */
#include "suite.h"
#include "support.h"

int
main(void)
{
    static support_case_fn *const cases[] = {case_block, NULL};
    return support_run("header", cases);
}
