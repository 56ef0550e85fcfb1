/* quote.c - see quote.h.
 *
 * A quote that says where it ends (">" lines, an HTML container) leaves what stands below it as new text:
 * people answer between and below. One that does not (Outlook's blocks, "-----Original Message-----")
 * takes everything to the end. One pass. */
#include "quote.h"

#include "heads.h"

#include <string.h>

/* Enough for people to read. */
#define RULES_SHOWN 12
/* Each costs a move of all lines below. */
#define SPLITS 32
/* Where mail programs break lines at the earliest, and a line that is looked at for it. */
#define BROKEN_COLUMNS 72
#define BROKEN_BYTES   400

void
quote_cut_add_rule(struct quote_cut *cut, const char *name, guint line)
{
    if (!cut->rule)
        cut->rule = g_string_new(NULL);
    cut->rules++;
    guint number = lines_at(cut->lines, line)->number;
    const char *join = cut->rule->len > 0 ? "; " : "";
    if (cut->rules <= RULES_SHOWN)
        g_string_append_printf(cut->rule, "%s%s, line %u", join, name, number);
    else if (cut->rules == RULES_SHOWN + 1)
        g_string_append_printf(cut->rule, "; and so on from line %u", number);
}

void
quote_cut_init(struct quote_cut *cut, GArray *lines)
{
    *cut = (struct quote_cut){
        .lines = lines, .forward_line = QUOTE_NONE, .fields_line = QUOTE_NONE, .wrote_line = QUOTE_NONE};
}

void
quote_cut_clear(struct quote_cut *cut)
{
    if (cut->rule)
        g_string_free(cut->rule, TRUE);
    cut->rule = NULL;
}

/* A ">" that only closes a link wrapped on the line above: "<https://…\n>". */
static bool
closes_link(GArray *lines, guint i)
{
    if (i == 0)
        return false;
    const struct text_line *above = lines_at(lines, i - 1);
    const char *open = memrchr(above->start, '<', above->len);
    if (!open || above->role != ROLE_NEW)
        return false;
    gsize rest = above->len - (gsize)(open - above->start);
    return !memchr(open, '>', rest) &&
           (g_strstr_len(open, (gssize)rest, "://") || g_strstr_len(open, (gssize)rest, "mailto:"));
}

static bool
is_prefixed(GArray *lines, guint i)
{
    return line_quote_depth(lines_at(lines, i), NULL) > 0 && !closes_link(lines, i);
}

/* Chinese and its kin are two wide. */
static guint
columns(const char *text, gsize len)
{
    guint wide = 0;
    for (const char *p = text; p < text + len; p = utf8_next(p))
        wide += g_unichar_iswide(g_utf8_get_char(p)) ? 2 : 1;
    return wide;
}

/* Whether the sentence of a quoted line is at its end. */
static bool
ends_sentence(const struct text_line *line)
{
    static const char *const ends[] = {".", "!", "?", ":", ";", "…", "。", "！", "？", "：", "；"};
    g_autofree char *bare = line_bare(line);
    for (guint i = 0; i < G_N_ELEMENTS(ends); i++)
        if (g_str_has_suffix(bare, ends[i]))
            return true;
    return *bare == '\0';
}

/* Whether the text goes on with what stood above it: no capital. */
static bool
goes_on(const char *text)
{
    return *text != '\n' && *text != '\0' && !g_unichar_isupper(g_utf8_get_char(text));
}

/* "> a long line\ntail\n> next": a mail program broke a quoted line and did not mark the rest. Told from an
 * answer by three things: the sentence goes on, the line above is full (the next word had no room on it), and
 * the quote goes on below. */
static bool
is_broken_tail(GArray *lines, guint i)
{
    if (i == 0 || i + 1 >= lines->len || !is_prefixed(lines, i - 1) || !is_prefixed(lines, i + 1))
        return false;
    const struct text_line *above = lines_at(lines, i - 1), *tail = lines_at(lines, i);
    if (above->len > BROKEN_BYTES || tail->len > BROKEN_BYTES || line_is_blank(tail) || ends_sentence(above))
        return false;
    gsize word = 0;
    while (word < tail->len && tail->start[word] != ' ' && !(word > 0 && (tail->start[word] & 0x80)))
        word++;
    guint full = columns(above->start, above->len);
    if (columns(tail->start, tail->len) >= full || full + 1 + columns(tail->start, word) <= BROKEN_COLUMNS)
        return false;
    const char *below;
    line_quote_depth(lines_at(lines, i + 1), &below);
    return goes_on(tail->start) || (goes_on(below) && !ends_sentence(tail));
}

