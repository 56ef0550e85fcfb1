/* test_held.c - what the holder of a reply address and the card's owner hear of mails that are held (T01,
 * L01). */
#include "cases.h"
#include "expect.h"

#include <string.h>

/* Ann's card with sue on it; answers sue's reply address. g_free. */
static char *
make_card(struct world *world)
{
    expect_outcome(world_proven_mail(world, "From: ann@corp.example\nTo: tasks@corp.example\nDate: Mon, 23 "
                                            "Nov 2026 07:00:00 +0000\nMessage-ID: <one@corp.example>\n"
                                            "Subject: Quote @sue\n\nx\n"),
                   OUTCOME_APPLIED, "the card");
    g_autoptr(GPtrArray) sent = world_sent(world);
    return g_strdup(sent_to(sent, "sue@sup.example")->reply_to);
}

static void
send_borrowed(struct world *world, const char *to, guint from, guint n)
{
    for (guint i = from; i < from + n; i++) {
        g_autofree char *raw = g_strdup_printf(HOP "From: tom%u@other.example\nTo: %s\nMessage-ID: "
                                                   "<t%u@other.example>\nSubject: x\n\nI am Tom %u\n",
                                               i, to, i, i);
        expect_outcome(world_mail(world, raw), OUTCOME_HELD, raw);
    }
}

static struct outcome_row *
answer(struct world *world, const struct sent *question, guint i)
{
    g_autofree char *raw =
        g_strdup_printf(HOP "From: %s\nTo: %s\nMessage-ID: <a%u@x.example>\nSubject: Re: x\n\nreject\n",
                        question->recipient, question->reply_to, i);
    return world_mail(world, raw);
}

/* The number of held notices among them to that recipient, each of which must hold the words (NULL: any). */
static guint
count_held(const GPtrArray *sent, const char *recipient, const char *words)
{
    guint n = 0;
    for (guint i = 0; i < sent->len; i++) {
        const struct sent *mail = sent->pdata[i];
        if (!g_str_equal(mail->recipient, recipient) || !strstr(mail->raw, "X-Cardpost-Reason: held"))
            continue;
        g_autofree char *said = sent_words(mail);
        ck_assert_msg(!words || strstr(said, words), "%s is not said in:\n%s", words, said);
        n++;
    }
    return n;
}

START_TEST(T01_L01_a_leaked_token_floods_nobody)
{
    static const char *const asked[] = {"sue@sup.example", "ann@corp.example"};
    struct world *world = world_new();
    g_autofree char *to = make_card(world);
    for (guint day = 0; day < 3; day++) {
        send_borrowed(world, to, day * 100, 50);
        g_autoptr(GPtrArray) first = world_sent(world);
        send_borrowed(world, to, day * 100 + 50, 50);
        g_autoptr(GPtrArray) second = world_sent(world);
        for (guint i = 0; i < G_N_ELEMENTS(asked); i++) {
            ck_assert_msg(count_held(first, asked[i], NULL) == (day == 0), "%s, day %u", asked[i], day);
            ck_assert_msg(count_held(second, asked[i], NULL) == 0, "%s, later on day %u", asked[i], day);
        }
        world_advance(world, 86400);
        g_autofree char *more = g_strdup_printf("wait: %u.", day * 100 + 99);
        g_autoptr(GPtrArray) next = world_sent(world);
        for (guint i = 0; i < G_N_ELEMENTS(asked); i++)
            ck_assert_msg(count_held(next, asked[i], more) == 1, "%s, after day %u", asked[i], day);
    }
    world_free(world);
}
END_TEST

/* Each answer brings the next question, each about another mail, until none waits. */
START_TEST(T01_held_mails_are_asked_about_one_after_the_other)
{
    struct world *world = world_new();
    g_autofree char *to = make_card(world);
    send_borrowed(world, to, 0, 3);
    for (guint i = 0; i < 3; i++) {
        g_autoptr(GPtrArray) sent = world_sent(world);
        g_autofree char *who = g_strdup_printf("tom%u@other.example", i);
        ck_assert_msg(count_held(sent, "ann@corp.example", who) == 1, "question %u", i);
        expect_outcome(answer(world, sent_to(sent, "ann@corp.example"), i), OUTCOME_APPLIED, who);
    }
    /* what waited for a day to be told is decided by now */
    world_advance(world, 86400);
    g_autoptr(GPtrArray) nothing = world_sent(world);
    ck_assert_uint_eq(nothing->len, 0);
    /* nothing stands open: the next is asked about at once */
    send_borrowed(world, to, 3, 1);
    g_autoptr(GPtrArray) sent = world_sent(world);
    ck_assert_uint_eq(count_held(sent, "ann@corp.example", "tom3@other.example"), 1);
    world_free(world);
}
END_TEST

/* The beginning of an oversize mail decides as a whole one does: one word is one word, a guest's card needs
 * no triage, a stranger's does. */
START_TEST(P08_an_oversize_mail_does_what_its_head_says)
{
    struct world *world = world_new();
    g_autofree char *to = make_card(world);
    send_borrowed(world, to, 0, 1);
    g_autoptr(GPtrArray) sent = world_sent(world);
    world->is_oversize = true;
    expect_outcome(answer(world, sent_to(sent, "ann@corp.example"), 0), OUTCOME_APPLIED, "reject");
    expect_outcome(world_proven_mail(world, "From: ann@corp.example\nTo: tasks@corp.example\nMessage-ID: "
                                            "<m@corp.example>\nSubject: Re: [tasks-1] Quote\n\nmute\n"),
                   OUTCOME_APPLIED, "mute");
    g_autoptr(person_t) ann = person_by_address(world->store, "ann@corp.example");
    ck_assert(card_is_muted(world->store, 1, ann->id));
    g_autoptr(GPtrArray) comments = comment_list(world->store, 1, 10);
    ck_assert_uint_eq(comments->len, 1);
    static const struct {
        const char *from, *to;
        enum card_status status;
    } cases[] = {{"sue@sup.example", "tasks@corp.example", CARD_OPEN},
                 {"ann@corp.example", "tasks@corp.example", CARD_OPEN},
                 {"eve@evil.example", "tasks+open@corp.example", CARD_TRIAGE}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *raw =
            g_strdup_printf("From: %s\nTo: %s\nMessage-ID: <n%u@x>\nSubject: New\n\nx %u\n", cases[i].from,
                            cases[i].to, i, i);
        g_autoptr(card_t) card = card_get(
            world->store, expect_outcome(world_proven_mail(world, raw), OUTCOME_OVERSIZE, cases[i].from));
        ck_assert_msg(card && card->status == cases[i].status, "%s", cases[i].from);
    }
    world_free(world);
}
END_TEST

TCase *
test_held(void)
{
    TCase *tcase = tcase_create("held");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, T01_L01_a_leaked_token_floods_nobody);
    tcase_add_test(tcase, P08_an_oversize_mail_does_what_its_head_says);
    tcase_add_test(tcase, T01_held_mails_are_asked_about_one_after_the_other);
    return tcase;
}
