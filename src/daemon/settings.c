/* settings.c - the configuration file read whole and checked, before any process sees it. */
#include "supervisor.h"

#include <cardpost/caps.h>
#include <cardpost/error.h>

bool
settings_load(struct settings *settings_out, const char *path, GError **error)
{
    g_autofree char *text = NULL;
    gsize len;
    if (!g_file_get_contents(path, &text, &len, error))
        return false;
    if (len > CAP_CONFIG_BYTES || !g_utf8_validate(text, (gssize)len, NULL)) {
        g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_INVALID, "%s: larger than %d bytes or not UTF-8",
                    path, CAP_CONFIG_BYTES);
        return false;
    }
    struct config *config = config_parse(text, path, error);
    if (!config)
        return false;
    *settings_out =
        (struct settings){.path = g_strdup(path), .text = g_steal_pointer(&text), .config = config};
    return true;
}

void
settings_clear(struct settings *settings)
{
    g_free(settings->path);
    g_free(settings->text);
    config_free(settings->config);
    *settings = (struct settings){0};
}
