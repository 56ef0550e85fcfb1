/* contact.c - see contact.h. Names are told by their capitals, contact lines by their labels (wording.h) and
 * by how numbers, addresses and links look. */
#include "contact.h"

#include "lines.h"
#include "wording.h"

#include <string.h>

#define NAME_WORDS   4
#define PHONE_DIGITS 7

const char *
contact_word_end(const char *p)
{
    while (*p && !g_unichar_isspace(g_utf8_get_char(p)))
        p = utf8_next(p);
    return p;
}

const char *
contact_skip_space(const char *p)
{
    while (*p && g_unichar_isspace(g_utf8_get_char(p)))
        p = utf8_next(p);
    return p;
}

guint
contact_count_words(const char *text)
{
    guint words = 0;
    for (const char *p = contact_skip_space(text); *p; p = contact_skip_space(contact_word_end(p)))
        words++;
    return words;
}

/* --- names */

/* "von", "de la", "bin": written small within a name. */
static bool
is_particle(const char *word, const char *end)
{
    static const char *const particles[] = {"von", "van", "de", "der", "den", "di", "da",  "la",
                                            "le",  "del", "du", "bin", "al",  "zu", "dos", "the"};
    for (guint i = 0; i < G_N_ELEMENTS(particles); i++)
        if ((gsize)(end - word) == strlen(particles[i]) &&
            strncmp(word, particles[i], (gsize)(end - word)) == 0)
            return true;
    return false;
}

static bool
is_name_char(gunichar c)
{
    return g_unichar_isalpha(c) || g_unichar_ismark(c) || g_unichar_isspace(c) || c == '.' || c == '\'' ||
           c == '-' || c == 0x2019 || c == 0xb7;
}

/* "i.A. Anna Schmidt", "홍길동 드림": the name alone. */
static char *
bare_name(const char *text)
{
    for (const char *const *before = wording_signed_for; *before; before++)
        if (g_str_has_prefix(text, *before))
            return g_strdup(text + strlen(*before));
    for (const char *const *behind = wording_signed_by; *behind; behind++)
        if (g_str_has_suffix(text, *behind))
            return g_strndup(text, strlen(text) - strlen(*behind));
    return g_strdup(text);
}

bool
contact_is_name(const char *whole)
{
    g_autofree char *text = bare_name(whole);
    glong chars = g_utf8_strlen(text, -1);
    bool wide = g_unichar_iswide(g_utf8_get_char(text));
    if (chars == 0 || chars > CONTACT_NAME_CHARS || (wide && (chars < 2 || chars > NAME_WORDS)))
        return false;
    for (const char *p = text; *p; p = utf8_next(p))
        if (!is_name_char(g_utf8_get_char(p)) || g_unichar_iswide(g_utf8_get_char(p)) != wide)
            return false;
    if (wide)
        return true;
    guint words = 0;
    for (const char *p = text, *end; *p; p = contact_skip_space(end), words++) {
        end = contact_word_end(p);
        gunichar first = g_utf8_get_char(p);
        /* scripts without capitals: nothing tells a name from a sentence */
        if (!g_unichar_isupper(first) && !(p > text && is_particle(p, end)))
            return false;
    }
    return words <= NAME_WORDS;
}

/* --- contact lines; lower case */

static gsize
count_digits(const char *text)
{
    gsize digits = 0;
    for (; *text; text++)
        digits += g_ascii_isdigit(*text) != 0;
    return digits;
}

static bool
has_mail_address(const char *text)
{
    const char *at = strchr(text, '@');
    return at && at > text && g_ascii_isalnum(at[-1]) && g_ascii_isalnum(at[1]) && strchr(at, '.');
}

