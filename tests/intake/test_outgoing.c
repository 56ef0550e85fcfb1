/* test_outgoing.c - what of a mail's values and words leaves with our own mails, and in which form (attack
 * cases H). The whole way: mail in, card, notice, bytes. */
#include "cases.h"
#include "expect.h"

#include <cardpost/header.h>
#include <cardpost/mime.h>

#include <string.h>

#define BOB PROVEN("corp.example") "From: Bob <bob@corp.example>\nTo: tasks@corp.example\n"
#define END "Date: Mon, 23 Nov 2026 08:00:00 +0000\nMessage-ID: <h@corp.example>\n"

/* ---- H01 */

/* The characters that could begin a new line somewhere, in the three ways they can come. */
static const struct {
    const char *label, *quoted, *percent;
} characters[] = {
    {"a space", "_", "%20"},
    {"CR LF", "=0D=0A", "%0D%0A"},
    {"CR", "=0D", "%0D"},
    {"LF", "=0A", "%0A"},
    {"NUL", "=00", "%00"},
    {"TAB", "=09", "%09"},
    {"U+2028", "=E2=80=A8", "%E2%80%A8"},
    {"U+0085", "=C2=85", "%C2%85"},
};

#define FIELDS(ids)                                                                                          \
    "From To Reply-To Subject Date Message-ID " ids                                                          \
    "References Thread-Topic Thread-Index List-Id List-Unsubscribe Auto-Submitted Content-Language "         \
    "X-Auto-Response-Suppress X-Cardpost-Board X-Cardpost-Card X-Cardpost-Reason X-Cardpost-Loop "           \
    "MIME-Version Content-Type"
#define ANSWER FIELDS("In-Reply-To ")
#define NOTICE FIELDS("")
/* To a guest: no board. */
#define GUESTS                                                                                               \
    "From To Reply-To Subject Date Message-ID In-Reply-To References Thread-Topic Thread-Index "             \
    "List-Unsubscribe Auto-Submitted Content-Language X-Auto-Response-Suppress X-Cardpost-Card "             \
    "X-Cardpost-Reason X-Cardpost-Loop MIME-Version Content-Type"

/* VALUE stands for an encoded word of "x", the character and a field, PERCENT for the same by RFC 2231. */
static const struct {
    struct wish wish;
    const char *mail;
    const char *fields[2]; /* of the first and the second mail that leave */
} carriers[] = {
    {{"subject and title", OUTCOME_APPLIED, "a new card", TRUST_MEMBER, 0, 1,
      "bob@corp.example receipt, li@corp.example assigned"},
     BOB END "Subject: VALUE @li\n\nx\n",
     {ANSWER, NOTICE}},
    {{"display name", OUTCOME_TRIAGE, "a stranger's mail", TRUST_UNVERIFIED, 0, 1, "gil@gil.example receipt"},
     PROVEN("gil.example") "From: VALUE <gil@gil.example>\nTo: tasks+open@corp.example\n" END "\nx\n",
     {GUESTS, NULL}},
    {{"file name by RFC 2231", OUTCOME_APPLIED, "a new card", TRUST_MEMBER, 0, 1,
      "bob@corp.example receipt, li@corp.example assigned"},
     BOB END
     "Subject: x @li\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b\nContent-Type: "
     "image/png; name*=utf-8''PERCENT\nContent-Disposition: attachment; filename*=utf-8''PERCENT\n\nx\n"
     "--b--\n",
     {ANSWER, NOTICE}},
    {{"file name by an encoded word", OUTCOME_APPLIED, "a new card", TRUST_MEMBER, 0, 1,
      "bob@corp.example receipt, li@corp.example assigned"},
     BOB END "Subject: x @li\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b\nContent-Type: "
             "image/png; name=\"VALUE\"\nContent-Disposition: attachment; filename=\"VALUE\"\n\nx\n--b--\n",
     {ANSWER, NOTICE}},
    {{"label: an unknown board", OUTCOME_APPLIED, "a new card", TRUST_MEMBER, 0, 1,
      "bob@corp.example receipt, li@corp.example assigned"},
     BOB END "Subject: [VALUE] x @li\n\nx\n",
     {ANSWER, NOTICE}},
    {{"command answer: an unknown column", OUTCOME_APPLIED, "a new card", TRUST_MEMBER, 0, 1,
      "bob@corp.example receipt, bob@corp.example refused"},
     BOB END "Subject: [orders/VALUE] x\n\nx\n",
     {ANSWER, ANSWER}},
};

