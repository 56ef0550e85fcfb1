/* test_config.c - what a good cardpost.conf becomes: values, presets, defaults. */
#include "support.h"

#include <cardpost/caps.h>
#include <cardpost/config.h>
#include <cardpost/error.h>

#include <string.h>
#include <sys/stat.h>

static struct config *
parse(const char *text)
{
    GError *error = NULL;
    struct config *config = config_parse(text, "/etc/cardpost/cardpost.conf", &error);
    if (!config)
        ck_abort_msg("%s\n%s", error->message, text);
    return config;
}

/* A whole file around one mailbox of Gmail with more keys. */
static struct config *
parse_gmail(const char *keys)
{
    g_autofree char *text =
        g_strdup_printf("address = \"tasks@shop.test\"\n"
                        "mailbox main { provider = gmail password_command = \"pass x\" %s }\n"
                        "outgoing { password_command = \"pass x\" }\n",
                        keys);
    return parse(text);
}

static const struct config_mailbox *
first(const struct config *config)
{
    return config->mailboxes->pdata[0];
}

START_TEST(test_every_key_arrives)
{
    g_autoptr(config_t) config = parse(
        "# comment with ${HOME}\n"
        "name = shop2\naddress = \"tasks@team.test\"\ndata = \"state\"\ntemplates = \"/t\"\nlanguage = "
        "\"zh-CN\"\n"
        "timezone = \"Asia/Shanghai\" // and so on\nadmin = \"root@team.test\"\nparse_workers = 4\n"
        "mailbox main { /* one */ provider = \"own\" address = \"in@team.test\" imap_host = \"127.0.0.1\"\n"
        "  imap_port = 1143 tls = none auth = plain user = \"li lei\" password_file = 'pw'\n"
        "  ca_file = \"/ca.pem\" folder = \"收件\" done = \"move:Cardpost/Done\" board = orders trust = "
        "from\n"
        "  authserv_ids = {\"mx.corp.example\", \"*.corp.example\"} absent_authserv_id = true strips_forged "
        "= true\n"
        "  received_hops = 3 verdict = below authenticated_received = true internal_mark = \"X-In: yes: "
        "no\"\n"
        "  reply_mode = catchall max_mail = 1M idle = 90s poll = 5 own_lists = {\"team.lists.test\"} }\n"
        "mailbox local { source = \"maildir:/var/mail/{x}\" done = remember }\n"
        "outgoing { provider = own target = smtp smtp_host = \"localhost\" smtp_port = 2525 tls = starttls\n"
        "  auth = login user = u credential = smtp sends_per_minute = 7 sends_per_day = 70 max_size = 512k "
        "}\n"
        "notify { settle = 0 }\n");
    ck_assert_str_eq(config->path, "/etc/cardpost/cardpost.conf");
    ck_assert_str_eq(config->name, "shop2");
    ck_assert_str_eq(config->address, "tasks@team.test");
    ck_assert_str_eq(config->data_dir, "/etc/cardpost/state");
    ck_assert_str_eq(config->template_dir, "/t");
    ck_assert_str_eq(config->language, "zh-CN");
    ck_assert_str_eq(config->timezone, "Asia/Shanghai");
    ck_assert_str_eq(config->admin, "root@team.test");
    ck_assert_int_eq(config->parse_workers, 4);
    ck_assert_int_eq(config->settle_s, 0);
    const struct config_mailbox *main = config_mailbox(config, "main");
    ck_assert_str_eq(main->address, "in@team.test");
    ck_assert_ptr_null(main->maildir);
    ck_assert_str_eq(main->server.host, "127.0.0.1");
    ck_assert_uint_eq(main->server.port, 1143);
    ck_assert_int_eq(main->server.tls, NET_TLS_NONE);
    ck_assert_int_eq(main->server.auth, CONFIG_AUTH_PLAIN);
    ck_assert_str_eq(main->server.user, "li lei");
    ck_assert_str_eq(main->server.secret.file, "/etc/cardpost/pw");
    ck_assert_str_eq(main->server.ca_file, "/ca.pem");
    ck_assert_str_eq(main->folder, "收件");
    ck_assert_str_eq(main->done_folder, "Cardpost/Done");
    ck_assert_str_eq(main->board, "orders");
    ck_assert(main->border.trust_from && main->border.allows_absent_id && main->border.strips_forged);
    ck_assert(main->border.verdict_below && main->border.authenticated_received);
    ck_assert_uint_eq(main->border.authserv_ids->len, 2);
    ck_assert_str_eq(main->border.authserv_ids->pdata[1], "*.corp.example");
    ck_assert_int_eq(main->border.received_hops, 3);
    ck_assert_str_eq(main->border.internal_header, "X-In");
    ck_assert_str_eq(main->border.internal_value, "yes: no");
    ck_assert_int_eq(main->reply_mode, CONFIG_REPLY_CATCHALL);
    ck_assert_int_eq(main->max_mail_bytes, 1024 * 1024);
    ck_assert_int_eq(main->idle_s, 90);
    ck_assert_int_eq(main->poll_s, 5);
    ck_assert_str_eq(main->own_lists->pdata[0], "team.lists.test");
    const struct config_mailbox *local = config_mailbox(config, "local");
    ck_assert_str_eq(local->maildir, "/var/mail/{x}");
    ck_assert_str_eq(local->address, "tasks@team.test");
    ck_assert_str_eq(local->provider->name, "own");
    ck_assert_ptr_null(local->done_folder);
    const struct config_outgoing *outgoing = &config->outgoing;
    ck_assert_str_eq(outgoing->server.host, "localhost");
    ck_assert_uint_eq(outgoing->server.port, 2525);
    ck_assert_int_eq(outgoing->server.tls, NET_TLS_STARTTLS);
    ck_assert_int_eq(outgoing->server.auth, CONFIG_AUTH_LOGIN);
    ck_assert_str_eq(outgoing->server.secret.credential, "smtp");
    ck_assert_int_eq(outgoing->per_minute, 7);
    ck_assert_int_eq(outgoing->per_day, 70);
    ck_assert_int_eq(outgoing->max_bytes, 512 * 1024);
    ck_assert_ptr_null(config_mailbox(config, "none"));
}
END_TEST

