/* test_tokens.c - attack cases T: reply tokens and the other keys that lead to a card. */
#include "cases.h"
#include "world.h"

#include <string.h>

#define HOP "Received: from out.example by mx.corp.example; Mon, 23 Nov 2026 08:00:00 +0000\n"

/* Card 1 with sue on it, card 2 internal; answers the notice that sue got. */
static GPtrArray *
make_cards(struct world *world)
{
    expect_outcome(world_proven_mail(
                       world, "From: ann@corp.example\nTo: tasks@corp.example\nDate: Mon, 23 Nov 2026 "
                              "07:00:00 +0000\nMessage-ID: <one@corp.example>\nSubject: Quote @sue\n\nx\n"),
                   OUTCOME_APPLIED, "card 1");
    expect_outcome(world_proven_mail(
                       world, "From: ann@corp.example\nTo: tasks+closed@corp.example\nDate: Mon, 23 Nov 2026 "
                              "07:01:00 +0000\nMessage-ID: <two@corp.example>\nSubject: Internal\n\nx\n"),
                   OUTCOME_APPLIED, "card 2");
    return world_sent(world);
}

static struct outcome_row *
answer(struct world *world, const char *from, const char *to, const char *id, const char *more,
       const char *text)
{
    g_autofree char *raw = g_strdup_printf(
        HOP "From: %s\nTo: %s\nMessage-ID: <%s>\nDate: Mon, 23 Nov 2026 09:00:00 +0000\n%s\n%s\n", from, to,
        id, more, text);
    return world_mail(world, raw);
}

START_TEST(T01_a_borrowed_token_is_held_until_its_owner_says_so)
{
    struct world *world = world_new();
    g_autoptr(GPtrArray) sent = make_cards(world);
    const char *reply_to = sent_to(sent, "sue@sup.example")->reply_to;
    struct outcome_row *row = answer(world, "tom@other.example", reply_to, "t1@other",
                                     "Subject: Re: [tasks-1] Quote\n", "I am Tom");
    expect_outcome(row, OUTCOME_HELD, "T01");
    ck_assert(!card_has_person(world->store, 1, 5));
    g_autoptr(GPtrArray) asked = world_sent(world);
    const struct sent *question = sent_to(asked, "ann@corp.example");
    ck_assert_ptr_nonnull(question);
    ck_assert_ptr_null(sent_to(asked, "tom@other.example"));
    /* the comment is not there before, and is after ann has approved by mail */
    g_autoptr(GPtrArray) before = comment_list(world->store, 1, 10);
    ck_assert_uint_eq(before->len, 1);
    expect_outcome(
        answer(world, "ann@corp.example", question->reply_to, "ok@corp", "Subject: Re: x\n", "同意"),
        OUTCOME_APPLIED, "approval");
    world_fold(world);
    g_autoptr(GPtrArray) after = comment_list(world->store, 1, 10);
    ck_assert_uint_eq(after->len, 2);
    ck_assert_ptr_nonnull(strstr(((struct comment *)after->pdata[1])->text, "I am Tom"));
    ck_assert(((struct comment *)after->pdata[1])->is_unverified);
    /* approving again does nothing again */
    expect_outcome(
        answer(world, "ann@corp.example", question->reply_to, "ok2@corp", "Subject: Re: x\n", "approve"),
        OUTCOME_RECORDED, "twice");
    world_free(world);
}
END_TEST

