/* test_from.c - exactly one clean From, or none (attacks.md A09 to A16). */
#include "suite.h"
#include "support.h"

#include <cardpost/caps.h>

#include <string.h>

struct sample {
    const char *label, *from; /* the value of the one From field */
    const char *address;      /* NULL: broken */
    const char *name;
};

static const struct sample samples[] = {
    {"bare", "ann@corp.example", "ann@corp.example", ""},
    {"angle only", "<ann@corp.example>", "ann@corp.example", ""},
    {"atoms", "Ann Li <ann@corp.example>", "ann@corp.example", "Ann Li"},
    {"no space before the angle", "Ann<ann@corp.example>", "ann@corp.example", "Ann"},
    {"quoted", "\"Li, Ann (EU)\" <ann@corp.example>", "ann@corp.example", "Li, Ann (EU)"},
    {"quoted pair", "\"Ann \\\"A\\\" Li\" <ann@corp.example>", "ann@corp.example", "Ann \"A\" Li"},
    {"dots in a name", "John Q. Public <ann@corp.example>", "ann@corp.example", "John Q. Public"},
    {"brackets in a name", "[Bug] Ann <ann@corp.example>", "ann@corp.example", "[Bug] Ann"},
    {"comment as name", "ann@corp.example (Ann)", "ann@corp.example", "Ann"},
    {"comment as name, no space", "ann@corp.example(Ann)", "ann@corp.example", "Ann"},
    {"nested comment", "ann@corp.example (Ann (Sales) Li)", "ann@corp.example", "Ann (Sales) Li"},
    {"comment and name", "Ann (Sales) <ann@corp.example> (x)", "ann@corp.example", "Ann"},
    {"folded", "Ann\n Li\n\t<ann@corp.example>", "ann@corp.example", "Ann Li"},
    {"its own address as name", "Ann@corp.example <ann@corp.example>", "ann@corp.example",
     "Ann@corp.example"},
    {"spaces in the angle", "Ann < ann@corp.example >", "ann@corp.example", "Ann"},
    {"raw UTF-8", "李雷 <ann@corp.example>", "ann@corp.example", "李雷"},
    {"raw GBK", "\xc0\xee\xc0\xd7 <ann@corp.example>", "ann@corp.example", "李雷"},
    {"encoded B", "=?UTF-8?B?5p2O6Zu3?= <ann@corp.example>", "ann@corp.example", "李雷"},
    {"encoded gb2312", "=?gb2312?B?wO7A1w==?= <ann@corp.example>", "ann@corp.example", "李雷"},
    {"encoded Latin 1", "=?ISO-8859-1?Q?J=F6rg_M=FCller?= <ann@corp.example>", "ann@corp.example",
     "Jörg Müller"},
    {"encoded within quotes", "\"=?UTF-8?B?5p2O6Zu3?=\" <ann@corp.example>", "ann@corp.example", "李雷"},
    {"a character cut in two", "=?UTF-8?B?5p0=?= =?UTF-8?B?jumbtw==?= <ann@corp.example>", "ann@corp.example",
     "李雷"},
    {"a GBK character cut in two", "=?gbk?B?wO7A?= =?gbk?B?1w==?= <ann@corp.example>", "ann@corp.example",
     "李雷"},
    {"two padded words", "=?UTF-8?B?SGVsbG8=?= =?UTF-8?B?IHdvcmxk?= <ann@corp.example>", "ann@corp.example",
     "Hello world"},
    {"words and atoms", "=?UTF-8?Q?Ann?= Li =?UTF-8?Q?(EU)?= <ann@corp.example>", "ann@corp.example",
     "Ann Li =?UTF-8?Q? ?="},
    {"language suffix", "=?utf-8*en?q?Ann?= <ann@corp.example>", "ann@corp.example", "Ann"},
    {"unknown charset", "=?x-none?q?Ann?= <ann@corp.example>", "ann@corp.example", "=?x-none?q?Ann?="},
    {"CR LF in a name", "=?utf-8?q?Ann=0D=0ABcc:_v@v?= <ann@corp.example>", NULL, ""},
    {"CR LF in an encoded name", "=?utf-8?b?QW5uDQpCY2M6IHZAdg==?= <ann@corp.example>", "ann@corp.example",
     "Ann Bcc: v@v"},
    {"bidi in a name", "\"Ann\xe2\x80\xae Li\" <ann@corp.example>", "ann@corp.example", "Ann Li"},
    /* A12 */
    {"A12 two mailboxes", "ann@corp.example, evil@x.example", NULL, ""},
    {"A12 two with names", "Ann <ann@corp.example>, Evil <evil@x.example>", NULL, ""},
    {"A12 semicolon", "ann@corp.example; evil@x.example", NULL, ""},
    {"A12 group", "Team: ann@corp.example;", NULL, ""},
    {"A12 empty group", "Undisclosed:;", NULL, ""},
    {"A12 empty element", ",ann@corp.example", NULL, ""},
    {"A12 unquoted comma", "Li, Ann <ann@corp.example>", NULL, ""},
    /* A13 */
    {"A13 ann as quoted name", "\"ann@corp.example\" <evil@x>", "evil@x", "ann@corp.example"},
    {"A13 comment", "ann@corp.example(<evil@x>)", NULL, ""},
    {"A13 two angles", "<ann@corp.example> <evil@x>", NULL, ""},
    {"an angle and an empty one", "<ann@corp.example> <>", NULL, ""},
    {"A13 route", "<@corp.example:evil@x>", NULL, ""},
    {"A13 angle as local part", "<evil@x>@corp.example", NULL, ""},
    {"A13 encoded name", "=?utf-8?q?ann=40corp.example?= <evil@x>", "evil@x", "ann@corp.example"},
    {"A13 encoded local part", "=?utf-8?q?ann=40corp.example=3E?=@x", NULL, ""},
    {"unquoted other address", "ann@corp.example <evil@x>", NULL, ""},
    {"quoted and unquoted", "\"Ann\" ann@corp.example <evil@x>", NULL, ""},
    {"name behind", "<evil@x> ann@corp.example", NULL, ""},
    {"words before a bare one", "Ann ann@corp.example", NULL, ""},
    {"comment within", "ann(x)@corp.example", NULL, ""},
    {"comment in the angle", "<ann@corp.example(x)>", NULL, ""},
    {"address in a comment", "evil@x (ann@corp.example)", NULL, ""},
    {"escape in a comment", "evil@x (\\) ann@corp.example)", NULL, ""},
    {"open comment", "ann@corp.example (Ann", NULL, ""},
    {"open quote", "\"Ann <ann@corp.example>", NULL, ""},
    {"quote escaped to the end", "\"Ann\\", NULL, ""},
    {"open angle", "Ann <ann@corp.example", NULL, ""},
    {"angle in angle", "<<ann@corp.example>>", NULL, ""},
    {"closing only", "ann@corp.example>", NULL, ""},
    {"two at", "ann@evil@corp.example", NULL, ""},
    {"spaces in the address", "<ann @corp.example>", NULL, ""},
    {"domain literal", "ann@[127.0.0.1]", NULL, ""},
    {"empty", "", NULL, ""},
    {"null", "<>", NULL, ""},
    {"no domain", "ann", NULL, ""},
    {"control character", "Ann\x01 <ann@corp.example>", NULL, ""},
    /* A16: documented equality */
    {"A16 case", "ANN@CORP.EXAMPLE", "ann@corp.example", ""},
    {"A16 root dot", "ann@corp.example.", "ann@corp.example", ""},
    {"A16 tag is another", "ann+tag@corp.example", "ann+tag@corp.example", ""},
    {"A16 Cyrillic is nobody", "\xd0\xb0nn@corp.example", NULL, ""},
    {"A16 xn-- is another", "ann@xn--crp-gua.example", "ann@xn--crp-gua.example", ""},
    {"A16 quoted local part", "\"ann\"@corp.example", NULL, ""},
    {"A16 quoted in the angle", "<\"ann\"@corp.example>", NULL, ""},
};

