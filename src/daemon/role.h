/* role.h - the kinds of processes and their names: "core", "imap:main", "maildir:local", "parse:0",
 * "deliver", "secret:imap:main" (runs one password command and exits). */
#ifndef DAEMON_ROLE_H
#define DAEMON_ROLE_H

#include <stdbool.h>

enum process_kind {
    PROCESS_UNKNOWN,
    PROCESS_CORE,
    PROCESS_IMAP,
    PROCESS_MAILDIR,
    PROCESS_PARSE,
    PROCESS_DELIVER,
    PROCESS_SECRET,
};

/* The kind of a name, and what follows its first ":" (a view into it, "" if nothing). */
enum process_kind process_kind_of(const char *name, const char **rest_out);

#endif
