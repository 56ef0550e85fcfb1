/* recipient.c - tokens and board tags in the addresses a mail was sent to. Looks nothing up.
 *
 * The addresses are what a parse worker made of the header, and a token proves who answers: so one counts
 * only if core finds it in the raw header as well. A worker that one mail has taken over could lend the next
 * mail a token that it has seen. */
#include "intake_private.h"

#include <cardpost/header.h>

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

/* All that have a token's form in the fields that name recipients. */
static GHashTable *
tokens_written(const struct header_block *block)
{
    static const char *const names[] = {"To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To"};
    GHashTable *written = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < block->fields->len; i++) {
        const struct header_field *field = &g_array_index(block->fields, struct header_field, i);
        bool names_recipient = false;
        for (guint n = 0; n < G_N_ELEMENTS(names); n++)
            names_recipient = names_recipient || header_is(field, names[n]);
        g_autofree char *value = names_recipient ? header_unfold(field) : NULL;
        for (const char *dot = value ? strchr(value, '.') : NULL; dot; dot = strchr(dot + 1, '.')) {
            g_autofree char *word = dot > value ? g_strndup(dot - 1, SECRET_TOKEN_CHARS + 2) : g_strdup("");
            char *token = token_of(word);
            if (token)
                g_hash_table_add(written, token);
        }
    }
    return written;
}

static void
read_one(const char *address, const char *own, GHashTable *written, struct recipients *out)
{
    g_autofree char *tag = tag_of(address, own);
    g_autofree char *token = tag ? token_of(tag) : catchall_token_of(address, own);
    if (token && g_hash_table_contains(written, token) &&
        !g_ptr_array_find_with_equal_func(out->tokens, token, g_str_equal, NULL))
        g_ptr_array_add(out->tokens, g_steal_pointer(&token));
    else if (tag && !token && !out->tag)
        out->tag = g_steal_pointer(&tag);
}

void
recipients_read(const struct mail *mail, const struct header_block *block,
                const struct config_mailbox *mailbox, struct recipients *out)
{
    *out = (struct recipients){.tokens = g_ptr_array_new_with_free_func(g_free)};
    if (!mailbox || !mailbox->address)
        return;
    g_autoptr(GHashTable) written = tokens_written(block);
    const GPtrArray *lists[] = {mail->to, mail->cc};
    for (guint l = 0; l < G_N_ELEMENTS(lists); l++)
        for (guint i = 0; i < lists[l]->len; i++)
            read_one(((const struct mail_address *)lists[l]->pdata[i])->address, mailbox->address, written,
                     out);
    for (guint i = 0; i < mail->delivered_to->len; i++)
        read_one(mail->delivered_to->pdata[i], mailbox->address, written, out);
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
