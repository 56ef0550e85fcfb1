/* run.c - `cardpost run`: the daemon in the foreground. */
#include "cli_private.h"

int
cli_run(struct cli *cli, int argc, char **argv)
{
    (void)argv;
    int code;
    if (argc > 1)
        return cli_usage("run takes no arguments");
    if (!cli_config(cli, &code))
        return code;
    struct daemon_options options = {.config_path = cli->config_path, .log_level = cli->log_level};
    return daemon_run(&options);
}
