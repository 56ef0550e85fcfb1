/* test_team.c - a team file that is applied: the whole of it or nothing. */
#include "cases.h"
#include "expect.h"

#include <cardpost/engine.h>
#include <cardpost/team.h>

static void
apply(struct world *world, const char *text, enum outcome outcome)
{
    struct input input = {
        .at = world->now, .kind = INPUT_CHANGE, .text = (char *)(uintptr_t)text, .actor_uid = 0};
    journal_begin(world->store);
    int64_t seq = journal_append(world->store, &input, NULL, 0);
    ck_assert(journal_commit(world->store, NULL));
    world_fold(world);
    expect_outcome(outcome_get(world->store, seq), outcome, text);
}

START_TEST(a_file_that_cannot_be_applied_changes_nothing)
{
    struct world *world = world_new();
    expect_outcome(world_proven_mail(world, "From: ann@corp.example\nTo: tasks@corp.example\nMessage-ID: "
                                            "<one@corp.example>\nSubject: x\n\nx\n"),
                   OUTCOME_APPLIED, "a card in the first column");
    apply(
        world,
        "person new { name = \"New\" email = {\"new@corp.example\"} role = \"admin\" }\n"
        "board orders { name = \"Orders\" default = true column done { name = \"Done\" kind = \"done\" } }\n",
        OUTCOME_REFUSED);
    g_autoptr(person_t) person = person_by_key(world->store, "new");
    ck_assert_ptr_null(person);
    world_free(world);
}
END_TEST

/* Bob wrote from his private address, and became a guest by it, before the team file named it. */
START_TEST(an_address_of_a_guest_becomes_a_members)
{
    struct world *world = world_new();
    expect_outcome(world_proven_mail(world,
                                     "From: bob@home.example\nTo: tasks+open@corp.example\nMessage-ID: "
                                     "<one@home.example>\nSubject: x\n\nx\n"),
                   OUTCOME_TRIAGE, "as a stranger");
    apply(
        world,
        "person bob { name = \"Bob\" email = {\"bob@corp.example\", \"bob@home.example\"} "
        "role = \"member\" }\nboard orders { name = \"Orders\" default = true column todo { name = \"To do\" "
        "kind = \"queue\" } }\n",
        OUTCOME_APPLIED);
    g_autoptr(person_t) bob = person_by_address(world->store, "bob@home.example");
    ck_assert_ptr_nonnull(bob);
    ck_assert_str_eq(bob->key, "bob");
    world_free(world);
}
END_TEST

/* What waits for an address that somebody was known by, and all that its person took part in, is from then on
 * of the person who got it: the reply address sent there proves as before, and answers come. */
START_TEST(the_cards_of_an_address_go_with_it)
{
    struct world *world = world_new();
    int64_t card = expect_outcome(
        world_proven_mail(world, "From: kim@old.example\nTo: tasks+open@corp.example\nMessage-ID: "
                                 "<one@old.example>\nSubject: x\n\nx\n"),
        OUTCOME_TRIAGE, "as a stranger");
    g_autoptr(GPtrArray) sent = world_sent(world);
    const char *to = sent_to(sent, "kim@old.example")->reply_to;
    expect_outcome(world_proven_mail(world, "From: kim@new.example\nTo: tasks+open@corp.example\nMessage-ID: "
                                            "<two@new.example>\nSubject: y\n\ny\n"),
                   OUTCOME_TRIAGE, "as another");
    g_ptr_array_unref(world_sent(world));
    apply(
        world,
        "person kim { name = \"Kim\" email = {\"kim@new.example\", \"kim@old.example\"} role = \"guest\" }\n"
        "board orders { name = \"Orders\" default = true column todo { name = \"To do\" kind = \"queue\" } "
        "}\n",
        OUTCOME_APPLIED);
    g_autofree char *raw = g_strdup_printf(
        HOP "From: kim@old.example\nTo: %s\nMessage-ID: <three@old.example>\nSubject: Re: x\n\nmore\n", to);
    struct outcome_row *row = world_mail(world, raw);
    ck_assert_msg(row->card_id == card && row->trust == TRUST_GUEST, "%s", row->trust_reason);
    expect_outcome(row, OUTCOME_COMMENTED, "by the token of the address");
    expect_outcome(world_proven_mail(
                       world, "From: ann@corp.example\nTo: tasks+open@corp.example\nIn-Reply-To: "
                              "<one@old.example>\nMessage-ID: <four@corp.example>\nSubject: Re: x\n\nyes\n"),
                   OUTCOME_COMMENTED, "ann answers");
    g_autoptr(GPtrArray) answers = world_sent(world);
    const struct sent *answer = sent_to(answers, "kim@new.example");
    ck_assert_ptr_nonnull(answer);
    g_autofree char *next = g_strdup_printf(
        HOP "From: kim@new.example\nTo: %s\nMessage-ID: <five@new.example>\nSubject: Re: x\n\nthanks\n",
        answer->reply_to);
    row = world_mail(world, next);
    ck_assert_msg(row->card_id == card && row->trust == TRUST_GUEST, "the new address: %s",
                  row->trust_reason);
    expect_outcome(row, OUTCOME_COMMENTED, "by the token of the person");
    world_free(world);
}
END_TEST

/* A second file that names another default board: the first one's is it no more, and what is exported can be
 * applied again. */
START_TEST(there_is_one_default_board)
{
    struct world *world = world_new();
    apply(world,
          "board desk { name = \"Desk\" intake = \"participants\" default = true column todo { name = \"To "
          "do\" "
          "kind = \"queue\" } }\n",
          OUTCOME_APPLIED);
    g_autoptr(GPtrArray) boards = board_list(world->store);
    for (guint i = 0; i < boards->len; i++) {
        const struct board *board = boards->pdata[i];
        ck_assert_msg(board->is_default == g_str_equal(board->key, "desk"), "%s", board->key);
    }
    struct team_file *all = engine_team_export(world->store);
    g_autofree char *text = team_file_write(all);
    team_file_free(all);
    apply(world, text, OUTCOME_APPLIED);
    world_free(world);
}
END_TEST

TCase *
test_team(void)
{
    TCase *tcase = tcase_create("team");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, a_file_that_cannot_be_applied_changes_nothing);
    tcase_add_test(tcase, an_address_of_a_guest_becomes_a_members);
    tcase_add_test(tcase, the_cards_of_an_address_go_with_it);
    tcase_add_test(tcase, there_is_one_default_board);
    return tcase;
}
