/* body.c - chooses the text of a mail. Does not trim it (text.h) and does not list attachments (parse.c). */
#include "body.h"

#include "armor.h"
#include "calendar.h"
#include "charset.h"
#include "enriched.h"

#include <cardpost/caps.h>
#include <cardpost/clean.h>

#include <string.h>

/* A plain part of fewer letters than this may be no more than a hint at the HTML. */
#define STUB_LETTERS 300
/* Of hidden text, for people. */
#define HIDDEN_BYTES 120

/* One text part of the mail; several plain ones of one kind are read as one. */
struct segment {
    enum text_kind kind;
    GString *text; /* clean UTF-8 */
};

static void
segment_free(struct segment *segment)
{
    g_string_free(segment->text, TRUE);
    g_free(segment);
}

static GPtrArray *
segments_new(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)segment_free);
}

char *
body_charset(const struct tree *tree)
{
    for (guint i = 0; i < tree->parts->len; i++) {
        const struct part *part = tree->parts->pdata[i];
        if (part_is_leaf(part) && part_is(part, "text/"))
            return part_charset(part);
    }
    return NULL;
}

char *
body_file_name(const struct tree *tree, const struct part *part)
{
    if (part->name)
        return g_strdup(part->name);
    g_autofree char *charset = body_charset(tree);
    char *name = part->disposition ? params_text(part->disposition, "filename", charset) : NULL;
    if (!name && part->disposition)
        name = params_text(part->disposition, "name", charset);
    return name ? name : params_text(part->type, "name", charset);
}

static bool
is_text_type(const struct part *part)
{
    static const char *const types[] = {"text/plain", "text/html", "text/enriched", "text/richtext",
                                        "text/markdown"};
    for (guint i = 0; i < G_N_ELEMENTS(types); i++)
        if (part_is(part, types[i]))
            return true;
    return false;
}

bool
body_is_attachment(const struct tree *tree, const struct part *part)
{
    if (!is_text_type(part))
        return true;
    if (part->disposition && strcmp(part->disposition->value, "attachment") == 0)
        return true;
    /* a mail that is nothing but this part is its own text, whatever name some programs give it */
    if ((!part->parent || part->parent->is_opened) && !part->disposition)
        return false;
    g_autofree char *name = body_file_name(tree, part);
    return name && *name;
}

static enum text_kind
kind_of(const struct part *part)
{
    if (part_is(part, "text/html"))
        return TEXT_HTML;
    g_autofree char *format = params_bytes(part->type, "format");
    g_autofree char *delsp = params_bytes(part->type, "delsp");
    if (!format || g_ascii_strcasecmp(format, "flowed") != 0)
        return TEXT_PLAIN;
    return delsp && g_ascii_strcasecmp(delsp, "yes") == 0 ? TEXT_FLOWED_DELSP : TEXT_FLOWED;
}

/* The charset that an HTML page names for itself, in its first bytes; NULL if none. */
static char *
html_charset(const GByteArray *content)
{
    g_autofree char *head = g_ascii_strdown((const char *)content->data, (gssize)MIN(content->len, 2048));
    const char *at = strstr(head, "charset=");
    if (!at)
        return NULL;
    at += strlen("charset=");
    at += strspn(at, " \"'");
    return g_strndup(at, strcspn(at, " \"'>;/"));
}

/* The decoded text without the files that lie in it. What is called base64 and is none is shown. */
static GByteArray *
text_content(struct tree *tree, const struct part *part)
{
    const char *bytes = part->base + part->body_at;
    gsize len = part->body_end - part->body_at;
    if (part->transfer == TRANSFER_BASE64 && !transfer_is_base64(bytes, len)) {
        tree_note(tree, "part %u: not in base64 as it says, kept as it is", part->index);
        return g_byte_array_append(g_byte_array_sized_new((guint)len), (const guint8 *)bytes, (guint)len);
    }
    GByteArray *content = part_content(tree, part);
    for (guint i = part->is_opened ? part->children->len : 0; i-- > 0;) {
        const struct part *file = part->children->pdata[i];
        g_byte_array_remove_range(content, (guint)(file->body_at - part->body_at),
                                  (guint)(file->body_end - file->body_at));
    }
    return content;
}

