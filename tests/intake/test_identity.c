/* test_identity.c - attack cases A: whoever a mail says it is from, only a verdict of our border counts. Card
 * 1 is ann's, on the default board. */
#include "cases.h"
#include "world.h"

#include <string.h>

#define HOP "Received: from out.example by mx.corp.example; Mon, 23 Nov 2026 08:00:00 +0000\n"
#define REST                                                                                                 \
    "To: tasks@corp.example\nDate: Mon, 23 Nov 2026 08:00:00 +0000\nMessage-ID: <%u@x.example>\nSubject: "   \
    "Re: [tasks-1] x\n\n!close\n"

struct attack {
    const char *label, *head;
    enum outcome outcome;
    enum trust trust;
};

static const struct attack attacks[] = {
    {"A01 no verdict", HOP "From: ann@corp.example\n", OUTCOME_COMMENTED, TRUST_UNVERIFIED},
    {"A02 dmarc=fail",
     "Authentication-Results: mx.corp.example; dmarc=fail header.from=corp.example\n" HOP
     "From: ann@corp.example\n",
     OUTCOME_QUARANTINED, TRUST_NONE},
    {"A03 aligned elsewhere",
     "Authentication-Results: mx.corp.example; spf=pass smtp.mailfrom=evil.example; dkim=pass "
     "header.d=evil.example\n" HOP "From: ann@corp.example\n",
     OUTCOME_COMMENTED, TRUST_UNVERIFIED},
    {"A04 verdict for another domain",
     "Authentication-Results: mx.corp.example; dmarc=pass header.from=evil.example\n" HOP
     "From: ann@corp.example\n",
     OUTCOME_COMMENTED, TRUST_UNVERIFIED},
    {"A05 fail on top, forged pass below",
     "Authentication-Results: mx.corp.example; dmarc=fail header.from=corp.example\n" HOP
     "Authentication-Results: mx.corp.example; dmarc=pass header.from=corp.example\nFrom: ann@corp.example\n",
     OUTCOME_QUARANTINED, TRUST_NONE},
    {"A06 forged pass below the border",
     HOP
     "Authentication-Results: mx.corp.example; dmarc=pass header.from=corp.example\nFrom: ann@corp.example\n",
     OUTCOME_COMMENTED, TRUST_UNVERIFIED},
    {"A09 two From", HOP "From: ann@corp.example\nFrom: evil@x.example\n", OUTCOME_QUARANTINED, TRUST_NONE},
    {"A09 two From, other order", HOP "From: evil@x.example\nFrom: ann@corp.example\n", OUTCOME_QUARANTINED,
     TRUST_NONE},
    {"A10 spaced name", HOP "From : ann@corp.example\nFrom: evil@x.example\n", OUTCOME_QUARANTINED,
     TRUST_NONE},
    {"A12 two mailboxes", HOP "From: ann@corp.example, evil@x.example\n", OUTCOME_QUARANTINED, TRUST_NONE},
    {"A12 group", HOP "From: Team: ann@corp.example;\n", OUTCOME_QUARANTINED, TRUST_NONE},
    {"A14 bare CR", HOP "From: evil@x.example\rFrom: ann@corp.example\n", OUTCOME_QUARANTINED, TRUST_NONE},
    {"A15 Reply-To is nobody", HOP "From: evil@x.example\nReply-To: ann@corp.example\n", OUTCOME_QUARANTINED,
     TRUST_UNVERIFIED},
};

static void
make_card_one(struct world *world)
{
    expect_outcome(world_proven_mail(world,
                                     "From: ann@corp.example\nTo: tasks@corp.example\nDate: Mon, 23 Nov 2026 "
                                     "07:00:00 +0000\nMessage-ID: <one@corp.example>\nSubject: First\n\nx\n"),
                   OUTCOME_APPLIED, "card one");
    g_ptr_array_unref(world_sent(world));
}

START_TEST(A01_to_A15_from_is_not_a_login)
{
    struct world *world = world_new();
    make_card_one(world);
    const struct attack *attack = &attacks[_i];
    g_autofree char *rest = g_strdup_printf(REST, _i);
    g_autofree char *raw = g_strconcat(attack->head, rest, NULL);
    struct outcome_row *row = world_mail(world, raw);
    ck_assert_msg(row->trust == attack->trust, "%s: trust %s (%s)", attack->label, trust_name(row->trust),
                  row->trust_reason);
    ck_assert_msg(row->person_id == 0, "%s: is a person", attack->label);
    expect_outcome(row, attack->outcome, attack->label);
    g_autoptr(card_t) card = card_get(world->store, 1);
    g_autoptr(board_t) board = board_get(world->store, card->board_id);
    ck_assert_int_eq(card->column_id, ((struct column *)board->columns->pdata[0])->id);
    g_autoptr(GPtrArray) sent = world_sent(world);
    ck_assert_msg(sent_to(sent, "evil@x.example") == NULL, "%s: evil gets mail", attack->label);
    world_free(world);
}
END_TEST

/* A11: NUL hides the rest from libraries. */
START_TEST(A11_nul_in_from)
{
    static const char raw[] = HOP "From: ann@corp.example\0 <evil@x.example>\r\nSubject: x\r\n\r\nx\r\n";
    struct world *world = world_new();
    expect_outcome(world_mail_bytes(world, raw, sizeof raw - 1), OUTCOME_QUARANTINED, "A11");
    world_free(world);
}
END_TEST

