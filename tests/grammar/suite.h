/* suite.h - the cases of this suite. */
#ifndef TESTS_GRAMMAR_SUITE_H
#define TESTS_GRAMMAR_SUITE_H

#include <check.h>

TCase *case_subject(void);
TCase *case_word(void);

#endif
