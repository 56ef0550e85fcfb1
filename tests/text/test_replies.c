/* test_replies.c - new words and quoted words of plain text (attacks.md C01, C02). */
#include "cases.h"
#include "support.h"

#include <string.h>

support_case_fn replies_case;

/* The head of a quote on the writer's own line; names behind a dash; what only looks like either. */
START_TEST(test_lines_shared_with_a_head)
{
    static const struct reply_case cases[] = {
        {"English, dashes between", TEXT_PLAIN,
         "yes --- On Wed, Apr 4, 2026 at 3:59 PM, li@corp.example wrote:\n> Hi\n", "yes", "Hi", ""},
        {"English", TEXT_PLAIN, "yes On Wed, Apr 4, 2026, Li <li@corp.example> wrote:\n\n!close\n", "yes",
         "!close", ""},
        {"German", TEXT_PLAIN, "Ja. Am 05.10.2026 um 09:12 schrieb Anna <anna@corp.example>:\n> Hi\n", "Ja.",
         "Hi", ""},
        {"French", TEXT_PLAIN, "Oui. Le lun. 5 oct. 2026, Neil <neil@corp.example> a écrit :\n> Hi\n", "Oui.",
         NULL, NULL},
        {"Chinese", TEXT_PLAIN,
         "好的。 在 2026年10月7日 周三 20:03，张三 <zhang@corp.example> 写道：\n> 你好\n", "好的。", "你好",
         ""},
        {"nothing but dashes before it", TEXT_PLAIN,
         "yes\n\n------On 12/29/2026 17:32, Julius Caesar wrote-----\n\n!close\n", "yes", "!close", ""},
        {"the name first", TEXT_PLAIN, "ok\nAnna <a@corp.example> schrieb Am 05.10.2026 um 09:12:\n> Hi\n",
         "ok", "Hi", ""},
        {"name behind a dash", TEXT_PLAIN, "Hey!\n-roman\n", "Hey!", NULL, "-roman"},
        {"name behind a long dash", TEXT_PLAIN, "Thank you.\n\n—Anna Bauer\n", "Thank you.", NULL,
         "—Anna Bauer"},
        {"with a device line", TEXT_PLAIN, "Blah.\n\n-Лев.\n\nSent from my HTC smartphone!\n", "Blah.", NULL,
         NULL},
        {"an item below a colon", TEXT_PLAIN, "We need:\n-milk\n", "We need:\n-milk", NULL, ""},
        {"two items", TEXT_PLAIN, "-milk\n-bread\n", "-milk\n-bread", NULL, ""},
        {"an option", TEXT_PLAIN, "Try it with\n-v 2\n", "Try it with\n-v 2", NULL, ""},
        {"long openings of device lines need not be short", TEXT_PLAIN,
         "Da.\nEnvoyé sans fil par mon terminal mobile BlackBerry sur le réseau de Bell Canada.\n", "Da.",
         NULL, NULL},
        {NULL, TEXT_PLAIN, NULL, NULL, NULL, NULL},
    };
    check_replies(cases);
}
END_TEST

