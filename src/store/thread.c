/* thread.c - what leads a mail to its card: known ids, Thread-Index values and reply tokens.
 *
 * A token is never stored: only its SHA-256 is. Its text is made again from the key whenever a mail needs
 * it, so a copy of the database alone lets nobody answer in another's name. */
#include "store_private.h"

#define TOKEN_LIFE_S (400 * 86400LL)

void
mail_key_add(struct store *store, const char *key, const struct mail_key *value)
{
    query_do(store, SQL_MAIL_KEY_ADD, "tioit", key, value->card_id, value->comment_id,
             (int64_t)value->is_proven, value->sender ? value->sender : "");
}

bool
mail_key_find(struct store *store, const char *key, struct mail_key *key_out)
{
    sqlite3_stmt *row = query(store, SQL_MAIL_KEY_FIND, "t", key);
    if (!query_row(store, row))
        return false;
    *key_out = (struct mail_key){.card_id = column_int(row, 0),
                                 .comment_id = column_int(row, 1),
                                 .is_proven = column_bool(row, 2),
                                 .sender = column_text(row, 3)};
    query_end(row);
    return true;
}

static const char *const purpose_letters[] = {"r", "u", "h"};

static char *
token_text(struct store *store, const struct token *token, int64_t serial)
{
    uint8_t mac[32];
    struct {
        char card[24], person[24], held[24], serial[24];
    } field;
    g_snprintf(field.card, sizeof field.card, "%" G_GINT64_FORMAT, token->card_id);
    g_snprintf(field.person, sizeof field.person, "%" G_GINT64_FORMAT, token->person_id);
    g_snprintf(field.held, sizeof field.held, "%" G_GINT64_FORMAT, token->held_id);
    g_snprintf(field.serial, sizeof field.serial, "%" G_GINT64_FORMAT, serial);
    secret_hmac(&store->key, mac, "token-1", purpose_letters[token->purpose], field.card, field.person,
                field.held, field.serial, NULL);
    return secret_base32(mac, sizeof mac, SECRET_TOKEN_CHARS);
}

static char *
hash_of(const char *text)
{
    return secret_sha256(text, strlen(text));
}

char *
token_issue(struct store *store, const struct token *token, int64_t now)
{
    sqlite3_stmt *row = query(store, SQL_TOKEN_CURRENT, "ioio", token->person_id, token->card_id,
                              (int64_t)token->purpose, token->held_id);
    if (query_row(store, row)) {
        int64_t serial = column_int(row, 0), used_at = column_int(row, 1);
        query_end(row);
        g_autofree char *text = token_text(store, token, serial);
        if (used_at > now - TOKEN_LIFE_S) {
            if (used_at < now - 86400)
                token_touch(store, text, now);
            return g_steal_pointer(&text);
        }
    }
    int64_t serial = 1 + query_int(store, SQL_TOKEN_SERIALS, "ioi", token->person_id, token->card_id,
                                   (int64_t)token->purpose);
    char *text = token_text(store, token, serial);
    g_autofree char *hash = hash_of(text);
    query_do(store, SQL_TOKEN_ADD, "tioioii", hash, (int64_t)token->purpose, token->card_id, token->person_id,
             token->held_id, serial, now);
    return text;
}

bool
token_find(struct store *store, const char *text, int64_t now, struct token *token_out)
{
    g_autofree char *lower = g_ascii_strdown(text, -1);
    g_autofree char *hash = hash_of(lower);
    sqlite3_stmt *row = query(store, SQL_TOKEN_FIND, "t", hash);
    if (!query_row(store, row))
        return false;
    *token_out = (struct token){.purpose = (enum token_purpose)column_int(row, 0),
                                .card_id = column_int(row, 1),
                                .person_id = column_int(row, 2),
                                .held_id = column_int(row, 3),
                                .serial = column_int(row, 4),
                                .used_at = column_int(row, 5)};
    query_end(row);
    return token_out->used_at > now - TOKEN_LIFE_S;
}

void
token_touch(struct store *store, const char *text, int64_t now)
{
    g_autofree char *lower = g_ascii_strdown(text, -1);
    g_autofree char *hash = hash_of(lower);
    query_do(store, SQL_TOKEN_TOUCH, "it", now, hash);
}
