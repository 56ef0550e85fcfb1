/* test_errors.c - every error names the file, the line, the key, what is wrong and what would be right. */
#include "support.h"

#include <cardpost/caps.h>
#include <cardpost/config.h>
#include <cardpost/error.h>

#include <string.h>

#define TOP     "address = \"tasks@shop.test\"\n"
#define BOX     "mailbox main { source = \"maildir:/m\" }\n"
#define OUT     "outgoing { target = \"maildir:/o\" }\n"
#define IMAP(x) TOP "mailbox main {\nimap_host = \"mx.test\"\npassword_file = \"/p\"\n" x "\n}\n" OUT

struct error_case {
    const char *label, *text;
    int line;
    const char *says; /* parts, with "|" between */
};

static void
check_errors(const struct error_case *cases, guint n)
{
    for (guint i = 0; i < n; i++) {
        GError *error = NULL;
        g_autoptr(config_t) config = config_parse(cases[i].text, "c.conf", &error);
        ck_assert_msg(!config, "%s: was taken", cases[i].label);
        ck_assert_msg(g_error_matches(error, CARDPOST_ERROR, CARDPOST_ERROR_INVALID), "%s", cases[i].label);
        g_autofree char *place = g_strdup_printf("c.conf:%d: ", cases[i].line);
        ck_assert_msg(g_str_has_prefix(error->message, place), "%s: not at line %d: %s", cases[i].label,
                      cases[i].line, error->message);
        g_auto(GStrv) parts = g_strsplit(cases[i].says, "|", -1);
        for (guint j = 0; parts[j]; j++)
            ck_assert_msg(strstr(error->message, parts[j]), "%s: \"%s\" is not in: %s", cases[i].label,
                          parts[j], error->message);
        g_clear_error(&error);
    }
}

START_TEST(test_unknown_keys_get_a_suggestion)
{
    static const struct error_case cases[] = {
        {"top", "adress = \"a@b.test\"\n" BOX OUT, 1, "adress: is no key here|did you mean address?"},
        {"top section", TOP "mailboxes main { }\n" BOX OUT, 2, "mailboxes|did you mean mailbox?"},
        {"mailbox", IMAP("imap_prot = 993"), 5, "imap_prot: is no key in mailbox|did you mean imap_port?"},
        {"upper case", IMAP("Imap_Port = 993"), 5, "Imap_Port|did you mean imap_port?"},
        {"outgoing", TOP BOX "outgoing {\n\nsmtp_hots = x }", 5, "in outgoing|did you mean smtp_host?"},
        {"key of another section", TOP BOX OUT "notify { folder = x }", 4,
         "folder: is no key in notify|cardpost.conf(5)"},
        {"nothing like it", TOP "zzzzzzzzz = 1\n" BOX OUT, 2, "zzzzzzzzz: is no key here|cardpost.conf(5)"},
        {"after a C comment", "/* one */ /* two\nthree */\n" TOP "x_y = 1\n" BOX OUT, 4, "x_y: is no key"},
        {"section in a section", TOP "mailbox main { notify { } }\n" OUT, 2, "notify: is no key in mailbox"},
        {"path of libconfuse", TOP BOX OUT "notify|settle = 3", 4, "must stand in double quotes"},
    };
    check_errors(cases, G_N_ELEMENTS(cases));
}
END_TEST