/* A command below each kind of head: it must end in the quote, never in the reply. */
START_TEST(test_C01_commands_below_quote_heads)
{
    static const char *const heads[] = {
        "On Tue, Sep 29, 2026 at 2:02 PM Li Wei <li@corp.example> wrote:",
        "On Tue, Sep 29, 2026 at 2:02 PM Li Wei\n<li@corp.example> wrote:",
        "On Tue, Sep 29, 2026 at 2:02 PM A Very Long Name Indeed <\na.very.long.name@corp.example>\nwrote:",
        "在 2026年10月7日 周三 20:03，张三 <zhang@corp.example> 写道：",
        "张三 <zhang@corp.example> 于2026年9月21日周一 09:00写道：",
        "在 2026-10-03 18:28:31，\"Support\" <support@corp.example> 写道：",
        "王小姐 <wang@corp.example> 於 2026年9月19日週六 下午3:59寫道：",
        "Am 05.10.2026 um 09:12 schrieb Anna Bauer <anna@corp.example>:",
        "Anna Bauer <anna@corp.example> schrieb am Di., 16. Aug. 2026\num 12:52 Uhr:",
        "Le 4 janv. 2026 à 19:03, Neil <neil@corp.example> a écrit :",
        "Le lun. 15 nov. 2026 à 19:42, Neil <neil@corp.example>\na écrit\u00a0:",
        "El 5 de octubre de 2026, 10:11, Ana <ana@corp.example> escribió:",
        "Il giorno lun 5 ott 2026 alle ore 10:11 Ugo <ugo@corp.example> ha scritto:",
        "Op ma 5 okt. 2026 om 12:09 schreef Piet <piet@corp.example>:",
        "Op 5-okt.-2026, om 13:18 heeft Piet <piet@corp.example> het volgende geschreven:",
        "Em seg., 5 de out. de 2026 às 09:31, Rui <rui@corp.example> escreveu:",
        "W dniu 5.10.2026 o 09:31, Ewa Nowak pisze:",
        "pon., 5 paź 2026 o 09:31 Ewa <ewa@corp.example> napisał(a):",
        "Den mån 5 okt. 2026 kl 09:31 skrev Åsa <asa@corp.example>:",
        "Den man. 5. okt. 2026 kl. 09.31 skrev Bo <bo@corp.example>:",
        "På 5 oktober 2026 kl. 09:31:18, Kari (kari@corp.example) skrev:",
        "ma 5. lokak. 2026 klo 9.31 Matti (matti@corp.example) kirjoitti:",
        "пн, 5 окт. 2026 г. в 09:31, Иван <ivan@corp.example>:",
        "5 октября 2026 г., 09:31 пользователь Иван <ivan@corp.example> написал:",
        "пн, 5 жовт. 2026 р. о 09:31 Олена <olena@corp.example> пише:",
        "2026年10月10日(金) 17:00 田中 <tanaka@corp.example>:",
        "2026年10月10日(土) 17:00 田中 <tanaka@corp.example> のメッセージ:",
        "2026년 10월 5일 (월) 오전 9:31, 김철수 <kim@corp.example>님이 작성:",
        "5 Eki 2026 Pzt, 09:31 tarihinde Ali <ali@corp.example> şunu yazdı:",
        "po 5. 10. 2026 v 9:31 odesílatel Jan <jan@corp.example> napsal:",
        "2026. okt. 5. 9:31 időpontban Béla <bela@corp.example> ezt írta:",
        "Vào Th 2, 5 thg 10, 2026 lúc 09:31 An <an@corp.example> đã viết:",
        "2026-10-05 9:31 GMT+02:00 Li Wei <li@corp.example>:",
        "---- On Mon, 05 Oct 2026 14:17:36 +0800 Li Wei <li@corp.example> wrote ----",
        "-----Original Message-----",
        "----- Original Message -----\nFrom: \"Li\" <li@corp.example>",
        "-----原始邮件-----",
        "------------------ 原始邮件 ------------------",
        "------------------\u00a0原始邮件\u00a0------------------\n发件人: \"张三\" <zhang@corp.example>;",
        "-----邮件原件-----\n发件人: 张三 <zhang@corp.example>",
        "---- 回复的原邮件 ----\n| 发件人 | 张三<zhang@corp.example> |\n| 日期 | 2026年10月03日 15:42 |",
        "------ 原始郵件 ------",
        "-----Ursprüngliche Nachricht-----\nVon: Anna\nGesendet: Montag\nAn: Li\nBetreff: x",
        "----- Message d'origine -----",
        "-----Mensaje original-----",
        "-----Messaggio originale-----",
        "-----Oprindelig meddelelse-----",
        "________________________________\nFrom: Li Wei <li@corp.example>\nSent: Monday, 5 October 2026\nTo: "
        "Bo\n"
        "Subject: Re: x",
        "From: Li Wei\nSent: Monday, 5 October 2026 09:31\nTo: Bo\nSubject: Re: x",
        "*From:* Li Wei [mailto:li@corp.example]\n*Sent:* Monday\n*To:* Bo\n*Subject:* Re: x",
        "发件人：张三\n发送时间：2026年10月5日 9:31\n收件人：李四\n主题：回复：报价",
        "发件人: 张三 <zhang@corp.example>\n日期: 2026年10月5日\n收件人: 李四",
        "寄件者: 王小姐\n寄件日期: 2026年10月5日\n收件者: 李四\n主旨: 報價",
        "Von: Anna\nGesendet: Montag, 5. Oktober 2026 09:31\nAn: Bo\nBetreff: AW: x",
        "De : Neil\nEnvoyé : lundi 5 octobre 2026\nÀ : Bo\nObjet : RE: x",
        "De: Ana\nEnviado el: lunes, 5 de octubre de 2026\nPara: Bo\nAsunto: RE: x",
        "Da: Ugo\nInviato: lunedì 5 ottobre 2026\nA: Bo\nOggetto: R: x",
        "Van: Piet\nVerzonden: maandag 5 oktober 2026\nAan: Bo\nOnderwerp: x",
        "Från: Åsa\nSkickat: den 5 oktober 2026\nTill: Bo\nÄmne: x",
        "Fra: Bo\nSendt: 5. oktober 2026\nTil: Li\nEmne: x",
        "Lähettäjä: Matti\nLähetetty: 5. lokakuuta 2026\nVastaanottaja: Bo\nAihe: x",
        "От: Иван\nОтправлено: 5 октября 2026\nКому: Бо\nТема: x",
        "差出人: 田中\n送信日時: 2026年10月5日\n宛先: Bo\n件名: x",
        "보낸 사람: 김철수\n보낸 날짜: 2026년 10월 5일\n받는 사람: Bo\n제목: x",
        "Kimden: Ali\nGönderildi: 5 Ekim 2026\nKime: Bo\nKonu: x",
        "Od: Jan\nOdesláno: 5. října 2026\nKomu: Bo\nPředmět: x",
        "-- ",
    };
    for (guint i = 0; i < G_N_ELEMENTS(heads); i++) {
        g_autofree char *in = g_strdup_printf("Thanks, that works.\n\n%s\n\n!close\nold words\n", heads[i]);
        g_auto(text_parts_t) parts;
        text_read(TEXT_PLAIN, in, strlen(in), &parts);
        ck_assert_msg(strcmp(parts.reply, "Thanks, that works.") == 0, "%s: reply is\n%s", heads[i],
                      parts.reply);
        check_no_word_lost(heads[i], &parts);
    }
}
END_TEST

