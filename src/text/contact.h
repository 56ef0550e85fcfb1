/* contact.h - names and the lines that tell how to reach somebody. Private to text. */
#ifndef TEXT_CONTACT_H
#define TEXT_CONTACT_H

#include <glib.h>
#include <stdbool.h>

/* The longest name, or line of an address in Chinese. */
#define CONTACT_NAME_CHARS 40

/* Whether the text is a name: one to four words with capitals, or two to four Chinese characters. */
bool contact_is_name(const char *text);
/* What a line without its marks tells, as bits of enum contact_kind; pieces of it stand between bars. */
guint contact_kinds(const char *bare);
/* Words as white space parts them: the next begins at the first and ends at the second. */
const char *contact_skip_space(const char *p);
const char *contact_word_end(const char *p);
guint contact_count_words(const char *text);
/* Whether it holds an image that is called a logo; lower case. */
bool contact_is_logo(const char *lower);

#endif
