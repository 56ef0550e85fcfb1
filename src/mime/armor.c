/* armor.c - reads through clear-signed text. What stands around the signed part stays: the signature grants
 * nothing, so there is nothing to mark. */
#include "armor.h"

#include <string.h>

#define BEGIN_SIGNED    "-----BEGIN PGP SIGNED MESSAGE-----"
#define BEGIN_SIGNATURE "-----BEGIN PGP SIGNATURE-----"
#define END_SIGNATURE   "-----END PGP SIGNATURE-----"
#define BEGIN_MESSAGE   "-----BEGIN PGP MESSAGE-----"

/* The next line from `text` (a line's beginning) that begins with `mark`, or NULL. */
static const char *
find_line(const char *text, const char *mark)
{
    for (const char *at = text; (at = strstr(at, mark)); at++)
        if (at == text || at[-1] == '\n')
            return at;
    return NULL;
}

static const char *
behind_line(const char *at)
{
    at += strcspn(at, "\n");
    return *at ? at + 1 : at;
}

bool
armor_is_encrypted(const char *text)
{
    return find_line(text, BEGIN_MESSAGE) != NULL;
}

/* `Hash: SHA256` and the empty line behind. */
static const char *
skip_head(const char *at)
{
    at = behind_line(at);
    while (*at && at[strspn(at, " \t")] != '\n')
        at = behind_line(at);
    return behind_line(at);
}

static void
append_undashed(GString *out, const char *at, const char *end)
{
    while (at < end) {
        const char *next = behind_line(at);
        if (g_str_has_prefix(at, "- "))
            at += 2;
        g_string_append_len(out, at, next - at);
        at = next;
    }
}

char *
armor_signed_text(const char *text)
{
    const char *begin, *at = text;
    GString *out = g_string_new(NULL);
    while ((begin = find_line(at, BEGIN_SIGNED))) {
        const char *signature = find_line(begin, BEGIN_SIGNATURE);
        const char *end = signature ? find_line(signature, END_SIGNATURE) : NULL;
        if (!end)
            break;
        g_string_append_len(out, at, begin - at);
        const char *words = skip_head(begin);
        append_undashed(out, words, MAX(words, signature));
        at = behind_line(end);
    }
    if (at != text)
        g_string_append(out, at);
    return g_string_free(out, at == text);
}