/* A release of what nobody has approved does nothing, and takes nothing from a later approval. */
START_TEST(T01_a_release_without_approval_spoils_nothing)
{
    struct world *world = world_new();
    g_autoptr(GPtrArray) sent = make_cards(world);
    struct outcome_row *row = answer(world, "tom@other.example", sent_to(sent, "sue@sup.example")->reply_to,
                                     "t1@other", "Subject: x\n", "I am Tom");
    g_autofree char *seq = g_strdup_printf("%" G_GINT64_FORMAT, row->seq);
    expect_outcome(row, OUTCOME_HELD, "T01");
    struct input release = {.at = world->now, .kind = INPUT_RELEASE, .text = seq, .actor_uid = 0};
    journal_begin(world->store);
    journal_append(world->store, &release, NULL, 0);
    ck_assert(journal_commit(world->store, NULL));
    world_fold(world);
    expect_outcome(outcome_get(world->store, journal_last(world->store)), OUTCOME_RECORDED, "too early");
    g_autoptr(GPtrArray) asked = world_sent(world);
    expect_outcome(answer(world, "sue@sup.example", sent_to(asked, "sue@sup.example")->reply_to, "ok@sup",
                          "Subject: Re: x\n", "approve"),
                   OUTCOME_APPLIED, "approval");
    world_fold(world);
    g_autoptr(GPtrArray) comments = comment_list(world->store, 1, 10);
    ck_assert_uint_eq(comments->len, 2);
    world_free(world);
}
END_TEST

START_TEST(T01_a_rejected_mail_stays_out)
{
    struct world *world = world_new();
    g_autoptr(GPtrArray) sent = make_cards(world);
    outcome_row_free(answer(world, "tom@other.example", sent_to(sent, "sue@sup.example")->reply_to,
                            "t1@other", "Subject: x\n", "I am Tom"));
    g_autoptr(GPtrArray) asked = world_sent(world);
    expect_outcome(answer(world, "sue@sup.example", sent_to(asked, "sue@sup.example")->reply_to, "no@sup",
                          "Subject: Re: x\n", "Reject."),
                   OUTCOME_APPLIED, "rejection");
    world_fold(world);
    g_autoptr(GPtrArray) comments = comment_list(world->store, 1, 10);
    ck_assert_uint_eq(comments->len, 1);
    world_free(world);
}
END_TEST

START_TEST(T02_the_token_decides_not_the_subject)
{
    struct world *world = world_new();
    g_autoptr(GPtrArray) sent = make_cards(world);
    int64_t card = expect_outcome(answer(world, "sue@sup.example", sent_to(sent, "sue@sup.example")->reply_to,
                                         "s1@sup", "Subject: Re: [tasks-2] Internal\n", "hello"),
                                  OUTCOME_COMMENTED, "T02");
    ck_assert_int_eq(card, 1);
    world_free(world);
}
END_TEST

/* H06: a reply address that stands in the words of a mail reaches nobody else. */
START_TEST(H06_tokens_in_words_are_redacted)
{
    struct world *world = world_new();
    g_autoptr(GPtrArray) sent = make_cards(world);
    const char *token = strstr(sent_to(sent, "sue@sup.example")->reply_to, "+r.") + 3;
    g_autofree char *secret = g_strndup(token, SECRET_TOKEN_CHARS);
    g_autofree char *upper = g_ascii_strup(secret, -1);
    g_autofree char *raw =
        g_strdup_printf("From: bob@corp.example\nTo: tasks@corp.example\nMessage-ID: <h6@corp.example>\n"
                        "Subject: Re: [tasks-1] Quote\n\nShe has tasks+r.%s@corp.example here,\n"
                        "mailto:tasks%%2Br.%s%%40corp.example\n\n> Reply-To: tasks+R.%s@corp.example\n",
                        secret, secret, upper);
    expect_outcome(world_proven_mail(world, raw), OUTCOME_COMMENTED, "H06");
    g_autoptr(GPtrArray) comments = comment_list(world->store, 1, 10);
    const struct comment *comment = comments->pdata[1];
    ck_assert_ptr_nonnull(strstr(comment->text, "She has tasks+r.…@corp.example here"));
    ck_assert_ptr_null(strstr(comment->text, secret));
    ck_assert_ptr_null(strstr(comment->quoted, upper));
    g_autoptr(GPtrArray) told = world_sent(world);
    ck_assert_ptr_null(strstr(sent_to(told, "ann@corp.example")->raw, secret));
    world_free(world);
}
END_TEST

