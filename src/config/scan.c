/* scan.c - a first look over a file. It knows words, strings, comments and braces, no keys.
 *
 * Why before libconfuse 3.3: it expands ${VAR} from the environment in double quotes and outside of
 * quotes, so that a password with these characters is silently another one; it takes the last of two
 * equal keys; it skips characters that it does not know; it counts a line for a comment that ends on the
 * same line, and keeps no line for a key. */
#include "scan.h"

#include <cardpost/caps.h>
#include <cardpost/error.h>

#include <stdbool.h>
#include <string.h>

#define STRING_BYTES 4096
#define SECTIONS_MAX 10000

struct scan {
    const char *path, *at;
    guint line, n_sections;
    GString *out;
    GHashTable *lines;
    GPtrArray *open; /* char *: path of each section that is open */
    char *word[2];   /* of the statement so far: key, or section and title */
    guint word_line;
    bool is_value; /* after "=" */
    bool is_list;  /* after "= {" */
    GError **error;
};

static bool refuse(struct scan *scan, const char *format, ...) G_GNUC_PRINTF(2, 3);

static bool
refuse(struct scan *scan, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *what = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(scan->error, CARDPOST_ERROR, CARDPOST_ERROR_INVALID, "%s:%u: %s", scan->path, scan->line,
                what);
    return false;
}

static void
clear_words(struct scan *scan)
{
    g_clear_pointer(&scan->word[0], g_free);
    g_clear_pointer(&scan->word[1], g_free);
}

static void
take_word(struct scan *scan, const char *text, gsize len)
{
    if (scan->is_value) {
        scan->is_value = scan->is_list;
        return;
    }
    guint n = scan->word[0] ? 1 : 0;
    if (n == 0)
        scan->word_line = scan->line;
    if (!scan->word[n])
        scan->word[n] = g_strndup(text, len);
}

/* Remembers the line of a key or section; each may stand once. */
static bool
remember(struct scan *scan, char *path, const char *name)
{
    gpointer first = g_hash_table_lookup(scan->lines, path);
    if (first) {
        g_free(path);
        return refuse(scan, "%s: was given on line %u already; keep one of the two", name,
                      GPOINTER_TO_UINT(first));
    }
    g_hash_table_insert(scan->lines, path, GUINT_TO_POINTER(scan->word_line));
    return true;
}

static char *
path_of(struct scan *scan, const char *word, const char *title)
{
    const char *parent = scan->open->len ? scan->open->pdata[scan->open->len - 1] : NULL;
    return g_strjoin(SCAN_SEPARATOR, parent ? parent : word, parent ? word : title, parent ? title : NULL,
                     NULL);
}

