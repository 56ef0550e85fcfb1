/* driver.c - libetpan's lowest layer over our own stream: deadlines, bounds, and an end to its loops.
 *
 * libetpan loops at full CPU when the connection ends inside a literal (measured, 1.9.4): it takes every
 * failed read for "again". So once the connection is lost, the literal that was begun is filled up with
 * zeros, which lets the parser leave its loop; what it parsed then is worth nothing, and whoever takes it
 * looks at reads_past_end first. Should it ask on and on all the same, the process ends itself: no mail is
 * lost by that, for core has what was sent and the ledger knows the rest. */
#include "session.h"

#include <cardpost/clock.h>
#include <cardpost/log.h>

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define READS_PAST_END_MAX 64
#define STOP_LOOK_MS       500 /* how soon a stop is noticed */
#define BUFFER_BYTES       65536

/* Waits for bytes; false: stopped, or the deadline has passed. net_read keeps the deadline too, but not
 * against a server that always has a byte ready, and knows no stop. */
static bool
await_bytes(struct session *session)
{
    while (!session->lost) {
        int64_t left = session->deadline_at - clock_monotonic_ms();
        if (*session->stop)
            session->lost = "stopped";
        else if (left <= 0)
            session->lost = "the server does not answer in time";
        else if (net_has_pending(session->net))
            return true;
        struct pollfd p = {.fd = net_fd(session->net), .events = POLLIN};
        if (!session->lost && poll(&p, 1, (int)MIN(left, STOP_LOOK_MS)) > 0)
            return true;
    }
    return false;
}

static ssize_t
read_past_end(struct session *session, void *buffer, size_t len)
{
    size_t padding = (size_t)MIN(session->guard.literal_left, len);
    session->reads_past_end += padding == 0 || session->reads_past_end == 0;
    if (session->reads_past_end > READS_PAST_END_MAX && session->is_daemon) {
        log_warning("imap.lost", "mailbox", session->mailbox->name, "why",
                    "the connection ended inside an answer", NULL);
        _exit(EX_TEMPFAIL);
    }
    memset(buffer, 0, padding);
    session->guard.literal_left -= padding;
    errno = EIO;
    return padding > 0 ? (ssize_t)padding : -1;
}

static ssize_t
driver_read(mailstream_low *low, void *buffer, size_t len)
{
    struct session *session = low->data;
    gssize n =
        session->reads_past_end == 0 && await_bytes(session) ? net_read(session->net, buffer, len) : -1;
    uint64_t literal_left = session->guard.literal_left;
    if (n > 0)
        session->verdict = guard_scan(&session->guard, buffer, (gsize)n);
    /* Refused bytes are dropped: libetpan stays where it was before them. */
    if (n > 0 && session->verdict != GUARD_PASS)
        session->guard.literal_left = literal_left;
    return n > 0 && session->verdict == GUARD_PASS ? n : read_past_end(session, buffer, len);
}

static ssize_t
driver_write(mailstream_low *low, const void *buffer, size_t len)
{
    struct session *session = low->data;
    if (session->reads_past_end > 0)
        return -1;
    return net_write(session->net, buffer, len) ? (ssize_t)len : -1;
}

static int
driver_close(mailstream_low *low)
{
    (void)low;
    return 0;
}

static int
driver_get_fd(mailstream_low *low)
{
    return net_fd(((struct session *)low->data)->net);
}

/* The stream is the session's. */
static void
driver_free(mailstream_low *low)
{
    free(low);
}

static void
driver_cancel(mailstream_low *low)
{
    (void)low;
}

static mailstream_low_driver driver = {
    .mailstream_read = driver_read,
    .mailstream_write = driver_write,
    .mailstream_close = driver_close,
    .mailstream_get_fd = driver_get_fd,
    .mailstream_free = driver_free,
    .mailstream_cancel = driver_cancel,
};

mailstream *
driver_stream(struct session *session)
{
    mailstream_low *low = mailstream_low_new(session, &driver);
    return mailstream_new(low, BUFFER_BYTES);
}
