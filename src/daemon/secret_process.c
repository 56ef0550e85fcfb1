/* secret_process.c - fetching one secret, on both ends: the process that asks, and the short-lived helper
 * that runs the password command and answers.
 *
 * The asker makes a socket pair and gives one end to the supervisor, which starts the helper with it: the
 * secret goes from the helper straight to the asker. The supervisor, parent of all and longest alive, never
 * has it in its memory, and no command that hangs holds the supervisor up. */
#include "process.h"

#include "child.h"

#include <cardpost/clock.h>
#include <cardpost/error.h>
#include <cardpost/secret.h>

#include <string.h>
#include <sysexits.h>
#include <unistd.h>

/* The helper kills a command after 30 s. */
#define SECRET_TIMEOUT_MS (45 * 1000)
/* How soon a stop is noticed while waiting for it. */
#define STOP_LOOK_MS 500

/* What "secret:imap:main" or "secret:deliver" is about, or NULL. */
static const struct config_secret *
find_secret(const struct config *config, const char *asker)
{
    const char *name;
    enum process_kind role = process_kind_of(asker, &name);
    if (role == PROCESS_DELIVER)
        return &config->outgoing.server.secret;
    const struct config_mailbox *mailbox = role == PROCESS_IMAP ? config_mailbox(config, name) : NULL;
    return mailbox ? &mailbox->server.secret : NULL;
}

int
secret_process_run(struct process *process)
{
    g_autoptr(GError) error = NULL;
    const struct config_secret *source = find_secret(process->config, process->role_rest);
    if (!source)
        return EX_USAGE;
    char *secret = config_secret_get(source, &error);
    g_autoptr(GByteArray) body = g_byte_array_new();
    frame_put_text(body, secret);
    frame_put_text(body, error ? error->message : NULL);
    bool sent = frame_send(&process->data, WIRE_SECRET, body);
    explicit_bzero(body->data, body->len);
    int code = !sent ? EX_IOERR : secret ? EX_OK : EX_UNAVAILABLE;
    secret_free(secret);
    return code;
}

/* The secret out of the answer, whose bytes are overwritten. */
static char *
take_secret(struct frame_channel *helper, const struct frame *frame)
{
    struct frame_reader reader;
    frame_reader_init(&reader, frame->body, frame->len);
    char *secret = frame_get_text(&reader);
    g_autofree char *why = frame_get_text(&reader);
    bool good = frame->type == WIRE_SECRET && frame_reader_end(&reader) && secret;
    if (!good)
        log_warning("secret.failed", "error", why ? why : "malformed answer", NULL);
    explicit_bzero(helper->in->data, helper->in->len);
    if (good)
        return secret;
    secret_free(secret);
    return NULL;
}

static char *
await_secret(struct frame_channel *helper)
{
    struct frame frame;
    int64_t deadline = clock_monotonic_ms() + SECRET_TIMEOUT_MS;
    enum frame_status status;
    do
        status = frame_receive(helper, STOP_LOOK_MS, &frame);
    while (status == FRAME_NONE && clock_monotonic_ms() < deadline && !*process_stop_flag());
    if (status == FRAME_READY)
        return take_secret(helper, &frame);
    if (!*process_stop_flag())
        log_warning("secret.failed", "error", "the password helper did not answer", NULL);
    return NULL;
}

char *
process_secret(void *data)
{
    struct process *process = data;
    g_autoptr(GError) error = NULL;
    int fds[2];
    if (!child_socketpair(fds, &error)) {
        log_warning("secret.failed", "error", error->message, NULL);
        return NULL;
    }
    struct frame_channel helper;
    frame_channel_init(&helper, fds[0]);
    bool asked = frame_send_fd(&process->control, WIRE_SECRET_REQUEST, NULL, fds[1]);
    close(fds[1]);
    char *secret = asked ? await_secret(&helper) : NULL;
    frame_channel_clear(&helper);
    return secret;
}
