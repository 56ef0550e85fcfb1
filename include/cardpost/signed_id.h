/* signed_id.h - Message-IDs and Thread-Index values of ours: made from the instance's key, so that one that
 * comes back proves that we wrote it. Pure.
 *
 *   notice  c57.128.r9.MAC@dom    notice 57, card 128, person 9; deterministic: a retry is a duplicate
 *   root    card.128.MAC@dom      the synthetic first id of every card's thread
 *   Thread-Index  01 | 5 bytes of FILETIME | 16 bytes of HMAC, in base64 (MS-OXOMSG 2.2.1.3) */
#ifndef CARDPOST_SIGNED_ID_H
#define CARDPOST_SIGNED_ID_H

#include <cardpost/secret.h>

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct signed_id {
    int64_t notice_id; /* 0: the root */
    int64_t card_id;   /* 0: about no card */
    int64_t person_id; /* 0: a stranger or the root */
};

/* Without angle brackets; g_free. */
char *signed_id_make(const struct secret_key *key, const struct signed_id *id, const char *domain);
/* Ours, whatever the domain says (relays rewrite it)? */
bool signed_id_read(const struct secret_key *key, const char *message_id, struct signed_id *id_out);
char *signed_thread_index(const struct secret_key *key, int64_t card_id, int64_t created_at);

#endif
