/* wire.h - the frames between supervisor, core, parse workers, deliver and the control socket. (The ones
 * between core and a mail source are in source.h.) Every body is decoded in full or refused: a decoder
 * returns false for bytes that are not exactly its frame, and the reader of the channel then closes it. */
#ifndef DAEMON_WIRE_H
#define DAEMON_WIRE_H

#include <cardpost/frame.h>
#include <cardpost/log.h>
#include <cardpost/mail.h>
#include <cardpost/smtp.h>

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Descriptors of a child process: the channel to the supervisor, and the one to core (or, in core's place,
 * to the process that asked). */
#define WIRE_CONTROL_FD 3
#define WIRE_DATA_FD    4

/* Attachments asked for in one EXTRACT, arguments in one control request. */
#define WIRE_PARTS_MAX 1000
#define WIRE_ARGS_MAX  1000

enum wire_frame {
    /* supervisor to a child */
    WIRE_HELLO = 300, /* struct wire_hello; always the first */
    WIRE_PEER,        /* to core: text role, i64 pid; with the descriptor of the data channel */
    WIRE_PING,        /* to core: answer PONG from the main loop */
    WIRE_STOP,        /* to core: finish what is in hand and exit 0 */
    WIRE_ONCE,        /* to core: say FINISHED when nothing is left to do now */
    /* a child to the supervisor */
    WIRE_READY = 320,    /* core: database open, channels welcome */
    WIRE_PONG,           /* core */
    WIRE_KILL,           /* core: text role of a parse worker that hangs */
    WIRE_STATUS,         /* core: text for the service manager */
    WIRE_FAILED,         /* core, before it exits: u32 exit code, text */
    WIRE_FINISHED,       /* core, after ONCE: u32 exit code, text */
    WIRE_SECRET_REQUEST, /* imap, deliver: with the descriptor on which SECRET is to be answered */
    /* secret helper to the child that asked */
    WIRE_SECRET, /* text secret (NULL: could not be had), text why (NULL: there it is) */
    /* core and a parse worker; the raw mail comes as a passed descriptor */
    WIRE_PARSE = 340, /* i64 id */
    WIRE_EXTRACT,     /* i64 id, u32 n, n x u32 part */
    WIRE_PARSED,      /* i64 id, mail_encode */
    WIRE_EXTRACTED,   /* i64 id, u32 n, n x bytes */
    WIRE_UNREADABLE,  /* i64 id, text why: PERMANENT for this mail */
    /* core and deliver */
    WIRE_DELIVER = 360, /* struct wire_deliver */
    WIRE_DELIVERED,     /* struct wire_delivered */
    /* command line and core, over data/control.sock */
    WIRE_REQUEST = 380, /* text verb, u32 n, n x text argument */
    WIRE_REPLY,         /* u32 exit code, text */
};

struct wire_hello {
    char *role;
    enum log_level log_level;
    char *config_path, *config_text; /* NULL for a parse worker */
};
void wire_hello_clear(struct wire_hello *hello);
bool wire_send_hello(struct frame_channel *child, const struct wire_hello *hello);
bool wire_decode_hello(const struct frame *frame, struct wire_hello *hello_out);

struct wire_deliver {
    int64_t id; /* row of the outbox */
    char *envelope_from, *recipient;
    char *key;          /* names the mail in a Maildir target */
    const uint8_t *raw; /* view into the frame */
    gsize raw_len;
};
void wire_deliver_clear(struct wire_deliver *job);
void wire_encode_deliver(const struct wire_deliver *job, GByteArray *body);
bool wire_decode_deliver(const struct frame *frame, struct wire_deliver *job_out);

/* What became of it; `text` is g_free'd by the reader. */
void wire_encode_delivered(int64_t id, const struct smtp_result *result, GByteArray *body);
bool wire_decode_delivered(const struct frame *frame, int64_t *id_out, struct smtp_result *result_out);

/* PARSED, EXTRACTED or UNREADABLE to job `id`; exactly one of the three pointers is set on true. */
struct wire_answer {
    struct mail *mail;
    GPtrArray *parts; /* GBytes *, owning */
    char *unreadable;
};
bool wire_decode_answer(const struct frame *frame, int64_t id, struct wire_answer *answer_out);

/* A frame of one text (KILL, STATUS) and of one number and one text (FAILED, REPLY). */
bool wire_decode_text(const struct frame *frame, char **text_out);
bool wire_decode_code(const struct frame *frame, uint32_t *code_out, char **text_out);
void wire_encode_code(uint32_t code, const char *text, GByteArray *body);

/* The channel of one of our own children's frames; queued without waiting. */
bool wire_queue_text(struct frame_channel *peer, enum wire_frame type, const char *text);

#endif
