/* test_wire.c - what goes over the wire: exact bytes, safe addresses, no secret without TLS, one connection.
 */
#include "fake.h"
#include "support.h"

#include <string.h>

support_case_fn wire_case;

static const char mail[] = "Subject: x\r\n\r\nbody\r\n";

static struct fake fake;
static struct config_outgoing settings;
static char *root, *cert, *key;

static void
setup(void)
{
    static char host[] = "127.0.0.1", user[] = "tasks@team.test";
    fake = (struct fake){.port = 0};
    settings = (struct config_outgoing){.server = {.host = host, .user = user, .tls = NET_TLS_NONE}};
    root = support_tmpdir();
    cert = g_build_filename(root, "cert.pem", NULL);
    key = g_build_filename(root, "key.pem", NULL);
}

static void
teardown(void)
{
    fake_clear(&fake);
    support_rmtree(root);
    g_free(root);
    g_free(cert);
    g_free(key);
}

static struct smtp *
open_fake(void)
{
    fake_start(&fake);
    settings.server.port = fake.port;
    return smtp_open(&settings);
}

static enum smtp_outcome
send_raw(struct smtp *smtp, const char *secret, const char *recipient, const char *raw, gsize len)
{
    struct smtp_result result;
    smtp_send(smtp, secret, "tasks@team.test", recipient, raw, len, &result);
    ck_assert_ptr_nonnull(result.stage);
    g_free(result.text);
    return result.outcome;
}

/* Takes the doubled dots off again, as RFC 5321 section 4.5.2 says. */
static char *
unstuff(const GString *body)
{
    g_auto(GStrv) lines = g_strsplit(body->str, "\r\n", -1);
    for (char **line = lines; *line; line++)
        if ((*line)[0] == '.')
            memmove(*line, *line + 1, strlen(*line));
    return g_strjoinv("\r\n", lines);
}

START_TEST(test_H04_exact_bytes_arrive)
{
    static const char *const bodies[] = {
        "S: x\r\n\r\n.\r\n",
        "S: x\r\n\r\n..\r\n...\r\n.x\r\n",
        "S: x\r\n\r\na\r\n.\r\nMAIL FROM:<evil@x.test>\r\nRCPT TO:<evil@x.test>\r\nDATA\r\n.\r\nQUIT\r\n",
        "S: x\r\n\r\n\r\n.\r\n\r\n.\r\n\r\n",
        ".S: x\r\n\r\nfirst line begins with a dot\r\n",
        "S: x\r\n\r\nends with a dot line\r\n.\r\n",
        "S: \xe4\xb8\xad\r\n\r\n8 bit \xff\r\n",
    };
    struct smtp *smtp = open_fake();
    for (gsize i = 0; i < G_N_ELEMENTS(bodies); i++)
        ck_assert_msg(send_raw(smtp, "s", "li@team.test", bodies[i], strlen(bodies[i])) == SMTP_SENT,
                      "body %zu", i);
    smtp_close(smtp);
    fake_stop(&fake);
    ck_assert_uint_eq(fake.bodies->len, G_N_ELEMENTS(bodies));
    for (gsize i = 0; i < G_N_ELEMENTS(bodies); i++) {
        g_autofree char *text = unstuff(g_ptr_array_index(fake.bodies, i));
        ck_assert_str_eq(text, bodies[i]);
    }
    ck_assert_ptr_null(strstr(fake.log->str, "evil"));
}
END_TEST

/* Dots that fall on the edges of libcurl's buffers, in a message of several of them. */
START_TEST(test_H04_dots_everywhere_in_a_large_mail)
{
    g_autoptr(GString) text = g_string_new("S: x\r\n\r\n");
    for (int i = 0; text->len < 1000000; i++)
        g_string_append_printf(text, "%.*s.\r\n.\r\n..%d\r\n", i % 7, "abcdefg", i);
    struct smtp *smtp = open_fake();
    ck_assert_int_eq(send_raw(smtp, "s", "li@team.test", text->str, text->len), SMTP_SENT);
    smtp_close(smtp);
    fake_stop(&fake);
    g_autofree char *got = unstuff(g_ptr_array_index(fake.bodies, 0));
    ck_assert_uint_eq(strlen(got), text->len);
    ck_assert_msg(strcmp(got, text->str) == 0, "bytes differ");
}
END_TEST

