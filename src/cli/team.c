/* team.c - `apply`, `export`: people, teams, boards and columns as one file. */
#include "cli_private.h"

#include <cardpost/caps.h>
#include <cardpost/engine.h>
#include <cardpost/error.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool
confirms(void)
{
    char line[16];
    printf("Apply this? [y/N] ");
    fflush(stdout);
    return fgets(line, sizeof line, stdin) && (line[0] == 'y' || line[0] == 'Y');
}

/* Shows the plan; how many lines it has, or -1: told, *code_out. */
static int
show_plan(struct cli *cli, const struct team_file *team, int *code_out)
{
    GError *error = NULL;
    g_autoptr(GPtrArray) plan = engine_team_plan(cli->store, team, &error);
    if (!plan) {
        *code_out = cli_fail_with(error);
        return -1;
    }
    for (guint i = 0; i < plan->len; i++)
        printf("%s\n", (const char *)plan->pdata[i]);
    return (int)plan->len;
}

/* The text of the file; NULL: told, *code_out. */
static char *
read_team(const char *name, int *code_out)
{
    GError *error = NULL;
    GByteArray *bytes = cli_read(name, CAP_CONFIG_BYTES + 1, &error);
    if (!bytes) {
        *code_out = cli_fail_with(error);
        return NULL;
    }
    bool is_good = bytes->len <= CAP_CONFIG_BYTES && !memchr(bytes->data, '\0', bytes->len);
    if (!is_good)
        *code_out = cli_fail(EX_DATAERR, "%s: too big, or not text", name);
    g_byte_array_append(bytes, (const guint8 *)"", 1);
    char *text = (char *)g_byte_array_free(bytes, FALSE);
    return is_good ? text : (g_free(text), NULL);
}

int
cli_apply(struct cli *cli, int argc, char **argv)
{
    gboolean dry_run = FALSE, yes = FALSE;
    const GOptionEntry entries[] = {
        {"dry-run", 'n', 0, G_OPTION_ARG_NONE, &dry_run, NULL, NULL},
        {"yes", 'y', 0, G_OPTION_ARG_NONE, &yes, NULL, NULL},
        G_OPTION_ENTRY_NULL,
    };
    int code;
    GError *error = NULL;
    if (!cli_options(entries, &argc, &argv, &code))
        return code;
    if (argc != 2)
        return cli_usage("apply takes one file");
    g_autofree char *text = read_team(argv[1], &code);
    g_autoptr(team_file_t) team = text ? team_file_parse(text, argv[1], &error) : NULL;
    if (!team)
        return text ? cli_fail_with(error) : code;
    if (!cli_store(cli, &code))
        return code;
    int changes = show_plan(cli, team, &code);
    if (changes < 0)
        return code;
    if (changes == 0) {
        puts("nothing to change");
        return EX_OK;
    }
    if (dry_run)
        return EX_OK;
    if (!yes && !isatty(STDIN_FILENO))
        return cli_usage("nobody here to ask: repeat with --yes");
    if (!yes && !confirms())
        return cli_fail(EX_TEMPFAIL, "nothing was changed");
    g_autofree char *answer = NULL;
    const char *args[] = {text, NULL};
    code = cli_change(cli, "apply", args, &answer);
    if (code == EX_OK)
        printf("%d changes applied\n", changes);
    return code;
}

char *
cli_sample_teams(void)
{
    static const char *const places[] = {"teams", "contrib/teams"}; /* installed; in the source tree */
    g_autofree char *templates = daemon_template_dir();
    g_autofree char *share = g_path_get_dirname(templates);
    for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
        g_autofree char *path = g_build_filename(share, places[i], NULL);
        if (g_file_test(path, G_FILE_TEST_IS_DIR))
            return g_steal_pointer(&path);
    }
    return g_strdup(CARDPOST_PREFIX "/share/cardpost/teams");
}

int
cli_export(struct cli *cli, int argc, char **argv)
{
    (void)argv;
    int code;
    GError *error = NULL;
    if (argc > 1)
        return cli_usage("export takes no arguments");
    if (!cli_store(cli, &code))
        return code;
    g_autoptr(team_file_t) team = engine_team_export(cli->store);
    if (!store_check(cli->store, &error))
        return cli_fail_with(error);
    g_autofree char *text = team_file_write(team);
    fputs(text, stdout);
    return EX_OK;
}