/* A13: no spelling makes evil ann. */
START_TEST(A13_spellings)
{
    static const char *const spellings[] = {
        "\"ann@corp.example\" <evil@x.example>",
        "ann@corp.example(<evil@x.example>)",
        "<ann@corp.example> <evil@x.example>",
        "<@corp.example:evil@x.example>",
        "<evil@x.example>@corp.example",
        "=?utf-8?q?ann=40corp.example?= <evil@x.example>",
        "=?utf-8?q?ann=40corp.example=3E?=@x.example",
    };
    struct world *world = world_new();
    g_autofree char *raw = g_strdup_printf(
        "Authentication-Results: mx.corp.example; dmarc=pass header.from=x.example\n" HOP "From: %s\n" REST,
        spellings[_i], _i);
    struct outcome_row *row = world_mail(world, raw);
    ck_assert_msg(row->trust < TRUST_GUEST && row->person_id == 0, "%s: trust %s", spellings[_i],
                  trust_name(row->trust));
    outcome_row_free(row);
    world_free(world);
}
END_TEST

/* The same mail with a good verdict is ann's: the table above does not pass because nothing ever does. */
START_TEST(a_verdict_makes_a_member)
{
    struct world *world = world_new();
    struct outcome_row *row =
        world_proven_mail(world, "From: ann@corp.example\nTo: tasks@corp.example\nDate: Mon, 23 Nov 2026 "
                                 "07:00:00 +0000\nMessage-ID: <v@corp.example>\nSubject: First\n\nx\n");
    ck_assert_int_eq(row->trust, TRUST_ADMIN);
    expect_outcome(row, OUTCOME_APPLIED, "verdict");
    world_free(world);
}
END_TEST

START_TEST(unverified_comment_is_marked_and_says_so)
{
    struct world *world = world_new();
    make_card_one(world);
    expect_outcome(world_mail(world, HOP
                              "From: ann@corp.example\nTo: tasks@corp.example\nMessage-ID: <u@x>\nDate: Mon, "
                              "23 Nov 2026 09:00:00 +0000\nSubject: Re: [tasks-1] x\n\nhello\n"),
                   OUTCOME_COMMENTED, "unverified");
    g_autoptr(GPtrArray) comments = comment_list(world->store, 1, 10);
    ck_assert_uint_eq(comments->len, 2);
    ck_assert(((struct comment *)comments->pdata[1])->is_unverified);
    ck_assert_int_eq(((struct comment *)comments->pdata[1])->author_id, 0);
    world_free(world);
}
END_TEST

/* L01 in small: an unproven address hears of it once a day, without a word of what it wrote. */
/* A column is a member's choice: a stranger's card stands where new cards stand. */
START_TEST(strangers_choose_no_column)
{
    struct world *world = world_new();
    int64_t id = expect_outcome(
        world_proven_mail(world, "From: x@else.example\nTo: tasks+open@corp.example\nSubject: [open/later] "
                                 "hide me\nMessage-ID: <h@else.example>\n\nx\n"),
        OUTCOME_TRIAGE, "stranger");
    g_autoptr(card_t) card = card_get(world->store, id);
    g_autoptr(board_t) board = board_get(world->store, card->board_id);
    ck_assert_str_eq(board_column(board, card->column_id)->key, "todo");
    ck_assert_str_eq(card->title, "hide me");
    /* and learns nothing of columns there are or are not */
    g_autoptr(GPtrArray) sent = world_sent(world);
    ck_assert_uint_eq(sent->len, 1);
    ck_assert_ptr_null(strstr(((const struct sent *)sent->pdata[0])->raw, "later"));
    world_free(world);
}
END_TEST

START_TEST(strangers_are_told_once_a_day_without_content)
{
    struct world *world = world_new();
    for (guint i = 0; i < 3; i++) {
        g_autofree char *raw = g_strdup_printf(
            HOP "From: victim@else.example\nTo: tasks+open@corp.example\nMessage-ID: <v%u@x>\nDate: Mon, 23 "
                "Nov 2026 09:00:00 +0000\nSubject: Secretword\n\nOtherword\n",
            i);
        expect_outcome(world_mail(world, raw), OUTCOME_TRIAGE, "stranger");
    }
    g_autoptr(GPtrArray) sent = world_sent(world);
    const struct sent *receipt = sent_to(sent, "victim@else.example");
    ck_assert_ptr_nonnull(receipt);
    ck_assert_ptr_null(strstr(receipt->raw, "Secretword"));
    ck_assert_ptr_null(strstr(receipt->raw, "Otherword"));
    ck_assert_ptr_nonnull(strstr(receipt->raw, "Auto-Submitted: auto-replied"));
    world_free(world);
}
END_TEST

TCase *
test_identity(void)
{
    TCase *tcase = tcase_create("identity");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, A01_to_A15_from_is_not_a_login, 0, G_N_ELEMENTS(attacks));
    tcase_add_test(tcase, A11_nul_in_from);
    tcase_add_loop_test(tcase, A13_spellings, 0, 7);
    tcase_add_test(tcase, a_verdict_makes_a_member);
    tcase_add_test(tcase, unverified_comment_is_marked_and_says_so);
    tcase_add_test(tcase, strangers_choose_no_column);
    tcase_add_test(tcase, strangers_are_told_once_a_day_without_content);
    return tcase;
}
