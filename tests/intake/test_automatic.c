/* test_automatic.c - attack cases L: automatic mail never acts and is never answered; released mails. */
#include "cases.h"
#include "expect.h"

#include <string.h>

/* An automatic answer: on the ledger, and that is all. */
#define SILENT(label, reason, trust)                                                                         \
    {                                                                                                        \
        label, OUTCOME_RECORDED, reason, trust, 0, 0, ""                                                     \
    }
#define COUNTS(label)                                                                                        \
    {                                                                                                        \
        label, OUTCOME_COMMENTED, "answers a card of theirs", TRUST_MEMBER, 1, 0,                            \
            "ann@corp.example requester"                                                                     \
    }

/* Bob's answers to a notice of a card that is done. */
static const struct {
    struct wish wish;
    const char *head;
} answers[] = {
    {SILENT("L04 Auto-Submitted", "Auto-Submitted: auto-replied", TRUST_MEMBER),
     "Auto-Submitted: auto-replied\nSubject: Re: [tasks-1] x\n"},
    {SILENT("L04 X-Autoreply", "X-Autoreply", TRUST_MEMBER), "X-Autoreply: yes\nSubject: Re: [tasks-1] x\n"},
    {SILENT("L04 Precedence", "Precedence: auto_reply", TRUST_MEMBER),
     "Precedence: auto_reply\nSubject: Re: [tasks-1] x\n"},
    {SILENT("L04 Outlook's subject and a second sign", "Subject: Automatische Antwort: [tasks-1] x",
            TRUST_MEMBER),
     "X-Auto-Response-Suppress: All\nSubject: Automatische Antwort: [tasks-1] x\n"},
    {COUNTS("L04 Outlook's subject alone"), "Subject: Automatische Antwort: [tasks-1] x\n"},
    {COUNTS("L04 suppress alone proves nothing"),
     "X-Auto-Response-Suppress: All\nSubject: Re: [tasks-1] x\n"},
};

/* Neither the card's column nor who hears of it changes: the word that the answer quotes is no command. */
START_TEST(L04_automatic_answers)
{
    struct world *world = world_new();
    expect_outcome(world_proven_mail(world, "From: ann@corp.example\nTo: tasks@corp.example\nMessage-ID: "
                                            "<one@corp.example>\nSubject: [orders/done] x @bob\n\nx\n"),
                   OUTCOME_APPLIED, "card 1");
    g_autoptr(GPtrArray) sent = world_sent(world);
    const char *to[] = {"tasks@corp.example", sent_to(sent, "bob@corp.example")->reply_to};
    for (guint i = 0; i < G_N_ELEMENTS(to); i++) {
        g_autofree char *raw = g_strdup_printf(
            PROVEN("corp.example") "From: bob@corp.example\nTo: %s\nMessage-ID: <l%u@x>\nDate: "
                                   "Mon, 23 Nov 2026 09:00:00 +0000\n%s\n%s\n",
            to[i], i, answers[_i].head, answers[_i].wish.outcome == OUTCOME_RECORDED ? "mute" : "I am away");
        expect_mail(world, &answers[_i].wish, raw);
        g_autoptr(person_t) bob = person_by_address(world->store, "bob@corp.example");
        ck_assert_msg(!card_is_muted(world->store, 1, bob->id), "%s: a command", answers[_i].wish.label);
    }
    world_free(world);
}
END_TEST

