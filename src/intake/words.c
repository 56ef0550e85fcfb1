/* words.c - the words of a mail as they count: what the parse worker found, with the answers that were
 * written into the quote of a mail of ours, without the lines that its sender puts below every mail, and
 * without reply tokens. words_read only reads; words_learn remembers how a proven sender ends his mails. */
#include "intake_private.h"

#include <cardpost/secret.h>
#include <cardpost/text.h>

#include <string.h>

/* Mails of ours that one mail may be compared with, the nearest first. */
#define ANSWERED_MAILS 4
/* A tail: this many lines at most, found below two of the last TAILS_KEPT mails of the sender. */
#define TAIL_LINES  12
#define TAILS_KEPT  4
#define TAIL_RECORD "\x1e"
/* One line is a tail only if it is long: "Thanks" is not. In bytes. */
#define TAIL_LONG_LINE 25
/* Logos: images below a mail, and small ones beside it, in this many earlier mails of the sender. */
#define LOGO_MAILS 2
#define LOGO_BYTES (100 * 1024)

static void
add_rule(struct intake_plan *plan, guint n, const char *what)
{
    char *before = plan->words_rule;
    plan->words_rule = g_strdup_printf("%s%s%s (%u)", before ? before : "", before ? "; " : "", what, n);
    g_free(before);
}

/* ---- answers inside the quote */

static char *
try_ids(struct store *store, const GPtrArray *ids, guint *left)
{
    char *words = NULL;
    for (guint i = ids->len; i > 0 && !words && *left > 0; i--, (*left)--)
        words = sent_words_get(store, ids->pdata[i - 1]);
    return words;
}

/* What we sent when this mail answers one of ours; NULL if it does not, or it was long ago. */
static char *
words_answered(const struct intake_question *question)
{
    guint left = ANSWERED_MAILS;
    char *words = try_ids(question->store, question->mail->in_reply_to, &left);
    return words ? words : try_ids(question->store, question->mail->references, &left);
}

/* The text is nothing but the quote, kept so that the mail is not empty (text.h). */
static bool
is_only_quote(const char *text, const char *quoted)
{
    g_auto(GStrv) quoted_lines = g_strsplit(quoted, "\n", -1), lines = g_strsplit(text, "\n", -1);
    g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; quoted_lines[i]; i++)
        g_hash_table_add(known, quoted_lines[i]);
    for (guint i = 0; lines[i]; i++)
        if (*lines[i] != '\0' && *lines[i] != '>' && !g_hash_table_contains(known, lines[i]))
            return false;
    return true;
}

static guint
count_lines(const char *text)
{
    guint n = *text != '\0';
    for (const char *p = text; (p = strchr(p, '\n')); p++)
        n++;
    return n;
}

static void
add_answers_inside(const char *sent, struct intake_plan *plan)
{
    g_autofree char *edits = text_edits(plan->quoted, sent);
    if (!edits || *edits == '\0')
        return;
    bool replaces = is_only_quote(plan->text, plan->quoted);
    char *before = plan->text;
    plan->text = replaces || *before == '\0' ? g_strdup(edits) : g_strconcat(before, "\n\n", edits, NULL);
    g_free(before);
    plan->is_from_quote = true;
    add_rule(plan, count_lines(edits), "lines written into the quote of our mail");
}

/* A quote that nothing marks as one: what others wrote to the author is not said on to whomever he answers.
 */
static void
fold_unmarked_quote(const char *sent, struct intake_plan *plan)
{
    if (is_only_quote(plan->text, plan->quoted))
        return;
    gsize before = text_before_sent(plan->text, sent);
    char *start = plan->text + before, *quoted = plan->quoted;
    if (*start == '\0')
        return;
    add_rule(plan, count_lines(start), "lines of our mail below the answer");
    plan->quoted = g_strconcat(start, *quoted ? "\n" : "", quoted, NULL);
    g_free(quoted);
    *start = '\0';
    g_strchomp(plan->text);
}

/* ---- the tail */

/* The last lines that have words, the last first; new, at most TAIL_LINES. */
static GPtrArray *
last_lines(const char *text)
{
    GPtrArray *last = g_ptr_array_new_with_free_func(g_free);
    const char *end = text + strlen(text);
    while (end > text && last->len < TAIL_LINES) {
        const char *start = end;
        while (start > text && start[-1] != '\n')
            start--;
        char *line = g_strstrip(g_strndup(start, (gsize)(end - start)));
        if (*line)
            g_ptr_array_add(last, line);
        else
            g_free(line);
        end = start > text ? start - 1 : text;
    }
    return last;
}

/* How many of the lines, counted from the last, end an earlier mail too. */
static guint
common_lines(const GPtrArray *last, const char *earlier)
{
    g_auto(GStrv) lines = g_strsplit(earlier, "\n", -1);
    guint n = 0;
    while (n < last->len && lines[n] && g_str_equal(lines[n], last->pdata[n]))
        n++;
    return n;
}

/* Lines that ask for something are no tail, however often they come. */
static bool
asks_for_something(const char *line)
{
    static const char *const marks[] = {"/", "!", "／", "！", "@", "＠", "#", "＃", "[", "【", "- ["};
    for (guint i = 0; i < G_N_ELEMENTS(marks); i++)
        if (g_str_has_prefix(line, marks[i]))
            return true;
    return false;
}

