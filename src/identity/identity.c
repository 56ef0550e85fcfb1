/* identity.c - puts together who a mail is from and how sure that is. The rules are in from.c and
 * verdict.c; Reply-To, Sender and Return-Path are never asked (attacks.md A15). */
#include <cardpost/identity.h>

#include "from.h"
#include "verdict.h"

void
identity_read(const struct header_block *block, const struct border *border, struct identity *identity_out)
{
    *identity_out = (struct identity){.verdict = IDENTITY_NONE};
    g_auto(from_t) from = {.address = NULL};
    from_read(block, &from);
    identity_out->address = g_steal_pointer(&from.address);
    identity_out->name = g_steal_pointer(&from.name);
    identity_out->is_broken = !identity_out->address;
    if (identity_out->is_broken)
        identity_out->reason = g_strdup(from.flaw);
    else
        identity_out->verdict = verdict_read(block, border, identity_out->address, &identity_out->reason);
}

void
identity_clear(struct identity *identity)
{
    if (!identity)
        return;
    g_clear_pointer(&identity->address, g_free);
    g_clear_pointer(&identity->name, g_free);
    g_clear_pointer(&identity->reason, g_free);
}
