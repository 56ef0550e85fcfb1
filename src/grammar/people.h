/* people.h - `@name` in a line. Private to the grammar module. */
#ifndef GRAMMAR_PEOPLE_H
#define GRAMMAR_PEOPLE_H

#include <glib.h>
#include <stdbool.h>

struct person_span {
    const char *start; /* at the "@" */
    const char *name, *end;
};

/* The next `@name` from `at` on in the line that begins at `line`; false when there is none. */
bool people_next(const char *line, const char *at, struct person_span *span_out);
/* Its name with full-width forms made plain. g_free. */
char *people_name(const struct person_span *span);

#endif
