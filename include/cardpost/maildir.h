/* maildir.h - a Maildir folder (new/, cur/, tmp/) as a source of mail and as a target for outgoing mail. */
#ifndef CARDPOST_MAILDIR_H
#define CARDPOST_MAILDIR_H

#include <cardpost/frame.h>

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct maildir_settings {
    const char *path;
    int64_t max_mail_bytes; /* over it only the header and the first 64 KB are sent */
    bool move_done;         /* true: a settled mail is moved to done_path; false: only remembered */
    const char *done_path;  /* a Maildir, made when missing; default PATH/.Done */
};

/* Serves the folder (inotify on new/ and cur/, and a full look at the start) until core closes the channel
 * or *stop is set. Returns the exit code. A missing folder is SOURCE_REFUSED with its mend. */
int maildir_run(const struct maildir_settings *settings, struct frame_channel *core,
                const volatile int *stop);

/* Whether `path` is a Maildir that can be read (and written); INVALID says what to mend. */
bool maildir_check(const char *path, GError **error);

/* Writes one mail durably (tmp/, fsync, rename into new/, fsync of the directory), making the Maildir when
 * it is missing. "{recipient}" in path stands for the recipient's address. The file name is made from
 * `key` (the outbox id and Message-ID hash): delivering the same key again replaces nothing and doubles
 * nothing. TEMPORARY on a full disk and its kin, PERMANENT when the path cannot be. */
bool maildir_deliver(const char *path, const char *recipient, const char *key, const void *raw, gsize len,
                     GError **error);

#endif
