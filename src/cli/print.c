/* print.c - how values look: aligned tables for people, JSON for programs. */
#include "cli_private.h"

#include <cardpost/clean.h>

#include <stdio.h>
#include <string.h>

guint
cli_width(const char *text)
{
    guint width = 0;
    for (; *text; text = g_utf8_find_next_char(text, NULL)) {
        gunichar c = g_utf8_get_char(text);
        if (g_unichar_iszerowidth(c))
            continue;
        width += g_unichar_iswide(c) ? 2 : 1;
    }
    return width;
}

char *
cli_time(int64_t at)
{
    if (at == 0)
        return g_strdup("");
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(at);
    return g_date_time_format(time, "%Y-%m-%d %H:%M");
}

json_t *
cli_json_time(int64_t at)
{
    if (at == 0)
        return json_null();
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(at);
    g_autofree char *text = time ? g_date_time_format(time, "%Y-%m-%dT%H:%M:%SZ") : NULL;
    return text ? json_string(text) : json_null();
}

json_t *
cli_json_text(const char *text)
{
    if (!text)
        return json_null();
    json_t *string = json_string(text);
    if (string)
        return string;
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    return json_string(valid);
}

/* A value as one cell of a table: no control characters reach the terminal. */
static char *
cell_text(const json_t *value)
{
    if (json_is_string(value))
        return clean_line(json_string_value(value), 0);
    if (json_is_integer(value))
        return g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
    if (json_is_boolean(value))
        return g_strdup(json_is_true(value) ? "yes" : "no");
    return g_strdup("");
}

static void
print_padded(const char *text, guint width, bool is_last)
{
    fputs(text, stdout);
    if (is_last)
        return;
    for (guint w = cli_width(text); w < width + 2; w++)
        putchar(' ');
}

static void
print_text_table(const json_t *rows, const struct cli_column *columns, guint n)
{
    g_autofree guint *widths = g_new0(guint, n);
    size_t i;
    json_t *row;
    for (guint c = 0; c < n; c++) {
        widths[c] = cli_width(columns[c].title);
        json_array_foreach(rows, i, row)
        {
            g_autofree char *text = cell_text(json_object_get(row, columns[c].key));
            widths[c] = MAX(widths[c], cli_width(text));
        }
    }
    for (guint c = 0; c < n; c++)
        print_padded(columns[c].title, widths[c], c + 1 == n);
    putchar('\n');
    json_array_foreach(rows, i, row)
    {
        for (guint c = 0; c < n; c++) {
            g_autofree char *text = cell_text(json_object_get(row, columns[c].key));
            print_padded(text, widths[c], c + 1 == n);
        }
        putchar('\n');
    }
}

static int
print_json(const json_t *value)
{
    bool written = json_dumpf(value, stdout, JSON_INDENT(2)) == 0 && putchar('\n') != EOF;
    return written ? EX_OK : EX_IOERR;
}

int
cli_print_table(const struct cli *cli, json_t *rows, const struct cli_column *columns, guint n)
{
    int code = EX_OK;
    if (cli->json)
        code = print_json(rows);
    else if (json_array_size(rows) == 0)
        puts("(none)");
    else
        print_text_table(rows, columns, n);
    json_decref(rows);
    return code;
}

int
cli_print_object(const struct cli *cli, json_t *object, cli_text_fn *text)
{
    int code = EX_OK;
    if (cli->json)
        code = print_json(object);
    else
        text(object);
    json_decref(object);
    return code;
}
