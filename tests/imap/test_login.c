/* test_login.c - what is said before the server is trusted (nothing), and how a login is said. */
#include "certificate.h"
#include "client.h"
#include "support.h"

#include <string.h>

support_case_fn login_case;

#define DAY_S 86400

/* No byte of a login, in clear or in base64, has reached the server. */
static void
assert_no_login(struct fake *fake, const char *label)
{
    static const char *const words[] = {"LOGIN", "AUTHENTICATE", "sesame", "c2VzYW1l", "tasks", "dGFza3"};
    g_autofree char *seen = fake_transcript(fake);
    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        ck_assert_msg(!strstr(seen, words[i]), "%s: %s", label, seen);
}

static const struct {
    const char *label, *host;
    gint64 from_s, to_s;
    bool is_trusted; /* the client has the certificate as its CA */
    const char *why; /* NULL: the login follows */
} certificates[] = {
    {"good", "127.0.0.1", -DAY_S, DAY_S, true, NULL},
    {"self-signed", "127.0.0.1", -DAY_S, DAY_S, false, "certificate"},
    {"expired", "127.0.0.1", -2 * DAY_S, -DAY_S, true, "expired"},
    {"not yet valid", "127.0.0.1", DAY_S, 2 * DAY_S, true, "not yet"},
    {"another address", "127.0.0.9", -DAY_S, DAY_S, true, "name"},
    {"a name, not the address", "localhost", -DAY_S, DAY_S, true, "name"},
};

static void
try_certificate(guint i, bool is_starttls)
{
    struct certificate shown, other;
    certificate_make(&shown, certificates[i].host, certificates[i].from_s, certificates[i].to_s);
    certificate_make(&other, "127.0.0.1", -DAY_S, DAY_S);
    struct fake_settings settings = {.cut_after = -1,
                                     .cert_file = shown.cert_file,
                                     .key_file = shown.key_file,
                                     .is_starttls = is_starttls,
                                     .capabilities = "IMAP4rev1 STARTTLS SASL-IR AUTH=PLAIN"};
    struct fake *fake = fake_start(&settings);
    struct client *client = client_new(fake_port(fake));
    client->mailbox.server.tls = is_starttls ? NET_TLS_STARTTLS : NET_TLS_IMPLICIT;
    client->mailbox.server.ca_file = g_strdup(certificates[i].is_trusted ? shown.cert_file : other.cert_file);
    client_start(client);
    if (certificates[i].why) {
        ck_assert_msg(client_run_state(client, SOURCE_REFUSED, 1), "%s", certificates[i].label);
        ck_assert_msg(strstr(client->detail, certificates[i].why) != NULL, "%s: %s", certificates[i].label,
                      client->detail);
        assert_no_login(fake, certificates[i].label);
    } else {
        ck_assert_msg(client_run_state(client, SOURCE_UP, 1), "%s: %s", certificates[i].label,
                      client->detail);
    }
    ck_assert_int_eq(client_end(client), 0);
    fake_stop(fake);
    client_free(client);
    certificate_remove(&shown);
    certificate_remove(&other);
}

START_TEST(test_I09_certificate)
{
    try_certificate((guint)_i, false);
}
END_TEST

START_TEST(test_I09_certificate_after_starttls)
{
    try_certificate((guint)_i, true);
}
END_TEST

/* What a list revokes that cannot be read must not be trusted. */
START_TEST(test_I09_broken_revocation_list)
{
    struct certificate shown;
    certificate_make(&shown, "127.0.0.1", -DAY_S, DAY_S);
    g_autofree char *pem = NULL;
    ck_assert(g_file_get_contents(shown.cert_file, &pem, NULL, NULL));
    g_autofree char *both =
        g_strconcat(pem, "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n", NULL);
    g_autofree char *ca_file = g_build_filename(shown.directory, "ca.pem", NULL);
    ck_assert(g_file_set_contents(ca_file, both, -1, NULL));
    struct fake_settings settings = {
        .cut_after = -1, .cert_file = shown.cert_file, .key_file = shown.key_file};
    struct fake *fake = fake_start(&settings);
    struct client *client = client_new(fake_port(fake));
    client->mailbox.server.tls = NET_TLS_IMPLICIT;
    client->mailbox.server.ca_file = g_strdup(ca_file);
    client_start(client);
    ck_assert(client_run_state(client, SOURCE_REFUSED, 1));
    ck_assert_msg(strstr(client->detail, "revocation list") != NULL, "%s", client->detail);
    assert_no_login(fake, "broken list");
    ck_assert_int_eq(client_end(client), 0);
    fake_stop(fake);
    client_free(client);
    certificate_remove(&shown);
}
END_TEST

