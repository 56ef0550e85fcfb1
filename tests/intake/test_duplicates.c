/* test_duplicates.c - attack cases D01 to D06 as far as mails themselves go: nothing twice, nothing
 * swallowed. */
#include "cases.h"
#include "expect.h"

#include <string.h>

#define MAIL(id, body)                                                                                       \
    "From: bob@corp.example\nTo: tasks@corp.example\n" id                                                    \
    "Date: Mon, 23 Nov 2026 09:00:00 +0000\nSubject: same\n\n" body "\n"
#define PROVEN_HOP "Authentication-Results: mx.corp.example; dmarc=pass header.from=corp.example\n" HOP

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

/* Nobody proves anything, Date and From are the same too: what is said tells the two apart. */
START_TEST(D02_same_id_and_other_words)
{
    static const struct {
        const char *label, *first, *second;
        enum outcome outcome;
    } tests[] = {
        {"other words", "fake", "real", OUTCOME_TRIAGE},
        {"words before on the same line", "cancel it", "do not cancel it", OUTCOME_TRIAGE},
        {"no words first", "", "real", OUTCOME_TRIAGE},
        {"no words then", "fake", "", OUTCOME_TRIAGE},
        {"no words at all", "", " ", OUTCOME_DUPLICATE},
        {"a footer more", "real\nwords", "real \n\nwords\n_____\nlist footer", OUTCOME_DUPLICATE},
        {"a line more", "real\nwords", "real \n\nwords\nall of the team reads this", OUTCOME_DUPLICATE},
        {"a line before", "words\nof mine", "the team list says:\nwords\nof mine", OUTCOME_DUPLICATE},
        {"a footer less", "real\n_____\nlist footer", "real", OUTCOME_DUPLICATE},
    };
    struct world *world = world_new();
    const char *const words[] = {tests[_i].first, tests[_i].second};
    struct outcome_row *row[2];
    for (guint i = 0; i < 2; i++) {
        g_autofree char *raw = g_strdup_printf(
            HOP "From: cy@customer.example\nTo: tasks+open@corp.example\nMessage-ID: <d2@customer.example>\n"
                "Date: Mon, 23 Nov 2026 09:00:00 +0000\nSubject: same\n\n%s\n",
            words[i]);
        row[i] = world_mail(world, raw);
    }
    int64_t first = expect_outcome(row[0], OUTCOME_TRIAGE, tests[_i].label);
    int64_t second = expect_outcome(row[1], tests[_i].outcome, tests[_i].label);
    ck_assert_msg((first == second) == (tests[_i].outcome == OUTCOME_DUPLICATE), "%s", tests[_i].label);
    world_free(world);
}
END_TEST

#define LIST_COPY(from)                                                                                      \
    "List-Id: <team.lists.example>\nFrom: " from "\nTo: tasks@corp.example\nMessage-ID: "                    \
    "<d3@corp.example>\nDate: Mon, 23 Nov 2026 09:00:00 +0000\nSubject: [team] same\n\nx\n"                  \
    "_______________________________________________\nteam mailing list\nhttps://lists.example/team\n"

/* Either may come first; the second is linked to the card of the first. */
START_TEST(D03_direct_and_list_copy)
{
    static const char direct[] = MAIL("Message-ID: <d3@corp.example>\n", "x"),
                      copy[] = LIST_COPY("bob@corp.example");
    struct world *world = world_new();
    int64_t first = expect_outcome(world_proven_mail(world, _i ? copy : direct),
                                   _i ? OUTCOME_TRIAGE : OUTCOME_APPLIED, "first");
    int64_t second =
        expect_outcome(world_proven_mail(world, _i ? direct : copy), OUTCOME_DUPLICATE, "second");
    ck_assert_int_ne(first, 0);
    ck_assert_int_eq(first, second);
    g_autoptr(GPtrArray) comments = comment_list(world->store, first, 10);
    ck_assert_uint_eq(comments->len, 1);
    world_free(world);
}
END_TEST

/* Two different mails of one second, each of them twice. They say the same under two subjects, but where the
 * id is a good one: it would make them copies then, as a list's tag in the subject does. */
