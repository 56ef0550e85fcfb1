/* test_replies.c - every way a server can end a transaction, and what it means for the mail. */
#include "fake.h"
#include "support.h"

#include <cardpost/clock.h>

#include <string.h>

support_case_fn replies_case;

static const char mail[] = "Subject: x\r\n\r\nbody\r\n";

/* Long enough for any machine where an answer comes; the hanging servers wait for reply_s. */
static const struct smtp_timeouts hasty = {.connect_s = 3, .reply_s = 3, .whole_s = 20};

static struct fake fake;
static struct config_outgoing settings;

static void
setup(void)
{
    static char host[] = "127.0.0.1", user[] = "tasks@team.test";
    fake = (struct fake){.port = 0};
    settings = (struct config_outgoing){.server = {.host = host, .user = user, .tls = NET_TLS_NONE}};
}

static void
teardown(void)
{
    fake_clear(&fake);
}

static void
send_to_fake(struct smtp_result *result_out)
{
    fake_start(&fake);
    settings.server.port = fake.port;
    struct smtp *smtp = smtp_open(&settings);
    smtp_set_timeouts(smtp, &hasty);
    smtp_send(smtp, "secret", "tasks@team.test", "li@team.test", mail, strlen(mail), result_out);
    smtp_close(smtp);
    fake_stop(&fake);
}

static const struct {
    const char *label;
    enum fake_at at;
    const char *reply;
    enum smtp_outcome outcome;
    int code;
    const char *stage, *text; /* text: part of it */
} endings[] = {
    {"good", FAKE_QUIT, NULL, SMTP_SENT, 250, "after the dot", "queued as 1"},
    {"421 at connect", FAKE_GREETING, "421 too many\r\n", SMTP_DEFERRED, 421, "connect", "421 too many"},
    {"450 at connect", FAKE_GREETING, "450 later\r\n", SMTP_DEFERRED, 450, "connect", "later"},
    {"554 at connect", FAKE_GREETING, "554 go away\r\n", SMTP_REFUSED, 554, "connect", "go away"},
    {"close at connect", FAKE_GREETING, FAKE_CLOSE, SMTP_DEFERRED, 0, "connect", ""},
    {"hang at connect", FAKE_GREETING, FAKE_HANG, SMTP_DEFERRED, 0, "connect", ""},
    {"421 at EHLO", FAKE_EHLO, "421 closing\r\n", SMTP_DEFERRED, 421, "EHLO", "closing"},
    {"550 at EHLO", FAKE_EHLO, "550 no\r\n", SMTP_REFUSED, 550, "EHLO", "550 no"},
    {"454 at AUTH", FAKE_AUTH, "454 4.7.0 later\r\n", SMTP_DEFERRED, 454, "AUTH", "4.7.0"},
    {"535 at AUTH", FAKE_AUTH, "535 5.7.8 bad\r\n", SMTP_REFUSED, 535, "AUTH", "5.7.8"},
    {"451 at MAIL", FAKE_MAIL, "451 4.3.0 later\r\n", SMTP_DEFERRED, 451, "MAIL", "4.3.0"},
    {"530 at MAIL", FAKE_MAIL, "530 5.7.0 login\r\n", SMTP_REFUSED, 530, "MAIL", "login"},
    {"552 at MAIL", FAKE_MAIL, "552 5.3.4 too big\r\n", SMTP_FAILED, 552, "MAIL", "too big"},
    {"501 at MAIL", FAKE_MAIL, "501 not your address\r\n", SMTP_FAILED, 501, "MAIL", "not your"},
    {"450 at RCPT", FAKE_RCPT, "450 4.2.0 greylisted\r\n", SMTP_DEFERRED, 450, "RCPT", "greylisted"},
    {"550 at RCPT", FAKE_RCPT, "550-5.1.1 no\r\n550 5.1.1 such user\r\n", SMTP_FAILED, 550, "RCPT",
     "550-5.1.1 no 550 5.1.1 such user"},
    {"421 at RCPT", FAKE_RCPT, "421 4.7.0 slow down\r\n", SMTP_DEFERRED, 421, "RCPT", "slow down"},
    {"452 at DATA", FAKE_DATA, "452 4.3.1 full\r\n", SMTP_DEFERRED, 452, "DATA", "full"},
    {"554 at DATA", FAKE_DATA, "554 no valid recipients\r\n", SMTP_FAILED, 554, "DATA", "no valid"},
    {"close at DATA", FAKE_DATA, FAKE_CLOSE, SMTP_DEFERRED, 0, "DATA", ""},
    {"hang at DATA", FAKE_DATA, FAKE_HANG, SMTP_DEFERRED, 0, "DATA", ""},
    {"451 after the dot", FAKE_DOT, "451 4.3.0 try\r\n", SMTP_DEFERRED, 451, "after the dot", "4.3.0"},
    {"421 after the dot", FAKE_DOT, "421 4.3.0 shutdown\r\n", SMTP_DEFERRED, 421, "after the dot",
     "shutdown"},
    {"554 after the dot", FAKE_DOT, "554 5.7.1 spam\r\n", SMTP_FAILED, 554, "after the dot", "spam"},
    {"251 after the dot", FAKE_DOT, "251 forwarded\r\n", SMTP_SENT, 251, "after the dot", "forwarded"},
};