START_TEST(test_defaults_and_preset)
{
    g_autoptr(config_t) config = parse_gmail("");
    ck_assert_str_eq(config->name, "tasks");
    ck_assert_str_eq(config->data_dir, "/var/lib/cardpost");
    ck_assert_ptr_null(config->template_dir);
    ck_assert_ptr_null(config->admin);
    ck_assert_str_eq(config->language, "en");
    ck_assert_str_eq(config->timezone, "UTC");
    ck_assert_int_eq(config->settle_s, 120);
    ck_assert_int_eq(config->parse_workers, 2);
    const struct config_mailbox *main = first(config);
    ck_assert_str_eq(main->server.host, "imap.gmail.com");
    ck_assert_uint_eq(main->server.port, 993);
    ck_assert_int_eq(main->server.tls, NET_TLS_IMPLICIT);
    ck_assert_str_eq(main->server.user, "tasks@shop.test");
    ck_assert_str_eq(main->server.secret.command, "pass x");
    ck_assert_str_eq(main->folder, "INBOX");
    ck_assert_ptr_null(main->done_folder);
    ck_assert_ptr_null(main->board);
    ck_assert(!main->border.trust_from && !main->border.strips_forged && main->border.verdict_below);
    ck_assert_str_eq(main->border.authserv_ids->pdata[0], "mx.google.com");
    ck_assert_int_eq(main->reply_mode, CONFIG_REPLY_PLUS);
    ck_assert_int_eq(main->max_mail_bytes, CAP_MAIL_BYTES);
    ck_assert_int_eq(main->idle_s, 540);
    ck_assert_int_eq(main->poll_s, 60);
    ck_assert_uint_eq(main->own_lists->len, 0);
    ck_assert_str_eq(config->outgoing.server.host, "smtp.gmail.com");
    ck_assert_uint_eq(config->outgoing.server.port, 465);
    ck_assert_str_eq(config->outgoing.server.user, "tasks@shop.test");
    ck_assert_int_eq(config->outgoing.per_day, 500);
}
END_TEST

