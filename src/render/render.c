/* render.c - the public face: opens the catalogue, puts a letter together. Headers are made in headers.c,
 * bodies in content.c, dates in time.c. */
#include "parts.h"

#include <cardpost/caps.h>
#include <cardpost/clean.h>
#include <cardpost/secret.h>
#include <cardpost/text.h>

#include <string.h>

struct render {
    struct catalog *catalog;
};

struct render *
render_open(const char *template_dir, const char *override_dir, GError **error)
{
    struct catalog *catalog = catalog_open(template_dir, override_dir, error);
    if (!catalog)
        return NULL;
    struct render *render = g_new0(struct render, 1);
    render->catalog = catalog;
    return render;
}

void
render_free(struct render *render)
{
    if (!render)
        return;
    catalog_free(render->catalog);
    g_free(render);
}

const struct catalog *
render_catalog(const struct render *render)
{
    return render->catalog;
}

const char *
render_kind_name(enum letter_kind kind)
{
    switch (kind) {
    case LETTER_RECEIPT:
        return "receipt";
    case LETTER_STRANGER_RECEIPT:
        return "stranger";
    case LETTER_ASSIGNED:
        return "assigned";
    case LETTER_COMMENT:
        return "comment";
    case LETTER_HELD:
        return "held";
    case LETTER_REFUSED:
        return "refused";
    case LETTER_ADMIN:
        return "admin";
    }
    return "admin";
}

struct partials {
    const struct catalog *catalog;
    const char *language;
};

static char *
find_partial(const char *name, void *data)
{
    const struct partials *partials = data;
    return g_strdup(catalog_template(partials->catalog, partials->language, name));
}

char *
render_named(const struct render *render, const char *language, enum template_kind kind, const char *name,
             const struct view *view, GError **error)
{
    struct partials partials = {render->catalog, language};
    const char *source = catalog_template(render->catalog, language, name);
    char *out = template_render(kind, source ? source : "", view, find_partial, &partials, error);
    if (!out)
        g_prefix_error(error, "template %s/%s: ", language, name);
    return out;
}

char *
render_text(const struct render *render, const char *language, const char *key, const char *arg)
{
    const char *text = catalog_text(render->catalog, catalog_language(render->catalog, language), key);
    if (!text)
        text = key;
    const char *place = strstr(text, "%s");
    if (!place)
        return g_strdup(text);
    g_autofree char *before = g_strndup(text, (gsize)(place - text));
    return g_strconcat(before, arg ? arg : "", place + strlen("%s"), NULL);
}

struct outmail *
render_letter(struct render *render, const struct letter *letter, GError **error)
{
    const char *language = catalog_language(render->catalog, letter->language);
    g_autoptr(outmail_t) mail = outmail_new();
    if (!headers_fill(mail, render, letter, language, error) ||
        !content_fill(mail, render, letter, language, error))
        return NULL;
    return g_steal_pointer(&mail);
}

char *
render_words(const struct outmail *mail)
{
    g_auto(text_parts_t) html = {0};
    text_read(TEXT_HTML, mail->html, strlen(mail->html), &html);
    g_autofree char *both = g_strjoin("\n", mail->text, html.body, NULL);
    both[clean_cut(both, strlen(both), CAP_SENT_WORDS_BYTES)] = '\0';
    return secret_redact(both);
}
