/* content.c - what a letter says, as a view for the templates: text whole, HTML within bounds.
 *
 * Words of people reach the templates as values only, so they are never read as templates, and the HTML
 * templates put in nothing unescaped: lines are a list, the templates set the <br> between them. The text
 * part is complete; the HTML part is cut where mail programs would clip it (Gmail at 102 KB). */
#include "parts.h"

#include <cardpost/caps.h>
#include <cardpost/clean.h>
#include <cardpost/error.h>
#include <cardpost/text.h>

#include <string.h>

/* Of the 100 KB an HTML part may have, in bytes as escaped. */
#define HTML_ENTRIES_BYTES 40000
#define HTML_NOTES_BYTES   10000
#define HTML_ENTRY_COST    700 /* the markup around one entry or file */
#define HTML_LINE_COST     6
#define HTML_FILES         10
#define PREVIEW_BYTES      150
#define NAMES_BYTES        600

struct content {
    const struct render *render;
    const struct letter *letter;
    const char *language;
    enum template_kind kind;
    gsize room; /* what is left of HTML_ENTRIES_BYTES */
    bool is_cut;
};

static void
set_line(struct view *view, const char *name, const char *value, gsize max_bytes)
{
    g_autofree char *line = value ? clean_line(value, max_bytes) : NULL;
    view_set(view, name, line && *line ? line : NULL);
}

static gsize
escaped_bytes(char c)
{
    return c == '&' || c == '\'' ? 5 : c == '"' ? 6 : c == '<' || c == '>' ? 4 : 1;
}

/* The longest prefix of text[0..len] that takes at most `room` bytes once escaped, on a character. */
static gsize
fit_escaped(const char *text, gsize len, gsize room)
{
    gsize used = 0;
    for (gsize i = 0; i < len; i++) {
        used += escaped_bytes(text[i]);
        if (used > room)
            return clean_cut(text, len, i);
    }
    return len;
}

static gsize
escaped_len(const char *text)
{
    gsize used = 0;
    for (; *text; text++)
        used += escaped_bytes(*text);
    return used;
}

/* HTML folds white space: what people indented or lined up stays so with no-break spaces. */
static char *
keep_spaces(const char *line, gsize len)
{
    GString *out = g_string_sized_new(len);
    for (gsize i = 0; i < len; i++) {
        bool is_folded = line[i] == ' ' && (i == 0 || line[i - 1] == ' ');
        if (line[i] == '\t')
            g_string_append(out, "\u00a0\u00a0\u00a0\u00a0");
        else if (is_folded)
            g_string_append(out, "\u00a0");
        else
            g_string_append_c(out, line[i]);
    }
    return g_string_free(out, FALSE);
}

/* Takes what one line of HTML costs off the room; false when it did not fit whole. */
static bool
add_html_line(struct content *content, struct view *view, const char *line, gsize len)
{
    g_autofree char *kept = keep_spaces(line, len);
    gsize whole = strlen(kept);
    gsize room = content->room > HTML_LINE_COST ? content->room - HTML_LINE_COST : 0;
    gsize fit = fit_escaped(kept, whole, room);
    kept[fit] = '\0';
    content->room = room - escaped_len(kept);
    if (fit > 0 || whole == 0)
        view_set(view_append(view, "lines"), "line", kept);
    return fit == whole;
}

static void
add_html_lines(struct content *content, struct view *view, const char *text)
{
    while (*text && content->room > 0) {
        gsize len = strcspn(text, "\n");
        if (!add_html_line(content, view, text, len))
            break;
        text += len;
        text += *text == '\n';
    }
    if (*text)
        content->is_cut = true;
}

static void
fill_entry(struct content *content, struct view *view, const struct letter_entry *entry)
{
    g_autofree char *time = render_time(entry->at, content->letter->timezone, content->language);
    g_autofree char *text =
        clean_text(entry->text ? entry->text : "", entry->text ? strlen(entry->text) : 0, 0);
    g_strchomp(text);
    set_line(view, "author", entry->author, CAP_NAME_BYTES);
    view_set(view, "time", time);
    view_set_bool(view, "unverified", entry->is_unverified);
    view_set_bool(view, "internal", entry->is_internal);
    if (content->kind == TEMPLATE_HTML)
        add_html_lines(content, view, text);
    else
        view_set(view, "words", text);
}

