/* folder.h - the file operations of a Maildir that reading and delivering share. Private to the module. */
#ifndef MAILDIR_FOLDER_H
#define MAILDIR_FOLDER_H

#include <glib.h>
#include <stdbool.h>

/* The name by which a mail keeps its identity: the part before ":2,". A part that cannot travel in a
 * frame (empty, not UTF-8) is replaced by its hash. g_free. */
char *folder_ref(const char *file_name);
/* "S" of "name:2,S"; "" when there are none. A view into file_name. */
const char *folder_flags(const char *file_name);

/* Makes path, new/, cur/ and tmp/ where missing, mode 0700, and their entries durable. */
bool folder_make(const char *path, GError **error);

/* A file with these bytes in PATH/tmp, on the disk when true. It replaces what an earlier attempt left. */
bool folder_write_tmp(int dir_fd, const char *tmp_name, const void *data, gsize len, GError **error);

bool folder_fsync(int dir_fd, const char *sub_name, GError **error);

/* TEMPORARY for what may pass (disk full, I/O, too many files), else PERMANENT. Uses errno. */
bool folder_fail(GError **error, const char *doing, const char *name);

#endif