static bool
equals(struct scan *scan)
{
    const char *key = scan->word[0] ? scan->word[0] : "";
    if (scan->is_value || scan->word[1] || *key == '\0' ||
        strspn(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") != strlen(key))
        return refuse(scan, "\"=\" must follow the name of one key, as in: name = \"tasks\"");
    if (!remember(scan, path_of(scan, key, NULL), key))
        return false;
    clear_words(scan);
    scan->is_value = true;
    return true;
}

static bool
open_brace(struct scan *scan)
{
    if (scan->is_value) {
        scan->is_list = true;
        return true;
    }
    const char *section = scan->word[0];
    if (!section || strspn(section, "abcdefghijklmnopqrstuvwxyz_") != strlen(section))
        return refuse(scan, "\"{\" must follow the name of a section, as in: mailbox main {");
    if (++scan->n_sections > SECTIONS_MAX)
        return refuse(scan, "more than %d sections", SECTIONS_MAX);
    char *path = path_of(scan, section, scan->word[1]);
    g_autofree char *copy = g_strdup(path);
    g_autofree char *name = g_strjoin(" ", section, scan->word[1], NULL);
    if (!remember(scan, path, name))
        return false;
    g_ptr_array_add(scan->open, g_steal_pointer(&copy));
    clear_words(scan);
    return true;
}

static bool
close_brace(struct scan *scan)
{
    if (scan->is_list) {
        scan->is_list = scan->is_value = false;
        return true;
    }
    if (scan->open->len == 0)
        return refuse(scan, "\"}\" closes nothing");
    g_ptr_array_set_size(scan->open, (int)scan->open->len - 1);
    return true;
}

static bool
punctuation(struct scan *scan, char c)
{
    g_string_append_c(scan->out, c);
    switch (c) {
    case '=':
        return equals(scan);
    case '{':
        return open_brace(scan);
    case '}':
        return close_brace(scan);
    case ',':
        return scan->is_list ? true : refuse(scan, "\",\" belongs between the values of a {list} only");
    case '(':
    case ')':
        return refuse(scan, "\"%c\": there are no functions and no include here; quote a text that has it",
                      c);
    case '$':
        return refuse(scan, "environment variables are not read; put text with \"$\" in quotes");
    }
    return refuse(scan, "\"%c\" must stand in double quotes", c);
}

/* A string with its quotes; what it holds is checked as a value later. */
static bool
string(struct scan *scan)
{
    char quote = *scan->at;
    const char *start = scan->at++;
    for (; *scan->at != quote; scan->at++) {
        if (*scan->at == '\0' || *scan->at == '\n')
            return refuse(scan, "text that begins with %c is not closed on its line", quote);
        if (quote == '"' && strncmp(scan->at, "${", 2) == 0)
            return refuse(scan,
                          "environment variables are not read; for the characters ${ use single quotes");
        if (*scan->at != '\\')
            continue;
        bool is_escape = scan->at[1] == '\\' || scan->at[1] == quote;
        if (quote == '"' && !is_escape)
            return refuse(scan, "in double quotes a backslash must be doubled: \\\\");
        scan->at += is_escape;
    }
    scan->at++;
    if (scan->at - start > STRING_BYTES)
        return refuse(scan, "a text of more than %d bytes", STRING_BYTES);
    take_word(scan, start + 1, (gsize)(scan->at - start - 2));
    g_string_append_len(scan->out, start, scan->at - start);
    return true;
}

static bool
is_bare(char c)
{
    return g_ascii_isalnum(c) || (c != '\0' && strchr("_.:@%-/", c));
}

static bool
bare_word(struct scan *scan)
{
    const char *start = scan->at;
    while (is_bare(*scan->at))
        scan->at++;
    gsize len = (gsize)(scan->at - start);
    if (g_strstr_len(start, (gssize)len, "//") || *scan->at == '*')
        return refuse(scan, "%.*s must stand in double quotes", (int)MIN(len, 60), start);
    if (len > STRING_BYTES)
        return refuse(scan, "a word of more than %d bytes", STRING_BYTES);
    take_word(scan, start, len);
    g_string_append_len(scan->out, start, scan->at - start);
    return true;
}

/* To the end of the line, or of the C comment; lines stay. */
static bool
comment(struct scan *scan)
{
    guint first = scan->line;
    if (scan->at[0] != '/' || scan->at[1] == '/') {
        scan->at += strcspn(scan->at, "\n");
        return true;
    }
    const char *end = strstr(scan->at + 2, "*/");
    for (; *scan->at && (!end || scan->at < end); scan->at++) {
        if (*scan->at != '\n')
            continue;
        g_string_append_c(scan->out, '\n');
        scan->line++;
    }
    g_string_append_c(scan->out, ' ');
    if (!end) {
        scan->line = first;
        return refuse(scan, "the comment that begins here is never closed");
    }
    scan->at += 2;
    return true;
}

static bool
step(struct scan *scan)
{
    char c = *scan->at;
    if (c == '"' || c == '\'')
        return string(scan);
    if (c == '#' || (c == '/' && (scan->at[1] == '/' || scan->at[1] == '*')))
        return comment(scan);
    if (is_bare(c))
        return bare_word(scan);
    if (c & 0x80)
        return refuse(scan, "text with other than ASCII letters must stand in straight double quotes: \"…\"");
    scan->at++;
    if (c == '\n' || c == ' ' || c == '\t' || (c == '\r' && *scan->at == '\n')) {
        scan->line += c == '\n';
        g_string_append_c(scan->out, c == '\r' ? ' ' : c);
        return true;
    }
    if (g_ascii_iscntrl(c))
        return refuse(scan, "control character 0x%02x", (guint)c);
    return punctuation(scan, c);
}

static bool
run(struct scan *scan)
{
    const char *bad = NULL;
    if (strlen(scan->at) > CAP_CONFIG_BYTES)
        return refuse(scan, "larger than %d bytes", CAP_CONFIG_BYTES);
    if (!g_utf8_validate(scan->at, -1, &bad)) {
        for (const char *p = scan->at; p < bad; p++)
            scan->line += *p == '\n';
        return refuse(scan, "not UTF-8; save the file in that encoding");
    }
    if (g_str_has_prefix(scan->at, "\xef\xbb\xbf"))
        scan->at += 3;
    while (*scan->at)
        if (!step(scan))
            return false;
    if (scan->open->len == 0 && !scan->is_value)
        return true;
    if (scan->is_value)
        return refuse(scan, "the file ends where a value should be");
    scan->line = GPOINTER_TO_UINT(g_hash_table_lookup(scan->lines, scan->open->pdata[scan->open->len - 1]));
    return refuse(scan, "the section that begins here is never closed; \"}\" is missing");
}

char *
scan_text(const char *text, const char *path, GHashTable **lines_out, GError **error)
{
    struct scan scan = {.path = path, .at = text, .line = 1, .error = error};
    scan.out = g_string_new(NULL);
    scan.lines = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    scan.open = g_ptr_array_new_with_free_func(g_free);
    bool is_good = run(&scan);
    clear_words(&scan);
    g_ptr_array_unref(scan.open);
    if (is_good)
        *lines_out = scan.lines;
    else
        g_hash_table_unref(scan.lines);
    return g_string_free(scan.out, !is_good);
}