/* A server with many names shows the certificate of the one that is asked for; an address is none. */
START_TEST(test_I09_server_name)
{
    static const struct {
        const char *host, *seen;
    } names[] = {{"localhost", "<SNI localhost>"}, {"127.0.0.1", "<SNI none>"}};
    struct certificate shown;
    certificate_make(&shown, names[_i / 2].host, -DAY_S, DAY_S);
    struct fake_settings settings = {.cut_after = -1,
                                     .cert_file = shown.cert_file,
                                     .key_file = shown.key_file,
                                     .is_starttls = _i % 2,
                                     .capabilities = "IMAP4rev1 STARTTLS SASL-IR AUTH=PLAIN"};
    struct fake *fake = fake_start(&settings);
    struct client *client = client_new(fake_port(fake));
    g_free(client->mailbox.server.host);
    client->mailbox.server.host = g_strdup(names[_i / 2].host);
    client->mailbox.server.tls = _i % 2 ? NET_TLS_STARTTLS : NET_TLS_IMPLICIT;
    client->mailbox.server.ca_file = g_strdup(shown.cert_file);
    client_start(client);
    ck_assert_msg(client_run_state(client, SOURCE_UP, 1), "%s: %s", names[_i / 2].host, client->detail);
    g_autofree char *seen = fake_transcript(fake);
    ck_assert_msg(strstr(seen, names[_i / 2].seen) != NULL, "%s: %s", names[_i / 2].host, seen);
    ck_assert_int_eq(client_end(client), 0);
    fake_stop(fake);
    client_free(client);
    certificate_remove(&shown);
}
END_TEST

/* ---- I10 */

static bool
answer_starttls(struct fake *fake, const char *tag, const char *command)
{
    const char *text = fake_data(fake);
    if (strcmp(command, "STARTTLS") != 0 || !text)
        return false;
    fake_printf(fake, "%s %s\r\n", tag, text);
    return true;
}

static const struct {
    const char *label, *greeting, *capabilities, *answer;
} strippings[] = {
    {"not offered", NULL, "IMAP4rev1 SASL-IR AUTH=PLAIN", NULL},
    {"answered NO", NULL, "IMAP4rev1 STARTTLS AUTH=PLAIN", "NO not now"},
    {"answered BAD", NULL, "IMAP4rev1 STARTTLS AUTH=PLAIN", "BAD what"},
    {"answer injected", NULL, "IMAP4rev1 STARTTLS AUTH=PLAIN",
     "OK go\r\n* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] injected"},
    {"half an answer injected", NULL, "IMAP4rev1 STARTTLS AUTH=PLAIN", "OK go\r\n*"},
    {"PREAUTH", "* PREAUTH welcome", "IMAP4rev1 STARTTLS", NULL},
    {"no TLS behind it", NULL, "IMAP4rev1 STARTTLS AUTH=PLAIN", "OK go"},
};

START_TEST(test_I10_starttls)
{
    struct fake_settings settings = {.cut_after = -1,
                                     .greeting = strippings[_i].greeting,
                                     .capabilities = strippings[_i].capabilities,
                                     .hook = answer_starttls,
                                     .data = (void *)(guintptr)strippings[_i].answer};
    struct fake *fake = fake_start(&settings);
    struct client *client = client_new(fake_port(fake));
    client->mailbox.server.tls = NET_TLS_STARTTLS;
    client->timing.command_ms = 1000;
    client_start(client);
    while (client->n_states[SOURCE_REFUSED] + client->n_states[SOURCE_DOWN] == 0)
        client_run_for(client, 100);
    ck_assert_uint_eq(client->n_states[SOURCE_UP], 0);
    assert_no_login(fake, strippings[_i].label);
    ck_assert_int_eq(client_end(client), 0);
    fake_stop(fake);
    client_free(client);
}
END_TEST