START_TEST(test_H04_bare_line_ends_never_leave)
{
    static const char *const bodies[] = {"S: x\r\n\r\na\n.\nb\r\n", "S: x\r\n\r\na\n.\r\n",
                                         "S: x\r\n\r\na\r.\r\n", "S: x\r\n\r\na\r"};
    struct smtp *smtp = open_fake();
    for (gsize i = 0; i < G_N_ELEMENTS(bodies); i++)
        ck_assert_msg(send_raw(smtp, "s", "li@team.test", bodies[i], strlen(bodies[i])) == SMTP_FAILED,
                      "body %zu", i);
    smtp_close(smtp);
    fake_stop(&fake);
    ck_assert_int_eq(fake.connections, 0);
}
END_TEST

START_TEST(test_H03_unsafe_addresses_never_leave)
{
    static const char *const addresses[] = {
        "li@team.test\r\nRCPT TO:<evil@x.test>",
        "a@b>\r\nRCPT TO:<evil@x",
        "<a@b> NOTIFY=SUCCESS",
        "li@team.test NOTIFY=SUCCESS",
        "a@b,evil@x",
        "-oQ/tmp@x",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@team.test", /* 65 octets */
        "li@team.test>",
        "<li@team.test>",
        "\"a b\"@team.test",
        "@relay.test:li@team.test",
        "-oQ@team.test",
        "li@team.test\n",
        "li",
        "",
        "a@b@c",
        "li@team.test\r\nDATA",
    };
    struct smtp *smtp = open_fake();
    for (gsize i = 0; i < G_N_ELEMENTS(addresses); i++) {
        struct smtp_result result;
        ck_assert_msg(send_raw(smtp, "s", addresses[i], mail, strlen(mail)) == SMTP_FAILED, "to %s",
                      addresses[i]);
        if (addresses[i][0] == '\0')
            continue; /* the null sender is a sender */
        smtp_send(smtp, "s", addresses[i], "li@team.test", mail, strlen(mail), &result);
        ck_assert_msg(result.outcome == SMTP_FAILED, "from %s", addresses[i]);
        g_free(result.text);
    }
    smtp_close(smtp);
    fake_stop(&fake);
    ck_assert_int_eq(fake.connections, 0);
}
END_TEST

START_TEST(test_null_sender_and_size)
{
    struct smtp_result result;
    struct smtp *smtp = open_fake();
    smtp_send(smtp, "s", "", "li@team.test", mail, strlen(mail), &result);
    ck_assert_int_eq(result.outcome, SMTP_SENT);
    ck_assert_int_eq(result.size_limit, 5000000);
    g_free(result.text);
    smtp_close(smtp);
    fake_stop(&fake);
    ck_assert_ptr_nonnull(strstr(fake.log->str, "MAIL FROM:<> SIZE="));
}
END_TEST

START_TEST(test_one_connection_serves_many)
{
    struct smtp *smtp = open_fake();
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(send_raw(smtp, "s", "li@team.test", mail, strlen(mail)), SMTP_SENT);
    smtp_close(smtp);
    fake_stop(&fake);
    ck_assert_int_eq(fake.connections, 1);
    ck_assert_uint_eq(fake.bodies->len, 3);
    ck_assert_msg(strstr(fake.log->str, "QUIT"), "the end is said");
}
END_TEST

START_TEST(test_connection_closed_in_between_is_opened_again)
{
    fake.close_after_messages = 1;
    struct smtp *smtp = open_fake();
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(send_raw(smtp, "s", "li@team.test", mail, strlen(mail)), SMTP_SENT);
    smtp_close(smtp);
    fake_stop(&fake);
    ck_assert_int_eq(fake.connections, 3);
    ck_assert_uint_eq(fake.bodies->len, 3);
}
END_TEST

