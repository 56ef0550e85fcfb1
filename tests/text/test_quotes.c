/* test_quotes.c - quotes that are answered passage by passage, quotes that a mail program broke, mails that
 * are nothing but a quote (attacks.md C01, C02). */
#include "cases.h"
#include "support.h"

#include <string.h>
#include <time.h>

support_case_fn quotes_case;

START_TEST(test_passages)
{
    static const struct reply_case cases[] = {
        {"each in turn", TEXT_PLAIN,
         "On Tue, 5 Oct 2026, Li <li@x.example> wrote:\n> When?\n\nMonday.\n\n> Where?\n\nHere.\n",
         "> When?\n\nMonday.\n\n> Where?\n\nHere.", "wrote:", ""},
        {"each in turn, Chinese", TEXT_PLAIN,
         "在 2026年10月7日，张三 <z@x.example> 写道：\n\n> 什么时候？\n\n周一。\n\n> 在哪里？\n\n会议室。\n",
         "> 什么时候？\n\n周一。\n\n> 在哪里？\n\n会议室。", "写道", ""},
        {"the rest of the quote below", TEXT_PLAIN,
         "Am 05.10.2026 schrieb A <a@x.example>:\n> Wann?\n\nMontag.\n\n> Wo?\n\nHier.\n\n> Danke\n> A\n",
         "> Wann?\n\nMontag.\n\n> Wo?\n\nHier.", "> Danke", ""},
        {"picked out without a head", TEXT_PLAIN, "You asked\n> shall we?\n\nYes.\n",
         "You asked\n> shall we?\n\nYes.", NULL, ""},
        {"deeper", TEXT_PLAIN, "First\n>> older\n> newer\n\nmine\n", "First\n>> older\n> newer\n\nmine", NULL,
         ""},
        {"answered as a whole", TEXT_PLAIN,
         "On Tue, 5 Oct 2026, Li <li@x.example> wrote:\n> When?\n> Where?\n\nMonday, here.\n",
         "Monday, here.", "Where?", ""},
        {"no head, nothing above", TEXT_PLAIN, "> When?\n\nMonday.\n", "Monday.", "When?", ""},
        {"only a signature below", TEXT_PLAIN, "Yes\n\n> When?\n\n-- \nLi\n", "Yes", "When?", "--\nLi"},
        {"nothing below", TEXT_PLAIN, "Yes\n\n> When?\n", "Yes", "When?", ""},
        {NULL, TEXT_PLAIN, NULL, NULL, NULL, NULL},
    };
    check_replies(cases);
}
END_TEST