/* The field names of a mail, in order. g_free. */
static char *
field_names(const char *raw)
{
    g_auto(header_block_t) block = {0};
    header_block_parse(raw, strlen(raw), &block);
    GString *names = g_string_new(NULL);
    for (guint i = 0; i < block.fields->len; i++) {
        const struct header_field *field = &g_array_index(block.fields, struct header_field, i);
        g_string_append_printf(names, "%s%.*s", i > 0 ? " " : "", (int)field->name_len, field->name);
    }
    ck_assert_uint_eq(block.flaws, 0);
    return g_string_free(names, FALSE);
}

/* CRLF only, ASCII only, no line over 998 octets, and each part in an encoding that keeps it so. */
static void
check_wire(const char *label, const char *raw)
{
    gsize line = 0;
    for (const char *p = raw; *p; p++) {
        ck_assert_msg((*p == '\r') == (p[1] == '\n'), "%s: CRLF only", label);
        ck_assert_msg(*p == '\t' || *p == '\r' || *p == '\n' || (*p >= ' ' && *p < 127), "%s: ASCII only",
                      label);
        line = *p == '\n' ? 0 : line + 1;
        ck_assert_msg(line <= 999, "%s: a long line", label);
    }
    for (const char *p = strstr(raw, "\r\nContent-Transfer-Encoding: "); p;
         p = strstr(p + 2, "\r\nContent-Transfer-Encoding: "))
        ck_assert_msg(strstr(p, ": base64\r\n") == p + 27 || strstr(p, ": quoted-printable\r\n") == p + 27,
                      "%s: %.60s", label, p);
}

/* No value that a reader decodes holds a line end or another control character. */
static void
check_values(const char *label, const char *raw)
{
    g_autoptr(mail_t) mail = mime_parse(raw, strlen(raw), NULL);
    ck_assert_msg(mail->to->len == 1 && mail->cc->len == 0, "%s: not one recipient", label);
    const char *values[] = {mail->subject, mail->from.name,
                            ((const struct mail_address *)mail->to->pdata[0])->name};
    for (guint i = 0; i < G_N_ELEMENTS(values); i++)
        for (const char *p = values[i]; *p; p = g_utf8_find_next_char(p, NULL))
            ck_assert_msg(!g_unichar_iscntrl(g_utf8_get_char(p)) && g_utf8_get_char(p) != 0x2028,
                          "%s: \"%s\"", label, values[i]);
}

static char *
carrier_text(guint carrier, guint character)
{
    g_autofree char *value =
        g_strdup_printf("=?utf-8?q?x%sBcc=3Av=40v.example?=", characters[character].quoted);
    g_autofree char *percent = g_strdup_printf("x%sBcc%%3Av%%40v.example", characters[character].percent);
    g_autoptr(GString) text = g_string_new(carriers[carrier].mail);
    g_string_replace(text, "VALUE", value, 0);
    g_string_replace(text, "PERCENT", percent, 0);
    g_string_replace(text, "\n", "\r\n", 0);
    return g_strdup(text->str);
}

START_TEST(H01_no_value_makes_a_field)
{
    for (guint i = 0; i < G_N_ELEMENTS(characters); i++) {
        struct world *world = world_new();
        g_autofree char *label =
            g_strdup_printf("H01 %s with %s", carriers[_i].wish.label, characters[i].label);
        g_autofree char *raw = carrier_text((guint)_i, i);
        struct wish wish = carriers[_i].wish;
        wish.label = label;
        g_autoptr(GPtrArray) sent = expect_mail_bytes(world, &wish, raw, strlen(raw));
        for (guint m = 0; m < sent->len; m++) {
            const struct sent *one = sent->pdata[m];
            g_autofree char *names = field_names(one->raw);
            ck_assert_msg(g_strcmp0(names, carriers[_i].fields[m]) == 0, "%s: mail %u has %s", label, m,
                          names);
            check_wire(label, one->raw);
            check_values(label, one->raw);
        }
        world_free(world);
    }
}
END_TEST

/* ---- H04 */

static const struct {
    const char *label, *body, *words;
    gsize len;
} bodies[] = {
    {"a dot alone", "before\n.\nbehind\n", "before\n.\nbehind", 0},
    {"CR LF dot CR LF", "before\r\n.\r\nQUIT\r\n", "before\n.\nQUIT", 0},
    {"CR dot CR", "before\r.\rbehind", "before\n.\nbehind", 0},
    {"lone CR", "before\rbehind", "before\nbehind", 0},
    {"NUL", "before\0behind\n", "before", 14},
    {"8-bit", "J\xc3\xbcrgen \xff\n", "J\xc3\xbcrgen", 0},
    {"a line of 100 kB", NULL, "xxxxxxxxxx", 0},
};

