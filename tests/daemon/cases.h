/* cases.h - the test cases of the daemon suite. */
#ifndef TESTS_DAEMON_CASES_H
#define TESTS_DAEMON_CASES_H

#include "support.h"

TCase *wire_case(void);
TCase *sandbox_case(void);
TCase *parse_case(void);
TCase *pool_case(void);
TCase *lock_case(void);
TCase *control_case(void);
TCase *service_manager_case(void);
TCase *supervisor_case(void);

#endif
