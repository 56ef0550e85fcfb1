/* raw_fd.h - raw bytes as a descriptor that can be given away and never change again. */
#ifndef DAEMON_RAW_FD_H
#define DAEMON_RAW_FD_H

#include <glib.h>

/* A sealed memfd with these bytes; the caller closes it. -1 and TEMPORARY (no memory, no descriptors). */
int raw_fd_new(const void *raw, gsize len, GError **error);

#endif
