/* intake.h (private) - the intake's own state, and what journal and fold share. */
#ifndef INTAKE_STATE_H
#define INTAKE_STATE_H

#include <cardpost/intake.h>

struct intake {
    struct store *store;
    const struct config *config;
};

/* The input that a release lets in. */
int64_t intake_released_seq(const struct input *release);
/* The input whose raw mail this input is about: itself, or what it releases, through releases that were
 * quarantined again; 0: none. */
int64_t intake_mail_seq(struct store *store, const struct input *input);

#endif
