/* test_words.c - which words and files of a mail count: answers inside our quote, a sender's tail, logos. */
#include "cases.h"
#include "world.h"

#include <cardpost/caps.h>
#include <cardpost/engine.h>

#include <string.h>

#define FROM(who)                                                                                            \
    "From: " who "@corp.example\nTo: tasks@corp.example\nDate: Mon, 23 Nov 2026 08:00:00 +0000\n"

/* A card that bob got, and the mail that told him. */
static GPtrArray *
assigned(struct world *world)
{
    expect_outcome(world_proven_mail(world,
                                     FROM("ann") "Message-ID: <n1@corp.example>\nSubject: Restock @bob\n\n"
                                                 "How many cables are left?\nWhen can they be here?\n"),
                   OUTCOME_APPLIED, "the card");
    return world_sent(world);
}

static char *
last_text(struct world *world, int64_t card_id, char **signature_out)
{
    g_autoptr(GPtrArray) comments = comment_list(world->store, card_id, 100);
    const struct comment *comment = comments->pdata[comments->len - 1];
    if (signature_out)
        *signature_out = g_strdup(comment->signature);
    return g_strdup(comment->text);
}

/* What bob saw, with a line put behind the one that has `behind`; each line after `mark`. */
static char *
quote_of(struct world *world, const struct sent *notice, const char *mark, const char *behind,
         const char *answer)
{
    g_autofree char *words = sent_words_get(world->store, notice->message_id);
    ck_assert_ptr_nonnull(words);
    g_auto(GStrv) lines = g_strsplit(words, "\n", -1);
    GString *quote = g_string_new(NULL);
    for (guint i = 0; lines[i]; i++) {
        g_string_append_printf(quote, "%s%s\n", mark, lines[i]);
        if (strstr(lines[i], behind)) {
            g_string_append_printf(quote, "%s%s\n", mark, answer);
            break;
        }
    }
    for (guint i = 0; i < 3; i++)
        g_string_append_printf(quote, "%s%s\n", mark, lines[i]);
    return g_string_free(quote, FALSE);
}

START_TEST(an_answer_inside_our_quote_is_new)
{
    static const struct {
        const char *label, *above, *mark, *want;
    } cases[] = {
        {"below an Outlook head, nothing above",
         "From: tasks <tasks@corp.example>\nSent: Monday, November 23, 2026 9:00 AM\nTo: Bob "
         "<bob@corp.example>\n"
         "Subject: [tasks-1] Restock\n\n",
         "", "Four hundred cables"},
        {"below an Outlook head, with words above",
         "See below.\n\nFrom: tasks <tasks@corp.example>\nSent: Monday, November 23, 2026 9:00 AM\nTo: Bob "
         "<bob@corp.example>\nSubject: [tasks-1] Restock\n\n",
         "", "See below.\n\nFour hundred cables"},
        {"inside the marks", "On Mon, 23 Nov 2026, tasks wrote:\n", "> ", "Four hundred cables"},
    };
    struct world *world = world_new();
    g_autoptr(GPtrArray) sent = assigned(world);
    const struct sent *notice = sent_to(sent, "bob@corp.example");
    g_autofree char *quote =
        quote_of(world, notice, cases[_i].mark, "How many cables are left?", "Four hundred cables");
    g_autofree char *raw =
        g_strdup_printf(FROM("bob") "Message-ID: <b1@corp.example>\nIn-Reply-To: <%s>\nSubject: Re: "
                                    "[tasks-1] Restock\n\n%s%s",
                        notice->message_id, cases[_i].above, quote);
    int64_t id = expect_outcome(world_proven_mail(world, raw), OUTCOME_COMMENTED, cases[_i].label);
    g_autofree char *text = last_text(world, id, NULL);
    ck_assert_msg(g_str_equal(text, cases[_i].want), "%s: \"%s\"", cases[_i].label, text);
    world_free(world);
}
END_TEST

/* The mail n of a sender: its own line, then the ending. */
static int64_t
mail_with(struct world *world, bool is_proven, int n, const char *ending)
{
    g_autofree char *raw = g_strdup_printf(
        FROM("ann") "Message-ID: <t%d@corp.example>\nSubject: [open] Number %d\n\nThis is mail %d.\n\n%s", n,
        n, n, ending);
    struct outcome_row *row = is_proven ? world_proven_mail(world, raw) : world_mail(world, raw);
    return expect_outcome(row, is_proven ? OUTCOME_APPLIED : OUTCOME_TRIAGE, "a mail with an ending");
}

