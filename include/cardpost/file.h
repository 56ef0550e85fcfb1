/* file.h - bytes to the disk, so that a crash leaves a file whole or absent. All set errno when they fail. */
#ifndef CARDPOST_FILE_H
#define CARDPOST_FILE_H

#include <glib.h>
#include <stdbool.h>

/* All of the bytes, whatever a single write(2) takes. */
bool file_write_all(int fd, const void *data, gsize len);

/* fsync(2) of a directory, by which its entries last; path is relative to dir_fd (AT_FDCWD). */
bool file_sync_directory(int dir_fd, const char *path);

/* rename(2) that never replaces; EEXIST when the target is there. */
bool file_rename_new(int from_fd, const char *from, int to_fd, const char *to);

/* A new file, mode 0600, that has its name only once it is whole and on the disk; EEXIST when the name is
 * taken. */
bool file_create(const char *path, const void *data, gsize len);

#endif
