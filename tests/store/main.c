/* main.c - the two databases: opening, damage, transactions, journal, tokens, outbox. */
#include "cases.h"

int
main(void)
{
    static support_case_fn *const cases[] = {test_open, test_rows, NULL};
    return support_run("store", cases);
}
