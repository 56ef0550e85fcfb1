/* cases.h - the test cases of the base suite. */
#ifndef TESTS_BASE_CASES_H
#define TESTS_BASE_CASES_H

#include "support.h"

support_case_fn test_clean, test_frame, test_secret, test_log, test_file;

#endif