START_TEST(test_preset_is_overridden)
{
    g_autoptr(config_t) config =
        parse_gmail("verdict = above strips_forged = false authserv_ids = {} "
                    "received_hops = 0 tls = starttls user = me reply_mode = dedicated");
    const struct config_mailbox *main = first(config);
    ck_assert(!main->border.verdict_below && !main->border.strips_forged);
    ck_assert_uint_eq(main->border.authserv_ids->len, 0);
    ck_assert_int_eq(main->border.received_hops, 0);
    ck_assert_int_eq(main->server.tls, NET_TLS_STARTTLS);
    ck_assert_uint_eq(main->server.port, 143);
    ck_assert_str_eq(main->server.user, "me");
    ck_assert_int_eq(main->reply_mode, CONFIG_REPLY_DEDICATED);
}
END_TEST

START_TEST(test_microsoft_and_icloud)
{
    g_autoptr(config_t) config =
        parse("address = \"tasks@shop.test\"\n"
              "mailbox a { provider = m365 password_command = \"token\" }\n"
              "mailbox b { provider = m365 password_command = \"token\" internal_mark = \"\" }\n"
              "mailbox c { provider = icloud password_file = \"/pw\" }\n"
              "outgoing { provider = m365 password_command = \"token\" }\n");
    const struct config_mailbox *a = config_mailbox(config, "a"), *b = config_mailbox(config, "b");
    ck_assert_int_eq(a->server.auth, CONFIG_AUTH_XOAUTH2);
    ck_assert_str_eq(a->border.internal_header, "X-MS-Exchange-Organization-AuthAs");
    ck_assert_str_eq(a->border.internal_value, "Internal");
    ck_assert_int_eq(a->reply_mode, CONFIG_REPLY_DEDICATED);
    ck_assert_ptr_null(b->border.internal_header);
    ck_assert_ptr_null(b->border.internal_value);
    ck_assert_str_eq(config_mailbox(config, "c")->server.user, "tasks");
    ck_assert_int_eq(config->outgoing.server.tls, NET_TLS_STARTTLS);
    ck_assert_uint_eq(config->outgoing.server.port, 587);
}
END_TEST

/* The preset's port stays with the preset's kind of TLS only. */
START_TEST(test_port_follows_tls)
{
    static const struct {
        const char *label, *keys;
        uint16_t port;
    } cases[] = {
        {"starttls preset", "provider = m365 password_command = x", 587},
        {"starttls preset, implicit asked", "provider = m365 password_command = x tls = implicit", 465},
        {"odd implicit preset", "provider = qiye163 password_command = x", 994},
        {"odd implicit preset, starttls asked", "provider = qiye163 password_command = x tls = starttls",
         587},
        {"relay without login", "provider = own smtp_host = localhost tls = none", 587},
        {"named", "provider = own smtp_host = localhost tls = none smtp_port = 25", 25},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text =
            g_strdup_printf("address = \"a@b.test\"\nmailbox m { source = \"maildir:/m\" }\n"
                            "outgoing { %s }\n",
                            cases[i].keys);
        g_autoptr(config_t) config = parse(text);
        ck_assert_msg(config->outgoing.server.port == cases[i].port, "%s: %u", cases[i].label,
                      config->outgoing.server.port);
    }
}
END_TEST

START_TEST(test_relay_without_login_has_no_user)
{
    g_autoptr(config_t) config = parse("address = \"a@b.test\"\nmailbox m { source = \"maildir:m\" }\n"
                                       "outgoing { smtp_host = \"mx.test\" tls = starttls }\n");
    ck_assert_ptr_null(config->outgoing.server.user);
    ck_assert_str_eq(first(config)->maildir, "/etc/cardpost/m");
}
END_TEST

START_TEST(test_maildirs_need_no_server)
{
    g_autoptr(config_t) config = parse("\xef\xbb\xbf"
                                       "address = \"a@b.test\"\r\nmailbox m { source = \"maildir:/in\" }\r\n"
                                       "outgoing { target = \"maildir:/out/{recipient}\" }\r\n");
    ck_assert_str_eq(config->outgoing.maildir, "/out/{recipient}");
    ck_assert_ptr_null(config->outgoing.server.host);
    ck_assert_ptr_null(first(config)->server.host);
}
END_TEST

