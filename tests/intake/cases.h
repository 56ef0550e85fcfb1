/* cases.h - the test cases of the intake suite. */
#ifndef TESTS_INTAKE_CASES_H
#define TESTS_INTAKE_CASES_H

#include "support.h"

support_case_fn test_cards, test_identity, test_tokens, test_duplicates, test_automatic, test_team,
    test_outgoing, test_values, test_held, test_words, test_commands, test_contents;

#endif
