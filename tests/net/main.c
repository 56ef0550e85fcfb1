/* main.c - the suite of the net module. */
#include "support.h"

support_case_fn stream_case;

int
main(void)
{
    support_case_fn *const cases[] = {stream_case, NULL};
    return support_run("net", cases);
}
