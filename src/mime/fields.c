/* fields.c - reads the header fields of a mail. Does not read bodies and proves no sender. */
#include "fields.h"

#include "addresses.h"
#include "transfer.h"
#include "tree.h"
#include "words.h"

#include <cardpost/caps.h>
#include <cardpost/clean.h>

#include <gmime/gmime.h>
#include <string.h>

/* Outlook's card of a conversation: a mark, five bytes of time and sixteen of our signature. */
#define THREAD_INDEX_BYTES 22
/* A date behind this (the year 2100) is impossible, and so is a zone farther from Greenwich than this. */
#define LATEST_DATE   INT64_C(4102444800)
#define FARTHEST_ZONE 14

struct reader {
    const struct header_block *block;
    const char *charset;
    struct mail *mail;
};

static void
note(struct mail *mail, const char *problem)
{
    g_ptr_array_add(mail->problems, g_strdup(problem));
}

static char *
read_subject(const struct reader *reader)
{
    g_autofree char *value = field_text(reader->block, "Subject", 0);
    g_autofree char *decoded = value ? words_decode(value, reader->charset) : NULL;
    /* twice: a run of thousands of spaces must not use up the bytes that are kept */
    g_autofree char *line = clean_line(decoded, 0);
    return clean_line(line, CAP_SUBJECT_BYTES);
}

/* The next id of a list, between brackets or a bare word, white space that folding put into it removed;
 * *at behind it, NULL at the end. What is no id comes as "". */
static char *
next_id(const char **at)
{
    const char *p = *at + strspn(*at, " \t\r\n,;\"");
    if (*p == '\0')
        return NULL;
    gsize len = *p == '<' ? strcspn(p, ">") : strcspn(p, " \t\r\n,;<\"");
    bool has_brackets = *p == '<' && p[len] == '>';
    bool is_id = has_brackets || memchr(p, '@', len);
    *at = p + len + has_brackets;
    GString *id = g_string_new(NULL);
    for (gsize i = *p == '<'; is_id && i < len; i++)
        if (!g_ascii_isspace(p[i]))
            g_string_append_c(id, p[i]);
    return g_string_free(id, FALSE);
}

/* All ids of the fields of this name; of more than CAP_REFERENCES the first and the last halves. */
static void
read_ids(const struct reader *reader, const char *name, GPtrArray *ids)
{
    const guint half = CAP_REFERENCES / 2;
    g_autofree char *value = NULL;
    for (guint n = 0; (value = field_text(reader->block, name, n)); n++) {
        const char *at = value;
        char *word;
        while ((word = next_id(&at))) {
            char *id = clean_message_id(word);
            g_free(word);
            if (id && ids->len >= CAP_REFERENCES)
                g_ptr_array_remove_index(ids, half);
            if (id)
                g_ptr_array_add(ids, id);
        }
        g_clear_pointer(&value, g_free);
    }
}

static char *
read_message_id(const struct reader *reader)
{
    guint n = header_count(reader->block, "Message-ID");
    g_autofree char *value = field_text(reader->block, "Message-ID", 0);
    if (n > 1)
        note(reader->mail, "more than one Message-ID, the first counts");
    if (!value)
        return NULL;
    const char *at = value;
    char *id = clean_message_id(value), *word;
    while (!id && (word = next_id(&at))) {
        id = clean_message_id(word);
        g_free(word);
    }
    if (!id)
        note(reader->mail, "the Message-ID is none");
    return id;
}

static char *
read_thread_index(const struct reader *reader)
{
    g_autofree char *value = header_first(reader->block, "Thread-Index");
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    if (!value || strlen(value) > CAP_HEADER_BYTES / 16)
        return NULL;
    transfer_base64(bytes, value, strlen(value));
    return bytes->len >= THREAD_INDEX_BYTES ? g_base64_encode(bytes->data, THREAD_INDEX_BYTES) : NULL;
}

/* GMime takes zones of a hundred hours for true. */
static bool
has_possible_zone(const char *value)
{
    const char *sign = strrchr(value, '+');
    if (!sign)
        sign = strrchr(value, '-');
    if (!sign || !g_ascii_isdigit(sign[1]) || !g_ascii_isdigit(sign[2]) || !g_ascii_isdigit(sign[3]))
        return true;
    return (sign[1] - '0') * 10 + (sign[2] - '0') <= FARTHEST_ZONE;
}