/* Whether a page was sent under the name of plain text. */
static bool
is_page(const char *text)
{
    const char *at = text + strspn(text, " \t\r\n");
    return g_ascii_strncasecmp(at, "<!doctype html", 14) == 0 || g_ascii_strncasecmp(at, "<html", 5) == 0;
}

/* Forms of text that are written into plain text are read through. */
static void
read_through(struct tree *tree, const struct part *part, struct segment *segment)
{
    bool is_richtext = part_is(part, "text/richtext");
    g_autofree char *text = NULL;
    if (is_richtext || part_is(part, "text/enriched"))
        text = enriched_to_text(segment->text->str, is_richtext);
    else if (segment->kind == TEXT_PLAIN && is_page(segment->text->str))
        segment->kind = TEXT_HTML;
    else if (segment->kind != TEXT_HTML)
        text = armor_signed_text(segment->text->str);
    if (text)
        g_string_assign(segment->text, text);
    if (segment->kind != TEXT_HTML && armor_is_encrypted(segment->text->str))
        tree_note_encrypted(tree);
}

static struct segment *
segment_new(struct tree *tree, const struct part *part)
{
    g_autoptr(GByteArray) content = text_content(tree, part);
    g_autofree char *charset = part_charset(part);
    struct segment *segment = g_new0(struct segment, 1);
    segment->kind = kind_of(part);
    if (!charset && segment->kind == TEXT_HTML && content->len > 0)
        charset = html_charset(content);
    if (charset && *charset && !charset_is_known(charset))
        tree_note(tree, "part %u: unknown charset, guessed", part->index);
    bool bad;
    g_autofree char *text = charset_to_utf8(charset, content->data, content->len, &bad);
    if (bad)
        tree_note(tree, "part %u: bytes that its charset does not have", part->index);
    gsize cap = segment->kind == TEXT_HTML ? CAP_HTML_BYTES : CAP_TEXT_BYTES, len = strlen(text);
    tree->is_damaged = tree->is_damaged || len > cap;
    if (len > cap)
        tree_note(tree, "part %u: text cut at %" G_GSIZE_FORMAT " bytes", part->index, cap);
    g_autofree char *clean = clean_text(text, len, cap);
    segment->text = g_string_new(clean);
    read_through(tree, part, segment);
    return segment;
}

static guint
count_letters(const GPtrArray *segments, guint limit)
{
    guint n = 0;
    for (guint i = 0; i < segments->len; i++) {
        const struct segment *segment = segments->pdata[i];
        for (const char *p = segment->text->str; *p && n < limit; p += g_utf8_skip[(guchar)*p]) {
            gunichar c = g_utf8_get_char(p);
            n += g_unichar_isgraph(c) && c != 0xfffc && c != 0x200b;
        }
    }
    return n;
}

static bool
is_plain(const GPtrArray *segments)
{
    for (guint i = 0; i < segments->len; i++)
        if (((const struct segment *)segments->pdata[i])->kind == TEXT_HTML)
            return false;
    return segments->len > 0;
}

/* Whether the plain text is empty or only points at the HTML. */
static bool
is_stub(const GPtrArray *plain)
{
    static const char *const hints[] = {"html",   "HTML",  "Html", "view it in a browser", "view in browser",
                                        "浏览器", "瀏覽器"};
    guint letters = count_letters(plain, STUB_LETTERS);
    if (letters == 0)
        return true;
    if (letters >= STUB_LETTERS || plain->len != 1)
        return false;
    const struct segment *segment = plain->pdata[0];
    for (guint i = 0; i < G_N_ELEMENTS(hints); i++)
        if (strstr(segment->text->str, hints[i]))
            return true;
    return false;
}

