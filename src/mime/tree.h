/* tree.h - the parts of one raw mail: where each header block and each body lies.
 *
 * The structure is found here, with bounds on parts, depth and header bytes, and not by GMime's parser: what
 * bounds that parser has to know every boundary and header field anyway, and the parser behind it would only
 * add its endless loops and its 1.4 GB (measured, 3.2.13). Linear in the size of the mail. An attached mail
 * (message/rfc822) is one leaf; its inside is not looked at. */
#ifndef MIME_TREE_H
#define MIME_TREE_H

#include "params.h"
#include "transfer.h"

#include <cardpost/header.h>

#include <glib.h>
#include <stdbool.h>

struct part {
    struct part *parent;
    GPtrArray *children; /* struct part, in order; NULL for a leaf in which nothing was found */
    bool is_opened;      /* a leaf all the same: its children lie in its content (expand.h) */
    header_block_t head;
    const char *base;           /* what body_at and body_end count from: the mail, or a decoded content */
    gsize body_at, body_end;    /* of the body */
    gsize preamble_end;         /* of a multipart: where its first part begins; 0 if it has none */
    struct params *type;        /* Content-Type, or the default */
    struct params *disposition; /* or NULL */
    enum transfer transfer;
    char *boundary; /* of a multipart, else NULL */
    char *name;     /* of a file within a content, UTF-8 and not cleaned; else NULL: the header names it */
    guint index;    /* order among the leaves; those in contents come behind all others */
};

struct tree {
    const char *raw;
    gsize len;
    GPtrArray *parts; /* struct part, owned, in the order of the mail; the first is the mail itself */
    guint n_leaves;
    GPtrArray *contents; /* GByteArray, decoded contents in which parts lie */
    GPtrArray *problems; /* char * */
    bool is_encrypted;   /* content for a key that is not ours */
    bool is_damaged;     /* content that could not be read whole */
};

/* The views stay on raw, which outlives the tree. PERMANENT: over CAP_MIME_PARTS, CAP_MIME_DEPTH or the
 * caps of a header block. Free with tree_free. */
struct tree *tree_scan(const void *raw, gsize len, GError **error);
void tree_free(struct tree *tree);
typedef struct tree tree_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(tree_t, tree_free)

struct part *tree_root(const struct tree *tree);
bool part_is_leaf(const struct part *part);
/* A new leaf within the leaf `parent`; the bytes from `at` of `base`, which outlives the tree or is in its
 * contents. `type` and `transfer` as in a header. NULL (and a problem) when that were too many parts. */
struct part *tree_add_leaf(struct tree *tree, struct part *parent, const char *type, const char *base,
                           gsize at, gsize len);
/* Moves all parts of `inner` (a scan of one of the tree's contents) below the leaf `parent`. False (and a
 * problem) when that were too many parts. */
bool tree_graft(struct tree *tree, struct part *parent, struct tree *inner);
/* Whether the part is of this "type/subtype"; "type/" matches every subtype. */
bool part_is(const struct part *part, const char *type);
/* The declared charset of a text part (g_free), or NULL. */
char *part_charset(const struct part *part);
/* The decoded body of a leaf; damage is noted in the tree's problems. */
GByteArray *part_content(struct tree *tree, const struct part *part);

/* Adds a problem; the same one only once, and not endlessly many. */
void tree_note(struct tree *tree, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* Content that is for a key that is not ours. */
void tree_note_encrypted(struct tree *tree);

/* A field's value for reading: as header_unfold, but NUL and bare CR become spaces, so that nothing hides
 * behind them. NULL if there is no such field. */
char *field_text(const struct header_block *block, const char *name, guint n);

#endif
