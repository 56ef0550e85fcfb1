/* catalog.c - reads templates and short texts of every language, once. Does not render.
 *
 * templates/<lang>/NAME.mustache is the template NAME; templates/<lang>/texts holds "key = text" lines. A
 * file of the same name in the override directory takes the place of ours; its texts do so key by key. */
#include "parts.h"

#include <cardpost/error.h>

#include <string.h>

#define SUFFIX        ".mustache"
#define FILE_BYTES    (256 * 1024)
#define BASE_LANGUAGE "en"

struct words {
    GHashTable *templates; /* name -> source */
    GHashTable *texts;     /* key -> text */
};

struct catalog {
    GHashTable *languages; /* name -> struct words */
};

static void
words_free(struct words *words)
{
    g_hash_table_unref(words->templates);
    g_hash_table_unref(words->texts);
    g_free(words);
}

static struct words *
words_of(struct catalog *catalog, const char *language)
{
    struct words *words = g_hash_table_lookup(catalog->languages, language);
    if (words)
        return words;
    words = g_new0(struct words, 1);
    words->templates = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    words->texts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_hash_table_insert(catalog->languages, g_strdup(language), words);
    return words;
}

static bool
fail(GError **error, const char *path, guint line, const char *what)
{
    g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_INVALID, "%s:%u: %s", path, line, what);
    return false;
}

static char *
read_file(const char *path, GError **error)
{
    g_autofree char *text = NULL;
    gsize len;
    if (!g_file_get_contents(path, &text, &len, error))
        return NULL;
    if (len > FILE_BYTES)
        fail(error, path, 1, "is over 256 KB");
    else if (!g_utf8_validate_len(text, len, NULL))
        fail(error, path, 1, "is not UTF-8");
    else
        return g_steal_pointer(&text);
    return NULL;
}

static bool
read_template(struct words *words, const char *path, const char *name, GError **error)
{
    g_autofree char *source = read_file(path, error);
    if (!source)
        return false;
    g_autoptr(view_t) nothing = view_new();
    g_autofree char *checked = template_render(TEMPLATE_TEXT, source, nothing, NULL, NULL, error);
    if (!checked) {
        g_prefix_error(error, "%s: ", path);
        return false;
    }
    char *key = g_strndup(name, strlen(name) - strlen(SUFFIX));
    g_hash_table_insert(words->templates, key, g_steal_pointer(&source));
    return true;
}

static bool
read_texts(struct words *words, const char *path, GError **error)
{
    g_autofree char *source = read_file(path, error);
    if (!source)
        return false;
    g_auto(GStrv) lines = g_strsplit(source, "\n", -1);
    for (guint i = 0; lines[i]; i++) {
        char *line = g_strstrip(lines[i]);
        if (*line == '\0' || *line == '#')
            continue;
        char *equals = strchr(line, '=');
        if (!equals || equals == line)
            return fail(error, path, i + 1, "a line must be \"key = text\"");
        *equals = '\0';
        g_hash_table_insert(words->texts, g_strdup(g_strchomp(line)), g_strdup(g_strchug(equals + 1)));
    }
    return true;
}

static bool
read_language(struct catalog *catalog, const char *dir, const char *language, GError **error)
{
    g_autoptr(GDir) files = g_dir_open(dir, 0, error);
    if (!files)
        return false;
    struct words *words = words_of(catalog, language);
    for (const char *name = g_dir_read_name(files); name; name = g_dir_read_name(files)) {
        g_autofree char *path = g_build_filename(dir, name, NULL);
        bool read = true;
        if (g_str_equal(name, "texts"))
            read = read_texts(words, path, error);
        else if (g_str_has_suffix(name, SUFFIX) && *name != '.')
            read = read_template(words, path, name, error);
        if (!read)
            return false;
    }
    return true;
}

static bool
read_languages(struct catalog *catalog, const char *dir, GError **error)
{
    g_autoptr(GDir) languages = g_dir_open(dir, 0, error);
    if (!languages)
        return false;
    for (const char *name = g_dir_read_name(languages); name; name = g_dir_read_name(languages)) {
        g_autofree char *path = g_build_filename(dir, name, NULL);
        if (*name == '.' || !g_file_test(path, G_FILE_TEST_IS_DIR))
            continue;
        if (!read_language(catalog, path, name, error))
            return false;
    }
    return true;
}

/* A letter must be possible in the base language; others may lack a file and fall back to it. */
static bool
has_base(const struct catalog *catalog, const char *template_dir, GError **error)
{
    for (enum letter_kind kind = LETTER_RECEIPT; kind <= LETTER_ADMIN; kind++) {
        static const char *const parts[] = {"status", "text", "html"};
        for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
            g_autofree char *name = g_strconcat(render_kind_name(kind), ".", parts[i], NULL);
            if (catalog_template(catalog, BASE_LANGUAGE, name))
                continue;
            g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_NOT_FOUND,
                        "%s: no template " BASE_LANGUAGE "/%s" SUFFIX, template_dir, name);
            return false;
        }
    }
    return true;
}

struct catalog *
catalog_open(const char *template_dir, const char *override_dir, GError **error)
{
    struct catalog *catalog = g_new0(struct catalog, 1);
    catalog->languages = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)words_free);
    bool has_override = override_dir && g_file_test(override_dir, G_FILE_TEST_IS_DIR);
    if (read_languages(catalog, template_dir, error) &&
        (!has_override || read_languages(catalog, override_dir, error)) &&
        has_base(catalog, template_dir, error))
        return catalog;
    catalog_free(catalog);
    return NULL;
}

void
catalog_free(struct catalog *catalog)
{
    if (!catalog)
        return;
    g_hash_table_unref(catalog->languages);
    g_free(catalog);
}

const char *
catalog_language(const struct catalog *catalog, const char *wanted)
{
    gpointer name;
    if (!wanted)
        return BASE_LANGUAGE;
    if (g_hash_table_lookup_extended(catalog->languages, wanted, &name, NULL))
        return name;
    gsize subtag = strcspn(wanted, "-_");
    const char *found = NULL;
    GHashTableIter iter;
    g_hash_table_iter_init(&iter, catalog->languages);
    while (subtag > 0 && g_hash_table_iter_next(&iter, &name, NULL)) {
        const char *candidate = name;
        if (strcspn(candidate, "-_") == subtag && g_ascii_strncasecmp(candidate, wanted, subtag) == 0 &&
            (!found || strcmp(candidate, found) < 0))
            found = candidate;
    }
    return found ? found : BASE_LANGUAGE;
}

static const struct words *
find_words(const struct catalog *catalog, const char *language)
{
    return g_hash_table_lookup(catalog->languages, language);
}

const char *
catalog_template(const struct catalog *catalog, const char *language, const char *name)
{
    const struct words *own = find_words(catalog, language), *base = find_words(catalog, BASE_LANGUAGE);
    const char *source = own ? g_hash_table_lookup(own->templates, name) : NULL;
    return source || !base ? source : g_hash_table_lookup(base->templates, name);
}

const char *
catalog_text(const struct catalog *catalog, const char *language, const char *key)
{
    const struct words *own = find_words(catalog, language), *base = find_words(catalog, BASE_LANGUAGE);
    const char *text = own ? g_hash_table_lookup(own->texts, key) : NULL;
    return text || !base ? text : g_hash_table_lookup(base->texts, key);
}
