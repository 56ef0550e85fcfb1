/* test_tokens.c - attack cases T: reply tokens and the other keys that lead to a card. */
#include "cases.h"
#include "expect.h"

#include <cardpost/mime.h>

#include <string.h>

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

/* As by answer, but with the verdict first that the head begins with. */
static char *
answer_text(const char *head, const char *to, const char *id, const char *more)
{
    return g_strdup_printf("%sTo: %s\nMessage-ID: <%s>\nDate: Mon, 23 Nov 2026 09:00:00 +0000\n%s\nhello\n",
                           head, to, id, more);
}

/* Whether the border has proven Tom or not. */
START_TEST(T01_a_borrowed_token_is_held_until_its_owner_says_so)
{
    static const char *const heads[] = {HOP "From: tom@other.example\n",
                                        PROVEN("other.example") "From: tom@other.example\n"};
    struct world *world = world_new();
    g_autoptr(GPtrArray) sent = make_cards(world);
    g_autofree char *raw = answer_text(heads[_i], sent_to(sent, "sue@sup.example")->reply_to, "t1@other",
                                       "Subject: Re: [tasks-1] Quote\n");
    struct wish held = {"T01",
                        OUTCOME_HELD,
                        "the reply address was made for somebody else",
                        TRUST_UNVERIFIED,
                        0,
                        0,
                        "sue@sup.example held, ann@corp.example held"};
    g_autoptr(GPtrArray) asked = expect_mail_bytes(world, &held, raw, strlen(raw));
    const struct sent *question = sent_to(asked, "ann@corp.example");
    expect_outcome(
        answer(world, "ann@corp.example", question->reply_to, "ok@corp", "Subject: Re: x\n", "同意"),
        OUTCOME_APPLIED, "approval");
    world_fold(world);
    g_autoptr(GPtrArray) after = comment_list(world->store, 1, 10);
    ck_assert_uint_eq(after->len, 2);
    ck_assert_ptr_nonnull(strstr(((struct comment *)after->pdata[1])->text, "hello"));
    ck_assert(((struct comment *)after->pdata[1])->is_unverified);
    ck_assert_int_eq(((struct comment *)after->pdata[1])->author_id, 0);
    /* Tom is on no card for it, and hears of nothing, neither now nor of what follows */
    outcome_row_free(answer(world, "sue@sup.example", sent_to(sent, "sue@sup.example")->reply_to, "s2@sup",
                            "Subject: x\n", "our prices"));
    g_autoptr(GPtrArray) told = world_sent(world);
    ck_assert_ptr_nonnull(sent_to(told, "ann@corp.example"));
    ck_assert_ptr_null(sent_to(told, "tom@other.example"));
    ck_assert_ptr_null(person_by_address(world->store, "tom@other.example"));
    /* approving again does nothing again */
    struct wish twice = {
        "T01 twice", OUTCOME_RECORDED, "answers a question that is decided already", TRUST_MEMBER, 0, 0, ""};
    g_autofree char *again = answer_text(HOP "From: ann@corp.example\n", question->reply_to, "ok2@corp", "");
    expect_mail(world, &twice, again);
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
    g_autofree char *words = sent_words(sent_to(told, "ann@corp.example"));
    ck_assert_ptr_nonnull(strstr(words, "She has tasks+r.…@corp.example here"));
    ck_assert_ptr_null(strstr(words, secret));
    ck_assert_ptr_null(strstr(words, upper));
    world_free(world);
}
END_TEST

