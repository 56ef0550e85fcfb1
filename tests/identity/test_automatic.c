/* test_automatic.c - automatic mail and addresses that are never mailed (attacks.md L04 to L12). */
#include "suite.h"
#include "support.h"

#include <string.h>

struct sample {
    const char *label, *header, *subject;
    enum automatic kind;
    const char *sign; /* NULL: none */
};

static const struct sample samples[] = {
    {"a person", "From: ann@corp.example\n", "Order", AUTOMATIC_NONE, NULL},
    {"a person who says no", "From: ann@x.example\nAuto-Submitted: no\n", "Order", AUTOMATIC_NONE, NULL},
    {"L04 auto-replied", "From: ann@x.example\nAuto-Submitted: auto-replied\n", "x", AUTOMATIC_REPLY,
     "Auto-Submitted: auto-replied"},
    {"L04 with case, comment and parameter",
     "From: ann@x.example\nauto-submitted: (vacation) Auto-Replied; owner-email=\"a@b\"\n", "x",
     AUTOMATIC_REPLY, "Auto-Submitted: auto-replied"},
    {"L04 second field", "From: a@x.example\nAuto-Submitted: no\nAuto-Submitted: auto-replied\n", "x",
     AUTOMATIC_REPLY, "Auto-Submitted: auto-replied"},
    {"L04 X-Autoreply", "From: ann@x.example\nX-Autoreply: yes\n", "x", AUTOMATIC_REPLY, "X-Autoreply"},
    {"L04 X-Autorespond", "From: ann@x.example\nX-Autorespond:\n", "x", AUTOMATIC_REPLY, "X-Autorespond"},
    {"L04 X-Auto-Reply-From", "From: ann@x.example\nX-Auto-Reply-From: a@b\n", "x", AUTOMATIC_REPLY,
     "X-Auto-Reply-From"},
    {"L04 Precedence", "From: ann@x.example\nPrecedence: Auto_Reply\n", "x", AUTOMATIC_REPLY,
     "Precedence: auto_reply"},
    {"L04 null Return-Path", "Return-Path: <>\nFrom: ann@x.example\n", "x", AUTOMATIC_REPLY,
     "Return-Path: <>"},
    {"L04 a Return-Path", "Return-Path: <a@b>\nFrom: ann@x.example\n", "x", AUTOMATIC_NONE, NULL},
    {"L04 Outlook with a second sign", "From: ann@x.example\nX-Auto-Response-Suppress: All\n",
     "Automatische Antwort: Order", AUTOMATIC_REPLY, "Subject: Automatische Antwort: Order"},
    {"L04 Turkish with a second sign", "From: ann@x.example\nPrecedence: bulk\n", "OTOMATIK YANıT: x",
     AUTOMATIC_REPLY, "Subject: OTOMATIK YANıT: x"},
    {"L04 Chinese with a second sign", "From: ann@x.example\nPrecedence: bulk\n", "自动回复：订单",
     AUTOMATIC_REPLY, "Subject: 自动回复：订单"},
    {"L04 French, other composition", "From: ann@x.example\nX-Auto-Response-Suppress: All\n",
     "Re\xcc\x81ponse Automatique : x", AUTOMATIC_REPLY, "Subject: Réponse Automatique : x"},
    {"L04 the subject alone", "From: ann@x.example\n", "Automatische Antwort: Order", AUTOMATIC_NONE, NULL},
    {"L04 suppress alone", "From: ann@x.example\nX-Auto-Response-Suppress: All\n", "Order", AUTOMATIC_NONE,
     NULL},
    {"L04 suppress and a reply to one", "From: a@x.example\nX-Auto-Response-Suppress: All\n",
     "Re: Automatic reply: x", AUTOMATIC_NONE, NULL},
    {"L05 report",
     "From: x@y.example\nContent-Type: multipart/report; boundary=a;\n report-type=delivery-status\n", "x",
     AUTOMATIC_BOUNCE, "multipart/report: delivery-status"},
    {"L05 quoted, a boundary that lies",
     "From: x@y.example\nContent-Type: Multipart/Report; boundary=\"; report-type=disposition-notification\";"
     " Report-Type=\"Delivery-Status\"\n",
     "x", AUTOMATIC_BOUNCE, "multipart/report: delivery-status"},
    {"L05 report without a type", "From: x@y.example\nContent-Type: multipart/report\n", "x",
     AUTOMATIC_BOUNCE, "multipart/report"},
    {"L05 daemon", "From: Mail Delivery <MAILER-DAEMON@y.example>\n", "x", AUTOMATIC_BOUNCE,
     "From: mailer-daemon@y.example"},
    {"L05 a broken From", "From: <>\nReturn-Path: <>\n", "x", AUTOMATIC_REPLY, "Return-Path: <>"},
    {"L07 ours", "From: ann@x.example\nX-Cardpost-Loop: inst-1\n", "x", AUTOMATIC_OWN,
     "X-Cardpost-Loop: inst-1"},
    {"L07 ours in a report", "From: a@x.example\nX-Cardpost-Loop: inst-1\nContent-Type: multipart/report\n",
     "x", AUTOMATIC_OWN, "X-Cardpost-Loop: inst-1"},
    {"L07 ours behind another's", "From: a@x.example\nX-Cardpost-Loop: b\nX-Cardpost-Loop: inst-1\n", "x",
     AUTOMATIC_OWN, "X-Cardpost-Loop: inst-1"},
    {"L08 another instance", "From: ann@x.example\nX-Cardpost-Loop: other\n", "x", AUTOMATIC_MACHINE,
     "X-Cardpost-Loop: other"},
    {"L09 list", "From: ann@x.example\nList-Id: \"A\" <a.lists.example>\nPrecedence: list\n", "x",
     AUTOMATIC_MACHINE, "List-Id: \"A\" <a.lists.example>"},
    {"L09 Precedence list", "From: ann@x.example\nPrecedence: list\n", "x", AUTOMATIC_MACHINE,
     "Precedence: list"},
    {"L09 held for moderation",
     "From: a-bounces@x.example\nPrecedence: bulk\nAuto-Submitted: auto-generated\n", "x", AUTOMATIC_MACHINE,
     "Auto-Submitted: auto-generated"},
    {"own list", "From: ann@x.example\nList-Id: Team <TEAM.corp.example>\nPrecedence: list\n", "x",
     AUTOMATIC_NONE, NULL},
    {"own list, bare", "From: ann@x.example\nList-Id: team.corp.example\n", "x", AUTOMATIC_NONE, NULL},
    {"own list, but bulk", "From: ann@x.example\nList-Id: <team.corp.example>\nPrecedence: bulk\n", "x",
     AUTOMATIC_MACHINE, "Precedence: bulk"},
    {"L11 read receipt",
     "From: a@x.example\nContent-Type: multipart/report; report-type=disposition-notification\n", "x",
     AUTOMATIC_RECEIPT, "multipart/report: disposition-notification"},
    {"L11 complaint", "From: a@x.example\nContent-Type: multipart/report; report-type=feedback-report\n", "x",
     AUTOMATIC_MACHINE, "multipart/report: feedback-report"},
    {"L11 help desk", "From: a@x.example\nAuto-Submitted: auto-notified\n", "x", AUTOMATIC_MACHINE,
     "Auto-Submitted: auto-notified"},
    {"L12 no-reply", "From: Shop <no-reply@shop.example>\n", "x", AUTOMATIC_MACHINE,
     "From: no-reply@shop.example"},
};

