/* quota.c - how many files, and how large, one mail, one sender a day and one card may bring. What is over
 * stays in the stored mail and is named on the card; a proven sender is told. */
#include "intake_private.h"

#include <cardpost/caps.h>

#define DAY_S 86400

/* Whether its comment will be marked unverified: what comes in somebody's name uses up nobody's room. A card
 * that a machine makes is nobody's, whoever's address it bears. */
static bool
is_unverified(const struct intake_plan *plan)
{
    return plan->trust < TRUST_SOURCE || (plan->card_id == 0 && plan->automatic == AUTOMATIC_MACHINE);
}

/* Bytes that may still come; G_MAXINT64 where nothing counts. */
static int64_t
room_of(const struct intake_question *question, const struct intake_plan *plan)
{
    int64_t card = CAP_CARD_FILES_BYTES;
    if (plan->card_id)
        card -= attachment_bytes_of_card(question->store, plan->card_id);
    int64_t sender =
        CAP_SENDER_FILES_DAY_BYTES - attachment_bytes_of_sender(question->store, plan->identity.address,
                                                                is_unverified(plan), question->now - DAY_S);
    return MIN(card, sender);
}

void
quota_apply(const struct intake_question *question, struct intake_plan *plan)
{
    if (!question->store || !plan->identity.address || plan->attachments->len == 0)
        return;
    int64_t room = room_of(question, plan);
    guint kept = 0, all = plan->attachments->len;
    for (; kept < all && kept < CAP_MAIL_FILES; kept++) {
        room -= ((const struct mail_attachment *)plan->attachments->pdata[kept])->size_bytes;
        if (room < 0)
            break;
    }
    if (kept == all)
        return;
    for (guint i = kept; i < all; i++) {
        const struct mail_attachment *attachment = plan->attachments->pdata[i];
        g_ptr_array_add(plan->problems, g_strdup_printf("file over the quota: %s", attachment->name));
    }
    g_ptr_array_set_size(plan->attachments, (gint)kept);
    plan->files_refused = all - kept;
    if (!plan->hint) {
        plan->hint = g_strdup("note.files-quota");
        plan->hint_arg = g_strdup_printf("%u", plan->files_refused);
    }
}