/* A mail that is nothing but a quote keeps its words, but none of them at the start of a line. */
START_TEST(test_C02_a_mail_that_is_all_quote)
{
    static const struct reply_case cases[] = {
        {"unmarked quote", TEXT_PLAIN, "On Mon, 5 Oct 2026 Li <li@x.example> wrote:\n\n!close\n",
         "On Mon, 5 Oct 2026 Li <li@x.example> wrote:\n\n> !close", "!close", ""},
        {"marked quote", TEXT_PLAIN, "On Monday Alex wrote:\n> !close\n", "On Monday Alex wrote:\n> !close",
         "!close", ""},
        {"command wrapped into a head", TEXT_PLAIN,
         "On Mon, 5 Oct 2026\n!close\nLi <li@x.example> wrote:\n> a\n",
         "On Mon, 5 Oct 2026\n> !close\n> Li <li@x.example> wrote:\n> a", "!close", ""},
        {"html quote", TEXT_HTML, "<div class=gmail_quote>!close</div>", "> !close", "!close", ""},
        {"signature alone", TEXT_PLAIN, "-- \n!close\n", "", NULL, "--\n!close"},
        {0},
    };
    check_replies(cases);
}
END_TEST

START_TEST(test_what_is_new)
{
    static const struct reply_case cases[] = {
        {"nothing quoted", TEXT_PLAIN, "Hello\n\nworld\n", "Hello\n\nworld", NULL, ""},
        {"empty", TEXT_PLAIN, "", "", NULL, ""},
        {"interleaved", TEXT_PLAIN,
         "On 5 Oct 2026 Li <li@x.example> wrote:\n> price?\n\n12 USD\n\n> when?\nMonday\n",
         "12 USD\n\nMonday", "> when?", ""},
        {"bottom posted", TEXT_PLAIN, "Bob wrote:\n> price?\n\n12 USD\n", "12 USD", "Bob wrote:", ""},
        {"quote without head", TEXT_PLAIN, "top\n> a\nmiddle\n > b\nbottom\n", "top\nmiddle\nbottom", "> a",
         ""},
        {"bars", TEXT_PLAIN, "ok\n\n2026/7/20 sam via X <info@x.example>\n\n| old\n| words\n", "ok", "| old",
         ""},
        {"our line", TEXT_PLAIN, "done\n\n" TEXT_REPLY_LINE "\n\n!close\n", "done", "!close", ""},
        {"our line, quoted", TEXT_PLAIN, "> " TEXT_REPLY_LINE "\n> Status: open\n\nanswer below\n",
         "answer below", "> Status", ""},
        {"wrapped link is no quote", TEXT_PLAIN, "see\n<https://x.example/a\n> for more\n",
         "see\n<https://x.example/a\n> for more", NULL, ""},
        {"prose above a head", TEXT_PLAIN,
         "On 2026-09-24 I'm free all day.\n\nOn Mon, 21 Sep 2026 Bo <b@x.example> wrote:\n> a\n",
         "On 2026-09-24 I'm free all day.", "> a", ""},
        {0},
    };
    check_replies(cases);
}
END_TEST

