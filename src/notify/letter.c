/* letter.c - one due notice as a letter: what this recipient may read of it now, and the ids and addresses
 * around it. Rights are asked here, at the moment of rendering, and nowhere later. */
#include "notify.h"

#include <cardpost/caps.h>
#include <cardpost/clean.h>
#include <cardpost/engine.h>
#include <cardpost/log.h>
#include <cardpost/mime.h>
#include <cardpost/signed_id.h>

/* base64 and the texts around the files */
#define SHARE_OF_SIZE 2 / 3

static void
destroy_comment(void *comment)
{
    comment_free(comment);
}

static void
destroy_attachment(void *attachment)
{
    attachment_free(attachment);
}

static void
destroy_notice(void *notice)
{
    notice_free(notice);
}

static bool
shows_comments(enum notice_kind kind)
{
    return kind == NOTICE_COMMENT || kind == NOTICE_ASSIGNED || kind == NOTICE_RECEIPT || kind == NOTICE_HELD;
}

/* The comment the notice is about, or for an assignment the card's description. */
static struct comment *
comment_of(struct store *store, const struct notice *notice)
{
    if (notice->comment_id)
        return comment_get(store, notice->comment_id);
    g_autoptr(GPtrArray) first = comment_list(store, notice->card_id, 1);
    return first->len > 0 ? g_ptr_array_steal_index(first, 0) : NULL;
}

/* The comment and its files, if they may be read by this person. */
static void
take_comment(struct store *store, const struct notice *notice, struct draft *draft)
{
    struct comment *comment = comment_of(store, notice);
    if (!comment || !draft->person || !engine_may_read_comment(store, draft->person, comment)) {
        comment_free(comment);
        return;
    }
    g_ptr_array_add(draft->comments, comment);
    /* a receipt does not send people's own files back to them */
    if (comment->author_id == draft->person->id)
        return;
    g_autoptr(GPtrArray) attachments = attachment_of_comment(store, comment->id);
    while (attachments->len > 0)
        g_ptr_array_add(draft->attachments, g_ptr_array_steal_index(attachments, 0));
}

static struct notice *
copy_notice(const struct notice *notice)
{
    struct notice *copy = g_memdup2(notice, sizeof *notice);
    copy->address = g_strdup(notice->address);
    copy->detail = g_strdup(notice->detail);
    return copy;
}

/* All undone comment notices of one card go in one mail. */
static void
gather(struct store *store, const struct notice *notice, struct draft *draft)
{
    if (notice->kind == NOTICE_COMMENT)
        draft->together = notice_pending(store, notice->person_id, notice->card_id, NOTICE_COMMENT);
    else {
        draft->together = g_ptr_array_new_with_free_func(destroy_notice);
        g_ptr_array_add(draft->together, copy_notice(notice));
    }
}

/* What travels along: at most CAP_NOTICE_FILES_BYTES, less where the server takes less. */
static gsize
files_budget(const struct notify *notify)
{
    int64_t limit = notify->config->outgoing.max_bytes;
    if (notify->size_limit > 0 && (limit <= 0 || notify->size_limit < limit))
        limit = notify->size_limit;
    if (limit <= 0)
        return CAP_NOTICE_FILES_BYTES;
    return MIN((gsize)limit * SHARE_OF_SIZE, (gsize)CAP_NOTICE_FILES_BYTES);
}

/* The held mail to ask about, and how many more wait. False: all were decided meanwhile. */
static bool
take_held(struct store *store, struct draft *draft)
{
    struct held held;
    if (!held_get(store, draft->notice->held_id, &held))
        return false;
    g_free(held.sender);
    draft->held_id = held_next(store, held.card_id, held.person_id);
    draft->n_held_more = held_waiting(store, held.card_id, held.person_id) - 1;
    return draft->held_id != 0;
}

bool
draft_init(struct notify *notify, const struct notice *notice, struct draft *draft_out)
{
    *draft_out = (struct draft){.notice = notice,
                                .comments = g_ptr_array_new_with_free_func(destroy_comment),
                                .attachments = g_ptr_array_new_with_free_func(destroy_attachment),
                                .files_bytes = files_budget(notify)};
    gather(notify->store, notice, draft_out);
    if (notice->person_id == 0)
        return *notice->address != '\0';
    draft_out->person = person_get(notify->store, notice->person_id);
    if (!draft_out->person || !draft_out->person->is_active || !person_address(draft_out->person))
        return false;
    if (!shows_comments(notice->kind))
        return true;
    if (!engine_may_read(notify->store, draft_out->person, notice->card_id))
        return false;
    if (notice->kind == NOTICE_HELD)
        return take_held(notify->store, draft_out);
    for (guint i = 0; i < draft_out->together->len; i++)
        take_comment(notify->store, draft_out->together->pdata[i], draft_out);
    return notice->kind != NOTICE_COMMENT || draft_out->comments->len > 0;
}