START_TEST(a_tail_is_folded_when_it_came_twice_before)
{
    static const struct {
        const char *label, *ending;
        bool is_proven, is_folded;
    } cases[] = {
        {"two lines", "Ann Example\nHarbour Trading Ltd\n", true, true},
        {"a long line", "Harbour Trading Ltd, 5 Harbour Road, Hamburg\n", true, true},
        {"Chinese", "安妮\n海港贸易有限公司\n", true, true},
        {"a short word of thanks is no tail", "Thanks\n", true, false},
        {"what asks for something is no tail", "please note\n/close when it is done and paid\n", true, false},
        {"nobody is taught by forged mails", "Ann Example\nHarbour Trading Ltd\n", false, false},
    };
    struct world *world = world_new();
    mail_with(world, cases[_i].is_proven, 1, cases[_i].ending);
    mail_with(world, cases[_i].is_proven, 2, "Something else\nbelow this one\n");
    int64_t second = mail_with(world, cases[_i].is_proven, 3, cases[_i].ending);
    int64_t third = mail_with(world, true, 4, cases[_i].ending);
    g_autofree char *signature = NULL, *text = last_text(world, third, &signature),
                    *before = last_text(world, second, NULL);
    g_autofree char *ending = g_strstrip(g_strdup(cases[_i].ending));
    ck_assert_msg(strstr(before, ending), "%s: folded too early", cases[_i].label);
    if (cases[_i].is_folded) {
        ck_assert_msg(g_str_equal(text, "This is mail 4."), "%s: \"%s\"", cases[_i].label, text);
        ck_assert_msg(strstr(signature, ending), "%s: lost", cases[_i].label);
    } else {
        ck_assert_msg(strstr(text, ending), "%s: \"%s\"", cases[_i].label, text);
    }
    world_free(world);
}
END_TEST

#define PIXELS                                                                                               \
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="

/* Foxmail puts it below every mail of somebody who made no signature. */
START_TEST(the_senders_own_address_at_the_end_is_folded)
{
    static const struct {
        const char *label, *text, *want, *signature;
    } cases[] = {
        {"own", "8.60 each\n\n\nann@corp.example\n", "8.60 each", "ann@corp.example"},
        {"own, in capitals", "8.60 each\n\nAnn@Corp.Example\n", "8.60 each", "Ann@Corp.Example"},
        {"another's", "Please ask\n\nbob@corp.example\n", "Please ask\n\nbob@corp.example", ""},
        {"asked for", "Send the file to:\n\nann@corp.example\n", "Send the file to:\n\nann@corp.example", ""},
        {"asked for in Chinese", "发到：\nann@corp.example\n", "发到：\nann@corp.example", ""},
        {"nothing else", "ann@corp.example\n", "ann@corp.example", ""},
    };
    struct world *world = world_new();
    g_autofree char *mail =
        g_strconcat(FROM("ann") "Message-ID: <n1@corp.example>\nSubject: Price\n\n", cases[_i].text, NULL);
    expect_outcome(world_proven_mail(world, mail), OUTCOME_APPLIED, cases[_i].label);
    char *signature = NULL;
    g_autofree char *text = last_text(world, 1, &signature);
    ck_assert_msg(strcmp(text, cases[_i].want) == 0, "%s: %s", cases[_i].label, text);
    ck_assert_msg(strcmp(signature, cases[_i].signature) == 0, "%s: %s", cases[_i].label, signature);
    g_free(signature);
    world_free(world);
}
END_TEST

START_TEST(a_logo_is_no_file_from_the_third_mail_on)
{
    struct world *world = world_new();
    for (int n = 1; n <= 3; n++) {
        g_autofree char *raw = g_strdup_printf(
            FROM("ann") "Message-ID: <l%d@corp.example>\nSubject: Logo %d\nMIME-Version: 1.0\nContent-Type: "
                        "multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nmail "
                        "%d\n--b\nContent-Type: "
                        "image/png; name=logo.png\nContent-Transfer-Encoding: base64\n\n" PIXELS
                        "\n--b\nContent-Type: text/csv; name=list.csv\nContent-Disposition: "
                        "attachment\n\na,b\n--b--\n",
            n, n, n);
        int64_t id = expect_outcome(world_proven_mail(world, raw), OUTCOME_APPLIED, "with a logo");
        g_autoptr(GPtrArray) files = attachment_list(world->store, id);
        ck_assert_msg(files->len == (n < 3 ? 2u : 1u), "mail %d: %u files", n, files->len);
        ck_assert_str_eq(((const struct attachment *)files->pdata[files->len - 1])->name, "list.csv");
    }
    world_free(world);
}
END_TEST

#define FORWARDED                                                                                            \
    "---------- Forwarded message ---------\nFrom: Cy Customer <cy@customer.example>\nDate: Fri, Nov 20, "   \
    "2026 at 10:00 "                                                                                         \
    "AM\nSubject: Wrong plug\nTo: <ann@corp.example>\n\nThe plug does not fit.\n"

