/* test_edits.c - answers written into the quote of a mail of ours, found by comparing with what was sent. */
#include <cardpost/text.h>

#include "support.h"

#include <string.h>

support_case_fn edits_case;

static const char sent[] =
    TEXT_REPLY_LINE "\n"
                    "\n"
                    "Li Wei wrote on tasks-7 “Restock of cable A”:\n"
                    "\n"
                    "How many do you have, and when can they leave the factory?\n"
                    "请确认库存和交货日期，谢谢。\n"
                    "\n"
                    "Status: open\n"
                    "Due: -\n"
                    "Details: https://example.test/a?b=1\n"
                    "You get this mail because you take part in this card. Answer \"mute\" "
                    "to hear no more of it.\n";

struct edit_case {
    const char *label, *quoted, *want; /* want NULL: not a quote of it */
};

static const struct edit_case edit_cases[] = {
    {"an untouched quote, marked and wrapped anew",
     "> Li Wei wrote on tasks-7 “Restock of\n> cable A”:\n>\n> How many do you have, and when can\n> they "
     "leave the "
     "factory?\n> 请确认库存和交货\n> 日期，谢谢。\n>\n> Status: open\n> Due: -\n",
     ""},
    {"the head of the quote is not ours and not new",
     "发件人: Orders <tasks@team.test>\n发送时间: 2026年11月20日\n主题: [tasks-7] Restock of cable A\n\n"
     "Li Wei wrote on tasks-7 “Restock of cable A”:\n\nHow many do you have, and when can they leave the "
     "factory?\n",
     ""},
    {"an answer between the lines, without any mark",
     "Li Wei wrote on tasks-7 “Restock of cable A”:\n\nHow many do you have, and when can they leave the "
     "factory?\n4,000 pieces, by Friday\n请确认库存和交货日期，谢谢。\n",
     "4,000 pieces, by Friday"},
    {"an answer in Chinese, inside the marks",
     "> Li Wei wrote on tasks-7 “Restock of cable A”:\n> How many do you have, and when can they leave the "
     "factory?\n"
     "> 请确认库存和交货日期，谢谢。\n> 库存四千件，周五交货\n> Status: open\n",
     "库存四千件，周五交货"},
    {"a form line filled in",
     "> Li Wei wrote on tasks-7 “Restock of cable A”:\n> Status: done\n> Due: 2026-12-01\n"
     "> How many do you have, and when can they leave the factory?\n> Details: "
     "https://example.test/a?b=1\n> You get this mail because you take part in this card.\n",
     "Status: done\nDue: 2026-12-01"},
    {"below the quote, where the mail of ours has ended",
     "Li Wei wrote on tasks-7 “Restock of cable A”:\nHow many do you have, and when can they leave the "
     "factory?\n"
     "You get this mail because you take part in this card. Answer \"mute\" to hear no more of it.\n\n"
     "All four thousand are ready.\n",
     "All four thousand are ready."},
    {"what a mail program writes behind a link is not new",
     "> Li Wei<mailto:li@team.test> wrote on tasks-7 “Restock of cable A”:\n> How many do you have, and when "
     "can they\n"
     "> leave the factory?\n> Details: https://example.test/a?b=1<https://safelinks.test/?url=x>\n",
     ""},
    {"words taken away make another sentence",
     "> Li Wei wrote on tasks-7 “Restock of cable A”:\n> How many can leave the factory?\n> Status: open\n"
     "> 请确认库存和交货日期，谢谢。\n",
     "How many can leave the factory?"},
    {"the quote of another mail", "> Dear all,\n> the fair in Hong Kong begins on Monday.\n> Regards, Tom\n",
     NULL},
    {"nothing", "", NULL},
    {NULL, NULL, NULL},
};

START_TEST(test_edits)
{
    for (const struct edit_case *c = edit_cases; c->label; c++) {
        g_autofree char *edits = text_edits(c->quoted, sent);
        ck_assert_msg(g_strcmp0(edits, c->want) == 0, "%s: \"%s\"", c->label, edits ? edits : "(none)");
    }
}
END_TEST

/* Ten times the lines, and the same question of every line: an answer at the end is found, in time. */
static const struct {
    const char *label, *text, *want; /* want NULL: all of it */
} unmarked_cases[] = {
    {"a quote without marks, trimmed above",
     "400, on Friday\n\nHow many do you have, and when can they leave the "
     "factory?\n请确认库存和交货日期，谢谢。\n\n"
     "Status: open\n",
     "400, on Friday\n\n"},
    {"one line of ours is what the answer speaks of",
     "That I do not know:\nHow many do you have, and when can they leave the factory?\n", NULL},
    {"few words of ours", "open\nno\nStatus\nopen\nDue\n", NULL},
    {"words below it", "Yes\nStatus: open\n请确认库存和交货日期，谢谢。\nDue: -\nall done\n", NULL},
    {"nothing above it", "Status: open\n请确认库存和交货日期，谢谢。\nDue: -\n", NULL},
    {"nothing", "", NULL},
};

START_TEST(test_unmarked_quotes)
{
    const char *text = unmarked_cases[_i].text, *want = unmarked_cases[_i].want;
    gsize wanted = want ? strlen(want) : strlen(text);
    ck_assert_msg(text_before_sent(text, sent) == wanted, "%s: %zu", unmarked_cases[_i].label,
                  text_before_sent(text, sent));
}
END_TEST

START_TEST(test_edits_of_long_mails)
{
    g_autoptr(GString) long_sent = g_string_new(NULL), quoted = g_string_new(NULL);
    for (int i = 0; i < 20000; i++) {
        g_string_append_printf(long_sent, "line number %d of a long report\n", i);
        g_string_append_printf(quoted, "> line number %d of a long report\n", i);
    }
    g_string_append(quoted, "> seen, thanks\n");
    g_autofree char *edits = text_edits(quoted->str, long_sent->str);
    ck_assert_str_eq(edits, "seen, thanks");
}
END_TEST

TCase *
edits_case(void)
{
    TCase *tcase = tcase_create("edits");
    tcase_add_test(tcase, test_edits);
    tcase_add_loop_test(tcase, test_unmarked_quotes, 0, G_N_ELEMENTS(unmarked_cases));
    tcase_add_test(tcase, test_edits_of_long_mails);
    return tcase;
}
