/* expand.c - looks for parts within the contents of parts. Does not choose between them and proves no
 * signature: what was signed counts as what was not. Linear: the parts within one content do not overlap, and
 * contents within contents are opened MAX_LEVELS deep. */
#include "expand.h"

#include "body.h"
#include "charset.h"
#include "smime.h"
#include "tnef.h"

#include <string.h>

#define MAX_LEVELS 3

/* How many contents the part lies in. */
static guint
level_of(const struct part *part)
{
    guint level = 0;
    for (const struct part *p = part->parent; p; p = p->parent)
        level += p->is_opened;
    return level;
}

/* ---- uuencode */

struct line {
    const char *text;
    gsize len; /* without its line end */
};

/* The line at *at; *at goes to the next one. */
static struct line
next_line(const char **at, const char *end)
{
    const char *lf = memchr(*at, '\n', (gsize)(end - *at));
    struct line line = {.text = *at, .len = (gsize)((lf ? lf : end) - *at)};
    while (line.len > 0 && line.text[line.len - 1] == '\r')
        line.len--;
    *at = lf ? lf + 1 : end;
    return line;
}

/* `begin 644 NAME` */
static bool
is_begin(const struct line *line)
{
    gsize n = 6;
    if (line->len < 11 || memcmp(line->text, "begin ", 6) != 0)
        return false;
    while (n < line->len && line->text[n] >= '0' && line->text[n] <= '7')
        n++;
    return n >= 9 && n <= 10 && n + 1 < line->len && line->text[n] == ' ';
}

static bool
is_end(const struct line *line)
{
    return line->len == 3 && memcmp(line->text, "end", 3) == 0;
}

/* As long as its first character says; spaces at the end may have been lost on the way, and some encoders add
 * a checksum. */
static bool
is_data(const struct line *line)
{
    if (line->len == 0 || line->text[0] < ' ' || line->text[0] > '`')
        return false;
    gsize count = ((gsize)line->text[0] - ' ') & 63, want = 1 + (count + 2) / 3 * 4;
    for (gsize i = 0; i < line->len; i++)
        if (line->text[i] < ' ' || line->text[i] > '`')
            return false;
    return line->len <= want + 2 && line->len + 4 > want;
}

/* The end of the block whose first data line is at `at`, or NULL if there is no data. One line in a row may
 * be damaged. */
static const char *
block_end(const char *at, const char *end)
{
    const char *behind = NULL;
    guint damaged = 1; /* the first line may not */
    while (at < end && damaged < 2) {
        struct line line = next_line(&at, end);
        if (is_end(&line))
            return behind ? at : NULL;
        damaged = is_data(&line) ? 0 : damaged + (line.len > 0);
        if (damaged == 0)
            behind = at;
    }
    return behind;
}

static char *
begin_name(const struct line *line)
{
    const char *name = memchr(line->text + 6, ' ', line->len - 6);
    return charset_guess(name + 1, (gsize)(line->text + line->len - name - 1));
}

static void
find_uuencoded(struct tree *tree, struct part *part)
{
    const char *base = part->base, *at = base + part->body_at, *end = base + part->body_end;
    while (at < end) {
        const char *begin = at;
        struct line line = next_line(&at, end);
        const char *behind = is_begin(&line) ? block_end(at, end) : NULL;
        if (!behind)
            continue;
        struct part *file = tree_add_leaf(tree, part, "application/octet-stream", base, (gsize)(begin - base),
                                          (gsize)(behind - begin));
        if (!file)
            return;
        file->transfer = TRANSFER_UUENCODE;
        file->name = begin_name(&line);
        at = behind;
    }
}

/* From here on the part's body is its decoded content. */
static void
decode_in_place(struct tree *tree, struct part *part)
{
    GByteArray *content = part_content(tree, part);
    g_ptr_array_add(tree->contents, content);
    part->base = content->len > 0 ? (const char *)content->data : "";
    part->body_at = 0;
    part->body_end = content->len;
    part->transfer = TRANSFER_IDENTITY;
}

static void
expand_text(struct tree *tree, struct part *part)
{
    gsize len = part->body_end - part->body_at;
    if (len == 0 || part->transfer == TRANSFER_BASE64 ||
        !memmem(part->base + part->body_at, len, "begin ", 6))
        return;
    if (part->transfer == TRANSFER_QUOTED_PRINTABLE)
        decode_in_place(tree, part);
    find_uuencoded(tree, part);
}

/* ---- TNEF */

static void
expand_tnef(struct tree *tree, struct part *part)
{
    GByteArray *content = part_content(tree, part);
    g_ptr_array_add(tree->contents, content);
    const char *base = (const char *)content->data;
    g_auto(tnef_t) tnef = {0};
    if (!tnef_read(content->data, content->len, &tnef))
        tree_note(tree, "part %u: winmail.dat cannot be read whole, kept as it is", part->index);
    for (guint i = 0; i < tnef.files->len; i++) {
        struct tnef_file *file = tnef.files->pdata[i];
        struct part *leaf = tree_add_leaf(tree, part, file->type, base, file->at, file->len);
        if (!leaf)
            return;
        leaf->disposition = params_parse("attachment");
        leaf->name = g_steal_pointer(&file->name);
    }
    /* Exchange sends its text a second time outside, but where winmail.dat is all there is. */
    if (!part->parent && tnef.text_type)
        tree_add_leaf(tree, part, tnef.text_type, base, tnef.text_at, tnef.text_len);
}

/* ---- S/MIME */

/* Only where it is the whole mail: a signed mail that is attached stays a file. */
static void
expand_smime(struct tree *tree, struct part *part)
{
    g_autofree char *type = params_bytes(part->type, "smime-type");
    bool is_mail = !part->parent || part->parent->is_opened;
    if (type && g_ascii_strcasecmp(type, "certs-only") == 0)
        return;
    g_autoptr(GByteArray) der = is_mail ? part_content(tree, part) : NULL;
    GByteArray *content = der ? smime_signed_content(der->data, der->len) : NULL;
    if (content) {
        g_ptr_array_add(tree->contents, content);
        g_autoptr(tree_t) inner = tree_scan(content->data, content->len, NULL);
        if (inner && tree_graft(tree, part, inner))
            return;
    }
    if (is_mail || (type && g_ascii_strcasecmp(type, "enveloped-data") == 0))
        tree_note_encrypted(tree);
}

/* ---- all */

static bool
is_tnef(const struct tree *tree, const struct part *part)
{
    if (part_is(part, "application/ms-tnef") || part_is(part, "application/vnd.ms-tnef"))
        return true;
    g_autofree char *name = part_is(part, "application/octet-stream") ? body_file_name(tree, part) : NULL;
    return name && g_ascii_strcasecmp(name, "winmail.dat") == 0;
}

static void
expand_leaf(struct tree *tree, struct part *part)
{
    if (level_of(part) >= MAX_LEVELS)
        return;
    if (part_is(part, "text/plain") && !body_is_attachment(tree, part))
        expand_text(tree, part);
    else if (is_tnef(tree, part))
        expand_tnef(tree, part);
    else if (part_is(part, "application/pkcs7-mime") || part_is(part, "application/x-pkcs7-mime"))
        expand_smime(tree, part);
}

struct tree *
expand_scan(const void *raw, gsize len, GError **error)
{
    g_autoptr(tree_t) tree = tree_scan(raw, len, error);
    /* what is found is added at the end and looked at in its turn */
    for (guint i = 0; tree && i < tree->parts->len; i++) {
        struct part *part = tree->parts->pdata[i];
        if (!part->children)
            expand_leaf(tree, part);
    }
    return g_steal_pointer(&tree);
}
