/* idle.c - waiting for news (RFC 2177), written on the wire ourselves.
 *
 * libetpan's own loses the event when EXISTS comes before the "+", and sleeps while an EXISTS lies in its
 * read buffer: here every line is looked at from the command on, and the buffers before every poll. */
#include "session.h"

#include <cardpost/clock.h>
#include <cardpost/error.h>

#include <errno.h>
#include <poll.h>
#include <string.h>

enum line { LINE_OTHER, LINE_EXISTS, LINE_PLUS, LINE_TAGGED, LINE_BYE, LINE_LOST };

/* "* 12 EXISTS" and the like: the word after the number or the star. */
static bool
is_untagged(const char *line, const char *word)
{
    const char *p = line + 1;
    p += strspn(p, " ");
    p += strspn(p, "0123456789");
    p += strspn(p, " ");
    return g_ascii_strncasecmp(p, word, strlen(word)) == 0;
}

static enum line
read_line(struct session *session)
{
    session_begin(session, 0);
    const char *line = mailimap_read_line(session->imap);
    session_end(session);
    if (!line || session->reads_past_end > 0)
        return LINE_LOST;
    if (*line == '+')
        return LINE_PLUS;
    if (*line != '*')
        return LINE_TAGGED;
    if (is_untagged(line, "EXISTS"))
        return LINE_EXISTS;
    return is_untagged(line, "BYE") ? LINE_BYE : LINE_OTHER;
}

static bool
send_text(struct session *session, const char *text)
{
    mailstream *stream = session->imap->imap_stream;
    session_begin(session, 0);
    bool sent = mailstream_write(stream, text, strlen(text)) == (ssize_t)strlen(text) &&
                mailstream_flush(stream) == 0;
    session_end(session);
    return sent;
}

static enum idle_end
lost(struct session *session, const char *doing, GError **error)
{
    session_error(session, doing, MAILIMAP_ERROR_STREAM, error);
    return IDLE_LOST;
}

static bool
has_buffered(const struct session *session)
{
    return session->imap->imap_stream->read_buffer_len > 0 || net_has_pending(session->net);
}

/* Sleeps until the server or core has something, the time is over, or a signal asks to stop. */
static enum idle_end
sleep_until(struct session *session, struct frame_channel *core, int64_t until_ms, const volatile int *stop,
            bool *server_out)
{
    struct pollfd p[2] = {{.fd = session ? net_fd(session->net) : -1, .events = POLLIN},
                          {.fd = core->fd, .events = POLLIN}};
    *server_out = false;
    for (;;) {
        int64_t left = until_ms - clock_monotonic_ms();
        if (*stop)
            return IDLE_STOP;
        if (left <= 0)
            return IDLE_TIME;
        if (poll(p, 2, (int)MIN(left, G_MAXINT)) < 0)
            continue;
        if (p[1].revents)
            return IDLE_CORE;
        if (p[0].revents) {
            *server_out = true;
            return IDLE_TIME;
        }
    }
}

/* From "IDLE" to "+"; *news_out: an EXISTS came in between. */
static bool
begin_idle(struct session *session, bool *news_out)
{
    session_begin(session, 0);
    bool tagged = mailimap_send_current_tag(session->imap) == MAILIMAP_NO_ERROR;
    session_end(session);
    if (!tagged || !send_text(session, "IDLE\r\n"))
        return false;
    for (;;) {
        enum line line = read_line(session);
        if (line == LINE_PLUS)
            return true;
        if (line == LINE_EXISTS)
            *news_out = true;
        if (line == LINE_LOST || line == LINE_TAGGED || line == LINE_BYE)
            return false;
    }
}

static bool
end_idle(struct session *session, bool *news_out)
{
    if (!send_text(session, "DONE\r\n"))
        return false;
    for (;;) {
        enum line line = read_line(session);
        if (line == LINE_TAGGED)
            return true;
        if (line == LINE_EXISTS)
            *news_out = true;
        if (line == LINE_LOST || line == LINE_BYE)
            return false;
    }
}

/* One IDLE on a server that has it. */
static enum idle_end
idle(struct session *session, struct frame_channel *core, int64_t until_ms, const volatile int *stop,
     GError **error)
{
    bool news = false;
    enum idle_end end = IDLE_TIME;
    if (!begin_idle(session, &news))
        return lost(session, "IDLE", error);
    while (!news) {
        bool server = has_buffered(session);
        if (!server)
            end = sleep_until(session, core, until_ms, stop, &server);
        if (!server)
            break;
        enum line line = read_line(session);
        if (line == LINE_LOST || line == LINE_BYE || line == LINE_TAGGED)
            return lost(session, "IDLE", error);
        news = line == LINE_EXISTS;
    }
    if (!end_idle(session, &news))
        return lost(session, "IDLE", error);
    return news ? IDLE_NEWS : end;
}

enum idle_end
idle_wait(struct session *session, struct frame_channel *core, int seconds, const volatile int *stop,
          GError **error)
{
    int64_t until_ms = clock_monotonic_ms() + (int64_t)seconds * 1000;
    if (session && session_has(session, "IDLE"))
        return idle(session, core, until_ms, stop, error);
    bool server;
    enum idle_end end = sleep_until(NULL, core, until_ms, stop, &server);
    return end;
}
