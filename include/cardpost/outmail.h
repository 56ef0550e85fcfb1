/* outmail.h - one outgoing mail before it becomes bytes: what mail.md section 1 lists, as plain data.
 * render fills it, mime_compose writes it. */
#ifndef CARDPOST_OUTMAIL_H
#define CARDPOST_OUTMAIL_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct outmail_file {
    char *name; /* clean_filename */
    char *type; /* "type/subtype" */
    GBytes *content;
};

/* A further header field, X-Cardpost-Card for example: name is ours, value is cleaned on writing. */
struct outmail_header {
    char *name;
    char *value;
};

struct outmail {
    char *from_name, *from_address;
    char *to_name, *to_address;             /* exactly one recipient */
    char *reply_to_name, *reply_to_address; /* NULL: no Reply-To */
    char *subject;
    int64_t date_at;                   /* UTC seconds */
    int date_offset_s;                 /* zone of the Date field, seconds east of UTC */
    char *message_id;                  /* without brackets */
    char *in_reply_to;                 /* without brackets, or NULL */
    GPtrArray *references;             /* char *, without brackets, card root first, at most 20 */
    char *thread_topic, *thread_index; /* or NULL */
    char *list_id;                     /* complete value, or NULL */
    char *list_unsubscribe;            /* complete value, or NULL */
    char *auto_submitted;              /* "auto-generated" or "auto-replied" */
    char *precedence;                  /* "list" for digests, else NULL */
    char *language;                    /* Content-Language: "en", "zh-CN" */
    GPtrArray *extra;                  /* struct outmail_header, in order */
    char *text;                        /* text/plain body, LF line ends */
    char *html;                        /* text/html body, or NULL */
    GPtrArray *files;                  /* struct outmail_file */
};

struct outmail *outmail_new(void);
void outmail_free(struct outmail *mail);
typedef struct outmail outmail_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(outmail_t, outmail_free)
/* Copies. */
void outmail_add_header(struct outmail *mail, const char *name, const char *value);
void outmail_add_file(struct outmail *mail, const char *name, const char *type, GBytes *content);

#endif
