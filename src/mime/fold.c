/* fold.c - encodes and folds header values. Does not know which fields a mail has. */
#include "fold.h"

#include <cardpost/clean.h>

#include <stdbool.h>
#include <string.h>

#define LINE_BYTES 76
/* RFC 5322 allows 998 in a line; a longer word is given up and encoded, which can be folded. */
#define WORD_BYTES 900
/* Bytes of UTF-8 in one encoded word: it fills a line together with the name of a usual field. */
#define ENCODED_BYTES 39

static bool
is_printable(const char *text)
{
    gsize word = 0;
    for (const char *p = text; *p; p++) {
        word = *p == ' ' ? 0 : word + 1;
        if (*p < ' ' || *p > '~' || word > WORD_BYTES)
            return false;
    }
    return true;
}

/* All of the text as encoded words. */
static char *
encode_whole(const char *text)
{
    GString *out = g_string_new(NULL);
    gsize len = strlen(text);
    while (len > 0) {
        gsize n = clean_cut(text, len, ENCODED_BYTES);
        g_autofree char *base64 = g_base64_encode((const guchar *)text, n);
        g_string_append_printf(out, "%s=?UTF-8?B?%s?=", out->len > 0 ? " " : "", base64);
        text += n;
        len -= n;
    }
    return g_string_free(out, FALSE);
}

/* Whether the word that begins here has to be encoded; *len_out without the space behind it. */
static bool
needs_encoding(const char *word, gsize *len_out)
{
    *len_out = strcspn(word, " ");
    g_autofree char *copy = g_strndup(word, *len_out);
    return !is_printable(copy) || strstr(copy, "=?");
}

/* Only the words that need it are encoded, each run of them together, so that a tag in the subject stays
 * readable for filters. (GMime's encoder makes words of 75 bytes, which do not fit behind the field's name.)
 */
char *
fold_text(const char *text)
{
    g_autofree char *clean = clean_line(text, 0);
    GString *out = g_string_new(NULL);
    for (const char *p = clean; *p;) {
        gsize len, run = 0;
        for (const char *q = p; *q && needs_encoding(q, &len); q += len + (q[len] == ' '))
            run = (gsize)(q - p) + len;
        bool encode = run > 0;
        if (!encode)
            run = strcspn(p, " ");
        g_autofree char *piece = g_strndup(p, run);
        g_autofree char *encoded = encode ? encode_whole(piece) : NULL;
        g_string_append(out, encode ? encoded : piece);
        p += run;
        if (*p == ' ')
            g_string_append_c(out, *p++);
    }
    return g_string_free(out, FALSE);
}

char *
fold_phrase(const char *name)
{
    g_autofree char *clean = clean_line(name, 0);
    if (!is_printable(clean) || strstr(clean, "=?"))
        return encode_whole(clean);
    if (clean[strcspn(clean, "()<>[]:;@\\,.\"")] == '\0')
        return g_steal_pointer(&clean);
    GString *quoted = g_string_new("\"");
    for (const char *p = clean; *p; p++) {
        if (*p == '"' || *p == '\\')
            g_string_append_c(quoted, '\\');
        g_string_append_c(quoted, *p);
    }
    g_string_append_c(quoted, '"');
    return g_string_free(quoted, FALSE);
}

char *
fold_file_name(const char *name)
{
    g_autofree char *clean = clean_filename(name);
    GString *out = g_string_new("filename=\"");
    bool is_whole = true;
    for (const char *p = clean; *p; p += g_utf8_skip[(guchar)*p]) {
        bool plain = *p >= ' ' && *p <= '~' && *p != '"' && *p != '\\' && *p != '%' && *p != '=';
        g_string_append_c(out, plain ? *p : '_');
        is_whole = is_whole && plain;
    }
    g_string_append_c(out, '"');
    if (!is_whole) {
        g_autofree char *escaped = g_uri_escape_string(clean, NULL, FALSE);
        g_string_append_printf(out, ";\r\n filename*=UTF-8''%s", escaped);
    }
    return g_string_free(out, FALSE);
}

void
fold_field(GString *out, const char *field, const char *value)
{
    g_autofree char *text = is_printable(value) ? g_strdup(value) : fold_text(value);
    gsize line = strlen(field) + 1;
    g_string_append_printf(out, "%s:", field);
    for (const char *p = text + strspn(text, " "); *p; p += strspn(p, " ")) {
        gsize word = strcspn(p, " ");
        if (line + 1 + word > LINE_BYTES && line > strlen(field) + 1) {
            g_string_append(out, "\r\n");
            line = 0;
        }
        g_string_append_c(out, ' ');
        g_string_append_len(out, p, (gssize)word);
        line += 1 + word;
        p += word;
    }
    /* a field without a value still has its space */
    g_string_append(out, *text ? "\r\n" : " \r\n");
}