START_TEST(H04_any_words_leave_as_good_lines)
{
    struct world *world = world_new();
    g_autofree char *line = g_strnfill(100000, 'x');
    const char *body = bodies[_i].body ? bodies[_i].body : line;
    g_autoptr(GString) raw = g_string_new(BOB END "Subject: x @li\n\n");
    g_string_append_len(raw, body, (gssize)(bodies[_i].len ? bodies[_i].len : strlen(body)));
    struct wish wish = {bodies[_i].label,
                        OUTCOME_APPLIED,
                        "a new card",
                        TRUST_MEMBER,
                        0,
                        1,
                        "bob@corp.example receipt, li@corp.example assigned"};
    g_autoptr(GPtrArray) sent = expect_mail_bytes(world, &wish, raw->str, raw->len);
    for (guint i = 0; i < sent->len; i++) {
        const struct sent *one = sent->pdata[i];
        check_wire(wish.label, one->raw);
        g_autoptr(GString) words = g_string_new(NULL);
        g_autofree char *all = sent_words(one);
        g_string_assign(words, all);
        g_string_replace(words, "\r\n", "\n", 0);
        ck_assert_msg(strstr(words->str, bodies[_i].words) || i == 0, "%s: not in %s", wish.label,
                      words->str);
    }
    world_free(world);
}
END_TEST

/* ---- H06 */

static struct outcome_row *
mail_of(struct world *world, const char *from, const char *to, const char *more, const char *text)
{
    g_autofree char *raw = g_strdup_printf("From: %s\nTo: %s\nDate: Mon, 23 Nov 2026 08:00:00 +0000\n"
                                           "Message-ID: <%u@corp.example>\n%s\n%s\n",
                                           from, to, world->next_uid, more, text);
    return world_proven_mail(world, raw);
}

static char *
token_in(const char *reply_to)
{
    return g_strndup(strstr(reply_to, "+r.") + 3, SECRET_TOKEN_CHARS);
}

/* What sue, a supplier, may find in no mail; and in which she does find what was said to her. */
START_TEST(H06_a_guest_sees_her_own)
{
    struct world *world = world_new();
    expect_outcome(
        mail_of(world, "ann@corp.example", "tasks+closed@corp.example", "Subject: Eightword\n", "x"),
        OUTCOME_APPLIED, "card 1, internal");
    expect_outcome(mail_of(world, "gil@other.example", "tasks+open@corp.example", "Subject: y\n", "x"),
                   OUTCOME_TRIAGE, "another supplier");
    g_ptr_array_unref(world_sent(world));
    expect_outcome(mail_of(world, "ann@corp.example", "tasks@corp.example",
                           "Cc: gil@other.example, bob@corp.example\nBcc: hidden@third.example\n"
                           "Subject: Quote @sue @li\n",
                           "please quote"),
                   OUTCOME_APPLIED, "card 3");
    g_autoptr(GPtrArray) first = world_sent(world);
    const struct sent *asked = sent_to(first, "sue@sup.example");
    g_autofree char *lis_token = token_in(sent_to(first, "li@corp.example")->reply_to);
    g_autofree char *sues_token = token_in(asked->reply_to);
    expect_outcome(mail_of(world, "bob@corp.example", "tasks@corp.example", "Subject: Re: [tasks-3] Quote\n",
                           "internalword"),
                   OUTCOME_COMMENTED, "among members");
    g_autoptr(GPtrArray) among = world_sent(world);
    ck_assert_ptr_nonnull(sent_to(among, "li@corp.example"));
    ck_assert_ptr_null(sent_to(among, "sue@sup.example"));
    expect_outcome(mail_of(world, "sue@sup.example", asked->reply_to, "Subject: Re: Quote\n", "eight each"),
                   OUTCOME_COMMENTED, "sue");
    g_autoptr(GPtrArray) second = world_sent(world);
    const struct sent *to_li = sent_to(second, "li@corp.example");
    ck_assert_ptr_null(sent_to(second, "sue@sup.example"));
    g_autofree char *more =
        g_strdup_printf("In-Reply-To: <%s>\nCc: gil@other.example\nSubject: Re: Quote\n", to_li->message_id);
    g_autofree char *text =
        g_strdup_printf("agreed\n\n> Reply-To: tasks+r.%s@corp.example\n> [tasks-1] Eightword\n> bob: "
                        "internalword\n> Cc: gil@other.example\n",
                        lis_token);
    expect_outcome(mail_of(world, "li@corp.example", to_li->reply_to, more, text), OUTCOME_COMMENTED,
                   "li to sue");
    g_autoptr(GPtrArray) third = world_sent(world);
    const struct sent *agreed = sent_to(third, "sue@sup.example");
    ck_assert_ptr_nonnull(agreed);
    const struct {
        const char *said;
        const struct sent *mail;
    } hers[] = {{"please quote", asked}, {"agreed", agreed}};
    const char *const secrets[] = {"gil@",         "other.example", "hidden@",  "third.example",
                                   "internalword", "Eightword",     "bob@",     lis_token,
                                   "li@corp",      "ann@corp",      "\r\nBcc:", "\r\nCc:"};
    for (guint i = 0; i < G_N_ELEMENTS(hers); i++) {
        g_autofree char *words = sent_words(hers[i].mail);
        check_wire("sue", hers[i].mail->raw);
        ck_assert_msg(strstr(words, hers[i].said) && strstr(words, sues_token), "nothing is said in %s",
                      words);
        for (guint n = 0; n < G_N_ELEMENTS(secrets); n++)
            ck_assert_msg(!strstr(words, secrets[n]), "%s in %.2000s", secrets[n], words);
    }
    world_free(world);
}
END_TEST

