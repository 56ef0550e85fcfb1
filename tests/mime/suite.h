/* suite.h - what the files of this suite share. */
#ifndef TESTS_MIME_SUITE_H
#define TESTS_MIME_SUITE_H

#include "support.h"

#include <cardpost/error.h>
#include <cardpost/mime.h>

/* mime_parse of a string literal or GString; fails the test when it is refused. */
struct mail *suite_parse(const void *raw, gsize len);

#endif
