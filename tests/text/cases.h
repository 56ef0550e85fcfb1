/* cases.h - one mail body and what is to become of it, for tables. */
#ifndef TESTS_TEXT_CASES_H
#define TESTS_TEXT_CASES_H

#include <cardpost/text.h>

struct reply_case {
    const char *label;
    enum text_kind kind;
    const char *in;
    const char *reply;
    const char *quoted_has; /* must stand in quoted, or NULL */
    const char *signature;  /* or NULL: not looked at */
};

/* Checks the table (ended by label NULL), and for each case that no word of the body got lost. */
void check_replies(const struct reply_case *cases);
/* Every word of the body stands in reply, quoted or signature. */
void check_no_word_lost(const char *label, const struct text_parts *parts);

#endif