/* Every way in which an address with the token `t` can be spoilt. */
static GPtrArray *
wrong_addresses(const char *t)
{
    GPtrArray *all = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < SECRET_TOKEN_CHARS; i++) {
        char *changed = g_strdup_printf("tasks+r.%s@corp.example", t);
        changed[strlen("tasks+r.") + i] = t[i] == 'a' ? 'b' : 'a';
        g_ptr_array_add(all, changed);
    }
    static const struct {
        const char *before, *behind;
        int n_chars;
    } forms[] = {
        {"tasks+r.", "", 25},    {"tasks+r.", "", 1},          {"tasks+r.", "a", 26},
        {"tasks+x+r.", "", 26},  {"tasks+r.", "+x", 26},       {"tasks+r+", "", 26},
        {"tasks%2Br.", "", 26},  {"tasks%2br%2e", "", 26},     {"tasks+r%2E", "", 26},
        {"tasks+r.%61", "", 25}, {"tasks+x.", "", 26},         {"tasks+", "", 26},
        {"tasks+r..", "", 26},   {"tasks+r.tasks+r.", "", 26},
    };
    for (guint i = 0; i < G_N_ELEMENTS(forms); i++)
        g_ptr_array_add(all, g_strdup_printf("%s%.*s%s@corp.example", forms[i].before, forms[i].n_chars, t,
                                             forms[i].behind));
    return all;
}

/* T03: what a relay may do to the case of an address does no harm. */
START_TEST(T03_any_case_of_the_token_works)
{
    struct world *world = world_new();
    g_autoptr(GPtrArray) sent = make_cards(world);
    const char *good = sent_to(sent, "sue@sup.example")->reply_to;
    g_autofree char *upper = g_ascii_strup(good, -1), *mixed = g_strdup(good);
    for (char *p = mixed; *p; p += p[1] ? 2 : 1)
        *p = g_ascii_toupper(*p);
    const char *const addresses[] = {good, upper, mixed};
    struct wish wish = {NULL, OUTCOME_COMMENTED,           "answers a card of theirs", TRUST_GUEST, 1,
                        0,    "ann@corp.example requester"};
    for (guint i = 0; i < G_N_ELEMENTS(addresses); i++) {
        g_autofree char *id = g_strdup_printf("t3%u@sup", i);
        g_autofree char *raw = answer_text(HOP "From: sue@sup.example\n", addresses[i], id, "");
        wish.label = addresses[i];
        expect_mail(world, &wish, raw);
    }
    world_free(world);
}
END_TEST

static char *
text_of(const struct sent *mail)
{
    g_autoptr(mail_t) read = mime_parse(mail->raw, strlen(mail->raw), NULL);
    return g_strconcat(mail->subject, "\n", read->body_text, NULL);
}

/* T03: a wrong token is as none. Nobody learns by the answer how wrong it was, nor whether the card is there:
 * it is the one that an address without any token gets. */
START_TEST(T03_every_wrong_token_is_as_none)
{
    static const struct {
        struct wish wish;
        const char *head;
    } senders[] = {
        {{NULL, OUTCOME_QUARANTINED, "sender not verified, and the board takes mail of its members only",
          TRUST_UNVERIFIED, 0, 0, "ann@corp.example admin"},
         HOP "From: sue@sup.example\n"},
        {{NULL, OUTCOME_REFUSED, "the board takes mail of its members only", TRUST_UNVERIFIED, 0, 0,
          "tom@other.example refused"},
         PROVEN("other.example") "From: tom@other.example\n"},
    };
    struct world *world = world_new();
    g_autoptr(GPtrArray) sent = make_cards(world);
    g_autofree char *token = g_strdup(strstr(sent_to(sent, "sue@sup.example")->reply_to, "+r.") + 3);
    token[SECRET_TOKEN_CHARS] = '\0';
    g_autoptr(GPtrArray) addresses = wrong_addresses(token);
    g_ptr_array_insert(addresses, 0, g_strdup("tasks@corp.example"));
    g_autofree char *first = NULL;
    for (guint i = 0; i < addresses->len; i++) {
        g_autofree char *id = g_strdup_printf("t3%u@sup", i);
        g_autofree char *raw = answer_text(senders[_i].head, addresses->pdata[i], id, "Subject: y\n");
        struct wish wish = senders[_i].wish;
        wish.label = addresses->pdata[i];
        world_advance(world, 2 * 86400); /* so that each is told anew */
        g_autoptr(GPtrArray) answers = expect_mail_bytes(world, &wish, raw, strlen(raw));
        g_autofree char *text = text_of(answers->pdata[0]);
        ck_assert_msg(!first || g_str_equal(first, text) || _i == 0, "%s:\n%s\nnot\n%s", wish.label, text,
                      first);
        if (!first)
            first = g_steal_pointer(&text);
    }
    world_free(world);
}
END_TEST

