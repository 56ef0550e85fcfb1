/* main.c - the suite of the maildir module. */
#include "support.h"

support_case_fn deliver_case, source_case;

int
main(void)
{
    support_case_fn *const cases[] = {deliver_case, source_case, NULL};
    return support_run("maildir", cases);
}