/* Each of the mails that one event causes has one recipient, and his token alone (expect_mail sees to it). */
START_TEST(H06_one_recipient_a_mail)
{
    struct world *world = world_new();
    struct wish wish = {"H06",
                        OUTCOME_APPLIED,
                        "a new card",
                        TRUST_ADMIN,
                        0,
                        1,
                        "ann@corp.example receipt, bob@corp.example assigned, li@corp.example assigned, "
                        "sue@sup.example assigned"};
    static const char raw[] = PROVEN("corp.example") "From: ann@corp.example\nTo: tasks@corp.example\nBcc: "
                                                     "tasks@corp.example, hidden@third.example\n" END
                                                     "Subject: x @bob @li @sue\n\nx\n";
    g_autoptr(GPtrArray) sent = expect_mail_bytes(world, &wish, raw, sizeof raw - 1);
    for (guint i = 0; i < sent->len; i++) {
        const struct sent *one = sent->pdata[i];
        g_autoptr(mail_t) read = mime_parse(one->raw, strlen(one->raw), NULL);
        ck_assert_uint_eq(read->to->len, 1);
        ck_assert_str_eq(((const struct mail_address *)read->to->pdata[0])->address, one->recipient);
        ck_assert_uint_eq(read->cc->len, 0);
        g_autofree char *words = sent_words(one);
        ck_assert_ptr_null(strstr(words, "third.example"));
    }
    world_free(world);
}
END_TEST

/* The name in From of the one mail to that recipient. g_free. */
static char *
from_name(struct world *world, const char *recipient)
{
    g_autoptr(GPtrArray) sent = world_sent(world);
    const struct sent *one = sent_to(sent, recipient);
    ck_assert_msg(one, "nothing was sent to %s", recipient);
    g_autoptr(mail_t) read = mime_parse(one->raw, strlen(one->raw), NULL);
    return g_strdup(read->from.name);
}

/* Who is proven speaks through us by name; whoever is not could bear a colleague's, and speaks as nobody. */
START_TEST(an_unproven_sender_lends_no_name_to_From)
{
    static const struct {
        const char *head, *name;
    } cases[] = {{HOP "From: \"Bob\" <sue@sup.example>\n", "Orders"},
                 {HOP "From: \"Bob\" <bob@corp.example>\n", "Orders"},
                 {PROVEN("corp.example") "From: \"Ann\" <bob@corp.example>\n", "Bob via Orders"},
                 {PROVEN("sup.example") "From: \"Bob\" <sue@sup.example>\n", "Sue via Orders"}};
    struct world *world = world_new();
    outcome_row_free(world_proven_mail(world, "From: ann@corp.example\nTo: tasks@corp.example\nMessage-ID: "
                                              "<one@corp.example>\nSubject: x @bob @sue\n\nx\n"));
    g_ptr_array_unref(world_sent(world));
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *raw = g_strdup_printf("%sTo: tasks@corp.example\nMessage-ID: <a%u@x>\nSubject: "
                                               "Re: [tasks-1] x\n\nhello %u\n",
                                               cases[i].head, i, i);
        expect_outcome(world_mail(world, raw), OUTCOME_COMMENTED, raw);
        g_autofree char *name = from_name(world, "ann@corp.example");
        ck_assert_msg(g_str_equal(name, cases[i].name), "%s: From is \"%s\"", raw, name);
    }
    world_free(world);
}
END_TEST

