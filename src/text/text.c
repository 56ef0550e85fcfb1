/* text.c - see text.h: puts the steps in order. A gateway's banner is taken off the top, then
 * quotes are found, then signatures within what is left; the rules themselves lie in banner.c, quote.c,
 * heads.c, fields.c and signature.c. */
#include <cardpost/text.h>

#include "banner.h"
#include "context.h"
#include "flowed.h"
#include "forward.h"
#include "html.h"
#include "quote.h"
#include "signature.h"

#include <cardpost/caps.h>
#include <cardpost/clean.h>

#include <string.h>

static char *
strip_end(char *text)
{
    gsize len = strlen(text);
    while (len > 0 && text[len - 1] == '\n')
        text[--len] = '\0';
    return text;
}

/* The readable body; for HTML the marks of its lines (else NULL), hidden text and content ids. */
static char *
make_body(enum text_kind kind, const char *text, gsize len, struct text_parts *parts, GByteArray **marks_out)
{
    *marks_out = NULL;
    switch (kind) {
    case TEXT_PLAIN:
        return g_strndup(text, clean_cut(text, len, CAP_TEXT_BYTES));
    case TEXT_FLOWED:
    case TEXT_FLOWED_DELSP:
        return flowed_join(text, clean_cut(text, len, CAP_TEXT_BYTES), kind == TEXT_FLOWED_DELSP);
    case TEXT_HTML:
        break;
    }
    struct html_text html;
    html_read(text, clean_cut(text, len, CAP_HTML_BYTES), &html);
    *marks_out = html.marks;
    if (html.hidden->len > 0)
        parts->hidden = g_strstrip(g_strdup(html.hidden->str));
    g_string_free(html.hidden, TRUE);
    g_ptr_array_unref(parts->content_ids);
    parts->content_ids = html.content_ids;
    return g_string_free(html.text, FALSE);
}

static void
find_parts(GArray *lines, bool soft, struct quote_cut *cut)
{
    for (guint i = 0; i < lines->len; i++)
        lines_at(lines, i)->role = ROLE_NEW;
    quote_cut_init(cut, lines);
    banner_find(lines, cut);
    quote_find(lines, soft, cut);
    signature_find(lines, cut);
    context_find(lines);
}

/* A mail that is all quote keeps its text, each line behind ">" so that no one takes it for new words. */
static char *
keep_quoted(GArray *lines)
{
    g_autoptr(GString) out = g_string_new(NULL);
    for (guint i = 0; i < lines->len; i++) {
        const struct text_line *line = lines_at(lines, i);
        if (line->role == ROLE_SIGNATURE)
            continue;
        /* a head keeps its looks, but lines wrapped into it could hold anything */
        bool wrapped = line->role == ROLE_HEAD && i > 0 && lines_at(lines, i - 1)->role == ROLE_HEAD;
        bool bare = (line->role == ROLE_QUOTED || wrapped) && line_quote_depth(line, NULL) == 0 &&
                    !line_is_blank(line);
        g_string_append(out, bare ? "> " : "");
        g_string_append_len(out, line->start, (gssize)line->len);
        g_string_append_c(out, '\n');
    }
    g_string_truncate(out, clean_cut(out->str, out->len, CAP_TEXT_BYTES));
    return g_strdup(strip_end(out->str));
}

/* A mail that is nothing but a bare blockquote: the writer's indent or an old mail, nobody can tell. It keeps
 * its text, but no command in it acts. */
static void
distrust_blockquotes(GArray *lines)
{
    for (guint i = 0; i < lines->len; i++)
        if (lines_at(lines, i)->role == ROLE_NEW && (lines_at(lines, i)->marks & MARK_SOFT))
            lines_at(lines, i)->role = ROLE_CONTEXT;
}

static void
fill_parts(GArray *lines, struct quote_cut *cut, struct text_parts *parts)
{
    parts->reply = lines_join(lines, ROLE_NEW, ROLE_CONTEXT);
    parts->quoted = lines_join(lines, ROLE_QUOTED, ROLE_HEAD);
    parts->signature = lines_join(lines, ROLE_SIGNATURE, ROLE_SIGNATURE);
    /* a quote that is answered was found, but not cut */
    bool cut_out = *parts->quoted || *parts->signature;
    parts->rule = cut->rule && cut_out ? g_strdup(cut->rule->str) : NULL;
    if (cut->forward_line != QUOTE_NONE)
        parts->forward = forward_read(lines, cut->forward_line);
    if (cut->fields_line != QUOTE_NONE)
        parts->original = forward_read(lines, cut->fields_line);
    else if (cut->wrote_line != QUOTE_NONE && !parts->forward)
        parts->original = forward_read_wrote(lines, cut->wrote_line, cut->wrote_end);
    if (*parts->reply == '\0' && *parts->quoted != '\0' && !parts->forward) {
        g_free(parts->reply);
        parts->reply = keep_quoted(lines);
    }
}

void
text_read(enum text_kind kind, const char *text, gsize len, struct text_parts *parts_out)
{
    *parts_out = (struct text_parts){.content_ids = g_ptr_array_new_with_free_func(g_free)};
    GByteArray *marks;
    parts_out->body = make_body(kind, text, len, parts_out, &marks);
    g_autoptr(GArray) lines = lines_split(parts_out->body, marks);
    struct quote_cut cut;
    find_parts(lines, true, &cut);
    if (!lines_have(lines, ROLE_NEW) && cut.forward_line == QUOTE_NONE) {
        /* perhaps the blockquote was only an indent */
        quote_cut_clear(&cut);
        find_parts(lines, false, &cut);
        distrust_blockquotes(lines);
    }
    fill_parts(lines, &cut, parts_out);
    quote_cut_clear(&cut);
    if (marks)
        g_byte_array_unref(marks);
    strip_end(parts_out->body);
}

void
text_parts_clear(struct text_parts *parts)
{
    g_clear_pointer(&parts->body, g_free);
    g_clear_pointer(&parts->reply, g_free);
    g_clear_pointer(&parts->quoted, g_free);
    g_clear_pointer(&parts->signature, g_free);
    g_clear_pointer(&parts->rule, g_free);
    g_clear_pointer(&parts->hidden, g_free);
    g_clear_pointer(&parts->content_ids, g_ptr_array_unref);
    g_clear_pointer(&parts->forward, mail_forward_free);
    g_clear_pointer(&parts->original, mail_forward_free);
}
