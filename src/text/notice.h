/* notice.h - notices of lawyers, virus scanners and mailing lists below a mail. Private to text. */
#ifndef TEXT_NOTICE_H
#define TEXT_NOTICE_H

#include "lines.h"

/* Where the notices that end the new lines [from, to) begin; `to` if there are none. */
guint notice_find(GArray *lines, guint from, guint to);

#endif
