/* test_identity.c - attack cases A: whoever a mail says it is from, only a verdict of our border counts. Card
 * 1 is ann's, on the default board. */
#include "cases.h"
#include "expect.h"

#include <string.h>

#define REST                                                                                                 \
    "To: tasks@corp.example\nDate: Mon, 23 Nov 2026 08:00:00 +0000\nMessage-ID: <%u@x.example>\nSubject: "   \
    "Re: [tasks-1] x\n\n!close\n"
#define AR  "Authentication-Results: mx.corp.example; "
#define ANN "From: ann@corp.example\n"

#define COMMENT  "sender not verified: comment without any command"
#define MEMBERS  "sender not verified, and the board takes mail of its members only"
#define STRANGER "the board takes mail of its members only"
#define SPACED   "white space before the colon of a header field"
#define LIST     "From is a list or a group"
/* to her whose card it is, and, without a word of it, to whom it says it is from: ann in both */
#define TOLD  "ann@corp.example requester, ann@corp.example receipt"
#define ADMIN "ann@corp.example admin"

static const struct {
    struct wish wish;
    const char *head;
    const char *why; /* what the ledger says of the trust; NULL: as the outcome's reason */
} attacks[] = {
    {{"A01 no verdict", OUTCOME_COMMENTED, COMMENT, TRUST_UNVERIFIED, 1, 0, TOLD},
     HOP ANN,
     "no verdict of the border"},
    {{"A02 dmarc=fail", OUTCOME_QUARANTINED, "dmarc=fail by mx.corp.example", TRUST_NONE, 0, 0, ADMIN},
     AR "dmarc=fail header.from=corp.example\n" HOP ANN,
     NULL},
    {{"A03 aligned elsewhere", OUTCOME_COMMENTED, COMMENT, TRUST_UNVERIFIED, 1, 0, TOLD},
     AR "spf=pass smtp.mailfrom=evil.example; dkim=pass header.d=evil.example\n" HOP ANN,
     "no verdict of the border"},
    {{"A04 verdict for another domain", OUTCOME_COMMENTED, COMMENT, TRUST_UNVERIFIED, 1, 0, TOLD},
     AR "dmarc=pass header.from=evil.example\n" HOP ANN,
     "verdict is for another domain"},
    {{"A05 fail on top, forged pass below", OUTCOME_QUARANTINED, "dmarc=fail by mx.corp.example", TRUST_NONE,
      0, 0, ADMIN},
     AR "dmarc=fail header.from=corp.example\n" HOP AR "dmarc=pass header.from=corp.example\n" ANN,
     NULL},
    {{"A05 fail on top, pass within the border", OUTCOME_QUARANTINED, "dmarc=fail by mx.corp.example",
      TRUST_NONE, 0, 0, ADMIN},
     AR "dmarc=fail header.from=corp.example\n" AR "dmarc=pass header.from=corp.example\n" HOP ANN,
     NULL},
    {{"A05 pass on top, fail below it within the border", OUTCOME_QUARANTINED,
      "dmarc=fail by mx.corp.example", TRUST_NONE, 0, 0, ADMIN},
     AR "dmarc=pass header.from=corp.example\n" AR "dmarc=fail header.from=corp.example\n" HOP ANN,
     NULL},
    {{"A06 forged pass below the border", OUTCOME_COMMENTED, COMMENT, TRUST_UNVERIFIED, 1, 0, TOLD},
     HOP AR "dmarc=pass header.from=corp.example\n" ANN,
     "no verdict of the border"},
    {{"A09 two From", OUTCOME_QUARANTINED, "more than one From field", TRUST_NONE, 0, 0, ADMIN},
     PROVEN("corp.example") ANN "From: evil@x.example\n",
     NULL},
    {{"A09 two From, other order", OUTCOME_QUARANTINED, "more than one From field", TRUST_NONE, 0, 0, ADMIN},
     PROVEN("corp.example") "From: evil@x.example\n" ANN,
     NULL},
    {{"A10 spaced name", OUTCOME_QUARANTINED, SPACED, TRUST_NONE, 0, 0, ADMIN},
     PROVEN("corp.example") "From : ann@corp.example\nFrom: evil@x.example\n",
     NULL},
    {{"A10 spaced name, other order", OUTCOME_QUARANTINED, SPACED, TRUST_NONE, 0, 0, ADMIN},
     PROVEN("corp.example") "From: evil@x.example\nFrom : ann@corp.example\n",
     NULL},
    {{"A12 two mailboxes", OUTCOME_QUARANTINED, LIST, TRUST_NONE, 0, 0, ADMIN},
     PROVEN("corp.example") "From: ann@corp.example, evil@x.example\n",
     NULL},
    {{"A12 two mailboxes and Sender", OUTCOME_QUARANTINED, LIST, TRUST_NONE, 0, 0, ADMIN},
     PROVEN("corp.example") "From: ann@corp.example, evil@x.example\nSender: ann@corp.example\n",
     NULL},
    {{"A12 group", OUTCOME_QUARANTINED, LIST, TRUST_NONE, 0, 0, ADMIN},
     PROVEN("corp.example") "From: Team: ann@corp.example;\n",
     NULL},
    {{"A12 group and Sender", OUTCOME_QUARANTINED, LIST, TRUST_NONE, 0, 0, ADMIN},
     PROVEN("corp.example") "From: Team: ann@corp.example;\nSender: ann@corp.example\n",
     NULL},
    {{"A12 empty group", OUTCOME_QUARANTINED, LIST, TRUST_NONE, 0, 0, ADMIN},
     PROVEN("corp.example") "From: Team:;\n",
     NULL},
    {{"A12 empty group and Sender", OUTCOME_QUARANTINED, LIST, TRUST_NONE, 0, 0, ADMIN},
     PROVEN("corp.example") "From: Team:;\nSender: ann@corp.example\n",
     NULL},
    {{"A14 bare CR", OUTCOME_QUARANTINED, "bare CR in the header", TRUST_NONE, 0, 0, ADMIN},
     PROVEN("corp.example") "From: evil@x.example\rFrom: ann@corp.example\n",
     NULL},
    {{"A15 Reply-To, Sender, Return-Path are nobody", OUTCOME_QUARANTINED, MEMBERS, TRUST_UNVERIFIED, 0, 0,
      ADMIN},
     "Return-Path: <ann@corp.example>\n" HOP
     "From: evil@x.example\nReply-To: ann@corp.example\nSender: ann@corp.example\n",
     "no verdict of the border"},
    {{"A15 the same, evil proven", OUTCOME_REFUSED, STRANGER, TRUST_UNVERIFIED, 0, 0,
      "evil@x.example refused"},
     "Return-Path: <ann@corp.example>\n" PROVEN(
         "x.example") "From: evil@x.example\nReply-To: ann@corp.example\nSender: ann@corp.example\n",
     "dmarc=pass by mx.corp.example"},
    {{"A15 ann, answers to evil", OUTCOME_COMMENTED, "answers a card of theirs", TRUST_ADMIN, 1, 0, ""},
     PROVEN("corp.example") ANN "Reply-To: evil@x.example\nSender: evil@x.example\n",
     "dmarc=pass by mx.corp.example"},
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
    g_autofree char *rest = g_strdup_printf(REST, _i);
    g_autofree char *raw = g_strconcat(attacks[_i].head, rest, NULL);
    expect_mail(world, &attacks[_i].wish, raw);
    struct outcome_row *row = outcome_get(world->store, journal_last(world->store));
    const char *why = attacks[_i].why ? attacks[_i].why : attacks[_i].wish.reason;
    ck_assert_msg(g_str_equal(row->trust_reason, why), "%s: %s", attacks[_i].wish.label, row->trust_reason);
    outcome_row_free(row);
    world_free(world);
}
END_TEST

