/* sandbox.h - what a process may still do once it is set up. One-way; a process that cannot be closed must
 * not work (the caller exits). */
#ifndef DAEMON_SANDBOX_H
#define DAEMON_SANDBOX_H

#include <glib.h>
#include <stdbool.h>

/* AddressSanitizer maps terabytes and, on exit, clones and traces: neither the memory limit nor a system
 * call filter is possible in that build. */
#if defined(__SANITIZE_ADDRESS__)
#define SANDBOX_HAS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANDBOX_HAS_SANITIZER 1
#endif
#endif
#ifndef SANDBOX_HAS_SANITIZER
#define SANDBOX_HAS_SANITIZER 0
#endif

/* For a parse worker: memory and descriptors limited, no files, no network, no processes. Looking for a file
 * answers EACCES (a library that looks for a converter or a time zone goes on without it); any other system
 * call that reading one mail does not need kills the process (SIGSYS). PERMANENT when refused by the kernel.
 */
bool sandbox_parse(GError **error);

/* For imap, maildir and deliver: no other program, no tracing of others, few descriptors. PERMANENT. */
bool sandbox_peer(GError **error);

#endif
