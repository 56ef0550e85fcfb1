/* client.c - see client.h. */
#include "client.h"

#include <cardpost/clock.h>

#include <check.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define WAIT_MS 20000

static volatile int stop;
static const struct provider provider = {.name = "own"};

static void
on_term(int number)
{
    (void)number;
    stop = 1;
}

static char *
get_secret(void *data)
{
    const struct client *client = data;
    return g_strdup(client->secret);
}

static void
string_free(gpointer data)
{
    g_string_free(data, TRUE);
}

static GHashTable *
refs_new(GDestroyNotify free_value)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_value);
}

struct client *
client_new(uint16_t port)
{
    struct client *client = g_new0(struct client, 1);
    client->mailbox = (struct config_mailbox){.name = g_strdup("main"),
                                              .folder = g_strdup("INBOX"),
                                              .max_mail_bytes = 100000,
                                              .idle_s = 540,
                                              .poll_s = 60,
                                              .provider = &provider};
    client->mailbox.server = (struct config_server){
        .host = g_strdup("127.0.0.1"), .port = port, .tls = NET_TLS_NONE, .user = g_strdup("tasks")};
    client->timing = imap_timing_default;
    client->timing.retry_once_ms = 10;
    client->timing.retry_first_ms = 100;
    client->timing.retry_most_ms = 400;
    client->secret = "sesame";
    client->mails = refs_new(string_free);
    client->times = refs_new(NULL);
    client->partial = refs_new(NULL);
    client->listed = refs_new(NULL);
    client->keys = refs_new(g_free);
    client->gone = g_ptr_array_new_with_free_func(g_free);
    client->settled = g_ptr_array_new_with_free_func(g_free);
    client->pid = -1;
    client->channel.fd = -1;
    return client;
}