void
draft_clear(struct draft *draft)
{
    person_free(draft->person);
    g_clear_pointer(&draft->together, g_ptr_array_unref);
    g_clear_pointer(&draft->comments, g_ptr_array_unref);
    g_clear_pointer(&draft->attachments, g_ptr_array_unref);
}

bool
draft_travels(const struct draft *draft, const struct attachment *attachment, gsize *used)
{
    gsize size = (gsize)MAX(attachment->size_bytes, 0);
    if (attachment->is_inline || size > draft->files_bytes - *used)
        return false;
    *used += size;
    return true;
}

/* ---- the letter */

/* Everything a letter borrows from, freed together. */
struct letter_parts {
    struct letter letter;
    struct card *card;
    struct board *board;
    GPtrArray *strings; /* char * */
    GArray *entries;    /* struct letter_entry */
    GArray *files;      /* struct letter_file */
};

static const char *
keep(struct letter_parts *parts, char *text)
{
    g_ptr_array_add(parts->strings, text);
    return text;
}

static char *
names_of(struct store *store, const GArray *ids)
{
    GString *names = g_string_new(NULL);
    for (guint i = 0; i < ids->len; i++) {
        g_autoptr(person_t) person = person_get(store, g_array_index(ids, int64_t, i));
        if (person)
            g_string_append_printf(names, "%s%s", names->len ? ", " : "", person->name);
    }
    return g_string_free(names, FALSE);
}

static enum letter_kind
letter_kind_of(enum notice_kind kind)
{
    switch (kind) {
    case NOTICE_RECEIPT:
        return LETTER_RECEIPT;
    case NOTICE_STRANGER_RECEIPT:
        return LETTER_STRANGER_RECEIPT;
    case NOTICE_ASSIGNED:
        return LETTER_ASSIGNED;
    case NOTICE_COMMENT:
        return LETTER_COMMENT;
    case NOTICE_HELD:
        return LETTER_HELD;
    case NOTICE_REFUSED:
        return LETTER_REFUSED;
    case NOTICE_ADMIN:
        return LETTER_ADMIN;
    }
    return LETTER_ADMIN;
}

/* X-Cardpost-Reason: what this person is to the card. */
static const char *
reason_of(struct store *store, const struct draft *draft)
{
    const struct notice *notice = draft->notice;
    if (notice->kind != NOTICE_COMMENT)
        return notice->kind == NOTICE_STRANGER_RECEIPT ? "receipt" : notice_kind_name(notice->kind);
    if (card_person_has(store, notice->card_id, notice->person_id, CARD_ASSIGNEE))
        return "assigned";
    if (card_person_has(store, notice->card_id, notice->person_id, CARD_REQUESTER))
        return "requester";
    return "watching";
}

/* At most as many as there are names of zones. */
static void
hold_zone(struct notify *notify, const char *name)
{
    if (!g_hash_table_contains(notify->zones, name))
        g_hash_table_insert(notify->zones, g_strdup(name), g_time_zone_new_identifier(name));
}

static void
fill_recipient(struct notify *notify, const struct draft *draft, struct letter_parts *parts)
{
    struct letter *letter = &parts->letter;
    const struct config *config = notify->config;
    const struct person *person = draft->person;
    letter->language = person && *person->language ? person->language : config->language;
    letter->timezone = person && *person->timezone ? person->timezone : config->timezone;
    hold_zone(notify, letter->timezone);
    letter->to_name = person ? person->name : "";
    letter->to_address = person ? person_address(person) : draft->notice->address;
    letter->instance = config->name;
    letter->instance_address = config->address;
    letter->loop_id = config->address;
    letter->reply_mode = (int)((struct config_mailbox *)config->mailboxes->pdata[0])->reply_mode;
}