/* The server says 421 to the next message on a kept connection: a new connection, no failure. */
START_TEST(test_good_bye_on_a_kept_connection)
{
    struct smtp_result result;
    struct smtp *smtp = open_fake();
    ck_assert_int_eq(send_raw(smtp, "s", "li@team.test", mail, strlen(mail)), SMTP_SENT);
    fake.reply[FAKE_MAIL] = "421 4.4.2 idle too long\r\n";
    smtp_send(smtp, "s", "tasks@team.test", "li@team.test", mail, strlen(mail), &result);
    ck_assert_int_eq(result.outcome, SMTP_DEFERRED);
    ck_assert_int_eq(result.code, 421);
    g_free(result.text);
    fake.reply[FAKE_MAIL] = NULL;
    ck_assert_int_eq(send_raw(smtp, "s", "li@team.test", mail, strlen(mail)), SMTP_SENT);
    smtp_close(smtp);
    fake_stop(&fake);
    ck_assert_int_eq(fake.connections, 3); /* kept, tried once more, and the last */
    ck_assert_uint_eq(fake.bodies->len, 2);
}
END_TEST

START_TEST(test_new_secret_opens_a_new_connection)
{
    settings.server.auth = CONFIG_AUTH_XOAUTH2;
    struct smtp *smtp = open_fake();
    ck_assert_int_eq(send_raw(smtp, "token-one", "li@team.test", mail, strlen(mail)), SMTP_SENT);
    ck_assert_int_eq(send_raw(smtp, "token-two", "li@team.test", mail, strlen(mail)), SMTP_SENT);
    smtp_close(smtp);
    fake_stop(&fake);
    ck_assert_int_eq(fake.connections, 2);
    for (const char *const *token = (const char *const[]){"token-one", "token-two", NULL}; *token; token++) {
        g_autofree char *clear = g_strdup_printf("user=tasks@team.test\001auth=Bearer %s\001\001", *token);
        g_autofree char *coded = g_base64_encode((const guchar *)clear, strlen(clear));
        ck_assert_msg(strstr(fake.log->str, coded), "%s was not shown", *token);
    }
}
END_TEST

/* ---- TLS */

/* No AUTH, no secret in any coding. */
static void
assert_no_secret(const char *secret)
{
    g_autofree char *coded = g_base64_encode((const guchar *)secret, strlen(secret));
    ck_assert_msg(!strstr(fake.log->str, "AUTH"), "AUTH was sent: %s", fake.log->str);
    ck_assert_msg(!strstr(fake.log->str, secret) && !strstr(fake.log->str, coded), "the secret was sent");
    ck_assert_uint_eq(fake.bodies->len, 0);
}

START_TEST(test_S05_starttls_removed)
{
    static const char *const ehlos[] = {
        "250-fake\r\n250 AUTH PLAIN LOGIN\r\n",                 /* not offered */
        "250-fake\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN\r\n", /* offered, then refused with 502 */
        "250 fake\r\n",
    };
    settings.server.tls = NET_TLS_STARTTLS;
    fake.reply[FAKE_EHLO] = ehlos[_i];
    struct smtp *smtp = open_fake();
    ck_assert_int_eq(send_raw(smtp, "top-secret", "li@team.test", mail, strlen(mail)), SMTP_DEFERRED);
    smtp_close(smtp);
    fake_stop(&fake);
    ck_assert(fake.connections >= 1);
    assert_no_secret("top-secret");
}
END_TEST

