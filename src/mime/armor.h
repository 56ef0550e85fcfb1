/* armor.h - PGP written into plain text (RFC 9580 sections 6 and 7). Nothing is verified or decrypted. */
#ifndef MIME_ARMOR_H
#define MIME_ARMOR_H

#include <glib.h>
#include <stdbool.h>

/* Whether the text holds a message that only its recipient can read. */
bool armor_is_encrypted(const char *text);

/* The text with clear-signed parts as they were before the signing: without head, signature and the dashes
 * that were put before lines. NULL if nothing in it is signed. */
char *armor_signed_text(const char *text);

#endif
