/* conf.h - a file of ours read by libconfuse and checked against the table of keys, with the line of
 * each key. Shared by config.c and team.c. */
#ifndef CONFIG_CONF_H
#define CONFIG_CONF_H

#include "keys.h"

struct conf;

/* One section of a file; a plain value, good as long as the file. */
struct conf_node {
    const struct conf *conf;
    cfg_t *section;
    const char *name;  /* "" at the top, "mailbox", … */
    const char *title; /* NULL: it has none */
    char path[256];    /* as in scan.h */
};

/* NULL and INVALID ("PATH:LINE: key: what is wrong, what would be right"). Every value has been checked
 * by its type; how values fit together has not. */
struct conf *conf_parse(const char *text, const char *path, enum conf_schema schema, GError **error);
void conf_free(struct conf *conf);
typedef struct conf conf_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(conf_t, conf_free)

struct conf_node conf_root(const struct conf *conf);
guint conf_count(const struct conf_node *node, const char *section); /* how many sections of this name */
struct conf_node conf_child(const struct conf_node *node, const char *section, guint index);

/* What the file says, else the table's preset, else NULL. The key must be in the table. */
const char *conf_text(const struct conf_node *node, const char *key);
bool conf_has(const struct conf_node *node, const char *key); /* the file says it */
int64_t conf_number(const struct conf_node *node, const char *key, int64_t otherwise);
int conf_choice(const struct conf_node *node, const char *key, int otherwise);
bool conf_flag(const struct conf_node *node, const char *key, bool otherwise);
guint conf_list_size(const struct conf_node *node, const char *key);
const char *conf_list_item(const struct conf_node *node, const char *key, guint index);

/* Sets *error to INVALID "PATH:LINE: key: …" and returns false. Without such a key in the file the line is
 * that of its section; key NULL speaks of the section itself. */
bool conf_fail(const struct conf_node *node, const char *key, GError **error, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

#endif
