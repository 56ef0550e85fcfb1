/* cli.h - the command line. One file a subcommand in src/cli/, one row each in the table of cli.c. */
#ifndef CARDPOST_CLI_H
#define CARDPOST_CLI_H

/* All of main: returns the exit code, one of sysexits.h. */
int cli_main(int argc, char **argv);

#endif
