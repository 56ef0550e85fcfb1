/* view.c - the values a template is filled with, as jansson values. Does not know templates.
 *
 * The jansson root owns every value; a struct view is a named handle on one of them, and the root's
 * handle owns the handles made from it. */
#include "view.h"

#include <cardpost/error.h>

#include <string.h>

struct view {
    json_t *value;      /* owned by the root handle only */
    GPtrArray *handles; /* struct view *, on the root; shared by pointer with the others */
    bool is_root;
};

static struct view *
handle_new(json_t *value, GPtrArray *handles)
{
    struct view *view = g_new0(struct view, 1);
    view->value = value;
    view->handles = handles;
    return view;
}

static struct view *
root_new(json_t *value)
{
    struct view *view = handle_new(value, g_ptr_array_new_with_free_func(g_free));
    view->is_root = true;
    return view;
}

struct view *
view_new(void)
{
    return root_new(json_object());
}

void
view_free(struct view *view)
{
    if (!view)
        return;
    g_assert(view->is_root);
    json_decref(view->value);
    g_ptr_array_unref(view->handles);
    g_free(view);
}

/* jansson refuses what is not UTF-8: such a value is shown with U+FFFD rather than lost. */
static json_t *
string_value(const char *text)
{
    json_t *value = json_string(text);
    if (value)
        return value;
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    return json_string(valid);
}

static void
set_value(struct view *view, const char *name, json_t *value)
{
    int failed = json_object_set_new(view->value, name, value);
    g_assert(failed == 0);
}

void
view_set(struct view *view, const char *name, const char *value)
{
    if (value)
        set_value(view, name, string_value(value));
    else
        json_object_del(view->value, name);
}

void
view_set_int(struct view *view, const char *name, int64_t value)
{
    set_value(view, name, json_integer(value));
}

void
view_set_bool(struct view *view, const char *name, bool value)
{
    set_value(view, name, json_boolean(value));
}

static struct view *
child_handle(struct view *view, json_t *value)
{
    struct view *child = handle_new(value, view->handles);
    g_ptr_array_add(view->handles, child);
    return child;
}

struct view *
view_object(struct view *view, const char *name)
{
    json_t *value = json_object();
    set_value(view, name, value);
    return child_handle(view, value);
}

struct view *
view_append(struct view *view, const char *name)
{
    json_t *list = json_object_get(view->value, name);
    if (!json_is_array(list)) {
        list = json_array();
        set_value(view, name, list);
    }
    json_t *value = json_object();
    int failed = json_array_append_new(list, value);
    g_assert(failed == 0);
    return child_handle(view, value);
}

struct view *
view_from_json(const char *json, GError **error)
{
    json_error_t wrong;
    json_t *value = json_loads(json, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &wrong);
    if (value)
        return root_new(value);
    g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_INVALID, "line %d, column %d: %s", wrong.line,
                wrong.column, wrong.text);
    return NULL;
}

const json_t *
view_value(const struct view *view)
{
    return view->value;
}

const json_t *
view_member(const json_t *value, const char *name, gsize len)
{
    return json_is_object(value) ? json_object_getn(value, name, len) : NULL;
}

bool
view_is_true(const json_t *value)
{
    if (!value)
        return false;
    switch (json_typeof(value)) {
    case JSON_NULL:
    case JSON_FALSE:
        return false;
    case JSON_STRING:
        return json_string_length(value) > 0;
    case JSON_ARRAY:
        return json_array_size(value) > 0;
    case JSON_TRUE:
    case JSON_OBJECT:
    case JSON_INTEGER:
    case JSON_REAL:
        return true;
    }
    return false;
}

static const char *
html_entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    }
    return NULL;
}

static void
append_html(GString *out, const char *text)
{
    while (*text) {
        gsize plain = strcspn(text, "&<>\"'");
        g_string_append_len(out, text, (gssize)plain);
        text += plain;
        if (*text)
            g_string_append(out, html_entity(*text++));
    }
}

void
view_append_text(GString *out, const json_t *value, enum template_kind escape_for)
{
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    if (json_is_string(value) && escape_for == TEMPLATE_HTML)
        append_html(out, json_string_value(value));
    else if (json_is_string(value))
        g_string_append(out, json_string_value(value));
    else if (json_is_integer(value))
        g_string_append_printf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_real(value)) /* 15 digits: 3.3 stays 3.3 */
        g_string_append(out, g_ascii_formatd(number, sizeof number, "%.15g", json_real_value(value)));
    else if (json_is_boolean(value))
        g_string_append(out, json_is_true(value) ? "true" : "false");
}