/* Of the alternatives (GPtrArray of segments each) the one that counts, or NULL if none has any text part. */
static GPtrArray *
choose(const GPtrArray *alternatives)
{
    GPtrArray *plain = NULL, *other = NULL;
    for (guint i = 0; i < alternatives->len; i++) {
        GPtrArray *segments = alternatives->pdata[i];
        if (!plain && is_plain(segments))
            plain = segments;
        else if (segments->len > 0 && !is_plain(segments))
            other = segments;
    }
    if (!plain || !other)
        return plain ? plain : other;
    /* The HTML's letters count its tags too: enough, for a page that shows something has hundreds. */
    bool html_is_full = count_letters(other, STUB_LETTERS) > count_letters(plain, STUB_LETTERS);
    return is_stub(plain) && html_is_full ? other : plain;
}

static void
add_segment(GPtrArray *segments, struct segment *segment)
{
    struct segment *last = segments->len > 0 ? segments->pdata[segments->len - 1] : NULL;
    if (!last || last->kind != segment->kind || segment->kind == TEXT_HTML) {
        g_ptr_array_add(segments, segment);
        return;
    }
    if (last->text->len > 0 && last->text->str[last->text->len - 1] != '\n')
        g_string_append_c(last->text, '\n');
    g_string_append_len(last->text, segment->text->str, (gssize)segment->text->len);
    segment_free(segment);
}

struct collector {
    struct tree *tree;
    GPtrArray
        *html; /* char *: all HTML texts, for their Content-IDs; NULL if the mail has no related files */
};

/* Moves the text parts below `part` to segments. The depth is bounded by tree_scan. */
static void
collect(struct collector *collector, const struct part *part, GPtrArray *segments)
{
    if (part_is_leaf(part) && !body_is_attachment(collector->tree, part)) {
        struct segment *segment = segment_new(collector->tree, part);
        if (collector->html && segment->kind == TEXT_HTML)
            g_ptr_array_add(collector->html, g_strdup(segment->text->str));
        add_segment(segments, segment);
    }
    g_autoptr(GPtrArray) children = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
    bool is_alternative = part_is(part, "multipart/alternative");
    for (guint i = 0; part->children && i < part->children->len; i++) {
        GPtrArray *own = segments_new();
        collect(collector, part->children->pdata[i], own);
        g_ptr_array_add(children, own);
    }
    GPtrArray *chosen = is_alternative ? choose(children) : NULL;
    for (guint i = 0; i < children->len; i++) {
        GPtrArray *own = children->pdata[i];
        while ((!is_alternative || own == chosen) && own->len > 0)
            add_segment(segments, g_ptr_array_steal_index(own, 0));
    }
}

/* Some servers write what they report before the first part, where no reader shows it. */
static void
add_preamble(struct collector *collector, GPtrArray *segments)
{
    const struct part *root = tree_root(collector->tree);
    if (!part_is(root, "multipart/report") || root->preamble_end <= root->body_at ||
        count_letters(segments, 1) > 0)
        return;
    g_autofree char *text = charset_guess(root->base + root->body_at, root->preamble_end - root->body_at);
    g_autofree char *clean = clean_text(text, strlen(text), CAP_TEXT_BYTES);
    struct segment *segment = g_new0(struct segment, 1);
    segment->text = g_string_new(strstr(clean, "MIME") ? "" : clean);
    add_segment(segments, segment);
}

static bool
has_content_id(const struct tree *tree)
{
    for (guint i = 0; i < tree->parts->len; i++)
        if (header_count(&((const struct part *)tree->parts->pdata[i])->head, "Content-ID") > 0)
            return true;
    return false;
}

/* The texts of all segments together. */
struct blocks {
    GString *body, *reply, *quoted, *signature, *rule;
};

