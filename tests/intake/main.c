/* main.c - from a raw mail to its outcome, and to what people are told. */
#include "cases.h"

int
main(void)
{
    static support_case_fn *const cases[] = {
        test_cards,  test_identity, test_tokens, test_duplicates, test_automatic, test_team, test_outgoing,
        test_values, test_held,     test_words,  test_commands,   test_contents,  NULL};
    return support_run("intake", cases);
}