/* T03: upper case works; every wrong form is as none. */
START_TEST(T03_spellings_of_the_token)
{
    struct world *world = world_new();
    g_autoptr(GPtrArray) sent = make_cards(world);
    const char *good = sent_to(sent, "sue@sup.example")->reply_to;
    const char *token = strstr(good, "+r.") + 3;
    g_autofree char *upper = g_ascii_strup(good, -1);
    g_autofree char *changed = g_strdup(good);
    char *first = changed + (token - good);
    *first = *first == 'a' ? 'b' : 'a';
    g_autofree char *cut = g_strdup_printf("tasks+r.%.25s@corp.example", token);
    g_autofree char *tagged = g_strdup_printf("tasks+x+r.%.26s@corp.example", token);
    g_autofree char *encoded = g_strdup_printf("tasks%%2Br.%.26s@corp.example", token);
    const char *const addresses[] = {changed, cut, tagged, encoded};
    expect_outcome(answer(world, "sue@sup.example", upper, "t0@sup", "Subject: y\n", "hello"),
                   OUTCOME_COMMENTED, "T03 upper case");
    g_autofree char *reason = NULL;
    for (guint i = 0; i < G_N_ELEMENTS(addresses); i++) {
        g_autofree char *id = g_strdup_printf("t3%u@sup", i);
        struct outcome_row *row = answer(world, "sue@sup.example", addresses[i], id, "Subject: y\n", "hello");
        ck_assert_msg(row->trust == TRUST_UNVERIFIED, "T03 %s: %s", addresses[i], trust_name(row->trust));
        ck_assert_msg(!reason || g_str_equal(reason, row->reason), "T03 %s: %s", addresses[i], row->reason);
        g_free(reason);
        reason = g_strdup(row->reason);
        outcome_row_free(row);
    }
    world_free(world);
}
END_TEST

START_TEST(T04_a_revoked_token_opens_nothing)
{
    struct world *world = world_new();
    g_autoptr(GPtrArray) sent = make_cards(world);
    g_autoptr(person_t) sue = person_by_address(world->store, "sue@sup.example");
    store_begin(world->store);
    token_revoke(world->store, 1, sue->id);
    ck_assert(store_commit(world->store, NULL));
    struct outcome_row *row = answer(world, "sue@sup.example", sent_to(sent, "sue@sup.example")->reply_to,
                                     "t4@sup", "Subject: y\n", "hello");
    ck_assert_int_eq(row->trust, TRUST_UNVERIFIED);
    outcome_row_free(row);
    world_free(world);
}
END_TEST

/* T05: an outsider's keys never append to a card. */
START_TEST(T05_guessed_keys)
{
    static const char *const heads[] = {
        "In-Reply-To: <card.2.aaaaaaaaaaaaaaaa@corp.example>\nSubject: y\n",
        "In-Reply-To: <two@corp.example>\nReferences: <one@corp.example> <two@corp.example>\nSubject: y\n",
        "Subject: Re: [tasks-2] Internal\n",
        "Subject: Re: [tasks-1] Quote\n",
    };
    struct world *world = world_new();
    g_ptr_array_unref(make_cards(world));
    struct outcome_row *row =
        answer(world, "outsider@x.example", "tasks+open@corp.example", "t5@x", heads[_i], "let me in");
    expect_outcome(row, OUTCOME_TRIAGE, heads[_i]);
    for (int64_t card = 1; card <= 2; card++) {
        g_autoptr(GPtrArray) comments = comment_list(world->store, card, 10);
        ck_assert_msg(comments->len == 1, "%s: appended to card %d", heads[_i], (int)card);
    }
    world_free(world);
}
END_TEST

/* Every key leads a member home: signed id, Thread-Index, the id of the mail itself, an id only referred to,
 * the subject. */
