/* mail.h - one incoming mail as read by the parse worker: plain data, all strings clean (clean.h).
 *
 * Made by mime_parse, carried to core as a frame. Nothing in it proves who sent the mail: identity and
 * trust are read by core from the raw header. */
#ifndef CARDPOST_MAIL_H
#define CARDPOST_MAIL_H

#include <cardpost/frame.h>

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct mail_address {
    char *name;    /* decoded, may be "" */
    char *address; /* folded (clean_address_fold) or, if that is NULL, clean_line of what was there */
};

struct mail_attachment {
    uint32_t part;       /* index for mime_part(): order of leaf parts in the mail, from 0 */
    char *name;          /* clean_filename */
    char *declared_type; /* Content-Type, lower case, "type/subtype" */
    char *type;          /* by content (libmagic), or the declared one */
    int64_t size_bytes;  /* decoded */
    char sha256[65];     /* of the decoded bytes */
    bool is_inline;      /* shown within the HTML body (Content-ID referenced) */
    char *content_id;    /* without angle brackets, or NULL */
};

/* A forwarded mail found inside (RFC 822 part or inline); NULL fields were not there. */
struct mail_forward {
    struct mail_address from;
    int64_t date_at; /* 0: unknown */
    char *subject;
    char *to;
    char *text;
};

struct mail {
    char *subject;            /* decoded, one line, "" if none */
    char *message_id;         /* without brackets, or NULL */
    GPtrArray *in_reply_to;   /* char *, ids without brackets */
    GPtrArray *references;    /* char *, oldest first, at most CAP_REFERENCES */
    char *thread_index;       /* Thread-Index: first 22 bytes in base64, or NULL */
    int64_t date_at;          /* Date field in UTC seconds, 0 if missing or impossible */
    struct mail_address from; /* as the MIME library reads it: for display only */
    GPtrArray *to, *cc;       /* struct mail_address */
    GPtrArray *delivered_to;  /* char *: Delivered-To, X-Original-To, Envelope-To addresses, folded */

    char *body_text;              /* the whole text */
    char *reply_text;             /* the new text only */
    char *quoted_text;            /* what was cut as quoted, in order, or "" */
    char *signature;              /* what was cut as signature, or "" */
    char *cut_rule;               /* which rule cut where, for explain; or NULL */
    struct mail_forward *forward; /* or NULL */

    GPtrArray *attachments; /* struct mail_attachment */
    GPtrArray *problems;    /* char *: what was wrong and repaired or dropped, for explain */
    bool is_encrypted;      /* some of its content is for a key that is not ours: readers must be told */
    bool is_damaged;        /* some of its content could not be read or was cut: readers must be told */
};

struct mail *mail_new(void); /* all strings NULL, all arrays empty and owning */
void mail_free(struct mail *mail);
typedef struct mail mail_t; /* the _t names are for g_autoptr only */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mail_t, mail_free)

struct mail_address *mail_address_new(const char *name, const char *address);
void mail_address_free(struct mail_address *address);
void mail_attachment_free(struct mail_attachment *attachment);
void mail_forward_free(struct mail_forward *forward);

/* The frame body of a mail, and back. decode returns NULL (and INVALID) when the bytes are not exactly
 * one mail or a count is over its cap: a worker that a mail has taken over cannot hurt core with it. */
void mail_encode(const struct mail *mail, GByteArray *body);
struct mail *mail_decode(struct frame_reader *reader, GError **error);

#endif
