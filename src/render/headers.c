/* headers.c - every field of a letter as mail.md section 1 has it. Does not write bodies, does not encode:
 * mime_compose turns the fields into bytes. What goes in is cleaned here all the same, so that no test of
 * what a letter says depends on how it is written (attacks.md H01). */
#include "parts.h"

#include <cardpost/caps.h>
#include <cardpost/clean.h>
#include <cardpost/error.h>

#include <string.h>

#define REFERENCES_MAX 20
/* RFC 2047: an encoded word has at most 75 characters; 45 bytes make 60 of base64. */
#define WORD_BYTES 45

/* letter.reply_mode, in the order of enum config_reply_mode. */
enum reply_mode { REPLY_PLUS, REPLY_CATCHALL, REPLY_DEDICATED };

static bool
is_about_card(const struct letter *letter)
{
    return letter->card > 0 && letter->kind != LETTER_STRANGER_RECEIPT;
}

char *
headers_card_tag(const struct letter *letter)
{
    if (!is_about_card(letter))
        return NULL;
    return g_strdup_printf("%s-%" G_GINT64_FORMAT, letter->instance, letter->card);
}

/* tasks+r.TOKEN@dom, r.TOKEN@dom or tasks@dom; purpose is 'r' or 'u'. */
static char *
token_address(const struct letter *letter, char purpose, const char *token, GError **error)
{
    const char *at = letter->instance_address ? strrchr(letter->instance_address, '@') : NULL;
    g_autofree char *address = NULL;
    if (!at || !token || letter->reply_mode == REPLY_DEDICATED)
        address = g_strdup(letter->instance_address);
    else if (letter->reply_mode == REPLY_CATCHALL)
        address = g_strdup_printf("%c.%s%s", purpose, token, at);
    else
        address = g_strdup_printf("%.*s+%c.%s%s", (int)(at - letter->instance_address),
                                  letter->instance_address, purpose, token, at);
    if (clean_is_address(address))
        return g_steal_pointer(&address);
    g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_INVALID, "no reply address can be made from %s",
                letter->instance_address ? letter->instance_address : "no team address");
    return NULL;
}

char *
headers_reply_address(const struct letter *letter, GError **error)
{
    bool has_token = letter->kind != LETTER_STRANGER_RECEIPT;
    return token_address(letter, 'r', has_token ? letter->reply_token : NULL, error);
}

static bool
fill_reply_to(struct outmail *mail, const struct letter *letter, GError **error)
{
    g_autofree char *address = headers_reply_address(letter, error);
    if (!address)
        return false;
    if (letter->kind == LETTER_STRANGER_RECEIPT || (letter->card <= 0 && !letter->reply_token))
        return true; /* From is where an answer goes anyway */
    mail->reply_to_address = g_steal_pointer(&address);
    mail->reply_to_name = headers_card_tag(letter);
    if (!mail->reply_to_name)
        mail->reply_to_name = g_strdup(letter->instance);
    return true;
}

/* Whether the letter speaks for its actor. Somebody unproven (held) gets no voice of ours. */
static bool
has_actor(const struct letter *letter)
{
    switch (letter->kind) {
    case LETTER_ASSIGNED:
    case LETTER_COMMENT:
        return letter->actor_name && *letter->actor_name;
    case LETTER_RECEIPT:
    case LETTER_STRANGER_RECEIPT:
    case LETTER_HELD:
    case LETTER_REFUSED:
    case LETTER_ADMIN:
        return false;
    }
    return false;
}

static bool
fill_from(struct outmail *mail, const struct render *render, const struct letter *letter,
          const char *language, GError **error)
{
    bool has_board =
        letter->board_name && letter->kind != LETTER_STRANGER_RECEIPT && letter->kind != LETTER_ADMIN;
    g_autofree char *board = clean_line(has_board ? letter->board_name : letter->instance, CAP_NAME_BYTES);
    mail->from_address = g_strdup(letter->instance_address);
    if (!has_actor(letter)) {
        mail->from_name = g_steal_pointer(&board);
        return true;
    }
    g_autofree char *actor = clean_line(letter->actor_name, CAP_NAME_BYTES);
    g_autoptr(view_t) view = view_new();
    view_set(view, "actor", actor);
    view_set(view, "board", board);
    g_autofree char *name = render_named(render, language, TEMPLATE_TEXT, "from", view, error);
    if (!name)
        return false;
    mail->from_name = clean_line(name, 2 * CAP_NAME_BYTES);
    return true;
}