static void
fill_card(struct notify *notify, const struct draft *draft, struct letter_parts *parts)
{
    struct letter *letter = &parts->letter;
    parts->card =
        draft->notice->card_id && draft->person ? card_get(notify->store, draft->notice->card_id) : NULL;
    parts->board = parts->card ? board_get(notify->store, parts->card->board_id) : NULL;
    if (!parts->board)
        return;
    bool is_guest = draft->person->role == ROLE_GUEST;
    const struct column *column = board_column(parts->board, parts->card->column_id);
    letter->card = parts->card->id;
    letter->card_title = parts->card->title;
    letter->board_name = is_guest && *parts->board->public_name
                             ? parts->board->public_name
                             : board_name_in(parts->board, letter->language);
    if (is_guest)
        return;
    letter->board_alias = parts->board->alias;
    letter->shows_board_headers = true;
    letter->column_name = column ? column_name_in(column, letter->language) : NULL;
    g_autoptr(GArray) assignees = card_people(notify->store, parts->card->id, CARD_ASSIGNEE);
    g_autoptr(GArray) requesters = card_people(notify->store, parts->card->id, CARD_REQUESTER);
    letter->assignee_names = assignees->len ? keep(parts, names_of(notify->store, assignees)) : NULL;
    letter->requester_name = requesters->len ? keep(parts, names_of(notify->store, requesters)) : NULL;
}

static void
fill_ids(struct notify *notify, const struct draft *draft, struct letter_parts *parts, int64_t now)
{
    struct letter *letter = &parts->letter;
    const struct secret_key *key = store_key(notify->store);
    const char *domain = strrchr(notify->config->address, '@') + 1;
    /* of several told together the mail is about the newest: that is what an answer answers */
    const struct notice *notice = draft->together->pdata[draft->together->len - 1];
    struct signed_id id = {.notice_id = notice->id, .card_id = letter->card, .person_id = notice->person_id};
    letter->message_id = keep(parts, signed_id_make(key, &id, domain));
    letter->is_first = true;
    if (!letter->card)
        return;
    struct signed_id root = {.card_id = letter->card};
    letter->root_id = keep(parts, signed_id_make(key, &root, domain));
    letter->thread_index = keep(parts, signed_thread_index(key, letter->card, parts->card->created_at));
    char *last = notice_last_id(notify->store, notice->person_id, letter->card);
    letter->is_first = last == NULL;
    letter->in_reply_to = last ? keep(parts, last) : NULL;
    struct token token = {.purpose = notice->kind == NOTICE_HELD ? TOKEN_HELD : TOKEN_REPLY,
                          .card_id = letter->card,
                          .person_id = notice->person_id,
                          .held_id = draft->held_id};
    letter->reply_token = keep(parts, token_issue(notify->store, &token, now));
    struct token stop = {
        .purpose = TOKEN_UNSUBSCRIBE, .card_id = letter->card, .person_id = notice->person_id};
    letter->unsubscribe_token = keep(parts, token_issue(notify->store, &stop, now));
}

static void
fill_entries(struct notify *notify, const struct draft *draft, struct letter_parts *parts)
{
    for (guint i = 0; i < draft->comments->len; i++) {
        const struct comment *comment = draft->comments->pdata[i];
        g_autoptr(person_t) author =
            comment->author_id ? person_get(notify->store, comment->author_id) : NULL;
        const char *name = author                  ? author->name
                           : *comment->author_name ? comment->author_name
                                                   : comment->author_address;
        struct letter_entry entry = {.author = keep(parts, g_strdup(name)),
                                     .at = comment->at,
                                     .text = comment->text,
                                     .is_unverified = comment->is_unverified,
                                     .is_internal = comment->is_internal};
        g_array_append_val(parts->entries, entry);
        /* we lend nobody a name in From whose mail may be forged: the newest of several decides */
        if (!draft->person || comment->author_id != draft->person->id)
            parts->letter.actor_name = comment->is_unverified ? NULL : entry.author;
    }
    gsize used = 0;
    for (guint i = 0; i < draft->attachments->len; i++) {
        const struct attachment *attachment = draft->attachments->pdata[i];
        struct letter_file file = {
            .name = attachment->name, .type = attachment->type, .size_bytes = attachment->size_bytes};
        if (attachment->is_inline)
            continue;
        if (draft_travels(draft, attachment, &used))
            file.content = g_hash_table_lookup(notify->files, &attachment->id);
        g_array_append_val(parts->files, file);
    }
    parts->letter.entries = (const struct letter_entry *)(void *)parts->entries->data;
    parts->letter.n_entries = parts->entries->len;
    parts->letter.files = (const struct letter_file *)(void *)parts->files->data;
    parts->letter.n_files = parts->files->len;
}

