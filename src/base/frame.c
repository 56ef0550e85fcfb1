/* frame.c - the wire form of frames and the channels that carry them. Does not know any frame type. */
#include <cardpost/frame.h>

#include <cardpost/caps.h>
#include <cardpost/clock.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FRAME_HEAD_BYTES 8
#define READ_STEP_BYTES  (64 * 1024)
#define NULL_TEXT        0xffffffffu

void
frame_put_u32(GByteArray *body, uint32_t n)
{
    n = GUINT32_TO_LE(n);
    g_byte_array_append(body, (const guint8 *)&n, sizeof n);
}

void
frame_put_i64(GByteArray *body, int64_t n)
{
    n = GINT64_TO_LE(n);
    g_byte_array_append(body, (const guint8 *)&n, sizeof n);
}

void
frame_put_bytes(GByteArray *body, const void *data, gsize len)
{
    g_assert(len < NULL_TEXT);
    frame_put_u32(body, (uint32_t)len);
    if (len > 0)
        g_byte_array_append(body, data, (guint)len);
}

void
frame_put_text(GByteArray *body, const char *text)
{
    if (text)
        frame_put_bytes(body, text, strlen(text));
    else
        frame_put_u32(body, NULL_TEXT);
}

void
frame_reader_init(struct frame_reader *reader, const void *data, gsize len)
{
    *reader = (struct frame_reader){.data = data, .len = len};
}

/* n bytes of the body, or NULL and the reader is failed. */
static const uint8_t *
take(struct frame_reader *reader, gsize n)
{
    if (reader->failed || reader->len - reader->at < n) {
        reader->failed = true;
        return NULL;
    }
    const uint8_t *at = reader->data + reader->at;
    reader->at += n;
    return at;
}

uint32_t
frame_get_u32(struct frame_reader *reader)
{
    uint32_t n = 0;
    const uint8_t *at = take(reader, sizeof n);
    if (at)
        memcpy(&n, at, sizeof n);
    return GUINT32_FROM_LE(n);
}

int64_t
frame_get_i64(struct frame_reader *reader)
{
    int64_t n = 0;
    const uint8_t *at = take(reader, sizeof n);
    if (at)
        memcpy(&n, at, sizeof n);
    return GINT64_FROM_LE(n);
}

const uint8_t *
frame_get_bytes(struct frame_reader *reader, gsize *len_out)
{
    uint32_t len = frame_get_u32(reader);
    const uint8_t *at = take(reader, len);
    *len_out = at ? len : 0;
    return at ? at : (const uint8_t *)"";
}

char *
frame_get_text(struct frame_reader *reader)
{
    uint32_t len = frame_get_u32(reader);
    if (len == NULL_TEXT)
        return NULL;
    const uint8_t *at = take(reader, len);
    if (!at)
        return g_strdup("");
    if (!g_utf8_validate_len((const char *)at, len, NULL)) {
        reader->failed = true;
        return g_strdup("");
    }
    return g_strndup((const char *)at, len);
}

bool
frame_reader_end(const struct frame_reader *reader)
{
    return !reader->failed && reader->at == reader->len;
}

void
frame_channel_init(struct frame_channel *channel, int fd)
{
    *channel = (struct frame_channel){
        .fd = fd, .in = g_byte_array_new(), .out = g_byte_array_new(), .passed_fd = -1};
}

void
frame_channel_clear(struct frame_channel *channel)
{
    if (channel->fd >= 0)
        close(channel->fd);
    if (channel->passed_fd >= 0)
        close(channel->passed_fd);
    g_clear_pointer(&channel->in, g_byte_array_unref);
    g_clear_pointer(&channel->out, g_byte_array_unref);
    channel->fd = channel->passed_fd = -1;
}

/* A whole frame out of what was read: FRAME_READY, FRAME_NONE or FRAME_BAD. */
static enum frame_status
next_frame(struct frame_channel *channel, struct frame *frame_out)
{
    gsize have = channel->in->len - channel->in_taken;
    if (have < FRAME_HEAD_BYTES)
        return FRAME_NONE;
    const uint8_t *at = channel->in->data + channel->in_taken;
    uint32_t head[2];
    memcpy(head, at, sizeof head);
    gsize len = GUINT32_FROM_LE(head[0]);
    if (len > CAP_FRAME_BYTES)
        return FRAME_BAD;
    if (have < FRAME_HEAD_BYTES + len)
        return FRAME_NONE;
    *frame_out = (struct frame){.type = GUINT32_FROM_LE(head[1]), .body = at + FRAME_HEAD_BYTES, .len = len};
    channel->in_taken += FRAME_HEAD_BYTES + len;
    return FRAME_READY;
}

/* Gives the used-up bytes back; a buffer that once held a big mail does not stay big. */
static void
compact(struct frame_channel *channel)
{
    if (channel->in_taken == 0)
        return;
    if (channel->in_taken < channel->in->len) {
        g_byte_array_remove_range(channel->in, 0, (guint)channel->in_taken);
    } else if (channel->in->len > READ_STEP_BYTES * 4) {
        g_byte_array_unref(channel->in);
        channel->in = g_byte_array_new();
    } else {
        g_byte_array_set_size(channel->in, 0);
    }
    channel->in_taken = 0;
}

