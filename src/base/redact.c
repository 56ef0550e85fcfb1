/* redact.c - reply addresses in the words of a mail. Whoever holds one may answer as the person it was made
 * for, and quoted mails carry them: what is stored, shown and sent on holds none (attacks.md H06). */
#include <cardpost/secret.h>

#include <string.h>

/* "r.", "h." or "u.", the token, "@": at a word's beginning or behind the "+" of a tag, percent-encoded too.
 */
static bool
is_token_at(const char *text, const char *at)
{
    bool behind_plus = at - text >= 3 && g_ascii_strncasecmp(at - 3, "%2B", 3) == 0;
    bool begins = at == text || !g_ascii_isalnum(at[-1]) || behind_plus;
    if (!begins || !strchr("rhu", g_ascii_tolower(at[0])) || at[0] == '\0' || at[1] != '.')
        return false;
    const char *token = at + 2;
    for (gsize i = 0; i < SECRET_TOKEN_CHARS; i++)
        if (!g_ascii_isalpha(token[i]) && !(token[i] >= '2' && token[i] <= '7'))
            return false;
    return token[SECRET_TOKEN_CHARS] == '@' || g_ascii_strncasecmp(token + SECRET_TOKEN_CHARS, "%40", 3) == 0;
}

char *
secret_redact(const char *text)
{
    GString *out = g_string_new(NULL);
    for (const char *at = text ? text : ""; *at;) {
        if (is_token_at(text, at)) {
            g_string_append_len(out, at, 2);
            g_string_append(out, "…");
            at += 2 + SECRET_TOKEN_CHARS;
        } else {
            g_string_append_c(out, *at++);
        }
    }
    return g_string_free(out, FALSE);
}
