/* from.h - the one mailbox of a From field. Private to the identity module. */
#ifndef IDENTITY_FROM_H
#define IDENTITY_FROM_H

#include <cardpost/header.h>

#include <stdbool.h>

struct from {
    char *address;    /* folded (clean_address_fold), or NULL: there is no clean one */
    char *name;       /* decoded and cleaned, or "" */
    const char *flaw; /* what is wrong when address is NULL: a constant; else NULL */
};

/* Reads the From of a block. Clear with from_clear. */
void from_read(const struct header_block *block, struct from *from_out);
void from_clear(struct from *from);
typedef struct from from_t; /* for g_auto */
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(from_t, from_clear)

/* A display name as it stands in the header (unquoted), decoded from RFC 2047 and cleaned. g_free. */
char *name_decode(const char *raw);

#endif
