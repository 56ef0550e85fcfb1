/* error.h - what a failure asks of the caller.
 *
 * One GError domain for the whole program. The code says what the caller must do, the message says
 * what happened, written once where it happened and prefixed on the way out (g_prefix_error). An
 * error's text is for the operator: it goes to the log or the terminal, never into a mail. */
#ifndef CARDPOST_ERROR_H
#define CARDPOST_ERROR_H

#include <glib.h>

#define CARDPOST_ERROR (cardpost_error_quark())
GQuark cardpost_error_quark(void);

enum cardpost_error {
    CARDPOST_ERROR_TEMPORARY, /* try the same again later */
    CARDPOST_ERROR_PERMANENT, /* never again by itself: quarantine or fail, tell the operator */
    CARDPOST_ERROR_REFUSED,   /* rights or rules forbid it; the asker is told */
    CARDPOST_ERROR_INVALID,   /* bad input; the asker is told what to mend */
    CARDPOST_ERROR_NOT_FOUND, /* what was named does not exist */
    CARDPOST_ERROR_CORRUPT,   /* our own data is damaged or from a newer version: stop */
};

/* The sysexits.h code of an exit with this error: 65 data, 66 no input, 75 temporary, 77 no
 * permission, 70 software. Errors of other domains (GLib's files) count as 74, input/output. */
int cardpost_error_exit_code(const GError *error);

#endif
