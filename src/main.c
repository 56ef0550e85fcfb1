/* main.c - where the program begins. */
#include <cardpost/cli.h>

int
main(int argc, char **argv)
{
    return cli_main(argc, argv);
}