/* What a receipt, refusal or admin mail says, in the recipient's language. */
static void
fill_notes(struct notify *notify, const struct draft *draft, struct letter_parts *parts, const char **note)
{
    const struct notice *notice = draft->notice;
    g_auto(GStrv) detail = g_strsplit(notice->detail, "\n", 3);
    const char *key = NULL, *arg = g_strv_length(detail) > 1 ? detail[1] : NULL;
    if (notice->kind == NOTICE_RECEIPT)
        key = "note.created";
    else if (notice->kind == NOTICE_REFUSED)
        key = detail[0];
    else if (notice->kind == NOTICE_ADMIN && g_str_equal(notice->detail, "quarantine")) {
        key = "admin.quarantined";
        arg = "cardpost quarantine list";
    } else if (notice->kind == NOTICE_ADMIN)
        *note = keep(parts, g_strdup(notice->detail));
    if (key)
        *note = keep(parts, render_text(notify->render, parts->letter.language, key, arg));
    if (notice->kind == NOTICE_HELD) {
        struct held held;
        if (held_get(notify->store, draft->held_id, &held))
            parts->letter.actor_name = keep(parts, held.sender);
        const char *more = keep(parts, g_strdup_printf("%" G_GINT64_FORMAT, draft->n_held_more));
        if (draft->n_held_more > 0)
            *note = keep(parts, render_text(notify->render, parts->letter.language, "note.held-more", more));
    }
    if (*note) {
        parts->letter.notes = note;
        parts->letter.n_notes = 1;
    }
}

static void
letter_parts_clear(struct letter_parts *parts)
{
    card_free(parts->card);
    board_free(parts->board);
    g_ptr_array_unref(parts->strings);
    g_array_unref(parts->entries);
    g_array_unref(parts->files);
}

/* The login where that is an address (QQ refuses any other), else our own. */
static const char *
envelope_from(const struct config *config)
{
    const char *user = config->outgoing.server.user;
    return user && clean_is_address(user) ? user : config->address;
}

static int64_t
put_into_outbox(struct notify *notify, const struct outmail *mail, int64_t now, GError **error)
{
    g_autoptr(GBytes) bytes = mime_compose(mail, error);
    if (!bytes)
        return 0;
    struct outbox row = {.created_at = now,
                         .next_at = now,
                         .envelope_from = (char *)(uintptr_t)envelope_from(notify->config),
                         .recipient = mail->to_address,
                         .message_id = mail->message_id,
                         .subject = mail->subject};
    g_autofree char *words = render_words(mail);
    sent_words_add(notify->store, mail->message_id, words, now);
    return outbox_add(notify->store, &row, bytes);
}

int64_t
draft_send(struct notify *notify, const struct draft *draft, int64_t now)
{
    struct letter_parts parts = {.strings = g_ptr_array_new_with_free_func(g_free),
                                 .entries = g_array_new(FALSE, TRUE, sizeof(struct letter_entry)),
                                 .files = g_array_new(FALSE, TRUE, sizeof(struct letter_file))};
    const char *note = NULL;
    parts.letter.kind = letter_kind_of(draft->notice->kind);
    parts.letter.now = now;
    parts.letter.reason = reason_of(notify->store, draft);
    fill_recipient(notify, draft, &parts);
    fill_card(notify, draft, &parts);
    fill_ids(notify, draft, &parts, now);
    fill_entries(notify, draft, &parts);
    fill_notes(notify, draft, &parts, &note);
    g_autoptr(GError) error = NULL;
    g_autoptr(outmail_t) mail = render_letter(notify->render, &parts.letter, &error);
    int64_t id = mail ? put_into_outbox(notify, mail, now, &error) : 0;
    if (id && draft->person && parts.letter.card)
        notice_set_last_id(notify->store, draft->person->id, parts.letter.card, parts.letter.message_id);
    if (error)
        log_error("notice.failed", "notice", log_int(draft->notice->id).text, "kind",
                  notice_kind_name(draft->notice->kind), "error", error->message, NULL);
    letter_parts_clear(&parts);
    return id;
}