/* Frozen for the card's life; a letter without a card says in words what it is. */
static void
fill_subject(struct outmail *mail, const struct render *render, const struct letter *letter,
             const char *language)
{
    g_autofree char *title = clean_line(letter->card_title, CAP_SUBJECT_BYTES);
    g_autofree char *tag = headers_card_tag(letter);
    if (tag) {
        mail->thread_topic = g_strdup_printf("[%s] %s", tag, title);
        mail->thread_index = letter->thread_index ? clean_line(letter->thread_index, 0) : NULL;
        mail->subject = g_strconcat(letter->is_first ? "" : "Re: ", mail->thread_topic, NULL);
        return;
    }
    g_autofree char *key = g_strconcat("subject.", render_kind_name(letter->kind), NULL);
    g_autofree char *words = render_text(render, language, key, NULL);
    bool has_title = *title && letter->kind != LETTER_STRANGER_RECEIPT;
    mail->subject = g_strdup_printf("[%s] %s", letter->instance, has_title ? title : words);
}

static bool
has_id(const GPtrArray *ids, const char *id)
{
    return g_ptr_array_find_with_equal_func((GPtrArray *)(uintptr_t)ids, id, g_str_equal, NULL);
}

/* Newest first, while there is room beside the root. */
static void
add_id(GPtrArray *newest_first, const char *raw, const char *root)
{
    g_autofree char *id = clean_message_id(raw);
    if (!id || newest_first->len >= REFERENCES_MAX - 1 || g_strcmp0(id, root) == 0 ||
        has_id(newest_first, id))
        return;
    g_ptr_array_add(newest_first, g_steal_pointer(&id));
}

static void
fill_references(struct outmail *mail, const struct letter *letter)
{
    g_autofree char *root =
        is_about_card(letter) && letter->root_id ? clean_message_id(letter->root_id) : NULL;
    g_autoptr(GPtrArray) newest_first = g_ptr_array_new_with_free_func(g_free);
    mail->in_reply_to = letter->in_reply_to ? clean_message_id(letter->in_reply_to) : NULL;
    add_id(newest_first, mail->in_reply_to, root);
    for (guint i = letter->references ? letter->references->len : 0; i > 0; i--)
        add_id(newest_first, g_ptr_array_index(letter->references, i - 1), root);
    if (root)
        g_ptr_array_add(mail->references, g_steal_pointer(&root));
    for (guint i = newest_first->len; i > 0; i--)
        g_ptr_array_add(mail->references, g_strdup(g_ptr_array_index(newest_first, i - 1)));
}

/* A phrase for a field that no library encodes for us: quoted, or RFC 2047 words of whole characters. */
static char *
phrase(const char *name)
{
    GString *out = g_string_new(NULL);
    if (g_str_is_ascii(name)) {
        g_string_append_c(out, '"');
        for (const char *p = name; *p; p++)
            g_string_append_printf(out, *p == '"' || *p == '\\' ? "\\%c" : "%c", *p);
        g_string_append_c(out, '"');
        return g_string_free(out, FALSE);
    }
    while (*name) {
        gsize len = clean_cut(name, strlen(name), WORD_BYTES);
        g_autofree char *word = g_base64_encode((const guchar *)name, len);
        g_string_append_printf(out, "%s=?UTF-8?B?%s?=", out->len > 0 ? " " : "", word);
        name += len;
    }
    return g_string_free(out, FALSE);
}

static const char *
domain_of(const char *address)
{
    const char *at = address ? strrchr(address, '@') : NULL;
    return at ? at + 1 : "localhost";
}

/* The alias in the form that List-Id and filters can hold, or NULL when none is to be shown. */
static char *
shown_alias(const struct letter *letter)
{
    if (!letter->shows_board_headers || letter->kind == LETTER_STRANGER_RECEIPT || !letter->board_alias)
        return NULL;
    g_autofree char *alias = g_ascii_strdown(letter->board_alias, -1);
    g_strcanon(alias, "abcdefghijklmnopqrstuvwxyz0123456789-", '-');
    return *alias ? g_steal_pointer(&alias) : NULL;
}