/* Lines of `last` that are the sender's tail; 0: none. */
static guint
tail_length(const GPtrArray *last, const char *tails)
{
    g_auto(GStrv) earlier = g_strsplit(tails, TAIL_RECORD, TAILS_KEPT + 1);
    guint longest = 0, second = 0;
    for (guint i = 0; earlier[i]; i++) {
        guint n = common_lines(last, earlier[i]);
        second = MAX(second, MIN(n, longest));
        longest = MAX(longest, n);
    }
    guint n = 0;
    while (n < second && !asks_for_something(last->pdata[n]))
        n++;
    return n > 1 || (n == 1 && strlen(last->pdata[0]) >= TAIL_LONG_LINE) ? n : 0;
}

/* Where the last n lines with words begin, when there are words above them; NULL otherwise. */
static char *
tail_start(char *text, guint n)
{
    char *start = text + strlen(text);
    while (n > 0 && start > text) {
        bool has_words = false;
        do {
            start--;
            has_words = has_words || !g_ascii_isspace(*start);
        } while (start > text && start[-1] != '\n');
        n -= has_words;
    }
    for (const char *p = text; p < start; p++)
        if (!g_ascii_isspace(*p))
            return start;
    return NULL;
}

/* Foxmail's signature, unless another is made: the sender's own address, alone on the last line. */
static bool
ends_with_address(const GPtrArray *last, const char *address)
{
    const char *above = last->len > 1 ? last->pdata[1] : ":";
    return !g_str_has_suffix(above, ":") && !g_str_has_suffix(above, "：") &&
           g_ascii_strcasecmp(last->pdata[0], address) == 0;
}

static void
fold_tail(const struct intake_question *question, struct intake_plan *plan)
{
    const char *address = plan->identity.address;
    g_autofree char *tails = question->store ? sender_tails(question->store, address) : NULL;
    g_autoptr(GPtrArray) last = last_lines(plan->text);
    guint n = tails ? tail_length(last, tails) : 0;
    bool is_own = n == 0 && ends_with_address(last, address);
    char *start = n > 0 || is_own ? tail_start(plan->text, is_own ? 1 : n) : NULL;
    if (!start)
        return;
    char *signature = plan->signature;
    plan->signature = g_strconcat(start, *signature ? "\n" : "", signature, NULL);
    g_free(signature);
    *start = '\0';
    g_strchomp(plan->text);
    if (is_own)
        add_rule(plan, 1, "line that is the sender's own address");
    else
        add_rule(plan, n, "lines this sender ends every mail with");
}

static void
learn_tail(struct store *store, const char *sender, const char *text)
{
    g_autoptr(GPtrArray) last = last_lines(text);
    if (last->len == 0)
        return;
    g_ptr_array_add(last, NULL);
    g_autofree char *tail = g_strjoinv("\n", (char **)last->pdata), *before = sender_tails(store, sender);
    g_auto(GStrv) earlier = g_strsplit(before ? before : "", TAIL_RECORD, -1);
    g_autoptr(GString) tails = g_string_new(tail);
    for (guint i = 0; earlier[i] && i < TAILS_KEPT - 1; i++)
        if (*earlier[i])
            g_string_append_printf(tails, TAIL_RECORD "%s", earlier[i]);
    sender_set_tails(store, sender, tails->str);
}

/* ---- logos */

static bool
may_be_logo(const struct mail_attachment *attachment)
{
    return g_str_has_prefix(attachment->type, "image/") &&
           (attachment->is_inline || attachment->size_bytes <= LOGO_BYTES);
}

static void
choose_attachments(const struct intake_question *question, struct intake_plan *plan)
{
    const GPtrArray *all = question->mail->attachments;
    guint logos = 0;
    for (guint i = 0; i < all->len; i++) {
        struct mail_attachment *attachment = all->pdata[i];
        bool is_logo =
            question->store && plan->identity.address && may_be_logo(attachment) &&
            sender_image_mails(question->store, plan->identity.address, attachment->sha256) >= LOGO_MAILS;
        if (is_logo)
            logos++;
        else
            g_ptr_array_add(plan->attachments, attachment);
    }
    if (logos > 0)
        add_rule(plan, logos, "images this sender puts into every mail");
}

/* ---- the whole */

void
words_read(const struct intake_question *question, struct intake_plan *plan)
{
    plan->text = secret_redact(question->mail->reply_text);
    plan->quoted = secret_redact(question->mail->quoted_text);
    plan->signature = secret_redact(question->mail->signature);
    plan->attachments = g_ptr_array_new();
    g_autofree char *sent = question->store ? words_answered(question) : NULL;
    if (sent)
        fold_unmarked_quote(sent, plan);
    if (sent && *plan->quoted)
        add_answers_inside(sent, plan);
    /* the quote of our own mail looks like a forward when nothing stands above it */
    bool forwards = !sent && forward_is_others(question);
    plan->forwarded = forwards ? forward_block(question->mail->forward) : g_strdup("");
    plan->ending = g_strdup(plan->text);
    if (plan->identity.address)
        fold_tail(question, plan);
    choose_attachments(question, plan);
}

void
words_learn(const struct intake_question *question, const struct intake_plan *plan)
{
    if (plan->trust < TRUST_GUEST || question->is_partial)
        return;
    const char *sender = plan->identity.address;
    learn_tail(question->store, sender, plan->ending);
    const GPtrArray *all = question->mail->attachments;
    for (guint i = 0; i < all->len; i++) {
        const struct mail_attachment *attachment = all->pdata[i];
        if (may_be_logo(attachment))
            sender_note_image(question->store, sender, attachment->sha256);
    }
}