START_TEST(test_S05_certificates)
{
    static const struct {
        const char *label, *host;
        bool is_trusted;
        enum smtp_outcome outcome;
    } cases[] = {
        {"good", NULL, true, SMTP_SENT},
        {"unknown issuer", NULL, false, SMTP_REFUSED},
        {"wrong host", "mail.other.test", true, SMTP_REFUSED},
    };
    fake_make_certificate(cert, key, cases[_i].host);
    fake.cert_file = cert;
    fake.key_file = key;
    settings.server.tls = NET_TLS_IMPLICIT;
    settings.server.ca_file = cases[_i].is_trusted ? cert : NULL;
    struct smtp *smtp = open_fake();
    enum smtp_outcome outcome = send_raw(smtp, "top-secret", "li@team.test", mail, strlen(mail));
    smtp_close(smtp);
    fake_stop(&fake);
    ck_assert_msg(outcome == cases[_i].outcome, "%s: outcome %d", cases[_i].label, outcome);
    if (outcome == SMTP_SENT)
        ck_assert_ptr_nonnull(strstr(fake.log->str, "AUTH PLAIN"));
    else
        assert_no_secret("top-secret");
}
END_TEST

START_TEST(test_S05_login_only)
{
    fake.reply[FAKE_EHLO] = "250-fake\r\n250 AUTH CRAM-MD5\r\n";
    struct smtp *smtp = open_fake();
    enum smtp_outcome outcome = send_raw(smtp, "top-secret", "li@team.test", mail, strlen(mail));
    smtp_close(smtp);
    fake_stop(&fake);
    ck_assert_msg(outcome == SMTP_REFUSED, "outcome %d", outcome);
    assert_no_secret("top-secret");
}
END_TEST

START_TEST(test_plain_off_loopback_is_refused)
{
    static char host[] = "192.0.2.1"; /* RFC 5737: nobody */
    struct smtp_result result;
    settings.server.host = host;
    struct smtp *smtp = open_fake();
    smtp_send(smtp, "s", "tasks@team.test", "li@team.test", mail, strlen(mail), &result);
    smtp_close(smtp);
    ck_assert_int_eq(result.outcome, SMTP_REFUSED);
    ck_assert_ptr_nonnull(strstr(result.text, "loopback"));
    g_free(result.text);
}
END_TEST

START_TEST(test_check_logs_in_and_sends_nothing)
{
    struct smtp_result result;
    struct smtp *smtp = open_fake();
    smtp_check(smtp, "s", &result);
    ck_assert_msg(result.outcome == SMTP_SENT, "%s", result.text);
    ck_assert_int_eq(result.size_limit, 5000000);
    g_free(result.text);
    fake.reply[FAKE_AUTH] = "535 5.7.8 wrong\r\n";
    smtp_check(smtp, "s", &result);
    ck_assert_int_eq(result.outcome, SMTP_REFUSED);
    ck_assert_str_eq(result.stage, "AUTH");
    g_free(result.text);
    smtp_close(smtp);
    fake_stop(&fake);
    ck_assert_ptr_nonnull(strstr(fake.log->str, "AUTH PLAIN"));
    ck_assert_ptr_null(strstr(fake.log->str, "MAIL"));
}
END_TEST

TCase *
wire_case(void)
{
    TCase *tcase = tcase_create("wire");
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_H04_exact_bytes_arrive);
    tcase_add_test(tcase, test_H04_dots_everywhere_in_a_large_mail);
    tcase_add_test(tcase, test_H04_bare_line_ends_never_leave);
    tcase_add_test(tcase, test_H03_unsafe_addresses_never_leave);
    tcase_add_test(tcase, test_null_sender_and_size);
    tcase_add_test(tcase, test_one_connection_serves_many);
    tcase_add_test(tcase, test_connection_closed_in_between_is_opened_again);
    tcase_add_test(tcase, test_good_bye_on_a_kept_connection);
    tcase_add_test(tcase, test_new_secret_opens_a_new_connection);
    tcase_add_loop_test(tcase, test_S05_starttls_removed, 0, 3);
    tcase_add_loop_test(tcase, test_S05_certificates, 0, 3);
    tcase_add_test(tcase, test_S05_login_only);
    tcase_add_test(tcase, test_plain_off_loopback_is_refused);
    tcase_add_test(tcase, test_check_logs_in_and_sends_nothing);
    return tcase;
}
