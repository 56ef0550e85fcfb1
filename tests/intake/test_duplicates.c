/* test_duplicates.c - attack cases D01 to D06 as far as mails themselves go: nothing twice, nothing
 * swallowed. */
#include "cases.h"
#include "world.h"

#include <string.h>

#define MAIL(id, body)                                                                                       \
    "From: bob@corp.example\nTo: tasks@corp.example\n" id                                                    \
    "Date: Mon, 23 Nov 2026 09:00:00 +0000\nSubject: same\n\n" body "\n"
#define HOP "Received: from out.example by mx.corp.example; Mon, 23 Nov 2026 08:00:00 +0000\n"

static guint
cards(struct world *world)
{
    g_autoptr(GPtrArray) list = card_list(world->store, 0, 100);
    return list->len;
}

START_TEST(D01_the_same_mail_twice)
{
    struct world *world = world_new();
    expect_outcome(world_proven_mail(world, MAIL("Message-ID: <d1@corp.example>\n", "x")), OUTCOME_APPLIED,
                   "first");
    expect_outcome(world_proven_mail(world, MAIL("Message-ID: <d1@corp.example>\n", "x")), OUTCOME_DUPLICATE,
                   "second");
    ck_assert_uint_eq(cards(world), 1);
    world_free(world);
}
END_TEST

/* The squatter's unproven copy comes first and must not swallow the real one. */
START_TEST(D02_a_squatted_id_swallows_nothing)
{
    struct world *world = world_new();
    struct outcome_row *row = world_mail(
        world, HOP "From: bob@corp.example\nTo: tasks+open@corp.example\nMessage-ID: "
                   "<d1@corp.example>\nDate: Mon, 23 Nov 2026 09:00:00 +0000\nSubject: same\n\nfake\n");
    expect_outcome(row, OUTCOME_TRIAGE, "squatter");
    expect_outcome(world_proven_mail(world, MAIL("Message-ID: <d1@corp.example>\n", "real")), OUTCOME_APPLIED,
                   "the real one");
    expect_outcome(world_proven_mail(
                       world,
                       "From: ann@corp.example\nTo: tasks@corp.example\nMessage-ID: <d1@corp.example>\nDate: "
                       "Mon, 23 Nov 2026 09:00:00 +0000\nSubject: same\n\nother sender\n"),
                   OUTCOME_APPLIED, "another sender");
    world_free(world);
}
END_TEST

START_TEST(D03_direct_and_list_copy)
{
    struct world *world = world_new();
    expect_outcome(world_proven_mail(world, MAIL("Message-ID: <d3@corp.example>\n", "x")), OUTCOME_APPLIED,
                   "direct");
    expect_outcome(world_proven_mail(world, MAIL("Message-ID: <d3@corp.example>\n", "x\n-- \nlist footer")),
                   OUTCOME_DUPLICATE, "list copy");
    world_free(world);
}
END_TEST

START_TEST(D04_mails_without_a_usable_id)
{
    static const char *const ids[] = {"", "Message-ID: <>\n", "Message-ID: <a@x>\nMessage-ID: <b@x>\n",
                                      "Message-ID: <a b\"%s@x>\n"};
    struct world *world = world_new();
    for (guint copy = 0; copy < 2; copy++) {
        g_autofree char *raw = g_strdup_printf("From: bob@corp.example\nTo: tasks@corp.example\n%sDate: Mon, "
                                               "23 Nov 2026 09:00:00 +0000\nSubject: same\n\ncopy %u\n",
                                               ids[_i], copy);
        expect_outcome(world_proven_mail(world, raw), OUTCOME_APPLIED, ids[_i]);
        expect_outcome(world_proven_mail(world, raw), OUTCOME_DUPLICATE, ids[_i]);
    }
    ck_assert_uint_eq(cards(world), 2);
    world_free(world);
}
END_TEST

START_TEST(D04_an_id_of_10_kB)
{
    struct world *world = world_new();
    g_autofree char *id = g_strnfill(10000, 'a');
    g_autofree char *raw = g_strdup_printf(
        "From: bob@corp.example\nTo: tasks@corp.example\nMessage-ID: <%s@x>\nSubject: long\n\nx\n", id);
    expect_outcome(world_proven_mail(world, raw), OUTCOME_APPLIED, "long id");
    world_free(world);
}
END_TEST

