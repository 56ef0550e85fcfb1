/* main.c - the suite of the smtp module. */
#include "support.h"

support_case_fn replies_case, wire_case;

int
main(void)
{
    support_case_fn *const cases[] = {replies_case, wire_case, NULL};
    return support_run("smtp", cases);
}