/* L12: whom we never mail, even if the border has proven them and the board takes mail of anybody. */
static const struct {
    struct wish wish;
    const char *head, *to;
} nobodies[] = {
    {{"L12 no-reply", OUTCOME_TRIAGE, "From: no-reply@shop.example", TRUST_UNVERIFIED, 0, 1, ""},
     PROVEN("shop.example") "From: no-reply@shop.example\n",
     "tasks+open@corp.example"},
    {{"L12 no-reply, not proven", OUTCOME_TRIAGE, "From: no-reply@shop.example", TRUST_UNVERIFIED, 0, 1, ""},
     HOP "From: no-reply@shop.example\n",
     "tasks+open@corp.example"},
    {SILENT("L12 mailer-daemon", "From: mailer-daemon@corp.example", TRUST_UNVERIFIED),
     PROVEN("corp.example") "From: mailer-daemon@corp.example\n", "tasks+open@corp.example"},
    {SILENT("L12 our own address", "our own mail", TRUST_UNVERIFIED),
     PROVEN("corp.example") "From: tasks@corp.example\n", "tasks+open@corp.example"},
    {SILENT("L12 our own address in capitals", "our own mail", TRUST_UNVERIFIED),
     PROVEN("corp.example") "From: TASKS@Corp.Example\n", "tasks+open@corp.example"},
    {SILENT("L12 our own address with a tag", "our own mail", TRUST_UNVERIFIED),
     PROVEN("corp.example") "From: tasks+orders@corp.example\n", "tasks+open@corp.example"},
    {SILENT("L12 a reply address of ours", "our own mail", TRUST_UNVERIFIED),
     PROVEN("corp.example") "From: r.aaaaaaaaaaaaaaaaaaaaaaaaaa@corp.example\n", "tasks+open@corp.example"},
    {SILENT("L12 the alias that our mails are from", "our own mail", TRUST_UNVERIFIED),
     PROVEN("alias.example") "From: board@alias.example\n", "tasks+open@corp.example"},
    {{"L12 empty", OUTCOME_QUARANTINED, "From is empty", TRUST_NONE, 0, 0, "ann@corp.example admin"},
     HOP "From: <>\n",
     "tasks+open@corp.example"},
    {{"L12 none", OUTCOME_QUARANTINED, "no From field", TRUST_NONE, 0, 0, "ann@corp.example admin"},
     HOP,
     "tasks+open@corp.example"},
    {SILENT("L12 empty, with an empty Return-Path", "Return-Path: <>", TRUST_NONE),
     "Return-Path: <>\n" HOP "From: <>\n", "tasks+open@corp.example"},
};

START_TEST(L12_nobodies_are_never_mailed)
{
    struct world *world = world_new();
    g_autofree char *address = world->config->address;
    g_autofree char *raw = g_strdup_printf(
        "%sTo: %s\nMessage-ID: <l12@x>\nDate: Mon, 23 Nov 2026 09:00:00 +0000\nSubject: Order 4711\n\nx\n",
        nobodies[_i].head, nobodies[_i].to);
    if (strstr(raw, "alias"))
        world->config->address = (char *)(uintptr_t) "board@alias.example";
    expect_mail(world, &nobodies[_i].wish, raw);
    world->config->address = g_steal_pointer(&address);
    world_free(world);
}
END_TEST

/* The reply addresses of two cards, made for that person. g_free. */
static char *
two_addresses(struct world *world, int64_t person_id)
{
    store_begin(world->store);
    struct token token = {.purpose = TOKEN_REPLY, .card_id = 1, .person_id = person_id};
    g_autofree char *one = token_issue(world->store, &token, world->now);
    token.card_id = 2;
    g_autofree char *two = token_issue(world->store, &token, world->now);
    ck_assert(store_commit(world->store, NULL));
    return g_strdup_printf("tasks+r.%s@corp.example, tasks+r.%s@corp.example", one, two);
}

/* A member's own machine: nobody's card, no receipt, no assignment, no refusal (L08: two machines would never
 * stop). */
START_TEST(L08_a_members_machine_is_not_answered)
{
    static const struct {
        const char *to, *subject;
        enum outcome outcome;
    } machines[] = {
        {"tasks@corp.example, bob@corp.example", "Nightly report @li", OUTCOME_TRIAGE},
        {"tasks@corp.example", "[orders/nowhere] @nobody x", OUTCOME_TRIAGE},
        {NULL, "x", OUTCOME_REFUSED}, /* to two_addresses */
    };
    struct world *world = world_new();
    g_autoptr(person_t) ann = person_by_address(world->store, "ann@corp.example");
    g_autofree char *two = two_addresses(world, ann->id);
    g_autofree char *raw = g_strdup_printf(
        "From: ann@corp.example\nTo: %s\nMessage-ID: <m1@corp.example>\nDate: Mon, 23 Nov 2026 09:00:00 "
        "+0000\nAuto-Submitted: auto-generated\nSubject: %s\n\nx\n",
        machines[_i].to ? machines[_i].to : two, machines[_i].subject);
    int64_t id = expect_outcome(world_proven_mail(world, raw), machines[_i].outcome, machines[_i].subject);
    expect_outcome(world_proven_mail(world, raw), OUTCOME_DUPLICATE, "the same again");
    g_autoptr(GPtrArray) sent = world_sent(world);
    ck_assert_msg(sent->len == 0, "%s: %u mails", machines[_i].subject, sent->len);
    g_autoptr(card_t) card = card_get(world->store, id);
    ck_assert(!card || (card->requester_id == 0 && card->status == CARD_TRIAGE));
    world_free(world);
}
END_TEST

