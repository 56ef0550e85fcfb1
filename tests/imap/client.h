/* client.h - imap_serve in a child process, and core's side of its channel played by the test. */
#ifndef TESTS_IMAP_CLIENT_H
#define TESTS_IMAP_CLIENT_H

#include "fake.h"

#include <cardpost/imap.h>
#include <cardpost/source.h>

#include <sys/types.h>

struct client {
    pid_t pid;
    struct frame_channel channel;
    struct config_mailbox mailbox;
    struct imap_timing timing;
    const char *secret; /* NULL: none to be had */
    int64_t uidvalidity, uidnext;
    guint opens;
    bool wants_keys, settles; /* how this core behaves */
    GHashTable *mails;        /* char *ref -> GString *raw, of all sessions */
    GHashTable *times;        /* char *ref -> how often it came */
    GHashTable *partial;      /* refs that came in part */
    GHashTable *keys;         /* ref -> content key */
    GHashTable *listed;       /* refs listed */
    GPtrArray *gone, *settled;
    guint n_states[4];   /* by enum source_state */
    char *detail, *mend; /* of the last state */
    int64_t last_size, last_arrived_at;
    bool is_closed;
};

/* Filled with what fits a fake server on 127.0.0.1: change fields, then client_start. */
struct client *client_new(uint16_t port);
void client_start(struct client *client);
/* Plays core until the condition holds; false after 20 s or when the client has gone. */
typedef bool client_until_fn(struct client *client, const void *data);
bool client_run(struct client *client, client_until_fn *until, const void *data);
bool client_run_mails(struct client *client, guint n); /* n different mails came */
bool client_run_state(struct client *client, enum source_state state, guint n);
bool client_run_settled(struct client *client, guint n);
/* Plays core for so long. */
void client_run_for(struct client *client, int ms);
/* Closes the channel, waits for the end; the exit status as waitpid gives it, -1: had to be killed. */
int client_end(struct client *client);
void client_free(struct client *client);

#endif
