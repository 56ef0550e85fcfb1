/* signed_id.c - see signed_id.h. */
#include <cardpost/signed_id.h>

#include <string.h>

#define MAC_CHARS 16 /* 80 bits */

static char *
mac_of(const struct secret_key *key, const struct signed_id *id)
{
    uint8_t mac[32];
    g_autofree char *fields = g_strdup_printf("%" G_GINT64_FORMAT ".%" G_GINT64_FORMAT ".%" G_GINT64_FORMAT,
                                              id->notice_id, id->card_id, id->person_id);
    secret_hmac(key, mac, "message-id-1", fields, NULL);
    return secret_base32(mac, sizeof mac, MAC_CHARS);
}

char *
signed_id_make(const struct secret_key *key, const struct signed_id *id, const char *domain)
{
    g_autofree char *mac = mac_of(key, id);
    if (id->notice_id == 0)
        return g_strdup_printf("card.%" G_GINT64_FORMAT ".%s@%s", id->card_id, mac, domain);
    return g_strdup_printf("c%" G_GINT64_FORMAT ".%" G_GINT64_FORMAT ".r%" G_GINT64_FORMAT ".%s@%s",
                           id->notice_id, id->card_id, id->person_id, mac, domain);
}

/* Digits up to `end`, the delimiter after them; false on anything else and on more than 18 digits. */
static bool
read_number(const char **at, char end, int64_t *n_out)
{
    char *stop;
    gsize digits = strspn(*at, "0123456789");
    if (digits == 0 || digits > 18 || (*at)[digits] != end)
        return false;
    *n_out = g_ascii_strtoll(*at, &stop, 10);
    *at = stop + 1;
    return true;
}

static bool
read_fields(const char **at, struct signed_id *id_out)
{
    *id_out = (struct signed_id){0};
    if (g_ascii_strncasecmp(*at, "card.", 5) == 0) {
        *at += 5;
        return read_number(at, '.', &id_out->card_id);
    }
    if (g_ascii_tolower(**at) != 'c')
        return false;
    (*at)++;
    if (!read_number(at, '.', &id_out->notice_id) || !read_number(at, '.', &id_out->card_id) ||
        g_ascii_tolower(**at) != 'r')
        return false;
    (*at)++;
    return id_out->notice_id > 0 && read_number(at, '.', &id_out->person_id);
}

bool
signed_id_read(const struct secret_key *key, const char *message_id, struct signed_id *id_out)
{
    const char *at = message_id;
    if (!message_id || !read_fields(&at, id_out) || strcspn(at, "@") != MAC_CHARS)
        return false;
    g_autofree char *given = g_ascii_strdown(at, MAC_CHARS);
    g_autofree char *mac = mac_of(key, id_out);
    return secret_equal(given, mac);
}

char *
signed_thread_index(const struct secret_key *key, int64_t card_id, int64_t created_at)
{
    uint8_t mac[32], index[22];
    g_autofree char *card = g_strdup_printf("%" G_GINT64_FORMAT, card_id);
    secret_hmac(key, mac, "thread-index-1", card, NULL);
    /* FILETIME: 100 ns since 1601; its upper six bytes, of which the first is always 01 */
    uint64_t filetime = ((uint64_t)created_at + 11644473600u) * 10000000u;
    for (guint i = 0; i < 6; i++)
        index[i] = (uint8_t)(filetime >> (56 - 8 * i));
    index[0] = 1;
    memcpy(index + 6, mac, 16);
    return g_base64_encode(index, sizeof index);
}
