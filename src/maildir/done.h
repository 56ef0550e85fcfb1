/* done.h - moving a processed mail into the Maildir of done ones. Private to the module. */
#ifndef MAILDIR_DONE_H
#define MAILDIR_DONE_H

#include <glib.h>
#include <stdbool.h>

/* Moves dir_fd/name ("new/…" or "cur/…") into DONE_PATH/cur with its flags; another file system is a copy,
 * synced before the original goes. A mail that is not there any more is done. The errors are those of
 * folder_fail. */
bool done_move(int dir_fd, const char *name, const char *done_path, GError **error);

#endif