/* With a plain address the subject alone says which card; with a token the address does. */
static bool
fill_unsubscribe(struct outmail *mail, const struct letter *letter, GError **error)
{
    if (!letter->unsubscribe_token || letter->kind == LETTER_STRANGER_RECEIPT)
        return true;
    g_autofree char *address = token_address(letter, 'u', letter->unsubscribe_token, error);
    if (!address)
        return false;
    g_autofree char *tag = letter->reply_mode == REPLY_DEDICATED ? headers_card_tag(letter) : NULL;
    mail->list_unsubscribe = g_strdup_printf("<mailto:%s?subject=unsubscribe%s%s%s>", address,
                                             tag ? "%20%5B" : "", tag ? tag : "", tag ? "%5D" : "");
    return true;
}

static void
fill_list(struct outmail *mail, const struct letter *letter)
{
    g_autofree char *alias = shown_alias(letter);
    if (!alias)
        return;
    g_autofree char *name = clean_line(letter->board_name, CAP_NAME_BYTES);
    g_autofree char *quoted = phrase(name);
    mail->list_id = g_strdup_printf("%s <%s.boards.%s>", quoted, alias, domain_of(letter->instance_address));
    outmail_add_header(mail, "X-Cardpost-Board", alias);
}

static void
add_clean_header(struct outmail *mail, const char *name, const char *value)
{
    g_autofree char *clean = value ? clean_line(value, CAP_NAME_BYTES) : NULL;
    if (clean && *clean)
        outmail_add_header(mail, name, clean);
}

static const char *
auto_submitted(enum letter_kind kind)
{
    switch (kind) {
    case LETTER_RECEIPT:
    case LETTER_STRANGER_RECEIPT:
    case LETTER_REFUSED:
        return "auto-replied";
    case LETTER_ASSIGNED:
    case LETTER_COMMENT:
    case LETTER_HELD:
    case LETTER_ADMIN:
        return "auto-generated";
    }
    return "auto-generated";
}

/* X-Cardpost-Reason where the caller gives none: filters are written on these words. */
static const char *
default_reason(enum letter_kind kind)
{
    switch (kind) {
    case LETTER_RECEIPT:
    case LETTER_STRANGER_RECEIPT:
        return "receipt";
    case LETTER_ASSIGNED:
        return "assigned";
    case LETTER_COMMENT:
        return "watching";
    case LETTER_HELD:
    case LETTER_REFUSED:
    case LETTER_ADMIN:
        return render_kind_name(kind);
    }
    return render_kind_name(kind);
}

static void
fill_loop_guards(struct outmail *mail, const struct letter *letter)
{
    g_autofree char *tag = headers_card_tag(letter);
    const char *reason = letter->reason ? letter->reason : default_reason(letter->kind);
    mail->auto_submitted = g_strdup(auto_submitted(letter->kind));
    outmail_add_header(mail, "X-Auto-Response-Suppress", "DR, RN, NRN, OOF, AutoReply");
    fill_list(mail, letter);
    add_clean_header(mail, "X-Cardpost-Card", tag);
    add_clean_header(mail, "X-Cardpost-Reason", reason);
    add_clean_header(mail, "X-Cardpost-Loop", letter->loop_id);
}

bool
headers_fill(struct outmail *mail, const struct render *render, const struct letter *letter,
             const char *language, GError **error)
{
    mail->message_id = letter->message_id ? clean_message_id(letter->message_id) : NULL;
    if (!mail->message_id) {
        g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_INVALID, "a letter without a safe Message-ID");
        return false;
    }
    mail->to_address = g_strdup(letter->to_address);
    mail->to_name = letter->to_name ? clean_line(letter->to_name, CAP_NAME_BYTES) : NULL;
    mail->date_at = letter->now;
    mail->date_offset_s = time_offset_s(letter->now, letter->timezone);
    mail->language = g_strdup(language);
    fill_subject(mail, render, letter, language);
    fill_references(mail, letter);
    fill_loop_guards(mail, letter);
    return fill_from(mail, render, letter, language, error) && fill_reply_to(mail, letter, error) &&
           fill_unsubscribe(mail, letter, error);
}
