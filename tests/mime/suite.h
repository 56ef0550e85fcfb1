/* suite.h - what the files of this suite share. */
#ifndef TESTS_MIME_SUITE_H
#define TESTS_MIME_SUITE_H

#include "support.h"

#include <cardpost/error.h>
#include <cardpost/mime.h>

#include <string.h>

/* mime_parse; fails the test when the mail is refused. */
struct mail *suite_parse(const void *raw, gsize len);
struct mail *suite_parse_text(const char *raw);
/* Asserts that the mail is refused for good. */
void suite_refused(const char *label, const void *raw, gsize len);

const struct mail_attachment *suite_attachment(const struct mail *mail, guint i);
/* Whether a problem's text holds this part. */
bool suite_has_problem(const struct mail *mail, const char *part);

#endif