/* The last of them stays. A peer may put several into one message, and padding makes room for a second: each
 * that were left open would be one less for us. */
static void
keep_passed_fd(struct frame_channel *channel, struct msghdr *message)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        for (gsize at = 0; CMSG_LEN(at + sizeof(int)) <= c->cmsg_len; at += sizeof(int)) {
            if (channel->passed_fd >= 0)
                close(channel->passed_fd);
            memcpy(&channel->passed_fd, CMSG_DATA(c) + at, sizeof(int));
        }
    }
}

/* One recvmsg into the channel: > 0 bytes, 0 end, -1 error, -2 nothing there. */
static int
read_some(struct frame_channel *channel)
{
    gsize old = channel->in->len;
    g_byte_array_set_size(channel->in, (guint)(old + READ_STEP_BYTES));
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec iov = {.iov_base = channel->in->data + old, .iov_len = READ_STEP_BYTES};
    struct msghdr message = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t n = recvmsg(channel->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    int saved = errno;
    g_byte_array_set_size(channel->in, (guint)(old + (n > 0 ? (gsize)n : 0)));
    if (n > 0)
        keep_passed_fd(channel, &message);
    if (n >= 0)
        return n > 0;
    return saved == EAGAIN || saved == EINTR ? -2 : saved == ECONNRESET ? 0 : -1;
}

enum frame_status
frame_receive(struct frame_channel *channel, int timeout_ms, struct frame *frame_out)
{
    int64_t deadline = clock_monotonic_ms() + timeout_ms;
    if (channel->fd < 0)
        return FRAME_CLOSED;
    for (;;) {
        enum frame_status status = next_frame(channel, frame_out);
        if (status != FRAME_NONE)
            return status;
        compact(channel);
        int n = read_some(channel);
        if (n == 1)
            continue;
        if (n == 0)
            return FRAME_CLOSED;
        if (n == -1)
            return FRAME_BAD;
        int64_t left = timeout_ms < 0 ? -1 : deadline - clock_monotonic_ms();
        if (timeout_ms >= 0 && left <= 0)
            return FRAME_NONE;
        struct pollfd p = {.fd = channel->fd, .events = POLLIN};
        poll(&p, 1, (int)left);
    }
}

int
frame_take_fd(struct frame_channel *channel)
{
    int fd = channel->passed_fd;
    channel->passed_fd = -1;
    return fd;
}

static void
append_frame(GByteArray *out, uint32_t type, const GByteArray *body)
{
    frame_put_u32(out, body ? body->len : 0);
    frame_put_u32(out, type);
    if (body && body->len > 0)
        g_byte_array_append(out, body->data, body->len);
}

/* Bytes written, 0 if the socket is full, -1 if the peer is gone. */
static ssize_t
write_some(int fd, const uint8_t *data, gsize len, int passed_fd)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {.bytes = {0}};
    struct iovec iov = {.iov_base = (void *)(uintptr_t)data, .iov_len = len};
    struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};
    if (passed_fd >= 0) {
        message.msg_control = &control;
        message.msg_controllen = sizeof control;
        struct cmsghdr *c = CMSG_FIRSTHDR(&message);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(c), &passed_fd, sizeof(int));
    }
    ssize_t n = sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -1;
    return n;
}

bool
frame_flush(struct frame_channel *channel)
{
    while (frame_has_output(channel)) {
        gsize left = channel->out->len - channel->out_written;
        ssize_t n = write_some(channel->fd, channel->out->data + channel->out_written, left, -1);
        if (n < 0)
            return false;
        if (n == 0)
            return true;
        channel->out_written += (gsize)n;
    }
    if (channel->out->len > READ_STEP_BYTES * 4) {
        g_byte_array_unref(channel->out);
        channel->out = g_byte_array_new();
    } else {
        g_byte_array_set_size(channel->out, 0);
    }
    channel->out_written = 0;
    return true;
}

bool
frame_has_output(const struct frame_channel *channel)
{
    return channel->out && channel->out_written < channel->out->len;
}

bool
frame_queue(struct frame_channel *channel, uint32_t type, const GByteArray *body)
{
    if (channel->fd < 0)
        return false;
    append_frame(channel->out, type, body);
    return frame_flush(channel);
}

bool
frame_send_fd(struct frame_channel *channel, uint32_t type, const GByteArray *body, int fd)
{
    if (channel->fd < 0)
        return false;
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    append_frame(bytes, type, body);
    for (gsize at = 0; at < bytes->len;) {
        ssize_t n = write_some(channel->fd, bytes->data + at, bytes->len - at, at == 0 ? fd : -1);
        if (n < 0)
            return false;
        if (n == 0) {
            struct pollfd p = {.fd = channel->fd, .events = POLLOUT};
            poll(&p, 1, -1);
        }
        at += (gsize)n;
    }
    return true;
}

bool
frame_send(struct frame_channel *channel, uint32_t type, const GByteArray *body)
{
    return frame_send_fd(channel, type, body, -1);
}
