/* addresses.c - reads address lists with GMime's grammar. GMime decodes no charset here: encoded words are
 * hidden from it and decoded afterwards (words.h), and it is given valid UTF-8 of bounded length and depth.
 */
#include "addresses.h"

#include "words.h"

#include <cardpost/caps.h>
#include <cardpost/clean.h>
#include <cardpost/error.h>
#include <cardpost/mail.h>

#include <gmime/gmime.h>
#include <string.h>

/* Stands for the `?` of `=?` while GMime reads: a private use character, valid in any atom. */
#define HIDDEN "=\xee\x80\x80"

/* A field's outer shape, without recursion. */
struct shape {
    guint depth; /* deepest nesting of groups and comments */
    gsize cut;   /* where the field has more mailboxes than are read, or its length */
};

static struct shape
measure(const char *value)
{
    struct shape shape = {.cut = strlen(value)};
    guint comments = 0, groups = 0, commas = 0;
    bool quoted = false, angle = false;
    for (const char *p = value; *p; p++) {
        if (*p == '\\' && (quoted || comments > 0)) {
            p += p[1] != '\0';
        } else if (*p == '"' && comments == 0) {
            quoted = !quoted;
        } else if (!quoted && *p == '(') {
            comments++;
        } else if (!quoted && *p == ')') {
            comments -= comments > 0;
        } else if (!quoted && comments == 0) {
            angle = *p == '<' || (angle && *p != '>');
            groups += !angle && *p == ':';
            groups -= *p == ';' && groups > 0;
            commas += !angle && *p == ',';
        }
        shape.depth = MAX(shape.depth, MAX(comments, groups));
        if (commas > CAP_ADDRESSES && (gsize)(p - value) < shape.cut)
            shape.cut = (gsize)(p - value);
    }
    return shape;
}

static char *
replace(const char *text, const char *from, const char *to)
{
    GString *out = g_string_new(text);
    g_string_replace(out, from, to, 0);
    return g_string_free(out, FALSE);
}

/* A name or address that GMime read, decoded and cleaned. */
static char *
readable(const char *text, gsize max_bytes)
{
    g_autofree char *shown = replace(text ? text : "", HIDDEN, "=?");
    g_autofree char *decoded = words_decode(shown, NULL);
    return clean_line(decoded, max_bytes);
}

static void
add_mailbox(InternetAddress *mailbox, GPtrArray *addresses)
{
    const char *address = internet_address_mailbox_get_addr((InternetAddressMailbox *)mailbox);
    g_autofree char *name = readable(internet_address_get_name(mailbox), CAP_NAME_BYTES);
    g_autofree char *folded = clean_address_fold(address);
    g_autofree char *shown = folded ? g_strdup(folded) : readable(address, CAP_ADDRESS_BYTES * 2);
    if (*shown || *name)
        g_ptr_array_add(addresses, mail_address_new(name, shown));
}

/* Depth-first; the depth is bounded by measure(). */
static bool
add_list(InternetAddressList *list, GPtrArray *addresses)
{
    int n = internet_address_list_length(list);
    for (int i = 0; i < n; i++) {
        InternetAddress *address = internet_address_list_get_address(list, i);
        if (addresses->len >= CAP_ADDRESSES)
            return false;
        if (INTERNET_ADDRESS_IS_MAILBOX(address))
            add_mailbox(address, addresses);
        else if (!add_list(internet_address_group_get_members((InternetAddressGroup *)address), addresses))
            return false;
    }
    return true;
}

bool
addresses_read(const char *value, const char *charset, GPtrArray *addresses, bool *cut_out, GError **error)
{
    g_autofree char *text = words_from_8bit(value, charset);
    struct shape shape = measure(text);
    if (shape.depth > CAP_MIME_DEPTH) {
        g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_PERMANENT, "an address field nested %u deep",
                    shape.depth);
        return false;
    }
    *cut_out = *cut_out || text[shape.cut] != '\0';
    text[shape.cut] = '\0';
    g_autofree char *hidden = replace(text, "=?", HIDDEN);
    InternetAddressList *list = internet_address_list_parse(NULL, hidden);
    if (!list)
        return true;
    *cut_out = !add_list(list, addresses) || *cut_out;
    g_object_unref(list);
    return true;
}
