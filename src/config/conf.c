/* conf.c - the one user of libconfuse: from text to a tree whose every value is good by itself.
 *
 * libconfuse 3.3 hands no data to its error function. The field `path` of a cfg_t (directories in which
 * cfg_parse and include look for files, neither of which is used here) is passed on to each section, so
 * it carries our struct while the text is parsed, and is cleared before libconfuse could free it. Its
 * scanner keeps global state: one file at a time, in one thread. */
#include "conf.h"
#include "scan.h"
#include "values.h"

#include <cardpost/error.h>

#include <string.h>

struct conf {
    char *path;
    enum conf_schema schema;
    cfg_opt_t *options;
    cfg_t *root;
    GHashTable *lines;
    GError *error; /* the first of libconfuse */
};

/* libconfuse says "no such option 'x'"; the message with what may have been meant. */
static char *
with_suggestion(const struct conf *conf, const cfg_t *section, const char *message)
{
    const char *quote = strchr(message, '\'');
    if (!g_str_has_prefix(message, "no such option") || !quote)
        return g_strdup(message);
    g_autofree char *name = g_strndup(quote + 1, strcspn(quote + 1, "'"));
    const char *where = strcmp(section->name, "root") == 0 ? "" : section->name;
    const char *near = conf_nearest(conf->schema, where, name);
    g_autofree char *place = *where ? g_strdup_printf("in %s", where) : g_strdup("here");
    return near ? g_strdup_printf("%s: is no key %s; did you mean %s?", name, place, near)
                : g_strdup_printf("%s: is no key %s; cardpost.conf(5) has them all", name, place);
}

static void on_error(cfg_t *section, const char *format, va_list args) G_GNUC_PRINTF(2, 0);

static void
on_error(cfg_t *section, const char *format, va_list args)
{
    struct conf *conf = (struct conf *)(void *)section->path;
    if (!conf || conf->error)
        return;
    g_autofree char *message = g_strdup_vprintf(format, args);
    g_autofree char *full = with_suggestion(conf, section, message);
    g_set_error(&conf->error, CARDPOST_ERROR, CARDPOST_ERROR_INVALID, "%s:%d: %s", conf->path, section->line,
                full);
}

static bool
read_tree(struct conf *conf, const char *text, GError **error)
{
    conf->options = conf_options(conf->schema);
    conf->root = cfg_init(conf->options, CFGF_NONE);
    cfg_set_error_function(conf->root, on_error);
    conf->root->path = (cfg_searchpath_t *)(void *)conf;
    int result = cfg_parse_buf(conf->root, text);
    conf->root->path = NULL;
    if (conf->error)
        g_propagate_error(error, g_steal_pointer(&conf->error));
    else if (result != CFG_SUCCESS)
        g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_INVALID, "%s: cannot be read", conf->path);
    return result == CFG_SUCCESS;
}

/* Each value of one section by its type. */
static bool
check_values(const struct conf_node *node, GError **error)
{
    guint n;
    const struct conf_key *keys = conf_keys(&n);
    for (guint i = 0; i < n; i++) {
        if (strcmp(keys[i].section, node->name) != 0 || !conf_has(node, keys[i].name))
            continue;
        guint size = cfg_size(node->section, keys[i].name);
        for (guint j = 0; j < size; j++) {
            const char *value = cfg_getnstr(node->section, keys[i].name, j);
            g_autofree char *problem = value_problem(&keys[i], value);
            if (problem)
                return conf_fail(node, keys[i].name, error, "%s", problem);
        }
    }
    if (node->title && !value_is_key(node->title))
        return conf_fail(node, NULL, error,
                         "\"%s\" cannot name a section; a lower-case letter, then up to 30 "
                         "letters, digits and \"-\" would be right",
                         node->title);
    return true;
}

static bool
check_tree(const struct conf_node *node, GError **error)
{
    if (!check_values(node, error))
        return false;
    for (cfg_opt_t *option = node->section->opts; option->name; option++) {
        guint n = option->type == CFGT_SEC ? cfg_opt_size(option) : 0;
        for (guint i = 0; i < n; i++) {
            struct conf_node child = conf_child(node, option->name, i);
            if (!check_tree(&child, error))
                return false;
        }
    }
    return true;
}