/* Whether the line at i tells by itself where its quote ends. */
static bool
is_bounded(GArray *lines, guint i, bool soft)
{
    if (i >= lines->len)
        return false;
    guint marks = lines_at(lines, i)->marks;
    return is_prefixed(lines, i) || (marks & MARK_QUOTE) || (soft && (marks & MARK_SOFT));
}

static bool
is_barred(GArray *lines, guint i)
{
    return i < lines->len && lines_at(lines, i)->len > 0 && lines_at(lines, i)->start[0] == '|';
}

/* Header blocks and separators: the rulers and blank lines above belong to them. */
static guint
widen_up(GArray *lines, guint i)
{
    guint start = i;
    while (i > 0) {
        const struct text_line *above = lines_at(lines, i - 1);
        bool drawn = head_is_ruler(above) || head_is_framed(above);
        if (above->role != ROLE_NEW || !(line_is_blank(above) || drawn))
            break;
        i--;
        start = drawn ? i : start;
    }
    return start;
}

/* HTML's marks become roles. */
static void
apply_marks(GArray *lines, bool soft, struct quote_cut *cut)
{
    guint quote = MARK_QUOTE | (soft ? MARK_SOFT : 0u), stop = lines->len;
    bool was = false;
    for (guint i = 0; i < lines->len; i++) {
        struct text_line *line = lines_at(lines, i);
        if ((line->marks & MARK_CUT) && stop == lines->len && lines_next_text(lines, i) < lines->len) {
            quote_cut_add_rule(cut, "reply divider of the HTML", i);
            stop = i;
        }
        bool is = (line->marks & quote) != 0;
        if (is && !was && i < stop)
            quote_cut_add_rule(cut, "quote container of the HTML", i);
        was = is;
        if (is || i >= stop)
            line->role = ROLE_QUOTED;
    }
    if (stop < lines->len)
        lines_set_role(lines, widen_up(lines, stop), stop, ROLE_HEAD);
}

static bool
has_new_above(GArray *lines, guint i)
{
    for (guint n = 0; n < i; n++)
        if (lines_at(lines, n)->role == ROLE_NEW && !line_is_blank(lines_at(lines, n)))
            return true;
    return false;
}

/* Notes a forward or a header block that begins at line i. A mail that is nothing but another mail's
 * header and text is a forward, whatever it is called. */
static void
note_mail(GArray *lines, guint i, enum head_kind kind, bool above, struct quote_cut *cut)
{
    if (cut->forward_line != QUOTE_NONE || cut->fields_line != QUOTE_NONE)
        return;
    if (kind == HEAD_FORWARD)
        cut->forward_line = i;
    if (kind != HEAD_FIELDS && kind != HEAD_ORIGINAL)
        return;
    guint end, next = lines_next_text(lines, kind == HEAD_FIELDS ? i : i + 1);
    if (next >= lines->len || head_at(lines, next, &end) != HEAD_FIELDS)
        return;
    if (above)
        cut->fields_line = next;
    else
        cut->forward_line = next;
}

/* Within a quote nothing is cut any more, but a forward may begin there. */
static void
look_into(GArray *lines, guint i, struct quote_cut *cut)
{
    if (cut->forward_line != QUOTE_NONE || cut->fields_line != QUOTE_NONE)
        return;
    guint end;
    enum head_kind kind = head_at(lines, i, &end);
    note_mail(lines, i, kind, has_new_above(lines, i), cut);
}

