/* parts.h - how the sources of render fit together. Private to the module. */
#ifndef RENDER_PARTS_H
#define RENDER_PARTS_H

#include <cardpost/render.h>
#include <cardpost/template.h>

/* ---- catalog.c: the files of templates/<lang>/ */
struct catalog;
struct catalog *catalog_open(const char *template_dir, const char *override_dir, GError **error);
void catalog_free(struct catalog *catalog);
/* The name of the nearest language there is: itself, one of the same first subtag ("zh", "en-GB"), "en". */
const char *catalog_language(const struct catalog *catalog, const char *wanted);
/* Both fall back to "en", then to NULL; `language` is one of catalog_language. */
const char *catalog_template(const struct catalog *catalog, const char *language, const char *name);
const char *catalog_text(const struct catalog *catalog, const char *language, const char *key);

/* ---- time.c */
int time_offset_s(int64_t at, const char *zone_name);

/* ---- headers.c: every field of the outmail but the bodies and files */
bool headers_fill(struct outmail *mail, const struct render *render, const struct letter *letter,
                  const char *language, GError **error);
/* The address that answers go to; INVALID when instance and token do not make one. g_free. */
char *headers_reply_address(const struct letter *letter, GError **error);
/* "tasks-128"; NULL without a card. g_free. */
char *headers_card_tag(const struct letter *letter);

/* ---- content.c: text, HTML and the files */
bool content_fill(struct outmail *mail, const struct render *render, const struct letter *letter,
                  const char *language, GError **error);

/* ---- words.c: short phrases */
/* "345 bytes", "12 KB", "1.4 MB". g_free. */
char *words_size(const struct render *render, const char *language, int64_t size_bytes);
/* Why the recipient gets the letter, one sentence. g_free. */
char *words_reason(const struct render *render, const char *language, const struct letter *letter);

/* ---- render.c */
const struct catalog *render_catalog(const struct render *render);
/* One named template over view. */
char *render_named(const struct render *render, const char *language, enum template_kind kind,
                   const char *name, const struct view *view, GError **error);
/* "receipt", "assigned", …: the stem of the kind's templates. */
const char *render_kind_name(enum letter_kind kind);

#endif