/* 35 octets leave room for "+r." and 26 characters; 36 do not, but other modes take them. */
START_TEST(test_reply_address_length)
{
    g_autofree char *fits = g_strnfill(35, 'a');
    g_autofree char *text = g_strdup_printf("address = \"%s@b.test\"\nmailbox m { source = \"maildir:/m\" }\n"
                                            "outgoing { target = \"maildir:/o\" }",
                                            fits);
    g_autoptr(config_t) config = parse(text);
    ck_assert_int_eq(first(config)->reply_mode, CONFIG_REPLY_PLUS);
    g_autofree char *longer = g_strdup_printf(
        "address = \"a%s@b.test\"\nmailbox m { source = \"maildir:/m\" reply_mode = catchall }\n"
        "outgoing { target = \"maildir:/o\" }",
        fits);
    g_autoptr(config_t) other = parse(longer);
    ck_assert_int_eq(first(other)->reply_mode, CONFIG_REPLY_CATCHALL);
}
END_TEST

/* What the environment holds never gets into a value. */
START_TEST(test_environment_is_not_read)
{
    g_setenv("CARDPOST_TEST_SECRET", "hunter2", TRUE);
    g_autoptr(config_t) config = parse_gmail("folder = 'a${CARDPOST_TEST_SECRET}b$'");
    ck_assert_str_eq(first(config)->folder, "a${CARDPOST_TEST_SECRET}b$");
    g_autoptr(config_t) dollar = parse_gmail("folder = \"$5 \\\\ \\\"x\\\" {y}\"");
    ck_assert_str_eq(first(dollar)->folder, "$5 \\ \"x\" {y}");
}
END_TEST

START_TEST(test_load)
{
    g_autofree char *directory = support_tmpdir();
    g_autofree char *path = g_build_filename(directory, "cardpost.conf", NULL);
    GError *error = NULL;
    ck_assert_ptr_null(config_load(path, &error));
    ck_assert(g_error_matches(error, CARDPOST_ERROR, CARDPOST_ERROR_NOT_FOUND));
    g_clear_error(&error);
    const char text[] = "address = \"a@b.test\"\nmailbox m { source = \"maildir:in\" }\n"
                        "outgoing { target = \"maildir:out\" }\n";
    ck_assert(g_file_set_contents(path, text, -1, NULL));
    g_autoptr(config_t) config = config_load(path, &error);
    ck_assert_msg(config, "%s", error ? error->message : "");
    g_autofree char *in = g_build_filename(directory, "in", NULL);
    ck_assert_str_eq(first(config)->maildir, in);
    ck_assert_int_eq(chmod(path, 0646), 0);
    ck_assert_ptr_null(config_load(path, &error));
    ck_assert_msg(strstr(error->message, "can be changed by everybody"), "%s", error->message);
    g_clear_error(&error);
    ck_assert_int_eq(chmod(path, 0644), 0);
    ck_assert(
        g_file_set_contents(path, "address = \"a@b.test\"\0x", sizeof "address = \"a@b.test\"\0x" - 1, NULL));
    ck_assert_ptr_null(config_load(path, &error));
    ck_assert_msg(strstr(error->message, "NUL"), "%s", error->message);
    g_clear_error(&error);
    ck_assert_ptr_null(config_load(directory, &error));
    ck_assert(g_error_matches(error, CARDPOST_ERROR, CARDPOST_ERROR_INVALID));
    g_clear_error(&error);
    support_rmtree(directory);
}
END_TEST

TCase *config_case(void);

TCase *
config_case(void)
{
    TCase *tcase = tcase_create("config");
    tcase_add_test(tcase, test_every_key_arrives);
    tcase_add_test(tcase, test_defaults_and_preset);
    tcase_add_test(tcase, test_preset_is_overridden);
    tcase_add_test(tcase, test_microsoft_and_icloud);
    tcase_add_test(tcase, test_port_follows_tls);
    tcase_add_test(tcase, test_relay_without_login_has_no_user);
    tcase_add_test(tcase, test_maildirs_need_no_server);
    tcase_add_test(tcase, test_reply_address_length);
    tcase_add_test(tcase, test_environment_is_not_read);
    tcase_add_test(tcase, test_load);
    return tcase;
}
