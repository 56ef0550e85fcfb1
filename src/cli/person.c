/* person.c - `person list`: people and guests. */
#include "cli_private.h"

int
cli_person_list(struct cli *cli, int argc, char **argv)
{
    (void)argv;
    static const struct cli_column columns[] = {{"key", "KEY"},           {"name", "NAME"},
                                                {"role", "ROLE"},         {"address", "ADDRESS"},
                                                {"language", "LANGUAGE"}, {"timezone", "TIME ZONE"}};
    int code;
    GError *error = NULL;
    if (argc > 1)
        return cli_usage("person list takes no arguments");
    if (!cli_store(cli, &code))
        return code;
    json_t *rows = json_array();
    g_autoptr(GPtrArray) people = person_list(cli->store);
    for (guint i = 0; i < people->len; i++) {
        const struct person *person = people->pdata[i];
        json_array_append_new(rows, json_pack("{s:I s:s? s:s s:s s:s? s:s s:s s:b}", "id",
                                              (json_int_t)person->id, "key", person->key, "name",
                                              person->name, "role", role_name(person->role), "address",
                                              person_address(person), "language", person->language,
                                              "timezone", person->timezone, "active", person->is_active));
    }
    if (!store_check(cli->store, &error)) {
        json_decref(rows);
        return cli_fail_with(error);
    }
    return cli_print_table(cli, rows, columns, G_N_ELEMENTS(columns));
}