/* A program ran the quote into its head, or a whole header into one line; and prose that looks alike. */
START_TEST(test_all_on_one_line)
{
    static const struct reply_case cases[] = {
        {"no blank behind the verb", TEXT_PLAIN,
         "ok\n\nOn 10/07/2026 at 9:31 AM, \"Su\"  wrote:Dear all\n!close\n", "ok", "!close", ""},
        {"marks on one line", TEXT_PLAIN,
         "ok\nOn Wed, Oct 7, 2026 at 9:31 AM Su <su@x.example> wrote: > hi > !close\n", "ok", "!close", ""},
        {"behind the writer's words", TEXT_PLAIN,
         "ok On Wed, Oct 7, 2026 at 9:31 AM Su <su@x.example> wrote: > hi\n!close\n", "ok", "!close", ""},
        {"Chinese", TEXT_PLAIN, "好的\n在 2026年10月7日 20:03，苏 <su@x.example> 写道:你好\n!close\n", "好的",
         "!close", ""},
        {"the verb alone below an address", TEXT_PLAIN,
         "ok\n\nOn Thu, 5 Oct 2026 at 11:16 Su\n\n<\nmailto:Su <su@x.example>\n> wrote:\n\n!close\n", "ok",
         "!close", ""},
        {"dashes around words nobody knows", TEXT_PLAIN,
         "ok\n\n---- abc def ----\nFrom: Su <su@x.example>\nSent: Monday\nTo: an\n\n!close\n", "ok", "abc",
         ""},
        {"a header", TEXT_PLAIN,
         "ok\nTemat: RE: 2026-10-07 13:46Nadawca: \"su\" su@x.example Adresat:\n!close\n", "ok", "!close",
         ""},
        {"a header, subject first", TEXT_PLAIN,
         "ok\nSubject: Quote From: Su <su@x.example> To: an@x.example\n!close\n", "ok", "!close", ""},
        {"a header, date first", TEXT_PLAIN,
         "ok\n日期：2026-10-07 发件人：苏 <su@x.example> 收件人：an@x.example\n!close\n", "ok", "!close", ""},
        {"prose with a verb", TEXT_PLAIN, "On Oct 5 at 10:00 Li wrote: we agree\n",
         "On Oct 5 at 10:00 Li wrote: we agree", NULL, ""},
        {"prose, a weekday", TEXT_PLAIN, "On Monday Li wrote:\nthat is fine\n",
         "On Monday Li wrote:\nthat is fine", NULL, ""},
        {"prose, a time", TEXT_PLAIN, "On Monday we meet at 10:00 and Li said:yes\n",
         "On Monday we meet at 10:00 and Li said:yes", NULL, ""},
        {"prose with labels", TEXT_PLAIN, "Subject: hi. From: me To: you\n", "Subject: hi. From: me To: you",
         NULL, ""},
        {NULL, TEXT_PLAIN, NULL, NULL, NULL, NULL},
    };
    check_replies(cases);
}
END_TEST

/* "好的在2026年…": the head stands right behind the writer's words. */
START_TEST(test_glued_heads)
{
    static const struct reply_case cases[] = {
        {"Chinese", TEXT_PLAIN, "好的在2026年10月7日 周三 20:03，张三 <z@x.example> 写道：\n!close\n", "好的",
         "!close", ""},
        {"no address", TEXT_PLAIN, "好的在2026年10月7日 20:03，张三 写道：\n!close\n", "好的", "!close", ""},
        {"digits", TEXT_PLAIN, "收到在 2026/10/7 20:03, zhang 写道:\n!close\n", "收到", "!close", ""},
        {"behind a full stop", TEXT_PLAIN, "收到。2026年10月7日 01:14，Kevin 写道：\n> !close\n", "收到。",
         "!close", ""},
        {"Finnish", TEXT_PLAIN, "Ok. Ma 5.10.2026 klo 9.31 Matti <m@x.example> kirjoitti:\n> !close\n", "Ok.",
         "!close", ""},
        {"Romanian", TEXT_PLAIN, "Da. Pe 5 oct. 2026 la 09:31, Ion <i@x.example> a scris:\n> !close\n", "Da.",
         "!close", ""},
        {"Indonesian", TEXT_PLAIN, "Ya. Pada 5 Okt 2026 09:31, Ani <a@x.example> menulis:\n> !close\n", "Ya.",
         "!close", ""},
        {"the name first", TEXT_PLAIN, "ok\nBob 于 2026年10月7日 09:31 写道:\n> !close\n", "ok", "Bob", ""},
        {"prose", TEXT_PLAIN, "我们在2026年10月7日的会上决定了。\n", "我们在2026年10月7日的会上决定了。",
         NULL, ""},
        {"prose with a time", TEXT_PLAIN, "我们在2026年10月7日 20:03 开会\n",
         "我们在2026年10月7日 20:03 开会", NULL, ""},
        {NULL, TEXT_PLAIN, NULL, NULL, NULL, NULL},
    };
    for (const struct reply_case *c = cases; c->label; c++) {
        g_auto(text_parts_t) parts;
        text_read(c->kind, c->in, strlen(c->in), &parts);
        ck_assert_msg(strcmp(parts.reply, c->reply) == 0, "%s: reply is\n%s", c->label, parts.reply);
        ck_assert_msg(!c->quoted_has || strstr(parts.quoted, c->quoted_has), "%s: quoted is\n%s", c->label,
                      parts.quoted);
    }
}
END_TEST

