/* body.h - which parts of a mail are its text, and that text read.
 *
 * The rules (attacks.md C03, C04): a text part with a file name or the disposition "attachment" is an
 * attachment and never text. Of a multipart/alternative the plain part counts, unless it is empty or only
 * says that the mail is in HTML. Otherwise all text parts count, in order. Clear-signed text is read through,
 * and an invitation is told in words behind the text. */
#ifndef MIME_BODY_H
#define MIME_BODY_H

#include "tree.h"

#include <cardpost/text.h>

/* Whether a leaf is listed as an attachment. */
bool body_is_attachment(const struct tree *tree, const struct part *part);

/* The declared charset of the first text part (g_free), or NULL: senders who write raw 8-bit fields and file
 * names write them in it. */
char *body_charset(const struct tree *tree);

/* The file name as the sender gave it, decoded and not cleaned, or NULL. */
char *body_file_name(const struct tree *tree, const struct part *part);

/* Reads the mail's text into *out (text_parts_clear): strings not NULL, cut to CAP_TEXT_BYTES. Always fills
 * content_ids from all HTML of the mail, shown or not. */
void body_read(struct tree *tree, struct text_parts *out);

#endif
