/* support.h - what every suite shares. */
#ifndef TESTS_SUPPORT_H
#define TESTS_SUPPORT_H

#include <check.h>
#include <glib.h>

/* Runs the cases (ended by NULL) as one suite and returns main's exit code. CK_FORK=no and CK_RUN_CASE
 * work as Check documents. */
typedef TCase *support_case_fn(void);
int support_run(const char *suite_name, support_case_fn *const *cases);

/* A new directory below $TMPDIR, and its removal with all it holds. */
char *support_tmpdir(void);
void support_rmtree(const char *path);

/* The content of a file; fails the test when it cannot be read. */
char *support_read(const char *path, gsize *len_out);

#endif