START_TEST(test_L04_L05_L07_L09_kind)
{
    const struct sample *s = &samples[_i];
    g_autofree char *raw = g_strconcat(s->header, "\nbody\n", NULL);
    g_autoptr(GPtrArray) own_lists = g_ptr_array_new();
    g_ptr_array_add(own_lists, g_strdup("<team.corp.example>"));
    g_ptr_array_set_free_func(own_lists, g_free);
    g_auto(header_block_t) block = {.fields = NULL};
    header_block_parse(raw, strlen(raw), &block);
    g_autofree char *sign = NULL;
    enum automatic kind = identity_automatic(&block, s->subject, "inst-1", own_lists, &sign);
    ck_assert_msg(kind == s->kind, "%s: %s by %s", s->label, automatic_name(kind), sign ? sign : "nothing");
    ck_assert_msg(g_strcmp0(sign, s->sign) == 0, "%s: sign %s", s->label, sign ? sign : "none");
}
END_TEST

START_TEST(test_L05_action)
{
    static const struct {
        const char *label, *body;
        enum automatic kind;
    } reports[] = {
        {"failed", "--b\r\nReporting-MTA: dns; x\r\n\r\naction: Failed (no such user)\r\n", AUTOMATIC_BOUNCE},
        {"delayed", "Action: delayed\n", AUTOMATIC_DELIVERY},
        {"relayed", "Action: relayed\n", AUTOMATIC_DELIVERY},
        {"two recipients", "Action: delivered\n\nAction: failed", AUTOMATIC_BOUNCE},
        {"in the middle of a line", "> Action: failed\n", AUTOMATIC_DELIVERY},
        {"nothing", "", AUTOMATIC_DELIVERY},
        {"cut", "Action:", AUTOMATIC_DELIVERY},
    };
    for (guint i = 0; i < G_N_ELEMENTS(reports); i++)
        ck_assert_msg(identity_delivery_report(reports[i].body, strlen(reports[i].body)) == reports[i].kind,
                      "%s", reports[i].label);
    ck_assert_int_eq(identity_delivery_report(NULL, 0), AUTOMATIC_DELIVERY);
}
END_TEST