START_TEST(a_forwarded_mail_is_on_the_card_and_its_sender_asks)
{
    struct world *world = world_new();
    int64_t id = expect_outcome(
        world_proven_mail(
            world, FROM("ann") "Message-ID: <f1@corp.example>\nSubject: Fwd: Wrong plug @bob\n\nPlease look "
                               "into this, he is a difficult one.\n\n" FORWARDED),
        OUTCOME_APPLIED, "a forward");
    g_autofree char *text = last_text(world, id, NULL);
    ck_assert_ptr_eq(strstr(text, "Please look into this"), text);
    ck_assert_ptr_nonnull(strstr(text, "Cy Customer <cy@customer.example>"));
    ck_assert_ptr_nonnull(strstr(text, "The plug does not fit."));
    g_autoptr(card_t) card = card_get(world->store, id);
    g_autoptr(person_t) requester = person_get(world->store, card->requester_id);
    ck_assert_str_eq(person_address(requester), "cy@customer.example");
    ck_assert_int_eq(requester->role, ROLE_GUEST);
    g_autoptr(person_t) ann = person_by_address(world->store, "ann@corp.example");
    ck_assert(card_person_has(world->store, id, ann->id, CARD_WATCHER));
    g_autoptr(GPtrArray) comments = comment_list(world->store, id, 1);
    ck_assert(!engine_may_read_comment(world->store, requester, comments->pdata[0]));
    /* the receipt goes to ann, the card to bob with both texts; he who is spoken about hears nothing */
    g_autoptr(GPtrArray) sent = world_sent(world);
    ck_assert_uint_eq(sent->len, 2);
    ck_assert_ptr_nonnull(sent_to(sent, "ann@corp.example"));
    const struct sent *assigned_mail = sent_to(sent, "bob@corp.example");
    ck_assert_ptr_nonnull(strstr(assigned_mail->raw, "The plug does not fit."));
    /* nor of what they say to each other */
    g_autofree char *answer =
        g_strdup_printf(FROM("bob") "Message-ID: <f2@corp.example>\nIn-Reply-To: <%s>\nSubject: Re: "
                                    "[tasks-1] Wrong plug\n\nHe is indeed.\n",
                        assigned_mail->message_id);
    expect_outcome(world_proven_mail(world, answer), OUTCOME_COMMENTED, "an answer among members");
    g_autoptr(GPtrArray) answers = world_sent(world);
    ck_assert_ptr_null(sent_to(answers, "cy@customer.example"));
    ck_assert_ptr_nonnull(sent_to(answers, "ann@corp.example"));
    world_free(world);
}
END_TEST

/* What a stranger or a guest forwards is read, but names nobody. */
START_TEST(a_strangers_forward_makes_nobody_known)
{
    struct world *world = world_new();
    int64_t id = expect_outcome(
        world_mail(world,
                   "From: joe@else.example\nTo: tasks+open@corp.example\nDate: Mon, 23 Nov 2026 08:00:00 "
                   "+0000\nMessage-ID: <f3@else.example>\nSubject: Fwd: Wrong plug\n\nsee\n\n" FORWARDED),
        OUTCOME_TRIAGE, "a stranger's forward");
    g_autofree char *text = last_text(world, id, NULL);
    ck_assert_ptr_nonnull(strstr(text, "The plug does not fit."));
    g_autoptr(person_t) nobody = person_by_address(world->store, "cy@customer.example");
    ck_assert_ptr_null(nobody);
    world_free(world);
}
END_TEST

