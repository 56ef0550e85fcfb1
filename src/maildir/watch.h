/* watch.h - what lies in the folder: a table of names kept true by inotify. Private to the module. */
#ifndef MAILDIR_WATCH_H
#define MAILDIR_WATCH_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct watch_mail {
    char *name; /* below the folder: "new/…" or "cur/…"; where it was seen last */
    guint look; /* number of the full look that saw it */
};

struct watch {
    const char *path;
    int dir_fd;     /* the folder; -1 when closed */
    int inotify_fd; /* -1 when closed */
    int wd_new, wd_cur;
    bool is_lost;        /* an event said so; stays until it is opened again */
    GHashTable *mails;   /* char *ref to struct watch_mail *: all that was noticed, each once */
    GQueue noticed;      /* char *ref: not yet told to core, in order */
    guint look;          /* full looks so far */
    guint count_at_look; /* mails when the last one ended */
};

enum watch_status {
    WATCH_ON,
    WATCH_LOST, /* the folder was removed, renamed or unmounted: close, and open again */
};

void watch_init(struct watch *watch, const char *path);
void watch_close(struct watch *watch); /* forgets all; may be opened again */
void watch_clear(struct watch *watch);

/* Opens the folder and watches new/ and cur/. NOT_FOUND: not a readable Maildir (an admin must mend it);
 * TEMPORARY: anything else. */
bool watch_open(struct watch *watch, GError **error);

/* Reads both directories: what is new is appended to `noticed` sorted by name, what is gone is forgotten.
 * With is_fresh everything there counts as new (core starts over). */
bool watch_look(struct watch *watch, bool is_fresh, GError **error);

/* Takes the waiting inotify events without blocking; an overflow or many stale names cause a full look. */
enum watch_status watch_read(struct watch *watch);

/* A descriptor that becomes readable when something changes in the folder's parent or the folder, so that
 * a missing one is found again; -1 when there is no parent to watch. The caller closes it. */
int watch_for_arrival(const char *path);

#endif
