/* main.c - where the program begins. */
#include <cardpost/cli.h>

#include <sys/prctl.h>
#include <sys/resource.h>

/* Passwords, keys and mails pass through every process of ours, and each begins here: none of them is left in
 * a core file, or handed to a crash reporter, which heeds no limit. */
static void
keep_memory_private(void)
{
    const struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

int
main(int argc, char **argv)
{
    keep_memory_private();
    return cli_main(argc, argv);
}
