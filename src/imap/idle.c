/* idle.c - waiting for news (RFC 2177), written on the wire ourselves.
 *
 * libetpan's own loses the event when EXISTS comes before the "+", and sleeps while an EXISTS lies in its
 * read buffer: here every line is looked at from the command on, and the buffers before every poll. */
#include "session.h"

#include <cardpost/clock.h>
#include <cardpost/error.h>

#include <poll.h>
#include <signal.h>
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

/* Under the deadline of the operation that is going on. */
static enum line
read_line(struct session *session)
{
    const char *line = mailimap_read_line(session->imap);
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
    return mailstream_write(stream, text, strlen(text)) == (ssize_t)strlen(text) &&
           mailstream_flush(stream) == 0;
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

/* Sleeps until the server or core has something, the time is over, or a signal asks to stop. Signals are let
 * in only while asleep: one that came between the look at *stop and the sleep would be slept over. */
static enum idle_end
sleep_until(struct session *session, struct frame_channel *core, int64_t until_ms, const volatile int *stop,
            bool *server_out)
{
    struct pollfd p[2] = {{.fd = session ? net_fd(session->net) : -1, .events = POLLIN},
                          {.fd = core->fd, .events = POLLIN}};
    sigset_t term, before;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &term, &before);
    int64_t left;
    int n = 0;
    *server_out = false;
    while (n <= 0 && !*stop && (left = until_ms - clock_monotonic_ms()) > 0) {
        struct timespec wait = {.tv_sec = left / 1000, .tv_nsec = left % 1000 * 1000000};
        n = ppoll(p, 2, &wait, &before);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    *server_out = n > 0 && p[0].revents && !p[1].revents && !*stop;
    return *stop ? IDLE_STOP : n > 0 && p[1].revents ? IDLE_CORE : IDLE_TIME;
}

/* Reads to the line that is due; *news_out: an EXISTS came on the way. */
static enum line
read_until(struct session *session, enum line due, bool *news_out)
{
    for (;;) {
        enum line line = read_line(session);
        if (line == LINE_EXISTS)
            *news_out = true;
        if (line == due || line == LINE_LOST || line == LINE_TAGGED || line == LINE_BYE)
            return line;
    }
}

/* From "IDLE" to "+". */
static enum line
begin_idle(struct session *session, bool *news_out)
{
    session_begin(session, 0);
    bool is_sent =
        mailimap_send_current_tag(session->imap) == MAILIMAP_NO_ERROR && send_text(session, "IDLE\r\n");
    enum line line = is_sent ? read_until(session, LINE_PLUS, news_out) : LINE_LOST;
    session_end(session);
    return line;
}

static enum line
end_idle(struct session *session, bool *news_out)
{
    session_begin(session, 0);
    enum line line = send_text(session, "DONE\r\n") ? read_until(session, LINE_TAGGED, news_out) : LINE_LOST;
    session_end(session);
    return line;
}

/* Between "+" and DONE. All lines of one IDLE count as one answer: a server that never stops sending them
 * is cut off by the guard. */
static enum idle_end
watch(struct session *session, struct frame_channel *core, int64_t until_ms, const volatile int *stop)
{
    for (;;) {
        bool server = has_buffered(session);
        enum idle_end end = server ? IDLE_TIME : sleep_until(session, core, until_ms, stop, &server);
        if (!server)
            return end;
        session_go_on(session);
        enum line line = read_line(session);
        session_end(session);
        if (line == LINE_EXISTS)
            return IDLE_NEWS;
        if (line == LINE_LOST || line == LINE_BYE || line == LINE_TAGGED)
            return IDLE_LOST;
    }
}

/* One IDLE on a server that has it. */
static enum idle_end
idle(struct session *session, struct frame_channel *core, int64_t until_ms, const volatile int *stop,
     GError **error)
{
    bool news = false;
    enum line line = begin_idle(session, &news);
    if (line == LINE_TAGGED) {
        session->no_idle = true; /* offered and refused: polled from now on */
        return IDLE_TIME;
    }
    if (line != LINE_PLUS)
        return lost(session, "IDLE", error);
    enum idle_end end = news ? IDLE_NEWS : watch(session, core, until_ms, stop);
    if (end == IDLE_STOP)
        return end;
    if (end == IDLE_LOST || end_idle(session, &news) != LINE_TAGGED)
        return lost(session, "IDLE", error);
    return news ? IDLE_NEWS : end;
}

enum idle_end
idle_wait(struct session *session, struct frame_channel *core, int64_t timeout_ms, const volatile int *stop,
          GError **error)
{
    int64_t until_ms = clock_monotonic_ms() + timeout_ms;
    if (session && session_has_idle(session))
        return idle(session, core, until_ms, stop, error);
    bool server;
    return sleep_until(session, core, until_ms, stop, &server);
}
