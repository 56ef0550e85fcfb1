/* suite.h - the cases of this suite. */
#ifndef TESTS_HEADER_SUITE_H
#define TESTS_HEADER_SUITE_H

#include <check.h>

TCase *case_block(void);

#endif