/* Each try is bounded: twice as much takes about twice as long, and no text of these forms takes minutes. */
START_TEST(test_what_could_be_slow_is_linear)
{
    static const char *const lines[] = {
        "> the quick brown fox jumps over the lazy dog and then it runs back to the\nriver\n",
        "Forwarded message:\n> From: Sue <sue@sup.example>\n> To: ann\n\nx\n",
        "在2026年10月7日 20:03在2026年10月7日 20:03在2026年10月7日 20:03 写道：\n",
        "On Mon, 5 Oct 2026 at 10:00 a wrote:b:c:d:e:f:g:h:i wrote:\n",
        "From: a\nX: b\nY: c\nZ: d\n",
        "> a\n\nb\n\n",
        "---- a ----\n",
        "From/发件人/From/发件人/From/发件人: a\n",
    };
    for (guint i = 0; i < G_N_ELEMENTS(lines); i++) {
        g_autoptr(GString) in = g_string_new(NULL);
        gint64 took[2];
        for (guint n = 0; n < 2; n++) {
            gsize size = (n + 1) * 512 * 1024;
            while (in->len < size)
                g_string_append(in, lines[i]);
            g_auto(text_parts_t) parts;
            clock_t start = clock();
            text_read(TEXT_PLAIN, in->str, in->len, &parts);
            took[n] = (gint64)(clock() - start) * 1000 / CLOCKS_PER_SEC;
        }
        /* quadratic would be four times; a few hundred ms are noise */
        ck_assert_msg(took[1] < took[0] * 3 + 500, "%s: %ld and %ld ms", lines[i], (long)took[0],
                      (long)took[1]);
    }
}
END_TEST

