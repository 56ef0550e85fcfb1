/* words.c - what mails are compared with: the words of our own, and how each sender's mails end and look. */
#include "store_private.h"

/* As long as its reply address lives, an answer to a mail may come (thread.c). */
#define WORDS_KEPT_S (400 * 86400LL)

void
sent_words_add(struct store *store, const char *message_id, const char *words, int64_t at)
{
    query_do(store, SQL_SENT_WORDS_ADD, "tit", message_id, at, words);
}

char *
sent_words_get(struct store *store, const char *message_id)
{
    return query_text(store, SQL_SENT_WORDS, "t", message_id);
}

void
sent_words_drop(struct store *store, int64_t now)
{
    query_do(store, SQL_SENT_WORDS_DROP, "i", now - WORDS_KEPT_S);
}

char *
sender_tails(struct store *store, const char *address)
{
    return query_text(store, SQL_SENDER_TAILS, "t", address);
}

void
sender_set_tails(struct store *store, const char *address, const char *tails)
{
    query_do(store, SQL_SENDER_SET_TAILS, "tt", address, tails);
}

int64_t
sender_image_mails(struct store *store, const char *address, const char *sha256)
{
    return query_int(store, SQL_SENDER_IMAGE_MAILS, "tt", address, sha256);
}

void
sender_note_image(struct store *store, const char *address, const char *sha256)
{
    query_do(store, SQL_SENDER_NOTE_IMAGE, "tt", address, sha256);
}
