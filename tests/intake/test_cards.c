/* test_cards.c - new cards, comments, people and what they are told. */
#include "cases.h"
#include "world.h"

#include <cardpost/engine.h>

#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#define ANN "From: Ann <ann@corp.example>\nTo: tasks@corp.example\nDate: Mon, 23 Nov 2026 08:00:00 +0000\n"

START_TEST(new_card_assigns_and_tells)
{
    struct world *world = world_new();
    int64_t id =
        expect_outcome(world_proven_mail(world, ANN "Message-ID: <a1@corp.example>\nSubject: [orders] "
                                                    "Damaged parcel @bob\n\nSKU 12345 arrived broken.\n"),
                       OUTCOME_APPLIED, "new card");
    g_autoptr(card_t) card = card_get(world->store, id);
    ck_assert_str_eq(card->title, "Damaged parcel");
    ck_assert_int_eq(card->status, CARD_OPEN);
    g_autoptr(GPtrArray) sent = world_sent(world);
    ck_assert_uint_eq(sent->len, 2);
    const struct sent *receipt = sent_to(sent, "ann@corp.example"),
                      *notice = sent_to(sent, "bob@corp.example");
    ck_assert_ptr_nonnull(receipt);
    ck_assert_ptr_nonnull(notice);
    ck_assert_str_eq(notice->subject, "[tasks-1] Damaged parcel");
    ck_assert_ptr_nonnull(strstr(notice->raw, "SKU 12345 arrived broken."));
    ck_assert_ptr_nonnull(strstr(notice->raw, "X-Cardpost-Reason: assigned\r\n"));
    ck_assert_ptr_nonnull(strstr(notice->raw, "Reply-To: "));
    world_free(world);
}
END_TEST

START_TEST(chinese_board_column_and_people)
{
    struct world *world = world_new();
    int64_t id = expect_outcome(
        world_proven_mail(world,
                          ANN "Message-ID: <a2@corp.example>\nSubject: "
                              "=?utf-8?b?44CQ6K6i5Y2VL+WujOaIkOOAkeWMheijueegtOaNnyBA5p2O6Zu3?=\n\n请处理\n"),
        OUTCOME_APPLIED, "Chinese subject");
    g_autoptr(card_t) card = card_get(world->store, id);
    ck_assert_str_eq(card->title, "包裹破损");
    g_autoptr(board_t) board = board_get(world->store, card->board_id);
    ck_assert_str_eq(board->key, "orders");
    ck_assert_str_eq(board_column(board, card->column_id)->key, "done");
    g_autoptr(GPtrArray) sent = world_sent(world);
    const struct sent *notice = sent_to(sent, "li@corp.example");
    ck_assert_ptr_nonnull(notice);
    ck_assert_ptr_nonnull(strstr(notice->raw, "Content-Language: zh-CN"));
    world_free(world);
}
END_TEST

START_TEST(unknown_names_stay_and_are_told)
{
    struct world *world = world_new();
    int64_t id = expect_outcome(
        world_proven_mail(world, ANN "Message-ID: <a3@corp.example>\nSubject: [EXTERNAL] Ask @nobody\n\nx\n"),
        OUTCOME_APPLIED, "unknown names");
    g_autoptr(card_t) card = card_get(world->store, id);
    ck_assert_str_eq(card->title, "[EXTERNAL] Ask @nobody");
    g_autoptr(GPtrArray) sent = world_sent(world);
    bool told = false;
    for (guint i = 0; i < sent->len; i++)
        told = told || strstr(((struct sent *)sent->pdata[i])->raw, "nobody");
    ck_assert(told);
    world_free(world);
}
END_TEST

