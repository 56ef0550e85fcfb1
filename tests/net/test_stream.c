/* test_stream.c - connecting, deadlines, stops and bytes over plain streams; TLS is tried where it is used
 * (tests/imap/test_login.c), and against real servers. */
#include "support.h"

#include <cardpost/clock.h>
#include <cardpost/error.h>
#include <cardpost/net.h>

#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

support_case_fn stream_case;

/* A listener on 127.0.0.1; *port_out. With backlog 0 and nobody accepting, later connects hang. */
static int
listen_on(uint16_t *port_out, int backlog)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, len), 0);
    ck_assert_int_eq(listen(fd, backlog), 0);
    getsockname(fd, (struct sockaddr *)&address, &len);
    *port_out = ntohs(address.sin_port);
    return fd;
}

struct pair {
    int listener, peer;
    struct net_stream *stream;
};

static void
pair_open(struct pair *pair, const volatile int *stop)
{
    struct net_settings settings = {
        .host = "127.0.0.1", .tls = NET_TLS_NONE, .connect_timeout_ms = 20000, .stop = stop};
    GError *error = NULL;
    pair->listener = listen_on(&settings.port, 4);
    pair->stream = net_connect(&settings, &error);
    ck_assert_msg(pair->stream != NULL, "%s", error ? error->message : "");
    pair->peer = accept(pair->listener, NULL, NULL);
    ck_assert_int_ge(pair->peer, 0);
}

static void
pair_close(struct pair *pair)
{
    net_close(pair->stream);
    close(pair->peer);
    close(pair->listener);
}

START_TEST(test_bytes_both_ways)
{
    struct pair pair;
    pair_open(&pair, NULL);
    char buffer[16];
    net_set_deadline(pair.stream, 20000);
    ck_assert(net_write(pair.stream, "hello", 5));
    ck_assert_int_eq(read(pair.peer, buffer, sizeof buffer), 5);
    ck_assert_int_eq(write(pair.peer, "you", 3), 3);
    ck_assert_int_eq(net_read(pair.stream, buffer, sizeof buffer), 3);
    ck_assert(!net_has_pending(pair.stream));
    shutdown(pair.peer, SHUT_WR);
    ck_assert_int_eq(net_read(pair.stream, buffer, sizeof buffer), 0);
    pair_close(&pair);
}
END_TEST

/* More than the socket takes: written whole while the peer reads. */
static gpointer
drain(gpointer data)
{
    char buffer[65536];
    gsize sum = 0;
    ssize_t n;
    while ((n = read(GPOINTER_TO_INT(data), buffer, sizeof buffer)) > 0)
        sum += (gsize)n;
    return GSIZE_TO_POINTER(sum);
}

START_TEST(test_long_write)
{
    struct pair pair;
    pair_open(&pair, NULL);
    gsize len = 20 * 1024 * 1024;
    g_autofree char *bytes = g_malloc0(len);
    GThread *reader = g_thread_new("reader", drain, GINT_TO_POINTER(pair.peer));
    net_set_deadline(pair.stream, 60000);
    ck_assert(net_write(pair.stream, bytes, len));
    shutdown(net_fd(pair.stream), SHUT_WR);
    ck_assert_uint_eq(GPOINTER_TO_SIZE(g_thread_join(reader)), len);
    pair_close(&pair);
}
END_TEST

static void
assert_failed(const struct pair *pair, const char *why)
{
    g_autoptr(GError) error = NULL;
    net_error(pair->stream, &error);
    ck_assert(g_error_matches(error, CARDPOST_ERROR, CARDPOST_ERROR_TEMPORARY));
    ck_assert_msg(strstr(error->message, why) != NULL, "%s", error->message);
}

/* I04: silence, and a peer that reads nothing. */
START_TEST(test_I04_deadline)
{
    struct pair pair;
    pair_open(&pair, NULL);
    char buffer[16];
    g_autofree char *bytes = g_malloc0(64 * 1024 * 1024);
    net_set_deadline(pair.stream, 100);
    int64_t began = clock_monotonic_ms();
    if (_i)
        ck_assert(!net_write(pair.stream, bytes, 64 * 1024 * 1024));
    else
        ck_assert_int_eq(net_read(pair.stream, buffer, sizeof buffer), -1);
    ck_assert_int_ge(clock_monotonic_ms() - began, 100);
    ck_assert_int_lt(clock_monotonic_ms() - began, 10000);
    assert_failed(&pair, "in time");
    pair_close(&pair);
}
END_TEST

static gpointer
flood(gpointer data)
{
    static const char bytes[4096];
    while (send(GPOINTER_TO_INT(data), bytes, sizeof bytes, MSG_NOSIGNAL) > 0)
        ;
    return NULL;
}