/* The same ref is never journaled twice; the ledger knows it whatever the mail says. */
START_TEST(D05_a_known_ref_is_not_taken_again)
{
    struct world *world = world_new();
    static const char raw[] = "From: a@b.example\r\n\r\nx\r\n";
    struct intake_mail mail = {.mailbox = "main",
                               .uidvalidity = 7,
                               .ref = "12",
                               .raw = raw,
                               .raw_len = sizeof raw - 1,
                               .size_bytes = sizeof raw - 1};
    ck_assert(intake_journal(world->intake, &mail, 1, world->now, NULL));
    int64_t last = journal_last(world->store);
    ck_assert(intake_journal(world->intake, &mail, 1, world->now, NULL));
    ck_assert_int_eq(journal_last(world->store), last);
    ck_assert(ledger_has(world->store, "main", 7, "12"));
    ck_assert(!ledger_has(world->store, "main", 8, "12"));
    ck_assert(ledger_was_renumbered(world->store, "main", 8));
    world_free(world);
}
END_TEST

static void
journal_one(struct world *world, int64_t uidvalidity, const char *ref, const char *raw)
{
    struct intake_mail mail = {.mailbox = "main",
                               .uidvalidity = uidvalidity,
                               .ref = ref,
                               .raw = raw,
                               .raw_len = strlen(raw),
                               .size_bytes = (int64_t)strlen(raw)};
    ck_assert(intake_journal(world->intake, &mail, 1, world->now, NULL));
}

/* UIDs begin anew, the mails have no Message-ID, the same second and the same length: bytes tell them apart.
 */
START_TEST(D05_known_bytes_under_a_new_uidvalidity)
{
    static const char old[] = "From: a@b.example\n\nold\n", new[] = "From: a@b.example\n\nnew\n";
    struct world *world = world_new();
    journal_one(world, 7, "12", old);
    int64_t last = journal_last(world->store);
    journal_one(world, 8, "1", new);
    ck_assert_int_eq(journal_last(world->store), last + 1);
    journal_one(world, 8, "2", old);
    ck_assert_msg(journal_last(world->store) == last + 1, "the same mail was taken twice");
    ck_assert(ledger_has(world->store, "main", 8, "2"));
    journal_one(world, 8, "3", old);
    ck_assert_msg(journal_last(world->store) == last + 2, "a copy more is a mail more, judged by the fold");
    world_free(world);
}
END_TEST

/* M03: a date that cannot be is no date, and the mail is taken. */
START_TEST(M03_impossible_dates)
{
    static const char *const dates[] = {"Mon, 31 Feb 2026 09:00:00 +0000", "Mon, 1 Jan 2999 00:00:00 +0000",
                                        "Mon, 1 Jan 99999 00:00:00 +0000", "",
                                        "Mon, 23 Nov 2026 09:00:00 -0000", "Mon, 23 Nov 2026 09:00:00 +2500"};
    struct world *world = world_new();
    g_autofree char *raw = g_strdup_printf(
        "From: bob@corp.example\nTo: tasks@corp.example\nMessage-ID: <m3@x>\nDate: %s\nSubject: when\n\nx\n",
        dates[_i]);
    int64_t id = expect_outcome(world_proven_mail(world, raw), OUTCOME_APPLIED, dates[_i]);
    g_autoptr(card_t) card = card_get(world->store, id);
    ck_assert_int_eq(card->created_at, world->now);
    world_free(world);
}
END_TEST

TCase *
test_duplicates(void)
{
    TCase *tcase = tcase_create("duplicates");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, D01_the_same_mail_twice);
    tcase_add_test(tcase, D02_a_squatted_id_swallows_nothing);
    tcase_add_test(tcase, D03_direct_and_list_copy);
    tcase_add_loop_test(tcase, D04_mails_without_a_usable_id, 0, 4);
    tcase_add_test(tcase, D04_an_id_of_10_kB);
    tcase_add_test(tcase, D05_a_known_ref_is_not_taken_again);
    tcase_add_test(tcase, D05_known_bytes_under_a_new_uidvalidity);
    tcase_add_loop_test(tcase, M03_impossible_dates, 0, 6);
    return tcase;
}
