/* main.c - the suite of module model. */
#include "support.h"

support_case_fn mail_case;

int
main(void)
{
    support_case_fn *const cases[] = {mail_case, NULL};
    return support_run("model", cases);
}