START_TEST(D04_mails_without_a_usable_id)
{
    static const struct {
        const char *label, *id;
        enum outcome outcome;
        bool is_good_id;
    } tests[] = {
        {"none", "", OUTCOME_APPLIED, false},
        {"empty", "Message-ID: <>\n", OUTCOME_APPLIED, false},
        {"nothing", "Message-ID:\n", OUTCOME_APPLIED, false},
        {"two", "Message-ID: <a@x>\nMessage-ID: <b@x>\n", OUTCOME_APPLIED, false},
        {"the same twice", "Message-ID: <a@x>\nMessage-ID: <a@x>\n", OUTCOME_APPLIED, false},
        {"spaces", "Message-ID: <a b c@x>\n", OUTCOME_APPLIED, false},
        {"quotes", "Message-ID: <a\"'b@x>\n", OUTCOME_APPLIED, true},
        {"percent", "Message-ID: <%s%n@x>\n", OUTCOME_APPLIED, true},
        {"10 kB", NULL, OUTCOME_APPLIED, false},
        {"NUL", "Message-ID: <a\x01@x>\n", OUTCOME_QUARANTINED, false},
    };
    struct world *world = world_new();
    g_autofree char *fill = g_strnfill(10000, 'a'), *big = g_strconcat("Message-ID: <", fill, "@x>\n", NULL);
    const char *label = tests[_i].label, *id = tests[_i].id ? tests[_i].id : big;
    for (guint copy = 0; copy < 2; copy++) {
        g_autofree char *raw = g_strdup_printf(
            PROVEN_HOP "From: bob@corp.example\nTo: tasks@corp.example\n%sDate: Mon, 23 Nov 2026 "
                       "09:00:00 +0000\nSubject: subject %u\n\ncopy %u\n",
            id, copy, tests[_i].is_good_id ? copy : 0);
        gsize len = strlen(raw);
        char *nul = memchr(raw, 1, len);
        if (nul)
            *nul = '\0';
        expect_outcome(world_mail_bytes(world, raw, len), tests[_i].outcome, label);
        /* what has no effect may be judged again */
        expect_outcome(world_mail_bytes(world, raw, len),
                       tests[_i].outcome == OUTCOME_APPLIED ? OUTCOME_DUPLICATE : tests[_i].outcome, label);
    }
    ck_assert_msg(cards(world) == (tests[_i].outcome == OUTCOME_APPLIED ? 2 : 0), "%s", label);
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

/* M03: a date that cannot be is no date: the mail is taken, and the time of its arrival orders it among the
 * others, whatever it says. */
START_TEST(M03_impossible_dates)
{
    static const char *const dates[] = {"Date: Mon, 31 Feb 2026 09:00:00 +0000\n",
                                        "Date: Mon, 1 Jan 2999 00:00:00 +0000\n",
                                        "Date: Mon, 1 Jan 99999 00:00:00 +0000\n",
                                        "",
                                        "Date:\n",
                                        "Date: Mon, 23 Nov 2026 09:00:00 -0000\n",
                                        "Date: Mon, 23 Nov 2026 09:00:00 +2500\n",
                                        "Date: Thu, 1 Jan 1970 00:00:00 +0000\n"};
    struct world *world = world_new();
    struct wish card = {dates[_i], OUTCOME_APPLIED,           "a new card", TRUST_MEMBER, 0,
                        1,         "bob@corp.example receipt"};
    struct wish comment = {dates[_i], OUTCOME_COMMENTED, "answers a card of theirs", TRUST_MEMBER, 1, 0, ""};
    for (guint i = 0; i < 3; i++) {
        /* the second mail has a good date, later than that of the third one's arrival */
        const char *date = i == 1 ? "Date: Mon, 23 Nov 2026 20:00:00 +0000\n" : dates[_i];
        g_autofree char *raw = g_strdup_printf(PROVEN("corp.example") "From: bob@corp.example\nTo: "
                                                                      "tasks@corp.example\nMessage-ID: "
                                                                      "<m3%u@x>\n%sSubject: %s\n\nx\n",
                                               i, date, i ? "Re: [tasks-1] when" : "when");
        expect_mail(world, i ? &comment : &card, raw);
        world_advance(world, 60);
    }
    g_autoptr(card_t) made = card_get(world->store, 1);
    ck_assert_int_eq(made->created_at, WORLD_NOW);
    g_autoptr(GPtrArray) comments = comment_list(world->store, 1, 10);
    for (guint i = 0; i < 3; i++)
        ck_assert_msg(((const struct comment *)comments->pdata[i])->at == WORLD_NOW + 60 * i,
                      "%s: comment %u", dates[_i], i);
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
    tcase_add_loop_test(tcase, D02_same_id_and_other_words, 0, 9);
    tcase_add_loop_test(tcase, D03_direct_and_list_copy, 0, 2);
    tcase_add_loop_test(tcase, D04_mails_without_a_usable_id, 0, 10);
    tcase_add_test(tcase, D05_a_known_ref_is_not_taken_again);
    tcase_add_test(tcase, D05_known_bytes_under_a_new_uidvalidity);
    tcase_add_loop_test(tcase, M03_impossible_dates, 0, 8);
    return tcase;
}
