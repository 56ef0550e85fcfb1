/* test_commands.c - whose word a command is: only a whole new text that is one, of a proven sender
 * (attacks.md C01 to C05, C10, C11). */
#include "cases.h"
#include "expect.h"

#include <string.h>

#define ANSWER                                                                                               \
    "From: Bob <bob@corp.example>\nTo: tasks@corp.example\nDate: Mon, 23 Nov 2026 08:00:00 +0000\n"          \
    "Message-ID: <c1@corp.example>\nMIME-Version: 1.0\nIn-Reply-To: <%s>\nSubject: Re: [tasks-1] Restock\n"
#define MIXED       "Content-Type: multipart/mixed; boundary=b\n\n--b\n"
#define ALTERNATIVE "Content-Type: multipart/alternative; boundary=b\n\n--b\n"
#define HTML        "Content-Type: text/html; charset=utf-8\n\n"
#define NEXT        "\n--b\n"
#define END         "\n--b--\n"

/* What follows the fields of an answer to a notice, with the word in it somewhere. */
static const struct {
    const char *label, *rest;
    bool is_command;
} answers[] = {
    {"the word alone", "\nmute\n", true},
    {"the word above a quote", "\nMute.\n\nOn Mon, 23 Nov 2026, tasks wrote:\n> stop\n", true},
    {"the word above a signature", "\n静音\n-- \nBob\n", true},
    {"C01: marked", "\n> mute\n", false},
    {"C01: marked, without a blank", "\n>mute\n", false},
    {"C01: below an English head", "\nOn Mon, 23 Nov 2026 at 08:00, Ann <ann@corp.example> wrote:\n\nmute\n",
     false},
    {"C01: below a German head", "\nAm 23.11.2026 um 08:00 schrieb Ann <ann@corp.example>:\n\nmute\n", false},
    {"C01: below a French head", "\nLe lun. 23 nov. 2026 à 08:00, Ann <ann@corp.example> a écrit :\n\nmute\n",
     false},
    {"C01: below a Japanese head", "\n2026年11月23日(月) 8:00 Ann <ann@corp.example>:\n\nmute\n", false},
    {"C01: below a Chinese head", "\n在 2026年11月23日 08:00，Ann <ann@corp.example> 写道：\n\n静音\n",
     false},
    {"C01: below Outlook's block",
     "\nFrom: Ann <ann@corp.example>\nSent: Monday, November 23, 2026 9:00 AM\nTo: Bob <bob@corp.example>\n"
     "Subject: Restock\n\nmute\n",
     false},
    {"C01: in a signature", "\n-- \nmute\n", false},
    {"C01: in Gmail's quote",
     HTML "<div class=gmail_quote><div class=gmail_attr>On Mon Ann "
          "wrote:</div><blockquote>mute</blockquote></div>\n",
     false},
    {"C01: in Outlook's quote", HTML "<div id=divRplyFwdMsg><b>From:</b> Ann</div><div>mute</div>\n", false},
    {"C01: in a blockquote alone", HTML "<blockquote>mute</blockquote>\n", false},
    {"C02: thanks above his own mail",
     "\nThanks\n\nOn Mon, 23 Nov 2026 at 07:00, Bob <bob@corp.example> wrote:\n> mute\n", false},
    {"C02: his own mail with nothing above",
     "\nOn Mon, 23 Nov 2026 at 07:00, Bob <bob@corp.example> wrote:\n> mute\n", false},
    {"C03: in a text file beside words",
     MIXED "\nhello" NEXT
           "Content-Type: text/plain\nContent-Disposition: attachment; filename=x.txt\n\nmute" END,
     false},
    {"C03: in a text file alone",
     MIXED "Content-Type: text/plain\nContent-Disposition: attachment; filename=x.txt\n\nmute" END, false},
    {"C03: in a mail attached",
     MIXED "\n" NEXT "Content-Type: message/rfc822\n\nFrom: bob@corp.example\nSubject: x\n\nmute" END, false},
    {"C03: the mail is the file",
     "Content-Type: text/plain; name=x.txt\nContent-Disposition: attachment; filename=x.txt\n\nmute\n",
     false},
    {"C04: HTML says it, plain text does not", ALTERNATIVE "\nhello" NEXT HTML "<p>mute</p>" END, false},
    {"C04: plain text says it and counts", ALTERNATIVE "\nmute" NEXT HTML "<p>hello</p>" END, true},
    {"C04: HTML before plain text", ALTERNATIVE HTML "<p>mute</p>" NEXT "\nhello" END, false},
    {"C04: white on white", HTML "<p>hello</p><p style='color:#fff'>mute</p>\n", false},
    {"C04: not shown", HTML "<div style='display:none'>mute</div>\n", false},
    {"C04: shown beside hidden words", HTML "<p>please</p><p hidden>x</p><p>mute</p>\n", false},
    {"C05: in a mail that he forwards",
     "\n---------- Forwarded message ---------\nFrom: Sue <sue@sup.example>\nDate: Mon, Nov 23, 2026 at 7:00 "
     "AM\n"
     "Subject: stop\nTo: <bob@corp.example>\n\nmute\n",
     false},
    {"C05: in a mail that he forwards with a word above",
     "\nsee\n\n-------- Forwarded Message --------\nSubject: stop\nDate: Mon, 23 Nov 2026 07:00:00 +0000\n"
     "From: Sue <sue@sup.example>\nTo: bob@corp.example\n\nmute\n",
     false},
    {"C10: flowed", "Content-Type: text/plain; format=flowed\n\nmute\n", true},
    {"C10: flowed, wrapped in the word", "Content-Type: text/plain; format=flowed\n\nmu \nte\n", false},
    {"C10: flowed, DelSp, wrapped in the word",
     "Content-Type: text/plain; format=flowed; delsp=yes\n\nmu \nte\n", true},
    {"C10: flowed, more behind a soft break", "Content-Type: text/plain; format=flowed\n\nmute \nthe radio\n",
     false},
    {"C10: between no-break spaces", "Content-Type: text/plain; charset=utf-8\n\n\xc2\xa0mute\xc2\xa0\n",
     true},
    {"C10: a no-break space in it", "Content-Type: text/plain; charset=utf-8\n\nmu\xc2\xa0te\n", false},
    {"C10: full width", "Content-Type: text/plain; charset=utf-8\n\n！ｍｕｔｅ\n", true},
    {"C10: smart quotes", "Content-Type: text/plain; charset=utf-8\n\n“mute”\n", false},
    {"C10: a zero-width space in it", "Content-Type: text/plain; charset=utf-8\n\nmu\xe2\x80\x8bte\n", false},
    {"C10: a soft hyphen in it", "Content-Type: text/plain; charset=utf-8\n\nmu\xc2\xadte\n", false},
    {"C10: a Cyrillic letter in it", "Content-Type: text/plain; charset=utf-8\n\nmut\xd0\xb5\n", false},
    {"C10: over two lines", "\nmu\nte\n", false},
    {"C10: twice", "\nmute\nmute\n", false},
    {"C11: signed",
     "Content-Type: multipart/signed; boundary=b\n\n--b\n\nmute" NEXT
     "Content-Type: application/pgp-signature\n\nx" END,
     true},
    {"C11: the signed part is not the mail",
     MIXED "\nhello" NEXT "Content-Type: multipart/signed; boundary=c\n\n--c\n\nmute\n--c\nContent-Type: "
           "application/pgp-signature\n\nx\n--c--" END,
     false},
    {"C11: encrypted",
     "Content-Type: multipart/encrypted; boundary=b\n\n--b\nContent-Type: "
     "application/pgp-encrypted\n\nVersion: 1" NEXT "Content-Type: application/octet-stream\n\nmute" END,
     false},
};

