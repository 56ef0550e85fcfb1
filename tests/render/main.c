/* The suite of the render module. */
#include "suite.h"

int
main(void)
{
    static support_case_fn *const cases[] = {case_letters, case_headers, case_html, case_time,
                                             case_catalog, case_wire,    NULL};
    return support_run("render", cases);
}
