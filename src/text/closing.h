/* closing.h - closing words and what stands below them: names, posts, phone numbers. Private to text. */
#ifndef TEXT_CLOSING_H
#define TEXT_CLOSING_H

#include "quote.h"

/* Where the closing or contact block of the new lines [from, to) begins; `to` if there is none, or if it
 * may be words that count. ends_mail: no quote stands below. *rule_out: its name for people. */
guint closing_find(GArray *lines, guint from, guint to, bool ends_mail, const char **rule_out);

#endif