static int64_t
read_date(const struct reader *reader)
{
    g_autofree char *value = field_text(reader->block, "Date", 0);
    if (!value)
        return 0;
    bool is_short = strlen(value) < 200;
    g_autoptr(GDateTime) date = is_short ? g_mime_utils_header_decode_date(value) : NULL;
    int64_t at = date ? g_date_time_to_unix(date) : 0;
    if (at > 0 && at < LATEST_DATE && has_possible_zone(value))
        return at;
    note(reader->mail, "the Date is impossible");
    return 0;
}

static bool
read_addresses(const struct reader *reader, const char *name, GPtrArray *addresses, GError **error)
{
    g_autofree char *value = NULL;
    bool cut = false;
    for (guint n = 0; addresses->len < CAP_ADDRESSES && (value = field_text(reader->block, name, n)); n++) {
        if (!addresses_read(value, reader->charset, addresses, &cut, error)) {
            g_prefix_error(error, "%s: ", name);
            return false;
        }
        g_clear_pointer(&value, g_free);
    }
    if (cut)
        note(reader->mail, "more addresses than are read");
    return true;
}

/* `Name name@host`, without brackets, with more than an address in them, or all in one encoded word: shown as
 * what it was meant to be, for it proves nothing anyway. What is no clean address counts only where there is
 * none. */
static void
guess_from(const struct reader *reader)
{
    g_autofree char *value = field_text(reader->block, "From", 0);
    g_autofree char *text = words_decode(value ? value : "", reader->charset);
    g_auto(GStrv) words = g_strsplit_set(text, " \t\r\n<>", 100);
    char **address = &reader->mail->from.address;
    const char *found = *address;
    for (guint i = 0; words[i]; i++) {
        const char *at = strchr(words[i], '@');
        bool is_clean = clean_is_address(words[i]);
        if (is_clean || (!strchr(found, '@') && at && at > words[i] && g_ascii_isalnum(at[1])))
            found = words[i];
        if (is_clean)
            break;
    }
    char *folded = clean_address_fold(found);
    char *shown = folded ? folded : clean_line(found, CAP_ADDRESS_BYTES * 2);
    g_free(*address);
    *address = shown;
}

static bool
read_from(const struct reader *reader, GError **error)
{
    g_autoptr(GPtrArray) from = g_ptr_array_new_with_free_func((GDestroyNotify)mail_address_free);
    if (!read_addresses(reader, "From", from, error))
        return false;
    if (from->len == 0)
        note(reader->mail, "no From");
    const struct mail_address *first = from->len > 0 ? from->pdata[0] : NULL;
    reader->mail->from.name = g_strdup(first ? first->name : "");
    reader->mail->from.address = g_strdup(first ? first->address : "");
    if (!clean_is_address(reader->mail->from.address))
        guess_from(reader);
    return true;
}

/* The addresses that delivery agents write: one a field, with or without brackets. */
static void
read_delivered_to(const struct reader *reader)
{
    static const char *const names[] = {"Delivered-To", "X-Original-To", "Envelope-To"};
    GPtrArray *found = reader->mail->delivered_to;
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *value = NULL;
        for (guint n = 0; found->len < CAP_ADDRESSES && (value = field_text(reader->block, names[i], n));
             n++) {
            gsize len = strlen(value);
            bool has_brackets = len > 2 && value[0] == '<' && value[len - 1] == '>';
            g_autofree char *bare = g_strndup(value + has_brackets, len - 2 * has_brackets);
            char *address = clean_address_fold(bare);
            if (address && !g_ptr_array_find_with_equal_func(found, address, g_str_equal, NULL))
                g_ptr_array_add(found, address);
            else
                g_free(address);
            g_clear_pointer(&value, g_free);
        }
    }
}

bool
fields_read(const struct header_block *block, const char *charset, struct mail *mail, GError **error)
{
    struct reader reader = {.block = block, .charset = charset, .mail = mail};
    mail->subject = read_subject(&reader);
    mail->message_id = read_message_id(&reader);
    read_ids(&reader, "In-Reply-To", mail->in_reply_to);
    read_ids(&reader, "References", mail->references);
    mail->thread_index = read_thread_index(&reader);
    mail->date_at = read_date(&reader);
    read_delivered_to(&reader);
    return read_from(&reader, error) && read_addresses(&reader, "To", mail->to, error) &&
           read_addresses(&reader, "Cc", mail->cc, error);
}
