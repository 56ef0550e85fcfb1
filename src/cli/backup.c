/* backup.c - `backup`: a copy to go on from, while the daemon runs. */
#include "cli_private.h"

int
cli_backup(struct cli *cli, int argc, char **argv)
{
    int code;
    GError *error = NULL;
    if (argc != 2)
        return cli_usage("backup takes one new directory");
    if (!cli_store(cli, &code))
        return code;
    return store_backup(cli->store, argv[1], &error) ? EX_OK : cli_fail_with(error);
}