START_TEST(test_prose_is_kept)
{
    static const char *const bodies[] = {
        "On the 2026 roadmap we should meet at 10:00.",
        "On your remote host you can run:\nls",
        "他写道：下周一之前必须发出。",
        "在他的书中，作者写道：\n知识就是力量",
        "他寫道歉信給我了",
        "I asked Bob <bob@x.example> on 2026-10-01 and he wrote back yes.",
        "The customer wrote:\nwhere is my parcel?",
        "From: London (LHR)\nTo: New York (JFK)\nDate: 3 October 2026",
        "From: the whole team\nThanks for everything\nSent: with love",
        "发件人：李雷\n收件人：王五\n电话：138\n地址：上海",
        "The phrase ---- 回复的原邮件 ---- is part of my text.",
        "Please resend the original message, I cannot find it.",
        "谢谢，已测试。\n发自我的内心的感谢",
        "Here it is\n\nSent from my desk, is much easier than my mobile phone.",
        "a -- b\n\n- one\n- two\n--> three",
        "---- Enter Feedback Below ----\n\nAll good.",
        "if a > b then",
    };
    for (guint i = 0; i < G_N_ELEMENTS(bodies); i++) {
        g_auto(text_parts_t) parts;
        text_read(TEXT_PLAIN, bodies[i], strlen(bodies[i]), &parts);
        ck_assert_str_eq(parts.reply, bodies[i]);
        ck_assert_ptr_null(parts.rule);
    }
}
END_TEST

START_TEST(test_signatures)
{
    static const struct reply_case cases[] = {
        {"rfc", TEXT_PLAIN, "ok\n-- \nLi Wei\nSales\n", "ok", NULL, "--\nLi Wei\nSales"},
        {"without space", TEXT_PLAIN, "ok\n--\nLi Wei\n", "ok", NULL, "--\nLi Wei"},
        {"above a quote", TEXT_PLAIN, "ok\n\n-- \nLi\n\nOn 5 Oct 2026 Bo <b@x.example> wrote:\n> a\n", "ok",
         "> a", "--\nLi"},
        {"list footer", TEXT_PLAIN, "ok\n_______________________\nlist@x.example\n", "ok", NULL, NULL},
        {"iPhone", TEXT_PLAIN, "ok\n\nSent from my iPhone\n", "ok", NULL, "Sent from my iPhone"},
        {"iPhone, Chinese", TEXT_PLAIN, "好的\n\n发自我的iPhone\n", "好的", NULL, "发自我的iPhone"},
        {"iPhone, traditional", TEXT_PLAIN, "好的\n\n從我的 iPhone 傳送\n", "好的", NULL,
         "從我的 iPhone 傳送"},
        {"QQ", TEXT_PLAIN, "好的\n\n发送自QQ邮箱\n", "好的", NULL, "发送自QQ邮箱"},
        {"NetEase", TEXT_PLAIN, "好的\n\n来自网易邮箱大师\n", "好的", NULL, "来自网易邮箱大师"},
        {"German", TEXT_PLAIN, "ja\n\nVon meinem iPhone gesendet\n", "ja", NULL,
         "Von meinem iPhone gesendet"},
        {"French", TEXT_PLAIN, "oui\n\nEnvoyé de mon iPhone\n", "oui", NULL, "Envoyé de mon iPhone"},
        {"Japanese", TEXT_PLAIN, "はい\n\niPhoneから送信\n", "はい", NULL, "iPhoneから送信"},
        {"Outlook", TEXT_PLAIN, "ok\n\nGet Outlook for iOS<https://aka.ms/x>\n", "ok", NULL, NULL},
        {"long text below --", TEXT_PLAIN, "a\n--\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n",
         "a\n--\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16", NULL, ""},
        {0},
    };
    check_replies(cases);
}
END_TEST