/* The newest on top, the earlier ones below it, newest first. */
static void
fill_entries(struct content *content, struct view *view)
{
    const struct letter *letter = content->letter;
    for (guint i = letter->n_entries; i > 0; i--) {
        if (content->kind == TEMPLATE_HTML && content->room <= HTML_ENTRY_COST) {
            content->is_cut = true;
            break;
        }
        bool is_newest = i == letter->n_entries;
        if (!is_newest)
            view_set_bool(view, "has_earlier", true);
        content->room -= MIN(content->room, HTML_ENTRY_COST);
        fill_entry(content, is_newest ? view_object(view, "newest") : view_append(view, "earlier"),
                   &letter->entries[i - 1]);
    }
    view_set_bool(view, "cut", content->is_cut);
}

static void
fill_files(struct content *content, struct view *view)
{
    const struct letter *letter = content->letter;
    guint shown = content->kind == TEMPLATE_HTML ? MIN(letter->n_files, HTML_FILES) : letter->n_files;
    for (guint i = 0; i < shown; i++) {
        const struct letter_file *file = &letter->files[i];
        g_autofree char *name = clean_filename(file->name);
        g_autofree char *size = words_size(content->render, content->language, file->size_bytes);
        struct view *item = view_append(view, "files");
        view_set(item, "name", name);
        view_set(item, "size", size);
        view_set_bool(item, "stays", file->content == NULL);
    }
    for (guint i = 0; i < letter->n_files; i++)
        if (!letter->files[i].content)
            view_set_bool(view, "some_stay", true);
    view_set_bool(view, "has_files", letter->n_files > 0);
    if (shown < letter->n_files)
        view_set_int(view, "more_files", letter->n_files - shown);
}

static void
fill_notes(struct content *content, struct view *view)
{
    const struct letter *letter = content->letter;
    gsize room = content->kind == TEMPLATE_HTML ? HTML_NOTES_BYTES : G_MAXSIZE;
    for (guint i = 0; i < letter->n_notes; i++) {
        g_autofree char *note = clean_line(letter->notes[i], 0);
        gsize fit = fit_escaped(note, strlen(note), room);
        if (note[fit])
            content->is_cut = true;
        note[fit] = '\0';
        room -= escaped_len(note);
        if (fit > 0)
            view_set(view_append(view, "notes"), "note", note);
    }
    view_set_bool(view, "has_notes", letter->n_notes > 0);
}

/* A mailto link of RFC 6068: an answer to this letter, with one word in it or none. */
static char *
reply_link(const char *address, const char *tag, const char *word)
{
    g_autofree char *to = g_uri_escape_string(address, "@", FALSE);
    GString *link = g_string_new("mailto:");
    g_string_append(link, to);
    if (tag)
        g_string_append_printf(link, "?subject=Re%%3A%%20%%5B%s%%5D", tag);
    if (word)
        g_string_append_printf(link, "%sbody=%s", tag ? "&" : "?", word);
    return g_string_free(link, FALSE);
}

static bool
fill_actions(const struct letter *letter, struct view *view, GError **error)
{
    g_autofree char *address = headers_reply_address(letter, error);
    if (!address)
        return false;
    g_autofree char *tag = headers_card_tag(letter);
    g_autofree char *reply = reply_link(address, tag, NULL);
    g_autofree char *approve = reply_link(address, tag, "approve");
    g_autofree char *reject = reply_link(address, tag, "reject");
    view_set(view, "reply_link", reply);
    view_set(view, "approve_link", approve);
    view_set(view, "reject_link", reject);
    view_set(view, "tag", tag);
    return true;
}

/* The facts of the card: where it stands, who has it. */
static void
fill_card(const struct letter *letter, struct view *view)
{
    set_line(view, "title", letter->card_title, CAP_SUBJECT_BYTES);
    set_line(view, "board", letter->board_name, CAP_NAME_BYTES);
    set_line(view, "column", letter->column_name, CAP_NAME_BYTES);
    set_line(view, "requester", letter->requester_name, CAP_NAME_BYTES);
    set_line(view, "assignees", letter->assignee_names, NAMES_BYTES);
    view_set_bool(view, "has_facts",
                  letter->board_name || letter->column_name || letter->requester_name ||
                      letter->assignee_names);
}

