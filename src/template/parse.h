/* parse.h - a template as a flat list of nodes. Private to the module. */
#ifndef TEMPLATE_PARSE_H
#define TEMPLATE_PARSE_H

#include <glib.h>
#include <stdbool.h>

enum node_type {
    NODE_TEXT,     /* as it stands */
    NODE_ESCAPED,  /* {{name}} */
    NODE_RAW,      /* {{{name}}}, {{&name}} */
    NODE_SECTION,  /* {{#name}}, runs to `end` */
    NODE_INVERTED, /* {{^name}}, runs to `end` */
    NODE_END,      /* {{/name}} */
    NODE_PARTIAL,  /* {{>name}} */
};

/* A piece of the source. */
struct slice {
    const char *at;
    gsize len;
};

struct node {
    enum node_type type;
    struct slice text;   /* the text, or the name */
    struct slice indent; /* NODE_PARTIAL alone on its line: the white space before it */
    guint end;           /* sections: index of their NODE_END */
};

/* The nodes of source, which they point into; NULL and INVALID ("line N: …"). Every section is closed and
 * nests at most TEMPLATE_SECTION_DEPTH deep. g_array_unref. */
GArray *parse_template(const char *source, GError **error);

#endif