static void
check(const char *label, const struct identity *identity, const char *address, const char *name)
{
    ck_assert_msg(g_strcmp0(identity->address, address) == 0, "%s: address %s, %s", label,
                  identity->address ? identity->address : "none", identity->reason);
    ck_assert_msg(identity->is_broken == !address, "%s: broken %d", label, identity->is_broken);
    ck_assert_msg(strcmp(identity->name, name) == 0, "%s: name '%s'", label, identity->name);
    ck_assert_msg(identity->reason && *identity->reason, "%s: no reason", label);
    ck_assert_msg(address || identity->verdict == IDENTITY_NONE, "%s: a verdict on nobody", label);
}

START_TEST(test_A12_A13_A16_mailbox)
{
    const struct sample *s = &samples[_i];
    g_autofree char *header = g_strdup_printf("From: %s\nSender: ann@corp.example\n", s->from);
    g_auto(identity_t) identity = {.address = NULL};
    suite_read(header, NULL, &identity);
    check(s->label, &identity, s->address, s->name);
}
END_TEST

struct block_sample {
    const char *label, *header;
    const char *reason;
};
static const struct block_sample broken[] = {
    {"A09 two fields", "From: ann@corp.example\nFrom: evil@x.example\n", "more than one From field"},
    {"A09 other order", "From: evil@x.example\nFrom: ann@corp.example\n", "more than one From field"},
    {"A09 twice the same", "From: ann@corp.example\nSubject: x\nfrom: ann@corp.example\n",
     "more than one From field"},
    {"A10 spaced name", "From : ann@corp.example\nFrom: evil@x.example\n",
     "white space before the colon of a header field"},
    {"A10 spaced name alone", "From\t: ann@corp.example\n", "white space before the colon of a header field"},
    {"A14 bare CR", "From: evil@x.example\rFrom: ann@corp.example\n", "bare CR in the header"},
    {"A14 bare CR elsewhere", "From: ann@corp.example\nSubject: x\rFrom: y@z\n", "bare CR in the header"},
    {"no From", "Sender: ann@corp.example\nReply-To: ann@corp.example\n", "no From field"},
    {"From behind a bad line", "Subject: x\nno field\nFrom: ann@corp.example\n", "no From field"},
};

