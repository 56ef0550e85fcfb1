/* main.c - the suite of the imap module, against a scripted server in the test itself. */
#include "support.h"

support_case_fn guard_case, course_case, settle_case, login_case, attack_case;

int
main(void)
{
    support_case_fn *const cases[] = {guard_case, course_case, settle_case, login_case, attack_case, NULL};
    return support_run("imap", cases);
}