/* I04: the deadline holds against a peer that always has bytes ready. */
START_TEST(test_I04_flood)
{
    struct pair pair;
    pair_open(&pair, NULL);
    char buffer[16];
    GThread *writer = g_thread_new("writer", flood, GINT_TO_POINTER(pair.peer));
    net_set_deadline(pair.stream, 200);
    int64_t began = clock_monotonic_ms();
    while (net_read(pair.stream, buffer, sizeof buffer) > 0)
        ck_assert_int_lt(clock_monotonic_ms() - began, 10000);
    assert_failed(&pair, "in time");
    net_close(pair.stream); /* with unread bytes: the writer gets an error */
    g_thread_join(writer);
    close(pair.peer);
    close(pair.listener);
}
END_TEST

static volatile int stop;

static gpointer
ask_to_stop(gpointer data)
{
    g_usleep(200000);
    stop = 1;
    return data;
}

START_TEST(test_stop)
{
    struct pair pair;
    pair_open(&pair, &stop);
    char byte;
    GThread *asker = g_thread_new("asker", ask_to_stop, NULL);
    net_set_deadline(pair.stream, 60000);
    int64_t began = clock_monotonic_ms();
    ck_assert_int_eq(net_read(pair.stream, &byte, 1), -1);
    ck_assert_int_lt(clock_monotonic_ms() - began, 20000);
    assert_failed(&pair, "stopped");
    g_thread_join(asker);
    stop = 0;
    pair_close(&pair);
}
END_TEST

static const struct {
    const char *label, *host;
    enum net_tls tls;
    enum cardpost_error code;
    const char *why;
} refusals[] = {
    {"nobody listens", "127.0.0.1", NET_TLS_NONE, CARDPOST_ERROR_TEMPORARY, "refused"},
    {"no such name", "no-such-host.invalid", NET_TLS_IMPLICIT, CARDPOST_ERROR_TEMPORARY, "resolved"},
    {"plain to another machine", "192.0.2.1", NET_TLS_NONE, CARDPOST_ERROR_PERMANENT, "TLS"},
};

START_TEST(test_refusals)
{
    struct net_settings settings = {
        .host = refusals[_i].host, .tls = refusals[_i].tls, .connect_timeout_ms = 20000};
    close(listen_on(&settings.port, 1));
    g_autoptr(GError) error = NULL;
    ck_assert_ptr_null(net_connect(&settings, &error));
    ck_assert_msg(g_error_matches(error, CARDPOST_ERROR, (gint)refusals[_i].code), "%s: %s",
                  refusals[_i].label, error->message);
    ck_assert_msg(strstr(error->message, refusals[_i].why) != NULL, "%s: %s", refusals[_i].label,
                  error->message);
}
END_TEST

/* TLS to a server that says nothing ends in time, too. */
START_TEST(test_silent_handshake)
{
    struct net_settings settings = {.host = "127.0.0.1", .tls = NET_TLS_IMPLICIT, .connect_timeout_ms = 300};
    int listener = listen_on(&settings.port, 4);
    g_autoptr(GError) error = NULL;
    int64_t began = clock_monotonic_ms();
    ck_assert_ptr_null(net_connect(&settings, &error));
    ck_assert_int_lt(clock_monotonic_ms() - began, 10000);
    ck_assert(error->domain == CARDPOST_ERROR);
    close(listener);
}
END_TEST

/* I10: what came in clear before TLS is not taken for the server's. */
START_TEST(test_I10_bytes_before_tls)
{
    struct pair pair;
    pair_open(&pair, NULL);
    ck_assert_int_eq(write(pair.peer, "* OK injected\r\n", 15), 15);
    struct pollfd p = {.fd = net_fd(pair.stream), .events = POLLIN};
    ck_assert_int_eq(poll(&p, 1, 20000), 1);
    g_autoptr(GError) error = NULL;
    net_set_deadline(pair.stream, 1000);
    ck_assert(!net_start_tls(pair.stream, &error));
    char buffer[64];
    ck_assert_int_eq(recv(pair.peer, buffer, sizeof buffer, MSG_DONTWAIT), -1); /* no ClientHello */
    pair_close(&pair);
}
END_TEST

TCase *
stream_case(void)
{
    TCase *tcase = tcase_create("stream");
    tcase_add_test(tcase, test_bytes_both_ways);
    tcase_add_test(tcase, test_long_write);
    tcase_add_loop_test(tcase, test_I04_deadline, 0, 2);
    tcase_add_test(tcase, test_I04_flood);
    tcase_add_test(tcase, test_stop);
    tcase_add_loop_test(tcase, test_refusals, 0, G_N_ELEMENTS(refusals));
    tcase_add_test(tcase, test_silent_handshake);
    tcase_add_test(tcase, test_I10_bytes_before_tls);
    tcase_set_timeout(tcase, 120);
    return tcase;
}
