/* calendar.h - an invitation (RFC 5545, RFC 5546) in words for a person to read. */
#ifndef MIME_CALENDAR_H
#define MIME_CALENDAR_H

#include <glib.h>

/* What it is, when, where and by whom, a line each, of the first event; NULL if there is none. The file
 * itself stays an attachment. `ics` as it stands in the mail (lines may be folded within a character), in
 * this charset, NULL for UTF-8. Valid UTF-8; g_free.
 *
 * Read here and not by libical: seven fields are shown and nothing is computed from them. No rule is
 * expanded and no zone is converted, so a rule without end costs what its line costs (attacks.md X05). The
 * time is that of the zone that is named. */
char *calendar_text(const char *ics, const char *charset);

#endif