/* The server behind speaks TLS and shows a good certificate: only the bytes in between tell of the attack. */
START_TEST(test_I10_injected_before_tls)
{
    struct certificate shown;
    certificate_make(&shown, "127.0.0.1", -DAY_S, DAY_S);
    struct fake_settings settings = {.cut_after = -1,
                                     .cert_file = shown.cert_file,
                                     .key_file = shown.key_file,
                                     .is_starttls = true,
                                     .injected = "* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n",
                                     .capabilities = "IMAP4rev1 STARTTLS SASL-IR AUTH=PLAIN"};
    struct fake *fake = fake_start(&settings);
    struct client *client = client_new(fake_port(fake));
    client->mailbox.server.tls = NET_TLS_STARTTLS;
    client->mailbox.server.ca_file = g_strdup(shown.cert_file);
    client_start(client);
    while (client->n_states[SOURCE_REFUSED] + client->n_states[SOURCE_DOWN] + client->n_states[SOURCE_UP] ==
           0)
        client_run_for(client, 50);
    ck_assert_uint_eq(client->n_states[SOURCE_UP], 0);
    assert_no_login(fake, "injected");
    ck_assert_int_eq(client_end(client), 0);
    fake_stop(fake);
    client_free(client);
    certificate_remove(&shown);
}
END_TEST

/* ---- how a login is said */

static const struct {
    const char *label;
    enum config_auth auth;
    const char *capabilities, *user, *secret, *said;
} logins[] = {
    {"PLAIN at once", CONFIG_AUTH_AUTO, "IMAP4rev1 SASL-IR AUTH=PLAIN", "u", "p",
     "AUTHENTICATE PLAIN AHUAcA==\r\n"},
    {"PLAIN in UTF-8", CONFIG_AUTH_AUTO, "IMAP4rev1 SASL-IR AUTH=PLAIN", "u", "密码",
     "AUTHENTICATE PLAIN AHUA5a+G56CB\r\n"},
    {"LOGIN where nothing else is", CONFIG_AUTH_AUTO, "IMAP4rev1", "u", "p", "LOGIN u p\r\n"},
    {"LOGIN quotes", CONFIG_AUTH_LOGIN, "IMAP4rev1 SASL-IR AUTH=PLAIN", "a b", "w\"a\\ng pw",
     "LOGIN \"a b\" \"w\\\"a\\\\ng pw\"\r\n"},
    {"XOAUTH2", CONFIG_AUTH_XOAUTH2, "IMAP4rev1 SASL-IR AUTH=XOAUTH2", "u", "t",
     "AUTHENTICATE XOAUTH2 dXNlcj11AWF1dGg9QmVhcmVyIHQBAQ==\r\n"},
};

START_TEST(test_logins)
{
    struct fake_settings settings = {.cut_after = -1, .capabilities = logins[_i].capabilities};
    struct fake *fake = fake_start(&settings);
    struct client *client = client_new(fake_port(fake));
    client->mailbox.server.auth = logins[_i].auth;
    g_free(client->mailbox.server.user);
    client->mailbox.server.user = g_strdup(logins[_i].user);
    client->secret = logins[_i].secret;
    client_start(client);
    ck_assert_msg(client_run_state(client, SOURCE_UP, 1), "%s: %s", logins[_i].label, client->detail);
    g_autofree char *seen = fake_transcript(fake);
    ck_assert_msg(strstr(seen, logins[_i].said) != NULL, "%s: %s", logins[_i].label, seen);
    ck_assert_int_eq(client_end(client), 0);
    fake_stop(fake);
    client_free(client);
}
END_TEST