struct conf *
conf_parse(const char *text, const char *path, enum conf_schema schema, GError **error)
{
    GHashTable *lines = NULL;
    g_autofree char *plain = scan_text(text, path, &lines, error);
    if (!plain)
        return NULL;
    g_autoptr(conf_t) conf = g_new0(struct conf, 1);
    conf->path = g_strdup(path);
    conf->schema = schema;
    conf->lines = lines;
    if (!read_tree(conf, plain, error))
        return NULL;
    struct conf_node root = conf_root(conf);
    return check_tree(&root, error) ? g_steal_pointer(&conf) : NULL;
}

void
conf_free(struct conf *conf)
{
    if (!conf)
        return;
    if (conf->root)
        cfg_free(conf->root);
    conf_options_free(conf->options);
    g_clear_pointer(&conf->lines, g_hash_table_unref);
    g_clear_error(&conf->error);
    g_free(conf->path);
    g_free(conf);
}

struct conf_node
conf_root(const struct conf *conf)
{
    return (struct conf_node){.conf = conf, .section = conf->root, .name = ""};
}

guint
conf_count(const struct conf_node *node, const char *section)
{
    return cfg_size(node->section, section);
}

struct conf_node
conf_child(const struct conf_node *node, const char *section, guint index)
{
    cfg_t *child = cfg_getnsec(node->section, section, index);
    struct conf_node result = {
        .conf = node->conf, .section = child, .name = child->name, .title = child->title};
    g_snprintf(result.path, sizeof result.path, "%s%s%s%s%s", node->path, *node->path ? SCAN_SEPARATOR : "",
               section, child->title ? SCAN_SEPARATOR : "", child->title ? child->title : "");
    return result;
}

bool
conf_has(const struct conf_node *node, const char *key)
{
    g_autofree char *path = g_strconcat(node->path, *node->path ? SCAN_SEPARATOR : "", key, NULL);
    return g_hash_table_contains(node->conf->lines, path);
}

const char *
conf_text(const struct conf_node *node, const char *key)
{
    if (cfg_size(node->section, key) > 0)
        return cfg_getnstr(node->section, key, 0);
    return conf_key(node->name, key)->preset;
}

int64_t
conf_number(const struct conf_node *node, const char *key, int64_t otherwise)
{
    const char *text = conf_text(node, key);
    int64_t number;
    return text && value_number(conf_key(node->name, key), text, &number) ? number : otherwise;
}

int
conf_choice(const struct conf_node *node, const char *key, int otherwise)
{
    const char *text = conf_text(node, key);
    return text ? value_choice(conf_key(node->name, key)->choices, text) : otherwise;
}

bool
conf_flag(const struct conf_node *node, const char *key, bool otherwise)
{
    const char *text = conf_text(node, key);
    return text ? strcmp(text, "true") == 0 : otherwise;
}

guint
conf_list_size(const struct conf_node *node, const char *key)
{
    return cfg_size(node->section, key);
}

const char *
conf_list_item(const struct conf_node *node, const char *key, guint index)
{
    return cfg_getnstr(node->section, key, index);
}

bool
conf_fail(const struct conf_node *node, const char *key, GError **error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *what = g_strdup_vprintf(format, args);
    va_end(args);
    g_autofree char *path = g_strconcat(node->path, *node->path ? SCAN_SEPARATOR : "", key, NULL);
    guint line = key ? GPOINTER_TO_UINT(g_hash_table_lookup(node->conf->lines, path)) : 0;
    if (line == 0)
        line = GPOINTER_TO_UINT(g_hash_table_lookup(node->conf->lines, node->path));
    g_autofree char *name = key           ? g_strdup(key)
                            : node->title ? g_strdup_printf("%s %s", node->name, node->title)
                                          : g_strdup(node->name);
    g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_INVALID, "%s:%u: %s: %s", node->conf->path,
                MAX(line, 1), name, what);
    return false;
}
