/* from.c - reads exactly one mailbox out of exactly one From field (RFC 5322 section 3.4), or says why not.
 *
 * Stricter than the RFC: whatever two readers could take for two addresses is no identity. No groups, no
 * routes, no comment inside an address, no "@" or "<" in a comment, no quoted local part, ASCII addresses
 * only. Laxer only where no other reading exists: dots, brackets and 8-bit bytes in a display name, and an
 * address repeated as its own unquoted name. One pass, no recursion; the name is not decoded here. */
#include "from.h"

#include <cardpost/caps.h>
#include <cardpost/clean.h>

#include <string.h>

struct reader {
    const char *at;   /* into the unfolded value */
    GString *phrase;  /* words before "<", unquoted */
    GString *comment; /* text of the first comment */
    GString *angle;   /* what stands in "<…>" */
    bool has_angle, has_quote;
    bool has_bare_at; /* an "@" outside of quotes and angle */
    const char *flaw;
};

static bool
fail(struct reader *reader, const char *flaw)
{
    reader->flaw = flaw;
    return false;
}

/* A comment with the cursor on its "("; balanced ones nest. */
static bool
read_comment(struct reader *reader)
{
    bool keeps = reader->comment->len == 0;
    guint depth = 0;
    g_string_append_c(reader->phrase, ' '); /* `a(x)@b` is not `a@b` */
    do {
        char c = *reader->at;
        if (c == '\0')
            return fail(reader, "From has an open comment");
        if (strchr("<>@\\", c))
            return fail(reader, "From has a comment that looks like an address");
        depth += c == '(';
        depth -= c == ')';
        if (keeps && depth > 0 && !(c == '(' && depth == 1))
            g_string_append_c(reader->comment, c);
        reader->at++;
    } while (depth > 0);
    return true;
}

static bool
read_quoted(struct reader *reader)
{
    reader->has_quote = true;
    for (reader->at++; *reader->at != '"'; reader->at++) {
        if (*reader->at == '\\')
            reader->at++;
        if (*reader->at == '\0')
            return fail(reader, "From has an open quote");
        g_string_append_c(reader->phrase, *reader->at);
    }
    reader->at++;
    return true;
}

static bool
read_angle(struct reader *reader)
{
    const char *end = strchr(reader->at, '>');
    if (reader->has_angle)
        return fail(reader, "From holds two addresses");
    if (!end)
        return fail(reader, "From has an open <");
    reader->has_angle = true;
    g_string_append_len(reader->angle, reader->at + 1, end - reader->at - 1);
    reader->at = end + 1;
    return true;
}

/* One character, word or bracket of the value. */
static bool
read_piece(struct reader *reader)
{
    char c = *reader->at;
    if (c == '(')
        return read_comment(reader);
    if (c == '<')
        return read_angle(reader);
    if (c == ' ' || c == '\t') {
        reader->at++;
        if (!reader->has_angle && reader->phrase->len > 0)
            g_string_append_c(reader->phrase, ' ');
        return true;
    }
    if (c == ',' || c == ';' || c == ':')
        return fail(reader, "From is a list or a group");
    if (reader->has_angle)
        return fail(reader, "From has words behind its address");
    if (c == '"')
        return read_quoted(reader);
    if (strchr(">)\\", c))
        return fail(reader, "From cannot be read");
    reader->has_bare_at = reader->has_bare_at || c == '@';
    g_string_append_c(reader->phrase, c);
    reader->at++;
    return true;
}

/* The address in `text` folded, or NULL and a flaw. */
static char *
fold(struct reader *reader, const char *text)
{
    g_autofree char *trimmed = g_strstrip(g_strdup(text));
    if (*trimmed == '\0')
        fail(reader, "From is empty");
    else if (!g_str_is_ascii(trimmed))
        fail(reader, "From has an address that is not ASCII");
    else if (strstr(trimmed, "=?"))
        fail(reader, "From has an encoded word for an address");
    else if (!clean_is_address(trimmed))
        fail(reader, "From has no plain address");
    else
        return clean_address_fold(trimmed);
    return NULL;
}

/* An unquoted name that is an address itself must be the very address. */
static bool
is_name_harmless(struct reader *reader, const char *address)
{
    if (!reader->has_bare_at)
        return true;
    if (reader->has_quote)
        return false;
    g_autofree char *name = g_strstrip(g_strdup(reader->phrase->str));
    g_autofree char *folded = clean_address_fold(name);
    return g_strcmp0(folded, address) == 0;
}

static bool
has_control(const char *text)
{
    for (; *text; text++)
        if (((guchar)*text < ' ' && *text != '\t') || *text == 127)
            return true;
    return false;
}

static void
read_mailbox(struct reader *reader, struct from *from)
{
    while (*reader->at && read_piece(reader))
        continue;
    if (reader->flaw)
        return;
    if (!reader->has_angle && reader->has_quote) {
        fail(reader, "From has a quoted local part");
        return;
    }
    g_autofree char *address = fold(reader, reader->has_angle ? reader->angle->str : reader->phrase->str);
    if (!address)
        return;
    if (reader->has_angle && !is_name_harmless(reader, address)) {
        fail(reader, "From holds two addresses");
        return;
    }
    from->address = g_steal_pointer(&address);
    bool is_named = reader->has_angle && strspn(reader->phrase->str, " ") < reader->phrase->len;
    from->name = name_decode(is_named ? reader->phrase->str : reader->comment->str);
}

/* The flaws of a block that hide a From from some readers. */
static const char *
block_flaw(const struct header_block *block)
{
    if (block->flaws & HEADER_FLAW_TOO_BIG)
        return "header is too big";
    if (block->flaws & HEADER_FLAW_NUL)
        return "NUL in the header";
    if (block->flaws & HEADER_FLAW_BARE_CR)
        return "bare CR in the header";
    if (block->flaws & HEADER_FLAW_SPACED_NAME)
        return "white space before the colon of a header field";
    guint n = header_count(block, "From");
    return n == 0 ? "no From field" : n > 1 ? "more than one From field" : NULL;
}

void
from_read(const struct header_block *block, struct from *from_out)
{
    *from_out = (struct from){.flaw = block_flaw(block)};
    const struct header_field *field = header_nth(block, "From", 0);
    if (!from_out->flaw && field->value_len > CAP_FROM_BYTES)
        from_out->flaw = "From is too long";
    g_autofree char *value = from_out->flaw ? NULL : header_unfold(field);
    if (value && has_control(value))
        from_out->flaw = "control character in From";
    if (!from_out->flaw) {
        struct reader reader = {.at = value,
                                .phrase = g_string_new(NULL),
                                .comment = g_string_new(NULL),
                                .angle = g_string_new(NULL)};
        read_mailbox(&reader, from_out);
        from_out->flaw = reader.flaw;
        g_string_free(reader.phrase, TRUE);
        g_string_free(reader.comment, TRUE);
        g_string_free(reader.angle, TRUE);
    }
    if (!from_out->name)
        from_out->name = g_strdup("");
}

void
from_clear(struct from *from)
{
    g_clear_pointer(&from->address, g_free);
    g_clear_pointer(&from->name, g_free);
    from->flaw = NULL;
}