START_TEST(test_syntax)
{
    static const struct error_case cases[] = {
        {"environment in double quotes", TOP "data = \"${HOME}/x\"\n" BOX OUT, 2,
         "environment variables are not read|single quotes"},
        {"environment without quotes", TOP "data = ${HOME}\n" BOX OUT, 2,
         "environment variables are not read"},
        {"include", TOP "include(\"/etc/passwd\")\n" BOX OUT, 2, "no functions and no include"},
        {"function", TOP "data = f(x)\n" BOX OUT, 2, "no functions and no include"},
        {"unclosed text", TOP "data = \"abc\n" BOX OUT, 2, "is not closed on its line"},
        {"unclosed single quotes", TOP "data = 'abc\n" BOX OUT, 2, "is not closed on its line"},
        {"unclosed at the end", TOP BOX OUT "name = \"abc", 4, "is not closed on its line"},
        {"unclosed comment", TOP "/* abc\n\n" BOX OUT, 2, "never closed"},
        {"unclosed section", TOP "mailbox main {\nsource = \"maildir:/m\"\n" OUT, 2,
         "section that begins here"},
        {"brace too many", TOP BOX OUT "}\n", 4, "closes nothing"},
        {"backslash", TOP "data = \"\\x41\"\n" BOX OUT, 2, "backslash must be doubled"},
        {"key twice", TOP "name = a\nname = b\n" BOX OUT, 3, "name: was given on line 2 already"},
        {"list twice", IMAP("own_lists = {a}\nown_lists = {b}"), 6, "own_lists: was given on line 5 already"},
        {"mailbox twice", TOP BOX OUT "mailbox \"main\" { }\n", 4,
         "mailbox main: was given on line 2 already"},
        {"outgoing twice", TOP BOX OUT OUT, 4, "outgoing: was given on line 3 already"},
        {"no equals", TOP "name tasks\n" BOX OUT, 2, "missing equal sign after option 'name'"},
        {"no value", TOP BOX OUT "name =", 4, "ends where a value should be"},
        {"two equals", TOP "name = = x\n" BOX OUT, 2, "\"=\" must follow the name"},
        {"plus equals", IMAP("own_lists += {a}"), 5, "\"+\" must stand in double quotes"},
        {"full-width quotes", TOP "name = “tasks”\n" BOX OUT, 2, "straight double quotes"},
        {"control character", TOP "name = \001\n" BOX OUT, 2, "control character 0x01"},
        {"control character in text", TOP "data = \"a\tb\"\n" BOX OUT, 2, "data: holds a control character"},
        {"not UTF-8", TOP "\nname = \"\xff\"\n" BOX OUT, 3, "not UTF-8"},
        {"stray comma", TOP "name = a, b\n" BOX OUT, 2, "\",\""},
        {"unquoted URL", TOP "data = file://x\n" BOX OUT, 2, "file://x must stand in double quotes"},
        {"section without name", TOP "{ }\n" BOX OUT, 2, "must follow the name of a section"},
        {"mailbox without title", TOP "mailbox {\n source = \"maildir:/m\" }\n" OUT, 2, "missing title"},
        {"list for one value", TOP "name = {a}\n" BOX OUT, 2, "unexpected token '{'"},
        {"empty file", "", 1, "address: is missing"},
    };
    check_errors(cases, G_N_ELEMENTS(cases));
}
END_TEST

START_TEST(test_values)
{
    static const struct error_case cases[] = {
        {"name", TOP "name = \"Tasks\"\n" BOX OUT, 2, "name: \"Tasks\" is not a name|lower-case"},
        {"name too long", TOP "name = a2345678901234567\n" BOX OUT, 2, "name: |up to 15"},
        {"name with dash", TOP "name = a-b\n" BOX OUT, 2, "name: "},
        {"address", "address = \"tasks\"\n" BOX OUT, 1, "address: \"tasks\" is not a plain mail address"},
        {"address with a name", "address = \"T <t@x.test>\"\n" BOX OUT, 1, "address: "},
        {"language", TOP "language = de\n" BOX OUT, 2, "language: \"de\" is not one of: en, zh-CN"},
        {"zone", TOP "timezone = \"Mars/Base\"\n" BOX OUT, 2, "timezone: |Asia/Shanghai"},
        {"zone as a path", TOP "timezone = \"../../etc/passwd\"\n" BOX OUT, 2, "timezone: "},
        {"zone as an offset", TOP "timezone = \"+08:00\"\n" BOX OUT, 2, "timezone: "},
        {"workers", TOP "parse_workers = 17\n" BOX OUT, 2,
         "parse_workers: \"17\" is not a whole number from 1 to 16"},
        {"port", IMAP("imap_port = 65536"), 5, "imap_port: \"65536\" is not a whole number from 1 to 65535"},
        {"port zero", IMAP("imap_port = 0"), 5, "imap_port: "},
        {"port in words", IMAP("imap_port = imaps"), 5, "imap_port: "},
        {"port with more", IMAP("imap_port = 99x"), 5, "imap_port: "},
        {"huge number", IMAP("imap_port = 99999999999999999999"), 5, "imap_port: "},
        {"size", IMAP("max_mail = 26M"), 5, "max_mail: \"26M\" is not a size in bytes, with k or M"},
        {"size unit", IMAP("max_mail = 1G"), 5, "max_mail: "},
        {"time", IMAP("idle = 30m"), 5, "idle: \"30m\" is not seconds|1740"},
        {"flag", IMAP("strips_forged = yes"), 5, "strips_forged: \"yes\" is not one of: true, false"},
        {"provider", IMAP("provider = gmial"), 5, "provider: \"gmial\" is no known provider|own, gmail"},
        {"source", TOP "mailbox main { source = \"mbox:/x\" }\n" OUT, 2, "source: |maildir:PATH"},
        {"done", IMAP("done = \"delete\""), 5, "done: |move:FOLDER"},
        {"done without folder", IMAP("done = \"move:\""), 5, "done: "},
        {"empty path", IMAP("ca_file = \"\""), 5, "ca_file: "},
        {"empty user", IMAP("user = \"\""), 5, "user: is empty"},
        {"mark", IMAP("internal_mark = \"X Header: y\""), 5, "internal_mark: |Header-Name: value"},
        {"board", IMAP("board = \"Orders!\""), 5, "board: \"Orders!\" is not a key"},
        {"title", TOP "mailbox \"Main box\" { source = \"maildir:/m\" }\n" OUT, 2,
         "\"Main box\" cannot name a section"},
        {"host", TOP "mailbox main {\nimap_host = \"a b\" }\n" OUT, 3,
         "imap_host: \"a b\" is not a host name"},
    };
    check_errors(cases, G_N_ELEMENTS(cases));
}
END_TEST