static void
check_ending(int i)
{
    struct smtp_result result;
    fake.reply[endings[i].at] = endings[i].reply;
    int64_t began = clock_monotonic_ms();
    send_to_fake(&result);
    int64_t took_ms = clock_monotonic_ms() - began;
    ck_assert_msg(result.outcome == endings[i].outcome && result.code == endings[i].code &&
                      strcmp(result.stage, endings[i].stage) == 0 && strstr(result.text, endings[i].text),
                  "%s: outcome %d code %d at %s: %s", endings[i].label, result.outcome, result.code,
                  result.stage, result.text);
    ck_assert_msg(took_ms < 15000, "%s: took %d ms", endings[i].label, (int)took_ms);
    ck_assert_msg(fake.bodies->len <= 1, "%s: sent %u times", endings[i].label, fake.bodies->len);
    g_free(result.text);
}

START_TEST(test_S01_replies_at_every_stage)
{
    check_ending(_i);
}
END_TEST

/* One recipient a transaction: a refused one does not touch the others. */
START_TEST(test_S02_one_of_three_is_refused)
{
    static const char *const recipients[] = {"a@x.test", "b@x.test", "c@x.test"};
    fake_start(&fake);
    settings.server.port = fake.port;
    struct smtp *smtp = smtp_open(&settings);
    smtp_set_timeouts(smtp, &hasty);
    for (int i = 0; i < 3; i++) {
        struct smtp_result result;
        fake.reply[FAKE_RCPT] = i == 1 ? "550 5.1.1 unknown\r\n" : NULL;
        smtp_send(smtp, "secret", "tasks@team.test", recipients[i], mail, strlen(mail), &result);
        ck_assert_msg(result.outcome == (i == 1 ? SMTP_FAILED : SMTP_SENT), "%s: %s", recipients[i],
                      result.text);
        g_free(result.text);
    }
    smtp_close(smtp);
    fake_stop(&fake);
    ck_assert_uint_eq(fake.bodies->len, 2);
}
END_TEST

static const struct {
    const char *label, *reply;
} silences[] = {
    {"hang after the dot", FAKE_HANG},
    {"close after the dot", FAKE_CLOSE},
    {"250 after our time", FAKE_LATE},
    {"half a reply after the dot", "250-2.0.0 que\r\n"},
    {"no reply but noise after the dot", "wat\r\n"},
};

