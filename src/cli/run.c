/* run.c - `cardpost run`: the daemon in the foreground. */
#include "cli_private.h"

int
cli_run(struct cli *cli, int argc, char **argv)
{
    gboolean once = FALSE;
    const GOptionEntry entries[] = {{"once", 0, 0, G_OPTION_ARG_NONE, &once, NULL, NULL},
                                    G_OPTION_ENTRY_NULL};
    int code;
    if (!cli_options(entries, &argc, &argv, &code))
        return code;
    if (argc > 1)
        return cli_usage("run takes options only");
    if (!cli_config(cli, &code))
        return code;
    log_set_level(cli->log_level);
    struct daemon_options options = {
        .config_path = cli->config_path, .log_level = cli->log_level, .is_once = once};
    return daemon_run(&options);
}