START_TEST(T04_an_expired_token_opens_nothing)
{
    struct world *world = world_new();
    g_autoptr(GPtrArray) sent = make_cards(world);
    world_advance(world, 401 * 86400LL);
    struct outcome_row *row = answer(world, "sue@sup.example", sent_to(sent, "sue@sup.example")->reply_to,
                                     "t4@sup", "Subject: y\n", "hello");
    ck_assert_int_eq(row->trust, TRUST_UNVERIFIED);
    outcome_row_free(row);
    world_free(world);
}
END_TEST

/* T05: an outsider's keys never append to a card, however good they are: he sees neither the card nor that
 * there is one. */
START_TEST(T05_guessed_keys)
{
    struct world *world = world_new();
    g_autoptr(GPtrArray) sent = make_cards(world);
    const struct sent *notice = NULL; /* of the internal card 2 */
    for (guint i = 0; i < sent->len; i++)
        if (strstr(((const struct sent *)sent->pdata[i])->subject, "[tasks-2]"))
            notice = sent->pdata[i];
    ck_assert_ptr_nonnull(notice);
    const char *index = strstr(notice->raw, "Thread-Index: ") + strlen("Thread-Index: ");
    g_autofree char *thread_index = g_strdup_printf("Thread-Index: %.*s\n", (int)strcspn(index, "\r"), index);
    g_autofree char *signed_id =
        g_strdup_printf("In-Reply-To: <%s>\nSubject: Re: [tasks-2] Internal\n", notice->message_id);
    g_autofree char *thread =
        g_strdup_printf("References: <one@corp.example> <two@corp.example> <%s>\n", notice->message_id);
    const char *const heads[] = {
        "In-Reply-To: <card-2@corp.example>\nSubject: y\n",
        "In-Reply-To: <card.2.aaaaaaaaaaaaaaaa@corp.example>\nSubject: y\n",
        "In-Reply-To: <two@corp.example>\nReferences: <one@corp.example> <two@corp.example>\nSubject: y\n",
        "Subject: [#2]\n",
        "Subject: Re: [tasks-2] Internal\n",
        "Subject: Re: [tasks-1] Quote\n",
        signed_id,
        thread,
        thread_index,
    };
    static const char *const froms[] = {HOP "From: outsider@x.example\n",
                                        PROVEN("x.example") "From: outsider@x.example\n"};
    for (guint i = 0; i < G_N_ELEMENTS(heads); i++) {
        g_autofree char *id = g_strdup_printf("t5%u@x", i);
        g_autofree char *raw = answer_text(froms[_i], "tasks+closed@corp.example", id, heads[i]);
        struct wish wish = {heads[i],
                            OUTCOME_QUARANTINED,
                            "sender not verified, and the board takes mail of its members only",
                            TRUST_UNVERIFIED,
                            0,
                            0,
                            "ann@corp.example admin"};
        if (_i == 1)
            wish = (struct wish){heads[i],
                                 OUTCOME_REFUSED,
                                 "the board takes mail of its members only",
                                 TRUST_UNVERIFIED,
                                 0,
                                 0,
                                 "outsider@x.example refused"};
        world_advance(world, 2 * 86400);
        g_autoptr(GPtrArray) answers = expect_mail_bytes(world, &wish, raw, strlen(raw));
        const struct sent *told = answers->pdata[0];
        g_autofree char *words = sent_words(told);
        ck_assert_msg(_i == 0 ||
                          (!strstr(words, "Internal") && !strstr(words, "Quote") && !strstr(words, "two@")),
                      "%s: %.2000s", heads[i], words);
    }
    world_free(world);
}
END_TEST

