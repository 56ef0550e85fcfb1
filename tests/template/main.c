/* The suite of the template module. */
#include "suite.h"

int
main(void)
{
    static support_case_fn *const cases[] = {case_features, case_errors, case_specification, NULL};
    return support_run("template", cases);
}
