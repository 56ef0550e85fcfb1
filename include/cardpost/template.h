/* template.h - Mustache (mustache(5)): interpolation, sections, inverted sections, comments, set
 * delimiters, partials, as the public Mustache specification's core cases define them. No lambdas. Pure.
 *
 * Text put in by {{name}} is escaped for HTML only when the template is parsed as TEMPLATE_HTML; user text
 * is never itself read as a template. False, null, "", an empty list and a missing name are false in a
 * section; 0 is a value and true. */
#ifndef CARDPOST_TEMPLATE_H
#define CARDPOST_TEMPLATE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* The values a template is filled with: an object of named strings, numbers, truths, objects and lists. */
struct view;
struct view *view_new(void);
void view_free(struct view *view); /* the root only */
typedef struct view view_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(view_t, view_free)
void view_set(struct view *view, const char *name, const char *value); /* NULL: absent */
void view_set_int(struct view *view, const char *name, int64_t value);
void view_set_bool(struct view *view, const char *name, bool value);
/* A nested object, and an object appended to the list of that name; both owned by `view`. */
struct view *view_object(struct view *view, const char *name);
struct view *view_append(struct view *view, const char *name);
/* From a JSON value, for tests and `template preview`; INVALID with line and column. */
struct view *view_from_json(const char *json, GError **error);

/* Bounds: over one, template_render fails with INVALID. Sections count through partials. */
#define TEMPLATE_SECTION_DEPTH 64
#define TEMPLATE_PARTIAL_DEPTH 32
#define TEMPLATE_OUTPUT_BYTES  (16 * 1024 * 1024)
/* Nodes visited plus bytes of partials read: partials that call each other must come to an end. */
#define TEMPLATE_WORK (16 * 1024 * 1024)

enum template_kind { TEMPLATE_TEXT, TEMPLATE_HTML };

/* Answers the source of a partial by name, or NULL for "no such partial" (renders as nothing). g_free. */
typedef char *template_partial_fn(const char *name, void *data);

/* Renders source over view; NULL and INVALID ("line N: …", "partial NAME: line N: …") when the template
 * itself is wrong or a bound is passed. The whole of source is checked whatever view holds, a partial when
 * it is used; partial may be NULL: there are none. g_free. */
char *template_render(enum template_kind kind, const char *source, const struct view *view,
                      template_partial_fn *partial, void *partial_data, GError **error);

#endif
