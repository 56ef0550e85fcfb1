/* suite.h - the cases of this suite. */
#ifndef TESTS_TEMPLATE_SUITE_H
#define TESTS_TEMPLATE_SUITE_H

#include "support.h"

support_case_fn case_features;
support_case_fn case_errors;
support_case_fn case_specification;

#endif