/* Then the same mail once more: the same bytes, one copy more and no other. */
START_TEST(test_S03_no_answer_after_the_dot_is_unknown)
{
    struct smtp_result result;
    fake.reply[FAKE_DOT] = silences[_i].reply;
    fake.close_after_messages = 1;
    fake_start(&fake);
    settings.server.port = fake.port;
    struct smtp *smtp = smtp_open(&settings);
    smtp_set_timeouts(smtp, &hasty);
    int64_t began = clock_monotonic_ms();
    smtp_send(smtp, "secret", "tasks@team.test", "li@team.test", mail, strlen(mail), &result);
    ck_assert_msg(result.outcome == SMTP_UNKNOWN, "%s: outcome %d: %s", silences[_i].label, result.outcome,
                  result.text);
    ck_assert_msg(clock_monotonic_ms() - began < 15000, "%s: took too long", silences[_i].label);
    g_free(result.text);
    ck_assert_uint_eq(fake.bodies->len, 1);
    fake.reply[FAKE_DOT] = NULL;
    smtp_set_timeouts(smtp, &(struct smtp_timeouts){.connect_s = 15, .reply_s = 15, .whole_s = 30});
    smtp_send(smtp, "secret", "tasks@team.test", "li@team.test", mail, strlen(mail), &result);
    smtp_close(smtp);
    fake_stop(&fake);
    ck_assert_msg(result.outcome == SMTP_SENT, "%s: again: %s", silences[_i].label, result.text);
    g_free(result.text);
    ck_assert_msg(fake.bodies->len == 2, "%s: %u copies", silences[_i].label, fake.bodies->len);
    ck_assert_msg(g_string_equal(fake.bodies->pdata[0], fake.bodies->pdata[1]), "%s: other bytes",
                  silences[_i].label);
}
END_TEST

/* The farewell to a server that has stalled meanwhile costs no time, neither after a failure nor at the end.
 */
START_TEST(test_stalled_farewell_does_not_block)
{
    struct smtp_result result;
    fake.reply[FAKE_QUIT] = FAKE_HANG;
    fake.reply[FAKE_RCPT] = _i == 0 ? "550 no\r\n" : NULL;
    fake_start(&fake);
    settings.server.port = fake.port;
    struct smtp *smtp = smtp_open(&settings); /* with the real time-outs of minutes */
    int64_t began = clock_monotonic_ms();
    smtp_send(smtp, "secret", "tasks@team.test", "li@team.test", mail, strlen(mail), &result);
    smtp_close(smtp);
    int64_t took_ms = clock_monotonic_ms() - began;
    ck_assert_int_eq(result.outcome, _i == 0 ? SMTP_FAILED : SMTP_SENT);
    ck_assert_msg(took_ms < 10000, "took %d ms", (int)took_ms);
    g_free(result.text);
}
END_TEST

START_TEST(test_S04_reply_text_is_cut_and_clean)
{
    struct smtp_result result;
    g_autoptr(GString) reply = g_string_new("550-\033[31mred\033[0m <b>html</b>\x01\r\n");
    for (int i = 0; i < 1000; i++)
        g_string_append_printf(reply, "550-%0200d\r\n", i);
    g_string_append(reply, "550 end\r\n");
    fake.reply[FAKE_RCPT] = reply->str;
    send_to_fake(&result);
    ck_assert_int_eq(result.outcome, SMTP_FAILED);
    ck_assert_uint_le(strlen(result.text), 300);
    ck_assert(g_utf8_validate(result.text, -1, NULL));
    for (const char *p = result.text; *p; p++)
        ck_assert_msg((guchar)*p >= ' ', "control character %d", *p);
    g_free(result.text);
}
END_TEST

START_TEST(test_nobody_listens)
{
    struct smtp_result result;
    fake_start(&fake);
    settings.server.port = fake.port;
    fake_stop(&fake);
    struct smtp *smtp = smtp_open(&settings);
    smtp_send(smtp, "secret", "tasks@team.test", "li@team.test", mail, strlen(mail), &result);
    smtp_close(smtp);
    ck_assert_int_eq(result.outcome, SMTP_DEFERRED);
    ck_assert_str_eq(result.stage, "connect");
    ck_assert_str_ne(result.text, "");
    g_free(result.text);
}
END_TEST

TCase *
replies_case(void)
{
    TCase *tcase = tcase_create("replies");
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, test_S01_replies_at_every_stage, 0, G_N_ELEMENTS(endings));
    tcase_add_test(tcase, test_S02_one_of_three_is_refused);
    tcase_add_loop_test(tcase, test_S03_no_answer_after_the_dot_is_unknown, 0, G_N_ELEMENTS(silences));
    tcase_add_loop_test(tcase, test_stalled_farewell_does_not_block, 0, 2);
    tcase_add_test(tcase, test_S04_reply_text_is_cut_and_clean);
    tcase_add_test(tcase, test_nobody_listens);
    return tcase;
}
