/* test_html_quotes.c - the containers of mail programs, answers within and below them (attacks.md C01), and
 * that the work on HTML is linear (X04). */
#include "cases.h"
#include "support.h"

#include <string.h>
#include <time.h>

support_case_fn html_quotes_case;

/* Whatever their words: nothing of these is in a language that a table of wording would know. */
START_TEST(test_C01_containers)
{
    static const char *const quotes[] = {
        /* Gmail and its kin */
        "<div class=gmail_quote>%s</div>",
        "<div class='x_gmail_quote x_gmail_quote_container'>%s</div>",
        "<div class=\"gmail_quote\"><div dir=ltr class=\"gmail_attr\">Zz<br></div><blockquote "
        "class=gmail_quote "
        "style=\"margin:0\">%s</blockquote></div>",
        "<div class=nylas-quote>%s</div>",
        /* Outlook */
        "<div id=appendonsend></div><div>%s</div>",
        "<hr tabindex=-1><div id='x_x_divRplyFwdMsg'>Zz</div><p>%s</p>",
        "<div class='ms-outlook-mobile-reference-message skipProofing'>%s</div>",
        "<div id='x_mail-editor-reference-message-container'>%s</div>",
        "<span id=OLK_SRC_BODY_SECTION>%s</span>",
        "<hr id=stopSpelling>%s",
        "<div style='border:none;border-top:solid #B5C4DF 1.0pt;padding:3.0pt 0in 0in 0in'>Zz</div><p>%s</p>",
        "<div style='border:none; border-top:solid #E1E1E1 1.0pt; padding:3.0pt 0cm 0cm "
        "0cm'>Zz</div><p>%s</p>",
        "<div style='border-top-color: rgb(229, 229, 229); border-top-width: 1px; border-top-style: "
        "solid'>Zz</div>%s",
        /* Apple, Thunderbird, Spark, Airmail, Roundcube, Zimbra */
        "<blockquote type='CITE'>%s</blockquote>",
        "<div class=moz-cite-prefix>Zz</div><blockquote cite='mid:x' type=cite>%s</blockquote>",
        "<div name='messageReplySection'>%s</div>",
        "<blockquote class=clean_bq>%s</blockquote>",
        "<p id='reply-intro'>Zz</p><blockquote type=cite>%s</blockquote>",
        "<hr id='zwchr' data-marker='__DIVIDER__'><div data-marker='__HEADERS__'>Zz</div><div>%s</div>",
        /* Yahoo, Proton, Tuta, Zoho, GMX */
        "<div id='ydp5f3cyahoo_quoted_0123456789' class='ydp5f3cyahoo_quoted'>%s</div>",
        "<div id='yahoo_quoted_0123456789'>%s</div>",
        "<div class='protonmail_quote'>Zz<br><blockquote class='protonmail_quote' "
        "type='cite'>%s</blockquote></div>",
        "<blockquote class=tutanota_quote>%s</blockquote>",
        "<div class='x_zmail_extra'><blockquote id='blockquote_zmail'>%s</blockquote></div>",
        "<div name='quote' style='margin:10px'>%s</div>",
        /* help desks */
        "<blockquote type=cite class=front-blockquote>%s</blockquote>",
        "<div class='hs_reply'>%s</div>",
        "<div class='freshdesk_quote'><blockquote>%s</blockquote></div>",
        /* China */
        "<div class='a ntes-mailmaster-quote'>%s</div>",
        "<blockquote id=\"isReplyContent\" style=\"border-left:#ccc 1px solid\">%s</blockquote>",
        "<includetail><!--<![endif]-->%s</includetail>",
        "<div style='font-size: 12px;font-family: Arial Narrow;padding:2px 0 2px 0;'>Zz</div><div>%s</div>",
        "<div id='original-content'>%s</div>",
        "<blockquote style='margin-Top: 0px; margin-Left: 0.5em'><div>%s</div></blockquote>",
        "<hr id=replySplit><div id=reply139content>%s</div>",
        "<div class='history-quote-wrapper' id='lark-mail-quote-1702'><div>%s</div></div>",
        "<div id='lark-mail-quote-meta-x7'>%s</div>",
        /* our own notices, whatever else is changed in them */
        "<table id='x_cardpost-notice'><tr><td>%s</td></tr></table>",
    };
    for (guint i = 0; i < G_N_ELEMENTS(quotes); i++) {
        g_auto(GStrv) around = g_strsplit(quotes[i], "%s", 2);
        g_autofree char *in = g_strconcat("<div>Új szöveg</div>", around[0], "!close", around[1], NULL);
        g_auto(text_parts_t) parts;
        text_read(TEXT_HTML, in, strlen(in), &parts);
        ck_assert_msg(strcmp(parts.reply, "Új szöveg") == 0, "%s: reply is\n%s", quotes[i], parts.reply);
        ck_assert_msg(strstr(parts.quoted, "!close"), "%s: lost", quotes[i]);
        ck_assert_msg(parts.rule, "%s: no rule", quotes[i]);
    }
}
END_TEST