/* A card that bob got; the Message-ID of the mail that told him. g_free. */
static char *
make_card(struct world *world)
{
    expect_outcome(
        world_proven_mail(world, "From: ann@corp.example\nTo: tasks@corp.example\nDate: Mon, 23 Nov 2026 "
                                 "07:00:00 +0000\nMessage-ID: <one@corp.example>\nSubject: Restock @bob\n\n"
                                 "How many cables are left?\nWhen can they be here?\n"),
        OUTCOME_APPLIED, "the card");
    g_autoptr(GPtrArray) sent = world_sent(world);
    return g_strdup(sent_to(sent, "bob@corp.example")->message_id);
}

static bool
is_muted(struct world *world)
{
    g_autoptr(person_t) bob = person_by_address(world->store, "bob@corp.example");
    return card_is_muted(world->store, 1, bob->id);
}

START_TEST(C01_C02_C03_C04_C05_C10_C11_whose_word_it_is)
{
    const char *label = answers[_i].label;
    struct world *world = world_new();
    g_autofree char *notice = make_card(world), *head = g_strdup_printf(ANSWER, notice);
    g_autofree char *raw = g_strconcat(PROVEN("corp.example"), head, answers[_i].rest, NULL);
    struct wish wish = {label, OUTCOME_COMMENTED,           "answers a card of theirs", TRUST_MEMBER, 1,
                        0,     "ann@corp.example requester"};
    if (answers[_i].is_command)
        wish = (struct wish){label, OUTCOME_APPLIED, "wants to hear no more of the card", TRUST_MEMBER, 0, 0,
                             ""};
    expect_mail(world, &wish, raw);
    ck_assert_msg(is_muted(world) == answers[_i].is_command, "%s", label);
    world_free(world);
}
END_TEST