/* Whether a value is one that this label stands before. */
static bool
fits(enum contact_kind kind, const char *value, bool colon)
{
    switch (kind) {
    case CONTACT_PHONE:
    case CONTACT_FAX:
        return count_digits(value) >= PHONE_DIGITS && contact_count_words(value) <= 8;
    case CONTACT_MAIL:
        return has_mail_address(value) && contact_count_words(value) <= 2;
    case CONTACT_WEB:
        return strchr(value, '.') && contact_count_words(value) <= 2;
    case CONTACT_REGISTER:
        return count_digits(value) >= 4;
    case CONTACT_PLACE:
    case CONTACT_CHAT:
        return colon && *value != '\0';
    case CONTACT_NONE:
    case CONTACT_POST:
    case CONTACT_LOGO:
        return false;
    }
    return false;
}

/* "Tel. +49 30 …", "电话：138…". */
static guint
labelled_kind(const char *piece)
{
    for (const struct wording_contact *row = wording_contacts; row->label; row++) {
        gsize len = strlen(row->label);
        if (strncmp(piece, row->label, len) != 0)
            continue;
        const char *value = piece + len + strspn(piece + len, " \t.*");
        bool blank = value > piece + len, colon = *value == ':' || g_str_has_prefix(value, "：");
        if (colon)
            value = utf8_next(value);
        if ((colon || (blank && len > 1)) && fits(row->kind, value + strspn(value, " \t*"), colon))
            return row->kind;
    }
    return 0;
}

/* "+49 30 1234567", "(030) 123-45-67", but not "2026-11-03". */
static bool
is_phone(const char *piece)
{
    const char *plus = strchr(piece, '+');
    if (plus && g_ascii_isdigit(plus[1]) && contact_count_words(piece) <= 8)
        return count_digits(plus) > PHONE_DIGITS;
    return piece[strspn(piece, "0123456789 ()-./")] == '\0' && count_digits(piece) > PHONE_DIGITS &&
           strchr("0(1", *piece);
}

static bool
is_web(const char *piece)
{
    bool begins = g_str_has_prefix(piece, "www.") || g_str_has_prefix(piece, "http://") ||
                  g_str_has_prefix(piece, "https://");
    return begins && contact_count_words(piece) <= 2;
}

bool
contact_is_logo(const char *piece)
{
    bool image = strstr(piece, "[image") || strstr(piece, "![") || strstr(piece, "[cid:");
    return image && (strstr(piece, "logo") || strstr(piece, "signature"));
}

/* Whether a word of the table stands in the text, by itself where the script has blanks. */
static bool
has_post(const char *text)
{
    for (const char *const *post = wording_posts; *post; post++) {
        gsize len = strlen(*post);
        bool wide = g_unichar_iswide(g_utf8_get_char(*post));
        for (const char *p = strstr(text, *post); p; p = strstr(p + len, *post)) {
            bool before = p > text && g_unichar_isalnum(g_utf8_get_char(g_utf8_prev_char(p)));
            if (wide || (!before && !g_unichar_isalnum(g_utf8_get_char(p + len))))
                return true;
        }
    }
    return false;
}

guint
contact_kinds(const char *bare)
{
    guint kinds = 0;
    g_autofree char *lower = lower_plain(bare, -1);
    g_auto(GStrv) pieces = g_strsplit_set(lower, "|\t", -1);
    for (guint i = 0; pieces[i]; i++) {
        char *piece = g_strstrip(pieces[i] + strspn(pieces[i], "* "));
        if (*piece == '\0')
            continue;
        kinds |= labelled_kind(piece);
        kinds |= is_phone(piece) ? CONTACT_PHONE : 0u;
        kinds |= has_mail_address(piece) && contact_count_words(piece) <= 2 ? CONTACT_MAIL : 0u;
        kinds |= is_web(piece) ? CONTACT_WEB : 0u;
        kinds |= contact_is_logo(piece) ? CONTACT_LOGO : 0u;
    }
    bool titled = *bare && !g_unichar_islower(g_utf8_get_char(bare));
    if (titled && contact_count_words(bare) <= 7 && has_post(lower))
        kinds |= CONTACT_POST;
    return kinds;
}
