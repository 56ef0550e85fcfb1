/* suite.h - the cases of this suite and what they share. */
#ifndef TESTS_IDENTITY_SUITE_H
#define TESTS_IDENTITY_SUITE_H

#include <cardpost/identity.h>

#include <check.h>

TCase *case_from(void);
TCase *case_verdict(void);
TCase *case_automatic(void);
TCase *case_corpus(void);

/* A border with one Received and the authserv-id mx.corp.example, which strips forged fields. */
void suite_border(struct border *border_out);
void suite_border_clear(struct border *border);
/* identity_read of a header given as text (LF), with suite_border when border is NULL. */
void suite_read(const char *header, const struct border *border, struct identity *identity_out);

#endif
