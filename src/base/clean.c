/* clean.c - cleaning of text that comes from outside. Repairs and removes; never refuses a text (the
 * functions for addresses and ids do refuse). Linear in the length. */
#include <cardpost/clean.h>

#include <cardpost/caps.h>

#include <string.h>

/* More marks than this on one character only serve to cover the lines around it. */
#define MARKS_IN_A_ROW 8

/* Bytes that are normalized at a time. */
#define PIECE_BYTES 256

/* Characters that reorder or hide text: bidi controls (CVE-2021-42574 and its kin), interlinear
 * annotation, tag characters, the byte order mark. */
static bool
is_deceptive(gunichar c)
{
    return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f ||
           c == 0x061c || (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe007f) || c == 0xfeff ||
           (c >= 0xfdd0 && c <= 0xfdef) || (c & 0xfffe) == 0xfffe;
}

static bool
is_control(gunichar c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

/* Shown, no mark, and equal in its normal form whatever stands beside it: Latin, the common punctuation, CJK
 * ideographs, kana, full-width forms. A text of these alone is not sent through the normalization, which
 * costs more than all the rest. */
static bool
is_settled(gunichar c)
{
    return (c >= 0xa0 && c < 0x300) || (c >= 0x2010 && c <= 0x2027) || (c >= 0x3001 && c <= 0x3029) ||
           (c >= 0x3041 && c <= 0x3096) || (c >= 0x30a1 && c <= 0x30fe) || (c >= 0x4e00 && c <= 0x9fff) ||
           (c >= 0xff01 && c <= 0xffee);
}

static bool
is_plain(guchar c)
{
    return (c >= 0x20 && c < 0x7f) || c == '\t' || c == '\n';
}

/* ASCII at the start that stays as it is. */
static gsize
plain_length(const char *text, gsize len)
{
    gsize n = 0;
    while (n < len && is_plain((guchar)text[n]))
        n++;
    return n;
}

static bool
is_normal(const char *valid, gsize len)
{
    for (const char *p = valid, *end = valid + len; p < end; p += g_utf8_skip[*(const guchar *)p])
        if (!is_plain((guchar)*p) && *p != '\r' && !is_settled(g_utf8_get_char(p)))
            return false;
    return true;
}

/* Whether no character before this one changes with it: none but marks and the vowels and ends of Hangul are
 * composed with what stands before them. The piece before it is normalized for itself. */
static bool
begins_piece(const char *p)
{
    gunichar c = g_utf8_get_char(p);
    return !g_unichar_ismark(c) && (c < 0x1160 || c > 0x11ff);
}

/* The first piece of the text: at least PIECE_BYTES if there are as many, and not much more. */
static gsize
piece_length(const char *valid)
{
    const char *p = valid;
    while (*p && (p < valid + PIECE_BYTES || (!begins_piece(p) && p < valid + 4 * PIECE_BYTES)))
        p += g_utf8_skip[*(const guchar *)p];
    return (gsize)(p - valid);
}

/* NFC, in pieces: GLib moves all the rest of its text at each character that it composes (2.74, measured: 1
 * MB of Korean took 7 s). */
static char *
compose(const char *valid)
{
    GString *out = g_string_sized_new(strlen(valid));
    for (gsize len; (len = piece_length(valid)) > 0; valid += len) {
        g_autofree char *composed =
            is_normal(valid, len) ? NULL : g_utf8_normalize(valid, (gssize)len, G_NORMALIZE_NFC);
        if (composed)
            g_string_append(out, composed);
        else
            g_string_append_len(out, valid, (gssize)len);
    }
    return g_string_free(out, FALSE);
}

static bool
is_mark(gunichar c)
{
    if (is_settled(c) || c < 0x80)
        return false;
    GUnicodeType type = g_unichar_type(c);
    return type == G_UNICODE_NON_SPACING_MARK || type == G_UNICODE_ENCLOSING_MARK;
}

gsize
clean_cut(const char *text, gsize len, gsize max_bytes)
{
    if (len <= max_bytes)
        return len;
    gsize cut = max_bytes;
    while (cut > 0 && ((guchar)text[cut] & 0xc0) == 0x80)
        cut--;
    return cut;
}

/* Cuts in place, on a character. */
static char *
cut_to(char *text, gsize max_bytes)
{
    if (max_bytes > 0)
        text[clean_cut(text, strlen(text), max_bytes)] = '\0';
    return text;
}

/* One character of valid UTF-8 into out, if it may stay; marks counts combining marks in a row. */
static void
keep_character(GString *out, gunichar c, guint *marks)
{
    if (c == 0x2028 || c == 0x2029 || c == 0x85)
        c = '\n';
    if ((is_control(c) && c != '\t' && c != '\n') || is_deceptive(c))
        return;
    *marks = is_mark(c) ? *marks + 1 : 0;
    if (*marks <= MARKS_IN_A_ROW)
        g_string_append_unichar(out, c);
}

char *
clean_text(const char *text, gsize len, gsize max_bytes)
{
    if (!text)
        return g_strdup("");
    /* Not far beyond what can be kept: a cut before the work, so that 1 GB is not cleaned for 1 KB. */
    if (max_bytes > 0 && len > max_bytes * 4 + 64)
        len = clean_cut(text, len, max_bytes * 4 + 64);
    if (plain_length(text, len) == len)
        return cut_to(g_strndup(text, len), max_bytes);
    g_autofree char *valid = g_utf8_make_valid(text, (gssize)len);
    g_autofree char *composed = compose(valid);
    const char *p = composed;
    GString *out = g_string_sized_new(strlen(p));
    const char *end = p + strlen(p);
    guint marks = 0;
    while (p < end) {
        gsize plain = plain_length(p, (gsize)(end - p));
        g_string_append_len(out, p, (gssize)plain);
        marks = plain > 0 ? 0 : marks;
        p += plain;
        if (*p == '\r' && p[1] != '\n')
            g_string_append_c(out, '\n');
        else if (p < end && *p != '\r')
            keep_character(out, g_utf8_get_char(p), &marks);
        p += p < end ? g_utf8_skip[*(const guchar *)p] : 0;
    }
    return cut_to(g_string_free(out, FALSE), max_bytes);
}

/* White space and everything that looks like none at all. */
static bool
is_blank(gunichar c)
{
    return g_unichar_isspace(c) || c == 0x3000;
}

static bool
is_zero_width(gunichar c)
{
    return (c >= 0x200b && c <= 0x200d) || c == 0x2060 || c == 0x00ad;
}

char *
clean_line(const char *text, gsize max_bytes)
{
    g_autofree char *clean = clean_text(text, text ? strlen(text) : 0, max_bytes ? max_bytes * 2 : 0);
    GString *out = g_string_new(NULL);
    bool space = false;
    for (const char *p = clean; *p; p = g_utf8_find_next_char(p, NULL)) {
        gunichar c = g_utf8_get_char(p);
        if (is_blank(c)) {
            space = out->len > 0;
            continue;
        }
        /* A joiner between letters belongs to scripts and emoji; at a word's edge it only hides. */
        if (is_zero_width(c) && c != 0x200c && c != 0x200d)
            continue;
        if (space)
            g_string_append_c(out, ' ');
        space = false;
        g_string_append_unichar(out, c);
    }
    char *line = cut_to(g_string_free(out, FALSE), max_bytes);
    return g_strchomp(line);
}

/* Names that Windows takes for devices, with or without an extension. */
static bool
is_device_name(const char *name)
{
    static const char *const devices[] = {"con", "prn", "aux", "nul", "com", "lpt"};
    gsize stem = strcspn(name, ".");
    for (guint i = 0; i < G_N_ELEMENTS(devices); i++) {
        gsize len = strlen(devices[i]);
        if (g_ascii_strncasecmp(name, devices[i], len) != 0)
            continue;
        if (i < 4 && stem == len)
            return true;
        if (i >= 4 && stem == len + 1 && g_ascii_isdigit(name[len]))
            return true;
    }
    return false;
}

/* The name cut to CAP_FILENAME_BYTES, its extension kept. */
static char *
cut_filename(const char *name)
{
    gsize len = strlen(name);
    if (len <= CAP_FILENAME_BYTES)
        return g_strdup(name);
    const char *dot = strrchr(name, '.');
    gsize extension = dot && strlen(dot) <= 16 ? strlen(dot) : 0;
    gsize stem = clean_cut(name, len - extension, CAP_FILENAME_BYTES - extension);
    return g_strdup_printf("%.*s%s", (int)stem, name, extension ? dot : "");
}

char *
clean_filename(const char *name)
{
    g_autofree char *line = clean_line(name, 0);
    for (char *p = line; *p; p++)
        if (strchr("/\\<>:\"|?*", *p))
            *p = '_';
    GString *out = g_string_new(NULL);
    for (const char *p = line; *p; p = g_utf8_find_next_char(p, NULL))
        if (!is_zero_width(g_utf8_get_char(p)))
            g_string_append_unichar(out, g_utf8_get_char(p));
    const char *start = out->str + strspn(out->str, ".- _");
    gsize len = strlen(start);
    while (len > 0 && strchr(". ", start[len - 1]))
        len--;
    g_autofree char *trimmed = g_strndup(start, len);
    g_string_free(out, TRUE);
    if (*trimmed == '\0')
        return g_strdup("attachment");
    g_autofree char *cut = cut_filename(trimmed);
    return is_device_name(cut) ? g_strconcat("_", cut, NULL) : g_steal_pointer(&cut);
}

/* RFC 5322 section 3.2.3 */
static bool
is_atext(char c)
{
    return g_ascii_isalnum(c) || (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

static bool
is_local_part(const char *local, gsize len)
{
    if (len == 0 || len > CAP_LOCAL_PART_BYTES || local[0] == '-' || local[0] == '.' || local[len - 1] == '.')
        return false;
    for (gsize i = 0; i < len; i++)
        if (!is_atext(local[i]) && !(local[i] == '.' && local[i - 1] != '.'))
            return false;
    return true;
}

static bool
is_domain(const char *domain)
{
    gsize label = 0;
    const char *p = domain;
    for (; *p; p++) {
        if (*p == '.') {
            if (label == 0 || p[-1] == '-')
                return false;
            label = 0;
            continue;
        }
        if (!g_ascii_isalnum(*p) && !(*p == '-' && label > 0))
            return false;
        if (++label > 63)
            return false;
    }
    /* one trailing dot (the root) is the same domain */
    return p > domain && (label > 0 ? p[-1] != '-' : p - domain > 1);
}

bool
clean_is_address(const char *address)
{
    const char *at = address ? strchr(address, '@') : NULL;
    return at && strlen(address) <= CAP_ADDRESS_BYTES && is_local_part(address, (gsize)(at - address)) &&
           is_domain(at + 1);
}

char *
clean_address_fold(const char *address)
{
    if (!clean_is_address(address))
        return NULL;
    char *folded = g_ascii_strdown(address, -1);
    gsize len = strlen(folded);
    if (folded[len - 1] == '.')
        folded[len - 1] = '\0';
    return folded;
}

/* Normalized once more at the end: folding takes some letters apart (\u0390). */
char *
clean_fold(const char *text, gssize len)
{
    /* before: g_utf8_normalize runs beyond the end of text that is cut within a character (measured) */
    bool valid = text && g_utf8_validate(text, len, NULL);
    g_autofree char *plain = valid ? g_utf8_normalize(text, len, G_NORMALIZE_NFKC) : NULL;
    g_autofree char *folded = plain ? g_utf8_casefold(plain, -1) : g_strdup("");
    return g_utf8_normalize(folded, -1, G_NORMALIZE_NFKC);
}

char *
clean_message_id(const char *id)
{
    if (!id)
        return NULL;
    while (*id == ' ' || *id == '\t' || *id == '\r' || *id == '\n')
        id++;
    gsize len = strlen(id);
    while (len > 0 && strchr(" \t\r\n", id[len - 1]))
        len--;
    if (len >= 2 && id[0] == '<' && id[len - 1] == '>') {
        id++;
        len -= 2;
    }
    if (len == 0 || len > CAP_MESSAGE_ID_BYTES)
        return NULL;
    for (gsize i = 0; i < len; i++)
        if (id[i] <= ' ' || id[i] == '<' || id[i] == '>' || (guchar)id[i] >= 0x7f)
            return NULL;
    return g_strndup(id, len);
}
