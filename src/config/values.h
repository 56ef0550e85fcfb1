/* values.h - what a value of each type may be, and its numbers. */
#ifndef CONFIG_VALUES_H
#define CONFIG_VALUES_H

#include "keys.h"

/* NULL if `value` may stand for `key`, else what is wrong and what would be right; g_free. */
char *value_problem(const struct conf_key *key, const char *value);

/* Number, size in bytes or duration in seconds, by the key's type; false if it is none or out of range. */
bool value_number(const struct conf_key *key, const char *value, int64_t *number_out);

/* The position of `value` in "a|b|c", or -1. */
int value_choice(const char *choices, const char *value);

bool value_is_key(const char *value);     /* [a-z][a-z0-9-]{0,30} */
bool value_is_loopback(const char *host); /* "localhost", 127.0.0.0/8 or ::1 */

/* The path of "maildir:PATH", or NULL. */
const char *value_maildir(const char *value);

#endif