/* Of whoever is not proven nothing counts, a signature neither. */
START_TEST(C01_C02_C03_C04_C05_C10_C11_of_nobody_proven)
{
    struct world *world = world_new();
    g_autofree char *notice = make_card(world), *head = g_strdup_printf(ANSWER, notice);
    g_autofree char *raw = g_strconcat(HOP, head, answers[_i].rest, NULL);
    struct outcome_row *row = world_mail(world, raw);
    ck_assert_msg(row->outcome != OUTCOME_APPLIED && row->trust < TRUST_GUEST, "%s: %s", answers[_i].label,
                  row->reason);
    outcome_row_free(row);
    ck_assert_msg(!is_muted(world), "%s", answers[_i].label);
    world_free(world);
}
END_TEST

/* Words that stand in the quote of our mail and not in what we sent are an answer, never a command: nobody
 * can tell who wrote them there. */
START_TEST(C01_C02_a_word_inside_our_quote)
{
    static const struct {
        const char *label, *above, *mark;
    } cases[] = {{"marked", "On Mon, 23 Nov 2026, tasks wrote:\n", "> "},
                 {"below Outlook's block",
                  "From: tasks <tasks@corp.example>\nSent: Monday, November 23, 2026 9:00 AM\nTo: Bob "
                  "<bob@corp.example>\nSubject: [tasks-1] Restock\n\n",
                  ""}};
    struct world *world = world_new();
    g_autofree char *notice = make_card(world), *head = g_strdup_printf(ANSWER, notice);
    g_autofree char *words = sent_words_get(world->store, notice);
    g_auto(GStrv) lines = g_strsplit(words, "\n", -1);
    g_autoptr(GString) raw = g_string_new(PROVEN("corp.example"));
    g_string_append_printf(raw, "%s\n%s", head, cases[_i].above);
    const char *mark = cases[_i].mark;
    bool is_written = false;
    for (guint i = 0; lines[i]; i++) {
        g_string_append_printf(raw, "%s%s\n", mark, lines[i]);
        if (!is_written && strstr(lines[i], "How many"))
            g_string_append_printf(raw, "%s退订\n", mark);
        is_written = is_written || strstr(lines[i], "How many");
    }
    ck_assert_msg(!strstr(words, "退订"), "the word must be the sender's own");
    struct wish wish = {cases[_i].label,
                        OUTCOME_COMMENTED,
                        "answers a card of theirs",
                        TRUST_MEMBER,
                        1,
                        0,
                        "ann@corp.example requester"};
    expect_mail(world, &wish, raw->str);
    ck_assert_msg(!is_muted(world), "%s", cases[_i].label);
    g_autoptr(GPtrArray) comments = comment_list(world->store, 1, 10);
    const struct comment *comment = comments->pdata[comments->len - 1];
    ck_assert_msg(g_str_equal(comment->text, "退订"), "%s: \"%s\"", cases[_i].label, comment->text);
    world_free(world);
}
END_TEST