static const struct {
    const char *label;
    enum config_auth auth;
    const char *capabilities, *secret;
    enum source_state state;
    const char *said;
} steps[] = {
    {"PLAIN", CONFIG_AUTH_PLAIN, "IMAP4rev1 AUTH=PLAIN", "p", SOURCE_UP,
     "AUTHENTICATE PLAIN\r\nAHUAcA==\r\n"},
    {"XOAUTH2", CONFIG_AUTH_XOAUTH2, "IMAP4rev1 AUTH=XOAUTH2", "t", SOURCE_UP,
     "AUTHENTICATE XOAUTH2\r\ndXNlcj11AWF1dGg9QmVhcmVyIHQBAQ==\r\n"},
    {"XOAUTH2 refused", CONFIG_AUTH_XOAUTH2, "IMAP4rev1 AUTH=XOAUTH2", "old", SOURCE_REFUSED,
     "AUTHENTICATE XOAUTH2\r\ndXNlcj11AWF1dGg9QmVhcmVyIG9sZAEB\r\n\r\n"},
    {"XOAUTH2 refused at once", CONFIG_AUTH_XOAUTH2, "IMAP4rev1 SASL-IR AUTH=XOAUTH2", "old", SOURCE_REFUSED,
     "AUTHENTICATE XOAUTH2 dXNlcj11AWF1dGg9QmVhcmVyIG9sZAEB\r\n\r\n"},
};

static bool
answer_steps(struct fake *fake, const char *tag, const char *command)
{
    static char login_tag[16];
    const char *response = tag;
    if (g_str_has_prefix(command, "AUTHENTICATE")) {
        g_strlcpy(login_tag, tag, sizeof login_tag);
        response = strchr(command + strlen("AUTHENTICATE "), ' ');
        if (!response)
            fake_send(fake, "+ \r\n");
    } else if (*command != '\0')
        return false;
    if (response && *response == '\0')
        fake_printf(fake, "%s NO out\r\n", login_tag);
    else if (response && (strcmp(response, "AHUAcA==") == 0 || strstr(response, "BAQ==")))
        fake_printf(fake, "%s OK in\r\n", login_tag);
    else if (response)
        fake_send(fake, "+ eyJzdGF0dXMiOiI0MDEifQ==\r\n");
    return true;
}

/* Without SASL-IR the answer follows the server's "+" (RFC 4959), in every mechanism; a second "+", which
 * says that a token is refused, is answered with an empty line. */
START_TEST(test_steps)
{
    struct fake_settings settings = {
        .cut_after = -1, .capabilities = steps[_i].capabilities, .hook = answer_steps};
    struct fake *fake = fake_start(&settings);
    struct client *client = client_new(fake_port(fake));
    client->mailbox.server.auth = steps[_i].auth;
    g_free(client->mailbox.server.user);
    client->mailbox.server.user = g_strdup("u");
    client->secret = steps[_i].secret;
    client_start(client);
    ck_assert_msg(client_run_state(client, steps[_i].state, 1), "%s: %s", steps[_i].label, client->detail);
    g_autofree char *seen = fake_transcript(fake);
    ck_assert_msg(strstr(seen, steps[_i].said) != NULL, "%s: %s", steps[_i].label, seen);
    ck_assert_int_eq(client_end(client), 0);
    fake_stop(fake);
    client_free(client);
}
END_TEST

/* NetEase: ID between login and SELECT, even where it is not offered. */
START_TEST(test_id_before_select)
{
    static const struct provider netease = {.name = "163", .needs_id = true};
    struct fake_settings settings = {.cut_after = -1, .capabilities = "IMAP4rev1"};
    struct fake *fake = fake_start(&settings);
    struct client *client = client_new(fake_port(fake));
    client->mailbox.provider = &netease;
    client_start(client);
    ck_assert(client_run_state(client, SOURCE_UP, 1));
    g_autofree char *seen = fake_transcript(fake);
    const char *login = strstr(seen, "LOGIN"), *id = strstr(seen, " ID (\"name\" "),
               *select = strstr(seen, "SELECT");
    ck_assert(login && id && select && login < id && id < select);
    ck_assert_int_eq(client_end(client), 0);
    fake_stop(fake);
    client_free(client);
}
END_TEST

