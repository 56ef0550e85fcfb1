/* main.c - the suite of the daemon module. The processes under test are this very program executed anew, as
 * cardpost executes itself: `suite worker ROLE` is a worker, `suite run CONFIG` the daemon. */
#include "cases.h"

#include <cardpost/daemon.h>

#include <string.h>

/* Core's answer to a request of the command line. */
static uint32_t
refuse(const struct daemon_request *request, char **text_out)
{
    *text_out = g_strdup_printf("no verb %s", request->verb);
    return 64;
}

int
main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "worker") == 0)
        return daemon_worker_main(argv[2], refuse);
    if (argc == 3 && strcmp(argv[1], "run") == 0)
        return daemon_run(&(struct daemon_options){.config_path = argv[2], .log_level = LOG_LEVEL_DEBUG});
    support_case_fn *const cases[] = {wire_case, sandbox_case, parse_case,           pool_case,
                                      lock_case, control_case, service_manager_case, supervisor_case,
                                      NULL};
    return support_run("daemon", cases);
}
