/* frame.h - length-prefixed records between our processes, over socket pairs.
 *
 * A frame is a 32-bit length, a 32-bit type and a body of fields written and read in the same order:
 * 32 and 64-bit integers (little-endian) and byte strings (32-bit length first). What arrives is
 * checked like any other outside input: a reader that runs past the end, meets a string that is not
 * valid UTF-8 where text is due, or has bytes left over, is failed for good and answers zeros and "";
 * the caller asks once, with frame_reader_end. */
#ifndef CARDPOST_FRAME_H
#define CARDPOST_FRAME_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* ---- writing a body */
void frame_put_u32(GByteArray *body, uint32_t n);
void frame_put_i64(GByteArray *body, int64_t n);
void frame_put_bytes(GByteArray *body, const void *data, gsize len); /* len < 4 GiB */
void frame_put_text(GByteArray *body, const char *text);             /* NULL is kept apart from "" */

/* ---- reading a body; the bytes stay the caller's and outlive the reader */
struct frame_reader {
    const uint8_t *data;
    gsize len, at;
    bool failed;
};
void frame_reader_init(struct frame_reader *reader, const void *data, gsize len);
uint32_t frame_get_u32(struct frame_reader *reader);
int64_t frame_get_i64(struct frame_reader *reader);
/* A view into the body, valid as long as the body; *len_out may be 0. */
const uint8_t *frame_get_bytes(struct frame_reader *reader, gsize *len_out);
/* A copy (g_free), NULL if NULL was written. Fails on invalid UTF-8 or NUL inside. */
char *frame_get_text(struct frame_reader *reader);
/* True when everything was read and nothing was wrong. */
bool frame_reader_end(const struct frame_reader *reader);

/* ---- a channel: one end of a socket pair (AF_UNIX, SOCK_STREAM) */
struct frame_channel {
    int fd;          /* owned; -1 when closed */
    GByteArray *in;  /* bytes read and not yet taken */
    gsize in_taken;  /* how many of them are used up */
    GByteArray *out; /* bytes a non-blocking channel could not write yet */
    gsize out_written;
    int passed_fd; /* last descriptor received and not yet taken, or -1 */
};
void frame_channel_init(struct frame_channel *channel, int fd);
void frame_channel_clear(struct frame_channel *channel);

struct frame {
    uint32_t type;
    const uint8_t *body; /* view into the channel, valid until the next call on it */
    gsize len;
};

enum frame_status {
    FRAME_READY,  /* *frame_out is filled */
    FRAME_NONE,   /* nothing whole yet (non-blocking), or the timeout has passed */
    FRAME_CLOSED, /* the peer has closed or died */
    FRAME_BAD,    /* over CAP_FRAME_BYTES or a system error: close the channel */
};
/* Next whole frame. Waits at most timeout_ms for it; 0 only looks, -1 waits for ever. */
enum frame_status frame_receive(struct frame_channel *channel, int timeout_ms, struct frame *frame_out);
/* The descriptor that came with the frames so far (the caller closes it), or -1. */
int frame_take_fd(struct frame_channel *channel);

/* Sends one frame, waiting as long as the peer takes (its reading speed is our brake). false: peer gone. */
bool frame_send(struct frame_channel *channel, uint32_t type, const GByteArray *body);
/* The same with a descriptor passed along (SCM_RIGHTS; ours stays open). */
bool frame_send_fd(struct frame_channel *channel, uint32_t type, const GByteArray *body, int fd);
/* Queues one frame and writes what can be written without waiting; false: peer gone. The rest goes by
 * frame_flush when the descriptor is writable. For processes that must never block on a peer. */
bool frame_queue(struct frame_channel *channel, uint32_t type, const GByteArray *body);
bool frame_flush(struct frame_channel *channel);
bool frame_has_output(const struct frame_channel *channel);

#endif