/* A stranger becomes a guest under the name of his choice, but not under somebody's, nor under an address. Of
 * one who is not proven the words stand under the same. */
START_TEST(A13_a_stranger_takes_nobodys_name)
{
    static const char *const cases[][2] = {{"\"ANN\"", "x0@evil.example"},
                                           {"bob", "x1@evil.example"},
                                           {"Eve", "Eve"},
                                           {"Eve", "Eve"},
                                           {"\"ann@corp.example\"", "x4@evil.example"},
                                           {"=?utf-8?q?Ann_=3Cann=40corp.example=3E?=", "x5@evil.example"},
                                           {"=?utf-8?q?ann=EF=BC=A0corp.example?=", "x6@evil.example"}};
    struct world *world = world_new();
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *address = g_strdup_printf("x%u@evil.example", i);
        g_autofree char *raw = g_strdup_printf("From: %s <%s>\nTo: tasks+open@corp.example\nMessage-ID: "
                                               "<g%u@evil.example>\nSubject: x\n\nx %u\n",
                                               cases[i][0], address, i, i);
        g_autofree char *proven = g_strconcat(PROVEN("evil.example"), raw, NULL);
        expect_outcome(world_mail(world, proven), OUTCOME_TRIAGE, raw);
        g_autoptr(person_t) guest = person_by_address(world->store, address);
        ck_assert_msg(guest && g_str_equal(guest->name, cases[i][1]), "%s: called %s", raw,
                      guest ? guest->name : "nothing");
        g_autofree char *unproven = g_strconcat(HOP "X-Other: copy\n", raw, NULL);
        char *id = strstr(unproven, "<g");
        id[1] = 'u';
        struct outcome_row *row = world_mail(world, unproven);
        g_autoptr(comment_t) comment = comment_get(world->store, row->comment_id);
        ck_assert_msg(comment && comment->is_unverified && g_str_equal(comment->author_name, cases[i][1]),
                      "%s: not proven, called %s", raw, comment ? comment->author_name : "nothing");
        outcome_row_free(row);
    }
    world_free(world);
}
END_TEST

/* Answers every mail that is due like a server that refuses it, with other words each time; how many. */
static guint
refuse_all(struct world *world)
{
    struct dispatch_result result = {.status = OUTBOX_FAILED, .code = 550};
    guint n = 0, done = 0;
    bool is_more = true;
    while (is_more && n < 20) {
        g_auto(dispatch_mail_t) next = {0};
        ck_assert(notify_follow(world->notify, world->now, NULL));
        ck_assert(notify_flush(world->notify, world->now, 200, &done, NULL));
        ck_assert(dispatch_take(world->notify, NULL, world->now, &next, NULL));
        is_more = next.mail != NULL;
        if (!is_more)
            break;
        g_autofree char *text = g_strdup_printf("550 5.1.1 no such user, id=%u", ++n);
        result.id = next.mail->id;
        result.text = text;
        ck_assert(dispatch_done(world->notify, &result, world->now, NULL));
    }
    return n;
}

/* The admins hear of a mail that failed, and of one that told them of it nobody hears: no end otherwise. */
START_TEST(S01_a_failure_is_told_once)
{
    struct world *world = world_new();
    outcome_row_free(world_proven_mail(world, "From: bob@corp.example\nTo: tasks@corp.example\nMessage-ID: "
                                              "<one@corp.example>\nSubject: x\n\nx\n"));
    /* bob's receipt, and that it failed to the one admin */
    ck_assert_uint_eq(refuse_all(world), 2);
    world_free(world);
}
END_TEST

TCase *
test_outgoing(void)
{
    TCase *tcase = tcase_create("outgoing");
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, H01_no_value_makes_a_field, 0, G_N_ELEMENTS(carriers));
    tcase_add_loop_test(tcase, H04_any_words_leave_as_good_lines, 0, G_N_ELEMENTS(bodies));
    tcase_add_test(tcase, H06_a_guest_sees_her_own);
    tcase_add_test(tcase, H06_one_recipient_a_mail);
    tcase_add_test(tcase, an_unproven_sender_lends_no_name_to_From);
    tcase_add_test(tcase, A13_a_stranger_takes_nobodys_name);
    tcase_add_test(tcase, S01_a_failure_is_told_once);
    return tcase;
}
