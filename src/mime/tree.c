/* tree.c - finds the parts of a mail. Does not decode them, does not choose between them.
 *
 * One pass over the lines that begin with "--", each compared with the boundaries that are open, innermost
 * first. A header block of a part ends at its empty line, at an open boundary, or before the first line that
 * is no field: each line is looked at once for it. The parent's children are counted as they come, so a bomb
 * is refused before it costs memory. */
#include "tree.h"

#include <cardpost/caps.h>
#include <cardpost/error.h>

#include <string.h>

#define MAX_PROBLEMS 50

struct scan {
    struct tree *tree;
    GPtrArray *open;   /* struct part, the multiparts whose end has not come */
    struct part *leaf; /* whose body is being passed, or NULL within a preamble or epilogue */
    gsize at;
};

static void
part_free(struct part *part)
{
    header_block_clear(&part->head);
    params_free(part->type);
    params_free(part->disposition);
    if (part->children)
        g_ptr_array_unref(part->children);
    g_free(part->boundary);
    g_free(part->name);
    g_free(part);
}

void
tree_free(struct tree *tree)
{
    if (!tree)
        return;
    g_ptr_array_unref(tree->parts);
    g_ptr_array_unref(tree->contents);
    g_ptr_array_unref(tree->problems);
    g_free(tree);
}

struct part *
tree_root(const struct tree *tree)
{
    return tree->parts->pdata[0];
}

void
tree_note(struct tree *tree, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    if (tree->problems->len < MAX_PROBLEMS &&
        !g_ptr_array_find_with_equal_func(tree->problems, text, g_str_equal, NULL))
        g_ptr_array_add(tree->problems, g_steal_pointer(&text));
}

char *
field_text(const struct header_block *block, const char *name, guint n)
{
    const struct header_field *field = header_nth(block, name, n);
    if (!field)
        return NULL;
    g_autofree char *bytes = g_malloc(field->value_len + 1);
    memcpy(bytes, field->value, field->value_len);
    bytes[field->value_len] = '\0';
    for (gsize i = 0; i < field->value_len; i++)
        if (bytes[i] == '\0' || (bytes[i] == '\r' && bytes[i + 1] != '\n'))
            bytes[i] = ' ';
    struct header_field copy = {.value = bytes, .value_len = field->value_len};
    return header_unfold(&copy);
}

bool
part_is_leaf(const struct part *part)
{
    return !part->children || part->is_opened;
}

bool
part_is(const struct part *part, const char *type)
{
    gsize len = strlen(type);
    const char *own = part->type->value;
    return type[len - 1] == '/' ? strncmp(own, type, len) == 0 : strcmp(own, type) == 0;
}

char *
part_charset(const struct part *part)
{
    return params_bytes(part->type, "charset");
}

void
tree_note_encrypted(struct tree *tree)
{
    tree->is_encrypted = true;
    tree_note(tree, "encrypted mail: its text cannot be read");
}

GByteArray *
part_content(struct tree *tree, const struct part *part)
{
    bool damaged;
    GByteArray *content =
        transfer_decode(part->transfer, part->base + part->body_at, part->body_end - part->body_at, &damaged);
    /* quoted-printable keeps what it cannot read as it stands: nothing is lost */
    if (damaged && (part->transfer == TRANSFER_BASE64 || part->transfer == TRANSFER_UUENCODE))
        tree->is_damaged = true;
    if (damaged)
        tree_note(tree, "part %u: %s", part->index,
                  part->transfer == TRANSFER_UNKNOWN ? "unknown transfer encoding, kept as it is"
                                                     : "damaged transfer encoding, read as far as possible");
    return content;
}

static bool
refuse(GError **error, const char *what)
{
    g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_PERMANENT, "%s", what);
    return false;
}

/* ---- one part's header */

static gsize
line_end(const struct scan *scan, gsize at)
{
    const char *lf = memchr(scan->tree->raw + at, '\n', scan->tree->len - at);
    return lf ? (gsize)(lf - scan->tree->raw) + 1 : scan->tree->len;
}

static bool
is_empty_line(const char *line, gsize len)
{
    return len > 0 && (line[0] == '\n' || (len >= 2 && line[0] == '\r' && line[1] == '\n'));
}

static bool
is_field_line(const char *line, gsize len)
{
    gsize n = 0;
    while (n < len && line[n] > ' ' && line[n] < 127 && line[n] != ':')
        n++;
    gsize colon = n;
    while (colon < len && (line[colon] == ' ' || line[colon] == '\t'))
        colon++;
    return n > 0 && colon < len && line[colon] == ':';
}