START_TEST(test_signature_containers)
{
    static const char *const signatures[] = {
        "<div class='gmail_signature' data-smartmail=gmail_signature>%s</div>",
        "<div id='x_ms-outlook-mobile-signature'>%s</div>",
        "<div id=MAC_OUTLOOK_SIGNATURE>%s</div>",
        "<div name=messageSignatureSection>%s</div>",
        "<div class='protonmail_signature_block'>%s</div>",
        "<div id='_rc_sig'>%s</div>",
        "<div data-marker='__SIG_PRE__'>%s</div>",
        "<div class=front-signature>%s</div>",
        "<xm-signature><div>%s</div></xm-signature>",
        "<signature id=initial>%s</signature>",
        "<hr style='width:50px'><div><a class='xm_write_card' id=in_alias>%s</a></div>",
        "<div id='imail_signature' class='ntes-signature'>%s</div>",
        "<div class='__aliyun_signature_wrap'>%s</div>",
        "<div class='lark-mail-signature'>%s</div>",
    };
    for (guint i = 0; i < G_N_ELEMENTS(signatures); i++) {
        g_auto(GStrv) around = g_strsplit(signatures[i], "%s", 2);
        g_autofree char *in = g_strconcat("<p>好的</p>", around[0], "李娜 !close", around[1], NULL);
        g_auto(text_parts_t) parts;
        text_read(TEXT_HTML, in, strlen(in), &parts);
        ck_assert_msg(strcmp(parts.reply, "好的") == 0, "%s: reply is\n%s", signatures[i], parts.reply);
        ck_assert_msg(strcmp(parts.signature, "李娜 !close") == 0, "%s: lost", signatures[i]);
    }
}
END_TEST

/* Names that only look like a container's, and containers that hold all there is. */
START_TEST(test_no_containers)
{
    static const struct reply_case cases[] = {
        {"another word", TEXT_HTML, "<div class=my-gmail_quotes>new</div>", "new", NULL, ""},
        {"end of a word", TEXT_HTML, "<div id=unquote name=unquote>new</div>", "new", NULL, ""},
        {"a line above text", TEXT_HTML, "<div style='border-top:1px solid #ccc;padding:3px'>new</div>",
         "new", NULL, ""},
        {"divider with nothing below", TEXT_HTML, "<p>new</p><div id=appendonsend></div>", "new", NULL, ""},
        {"all in includetail", TEXT_HTML, "<includetail><div>全部内容</div></includetail>", "> 全部内容",
         NULL, ""},
        {"all in Foxmail's blockquote", TEXT_HTML,
         "<blockquote style='margin-left:.5em'>全部内容</blockquote>", "> 全部内容", NULL, ""},
        {"an indent of Gmail's", TEXT_HTML, "<blockquote class=gmail_quote>a</blockquote>", "> a", NULL, ""},
        {0},
    };
    check_replies(cases);
}
END_TEST

START_TEST(test_answers_within)
{
    static const struct reply_case cases[] = {
        {"Gmail, between", TEXT_HTML,
         "<div>see below</div><div class=gmail_quote><div class=gmail_attr>On Mon, 5 Oct 2026, Li "
         "wrote:</div><blockquote "
         "class=gmail_quote>When?</blockquote><div>Tomorrow</div><blockquote "
         "class=gmail_quote>Where?</blockquote><div>Here</div></div>",
         "see below\nTomorrow\n\n> Where?\n\nHere", "When?", ""},
        {"Gmail, at the end", TEXT_HTML,
         "<div class='gmail_quote gmail_quote_container'><div class=gmail_attr>Am Mo., 5. Okt. 2026 um 09:00 "
         "Uhr schrieb Li "
         "&lt;li@x.example&gt;:</div><blockquote class=gmail_quote>Wann?</blockquote></div><div>Morgen</div>",
         "Morgen", "Wann?", ""},
        {"Gmail, forward", TEXT_HTML,
         "<div>请看</div><div class=gmail_quote><div class=gmail_attr>---------- Forwarded message "
         "---------<br>From: Li "
         "&lt;li@x.example&gt;<br>Subject: x</div><blockquote>old</blockquote><div>old too</div></div>",
         "请看", "old too", ""},
        {"Apple, between", TEXT_HTML,
         "<blockquote type=cite><div>Le 5 oct. 2026 à 09:00, Li &lt;li@x.example&gt; a écrit :</div>Quand "
         "?</blockquote><div>Demain</div><blockquote type=cite>Où ?</blockquote><div>Ici</div>",
         "Demain\n\n> Où ?\n\nIci", "Quand", ""},
        {"below the whole mail", TEXT_HTML,
         "<div>Op ma 5 okt. 2026 om 09:00 schreef Li "
         "&lt;li@x.example&gt;:</div><blockquote>oud</blockquote>nieuw",
         "nieuw", "oud", ""},
        {"writer's own quotation", TEXT_HTML, "合同写道<blockquote>月底付款</blockquote>请确认",
         "合同写道\n\n> 月底付款\n\n请确认", "", ""},
        {"command in an answered quote", TEXT_HTML, "<blockquote>!close</blockquote>no", "> !close\n\nno", "",
         ""},
        {"only a footer below", TEXT_HTML,
         "<div>nuevo<blockquote>viejo</blockquote></div><div>aviso legal</div>", "nuevo\n\naviso legal",
         "viejo", ""},
        {"nothing below", TEXT_HTML, "<div>new</div><blockquote>old</blockquote>", "new", "old", ""},
        {"quote in the quote", TEXT_HTML,
         "<p>new</p><blockquote type=cite><blockquote>older</blockquote>old</blockquote>", "new", "older",
         ""},
        {"signature below", TEXT_HTML,
         "<p>new</p><blockquote>old</blockquote><div class=moz-signature>-- <br>Li</div>", "new", "old",
         "--\nLi"},
        {0},
    };
    check_replies(cases);
}
END_TEST