START_TEST(test_rule_tells_what_cut_where)
{
    static const char in[] = "ok\n\nOn 5 Oct 2026 Bo <b@x.example> wrote:\n> a\n";
    g_auto(text_parts_t) parts;
    text_read(TEXT_PLAIN, in, strlen(in), &parts);
    ck_assert_str_eq(parts.rule, "quote head, line 3; > quote, line 4");
}
END_TEST

START_TEST(test_flowed)
{
    static const struct reply_case cases[] = {
        {"joined", TEXT_FLOWED, "one \ntwo\nthree\n", "one two\nthree", NULL, ""},
        {"stuffed", TEXT_FLOWED, " From here\n >not quoted\n", "From here\n>not quoted", NULL, NULL},
        {"quoted", TEXT_FLOWED, "> old \n> words\nnew\n", "new", "> old words", ""},
        {"depth ends a paragraph", TEXT_FLOWED, "> a \nb\n", "b", "> a", ""},
        {"signature is not flowed", TEXT_FLOWED, "a \n-- \nLi\n", "a", NULL, "--\nLi"},
        {"delsp", TEXT_FLOWED_DELSP, "你 \n好\n", "你好", NULL, ""},
        {"line ends", TEXT_FLOWED, "a \r\nb\r\n", "a b", NULL, ""},
        {0},
    };
    /* ">not quoted" was stuffed so that it is text, but reads as a quote: it keeps its place as such */
    for (const struct reply_case *c = cases; c->label; c++) {
        g_auto(text_parts_t) parts;
        text_read(c->kind, c->in, strlen(c->in), &parts);
        if (strcmp(c->label, "stuffed") == 0)
            ck_assert_str_eq(parts.body, c->reply);
        else
            ck_assert_msg(strcmp(parts.reply, c->reply) == 0, "%s: %s", c->label, parts.reply);
    }
}
END_TEST

/* 1 MB of lines that all look like the beginning of a head. */
START_TEST(test_many_lines_are_linear)
{
    GString *in = g_string_new(NULL);
    while (in->len < 1024 * 1024)
        g_string_append(in, "On Mon, 5 Oct 2026 Li <li@x.example>\nFrom: a\n");
    g_auto(text_parts_t) parts;
    text_read(TEXT_PLAIN, in->str, in->len, &parts);
    ck_assert_ptr_nonnull(parts.reply);
    g_string_free(in, TRUE);
}
END_TEST

TCase *
replies_case(void)
{
    TCase *tcase = tcase_create("replies");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, test_C01_commands_below_quote_heads);
    tcase_add_test(tcase, test_C02_a_mail_that_is_all_quote);
    tcase_add_test(tcase, test_lines_shared_with_a_head);
    tcase_add_test(tcase, test_what_is_new);
    tcase_add_test(tcase, test_prose_is_kept);
    tcase_add_test(tcase, test_signatures);
    tcase_add_test(tcase, test_rule_tells_what_cut_where);
    tcase_add_test(tcase, test_flowed);
    tcase_add_test(tcase, test_many_lines_are_linear);
    return tcase;
}