/* The index in open of the boundary on this line, or -1; *is_end_out: it closes its multipart. */
static int
match_boundary(const struct scan *scan, const char *line, gsize len, bool *is_end_out)
{
    if (len < 2 || line[0] != '-' || line[1] != '-')
        return -1;
    line += 2;
    len -= 2;
    while (len > 0 && strchr(" \t\r\n", line[len - 1]))
        len--;
    for (guint i = scan->open->len; i-- > 0;) {
        const char *boundary = ((const struct part *)scan->open->pdata[i])->boundary;
        gsize n = strlen(boundary);
        *is_end_out = len == n + 2;
        if ((len == n || (len == n + 2 && memcmp(line + n, "--", 2) == 0)) && memcmp(line, boundary, n) == 0)
            return (int)i;
    }
    return -1;
}

/* Where the header block that begins at `at` ends: before its empty line, or where it breaks off. */
static gsize
header_end(const struct scan *scan, gsize at)
{
    const gsize begin = at;
    while (at < scan->tree->len) {
        const char *line = scan->tree->raw + at;
        gsize end = line_end(scan, at), len = end - at;
        bool is_continuation =
            at > begin && (*line == ' ' || *line == '\t' || (len > 2 && line[0] == '=' && line[1] == '?'));
        bool is_end;
        if (is_empty_line(line, len) || match_boundary(scan, line, len, &is_end) >= 0 ||
            (!is_continuation && !is_field_line(line, len)))
            break;
        at = end;
    }
    return at;
}

static const char *
default_type(const struct part *parent)
{
    return parent && part_is(parent, "multipart/digest") ? "message/rfc822" : "text/plain";
}

/* The type that is meant by one that is none: RFC 2045 section 5.2 leaves it open. */
static const char *
meant_type(const struct part *part, const char *value)
{
    if (*value == '\0')
        return default_type(part->parent);
    if (g_str_has_prefix(value, "html"))
        return "text/html";
    /* of a whole mail with an unknown kind of type the text is at least to be seen */
    bool is_text = g_str_has_prefix(value, "text") || g_str_has_prefix(value, "plain") || !part->parent;
    return is_text ? "text/plain" : "application/octet-stream";
}

static void
read_type(struct part *part)
{
    static const char token[] = G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "!#$&-^_.+*'%`|~/";
    g_autofree char *value = field_text(&part->head, "Content-Type", 0);
    part->type = params_parse(value ? value : default_type(part->parent));
    char *own = part->type->value + strcspn(part->type->value, token);
    g_autofree char *type = g_strndup(own, strspn(own, token));
    const char *slash = strchr(type, '/');
    bool is_type = slash && slash > type && slash[1];
    g_free(part->type->value);
    part->type->value = is_type ? g_steal_pointer(&type) : g_strdup(meant_type(part, type));
}

static void
read_fields(struct part *part)
{
    g_autofree char *transfer = field_text(&part->head, "Content-Transfer-Encoding", 0);
    g_autofree char *disposition = field_text(&part->head, "Content-Disposition", 0);
    read_type(part);
    part->transfer = transfer_from_name(transfer);
    part->disposition = disposition ? params_parse(disposition) : NULL;
    if (!part_is(part, "multipart/"))
        return;
    g_autofree char *boundary = params_bytes(part->type, "boundary");
    if (boundary && *g_strchomp(boundary))
        part->boundary = g_steal_pointer(&boundary);
}

static void
note_flaws(struct tree *tree, const struct part *part)
{
    if (part->head.flaws & HEADER_FLAW_NUL)
        tree_note(tree, "NUL byte in a header");
    if (part->head.flaws & HEADER_FLAW_BARE_CR)
        tree_note(tree, "bare CR in a header");
    if (part->head.flaws & HEADER_FLAW_BAD_LINE)
        tree_note(tree, "a header has a line that is no field");
}

/* Bytes of lines in front of the mail that hold nothing but blanks. */
static gsize
blank_lines(const struct tree *tree)
{
    gsize at = 0, line = 0;
    while (at < tree->len && strchr(" \t\r\n", tree->raw[at]) && tree->raw[at])
        if (tree->raw[at++] == '\n')
            line = at;
    return line;
}

