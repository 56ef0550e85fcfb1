/* fuzz_config.c - any bytes as cardpost.conf and as a team file: no crash, and what is read as a team can
 * be written and read back. */
#include <cardpost/config.h>
#include <cardpost/team.h>

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    config_free(config_parse(text, "fuzz.conf", NULL));
    g_autoptr(team_file_t) team = team_file_parse(text, "fuzz.team", NULL);
    if (!team)
        return 0;
    g_autofree char *written = team_file_write(team);
    GError *error = NULL;
    g_autoptr(team_file_t) again = team_file_parse(written, "written.team", &error);
    if (!again)
        g_error("%s\n%s", error->message, written);
    g_autofree char *second = team_file_write(again);
    g_assert_cmpstr(written, ==, second);
    return 0;
}
