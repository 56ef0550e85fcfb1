/* test_initial.c - what `init` writes is read back to the same values. */
#include "support.h"

#include <cardpost/config.h>

#include <string.h>

static struct config *
read_back(const struct config_init *values, char **text_out)
{
    GError *error = NULL;
    *text_out = config_write_initial(values);
    struct config *config = config_parse(*text_out, "/etc/cardpost/cardpost.conf", &error);
    if (!config)
        ck_abort_msg("%s\n%s", error->message, *text_out);
    return config;
}

START_TEST(test_every_provider)
{
    guint n;
    const struct provider *const *all = provider_all(&n);
    for (guint i = 0; i < n; i++) {
        struct config_init values = {.name = "shop",
                                     .address = "tasks@team.test",
                                     .data_dir = "/srv/card post",
                                     .language = "zh-CN",
                                     .timezone = "Asia/Shanghai",
                                     .provider = all[i],
                                     .imap_host = *all[i]->imap_host ? NULL : "imap.team.test",
                                     .smtp_host = *all[i]->smtp_host ? NULL : "smtp.team.test"};
        g_autofree char *text = NULL;
        g_autoptr(config_t) config = read_back(&values, &text);
        const struct config_mailbox *mailbox = config_mailbox(config, "main");
        ck_assert_msg(mailbox->provider == all[i], "%s", all[i]->name);
        ck_assert_msg(config->outgoing.provider == all[i], "%s", all[i]->name);
        ck_assert_str_eq(config->name, "shop");
        ck_assert_str_eq(config->data_dir, "/srv/card post");
        ck_assert_str_eq(config->language, "zh-CN");
        ck_assert_str_eq(config->timezone, "Asia/Shanghai");
        ck_assert_str_eq(mailbox->server.host, *all[i]->imap_host ? all[i]->imap_host : "imap.team.test");
        ck_assert_str_eq(mailbox->server.secret.file, "/etc/cardpost/password");
        ck_assert_msg(strstr(text, all[i]->note), "%s: no word on what to do there", all[i]->name);
    }
}
END_TEST

/* Quotes, backslashes and what libconfuse would expand. */
START_TEST(test_odd_values)
{
    static const char *const commands[] = {"pass show \"mail box\"",        "echo \\\"a\\\\b",
                                           "printf '%s' \"${TOKEN:-x}\"",   "a'b${c}\\'d\"e",
                                           "# not /* a */ comment // here", "中文 {x} = (y), z"};
    for (guint i = 0; i < G_N_ELEMENTS(commands); i++) {
        struct config_init values = {.name = "shop",
                                     .address = "tasks@gmail.com",
                                     .data_dir = "data",
                                     .language = "en",
                                     .timezone = "UTC",
                                     .provider = provider_by_address("tasks@gmail.com"),
                                     .user = "other",
                                     .password_command = commands[i]};
        g_autofree char *text = NULL;
        g_autoptr(config_t) config = read_back(&values, &text);
        ck_assert_str_eq(config_mailbox(config, "main")->server.secret.command, commands[i]);
        ck_assert_str_eq(config->outgoing.server.secret.command, commands[i]);
        ck_assert_str_eq(config->outgoing.server.user, "other");
    }
}
END_TEST

START_TEST(test_maildirs)
{
    struct config_init values = {.name = "demo",
                                 .address = "tasks@team.test",
                                 .data_dir = "/d",
                                 .language = "en",
                                 .timezone = "Europe/Berlin",
                                 .provider = provider_by_name("own"),
                                 .source_maildir = "/in",
                                 .target_maildir = "/out/{recipient}"};
    g_autofree char *text = NULL;
    g_autoptr(config_t) config = read_back(&values, &text);
    ck_assert_str_eq(config_mailbox(config, "main")->maildir, "/in");
    ck_assert_str_eq(config->outgoing.maildir, "/out/{recipient}");
}
END_TEST

TCase *initial_case(void);

TCase *
initial_case(void)
{
    TCase *tcase = tcase_create("initial");
    tcase_add_test(tcase, test_every_provider);
    tcase_add_test(tcase, test_odd_values);
    tcase_add_test(tcase, test_maildirs);
    return tcase;
}