/* The fields of that name (the first only) without, or with another value. */
static char *
with_field(const char *raw, const char *name, const char *value)
{
    g_autofree char *start = g_strdup_printf("\r\n%s:", name);
    const char *field = strstr(raw, start);
    ck_assert_ptr_nonnull(field);
    const char *end = strstr(field + 2, "\r\n");
    while (end[2] == ' ' || end[2] == '\t')
        end = strstr(end + 2, "\r\n");
    g_autofree char *other = value ? g_strconcat(start, " ", value, NULL) : g_strdup("");
    g_autofree char *head = g_strndup(raw, (gsize)(field - raw));
    return g_strconcat(head, other, end, NULL);
}

/* L07: our notice comes back: as it is (the mailbox follows the card, a blind copy), resent by a forward
 * rule, with only one of its two marks left, and from somebody whom the border proves. */
START_TEST(L07_our_notice_comes_back)
{
    static const char *const signs[] = {"X-Cardpost-Loop: tasks@corp.example", "our own mail"};
    struct world *world = world_new();
    expect_outcome(world_proven_mail(world, "From: ann@corp.example\nTo: tasks@corp.example\nMessage-ID: "
                                            "<one@corp.example>\nSubject: x @bob\n\nx\n"),
                   OUTCOME_APPLIED, "card 1");
    g_autoptr(GPtrArray) sent = world_sent(world);
    const struct sent *notice = sent_to(sent, "bob@corp.example");
    g_autofree char *resent = g_strconcat("Resent-From: bob@corp.example\r\nResent-To: tasks@corp.example\r\n"
                                          "Delivered-To: tasks@corp.example\r\n",
                                          notice->raw, NULL);
    g_autofree char *renumbered = with_field(notice->raw, "Message-ID", "<new@relay.example>");
    g_autofree char *unmarked = with_field(notice->raw, "X-Cardpost-Loop", NULL);
    g_autofree char *base = g_strconcat("X-Relay: x\r\n", notice->raw, NULL);
    g_autofree char *by_bob = with_field(base, "From", "bob@corp.example");
    g_autofree char *bobs_new = with_field(by_bob, "Message-ID", "<new@relay.example>");
    g_autofree char *bobs_unmarked = with_field(by_bob, "X-Cardpost-Loop", NULL);
    const struct {
        const char *label, *raw, *reason;
        enum trust trust;
    } ways[] = {
        {"as it is", notice->raw, signs[1], TRUST_UNVERIFIED},
        {"resent", resent, signs[1], TRUST_UNVERIFIED},
        {"another Message-ID", renumbered, signs[1], TRUST_UNVERIFIED},
        {"no mark but the id", unmarked, signs[1], TRUST_UNVERIFIED},
        {"under bob's name", by_bob, signs[1], TRUST_MEMBER},
        {"under bob's name, another Message-ID", bobs_new, signs[0], TRUST_MEMBER},
        {"under bob's name, no mark but the id", bobs_unmarked, signs[1], TRUST_MEMBER},
    };
    for (guint i = 0; i < G_N_ELEMENTS(ways); i++) {
        g_autofree char *raw = g_strconcat(PROVEN("corp.example"), ways[i].raw, NULL);
        g_autofree char *label = g_strconcat("L07 ", ways[i].label, NULL);
        struct wish wish = SILENT(label, ways[i].reason, ways[i].trust);
        expect_mail(world, &wish, raw);
    }
    world_free(world);
}
END_TEST

/* What bob's and li's robots answer to all that they get now, until nothing comes or `max` answers. */
static guint
robots_answer(struct world *world, guint max)
{
    static guint id;
    guint n = 0;
    for (guint before = max; before != n && n < max;) {
        g_autoptr(GPtrArray) sent = world_sent(world);
        before = n;
        for (guint i = 0; i < sent->len; i++) {
            const struct sent *one = sent->pdata[i];
            if (g_str_has_prefix(one->recipient, "ann@"))
                continue;
            g_autofree char *raw = g_strdup_printf("From: %s\nTo: %s\nIn-Reply-To: <%s>\nMessage-ID: "
                                                   "<robot%u@corp.example>\nSubject: Re: x\n\nAway, %u.\n",
                                                   one->recipient, one->reply_to, one->message_id, id, id);
            id++;
            n++;
            expect_outcome(world_proven_mail(world, raw), OUTCOME_COMMENTED, "a robot without a mark");
        }
    }
    return n;
}

