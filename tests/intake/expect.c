/* expect.c - see expect.h. */
#include "expect.h"

#include <cardpost/mime.h>

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* What stood before the mail. */
struct before {
    char *cards;
    guint n_cards, n_people;
    int64_t last_input, n_outcomes;
};

static void
add_ids(GString *text, GArray *ids)
{
    for (guint i = 0; i < ids->len; i++)
        g_string_append_printf(text, " %" G_GINT64_FORMAT, g_array_index(ids, int64_t, i));
    g_string_append_c(text, ';');
    g_array_unref(ids);
}

/* Everything that a card is but its comments, oldest card first. */
static char *
cards_text(struct world *world, guint *n_out)
{
    GString *text = g_string_new(NULL);
    g_autoptr(GPtrArray) cards = card_list(world->store, 0, 1000);
    *n_out = cards->len;
    for (guint i = 1; i <= cards->len; i++) {
        g_autoptr(card_t) card = card_get(world->store, i);
        g_string_append_printf(text, "card %u %s board %d column %d %s from %d %s:", i, card->title,
                               (int)card->board_id, (int)card->column_id, card_status_name(card->status),
                               (int)card->requester_id, card->sender_address);
        for (int role = CARD_REQUESTER; role <= CARD_WATCHER; role++)
            add_ids(text, card_people(world->store, i, (enum card_role)role));
        g_string_append_c(text, '\n');
    }
    return g_string_free(text, FALSE);
}

static int64_t
count_outcomes(struct world *world)
{
    g_autoptr(GArray) counts = outcome_counts(world->store);
    int64_t sum = 0;
    for (guint i = 0; i < counts->len; i++)
        sum += g_array_index(counts, int64_t, i);
    return sum;
}

static guint
count_people(struct world *world)
{
    g_autoptr(GPtrArray) people = person_list(world->store);
    return people->len;
}

static guint
count_comments(struct world *world, guint n_cards)
{
    guint n = 0;
    for (guint i = 1; i <= n_cards; i++) {
        g_autoptr(GPtrArray) comments = comment_list(world->store, i, 1000);
        n += comments->len;
    }
    return n;
}

/* Whatever the last mail wrote on a card bears its sender's name only if he is proven, and its mark if not.
 */
static void
check_marks(struct world *world, const struct wish *wish, guint n_cards)
{
    for (guint i = 1; i <= n_cards; i++) {
        g_autoptr(GPtrArray) comments = comment_list(world->store, i, 1000);
        const struct comment *last = comments->pdata[comments->len - 1];
        bool is_proven = wish->trust >= TRUST_GUEST;
        if (last->input_seq == journal_last(world->store))
            ck_assert_msg(last->is_unverified != is_proven && (last->author_id != 0) == is_proven,
                          "%s: the comment is not marked by its sender's trust", wish->label);
    }
}

static int
divert_log(struct world *world)
{
    g_autofree char *path = g_build_filename(world->dir, "log", NULL);
    FILE *file = g_fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    int kept = dup(STDERR_FILENO);
    ck_assert_int_ge(kept, 0);
    ck_assert_int_ge(dup2(fileno(file), STDERR_FILENO), 0);
    fclose(file);
    return kept;
}

/* Back to where it was; what was logged meanwhile is shown there and answered. g_free. */
static char *
restore_log(struct world *world, int kept)
{
    g_autofree char *path = g_build_filename(world->dir, "log", NULL);
    dup2(kept, STDERR_FILENO);
    close(kept);
    char *log = support_read(path, NULL);
    fputs(log, stderr);
    return log;
}

char *
sent_summary(const GPtrArray *sent)
{
    static const char name[] = "\r\nX-Cardpost-Reason: ";
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < sent->len; i++) {
        const struct sent *one = sent->pdata[i];
        const char *field = strstr(one->raw, name);
        const char *reason = field ? field + strlen(name) : "";
        g_string_append_printf(text, "%s%s %.*s", i ? ", " : "", one->recipient, (int)strcspn(reason, "\r"),
                               reason);
    }
    return g_string_free(text, FALSE);
}

static void
add_quoted_printable(GString *out, const char *text, gsize len)
{
    for (gsize i = 0; i < len; i++) {
        if (text[i] != '=')
            g_string_append_c(out, text[i]);
        else if (g_ascii_isxdigit(text[i + 1]))
            g_string_append_c(
                out, (char)(g_ascii_xdigit_value(text[i + 1]) * 16 + g_ascii_xdigit_value(text[i + 2])));
        if (text[i] == '=')
            i += 2;
    }
}

