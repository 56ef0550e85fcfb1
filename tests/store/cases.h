/* cases.h - the test cases of the store suite. */
#ifndef TESTS_STORE_CASES_H
#define TESTS_STORE_CASES_H

#include "support.h"

support_case_fn test_open, test_rows;

#endif
