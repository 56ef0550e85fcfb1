/* suite.h - the cases of this suite and the letters they share. */
#ifndef TESTS_RENDER_SUITE_H
#define TESTS_RENDER_SUITE_H

#include "support.h"

#include <cardpost/render.h>

typedef struct render render_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(render_t, render_free)

#define N_KINDS (LETTER_ADMIN + 1)

extern const char *const suite_languages[2]; /* "en", "zh-CN" */

/* The templates of this repository (CARDPOST_TEMPLATES or ./templates). */
const char *suite_templates(void);
struct render *suite_open(void);

/* A letter with everything its kind may have, for a member in Shanghai; all of it is static. */
struct letter suite_letter(enum letter_kind kind, const char *language);
/* The same kind with nothing that may be left out. */
struct letter suite_bare_letter(enum letter_kind kind, const char *language);
/* Renders or fails the test. */
struct outmail *suite_render(const struct letter *letter);
/* The value of an extra header field, or NULL. */
const char *suite_extra(const struct outmail *mail, const char *name);

support_case_fn case_letters;
support_case_fn case_headers;
support_case_fn case_html;
support_case_fn case_time;
support_case_fn case_catalog;
support_case_fn case_wire;

#endif