START_TEST(every_key_leads_home)
{
    struct world *world = world_new();
    g_autoptr(GPtrArray) sent = make_cards(world);
    const struct sent *notice = sent_to(sent, "sue@sup.example");
    const char *field = strstr(notice->raw, "Thread-Index: ");
    ck_assert_ptr_nonnull(field);
    g_autofree char *index = g_strndup(field + 14, strcspn(field + 14, "\r"));
    g_autofree char *signed_id = g_strdup_printf("In-Reply-To: <%s>\nSubject: y\n", notice->message_id);
    g_autofree char *thread_index = g_strdup_printf("Thread-Index: %s\nSubject: y\n", index);
    const struct {
        const char *rule, *head;
    } keys[] = {
        {"signed_id", signed_id},
        {"thread_index", thread_index},
        {"known_id", "In-Reply-To: <one@corp.example>\nReferences: <unseen@else.example> "
                     "<one@corp.example>\nSubject: y\n"},
        {"reference", "References: <unseen@else.example>\nSubject: y\n"},
        {"subject", "Subject: AW: Re: [tasks-1] Quote\n"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
        g_autofree char *raw =
            g_strdup_printf("From: bob@corp.example\nTo: tasks@corp.example\nMessage-ID: "
                            "<k%u@corp.example>\nDate: Mon, 23 Nov 2026 09:00:00 +0000\n%s\nhello\n",
                            i, keys[i].head);
        struct outcome_row *row = world_proven_mail(world, raw);
        ck_assert_msg(g_str_equal(row->rule, keys[i].rule), "%s: %s (%s)", keys[i].rule, row->rule,
                      row->reason);
        ck_assert_int_eq(expect_outcome(row, OUTCOME_COMMENTED, keys[i].rule), 1);
    }
    world_free(world);
}
END_TEST

/* Ids learnt from an unproven mail lead nobody else. */
START_TEST(planted_ids_attract_nobody)
{
    struct world *world = world_new();
    int64_t planted = expect_outcome(answer(world, "stranger@x.example", "tasks+open@corp.example", "p1@x",
                                            "References: <future@corp.example>\nSubject: bait\n", "bait"),
                                     OUTCOME_TRIAGE, "planted");
    int64_t card = expect_outcome(
        world_proven_mail(
            world,
            "From: bob@corp.example\nTo: tasks@corp.example\nMessage-ID: <p2@corp.example>\nIn-Reply-To: "
            "<future@corp.example>\nDate: Mon, 23 Nov 2026 09:00:00 +0000\nSubject: my own\n\nhello\n"),
        OUTCOME_APPLIED, "victim");
    ck_assert_int_ne(card, planted);
    int64_t again = expect_outcome(answer(world, "stranger@x.example", "tasks+open@corp.example", "p3@x",
                                          "References: <p1@x>\nSubject: bait\n", "more"),
                                   OUTCOME_COMMENTED, "own follow-up");
    ck_assert_int_eq(again, planted);
    world_free(world);
}
END_TEST

/* Two proven mails with one Message-ID: an answer to it goes to neither card, least of all to the squatter.
 */
START_TEST(a_squatted_id_gets_no_answers)
{
    struct world *world = world_new();
    int64_t squatter = expect_outcome(
        world_proven_mail(world, "From: evil@evil.example\nTo: tasks+open@corp.example\nMessage-ID: "
                                 "<m1@sup.example>\nSubject: bait\n\nbait\n"),
        OUTCOME_TRIAGE, "squatter");
    expect_outcome(world_proven_mail(world, "From: sue@sup.example\nTo: tasks@corp.example\nMessage-ID: "
                                            "<m1@sup.example>\nSubject: Quote\n\nour quote\n"),
                   OUTCOME_APPLIED, "the real one");
    g_ptr_array_unref(world_sent(world));
    for (guint i = 0; i < 2; i++) {
        g_autofree char *raw = g_strdup_printf(
            "From: ann@corp.example\nTo: tasks@corp.example\nMessage-ID: <a%u@corp.example>\nIn-Reply-To: "
            "<m1@sup.example>\nSubject: Re: Quote\n\nour margin\n",
            i);
        ck_assert_int_ne(expect_outcome(world_proven_mail(world, raw), OUTCOME_APPLIED, "answer"), squatter);
        /* claiming it once more wins nothing */
        outcome_row_free(world_proven_mail(
            world,
            "From: evil@evil.example\nTo: tasks+open@corp.example\nMessage-ID: <m1@sup.example>\nDate: "
            "Mon, 23 Nov 2026 09:00:00 +0000\nSubject: bait\n\nagain\n"));
    }
    g_autoptr(GPtrArray) sent = world_sent(world);
    for (guint i = 0; i < sent->len; i++) {
        const struct sent *one = sent->pdata[i];
        ck_assert(!g_str_equal(one->recipient, "evil@evil.example") || !strstr(one->raw, "our margin"));
    }
    world_free(world);
}
END_TEST

/* Rights are asked when a held mail is decided; and where no holder may read the card, the admins are asked.
 */
START_TEST(T04_a_holder_without_access_decides_nothing)
{
    struct world *world = world_new();
    int64_t card =
        expect_outcome(world_proven_mail(world, "From: sue@sup.example\nTo: tasks@corp.example\nMessage-ID: "
                                                "<g1@sup.example>\nSubject: Quote\n\nx\n"),
                       OUTCOME_APPLIED, "a guest's card");
    expect_outcome(world_proven_mail(world, "From: gil@gil.example\nTo: tasks+open@corp.example\nMessage-ID: "
                                            "<g2@gil.example>\nSubject: Other\n\nx\n"),
                   OUTCOME_TRIAGE, "another guest");
    g_ptr_array_unref(world_sent(world));
    g_autoptr(person_t) gil = person_by_address(world->store, "gil@gil.example");
    struct token reply = {.purpose = TOKEN_REPLY, .card_id = card, .person_id = gil->id};
    struct token decide = {.purpose = TOKEN_HELD, .card_id = card, .person_id = gil->id, .held_id = 1};
    store_begin(world->store);
    g_autofree char *reply_token = token_issue(world->store, &reply, world->now);
    g_autofree char *held_token = token_issue(world->store, &decide, world->now);
    ck_assert(store_commit(world->store, NULL));
    g_autofree char *reply_to = g_strdup_printf("tasks+r.%s@corp.example", reply_token);
    g_autofree char *held_to = g_strdup_printf("tasks+h.%s@corp.example", held_token);
    expect_outcome(answer(world, "tom@other.example", reply_to, "t1@other", "Subject: x\n", "I am Tom"),
                   OUTCOME_HELD, "borrowed");
    expect_outcome(answer(world, "gil@gil.example", held_to, "t2@gil", "Subject: x\n", "approve"),
                   OUTCOME_REFUSED, "gil");
    g_autoptr(GPtrArray) asked = world_sent(world);
    ck_assert_ptr_nonnull(sent_to(asked, "ann@corp.example"));
    world_free(world);
}
END_TEST

TCase *
test_tokens(void)
{
    TCase *tcase = tcase_create("tokens");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, T01_a_borrowed_token_is_held_until_its_owner_says_so);
    tcase_add_test(tcase, T01_a_release_without_approval_spoils_nothing);
    tcase_add_test(tcase, T01_a_rejected_mail_stays_out);
    tcase_add_test(tcase, T02_the_token_decides_not_the_subject);
    tcase_add_test(tcase, T03_spellings_of_the_token);
    tcase_add_test(tcase, T04_a_revoked_token_opens_nothing);
    tcase_add_test(tcase, H06_tokens_in_words_are_redacted);
    tcase_add_loop_test(tcase, T05_guessed_keys, 0, 4);
    tcase_add_test(tcase, every_key_leads_home);
    tcase_add_test(tcase, planted_ids_attract_nobody);
    tcase_add_test(tcase, a_squatted_id_gets_no_answers);
    tcase_add_test(tcase, T04_a_holder_without_access_decides_nothing);
    return tcase;
}