/* A15: our answers leave for the address that was proven. */
START_TEST(A15_answers_leave_for_the_sender)
{
    struct world *world = world_new();
    struct wish wish = {"A15",
                        OUTCOME_APPLIED,
                        "a new card",
                        TRUST_ADMIN,
                        0,
                        1,
                        "ann@corp.example receipt, ann@corp.example refused"};
    expect_mail(world, &wish,
                "Return-Path: <evil@x.example>\n" PROVEN("corp.example") ANN
                "Reply-To: evil@x.example\nSender: evil@x.example\nDisposition-Notification-To: "
                "evil@x.example\nErrors-To: evil@x.example\nTo: tasks@corp.example\nMessage-ID: "
                "<a15@corp.example>\nSubject: [orders/nowhere] secret\n\nx\n");
    world_free(world);
}
END_TEST

/* A11: NUL hides the rest from libraries, in whatever field it stands. */
START_TEST(A11_nul_in_the_header)
{
    static const struct {
        const char *label, *before, *behind;
    } places[] = {
        {"A11 From", "From: ann@corp.example", " <evil@x.example>\r\n"},
        {"A11 Subject", "From: ann@corp.example\r\nSubject: Re: [tasks-1] x", "y\r\n"},
        {"A11 another field", "From: ann@corp.example\r\nX-Other: a", "b\r\n"},
        {"A11 a field's name", "From: ann@corp.example\r\nX-Ot", "her: b\r\n"},
    };
    struct world *world = world_new();
    make_card_one(world);
    struct wish wish = {places[_i].label, OUTCOME_QUARANTINED, "NUL in the header", TRUST_NONE, 0, 0, ADMIN};
    g_autoptr(GString) raw = g_string_new(PROVEN("corp.example"));
    g_string_append(raw, places[_i].before);
    g_string_append_c(raw, '\0');
    g_string_append(raw, places[_i].behind);
    g_string_append(raw, "\r\n!close\r\n");
    g_ptr_array_unref(expect_mail_bytes(world, &wish, raw->str, raw->len));
    world_free(world);
}
END_TEST