static void
append_block(GString *text, const char *block)
{
    if (!block || !*block)
        return;
    if (text->len > 0)
        g_string_append(text, text->str[text->len - 1] == '\n' ? "\n" : "\n\n");
    g_string_append(text, block);
}

static void
append_parts(struct blocks *blocks, struct text_parts *out, struct text_parts *parts)
{
    append_block(blocks->body, parts->body);
    append_block(blocks->reply, parts->reply);
    append_block(blocks->quoted, parts->quoted);
    append_block(blocks->signature, parts->signature);
    if (parts->rule)
        g_string_append_printf(blocks->rule, "%s%s", blocks->rule->len > 0 ? "; " : "", parts->rule);
    if (!out->forward)
        out->forward = g_steal_pointer(&parts->forward);
    if (!out->original)
        out->original = g_steal_pointer(&parts->original);
}

/* Cut to the cap together. */
static char *
finish(GString *text)
{
    g_autofree char *whole = g_string_free(text, FALSE);
    return clean_text(whole, strlen(whole), CAP_TEXT_BYTES);
}

static void
add_content_ids(const char *html, GPtrArray *content_ids)
{
    g_auto(text_parts_t) parts = {0};
    text_read(TEXT_HTML, html, strlen(html), &parts);
    for (guint i = 0; parts.content_ids && i < parts.content_ids->len; i++)
        g_ptr_array_add(content_ids, g_strdup(parts.content_ids->pdata[i]));
}

/* Of the mail's first calendar file: the same one is often sent twice. */
static void
add_invitation(struct tree *tree, struct blocks *blocks)
{
    for (guint i = 0; i < tree->parts->len; i++) {
        const struct part *part = tree->parts->pdata[i];
        if (!part_is_leaf(part) || !(part_is(part, "text/calendar") || part_is(part, "application/ics")))
            continue;
        g_autoptr(GByteArray) content = part_content(tree, part);
        g_autofree char *charset = part_charset(part);
        g_byte_array_append(content, (const guint8 *)"", 1);
        g_autofree char *text = calendar_text((const char *)content->data, charset);
        append_block(blocks->body, text);
        append_block(blocks->reply, text);
        return;
    }
}

static void
note_hidden(struct tree *tree, const struct text_parts *parts)
{
    g_autofree char *hidden = clean_line(parts->hidden, HIDDEN_BYTES);
    if (*hidden)
        tree_note(tree, "hidden text in the HTML, dropped: %s", hidden);
}

void
body_read(struct tree *tree, struct text_parts *out)
{
    *out = (struct text_parts){.content_ids = g_ptr_array_new_with_free_func(g_free)};
    g_autoptr(GPtrArray) html = has_content_id(tree) ? g_ptr_array_new_with_free_func(g_free) : NULL;
    g_autoptr(GPtrArray) segments = segments_new();
    struct collector collector = {.tree = tree, .html = html};
    collect(&collector, tree_root(tree), segments);
    add_preamble(&collector, segments);
    struct blocks blocks = {g_string_new(NULL), g_string_new(NULL), g_string_new(NULL), g_string_new(NULL),
                            g_string_new(NULL)};
    for (guint i = 0; i < segments->len; i++) {
        const struct segment *segment = segments->pdata[i];
        g_auto(text_parts_t) parts = {0};
        text_read(segment->kind, segment->text->str, segment->text->len, &parts);
        note_hidden(tree, &parts);
        append_parts(&blocks, out, &parts);
    }
    for (guint i = 0; html && i < html->len; i++)
        add_content_ids(html->pdata[i], out->content_ids);
    add_invitation(tree, &blocks);
    out->body = finish(blocks.body);
    out->reply = finish(blocks.reply);
    out->quoted = finish(blocks.quoted);
    out->signature = finish(blocks.signature);
    out->rule = g_string_free(blocks.rule, blocks.rule->len == 0);
}