/* Each cut with its line in the body, lines that hold two things counted once. */
START_TEST(test_rules_name_their_lines)
{
    static const struct {
        const char *in, *rule;
    } cases[] = {
        {"a\n> b\n\nc\n> d\n", "> quote, line 2; > quote, line 5"},
        {"ok. On 5 Oct 2026, Li <li@x.example> wrote:\n> a\n\nb\n> c\n",
         "quote head, line 1; > quote, line 2; > quote, line 5"},
        {"a\n\n\n-----Original Message-----\nFrom: x\n", "original message line, line 4"},
        {"a\n\nFrom: Li <li@x.example>\nSent: Monday\n\nb\n", "header block, line 3"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(text_parts_t) parts;
        text_read(TEXT_PLAIN, cases[i].in, strlen(cases[i].in), &parts);
        ck_assert_str_eq(parts.rule, cases[i].rule);
    }
    g_autoptr(GString) many = g_string_new(NULL);
    for (guint i = 0; i < 100; i++)
        g_string_append(many, "> a\nb\n");
    g_auto(text_parts_t) parts;
    text_read(TEXT_PLAIN, many->str, many->len, &parts);
    ck_assert_msg(g_str_has_suffix(parts.rule, "; > quote, line 23; and so on from line 25"), "%s",
                  parts.rule);
}
END_TEST

/* A command in a passage that is kept stands behind ">" still. */
START_TEST(test_C01_passages_hold_no_commands)
{
    g_auto(text_parts_t) parts;
    static const char mail[] = "You wrote\n> !close\n\nyes\n\n>!assign li\n\nno\n";
    text_read(TEXT_PLAIN, mail, strlen(mail), &parts);
    g_auto(GStrv) lines = g_strsplit(parts.reply, "\n", -1);
    for (guint i = 0; lines[i]; i++)
        ck_assert_msg(lines[i][0] != '!', "line %u: %s", i, lines[i]);
}
END_TEST

/* A whole mail in a blockquote may be an old one: its text stays, its commands do not act. */
START_TEST(test_C01_all_in_a_blockquote)
{
    static const struct reply_case cases[] = {
        {"bare", TEXT_HTML, "<blockquote>!close</blockquote>", "> !close", NULL, ""},
        {"lines", TEXT_HTML, "<blockquote><p>a</p><p>!close</p></blockquote>", "> a\n\n> !close", NULL, ""},
        {"nested", TEXT_HTML, "<blockquote>!close<blockquote>!open</blockquote></blockquote>",
         "> !close\n\n> !open", NULL, ""},
        {"a quote in it", TEXT_HTML,
         "<blockquote>!close<blockquote type=cite>!open</blockquote></blockquote>", "> !close", "!open", ""},
        {"a signature below", TEXT_HTML,
         "<blockquote>!close</blockquote><div class=moz-signature>-- <br>Li</div>", "> !close", NULL,
         "--\nLi"},
        {"QQ", TEXT_HTML, "<includetail><div>!close</div></includetail>", "> !close", NULL, ""},
        {"words outside", TEXT_HTML, "<p>!close</p><blockquote>!open</blockquote>", "!close", "!open", ""},
        {NULL, TEXT_PLAIN, NULL, NULL, NULL, NULL},
    };
    check_replies(cases);
}
END_TEST

/* A mail program broke a quoted line and left the rest unmarked; and answers that look alike. */
START_TEST(test_broken_lines)
{
    static const struct reply_case cases[] = {
        {"English", TEXT_PLAIN,
         "ok\n\n> the quick brown fox jumps over the lazy dog and then it runs back to the\n"
         "river\n> and swims\n",
         "ok", "river", ""},
        {"German, a noun", TEXT_PLAIN,
         "ok\n\n> wir haben am Montag wie besprochen mit der Post eine zweite, ganz neue\n"
         "Rechnung bekommen\n> und bezahlt.\n",
         "ok", "Rechnung", ""},
        {"Chinese", TEXT_PLAIN,
         "好\n\n> 我们昨天在会议上讨论了这个项目的进度以及下一步的安排，大家认为应该先完成\n测试\n> "
         "然后上线\n",
         "好", "测试", ""},
        {"half a word", TEXT_PLAIN,
         "ok\n>> lorem ipsum dolor sit amet, consectetur adipiscing elit nullam pharetra d\n"
         "ignissim odio?\n>> next\n",
         "ok", "ignissim", ""},
        {"an answer to a question", TEXT_PLAIN,
         "ok\n\n> could you please tell us whether the quick brown fox jumps over the dog?\nyes\n> and\n",
         "ok\n\nyes", "could", ""},
        {"an answer to a short line", TEXT_PLAIN, "ok\n\n> when will you be there\nmonday\n> and who\n",
         "ok\n\nmonday", "when", ""},
        {"an answer with a capital", TEXT_PLAIN,
         "ok\n\n> the quick brown fox jumps over the lazy dog and then it runs back to the\n"
         "No, it does not.\n> Next point\n",
         "ok\n\nNo, it does not.", "quick", ""},
        {"a longer line than the one above", TEXT_PLAIN,
         "ok\n\n> the quick brown fox jumps over the lazy dog and then it runs back to the\n"
         "but in truth the quick brown fox jumps over nothing at all, and this is an answer\n> Next\n",
         "ok\n\nbut in truth the quick brown fox jumps over nothing at all, and this is an answer", "quick",
         ""},
        {"the quote ends", TEXT_PLAIN,
         "ok\n\n> the quick brown fox jumps over the lazy dog and then it runs back to the\nwell\n",
         "ok\n\nwell", "quick", ""},
        {NULL, TEXT_PLAIN, NULL, NULL, NULL, NULL},
    };
    check_replies(cases);
}
END_TEST

TCase *
quotes_case(void)
{
    TCase *tcase = tcase_create("quotes");
    tcase_add_test(tcase, test_passages);
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, test_broken_lines);
    tcase_add_test(tcase, test_all_on_one_line);
    tcase_add_test(tcase, test_glued_heads);
    tcase_add_test(tcase, test_what_could_be_slow_is_linear);
    tcase_add_test(tcase, test_rules_name_their_lines);
    tcase_add_test(tcase, test_C01_passages_hold_no_commands);
    tcase_add_test(tcase, test_C01_all_in_a_blockquote);
    return tcase;
}
