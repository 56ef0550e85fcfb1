/* expand.h - parts that lie within the content of a part: uuencoded files in plain text, the files of
 * winmail.dat (TNEF), the mail in an opaquely signed one (S/MIME).
 *
 * Each becomes a leaf behind all leaves of the mail's own structure, so that it is listed and fetched as any
 * other; the part around it stays what it was. Nothing is joined, fetched or decompressed. */
#ifndef MIME_EXPAND_H
#define MIME_EXPAND_H

#include "tree.h"

/* tree_scan, and what lies in its parts. Errors as tree_scan. */
struct tree *expand_scan(const void *raw, gsize len, GError **error);

#endif