/* Who it is that did what the letter tells of; the author of a description did not assign it. */
static const char *
actor(const struct letter *letter)
{
    if (letter->actor_name && *letter->actor_name)
        return letter->actor_name;
    bool tells_of_entry = letter->kind == LETTER_COMMENT || letter->kind == LETTER_HELD;
    return tells_of_entry && letter->n_entries > 0 ? letter->entries[letter->n_entries - 1].author : NULL;
}

/* Letters that come again and can be stopped by one word; a receipt answers the reader's own mail. */
static bool
can_stop(const struct letter *letter)
{
    return letter->card > 0 && (letter->kind == LETTER_ASSIGNED || letter->kind == LETTER_COMMENT);
}

static void
fill_frame(const struct content *content, struct view *view)
{
    const struct letter *letter = content->letter;
    g_autofree char *reason = words_reason(content->render, content->language, letter);
    view_set(view, "language", content->language);
    view_set(view, "reply_line", TEXT_REPLY_LINE);
    view_set(view, "reason", reason);
    view_set(view, "instance", letter->instance);
    view_set(view, "address", letter->instance_address);
    view_set_bool(view, "can_stop", can_stop(letter));
}

/* What a mail program shows beside the subject: where things stand, then the first words. */
static void
fill_preview(const struct content *content, struct view *view)
{
    const struct letter *letter = content->letter;
    const char *text = letter->n_entries > 0 ? letter->entries[letter->n_entries - 1].text : NULL;
    set_line(view, "preview", text ? text : letter->n_notes > 0 ? letter->notes[0] : NULL, PREVIEW_BYTES);
}

/* A stranger's receipt knows nothing of the card: not by care in a template, but because it is not there. */
static struct view *
make_view(struct content *content, GError **error)
{
    const struct letter *letter = content->letter;
    g_autoptr(view_t) view = view_new();
    fill_frame(content, view);
    if (letter->kind != LETTER_STRANGER_RECEIPT) {
        set_line(view, "actor", actor(letter), CAP_NAME_BYTES);
        fill_card(letter, view);
        fill_preview(content, view);
        fill_notes(content, view);
        fill_files(content, view);
        fill_entries(content, view);
    }
    if (!fill_actions(letter, view, error))
        return NULL;
    g_autofree char *name = g_strconcat(render_kind_name(letter->kind), ".status", NULL);
    g_autofree char *status =
        render_named(content->render, content->language, TEMPLATE_TEXT, name, view, error);
    if (!status)
        return NULL;
    set_line(view, "status", status, 0);
    return g_steal_pointer(&view);
}

static char *
render_body(const struct render *render, const struct letter *letter, const char *language,
            enum template_kind kind, GError **error)
{
    struct content content = {
        .render = render, .letter = letter, .language = language, .kind = kind, .room = HTML_ENTRIES_BYTES};
    g_autoptr(view_t) view = make_view(&content, error);
    if (!view)
        return NULL;
    const char *suffix = kind == TEMPLATE_HTML ? ".html" : ".text";
    g_autofree char *name = g_strconcat(render_kind_name(letter->kind), suffix, NULL);
    return render_named(render, language, kind, name, view, error);
}

static void
add_files(struct outmail *mail, const struct letter *letter)
{
    for (guint i = 0; i < letter->n_files && letter->kind != LETTER_STRANGER_RECEIPT; i++) {
        const struct letter_file *file = &letter->files[i];
        g_autofree char *name = clean_filename(file->name);
        g_autofree char *type =
            clean_line(file->type ? file->type : "application/octet-stream", CAP_NAME_BYTES);
        if (file->content)
            outmail_add_file(mail, name, type, file->content);
    }
}

bool
content_fill(struct outmail *mail, const struct render *render, const struct letter *letter,
             const char *language, GError **error)
{
    mail->text = render_body(render, letter, language, TEMPLATE_TEXT, error);
    if (!mail->text)
        return false;
    mail->html = render_body(render, letter, language, TEMPLATE_HTML, error);
    if (!mail->html)
        return false;
    add_files(mail, letter);
    return true;
}
