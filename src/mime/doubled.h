/* doubled.h - text that was taken for windows-1252 on its way and encoded a second time. */
#ifndef MIME_DOUBLED_H
#define MIME_DOUBLED_H

#include <glib.h>

/* The bytes that such a text (valid UTF-8) was before; NULL if it has characters that it cannot have then. */
GString *doubled_bytes(const char *text);

#endif
