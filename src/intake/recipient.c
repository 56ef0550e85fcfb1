/* recipient.c - tokens and board tags in the addresses a mail was sent to. Looks nothing up. */
#include "intake_private.h"

#include <string.h>

/* `local+TAG@domain` of this mailbox: TAG, else NULL. */
static char *
tag_of(const char *address, const char *own)
{
    const char *at = strrchr(address, '@'), *own_at = strrchr(own, '@');
    gsize local = (gsize)(own_at - own);
    if (!at || g_ascii_strcasecmp(at, own_at) != 0 || g_ascii_strncasecmp(address, own, local) != 0 ||
        address[local] != '+')
        return NULL;
    return g_strndup(address + local + 1, (gsize)(at - address) - local - 1);
}

/* `r.TOKEN` with one of the purposes' letters: the token in lower case. Every wrong form is simply none. */
static char *
token_of(const char *text)
{
    if (strlen(text) != SECRET_TOKEN_CHARS + 2 || !strchr("rhu", g_ascii_tolower(text[0])) || text[1] != '.')
        return NULL;
    for (const char *p = text + 2; *p; p++)
        if (!g_ascii_isalpha(*p) && !(*p >= '2' && *p <= '7'))
            return NULL;
    return g_ascii_strdown(text + 2, -1);
}

/* The catch-all form: `r.TOKEN@domain`. */
static char *
catchall_token_of(const char *address, const char *own)
{
    const char *at = strrchr(address, '@'), *own_at = strrchr(own, '@');
    if (!at || g_ascii_strcasecmp(at, own_at) != 0)
        return NULL;
    g_autofree char *local = g_strndup(address, (gsize)(at - address));
    return token_of(local);
}

static void
read_one(const char *address, const char *own, struct recipients *out)
{
    g_autofree char *tag = tag_of(address, own);
    g_autofree char *token = tag ? token_of(tag) : catchall_token_of(address, own);
    if (token && !g_ptr_array_find_with_equal_func(out->tokens, token, g_str_equal, NULL))
        g_ptr_array_add(out->tokens, g_steal_pointer(&token));
    else if (tag && !token && !out->tag)
        out->tag = g_steal_pointer(&tag);
}

void
recipients_read(const struct mail *mail, const struct config_mailbox *mailbox, struct recipients *out)
{
    *out = (struct recipients){.tokens = g_ptr_array_new_with_free_func(g_free)};
    if (!mailbox || !mailbox->address)
        return;
    const GPtrArray *lists[] = {mail->to, mail->cc};
    for (guint l = 0; l < G_N_ELEMENTS(lists); l++)
        for (guint i = 0; i < lists[l]->len; i++)
            read_one(((const struct mail_address *)lists[l]->pdata[i])->address, mailbox->address, out);
    for (guint i = 0; i < mail->delivered_to->len; i++)
        read_one(mail->delivered_to->pdata[i], mailbox->address, out);
}

void
recipients_clear(struct recipients *recipients)
{
    g_ptr_array_unref(recipients->tokens);
    g_free(recipients->tag);
}

/* The address itself, or with a tag, or a catch-all token at its domain. */
static bool
is_own(const char *folded, const char *own)
{
    g_autofree char *tag = tag_of(folded, own);
    g_autofree char *token = catchall_token_of(folded, own);
    return tag || token || g_ascii_strcasecmp(folded, own) == 0;
}

bool
recipient_is_ours(const struct config *config, const char *folded)
{
    if (!config || !folded)
        return false;
    for (guint i = 0; i < config->mailboxes->len; i++) {
        const struct config_mailbox *mailbox = config->mailboxes->pdata[i];
        if (is_own(folded, mailbox->address))
            return true;
    }
    return is_own(folded, config->address);
}