/* T05 where anybody may make a card: it is a new one, and says to members that it named another. */
START_TEST(T05_guessed_keys_make_a_card_of_their_own)
{
    const char *hop = _i == 0 ? HOP : PROVEN("x.example");
    static const struct {
        const char *head, *reason;
    } keys[] = {
        {"In-Reply-To: <card-2@corp.example>\n", "a stranger's mail"},
        {"In-Reply-To: <two@corp.example>\n", "a stranger refers to a card that is not theirs"},
        {"Subject: [#2]\n", "a stranger's mail"},
        {"Subject: Re: [tasks-2] Internal\n", "a stranger refers to a card that is not theirs"},
        {"Subject: Re: [tasks-99] Internal\n", "a stranger refers to a card that is not theirs"},
    };
    struct world *world = world_new();
    g_ptr_array_unref(make_cards(world));
    for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
        g_autofree char *id = g_strdup_printf("t5%u@x", i);
        g_autofree char *head = g_strdup_printf("%sFrom: outsider%u@x.example\n", hop, i);
        g_autofree char *told = g_strdup_printf("outsider%u@x.example receipt", i);
        g_autofree char *raw = answer_text(head, "tasks+open@corp.example", id, keys[i].head);
        struct wish wish = {keys[i].head, OUTCOME_TRIAGE, keys[i].reason, TRUST_UNVERIFIED, 0, 1, told};
        expect_mail(world, &wish, raw);
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

/* A wrong token counts as none, also beside a valid one; valid ones of two cards are refused. */
START_TEST(T07_two_tokens)
{
    static const struct {
        const char *label, *to, *cc; /* 1, 2: the reply address of that card; x: one of the right form */
        enum outcome outcome;
        int64_t card;
    } cases[] = {{"alone", "1", "", OUTCOME_COMMENTED, 1},
                 {"a wrong one after it", "1", "x", OUTCOME_COMMENTED, 1},
                 {"a wrong one before it", "x", "2", OUTCOME_COMMENTED, 2},
                 {"the same twice", "2", "2", OUTCOME_COMMENTED, 2},
                 {"of two cards", "1", "2", OUTCOME_REFUSED, 0},
                 {"of two cards, and a wrong one", "x1", "2", OUTCOME_REFUSED, 0}};
    struct world *world = world_new();
    char *addresses[2];
    for (guint i = 0; i < 2; i++) {
        g_autofree char *raw = g_strdup_printf("From: ann@corp.example\nTo: tasks@corp.example\nMessage-ID: "
                                               "<c%u@corp.example>\nSubject: Quote %u @sue\n\nx %u\n",
                                               i, i, i);
        expect_outcome(world_proven_mail(world, raw), OUTCOME_APPLIED, raw);
        g_autoptr(GPtrArray) sent = world_sent(world);
        addresses[i] = g_strdup(sent_to(sent, "sue@sup.example")->reply_to);
    }
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) to = g_string_new("To: tasks@corp.example");
        const char *lists[] = {cases[i].to, cases[i].cc};
        for (guint l = 0; l < 2; l++)
            for (const char *p = lists[l]; *p; p++)
                g_string_append_printf(to, "%s%s", l == 1 ? "\nCc: " : ", ",
                                       *p == 'x' ? "tasks+r.aaaaaaaaaaaaaaaaaaaaaaaaaa@corp.example"
                                                 : addresses[*p - '1']);
        g_autofree char *raw = g_strdup_printf(
            HOP "From: sue@sup.example\n%s\nMessage-ID: <t%u@sup.example>\nSubject: Hello\n\nhello %u\n",
            to->str, i, i);
        struct outcome_row *row = world_mail(world, raw);
        ck_assert_msg(row->outcome == cases[i].outcome && row->card_id == cases[i].card, "%s: %s, card %d",
                      cases[i].label, outcome_name(row->outcome), (int)row->card_id);
        outcome_row_free(row);
    }
    g_free(addresses[0]);
    g_free(addresses[1]);
    world_free(world);
}
END_TEST

/* A worker that a mail has taken over has seen a token and puts it into the next mail, which never bore it.
 */