START_TEST(test_A09_A10_A14_block)
{
    g_auto(identity_t) identity = {.address = NULL};
    suite_read(broken[_i].header, NULL, &identity);
    check(broken[_i].label, &identity, NULL, "");
    ck_assert_msg(strcmp(identity.reason, broken[_i].reason) == 0, "%s: %s", broken[_i].label,
                  identity.reason);
}
END_TEST

START_TEST(test_A11_nul)
{
    static const char in_from[] = "From: ann@corp.example\0 <evil@x.example>\n\n";
    static const char elsewhere[] = "From: ann@corp.example\nSubject: a\0b\n\n";
    const struct {
        const char *raw;
        gsize len;
    } mails[] = {{in_from, sizeof in_from - 1}, {elsewhere, sizeof elsewhere - 1}};
    for (guint i = 0; i < G_N_ELEMENTS(mails); i++) {
        struct border border;
        suite_border(&border);
        border.trust_from = true;
        g_auto(header_block_t) block = {.fields = NULL};
        g_auto(identity_t) identity = {.address = NULL};
        header_block_parse(mails[i].raw, mails[i].len, &block);
        identity_read(&block, &border, &identity);
        check("A11", &identity, NULL, "");
        suite_border_clear(&border);
    }
}
END_TEST

START_TEST(test_A15_only_from)
{
    static const char header[] = "Return-Path: <ann@corp.example>\nReply-To: ann@corp.example\n"
                                 "Sender: ann@corp.example\nFrom: evil@x.example\n"
                                 "Resent-From: ann@corp.example\n";
    g_auto(identity_t) identity = {.address = NULL};
    suite_read(header, NULL, &identity);
    check("A15", &identity, "evil@x.example", "");
}
END_TEST

START_TEST(test_P05_big_from)
{
    g_autofree char *name = g_strnfill(CAP_FROM_BYTES, 'x');
    g_autofree char *header = g_strdup_printf("From: %s <ann@corp.example>\n", name);
    g_auto(identity_t) identity = {.address = NULL};
    suite_read(header, NULL, &identity);
    check("long From", &identity, NULL, "");

    g_autofree char *filler = g_strnfill(CAP_HEADER_BYTES, 'x');
    g_autofree char *big = g_strdup_printf("From: ann@corp.example\nX: %s\n", filler);
    g_auto(identity_t) over = {.address = NULL};
    suite_read(big, NULL, &over);
    check("big header", &over, NULL, "");
}
END_TEST

TCase *
case_from(void)
{
    TCase *tcase = tcase_create("from");
    tcase_add_loop_test(tcase, test_A12_A13_A16_mailbox, 0, G_N_ELEMENTS(samples));
    tcase_add_loop_test(tcase, test_A09_A10_A14_block, 0, G_N_ELEMENTS(broken));
    tcase_add_test(tcase, test_A11_nul);
    tcase_add_test(tcase, test_A15_only_from);
    tcase_add_test(tcase, test_P05_big_from);
    return tcase;
}