/* The header block of the part that begins at scan->at; scan->at goes to its body. */
static void
read_header(struct scan *scan, struct part *part)
{
    struct tree *tree = scan->tree;
    if (tree->parts->len == 1) {
        gsize begin = blank_lines(tree);
        header_block_parse(tree->raw + begin, tree->len - begin, &part->head);
        scan->at = begin + part->head.body_at;
    } else {
        gsize end = header_end(scan, scan->at);
        header_block_parse(tree->raw + scan->at, end - scan->at, &part->head);
        scan->at = end;
        if (is_empty_line(tree->raw + end, tree->len - end))
            scan->at = line_end(scan, end);
    }
    part->body_at = part->body_end = scan->at;
    note_flaws(tree, part);
}

/* ---- the parts of the mail */

static bool
begin_part(struct scan *scan, struct part *parent, GError **error)
{
    struct tree *tree = scan->tree;
    if (tree->parts->len > CAP_MIME_PARTS)
        return refuse(error, "more MIME parts than CAP_MIME_PARTS");
    struct part *part = g_new0(struct part, 1);
    part->parent = parent;
    part->base = tree->raw;
    g_ptr_array_add(tree->parts, part);
    if (parent)
        g_ptr_array_add(parent->children, part);
    read_header(scan, part);
    read_fields(part);
    if (part->head.flaws & HEADER_FLAW_TOO_BIG)
        return refuse(error, "a header over CAP_HEADER_BYTES or CAP_HEADER_FIELDS");
    scan->leaf = part;
    if (!part->boundary)
        return true;
    if (scan->open->len >= CAP_MIME_DEPTH)
        return refuse(error, "MIME parts nested deeper than CAP_MIME_DEPTH");
    part->children = g_ptr_array_new();
    g_ptr_array_add(scan->open, part);
    scan->leaf = NULL;
    return true;
}

/* Ends the leaf and the open multiparts above `level` before the boundary line at `at`, whose line break in
 * front belongs to it. */
static void
end_parts(struct scan *scan, guint level, gsize at)
{
    const char *raw = scan->tree->raw;
    if (at > 0 && raw[at - 1] == '\n')
        at -= at > 1 && raw[at - 2] == '\r' ? 2 : 1;
    if (scan->leaf)
        scan->leaf->body_end = MAX(at, scan->leaf->body_at);
    scan->leaf = NULL;
    for (guint i = level; i < scan->open->len; i++) {
        struct part *part = scan->open->pdata[i];
        part->body_end = MAX(at, part->body_at);
    }
    g_ptr_array_set_size(scan->open, (gint)level);
}

/* The next line from `at` (a line's beginning) that begins with "--", or the end. */
static gsize
next_dashes(const struct tree *tree, gsize at)
{
    if (tree->len - at >= 2 && memcmp(tree->raw + at, "--", 2) == 0)
        return at;
    const char *found = memmem(tree->raw + at, tree->len - at, "\n--", 3);
    return found ? (gsize)(found - tree->raw) + 1 : tree->len;
}

static bool
scan_bodies(struct scan *scan, GError **error)
{
    struct tree *tree = scan->tree;
    while (scan->open->len > 0 && (scan->at = next_dashes(tree, scan->at)) < tree->len) {
        gsize at = scan->at, end = line_end(scan, at);
        bool is_end = false;
        int level = match_boundary(scan, tree->raw + at, end - at, &is_end);
        scan->at = end;
        if (level < 0)
            continue;
        end_parts(scan, (guint)level + (is_end ? 0 : 1), at);
        struct part *parent = is_end ? NULL : scan->open->pdata[level];
        if (parent && parent->children->len == 0)
            parent->preamble_end = at;
        if (parent && !begin_part(scan, parent, error))
            return false;
    }
    if (scan->open->len > 0)
        tree_note(tree, "a multipart has no end: the mail may be cut off");
    end_parts(scan, 0, tree->len);
    return true;
}

/* The boundary that the mail is divided by, when it is not the one that it names: that of the first line that
 * looks like one and has a field of a part below it. NULL if there is none. */
static char *
find_boundary(const struct scan *scan, gsize at)
{
    const struct tree *tree = scan->tree;
    while ((at = next_dashes(tree, at)) < tree->len) {
        gsize end = line_end(scan, at);
        g_autofree char *boundary = g_strndup(tree->raw + at + 2, end - at - 2);
        bool has_field = tree->len - end > 8 && g_ascii_strncasecmp(tree->raw + end, "Content-", 8) == 0;
        if (has_field && *g_strchomp(boundary))
            return g_steal_pointer(&boundary);
        at = end;
    }
    return NULL;
}

