/* absence.h - subjects of out-of-office answers. Private to the identity module. */
#ifndef IDENTITY_ABSENCE_H
#define IDENTITY_ABSENCE_H

#include <stdbool.h>

/* Whether a decoded subject begins as an out-of-office answer's does. */
bool absence_subject(const char *subject);

#endif
