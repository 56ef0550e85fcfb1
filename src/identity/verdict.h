/* verdict.h - what the border of the mailbox says about the sender. Private to the identity module. */
#ifndef IDENTITY_VERDICT_H
#define IDENTITY_VERDICT_H

#include <cardpost/identity.h>

/* The verdict on `address` (folded) and, in *reason_out (g_free), why. */
enum identity_verdict verdict_read(const struct header_block *block, const struct border *border,
                                   const char *address, char **reason_out);

#endif