char *
sent_words(const struct sent *mail)
{
    GString *out = g_string_new(mail->raw);
    g_autoptr(mail_t) read = mime_parse(mail->raw, strlen(mail->raw), NULL);
    g_string_append_printf(out, "\n%s\n%s\n", read->subject, read->from.name);
    g_autoptr(GRegex) part =
        g_regex_new("\r\nContent-Transfer-Encoding: (base64|quoted-printable)(?s:.*?)\r\n\r\n"
                    "((?s:.*?))(?:\r\n--|\\z)",
                    0, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;
    for (g_regex_match(part, mail->raw, 0, &match); g_match_info_matches(match);
         g_match_info_next(match, NULL)) {
        g_autofree char *encoding = g_match_info_fetch(match, 1), *text = g_match_info_fetch(match, 2);
        gsize len = strlen(text);
        if (*encoding == 'q') {
            add_quoted_printable(out, text, len);
        } else {
            g_autofree guchar *bytes = g_base64_decode(text, &len);
            g_string_append_len(out, (const char *)bytes, (gssize)len);
        }
    }
    return g_string_free(out, FALSE);
}

static void
check_outcome(struct world *world, const struct wish *wish, const struct before *before)
{
    int64_t seq = journal_last(world->store);
    g_autofree char *ref = g_strdup_printf("%u", world->next_uid);
    struct outcome_row *row = outcome_get(world->store, seq);
    ck_assert_msg(seq == before->last_input + 1, "%s: more than one input", wish->label);
    ck_assert_msg(ledger_has(world->store, "main", 1, ref), "%s: not in the ledger", wish->label);
    ck_assert_msg(count_outcomes(world) == before->n_outcomes + 1, "%s: not one outcome", wish->label);
    ck_assert_msg(row->outcome == wish->outcome && g_str_equal(row->reason, wish->reason),
                  "%s: %s (%s), not %s (%s)", wish->label, outcome_name(row->outcome), row->reason,
                  outcome_name(wish->outcome), wish->reason);
    ck_assert_msg(row->trust == wish->trust, "%s: trust %s (%s)", wish->label, trust_name(row->trust),
                  row->trust_reason);
    bool may_be_guest = row->outcome == OUTCOME_TRIAGE;
    ck_assert_msg((row->person_id != 0) == (wish->trust >= TRUST_GUEST) || may_be_guest, "%s: a person %d",
                  wish->label, (int)row->person_id);
    outcome_row_free(row);
}

static void
check_state(struct world *world, const struct wish *wish, const struct before *before, guint n_comments)
{
    guint n_cards;
    g_autofree char *cards = cards_text(world, &n_cards);
    ck_assert_msg(g_str_has_prefix(cards, before->cards), "%s: was\n%sis\n%s", wish->label, before->cards,
                  cards);
    ck_assert_msg(n_cards == before->n_cards + wish->n_cards, "%s: %u cards, were %u", wish->label, n_cards,
                  before->n_cards);
    guint now = count_comments(world, before->n_cards);
    ck_assert_msg(now == n_comments + wish->n_comments, "%s: %u comments, were %u", wish->label, now,
                  n_comments);
    check_marks(world, wish, before->n_cards);
    if (wish->trust < TRUST_GUEST && wish->outcome != OUTCOME_TRIAGE)
        ck_assert_msg(count_people(world) == before->n_people, "%s: somebody new is known", wish->label);
}

/* The tokens in a mail of ours are the recipient's own and stand in no line of the log. */
static void
check_tokens(struct world *world, const struct sent *mail, const char *log, const char *label)
{
    g_autoptr(person_t) reader = person_by_address(world->store, mail->recipient);
    g_autoptr(GRegex) address = g_regex_new("\\+[rhu]\\.([a-z2-7]{26})@", G_REGEX_CASELESS, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;
    g_autofree char *words = sent_words(mail);
    for (g_regex_match(address, words, 0, &match); g_match_info_matches(match);
         g_match_info_next(match, NULL)) {
        g_autofree char *text = g_match_info_fetch(match, 1);
        struct token token;
        ck_assert_msg(token_find(world->store, text, world->now, &token), "%s: no token of ours", label);
        ck_assert_msg(reader && token.person_id == reader->id, "%s: %s gets somebody else's token", label,
                      mail->recipient);
        ck_assert_msg(!strstr(log, text), "%s: a token is in the log", label);
    }
}

GPtrArray *
expect_mail_bytes(struct world *world, const struct wish *wish, const void *raw, gsize len)
{
    struct before before = {.n_people = count_people(world),
                            .last_input = journal_last(world->store),
                            .n_outcomes = count_outcomes(world)};
    before.cards = cards_text(world, &before.n_cards);
    guint n_comments = count_comments(world, before.n_cards);
    int kept = divert_log(world);
    outcome_row_free(world_mail_bytes(world, raw, len));
    GPtrArray *sent = world_sent(world);
    g_autofree char *log = restore_log(world, kept);
    check_outcome(world, wish, &before);
    check_state(world, wish, &before, n_comments);
    g_autofree char *summary = sent_summary(sent);
    ck_assert_msg(g_str_equal(summary, wish->sent), "%s: sent \"%s\", not \"%s\"", wish->label, summary,
                  wish->sent);
    for (guint i = 0; i < sent->len; i++)
        check_tokens(world, sent->pdata[i], log, wish->label);
    g_free(before.cards);
    return sent;
}

void
expect_mail(struct world *world, const struct wish *wish, const char *raw)
{
    g_autoptr(GString) crlf = g_string_new(raw);
    g_string_replace(crlf, "\r\n", "\n", 0);
    g_string_replace(crlf, "\n", "\r\n", 0);
    g_ptr_array_unref(expect_mail_bytes(world, wish, crlf->str, crlf->len));
}
