/* notify.h (private) - the state of notify and what its files share. */
#ifndef NOTIFY_STATE_H
#define NOTIFY_STATE_H

#include <cardpost/notify.h>
#include <cardpost/render.h>

struct notify {
    struct store *store;
    const struct config *config;
    struct render *render;
    GHashTable *zones;    /* name -> GTimeZone: held, so that GLib does not load a zone anew for every date */
    GHashTable *files;    /* attachment id (gint64) -> GBytes, or NULL: not to be had */
    int64_t size_limit;   /* SIZE of the server, 0 unknown */
    int64_t next_send_at; /* pace: not before */
};

/* ---- letter.c: one due notice, with those of its kind that go along, as an outgoing mail */
struct draft {
    const struct notice *notice;
    GPtrArray *together;    /* struct notice *: done with this mail; the notice itself is among them */
    struct person *person;  /* NULL: a stranger's address */
    GPtrArray *comments;    /* struct comment *: readable ones, oldest first */
    GPtrArray *attachments; /* struct attachment *: theirs */
    gsize files_bytes;      /* budget for those that travel */
    int64_t held_id;        /* the held mail it asks about: the oldest that waits, 0 for other kinds */
    int64_t n_held_more;    /* further ones that wait like it */
};
/* False: nothing in it may be read by the recipient (any more): drop the notices in `together`. */
bool draft_init(struct notify *notify, const struct notice *notice, struct draft *draft_out);
void draft_clear(struct draft *draft);
/* Whether this attachment travels, given the bytes that travel before it (added to *used). */
bool draft_travels(const struct draft *draft, const struct attachment *attachment, gsize *used);
/* Into the outbox; its id, 0 on an error of the mail itself (logged; the notice is dropped). */
int64_t draft_send(struct notify *notify, const struct draft *draft, int64_t now);

#endif