START_TEST(test_what_must_fit_together)
{
    static const struct error_case cases[] = {
        {"no address", BOX OUT, 1, "address: is missing"},
        {"no mailbox", TOP OUT, 1, "mailbox: is missing"},
        {"no host", TOP "mailbox main {\npassword_file = \"/p\" }\n" OUT, 2, "imap_host: is missing"},
        {"no secret", TOP "\nmailbox main { provider = gmail }\n" OUT, 3,
         "mailbox main: |app password|password_command"},
        {"two secrets", IMAP("credential = x"), 5, "credential: password_file is given too"},
        {"password", IMAP("password = \"hunter2\""), 5, "password: |password_command|password_file"},
        {"plain to the world", IMAP("tls = none"), 5, "tls: |in clear|implicit or starttls"},
        {"plain to a look-alike",
         TOP "mailbox main {\nimap_host = \"127.0.0.1.evil.test\"\ntls = none password_file = x }\n" OUT, 4,
         "tls: "},
        {"plain to a private network",
         TOP "mailbox main {\nimap_host = \"10.0.0.1\"\ntls = none password_file = x }\n" OUT, 4, "tls: "},
        {"plain to IPv6", TOP "mailbox main {\nimap_host = \"::2\"\ntls = none password_file = x }\n" OUT, 4,
         "tls: "},
        {"done is the folder", IMAP("done = \"move:INBOX\""), 5, "done: |another"},
        {"outgoing without host", TOP BOX "outgoing { }", 3, "smtp_host: is missing"},
        {"outgoing without a secret", TOP BOX "outgoing { provider = gmail }", 3, "outgoing: |app password"},
        {"user without a secret", TOP BOX "outgoing {\nsmtp_host = x user = y }", 3, "outgoing: |password"},
        {"no outgoing", TOP BOX, 1, "smtp_host: is missing"},
        {"long address", "address = \"a23456789012345678901234567890123456@shop.test\"\n" BOX OUT, 2,
         "reply_mode: |36 octets|at most 35|catchall"},
    };
    check_errors(cases, G_N_ELEMENTS(cases));
}
END_TEST

/* Whoever wrote a password into the file reads why not, and does not find it in the log. */
START_TEST(test_password_is_not_repeated)
{
    GError *error = NULL;
    g_autoptr(config_t) config = config_parse(IMAP("password = \"hunter2\""), "c.conf", &error);
    ck_assert_ptr_null(config);
    ck_assert_msg(!strstr(error->message, "hunter2"), "%s", error->message);
    g_clear_error(&error);
}
END_TEST

START_TEST(test_bounds)
{
    g_autofree char *value = g_strnfill(5000, 'a');
    g_autofree char *text = g_strdup_printf(TOP "data = \"%s\"\n" BOX OUT, value);
    GString *many = g_string_new(TOP);
    for (guint i = 0; i < 10001; i++)
        g_string_append_printf(many, "mailbox m%u {}\n", i);
    GString *large = g_string_new(TOP);
    while (large->len <= CAP_CONFIG_BYTES)
        g_string_append(large, "# nothing but a long comment that goes on and on and on\n");
    const struct error_case cases[] = {
        {"long text", text, 2, "more than 4096 bytes"},
        {"many sections", many->str, 10002, "more than 10000 sections"},
        {"large file", large->str, 1, "larger than"},
    };
    check_errors(cases, G_N_ELEMENTS(cases));
    g_string_free(many, TRUE);
    g_string_free(large, TRUE);
}
END_TEST

TCase *errors_case(void);

TCase *
errors_case(void)
{
    TCase *tcase = tcase_create("errors");
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, test_unknown_keys_get_a_suggestion);
    tcase_add_test(tcase, test_syntax);
    tcase_add_test(tcase, test_values);
    tcase_add_test(tcase, test_what_must_fit_together);
    tcase_add_test(tcase, test_password_is_not_repeated);
    tcase_add_test(tcase, test_bounds);
    return tcase;
}
