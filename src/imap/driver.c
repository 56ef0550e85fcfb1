/* driver.c - libetpan's lowest layer over our own stream: deadlines, bounds, and an end to its loops.
 *
 * libetpan loops at full CPU when the connection ends inside a literal (measured, 1.9.4): it takes every
 * failed read for "again". After a few reads past the end the process ends itself; no mail is lost by that,
 * for core has what was sent and the ledger knows the rest. */
#include "session.h"

#include <cardpost/log.h>

#include <errno.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#define READS_PAST_END_MAX 16

static ssize_t
driver_read(mailstream_low *low, void *buffer, size_t len)
{
    struct session *session = low->data;
    gssize n = session->verdict != GUARD_PASS ? -1 : net_read(session->net, buffer, len);
    if (n > 0)
        session->verdict = guard_scan(&session->guard, buffer, (gsize)n);
    if (n > 0 && session->verdict == GUARD_PASS)
        return n;
    if (++session->reads_past_end > READS_PAST_END_MAX && session->is_daemon) {
        log_warning("imap.lost", "mailbox", session->mailbox->name, "why",
                    "the connection ended inside an answer", NULL);
        _exit(EX_TEMPFAIL);
    }
    errno = EIO;
    return -1;
}

static ssize_t
driver_write(mailstream_low *low, const void *buffer, size_t len)
{
    struct session *session = low->data;
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
    return mailstream_new(low, 65536);
}