/* A word of mail alone: it needs no second field, as "From:" does. */
START_TEST(test_lone_sender)
{
    static const struct reply_case cases[] = {
        {"HTML", TEXT_HTML, "<p>收到</p><p>发件人：张三</p><p>!close</p>", "收到", "!close", ""},
        {"text, ASCII colon", TEXT_PLAIN, "收到\n\n发件人: 张三 <zs@x.example>\n\n!close", "收到", "!close",
         ""},
        {"traditional", TEXT_PLAIN, "收到\n發件人：張三\n!close", "收到", "!close", ""},
        {"prose", TEXT_PLAIN, "请注意\n发件人：张三，他是新同事。\n谢谢",
         "请注意\n发件人：张三，他是新同事。\n谢谢", "", ""},
        {"first line", TEXT_PLAIN, "发件人：张三\n请处理", "发件人：张三\n请处理", "", ""},
        {"English", TEXT_PLAIN, "Hi\nFrom: the team\nBye", "Hi\nFrom: the team\nBye", "", ""},
        {"parcel", TEXT_PLAIN, "地址\n寄件人：张三\n收件人：李四", "地址\n寄件人：张三\n收件人：李四", "",
         ""},
        {0},
    };
    check_replies(cases);
}
END_TEST

static double
seconds_for(const char *unit, guint times)
{
    g_autoptr(GString) in = g_string_new(NULL);
    for (guint i = 0; i < times; i++)
        g_string_append(in, unit);
    struct timespec from, to;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    g_auto(text_parts_t) parts;
    text_read(TEXT_HTML, in->str, in->len, &parts);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    return (double)(to.tv_sec - from.tv_sec) + 1e-9 * (double)(to.tv_nsec - from.tv_nsec);
}

/* Eight times the input may take eight times the CPU; what takes the square takes sixty-four. The ratio is of
 * CPU time, and is tried anew, so that a busy machine does not matter. */
START_TEST(test_X04_linear)
{
    static const struct {
        const char *label, *unit;
        guint times;
    } units[] = {
        {"paragraphs", "<p>some words</p>\n", 1000},
        {"links", "<a href='https://x.example/a?b'>label</a> ", 700},
        {"rows", "<tr><td>a</td><td>b</td></tr>", 1000},
        {"tables in cells", "<table><tr><td>a</td><td>", 1000},
        {"lists in lists", "<ul><li>a", 1500},
        {"list items", "<ol><li>a</ol>", 1500},
        {"blockquotes", "<blockquote>a</blockquote>b", 1000},
        {"quotes in quotes", "<blockquote type=cite>a<div>b", 1500},
        {"classes", "<p class='a b c d e f g h i j k l m n o p q r s t u v w x y z'>a</p>", 400},
        {"styles", "<p style='color:red;font-size:3px;display:block'>a</p>", 700},
        {"style sheets", "<style>.a,.b{display:none}.c{d:e}/* f */@media g{.h{i:j}}</style>", 700},
        {"hidden", "<p style='display:none'>a</p>", 1000},
        {"pictures", "<img src='cid:a@b' alt='c'>", 1000},
        {"header blocks", "<div>From: a<br>Sent: b<br>To: c</div>", 400},
        {"unclosed", "<!-- <a href=\" <style> ", 1500},
        {"one line", "words ", 4000},
        {"Chinese on one line", "汉字\n", 4000},
    };
    for (guint i = 0; i < G_N_ELEMENTS(units); i++) {
        double ratio = G_MAXDOUBLE;
        for (guint tries = 0; tries < 5 && ratio > 24; tries++) {
            double small = seconds_for(units[i].unit, units[i].times);
            ratio = MIN(ratio, seconds_for(units[i].unit, 8 * units[i].times) / MAX(small, 1e-6));
        }
        ck_assert_msg(ratio <= 24, "%s: eight times the size takes %.1f times as long", units[i].label,
                      ratio);
    }
}
END_TEST

TCase *
html_quotes_case(void)
{
    TCase *tcase = tcase_create("html quotes");
    tcase_set_timeout(tcase, 300);
    tcase_add_test(tcase, test_C01_containers);
    tcase_add_test(tcase, test_signature_containers);
    tcase_add_test(tcase, test_no_containers);
    tcase_add_test(tcase, test_answers_within);
    tcase_add_test(tcase, test_lone_sender);
    tcase_add_test(tcase, test_X04_linear);
    return tcase;
}
