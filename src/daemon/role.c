/* role.c - names of the processes. */
#include "role.h"

#include <glib.h>
#include <string.h>

static const struct {
    const char *word;
    enum process_kind role;
    bool has_rest;
} roles[] = {
    {"core", PROCESS_CORE, false},  {"imap", PROCESS_IMAP, true},        {"maildir", PROCESS_MAILDIR, true},
    {"parse", PROCESS_PARSE, true}, {"deliver", PROCESS_DELIVER, false}, {"secret", PROCESS_SECRET, true},
};

enum process_kind
process_kind_of(const char *name, const char **rest_out)
{
    gsize len = strcspn(name, ":");
    const char *rest = name[len] ? name + len + 1 : "";
    *rest_out = rest;
    for (guint i = 0; i < G_N_ELEMENTS(roles); i++)
        if (strlen(roles[i].word) == len && strncmp(name, roles[i].word, len) == 0 &&
            (*rest != '\0') == roles[i].has_rest)
            return roles[i].role;
    return PROCESS_UNKNOWN;
}