/* A13: no spelling makes evil ann, though the border has proven the one of them that it took for the sender.
 */
static const struct {
    struct wish wish;
    const char *from;
} spellings[] = {
    {{"A13 quoted name", OUTCOME_REFUSED, STRANGER, TRUST_UNVERIFIED, 0, 0, "evil@x refused"},
     "\"ann@corp.example\" <evil@x>"},
    {{"A13 comment", OUTCOME_QUARANTINED, "From has a comment that looks like an address", TRUST_NONE, 0, 0,
      ADMIN},
     "ann@corp.example(<evil@x>)"},
    {{"A13 two angles", OUTCOME_QUARANTINED, "From holds two addresses", TRUST_NONE, 0, 0, ADMIN},
     "<ann@corp.example> <evil@x>"},
    {{"A13 route", OUTCOME_QUARANTINED, "From has no plain address", TRUST_NONE, 0, 0, ADMIN},
     "<@corp.example:evil@x>"},
    {{"A13 angle as local part", OUTCOME_QUARANTINED, "From has words behind its address", TRUST_NONE, 0, 0,
      ADMIN},
     "<evil@x>@corp.example"},
    {{"A13 encoded name", OUTCOME_REFUSED, STRANGER, TRUST_UNVERIFIED, 0, 0, "evil@x refused"},
     "=?utf-8?q?ann=40corp.example?= <evil@x>"},
    {{"A13 encoded local part", OUTCOME_QUARANTINED, "From has an encoded word for an address", TRUST_NONE, 0,
      0, ADMIN},
     "=?utf-8?q?ann=40corp.example=3E?=@x"},
};