/* A card is full: the words are taken, the file is not, and whoever sent it hears of it. */
START_TEST(F04_files_over_a_quota_are_refused_with_a_word)
{
    static const struct {
        const char *label, *author;
        int64_t have_bytes, age_s;
        guint n_files;
        bool is_unverified;
    } cases[] = {
        {"the card is full", "bob@corp.example", CAP_CARD_FILES_BYTES, 2 * 86400, 0, false},
        {"the card has room", "bob@corp.example", CAP_CARD_FILES_BYTES - 10, 2 * 86400, 1, false},
        {"the sender's day is full", "ann@corp.example", CAP_SENDER_FILES_DAY_BYTES, 3600, 0, false},
        {"that was another day", "ann@corp.example", CAP_SENDER_FILES_DAY_BYTES, 2 * 86400, 1, false},
        {"that was another sender", "bob@corp.example", CAP_SENDER_FILES_DAY_BYTES, 3600, 1, false},
        {"that only bore her name", "ann@corp.example", CAP_SENDER_FILES_DAY_BYTES, 3600, 1, true},
    };
    struct world *world = world_new();
    g_ptr_array_unref(assigned(world));
    struct comment before = {.card_id = 1,
                             .author_name = (char *)(uintptr_t) "",
                             .author_address = (char *)(uintptr_t)cases[_i].author,
                             .at = world->now - cases[_i].age_s,
                             .text = (char *)(uintptr_t) "",
                             .quoted = (char *)(uintptr_t) "",
                             .signature = (char *)(uintptr_t) "",
                             .is_unverified = cases[_i].is_unverified};
    struct attachment full = {.card_id = 1,
                              .input_seq = 1,
                              .name = (char *)(uintptr_t) "all",
                              .type = (char *)(uintptr_t) "text/csv",
                              .declared_type = (char *)(uintptr_t) "text/csv",
                              .size_bytes = cases[_i].have_bytes};
    full.sha256 = g_strnfill(64, 'a');
    store_begin(world->store);
    full.comment_id = comment_add(world->store, &before);
    attachment_add(world->store, &full);
    g_free(full.sha256);
    g_autoptr(GError) error = NULL;
    ck_assert_msg(store_commit(world->store, &error), "%s", error ? error->message : "");
    int64_t id = expect_outcome(
        world_proven_mail(
            world, FROM("ann") "Message-ID: <q1@corp.example>\nSubject: Re: [tasks-1] Restock\nMIME-Version: "
                               "1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nthe list\n--b\n"
                               "Content-Type: text/csv; name=list.csv\n\na,b\n--b--\n"),
        OUTCOME_COMMENTED, cases[_i].label);
    g_autoptr(GPtrArray) files = attachment_list(world->store, id);
    ck_assert_msg(files->len == 1 + cases[_i].n_files, "%s: %u files", cases[_i].label, files->len);
    g_autofree char *text = last_text(world, id, NULL);
    ck_assert_msg(!strstr(text, "over the quota") == (cases[_i].n_files == 1), "%s: \"%s\"", cases[_i].label,
                  text);
    g_autoptr(GPtrArray) told = world_sent(world);
    bool is_told = sent_to(told, "ann@corp.example") != NULL;
    ck_assert_msg(is_told == (cases[_i].n_files == 0), "%s", cases[_i].label);
    world_free(world);
}
END_TEST

/* Bob answers sue above her words, having cut our reply line off: what li wrote stays inside. */
START_TEST(a_quote_without_marks_is_not_said_on)
{
    struct world *world = world_new();
    int64_t card = expect_outcome(
        world_proven_mail(world,
                          FROM("ann") "Message-ID: <n1@corp.example>\nSubject: Cables @bob @sue\n\nx\n"),
        OUTCOME_APPLIED, "the card");
    g_ptr_array_unref(world_sent(world));
    expect_outcome(world_proven_mail(world,
                                     FROM("li") "Message-ID: <l1@corp.example>\nSubject: [tasks-1] x\n\n"
                                                "our secret price is six\nand not a cent more\n"),
                   OUTCOME_COMMENTED, "li's remark");
    expect_outcome(world_proven_mail(world,
                                     "From: sue@sup.example\nTo: tasks@corp.example\nMessage-ID: "
                                     "<s1@sup.example>\nSubject: [tasks-1] x\n\nI ask for seven each\n"),
                   OUTCOME_COMMENTED, "sue's words");
    world_advance(world, 3600);
    g_autoptr(GPtrArray) sent = world_sent(world);
    const struct sent *notice = sent_to(sent, "bob@corp.example");
    g_autofree char *words = sent_words_get(world->store, notice->message_id);
    const char *quote = strstr(words, "I ask for");
    g_autofree char *trimmed = g_strndup(quote, (gsize)(strstr(quote, "cent more") - quote) + 9);
    g_autofree char *raw =
        g_strdup_printf(FROM("bob") "Message-ID: <b1@corp.example>\nIn-Reply-To: <%s>\nSubject: Re: "
                                    "[tasks-1] Cables\n\nThat is too dear.\n\n%s\n",
                        notice->message_id, trimmed);
    expect_outcome(world_proven_mail(world, raw), OUTCOME_COMMENTED, "bob's answer");
    g_autofree char *text = last_text(world, card, NULL);
    ck_assert_str_eq(text, "That is too dear.");
    world_free(world);
}
END_TEST

TCase *
test_words(void)
{
    TCase *tcase = tcase_create("words");
    tcase_add_loop_test(tcase, an_answer_inside_our_quote_is_new, 0, 3);
    tcase_add_loop_test(tcase, a_tail_is_folded_when_it_came_twice_before, 0, 6);
    tcase_add_loop_test(tcase, the_senders_own_address_at_the_end_is_folded, 0, 6);
    tcase_add_test(tcase, a_forwarded_mail_is_on_the_card_and_its_sender_asks);
    tcase_add_test(tcase, a_strangers_forward_makes_nobody_known);
    tcase_add_loop_test(tcase, F04_files_over_a_quota_are_refused_with_a_word, 0, 6);
    tcase_add_test(tcase, a_logo_is_no_file_from_the_third_mail_on);
    tcase_add_test(tcase, a_quote_without_marks_is_not_said_on);
    return tcase;
}