void
client_start(struct client *client)
{
    int fds[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    client->pid = fork();
    ck_assert_int_ge(client->pid, 0);
    if (client->pid == 0) {
        close(fds[0]);
        struct sigaction action = {.sa_handler = on_term};
        sigaction(SIGTERM, &action, NULL);
        struct frame_channel channel;
        frame_channel_init(&channel, fds[1]);
        const struct imap_service service = {.mailbox = &client->mailbox,
                                             .secret = get_secret,
                                             .secret_data = client,
                                             .core = &channel,
                                             .stop = &stop,
                                             .timing = &client->timing};
        _exit(imap_serve(&service));
    }
    close(fds[1]);
    frame_channel_init(&client->channel, fds[0]);
}

/* ---- core's answers */

static void
answer_list(struct client *client, const struct frame *frame)
{
    g_autoptr(GArray) items = source_decode_list(frame);
    g_autoptr(GPtrArray) wanted = g_ptr_array_new();
    ck_assert_ptr_nonnull(items);
    for (guint i = 0; i < items->len; i++) {
        char *ref = g_array_index(items, struct source_item, i).ref;
        g_hash_table_add(client->listed, g_strdup(ref));
        if (!g_hash_table_contains(client->mails, ref))
            g_ptr_array_add(wanted, ref);
    }
    bool by_key = client->wants_keys && wanted->len > 0;
    source_send_refs(&client->channel, by_key ? SOURCE_WANT_KEYS : SOURCE_WANT, (char *const *)wanted->pdata,
                     wanted->len);
}

static void
take_keys(struct client *client, const struct frame *frame)
{
    GPtrArray *refs = NULL, *keys = NULL;
    ck_assert(source_decode_keys(frame, &refs, &keys));
    for (guint i = 0; i < refs->len; i++)
        g_hash_table_insert(client->keys, g_strdup(refs->pdata[i]), g_strdup(keys->pdata[i]));
    g_ptr_array_unref(refs);
    g_ptr_array_unref(keys);
    source_send_refs(&client->channel, SOURCE_WANT, NULL, 0);
}

static void
take_mail(struct client *client, const struct frame *frame)
{
    struct source_mail mail;
    ck_assert(source_decode_mail(frame, &mail));
    guint times = GPOINTER_TO_UINT(g_hash_table_lookup(client->times, mail.ref));
    g_hash_table_insert(client->times, g_strdup(mail.ref), GUINT_TO_POINTER(times + 1));
    g_hash_table_insert(client->mails, g_strdup(mail.ref),
                        g_string_new_len((const char *)mail.raw, (gssize)mail.raw_len));
    if (mail.is_partial)
        g_hash_table_add(client->partial, g_strdup(mail.ref));
    client->last_size = mail.size_bytes;
    client->last_arrived_at = mail.arrived_at;
    if (client->settles)
        source_send_refs(&client->channel, SOURCE_SETTLE, &mail.ref, 1);
    g_free(mail.ref);
}

static void
take_state(struct client *client, const struct frame *frame)
{
    enum source_state state;
    g_clear_pointer(&client->detail, g_free);
    g_clear_pointer(&client->mend, g_free);
    ck_assert(source_decode_state(frame, &state, &client->detail, &client->mend));
    client->n_states[state]++;
}

static void
take_refs(const struct frame *frame, GPtrArray *into)
{
    g_autoptr(GPtrArray) refs = source_decode_refs(frame);
    ck_assert_ptr_nonnull(refs);
    for (guint i = 0; i < refs->len; i++)
        g_ptr_array_add(into, g_strdup(refs->pdata[i]));
}

static bool
is_in(const GPtrArray *refs, const char *ref)
{
    for (guint i = 0; i < refs->len; i++)
        if (strcmp(refs->pdata[i], ref) == 0)
            return true;
    return false;
}

/* After each OPEN core repeats its orders. */
static void
order_unsettled(struct client *client)
{
    GHashTableIter i;
    gpointer ref;
    g_hash_table_iter_init(&i, client->mails);
    while (client->settles && g_hash_table_iter_next(&i, &ref, NULL)) {
        char *refs[] = {ref};
        if (!is_in(client->settled, ref))
            source_send_refs(&client->channel, SOURCE_SETTLE, refs, 1);
    }
}

static void
take_frame(struct client *client, const struct frame *frame)
{
    switch ((enum source_frame)frame->type) {
    case SOURCE_STATE:
        take_state(client, frame);
        return;
    case SOURCE_OPEN:
        ck_assert(source_decode_open(frame, &client->uidvalidity, &client->uidnext));
        client->opens++;
        source_send_resume(&client->channel, 1);
        order_unsettled(client);
        return;
    case SOURCE_LIST:
        answer_list(client, frame);
        return;
    case SOURCE_KEYS:
        take_keys(client, frame);
        return;
    case SOURCE_MAIL:
        take_mail(client, frame);
        return;
    case SOURCE_GONE:
        take_refs(frame, client->gone);
        return;
    case SOURCE_SETTLED:
        take_refs(frame, client->settled);
        return;
    case SOURCE_RESUME:
    case SOURCE_WANT:
    case SOURCE_WANT_KEYS:
    case SOURCE_SETTLE:
        break;
    }
    ck_abort_msg("frame %u is core's, not the source's", frame->type);
}

static bool
run_until(struct client *client, client_until_fn *until, const void *data, int64_t deadline)
{
    while (!until(client, data)) {
        struct frame frame;
        enum frame_status status = frame_receive(&client->channel, 20, &frame);
        if (status == FRAME_READY)
            take_frame(client, &frame);
        client->is_closed = status == FRAME_CLOSED || status == FRAME_BAD;
        if (client->is_closed || clock_monotonic_ms() > deadline)
            return false;
    }
    return true;
}

bool
client_run(struct client *client, client_until_fn *until, const void *data)
{
    return run_until(client, until, data, clock_monotonic_ms() + WAIT_MS);
}

static bool
has_mails(struct client *client, const void *data)
{
    return g_hash_table_size(client->mails) >= *(const guint *)data;
}

bool
client_run_mails(struct client *client, guint n)
{
    return client_run(client, has_mails, &n);
}

struct state_wish {
    enum source_state state;
    guint n;
};

static bool
has_state(struct client *client, const void *data)
{
    const struct state_wish *wish = data;
    return client->n_states[wish->state] >= wish->n;
}

bool
client_run_state(struct client *client, enum source_state state, guint n)
{
    const struct state_wish wish = {.state = state, .n = n};
    return client_run(client, has_state, &wish);
}

static bool
has_settled(struct client *client, const void *data)
{
    return client->settled->len >= *(const guint *)data;
}

bool
client_run_settled(struct client *client, guint n)
{
    return client_run(client, has_settled, &n);
}

static bool
never(struct client *client, const void *data)
{
    (void)client, (void)data;
    return false;
}

void
client_run_for(struct client *client, int ms)
{
    run_until(client, never, NULL, clock_monotonic_ms() + ms);
}

int
client_end(struct client *client)
{
    int status = -1;
    if (client->pid <= 0)
        return -1;
    frame_channel_clear(&client->channel);
    int64_t deadline = clock_monotonic_ms() + WAIT_MS;
    pid_t ended;
    while ((ended = waitpid(client->pid, &status, WNOHANG)) == 0 && clock_monotonic_ms() < deadline)
        g_usleep(2000);
    if (ended == 0) {
        kill(client->pid, SIGKILL);
        waitpid(client->pid, &status, 0);
        status = -1;
    }
    client->pid = -1;
    return status;
}

void
client_free(struct client *client)
{
    client_end(client);
    g_hash_table_unref(client->mails);
    g_hash_table_unref(client->times);
    g_hash_table_unref(client->partial);
    g_hash_table_unref(client->listed);
    g_hash_table_unref(client->keys);
    g_ptr_array_unref(client->gone);
    g_ptr_array_unref(client->settled);
    g_free(client->detail);
    g_free(client->mend);
    g_free(client->mailbox.name);
    g_free(client->mailbox.folder);
    g_free(client->mailbox.done_folder);
    g_free(client->mailbox.server.host);
    g_free(client->mailbox.server.user);
    g_free(client->mailbox.server.ca_file);
    g_free(client);
}