static bool
refuse_login(struct fake *fake, const char *tag, const char *command)
{
    const int *good_logins = fake_data(fake);
    if (!g_str_has_prefix(command, "AUTHENTICATE") || (int)fake_connections(fake) <= *good_logins)
        return false;
    fake_printf(fake, "%s NO wrong\r\n", tag);
    return true;
}

/* I11: one try, then slowly; the admin is told. */
START_TEST(test_I11_wrong_password)
{
    int good_logins = 0;
    struct fake_settings settings = {.cut_after = -1, .hook = refuse_login, .data = &good_logins};
    struct fake *fake = fake_start(&settings);
    struct client *client = client_new(fake_port(fake));
    client_start(client);
    ck_assert(client_run_state(client, SOURCE_REFUSED, 1));
    ck_assert_ptr_nonnull(client->mend);
    client_run_for(client, 1000);
    ck_assert_uint_eq(fake_connections(fake), 1);
    ck_assert_int_eq(client_end(client), 0);
    fake_stop(fake);
    client_free(client);
}
END_TEST

static bool
refuse_after_first(struct fake *fake, const char *tag, const char *command)
{
    if (strcmp(command, "IDLE") == 0)
        fake_close(fake);
    return strcmp(command, "IDLE") == 0 || refuse_login(fake, tag, command);
}

/* Some providers refuse now and then: after a login that worked one refusal is doubted once, not stormed. */
START_TEST(test_I11_changed_at_run_time)
{
    int good_logins = 1;
    struct fake_settings settings = {.cut_after = -1, .hook = refuse_after_first, .data = &good_logins};
    struct fake *fake = fake_start(&settings);
    struct client *client = client_new(fake_port(fake));
    client_start(client);
    ck_assert(client_run_state(client, SOURCE_REFUSED, 1));
    client_run_for(client, 1000);
    ck_assert_uint_eq(fake_connections(fake), 3);
    ck_assert_int_eq(client_end(client), 0);
    fake_stop(fake);
    client_free(client);
}
END_TEST

START_TEST(test_I11_no_password)
{
    struct fake_settings settings = {.cut_after = -1};
    struct fake *fake = fake_start(&settings);
    struct client *client = client_new(fake_port(fake));
    client->secret = NULL;
    client_start(client);
    ck_assert(client_run_state(client, SOURCE_REFUSED, 2)); /* tried again by itself */
    ck_assert_uint_eq(fake_connections(fake), 0);
    ck_assert_int_eq(client_end(client), 0);
    fake_stop(fake);
    client_free(client);
}
END_TEST

TCase *
login_case(void)
{
    TCase *tcase = tcase_create("login");
    tcase_add_loop_test(tcase, test_I09_certificate, 0, G_N_ELEMENTS(certificates));
    tcase_add_loop_test(tcase, test_I09_certificate_after_starttls, 0, G_N_ELEMENTS(certificates));
    tcase_add_test(tcase, test_I09_broken_revocation_list);
    tcase_add_loop_test(tcase, test_I09_server_name, 0, 4);
    tcase_add_loop_test(tcase, test_I10_starttls, 0, G_N_ELEMENTS(strippings));
    tcase_add_test(tcase, test_I10_injected_before_tls);
    tcase_add_loop_test(tcase, test_logins, 0, G_N_ELEMENTS(logins));
    tcase_add_loop_test(tcase, test_steps, 0, G_N_ELEMENTS(steps));
    tcase_add_test(tcase, test_id_before_select);
    tcase_add_test(tcase, test_I11_wrong_password);
    tcase_add_test(tcase, test_I11_changed_at_run_time);
    tcase_add_test(tcase, test_I11_no_password);
    tcase_set_timeout(tcase, 300);
    return tcase;
}