/* The question about a held mail takes a word that is the answer itself, none from what is quoted in it. */
START_TEST(C01_C02_a_quoted_approval_approves_nothing)
{
    static const struct {
        const char *label, *text;
        bool approves;
    } cases[] = {
        {"the word", "approve\n", true},
        {"marked", "> approve\n", false},
        {"below a head", "On Mon, 23 Nov 2026 at 08:00, Sue <sue@sup.example> wrote:\n\napprove\n", false},
        {"with more", "approve nothing\n", false}};
    struct world *world = world_new();
    expect_outcome(world_proven_mail(world, "From: ann@corp.example\nTo: tasks@corp.example\nMessage-ID: "
                                            "<one@corp.example>\nSubject: Quote @sue\n\nx\n"),
                   OUTCOME_APPLIED, "the card");
    g_autoptr(GPtrArray) sent = world_sent(world);
    g_autofree char *borrowed = g_strdup_printf(
        HOP "From: tom@other.example\nTo: %s\nMessage-ID: <t@other.example>\nSubject: x\n\nhello\n",
        sent_to(sent, "sue@sup.example")->reply_to);
    expect_outcome(world_mail(world, borrowed), OUTCOME_HELD, "borrowed");
    g_autoptr(GPtrArray) asked = world_sent(world);
    const struct sent *question = sent_to(asked, "ann@corp.example");
    g_autofree char *raw =
        g_strdup_printf("From: ann@corp.example\nTo: %s\nMessage-ID: <a@corp.example>\nIn-Reply-To: "
                        "<%s>\nSubject: Re: x\n\n%s",
                        question->reply_to, question->message_id, cases[_i].text);
    expect_outcome(world_proven_mail(world, raw), cases[_i].approves ? OUTCOME_APPLIED : OUTCOME_REFUSED,
                   cases[_i].label);
    world_fold(world);
    g_autoptr(GPtrArray) comments = comment_list(world->store, 1, 10);
    ck_assert_msg(comments->len == (cases[_i].approves ? 2u : 1u), "%s: %u comments", cases[_i].label,
                  comments->len);
    world_free(world);
}
END_TEST

/* What cannot be read is said where the others read. */
START_TEST(C11_an_encrypted_mail_is_told_unreadable)
{
    struct world *world = world_new();
    g_autofree char *notice = make_card(world), *head = g_strdup_printf(ANSWER, notice);
    g_autofree char *raw = g_strconcat(head, answers[G_N_ELEMENTS(answers) - 1].rest, NULL);
    expect_outcome(world_proven_mail(world, raw), OUTCOME_COMMENTED, "encrypted");
    g_autoptr(GPtrArray) sent = world_sent(world);
    g_autofree char *said = sent_words(sent_to(sent, "ann@corp.example"));
    ck_assert_msg(strstr(said, "is encrypted") && strstr(said, "已加密"), "not told");
    g_autoptr(GPtrArray) files = attachment_list(world->store, 1);
    ck_assert_uint_eq(files->len, 2);
    world_free(world);
}
END_TEST

TCase *
test_commands(void)
{
    TCase *tcase = tcase_create("commands");
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, C01_C02_C03_C04_C05_C10_C11_whose_word_it_is, 0, G_N_ELEMENTS(answers));
    tcase_add_loop_test(tcase, C01_C02_C03_C04_C05_C10_C11_of_nobody_proven, 0, G_N_ELEMENTS(answers));
    tcase_add_loop_test(tcase, C01_C02_a_word_inside_our_quote, 0, 2);
    tcase_add_loop_test(tcase, C01_C02_a_quoted_approval_approves_nothing, 0, 4);
    tcase_add_test(tcase, C11_an_encrypted_mail_is_told_unreadable);
    return tcase;
}
