/* test_frame.c - frames: whole, cut, too long, with descriptors; readers that never run past the end. */
#include "cases.h"

#include <cardpost/caps.h>
#include <cardpost/frame.h>

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct pair {
    struct frame_channel a, b;
};

static void
pair_init(struct pair *pair)
{
    int fds[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    frame_channel_init(&pair->a, fds[0]);
    frame_channel_init(&pair->b, fds[1]);
}

static void
pair_clear(struct pair *pair)
{
    frame_channel_clear(&pair->a);
    frame_channel_clear(&pair->b);
}

START_TEST(round_trip)
{
    struct pair pair;
    pair_init(&pair);
    g_autoptr(GByteArray) body = g_byte_array_new();
    frame_put_u32(body, 7);
    frame_put_i64(body, -5);
    frame_put_text(body, "中文");
    frame_put_text(body, NULL);
    frame_put_bytes(body, "\0x", 2);
    ck_assert(frame_send(&pair.a, 42, body));
    struct frame frame;
    ck_assert_int_eq(frame_receive(&pair.b, 1000, &frame), FRAME_READY);
    ck_assert_uint_eq(frame.type, 42);
    struct frame_reader reader;
    frame_reader_init(&reader, frame.body, frame.len);
    ck_assert_uint_eq(frame_get_u32(&reader), 7);
    ck_assert_int_eq(frame_get_i64(&reader), -5);
    g_autofree char *text = frame_get_text(&reader);
    ck_assert_str_eq(text, "中文");
    ck_assert_ptr_null(frame_get_text(&reader));
    gsize len;
    const uint8_t *bytes = frame_get_bytes(&reader, &len);
    ck_assert_uint_eq(len, 2);
    ck_assert_mem_eq(bytes, "\0x", 2);
    ck_assert(frame_reader_end(&reader));
    pair_clear(&pair);
}
END_TEST

/* Every cut of a good body is refused, and so is one byte too many. */
START_TEST(a_cut_body_is_refused)
{
    g_autoptr(GByteArray) body = g_byte_array_new();
    frame_put_text(body, "hello");
    frame_put_i64(body, 9);
    for (guint len = 0; len <= body->len + 1; len++) {
        g_autofree uint8_t *copy = g_malloc0(body->len + 1);
        memcpy(copy, body->data, body->len);
        struct frame_reader reader;
        frame_reader_init(&reader, copy, len);
        g_free(frame_get_text(&reader));
        frame_get_i64(&reader);
        ck_assert_msg(frame_reader_end(&reader) == (len == body->len), "%u of %u bytes", len, body->len);
    }
}
END_TEST

START_TEST(text_must_be_utf8_without_nul)
{
    static const char *const bad[] = {"a\xff", "a\0b"};
    for (guint i = 0; i < 2; i++) {
        g_autoptr(GByteArray) body = g_byte_array_new();
        frame_put_bytes(body, bad[i], i + 2);
        struct frame_reader reader;
        frame_reader_init(&reader, body->data, body->len);
        g_free(frame_get_text(&reader));
        ck_assert(!frame_reader_end(&reader));
    }
}
END_TEST

START_TEST(too_long_and_closed)
{
    struct pair pair;
    struct frame frame;
    pair_init(&pair);
    uint32_t head[2] = {CAP_FRAME_BYTES + 1, 1};
    ck_assert_int_eq(write(pair.a.fd, head, sizeof head), sizeof head);
    ck_assert_int_eq(frame_receive(&pair.b, 1000, &frame), FRAME_BAD);
    pair_clear(&pair);
    pair_init(&pair);
    ck_assert_int_eq(frame_receive(&pair.b, 0, &frame), FRAME_NONE);
    frame_channel_clear(&pair.a);
    ck_assert_int_eq(frame_receive(&pair.b, 1000, &frame), FRAME_CLOSED);
    ck_assert(!frame_send(&pair.b, 1, NULL));
    pair_clear(&pair);
}
END_TEST

/* A queue to a peer that does not read keeps its bytes and blocks nobody. */
START_TEST(queue_and_flush)
{
    struct pair pair;
    struct frame frame;
    pair_init(&pair);
    g_autoptr(GByteArray) body = g_byte_array_new();
    g_byte_array_set_size(body, 3000000);
    memset(body->data, 'x', body->len);
    ck_assert(frame_queue(&pair.a, 1, body));
    ck_assert(frame_has_output(&pair.a));
    enum frame_status status = FRAME_NONE;
    while (status == FRAME_NONE) {
        ck_assert(frame_flush(&pair.a));
        status = frame_receive(&pair.b, 0, &frame);
    }
    ck_assert_int_eq(status, FRAME_READY);
    ck_assert_uint_eq(frame.len, body->len);
    ck_assert_mem_eq(frame.body, body->data, body->len);
    pair_clear(&pair);
}
END_TEST

START_TEST(descriptors_travel)
{
    struct pair pair;
    struct frame frame;
    int pipe_fds[2];
    char byte = 0;
    pair_init(&pair);
    ck_assert_int_eq(pipe(pipe_fds), 0);
    ck_assert(frame_send_fd(&pair.a, 1, NULL, pipe_fds[1]));
    ck_assert(frame_send(&pair.a, 2, NULL));
    ck_assert_int_eq(frame_receive(&pair.b, 1000, &frame), FRAME_READY);
    int fd = frame_take_fd(&pair.b);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(frame_take_fd(&pair.b), -1);
    ck_assert_int_eq(write(fd, "!", 1), 1);
    ck_assert_int_eq(read(pipe_fds[0], &byte, 1), 1);
    ck_assert_int_eq(byte, '!');
    close(fd);
    close(pipe_fds[0]);
    close(pipe_fds[1]);
    pair_clear(&pair);
}
END_TEST

static guint
count_descriptors(void)
{
    guint n = 0;
    for (int fd = 0; fd < 256; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

/* A peer that was taken over may send descriptors nobody asked for, several at once: none stays open here. */
START_TEST(descriptors_that_are_not_wanted_are_closed)
{
    struct pair pair;
    struct frame frame;
    int sent[2] = {-1, -1};
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof sent)];
    } control = {.bytes = {0}};
    uint32_t head[2] = {0, GUINT32_TO_LE(1)};
    struct iovec iov = {.iov_base = head, .iov_len = sizeof head};
    struct msghdr message = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    pair_init(&pair);
    struct cmsghdr *c = CMSG_FIRSTHDR(&message);
    *c = (struct cmsghdr){
        .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof sent)};
    sent[0] = sent[1] = pair.a.fd;
    memcpy(CMSG_DATA(c), sent, sizeof sent);
    guint before = count_descriptors();
    for (guint i = 0; i < 20; i++) {
        ck_assert_int_eq(sendmsg(pair.a.fd, &message, 0), sizeof head);
        ck_assert_int_eq(frame_receive(&pair.b, 1000, &frame), FRAME_READY);
        int fd = frame_take_fd(&pair.b);
        ck_assert_int_ge(fd, 0);
        close(fd);
    }
    ck_assert_uint_eq(count_descriptors(), before);
    pair_clear(&pair);
}
END_TEST

TCase *
test_frame(void)
{
    TCase *tcase = tcase_create("frame");
    tcase_set_timeout(tcase, 30);
    tcase_add_test(tcase, round_trip);
    tcase_add_test(tcase, a_cut_body_is_refused);
    tcase_add_test(tcase, text_must_be_utf8_without_nul);
    tcase_add_test(tcase, too_long_and_closed);
    tcase_add_test(tcase, queue_and_flush);
    tcase_add_test(tcase, descriptors_travel);
    tcase_add_test(tcase, descriptors_that_are_not_wanted_are_closed);
    return tcase;
}
