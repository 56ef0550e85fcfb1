/* template_dir.c - where the installed templates are. */
#include <cardpost/daemon.h>

#include <stdlib.h>
#include <unistd.h>

/* BASE/RELATIVE if it is a directory, else NULL. */
static char *
directory(const char *base, const char *relative)
{
    g_autofree char *path = g_build_filename(base, relative, NULL);
    return g_file_test(path, G_FILE_TEST_IS_DIR) ? g_canonicalize_filename(path, NULL) : NULL;
}

char *
daemon_template_dir(void)
{
    const char *told = getenv("CARDPOST_TEMPLATES");
    if (told && *told)
        return g_strdup(told);
    g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *base = program ? g_path_get_dirname(program) : g_strdup("/");
    char *installed = directory(base, "../share/cardpost/templates");
    if (!installed)
        installed = directory(base, "../templates");
    return installed ? installed : g_strdup(CARDPOST_PREFIX "/share/cardpost/templates");
}