START_TEST(a_reader_lends_no_token)
{
    static const char raw[] = HOP "From: sue@sup.example\r\nTo: tasks@corp.example\r\nMessage-ID: "
                                  "<lent@x.example>\r\nSubject: y\r\n\r\nshow me\r\n";
    struct world *world = world_new();
    g_autoptr(GPtrArray) sent = make_cards(world);
    struct intake_mail in = {.mailbox = "main",
                             .uidvalidity = 1,
                             .ref = "lent",
                             .size_bytes = sizeof raw - 1,
                             .raw = raw,
                             .raw_len = sizeof raw - 1};
    ck_assert(intake_journal(world->intake, &in, 1, world->now, NULL));
    g_autoptr(mail_t) mail = mime_parse(raw, sizeof raw - 1, NULL);
    g_ptr_array_add(mail->to, mail_address_new("", sent_to(sent, "sue@sup.example")->reply_to));
    struct intake_item item = {.seq = journal_last(world->store), .mail = mail};
    ck_assert(intake_apply(world->intake, &item, 1, NULL));
    struct outcome_row *row = outcome_get(world->store, item.seq);
    ck_assert_int_eq(row->trust, TRUST_UNVERIFIED);
    ck_assert_int_eq(row->card_id, 0);
    expect_outcome(row, OUTCOME_QUARANTINED, "lent token");
    world_free(world);
}
END_TEST

/* Two people's reply addresses of one card, as a reply to all puts them into To and Cc: one's own proves, in
 * either place. */
START_TEST(T07_ones_own_token_beside_anothers)
{
    struct world *world = world_new();
    expect_outcome(world_proven_mail(world, "From: ann@corp.example\nTo: tasks@corp.example\nMessage-ID: "
                                            "<one@corp.example>\nSubject: Quote @sue @bob\n\nx\n"),
                   OUTCOME_APPLIED, "card 1");
    g_autoptr(GPtrArray) sent = world_sent(world);
    const char *sue = sent_to(sent, "sue@sup.example")->reply_to;
    const char *bob = sent_to(sent, "bob@corp.example")->reply_to;
    for (guint i = 0; i < 2; i++) {
        const char *label = i == 0 ? "her own last" : "her own first";
        g_autofree char *raw = g_strdup_printf(HOP "From: sue@sup.example\nTo: %s\nCc: %s\nMessage-ID: "
                                                   "<t%u@sup.example>\nSubject: x\n\nhello %u\n",
                                               i == 0 ? bob : sue, i == 0 ? sue : bob, i, i);
        struct outcome_row *row = world_mail(world, raw);
        ck_assert_msg(row->outcome == OUTCOME_COMMENTED && row->trust == TRUST_GUEST, "%s: %s", label,
                      outcome_name(row->outcome));
        outcome_row_free(row);
    }
    world_free(world);
}
END_TEST

TCase *
test_tokens(void)
{
    TCase *tcase = tcase_create("tokens");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, T01_a_borrowed_token_is_held_until_its_owner_says_so, 0, 2);
    tcase_add_test(tcase, T01_a_release_without_approval_spoils_nothing);
    tcase_add_test(tcase, T01_a_rejected_mail_stays_out);
    tcase_add_test(tcase, T02_the_token_decides_not_the_subject);
    tcase_add_test(tcase, T03_any_case_of_the_token_works);
    tcase_add_loop_test(tcase, T03_every_wrong_token_is_as_none, 0, 2);
    tcase_add_test(tcase, T04_an_expired_token_opens_nothing);
    tcase_add_test(tcase, T07_two_tokens);
    tcase_add_test(tcase, T07_ones_own_token_beside_anothers);
    tcase_add_test(tcase, H06_tokens_in_words_are_redacted);
    tcase_add_loop_test(tcase, T05_guessed_keys, 0, 2);
    tcase_add_loop_test(tcase, T05_guessed_keys_make_a_card_of_their_own, 0, 2);
    tcase_add_test(tcase, every_key_leads_home);
    tcase_add_test(tcase, planted_ids_attract_nobody);
    tcase_add_test(tcase, a_squatted_id_gets_no_answers);
    tcase_add_test(tcase, T04_a_holder_without_access_decides_nothing);
    tcase_add_test(tcase, a_reader_lends_no_token);
    return tcase;
}