START_TEST(L08_two_robots_without_a_mark_come_to_rest)
{
    struct world *world = world_new();
    expect_outcome(world_proven_mail(world, "From: ann@corp.example\nTo: tasks@corp.example\nMessage-ID: "
                                            "<one@corp.example>\nSubject: x @bob @li\n\nx\n"),
                   OUTCOME_APPLIED, "the card");
    guint first = robots_answer(world, 400), later = 0;
    ck_assert_msg(first >= 50 && first <= 110, "%u answers at once", first);
    for (guint hour = 0; hour < 20; hour++) {
        world_advance(world, 3601);
        later += robots_answer(world, 400);
    }
    ck_assert_msg(later >= 20 && later <= 80, "%u answers in 20 hours", later);
    world_free(world);
}
END_TEST

START_TEST(L10_too_many_hops)
{
    struct world *world = world_new();
    g_autoptr(GString) raw = g_string_new(NULL);
    for (guint i = 0; i < 60; i++)
        g_string_append(raw, HOP);
    g_string_append(raw, "From: bob@corp.example\nSubject: x\n\nx\n");
    /* the configured admin is a person as well: one mail tells her */
    world->config->admin = g_strdup("ann@corp.example");
    expect_outcome(world_mail(world, raw->str), OUTCOME_QUARANTINED, "L10");
    g_autoptr(GPtrArray) sent = world_sent(world);
    ck_assert_ptr_nonnull(sent_to(sent, "ann@corp.example"));
    world_free(world);
}
END_TEST

static int64_t
append_release(struct world *world, int64_t of)
{
    g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, of);
    struct input release = {.at = world->now, .kind = INPUT_RELEASE, .text = text, .actor_uid = 0};
    journal_begin(world->store);
    int64_t seq = journal_append(world->store, &release, NULL, 0);
    ck_assert(journal_commit(world->store, NULL));
    return seq;
}

/* An admin lets a quarantined mail in: as a stranger's, once. */
START_TEST(release_lets_a_mail_in_once)
{
    struct world *world = world_new();
    struct outcome_row *row =
        world_mail(world, HOP "From: x@else.example\nTo: tasks+closed@corp.example\nMessage-ID: "
                              "<q@x>\nSubject: Let me in\n\nplease\n");
    int64_t seq = row->seq;
    expect_outcome(row, OUTCOME_QUARANTINED, "closed board");
    for (guint i = 0; i < 2; i++) {
        int64_t release = append_release(world, seq);
        world_fold(world);
        expect_outcome(outcome_get(world->store, release), i == 0 ? OUTCOME_TRIAGE : OUTCOME_DUPLICATE,
                       "release");
    }
    g_autoptr(GPtrArray) waiting = outcome_list(world->store, OUTCOME_QUARANTINED, true, 10);
    ck_assert_uint_eq(waiting->len, 0);
    world_free(world);
}
END_TEST

/* A member's mail is his own again once it is let in, whatever had held it up. */
START_TEST(release_of_a_members_mail)
{
    static const char *const heads[] = {"From: ann@corp.example\nSubject: x\n\nx\n",
                                        "From: ann@corp.example\nSender: a@x.example\nFrom: "
                                        "ann@corp.example\nSubject: x\n\nx\n"};
    struct world *world = world_new();
    g_autoptr(GString) raw = g_string_new(NULL);
    for (guint i = 0; i < 60 && _i == 0; i++)
        g_string_append(raw, HOP);
    g_string_append(raw, heads[_i]);
    struct outcome_row *row = world_proven_mail(world, raw->str);
    int64_t seq = row->seq;
    expect_outcome(row, OUTCOME_QUARANTINED, "before");
    int64_t release = append_release(world, seq);
    world_fold(world);
    int64_t id = expect_outcome(outcome_get(world->store, release),
                                _i == 0 ? OUTCOME_APPLIED : OUTCOME_TRIAGE, heads[_i]);
    g_autoptr(card_t) card = card_get(world->store, id);
    g_autoptr(person_t) ann = person_by_address(world->store, "ann@corp.example");
    ck_assert_int_eq(card->requester_id, _i == 0 ? ann->id : 0);
    world_free(world);
}
END_TEST