/* Outlook 2019 writes "On … wrote:" above forwards too, and sets the mail below it in by blanks. */
static void
note_wrote(GArray *lines, guint i, guint end, struct quote_cut *cut)
{
    guint next = lines_next_text(lines, end);
    if (next >= lines->len || cut->wrote_line != QUOTE_NONE)
        return;
    const struct text_line *line = lines_at(lines, next);
    if (line->len < 2 || (line->start[0] != '\t' && memcmp(line->start, "  ", 2) != 0))
        return;
    cut->wrote_line = i;
    cut->wrote_end = end;
}

/* Where a forward ends whose header block at line i is marked by ">": below the last marked line (not every
 * program marks all of them) and an empty one; at the end of the mail where nothing is marked. */
static guint
forward_end(GArray *lines, guint i)
{
    guint end;
    if (i >= lines->len || !is_prefixed(lines, i) || head_at(lines, i, &end) != HEAD_FIELDS)
        return lines->len;
    guint last = lines->len - 1;
    while (!is_prefixed(lines, last))
        last--;
    return last + 1 < lines->len && line_is_blank(lines_at(lines, last + 1)) ? last + 1 : lines->len;
}

/* A head outside quotes. Returns where to go on. */
static guint
take_head(GArray *lines, guint i, bool soft, struct quote_cut *cut)
{
    guint end;
    enum head_kind kind = head_at(lines, i, &end);
    guint next = lines_next_text(lines, end);
    bool bounded = (kind == HEAD_WROTE || kind == HEAD_NAME) && is_bounded(lines, next, soft);
    bool barred = (kind == HEAD_WROTE || kind == HEAD_NAME) && is_barred(lines, next);
    if (kind == HEAD_NONE || (kind == HEAD_NAME && !bounded && !barred))
        return i + 1;
    gsize glued = kind == HEAD_WROTE ? head_glued_at(lines_at(lines, i)) : 0;
    if (glued > 0 && cut->splits < SPLITS) {
        cut->splits++;
        lines_cut(lines, i, glued);
        return i + 1;
    }
    quote_cut_add_rule(cut, head_name(kind), i);
    guint start = kind == HEAD_WROTE || kind == HEAD_NAME ? i : widen_up(lines, i);
    note_mail(lines, i, kind, has_new_above(lines, start), cut);
    lines_set_role(lines, start, end, ROLE_HEAD);
    if (bounded)
        return end;
    if (kind == HEAD_WROTE)
        note_wrote(lines, i, end, cut);
    if (barred) {
        while (is_barred(lines, next))
            next++;
        lines_set_role(lines, end, next, ROLE_QUOTED);
        return next;
    }
    guint stop = kind == HEAD_FORWARD ? forward_end(lines, next) : lines->len;
    lines_set_role(lines, end, stop, ROLE_QUOTED);
    return stop;
}

/* Blank lines after a quoted line go with it. */
static void
quote_blanks(GArray *lines)
{
    for (guint i = 1; i < lines->len; i++) {
        enum line_role above = lines_at(lines, i - 1)->role;
        if (line_is_blank(lines_at(lines, i)) && above != ROLE_NEW && lines_at(lines, i)->role == ROLE_NEW)
            lines_at(lines, i)->role = ROLE_QUOTED;
    }
}

void
quote_find(GArray *lines, bool soft, struct quote_cut *cut)
{
    apply_marks(lines, soft, cut);
    bool in_quote = false;
    guint looked = 0;
    for (guint i = 0; i < lines->len;) {
        struct text_line *line = lines_at(lines, i);
        if (line_is_blank(line) || line->role == ROLE_SIGNATURE) {
            i++;
            continue;
        }
        bool prefixed =
            line->role == ROLE_NEW && (is_prefixed(lines, i) || (in_quote && is_broken_tail(lines, i)));
        if (prefixed && !in_quote)
            quote_cut_add_rule(cut, "> quote", i);
        if (prefixed)
            line->role = ROLE_QUOTED;
        /* a forward is announced in the first lines of a quote */
        looked = line->role == ROLE_NEW ? 0 : looked + 1;
        if (line->role != ROLE_NEW && looked <= 3)
            look_into(lines, i, cut);
        in_quote = line->role != ROLE_NEW;
        i = in_quote ? i + 1 : take_head(lines, i, soft, cut);
    }
    quote_blanks(lines);
}
