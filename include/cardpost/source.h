/* source.h - how a mail source process (imap, maildir) and core talk. Frames over one channel.
 *
 * The source says what is there, core says what it wants (its ledger knows what was taken before), the
 * source sends raw mails, core commits them and, after both commits (journal, state), orders them settled:
 * moved away or only remembered, as the mailbox is configured. The source touches nothing on the server
 * before that order. A mail is named by its `ref`: the UID in decimal under a UIDVALIDITY, or the unique
 * part of a Maildir file name under UIDVALIDITY 0. */
#ifndef CARDPOST_SOURCE_H
#define CARDPOST_SOURCE_H

#include <cardpost/frame.h>

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define SOURCE_REF_BYTES 255
#define SOURCE_LIST_MAX  500 /* refs in one list, want or settle frame */

enum source_frame {
    /* source to core */
    SOURCE_STATE = 100, /* u32 enum source_state, text detail (for status and log), text `mend` or NULL */
    SOURCE_OPEN,        /* i64 uidvalidity, i64 next: the mailbox is selected; core answers RESUME */
    SOURCE_LIST,        /* struct source_list: these are there; core answers WANT (maybe empty) */
    SOURCE_KEYS,        /* u32 n, n x (text ref, text content key): answer to WANT_KEYS; core answers WANT */
    SOURCE_MAIL,        /* struct source_mail */
    SOURCE_GONE,        /* u32 n, n x text ref: wanted mails that had vanished */
    SOURCE_SETTLED,     /* u32 n, n x text ref: done on the server (or nothing to do) */
    /* core to source */
    SOURCE_RESUME = 150, /* i64 next: every ref (UID) below it is known, list from it on; 1 for all */
    SOURCE_WANT,         /* u32 n, n x text ref, in the order to fetch */
    SOURCE_WANT_KEYS,    /* u32 n, n x text ref: after a UIDVALIDITY change, send their content keys first */
    SOURCE_SETTLE,       /* u32 n, n x text ref: processed; move or remember */
};

enum source_state {
    SOURCE_CONNECTING, /* or reading what was there when the mailbox was opened */
    SOURCE_UP,         /* all that has been offered to core, and wanted, is sent; watching */
    SOURCE_DOWN,       /* connection lost or server refuses for now: retried by itself */
    SOURCE_REFUSED,    /* login refused or certificate wrong: an admin must mend it; retried slowly */
};

struct source_item {
    char *ref;
    int64_t size_bytes; /* as the server says */
};

struct source_mail {
    char *ref;
    int64_t size_bytes; /* of the whole mail, as the server says */
    int64_t arrived_at; /* INTERNALDATE or file time, UTC seconds; 0 unknown */
    bool is_partial;    /* over the mailbox's size limit: raw is the header and the first 64 KB */
    const uint8_t *raw; /* view into the frame on the core side */
    gsize raw_len;
};

/* ---- the source's side: the process' main loop calls these; false: core is gone, exit */
/* Texts may hold what a server said: bytes that are not UTF-8 are replaced. */
bool source_send_state(struct frame_channel *core, enum source_state state, const char *detail,
                       const char *mend);
/* next: every UID there is below it (UIDNEXT); 0 unknown. */
bool source_send_open(struct frame_channel *core, int64_t uidvalidity, int64_t next);
bool source_send_list(struct frame_channel *core, const struct source_item *items, guint n);
bool source_send_keys(struct frame_channel *core, char *const *refs, char *const *keys, guint n);
bool source_send_mail(struct frame_channel *core, const struct source_mail *mail);

/* ---- both sides: n is at most SOURCE_LIST_MAX */
bool source_send_refs(struct frame_channel *peer, enum source_frame type, char *const *refs, guint n);
/* The refs of a GONE, SETTLED, WANT, WANT_KEYS or SETTLE frame: char * owned by the array; NULL if it is
 * not well-formed or over SOURCE_LIST_MAX. */
GPtrArray *source_decode_refs(const struct frame *frame);
/* The number of a RESUME frame; false if it is malformed or negative. */
bool source_decode_number(const struct frame *frame, int64_t *number_out);

/* ---- core's side; decoders return NULL or false on a malformed frame (close the channel) */
bool source_send_resume(struct frame_channel *source, int64_t next);
bool source_decode_open(const struct frame *frame, int64_t *uidvalidity_out, int64_t *next_out);
/* detail_out and mend_out: g_free; mend_out may be NULL. */
bool source_decode_state(const struct frame *frame, enum source_state *state_out, char **detail_out,
                         char **mend_out);
GArray *source_decode_list(const struct frame *frame); /* struct source_item, freed with the array */
bool source_decode_keys(const struct frame *frame, GPtrArray **refs_out, GPtrArray **keys_out);
bool source_decode_mail(const struct frame *frame, struct source_mail *mail_out); /* g_free mail_out->ref */

#endif
