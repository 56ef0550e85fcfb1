/* template.c - nodes and values to text. Does not read files; asks its caller for partials.
 *
 * Recursion is by sections and partials only, both bounded; `work` bounds what is left, lists within
 * lists and partials that call each other. Values are copied to the output and never parsed. */
#include "parse.h"
#include "view.h"

#include <cardpost/error.h>

#include <string.h>

/* Every section and partial that a template may nest, and the root. */
#define STACK_DEPTH (TEMPLATE_SECTION_DEPTH + 1)

struct render_state {
    enum template_kind kind;
    template_partial_fn *partial;
    void *partial_data;
    const json_t *stack[STACK_DEPTH]; /* innermost last */
    guint depth;
    guint partials, sections; /* open now */
    gsize work;
    GString *out;
    GError **error;
};

static bool render_source(struct render_state *state, const char *source);

static bool
fail(struct render_state *state, const char *what)
{
    g_set_error(state->error, CARDPOST_ERROR, CARDPOST_ERROR_INVALID, "%s", what);
    return false;
}

static bool
spend(struct render_state *state, gsize work)
{
    if (work > TEMPLATE_WORK - state->work)
        return fail(state, "the template takes too much work (partials or lists without end?)");
    state->work += work;
    if (state->out->len > TEMPLATE_OUTPUT_BYTES)
        return fail(state, "the output is too long");
    return true;
}

/* The first part of a dotted name is looked for from the inside out, the others only within it. */
static const json_t *
look_up(const struct render_state *state, struct slice name)
{
    if (name.len == 1 && *name.at == '.')
        return state->stack[state->depth - 1];
    const char *end = name.at + name.len;
    const char *dot = memchr(name.at, '.', name.len);
    gsize len = (gsize)((dot ? dot : end) - name.at);
    const json_t *value = NULL;
    for (guint i = state->depth; i > 0 && !value; i--)
        value = view_member(state->stack[i - 1], name.at, len);
    while (value && dot) {
        const char *part = dot + 1;
        dot = memchr(part, '.', (gsize)(end - part));
        value = view_member(value, part, (gsize)((dot ? dot : end) - part));
    }
    return value;
}

/* source with indent before each of its lines; NULL when that would be over the bound. */
static char *
indented(const char *source, struct slice indent)
{
    gsize lines = 1, len = strlen(source);
    for (const char *p = source; *p; p++)
        lines += *p == '\n';
    if (indent.len > 0 && lines > (TEMPLATE_WORK - MIN(len, TEMPLATE_WORK)) / indent.len)
        return NULL;
    GString *out = g_string_sized_new(len + lines * indent.len);
    while (*source) {
        const char *next = strchr(source, '\n');
        next = next ? next + 1 : source + strlen(source);
        g_string_append_len(out, indent.at, (gssize)indent.len);
        g_string_append_len(out, source, (gssize)(next - source));
        source = next;
    }
    return g_string_free(out, FALSE);
}

static bool
render_partial(struct render_state *state, const struct node *node)
{
    g_autofree char *name = g_strndup(node->text.at, node->text.len);
    g_autofree char *source = state->partial ? state->partial(name, state->partial_data) : NULL;
    if (!source)
        return true;
    if (state->partials == TEMPLATE_PARTIAL_DEPTH)
        return fail(state, "partials nest too deep");
    g_autofree char *lines = indented(source, node->indent);
    if (!lines)
        return fail(state, "a partial is too long");
    if (!spend(state, strlen(lines)))
        return false;
    state->partials++;
    bool rendered = render_source(state, lines);
    state->partials--;
    if (!rendered)
        g_prefix_error(state->error, "partial %s: ", name);
    return rendered;
}

static bool render_nodes(struct render_state *state, const GArray *nodes, guint from, guint to);

static bool
render_with(struct render_state *state, const GArray *nodes, guint from, guint to, const json_t *value)
{
    if (!spend(state, 1))
        return false;
    state->stack[state->depth++] = value;
    bool rendered = render_nodes(state, nodes, from, to);
    state->depth--;
    return rendered;
}

static bool
render_list(struct render_state *state, const GArray *nodes, guint from, guint to, const json_t *list)
{
    for (gsize i = 0; i < json_array_size(list); i++)
        if (!render_with(state, nodes, from, to, json_array_get(list, i)))
            return false;
    return true;
}

/* The section whose first node is `at`. */
static bool
render_section(struct render_state *state, const GArray *nodes, guint at)
{
    const struct node *node = &g_array_index(nodes, struct node, at);
    const json_t *value = look_up(state, node->text);
    if (view_is_true(value) != (node->type == NODE_SECTION))
        return true;
    if (state->sections == TEMPLATE_SECTION_DEPTH)
        return fail(state, "sections nest too deep");
    state->sections++;
    bool rendered;
    if (node->type == NODE_INVERTED)
        rendered = render_nodes(state, nodes, at + 1, node->end);
    else if (json_is_array(value))
        rendered = render_list(state, nodes, at + 1, node->end, value);
    else
        rendered = render_with(state, nodes, at + 1, node->end, value);
    state->sections--;
    return rendered;
}

/* Renders the node at *at and moves *at to the node that follows it. */
static bool
render_node(struct render_state *state, const GArray *nodes, guint *at)
{
    const struct node *node = &g_array_index(nodes, struct node, *at);
    guint here = (*at)++;
    switch (node->type) {
    case NODE_TEXT:
        g_string_append_len(state->out, node->text.at, (gssize)node->text.len);
        return true;
    case NODE_ESCAPED:
        view_append_text(state->out, look_up(state, node->text), state->kind);
        return true;
    case NODE_RAW:
        view_append_text(state->out, look_up(state, node->text), TEMPLATE_TEXT);
        return true;
    case NODE_SECTION:
    case NODE_INVERTED:
        *at = node->end;
        return render_section(state, nodes, here);
    case NODE_PARTIAL:
        return render_partial(state, node);
    case NODE_END:
        return true;
    }
    return true;
}

static bool
render_nodes(struct render_state *state, const GArray *nodes, guint from, guint to)
{
    for (guint at = from; at < to;)
        if (!spend(state, 1) || !render_node(state, nodes, &at))
            return false;
    return true;
}

static bool
render_source(struct render_state *state, const char *source)
{
    g_autoptr(GArray) nodes = parse_template(source, state->error);
    return nodes && render_nodes(state, nodes, 0, nodes->len);
}

char *
template_render(enum template_kind kind, const char *source, const struct view *view,
                template_partial_fn *partial, void *partial_data, GError **error)
{
    g_autoptr(GString) out = g_string_new(NULL);
    GError *local = NULL; /* g_prefix_error needs a place even where the caller wants no error */
    struct render_state state = {
        .kind = kind, .partial = partial, .partial_data = partial_data, .out = out, .error = &local};
    state.stack[state.depth++] = view_value(view);
    if (!render_source(&state, source) || !spend(&state, 0)) {
        g_propagate_error(error, local);
        return NULL;
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}
