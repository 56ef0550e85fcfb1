/* filetype.c - file types by content. The magic cookie is the only state; it lives from filetype_open to
 * filetype_close. */
#include "filetype.h"

#include <magic.h>
#include <stdbool.h>
#include <string.h>

#define LOOK_BYTES (64 * 1024)

static magic_t cookie;

void
filetype_open(void)
{
    if (cookie)
        return;
    /* Looking into compressed files would run a decompressor on a stranger's bytes; looking into old office
     * files prints dates, for which libc asks for /etc/localtime (measured) that a sandbox has not. */
    cookie = magic_open(MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_CDF | MAGIC_NO_CHECK_ELF |
                        MAGIC_NO_CHECK_TOKENS);
    if (cookie && magic_load(cookie, NULL) != 0) {
        magic_close(cookie);
        cookie = NULL;
    }
}

void
filetype_close(void)
{
    if (cookie)
        magic_close(cookie);
    cookie = NULL;
}

static bool
says_nothing(const char *type)
{
    return !type || !strchr(type, '/') || strcmp(type, "application/octet-stream") == 0 ||
           g_str_has_prefix(type, "application/x-empty") || g_str_has_prefix(type, "inode/");
}

/* Whether the declared type is a kind of what was found. */
static bool
is_kind_of(const char *declared, const char *found)
{
    static const struct {
        const char *found, *declared;
    } kinds[] = {
        {"text/plain", "text/"},
        {"application/zip", "application/vnd."},
        {"application/zip", "application/x-zip"},
        {"application/zip", "application/epub"},
        {"application/zip", "application/java-archive"},
        {"text/xml", "image/svg"},
        {"text/xml", "application/"},
        {"application/CDFV2", "application/"},
        {"application/x-ole-storage", "application/"},
        {"text/plain", "message/"},
        {"text/html", "message/"},
        {"message/rfc822", "message/"},
        {"text/plain", "application/json"},
        {"text/plain", "application/pgp"},
        {"text/plain", "application/ics"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (strcmp(found, kinds[i].found) == 0 && g_str_has_prefix(declared, kinds[i].declared))
            return true;
    return false;
}

char *
filetype_of(const void *bytes, gsize len, const char *declared)
{
    const char *found = cookie ? magic_buffer(cookie, bytes, MIN(len, LOOK_BYTES)) : NULL;
    return g_strdup(says_nothing(found) || is_kind_of(declared, found) ? declared : found);
}

const char *
filetype_extension(const char *type)
{
    static const struct {
        const char *type, *extension;
    } extensions[] = {
        {"image/png", ".png"},   {"image/jpeg", ".jpg"},      {"image/gif", ".gif"},
        {"image/webp", ".webp"}, {"application/pdf", ".pdf"}, {"application/zip", ".zip"},
        {"text/plain", ".txt"},  {"text/html", ".html"},      {"text/calendar", ".ics"},
        {"text/csv", ".csv"},    {"message/rfc822", ".eml"},  {"text/vcard", ".vcf"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(extensions); i++)
        if (strcmp(type, extensions[i].type) == 0)
            return extensions[i].extension;
    return "";
}