START_TEST(A13_spellings)
{
    static const char *const domains[] = {"x", "corp.example"};
    for (guint i = 0; i < G_N_ELEMENTS(domains); i++) {
        struct world *world = world_new();
        make_card_one(world);
        g_autofree char *raw = g_strdup_printf(AR "dmarc=pass header.from=%s\n" HOP "From: %s\n" REST,
                                               domains[i], spellings[_i].from, _i);
        struct wish wish = spellings[_i].wish;
        if (i > 0 && wish.outcome == OUTCOME_REFUSED) /* proven is somebody of another domain: nobody */
            wish = (struct wish){wish.label, OUTCOME_QUARANTINED, MEMBERS, TRUST_UNVERIFIED, 0, 0, ADMIN};
        expect_mail(world, &wish, raw);
        world_free(world);
    }
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

/* A stranger names in Cc whoever would be told of his card: proven or not, he silences nobody. */
START_TEST(a_strangers_Cc_silences_nobody)
{
    static const char *const heads[] = {HOP "From: x@else.example\n",
                                        PROVEN("else.example") "From: x@else.example\n"};
    struct world *world = world_new();
    g_autoptr(board_t) board = board_by_name(world->store, "open");
    g_autoptr(person_t) bob = person_by_address(world->store, "bob@corp.example");
    board->default_assignee_id = bob->id;
    store_begin(world->store);
    board_save(world->store, board);
    ck_assert(store_commit(world->store, NULL));
    g_autofree char *raw = g_strdup_printf("%sTo: tasks+open@corp.example\nCc: bob@corp.example\nMessage-ID: "
                                           "<cc@else.example>\nSubject: y\n\nhide me\n",
                                           heads[_i]);
    expect_outcome(world_mail(world, raw), OUTCOME_TRIAGE, heads[_i]);
    g_autoptr(GPtrArray) sent = world_sent(world);
    ck_assert_msg(sent_to(sent, "bob@corp.example"), "%s: bob was not told", heads[_i]);
    world_free(world);
}
END_TEST

/* Mails of a mailbox that was taken out of the configuration, or has another name now, wait in the journal or
 * in quarantine: what the border of another mailbox is believed to prove, it proves of its own mails. */
START_TEST(no_other_border_speaks_for_a_mailbox_that_is_gone)
{
    static const char raw[] = "From: bob@corp.example\r\nTo: tasks+closed@corp.example\r\nMessage-ID: "
                              "<gone@x.example>\r\nSubject: y\r\n\r\nx\r\n";
    struct world *world = world_new();
    struct config_mailbox *first = world->config->mailboxes->pdata[0];
    first->border.trust_from = true;
    struct intake_mail in = {.mailbox = "gone",
                             .uidvalidity = 1,
                             .ref = "1",
                             .size_bytes = sizeof raw - 1,
                             .raw = raw,
                             .raw_len = sizeof raw - 1};
    ck_assert(intake_journal(world->intake, &in, 1, world->now, NULL));
    world_fold(world);
    struct outcome_row *row = outcome_get(world->store, journal_last(world->store));
    ck_assert_int_eq(row->trust, TRUST_UNVERIFIED);
    expect_outcome(row, OUTCOME_QUARANTINED, "of a mailbox that is gone");
    world_free(world);
}
END_TEST

TCase *
test_identity(void)
{
    TCase *tcase = tcase_create("identity");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, A01_to_A15_from_is_not_a_login, 0, G_N_ELEMENTS(attacks));
    tcase_add_test(tcase, A15_answers_leave_for_the_sender);
    tcase_add_loop_test(tcase, A11_nul_in_the_header, 0, 4);
    tcase_add_loop_test(tcase, A13_spellings, 0, G_N_ELEMENTS(spellings));
    tcase_add_test(tcase, a_verdict_makes_a_member);
    tcase_add_test(tcase, unverified_comment_is_marked_and_says_so);
    tcase_add_test(tcase, strangers_choose_no_column);
    tcase_add_test(tcase, strangers_are_told_once_a_day_without_content);
    tcase_add_loop_test(tcase, a_strangers_Cc_silences_nobody, 0, 2);
    tcase_add_test(tcase, no_other_border_speaks_for_a_mailbox_that_is_gone);
    return tcase;
}
