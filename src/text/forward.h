/* forward.h - the forwarded mail in a body. Private to text. */
#ifndef TEXT_FORWARD_H
#define TEXT_FORWARD_H

#include "lines.h"

#include <cardpost/mail.h>

/* The mail whose header block begins at line i or within the few lines below it; NULL if there is none. */
struct mail_forward *forward_read(GArray *lines, guint i);
/* The mail below "On … wrote:" in the lines [i, end): sender, date and text; NULL without an address. */
struct mail_forward *forward_read_wrote(GArray *lines, guint i, guint end);

#endif