/* "Re:" behind a gateway's tag is no part of the title, and a board behind it is found. */
START_TEST(prefixes_behind_tags_go)
{
    static const struct {
        const char *subject, *board, *title;
    } cases[] = {
        {"[EXTERNAL] Re: Price", "orders", "[EXTERNAL] Price"},
        {"[EXTERNAL] Re: [open] Fwd: Price", "open", "[EXTERNAL] Price"},
        {"[open] 转发：报价", "open", "报价"},
        {"[EXTERNAL] Price: Re: x", "orders", "[EXTERNAL] Price: Re: x"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct world *world = world_new();
        g_autofree char *mail =
            g_strdup_printf(ANN "Message-ID: <p%u@corp.example>\nSubject: %s\n\nx\n", i, cases[i].subject);
        int64_t id = expect_outcome(world_proven_mail(world, mail), OUTCOME_APPLIED, cases[i].subject);
        g_autoptr(card_t) card = card_get(world->store, id);
        g_autoptr(board_t) board = board_get(world->store, card->board_id);
        ck_assert_str_eq(card->title, cases[i].title);
        ck_assert_str_eq(board->key, cases[i].board);
        world_free(world);
    }
}
END_TEST

/* A card assigned to a guest: what he gets, what his answer does, and what of the team's talk reaches him. */
START_TEST(H06_guest_sees_only_what_is_for_him)
{
    struct world *world = world_new();
    int64_t id = expect_outcome(
        world_proven_mail(
            world, ANN
            "Message-ID: <g1@corp.example>\nSubject: [orders] Price for 500 pieces @sue\n\nPlease quote.\n"),
        OUTCOME_APPLIED, "guest card");
    g_autoptr(GPtrArray) first = world_sent(world);
    const struct sent *ask = sent_to(first, "sue@sup.example");
    ck_assert_ptr_nonnull(ask);
    ck_assert_ptr_null(strstr(ask->raw, "List-Id"));
    ck_assert_ptr_null(strstr(ask->raw, "X-Cardpost-Board"));
    ck_assert_ptr_nonnull(ask->reply_to);
    /* sue answers by her reply address, without any verdict */
    g_autofree char *answer = g_strdup_printf(
        "From: Sue <sue@sup.example>\nTo: %s\nMessage-ID: <s1@sup.example>\nIn-Reply-To: <%s>\nDate: Mon, 23 "
        "Nov 2026 09:00:00 +0000\nSubject: Re: [tasks-1] Price\n\n4.20 USD each\n",
        ask->reply_to, ask->message_id);
    ck_assert_int_eq(expect_outcome(world_mail(world, answer), OUTCOME_COMMENTED, "guest's answer"), id);
    g_autoptr(GPtrArray) second = world_sent(world);
    const struct sent *told = sent_to(second, "ann@corp.example");
    ck_assert_ptr_nonnull(told);
    ck_assert_ptr_nonnull(strstr(told->raw, "4.20 USD each"));
    ck_assert_ptr_null(sent_to(second, "sue@sup.example"));
    /* ann answers sue: sue hears it; bob talks about it to the team: sue does not */
    g_autofree char *reply = g_strdup_printf(
        ANN "Message-ID: <g2@corp.example>\nIn-Reply-To: <%s>\nSubject: Re: [tasks-1]\n\nDeal, thank you.\n",
        told->message_id);
    ck_assert_int_eq(
        expect_outcome(world_proven_mail(world, reply), OUTCOME_COMMENTED, "member answers guest"), id);
    g_autoptr(GPtrArray) third = world_sent(world);
    ck_assert_ptr_nonnull(sent_to(third, "sue@sup.example"));
    ck_assert_int_eq(
        expect_outcome(
            world_proven_mail(world, "From: Bob <bob@corp.example>\nTo: tasks@corp.example\nDate: Mon, 23 "
                                     "Nov 2026 10:00:00 +0000\nMessage-ID: <b1@corp.example>\nSubject: Re: "
                                     "[tasks-1] Price\n\nToo expensive, between us.\n"),
            OUTCOME_COMMENTED, "member to the team"),
        id);
    g_autoptr(GPtrArray) fourth = world_sent(world);
    ck_assert_ptr_nonnull(sent_to(fourth, "ann@corp.example"));
    ck_assert_ptr_null(sent_to(fourth, "sue@sup.example"));
    world_free(world);
}
END_TEST

/* A customer's mail, assigned to bob: what bob answers to his notice reaches the customer. */
START_TEST(an_answer_to_the_assignment_answers_the_customer)
{
    struct world *world = world_new();
    int64_t id = expect_outcome(
        world_proven_mail(
            world, "From: Sue <sue@sup.example>\nTo: tasks@corp.example\nDate: Mon, 23 Nov 2026 08:00:00 "
                   "+0000\nMessage-ID: <k1@sup.example>\nSubject: [orders] Where is it?\n\nOrder 4711\n"),
        OUTCOME_APPLIED, "customer");
    store_begin(world->store);
    g_autoptr(person_t) bob = person_by_key(world->store, "bob");
    struct engine_act act = {.store = world->store, .now = world->now, .person_id = 1, .trust = TRUST_ADMIN};
    engine_assign(&act, id, bob->id);
    ck_assert(store_commit(world->store, NULL));
    g_autoptr(GPtrArray) first = world_sent(world);
    const struct sent *notice = sent_to(first, "bob@corp.example");
    ck_assert_ptr_nonnull(notice);
    g_autofree char *reply =
        g_strdup_printf("From: bob@corp.example\nTo: tasks@corp.example\nMessage-ID: <b1@corp.example>\n"
                        "In-Reply-To: <%s>\nSubject: Re: x\n\nOn its way.\n",
                        notice->message_id);
    expect_outcome(world_proven_mail(world, reply), OUTCOME_COMMENTED, "answer");
    g_autoptr(GPtrArray) second = world_sent(world);
    const struct sent *told = sent_to(second, "sue@sup.example");
    ck_assert_ptr_nonnull(told);
    ck_assert_ptr_nonnull(strstr(told->raw, "On its way."));
    world_free(world);
}
END_TEST

/* Two comments told in one mail: an answer to it answers the newer, so what is said to a colleague is not
 * said to a guest. */
START_TEST(an_answer_to_several_answers_the_newest)
{
    struct world *world = world_new();
    int64_t id = expect_outcome(
        world_proven_mail(world,
                          ANN "Message-ID: <n1@corp.example>\nSubject: [orders] Price @sue\n\nQuote?\n"),
        OUTCOME_APPLIED, "card");
    g_autoptr(GPtrArray) first = world_sent(world);
    const struct sent *ask = sent_to(first, "sue@sup.example");
    g_autofree char *answer = g_strdup_printf(
        "From: sue@sup.example\nTo: %s\nMessage-ID: <n2@sup.example>\nSubject: Re: x\n\n4.20 USD\n",
        ask->reply_to);
    expect_outcome(world_mail(world, answer), OUTCOME_COMMENTED, "guest");
    expect_outcome(world_proven_mail(world, "From: bob@corp.example\nTo: tasks@corp.example\nMessage-ID: "
                                            "<n3@corp.example>\nSubject: Re: [tasks-1] x\n\nToo much?\n"),
                   OUTCOME_COMMENTED, "colleague");
    g_autoptr(GPtrArray) both = world_sent(world);
    const struct sent *told = sent_to(both, "ann@corp.example");
    ck_assert_ptr_nonnull(strstr(told->raw, "4.20 USD"));
    ck_assert_ptr_nonnull(strstr(told->raw, "Too much?"));
    g_autofree char *reply = g_strdup_printf(
        ANN "Message-ID: <n4@corp.example>\nIn-Reply-To: <%s>\nSubject: Re: x\n\nWe can pay 5.\n",
        told->message_id);
    expect_outcome(world_proven_mail(world, reply), OUTCOME_COMMENTED, "to the colleague");
    g_autoptr(GPtrArray) last = world_sent(world);
    ck_assert_ptr_null(sent_to(last, "sue@sup.example"));
    ck_assert_int_eq(id, 1);
    world_free(world);
}
END_TEST

START_TEST(cc_hears_nothing_twice)
{
    struct world *world = world_new();
    expect_outcome(
        world_proven_mail(world, "From: Ann <ann@corp.example>\nTo: tasks@corp.example\nCc: Bob "
                                 "<bob@corp.example>, stranger@else.example\nDate: Mon, 23 Nov 2026 08:00:00 "
                                 "+0000\nMessage-ID: <c1@corp.example>\nSubject: For both\n\nx\n"),
        OUTCOME_APPLIED, "cc");
    g_autoptr(GPtrArray) sent = world_sent(world);
    ck_assert_ptr_null(sent_to(sent, "bob@corp.example"));
    ck_assert_ptr_null(sent_to(sent, "stranger@else.example"));
    ck_assert(card_has_person(world->store, 1, 2));
    world_free(world);
}
END_TEST

/* A forged Cc does not silence the notice of the mail that carries it. */
START_TEST(a_forged_cc_silences_nobody)
{
    struct world *world = world_new();
    expect_outcome(world_proven_mail(world, ANN "Message-ID: <q1@corp.example>\nSubject: Mine @bob\n\nx\n"),
                   OUTCOME_APPLIED, "card");
    g_ptr_array_unref(world_sent(world));
    expect_outcome(
        world_mail(world, "Received: from out.example by mx.corp.example; Mon, 23 Nov 2026 08:00:00 +0000\n"
                          "From: li@corp.example\nTo: tasks@corp.example\nCc: bob@corp.example\n"
                          "Message-ID: <q2@x.example>\nSubject: Re: [tasks-1] Mine\n\nhello\n"),
        OUTCOME_COMMENTED, "unproven");
    g_autoptr(GPtrArray) sent = world_sent(world);
    ck_assert_ptr_nonnull(sent_to(sent, "bob@corp.example"));
    world_free(world);
}
END_TEST

START_TEST(board_by_tag_address)
{
    struct world *world = world_new();
    int64_t id = expect_outcome(
        world_proven_mail(world, "From: Ann <ann@corp.example>\nTo: tasks+closed@corp.example\nDate: Mon, 23 "
                                 "Nov 2026 08:00:00 +0000\nMessage-ID: <t1@corp.example>\nSubject: x\n\nx\n"),
        OUTCOME_APPLIED, "tag");
    g_autoptr(card_t) card = card_get(world->store, id);
    g_autoptr(board_t) board = board_get(world->store, card->board_id);
    ck_assert_str_eq(board->key, "closed");
    world_free(world);
}
END_TEST

START_TEST(file_travels_with_the_notice)
{
    struct world *world = world_new();
    expect_outcome(
        world_proven_mail(
            world, ANN
            "Message-ID: <f1@corp.example>\nSubject: Invoice @bob\nMIME-Version: 1.0\nContent-Type: "
            "multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nsee file\n--b\nContent-Type: "
            "text/csv\nContent-Disposition: attachment; filename=\"items.csv\"\n\nsku,qty\n12345,7\n--b--\n"),
        OUTCOME_APPLIED, "file");
    g_autoptr(GPtrArray) sent = world_sent(world);
    const struct sent *notice = sent_to(sent, "bob@corp.example");
    ck_assert_ptr_nonnull(notice);
    ck_assert_ptr_nonnull(strstr(notice->raw, "items.csv"));
    ck_assert_ptr_nonnull(strstr(notice->raw, "Content-Disposition: attachment"));
    ck_assert_ptr_null(strstr(sent_to(sent, "ann@corp.example")->raw, "Content-Disposition: attachment"));
    world_free(world);
}
END_TEST

/* Two files of one notice are made by two readers: the first must not be forgotten before the second comes.
 */
START_TEST(files_that_come_one_by_one)
{
    struct world *world = world_new();
    expect_outcome(
        world_proven_mail(
            world, ANN
            "Message-ID: <f2@corp.example>\nSubject: Invoices @bob\nMIME-Version: 1.0\nContent-Type: "
            "multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nsee files\n--b\nContent-Type: "
            "text/csv\nContent-Disposition: attachment; filename=\"a.csv\"\n\none\n--b\nContent-Type: "
            "text/csv\nContent-Disposition: attachment; filename=\"b.csv\"\n\ntwo\n--b--\n"),
        OUTCOME_APPLIED, "files");
    ck_assert(notify_follow(world->notify, world->now, NULL));
    g_autoptr(GPtrArray) needed = notify_files_needed(world->notify, world->now, NULL);
    ck_assert_uint_eq(needed->len, 2);
    for (guint i = 0; i < needed->len; i++) {
        const struct attachment *attachment = needed->pdata[i];
        g_autoptr(GBytes) content = g_bytes_new_static(attachment->name, strlen(attachment->name));
        notify_file(world->notify, attachment->id, content);
        guint done;
        ck_assert(notify_flush(world->notify, world->now, 50, &done, NULL));
    }
    g_autoptr(GPtrArray) still_needed = notify_files_needed(world->notify, world->now, NULL);
    ck_assert_uint_eq(still_needed->len, 0);
    g_autoptr(GPtrArray) due = notice_due(world->store, world->now, 10);
    ck_assert_uint_eq(due->len, 0);
    world_free(world);
}
END_TEST

/* The disk was full when the server had just taken a mail: it is neither forgotten nor sent again. */
START_TEST(a_result_is_kept_until_it_can_be_written)
{
    struct world *world = world_new();
    expect_outcome(world_proven_mail(world, ANN "Message-ID: <r1@corp.example>\nSubject: Hi @bob\n\nx\n"),
                   OUTCOME_APPLIED, "card");
    guint done;
    ck_assert(notify_follow(world->notify, world->now, NULL));
    ck_assert(notify_flush(world->notify, world->now, 50, &done, NULL));
    g_auto(dispatch_mail_t) first, next;
    ck_assert(dispatch_take(world->notify, NULL, world->now, &first, NULL));
    ck_assert_ptr_nonnull(first.mail);
    g_autofree char *text = g_strdup("ok");
    struct dispatch_result result = {first.mail->id, OUTBOX_SENT, 250, text, 0};
    struct rlimit before, none = {0};
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
    none.rlim_max = before.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
    bool written = dispatch_done(world->notify, &result, world->now, NULL);
    bool taken = dispatch_take(world->notify, &result, world->now, &next, NULL);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
    ck_assert(!written && !taken && !next.mail);
    ck_assert(dispatch_take(world->notify, &result, world->now, &next, NULL));
    ck_assert(!next.mail || next.mail->id != first.mail->id);
    struct outbox *row = outbox_get(world->store, first.mail->id);
    ck_assert_int_eq(row->status, OUTBOX_SENT);
    outbox_free(row);
    world_free(world);
}
END_TEST

TCase *
test_cards(void)
{
    TCase *tcase = tcase_create("cards");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, new_card_assigns_and_tells);
    tcase_add_test(tcase, chinese_board_column_and_people);
    tcase_add_test(tcase, unknown_names_stay_and_are_told);
    tcase_add_test(tcase, prefixes_behind_tags_go);
    tcase_add_test(tcase, H06_guest_sees_only_what_is_for_him);
    tcase_add_test(tcase, an_answer_to_the_assignment_answers_the_customer);
    tcase_add_test(tcase, an_answer_to_several_answers_the_newest);
    tcase_add_test(tcase, cc_hears_nothing_twice);
    tcase_add_test(tcase, a_forged_cc_silences_nobody);
    tcase_add_test(tcase, board_by_tag_address);
    tcase_add_test(tcase, file_travels_with_the_notice);
    tcase_add_test(tcase, files_that_come_one_by_one);
    tcase_add_test(tcase, a_result_is_kept_until_it_can_be_written);
    return tcase;
}
