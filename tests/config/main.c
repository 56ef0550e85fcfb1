/* main.c - the suite of the config module. */
#include "support.h"

support_case_fn config_case, errors_case, initial_case, manual_case, provider_case, secret_case, team_case;

int
main(void)
{
    support_case_fn *const cases[] = {config_case,   errors_case, initial_case, manual_case,
                                      provider_case, secret_case, team_case,    NULL};
    return support_run("config", cases);
}