/* Scans a mail anew in which the boundary that it names does not occur. */
static bool
scan_again(struct scan *scan, GError **error)
{
    struct part *root = tree_root(scan->tree);
    char *boundary = find_boundary(scan, root->body_at);
    if (!boundary)
        return true;
    tree_note(scan->tree, "the boundary between the parts is not the one that is named");
    g_free(root->boundary);
    root->boundary = boundary;
    if (!root->children)
        root->children = g_ptr_array_new();
    g_ptr_array_add(scan->open, root);
    scan->leaf = NULL;
    scan->at = root->body_at;
    return scan_bodies(scan, error);
}

/* A multipart in which no part was found is text, so that nothing of it is lost. */
static void
number_leaves(struct tree *tree)
{
    for (guint i = 0; i < tree->parts->len; i++) {
        struct part *part = tree->parts->pdata[i];
        if (part->children && part->children->len == 0)
            g_clear_pointer(&part->children, g_ptr_array_unref);
        if (part->children)
            continue;
        if (part_is(part, "multipart/")) {
            tree_note(tree, "a multipart without %s, read as text",
                      part->boundary ? "its boundary in the mail" : "a boundary");
            g_free(part->type->value);
            part->type->value = g_strdup("text/plain");
        }
        part->index = tree->n_leaves++;
    }
}

struct tree *
tree_scan(const void *raw, gsize len, GError **error)
{
    g_autoptr(tree_t) tree = g_new0(struct tree, 1);
    tree->raw = len > 0 ? raw : "";
    tree->len = len;
    tree->parts = g_ptr_array_new_with_free_func((GDestroyNotify)part_free);
    tree->contents = g_ptr_array_new_with_free_func((GDestroyNotify)g_byte_array_unref);
    tree->problems = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) open = g_ptr_array_new();
    struct scan scan = {.tree = tree, .open = open};
    if (!begin_part(&scan, NULL, error))
        return NULL;
    bool is_leaf = scan.leaf != NULL;
    if (!is_leaf && !scan_bodies(&scan, error))
        return NULL;
    if (is_leaf)
        scan.leaf->body_end = len;
    if (tree->parts->len == 1 && part_is(tree_root(tree), "multipart/") && !scan_again(&scan, error))
        return NULL;
    number_leaves(tree);
    return g_steal_pointer(&tree);
}

/* ---- parts within the contents of leaves */

static bool
has_room(struct tree *tree, guint more)
{
    if (tree->parts->len + more <= CAP_MIME_PARTS)
        return true;
    tree_note(tree, "more parts in contents than are read");
    return false;
}

static void
open_leaf(struct part *part)
{
    part->is_opened = true;
    if (!part->children)
        part->children = g_ptr_array_new();
}

struct part *
tree_add_leaf(struct tree *tree, struct part *parent, const char *type, const char *base, gsize at, gsize len)
{
    if (!has_room(tree, 1))
        return NULL;
    struct part *part = g_new0(struct part, 1);
    part->parent = parent;
    header_block_parse(NULL, 0, &part->head);
    part->base = base;
    part->body_at = at;
    part->body_end = at + len;
    part->type = params_parse(type);
    part->index = tree->n_leaves++;
    open_leaf(parent);
    g_ptr_array_add(parent->children, part);
    g_ptr_array_add(tree->parts, part);
    return part;
}

bool
tree_graft(struct tree *tree, struct part *parent, struct tree *inner)
{
    if (!has_room(tree, inner->parts->len))
        return false;
    open_leaf(parent);
    g_ptr_array_add(parent->children, tree_root(inner));
    tree_root(inner)->parent = parent;
    for (guint i = 0; i < inner->parts->len; i++)
        ((struct part *)inner->parts->pdata[i])->index += tree->n_leaves;
    tree->n_leaves += inner->n_leaves;
    tree->is_encrypted = tree->is_encrypted || inner->is_encrypted;
    tree->is_damaged = tree->is_damaged || inner->is_damaged;
    g_ptr_array_extend_and_steal(tree->parts, g_steal_pointer(&inner->parts));
    inner->parts = g_ptr_array_new();
    for (guint i = 0; i < inner->problems->len; i++)
        tree_note(tree, "%s", (const char *)inner->problems->pdata[i]);
    return true;
}
