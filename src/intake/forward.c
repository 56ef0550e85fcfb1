/* forward.c - a forwarded mail on a card: its text below the note, and who wrote it as the requester. */
#include "intake_private.h"

#include <cardpost/clean.h>
#include <cardpost/secret.h>

static void
add_field(GString *block, const char *label, const char *value)
{
    if (value && *value)
        g_string_append_printf(block, "%s: %s\n", label, value);
}

/* In both languages, as the card has none. */
char *
forward_block(const struct mail_forward *forward)
{
    g_autoptr(GString) block = g_string_new("---- Forwarded mail / 转发邮件 ----\n");
    const char *name = forward->from.name, *address = forward->from.address;
    g_autofree char *from = name && *name && address && *address
                                ? g_strdup_printf("%s <%s>", name, address)
                                : g_strdup(address && *address ? address : name);
    g_autoptr(GDateTime) date = forward->date_at ? g_date_time_new_from_unix_utc(forward->date_at) : NULL;
    g_autofree char *at = date ? g_date_time_format(date, "%Y-%m-%d %H:%M UTC") : NULL;
    add_field(block, "From / 发件人", from);
    add_field(block, "To / 收件人", forward->to);
    add_field(block, "Date / 时间", at);
    add_field(block, "Subject / 主题", forward->subject);
    g_string_append_printf(block, "\n%s", forward->text ? forward->text : "");
    g_strchomp(block->str);
    return secret_redact(block->str);
}

bool
forward_is_others(const struct intake_question *question)
{
    const struct mail_forward *forward = question->mail->forward;
    return forward && !(question->config && forward->from.address &&
                        recipient_is_ours(question->config, forward->from.address));
}

bool
forward_names_requester(const struct intake_question *question, const struct intake_plan *plan)
{
    const struct mail_forward *forward = question->mail->forward;
    const char *address = forward ? forward->from.address : NULL;
    return plan->trust >= TRUST_MEMBER && plan->automatic == AUTOMATIC_NONE && address &&
           clean_is_address(address) && !identity_is_robot_address(address) && *plan->forwarded;
}