START_TEST(test_L12_robot_address)
{
    static const char *const robots[] = {"no-reply@x.example",
                                         "NoReply@x.example",
                                         "do_not_reply@x.example",
                                         "noreply+7@x.example",
                                         "orders-noreply@x.example",
                                         "mailer-daemon@x.example",
                                         "postmaster@x.example",
                                         "bounces+a=b@x.example",
                                         "list-bounces@x.example",
                                         "no-reply-cn@x.example",
                                         "",
                                         "@x.example"};
    static const char *const people[] = {"ann@x.example", "reply@x.example", "ann+no-reply@x.example",
                                         "ann@no-reply.example", "post@x.example"};
    for (guint i = 0; i < G_N_ELEMENTS(robots); i++)
        ck_assert_msg(identity_is_robot_address(robots[i]), "%s is a robot", robots[i]);
    for (guint i = 0; i < G_N_ELEMENTS(people); i++)
        ck_assert_msg(!identity_is_robot_address(people[i]), "%s is a person", people[i]);
    ck_assert(identity_is_robot_address(NULL));
}
END_TEST

START_TEST(test_names)
{
    static const char *const names[] = {"none", "reply", "bounce", "delivery", "receipt", "machine", "own"};
    for (int kind = AUTOMATIC_NONE; kind <= AUTOMATIC_OWN; kind++) {
        ck_assert_str_eq(automatic_name((enum automatic)kind), names[kind]);
        bool is_response = kind != AUTOMATIC_NONE && kind != AUTOMATIC_MACHINE;
        ck_assert_msg(automatic_is_response((enum automatic)kind) == is_response, "%s", names[kind]);
    }
}
END_TEST

TCase *
case_automatic(void)
{
    TCase *tcase = tcase_create("automatic");
    tcase_add_loop_test(tcase, test_L04_L05_L07_L09_kind, 0, G_N_ELEMENTS(samples));
    tcase_add_test(tcase, test_L05_action);
    tcase_add_test(tcase, test_L12_robot_address);
    tcase_add_test(tcase, test_names);
    return tcase;
}
