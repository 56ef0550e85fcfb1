/* test_automatic.c - attack cases L: automatic mail never acts and is never answered; released mails. */
#include "cases.h"
#include "world.h"

#include <string.h>

#define HOP "Received: from out.example by mx.corp.example; Mon, 23 Nov 2026 08:00:00 +0000\n"

static const struct {
    const char *label, *head;
    enum outcome outcome;
} mails[] = {
    {"L04 auto-replied", "From: bob@corp.example\nAuto-Submitted: auto-replied\nSubject: Re: [tasks-1] x\n",
     OUTCOME_RECORDED},
    {"L04 X-Autoreply", "From: bob@corp.example\nX-Autoreply: yes\nSubject: Re: [tasks-1] x\n",
     OUTCOME_RECORDED},
    {"L04 Precedence", "From: bob@corp.example\nPrecedence: auto_reply\nSubject: Re: [tasks-1] x\n",
     OUTCOME_RECORDED},
    {"L04 suppress alone proves nothing",
     "From: bob@corp.example\nX-Auto-Response-Suppress: All\nSubject: Re: [tasks-1] x\n", OUTCOME_COMMENTED},
    {"L07 our loop header",
     "From: bob@corp.example\nX-Cardpost-Loop: tasks@corp.example\nSubject: Re: [tasks-1] x\n",
     OUTCOME_RECORDED},
    {"L12 our own address", "From: tasks@corp.example\nSubject: Re: [tasks-1] x\n", OUTCOME_RECORDED},
    {"L12 our own address with a tag", "From: tasks+orders@corp.example\nSubject: Re: [tasks-1] x\n",
     OUTCOME_RECORDED},
    {"L12 no-reply", "From: no-reply@shop.example\nSubject: Order 4711\n", OUTCOME_TRIAGE},
    {"L12 mailer-daemon", "From: mailer-daemon@corp.example\nSubject: Undelivered\n", OUTCOME_RECORDED},
};

START_TEST(L04_L07_L12_automatic_mail)
{
    struct world *world = world_new();
    expect_outcome(world_proven_mail(world, "From: ann@corp.example\nTo: tasks@corp.example\nMessage-ID: "
                                            "<one@corp.example>\nSubject: x\n\nx\n"),
                   OUTCOME_APPLIED, "card 1");
    g_ptr_array_unref(world_sent(world));
    g_autofree char *raw = g_strdup_printf(
        "%sTo: tasks@corp.example\nMessage-ID: <l%d@x>\nDate: Mon, 23 Nov 2026 09:00:00 +0000\n\nI am away\n",
        mails[_i].head, _i);
    expect_outcome(world_proven_mail(world, raw), mails[_i].outcome, mails[_i].label);
    g_autoptr(GPtrArray) sent = world_sent(world);
    for (guint i = 0; i < sent->len; i++) {
        const struct sent *one = sent->pdata[i];
        ck_assert_msg(g_str_equal(one->recipient, "ann@corp.example"), "%s: mail to %s", mails[_i].label,
                      one->recipient);
    }
    world_free(world);
}
END_TEST

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
        {"tasks+r.aaaaaaaaaaaaaaaaaaaaaaaaaa@corp.example, tasks+r.bbbbbbbbbbbbbbbbbbbbbbbbbb@corp.example",
         "x", OUTCOME_REFUSED},
    };
    struct world *world = world_new();
    g_autofree char *raw = g_strdup_printf(
        "From: ann@corp.example\nTo: %s\nMessage-ID: <m1@corp.example>\nDate: Mon, 23 Nov 2026 09:00:00 "
        "+0000\nAuto-Submitted: auto-generated\nSubject: %s\n\nx\n",
        machines[_i].to, machines[_i].subject);
    int64_t id = expect_outcome(world_proven_mail(world, raw), machines[_i].outcome, machines[_i].subject);
    expect_outcome(world_proven_mail(world, raw), OUTCOME_DUPLICATE, "the same again");
    g_autoptr(GPtrArray) sent = world_sent(world);
    ck_assert_msg(sent->len == 0, "%s: %u mails", machines[_i].subject, sent->len);
    g_autoptr(card_t) card = card_get(world->store, id);
    ck_assert(!card || (card->requester_id == 0 && card->status == CARD_TRIAGE));
    world_free(world);
}
END_TEST

/* L07: our notice comes back under its own signed Message-ID, with every other mark removed. */
START_TEST(L07_our_notice_comes_back)
{
    struct world *world = world_new();
    expect_outcome(world_proven_mail(world, "From: ann@corp.example\nTo: tasks@corp.example\nMessage-ID: "
                                            "<one@corp.example>\nSubject: x @bob\n\nx\n"),
                   OUTCOME_APPLIED, "card 1");
    g_autoptr(GPtrArray) sent = world_sent(world);
    const struct sent *notice = sent_to(sent, "bob@corp.example");
    outcome_row_free(world_mail(world, notice->raw));
    expect_outcome(world_mail(world, notice->raw), OUTCOME_RECORDED, "as it was");
    g_autofree char *bare = g_strdup_printf(HOP "From: bob@corp.example\nMessage-ID: <%s>\nSubject: x\n\nx\n",
                                            notice->message_id);
    expect_outcome(world_mail(world, bare), OUTCOME_RECORDED, "only the signed id");
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

TCase *
test_automatic(void)
{
    TCase *tcase = tcase_create("automatic");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, L04_L07_L12_automatic_mail, 0, G_N_ELEMENTS(mails));
    tcase_add_test(tcase, L07_our_notice_comes_back);
    tcase_add_loop_test(tcase, L08_a_members_machine_is_not_answered, 0, 3);
    tcase_add_test(tcase, L10_too_many_hops);
    tcase_add_test(tcase, release_lets_a_mail_in_once);
    tcase_add_loop_test(tcase, release_of_a_members_mail, 0, 2);
    tcase_add_test(tcase, release_that_fails_can_be_repeated);
    tcase_add_test(tcase, P08_oversize_mail);
    return tcase;
}