/* A mail that no worker can read is quarantined again when it is let in too early, and stays releasable. */
START_TEST(release_that_fails_can_be_repeated)
{
    static const char raw[] =
        "From: x@else.example\r\nTo: tasks+open@corp.example\r\nSubject: x\r\n\r\nx\r\n";
    struct world *world = world_new();
    struct intake_mail mail = {.mailbox = "main",
                               .uidvalidity = 1,
                               .ref = "9",
                               .raw = raw,
                               .raw_len = sizeof raw - 1,
                               .size_bytes = sizeof raw - 1};
    ck_assert(intake_journal(world->intake, &mail, 1, world->now, NULL));
    int64_t seq = journal_last(world->store);
    for (guint i = 0; i < 2; i++) {
        struct intake_item item = {.seq = seq, .failure = "killed"};
        ck_assert(intake_apply(world->intake, &item, 1, NULL));
        expect_outcome(outcome_get(world->store, seq), OUTCOME_QUARANTINED, "unreadable");
        seq = append_release(world, seq);
    }
    world_fold(world);
    expect_outcome(outcome_get(world->store, seq), OUTCOME_TRIAGE, "readable at last");
    g_autoptr(GPtrArray) waiting = outcome_list(world->store, OUTCOME_QUARANTINED, true, 10);
    ck_assert_uint_eq(waiting->len, 0);
    world_free(world);
}
END_TEST

/* P08: an oversize mail makes a card that says so; the ledger has nothing left to do on the server. */
START_TEST(P08_oversize_mail)
{
    static const char raw[] =
        "Authentication-Results: mx.corp.example; dmarc=pass header.from=corp.example\r\n"
        "Received: from out.example by mx.corp.example; Mon, 23 Nov 2026 08:00:00 +0000\r\n"
        "From: bob@corp.example\r\nTo: tasks@corp.example\r\nSubject: Photos\r\n\r\nHere they are\r\n";
    struct world *world = world_new();
    struct intake_mail mail = {.mailbox = "main",
                               .uidvalidity = 1,
                               .ref = "77",
                               .raw = raw,
                               .raw_len = sizeof raw - 1,
                               .size_bytes = 60000000,
                               .is_partial = true};
    ck_assert(intake_journal(world->intake, &mail, 1, world->now, NULL));
    int64_t seq = journal_last(world->store);
    world_fold(world);
    expect_outcome(outcome_get(world->store, seq), OUTCOME_OVERSIZE, "P08");
    g_autoptr(GPtrArray) cards = card_list(world->store, 0, 10);
    ck_assert_uint_eq(cards->len, 1);
    g_autoptr(GPtrArray) open = ledger_unsettled(world->store, "main", 1, seq, 10);
    ck_assert_uint_eq(open->len, 0);
    g_autoptr(GPtrArray) comments = comment_list(world->store, 1, 10);
    ck_assert_ptr_nonnull(strstr(((struct comment *)comments->pdata[0])->text, "mailbox"));
    world_free(world);
}
END_TEST

/* A board that takes no strangers takes no strangers' machines either, unless the border proves them. */
START_TEST(a_forged_machine_makes_no_card_on_a_members_board)
{
    static const char mail[] =
        "From: shop@shop.example\nTo: tasks+closed@corp.example\nDate: Mon, 23 Nov 2026 08:00:00 +0000\n"
        "Message-ID: <m9@shop.example>\nPrecedence: bulk\nSubject: Order 1\n\nAn order.\n";
    struct world *world = world_new();
    expect_outcome(world_mail(world, mail), OUTCOME_QUARANTINED, "not proven");
    expect_outcome(world_proven_mail(world, mail), OUTCOME_TRIAGE, "proven");
    g_autoptr(GPtrArray) sent = world_sent(world);
    ck_assert_ptr_null(sent_to(sent, "shop@shop.example"));
    world_free(world);
}
END_TEST

TCase *
test_automatic(void)
{
    TCase *tcase = tcase_create("automatic");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, L04_automatic_answers, 0, G_N_ELEMENTS(answers));
    tcase_add_loop_test(tcase, L12_nobodies_are_never_mailed, 0, G_N_ELEMENTS(nobodies));
    tcase_add_test(tcase, L07_our_notice_comes_back);
    tcase_add_loop_test(tcase, L08_a_members_machine_is_not_answered, 0, 3);
    tcase_add_test(tcase, L08_two_robots_without_a_mark_come_to_rest);
    tcase_add_test(tcase, L10_too_many_hops);
    tcase_add_test(tcase, release_lets_a_mail_in_once);
    tcase_add_loop_test(tcase, release_of_a_members_mail, 0, 2);
    tcase_add_test(tcase, release_that_fails_can_be_repeated);
    tcase_add_test(tcase, P08_oversize_mail);
    tcase_add_test(tcase, a_forged_machine_makes_no_card_on_a_members_board);
    return tcase;
}
