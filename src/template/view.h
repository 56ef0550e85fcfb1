/* view.h - the JSON values inside a view, for the renderer. Private to the module. */
#ifndef TEMPLATE_VIEW_H
#define TEMPLATE_VIEW_H

#include <cardpost/template.h>

#include <jansson.h>

/* The value behind a view; stays the view's. */
const json_t *view_value(const struct view *view);

/* The member of that name of an object, or NULL when value is no object or has none. */
const json_t *view_member(const json_t *value, const char *name, gsize len);

/* What a section does with a value. */
bool view_is_true(const json_t *value);

/* Appends a string, number or truth as text; null, objects and lists are nothing. */
void view_append_text(GString *out, const json_t *value, enum template_kind escape_for);

#endif
