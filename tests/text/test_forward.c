/* test_forward.c - forwarded mails and subject prefixes (attacks.md C05: their words are not the sender's).
 */
#include "support.h"

#include <cardpost/text.h>

#include <string.h>

support_case_fn forward_case;

START_TEST(test_C05_forwards)
{
    static const struct {
        const char *label, *in, *reply, *name, *address, *subject, *text;
        int64_t date_at;
    } cases[] = {
        {"Gmail",
         "please look\n\n---------- Forwarded message ---------\nFrom: Sue <Sue@sup.example>\nDate: Wed, Oct "
         "7, 2026 at "
         "9:31 AM\nSubject: Quote\nTo: <ann@corp.example>\n\n!close\nprice 12\n",
         "please look", "Sue", "sue@sup.example", "Quote", "!close\nprice 12", 1791365460},
        {"Apple, quoted",
         "> Begin forwarded message:\n>\n> From: Sue <sue@sup.example>\n> Subject: Quote\n> Date: 7 October "
         "2026 at "
         "11:17:21 GMT+2\n> To: ann@corp.example\n>\n> !close\n",
         "", "Sue", "sue@sup.example", "Quote", "!close", 1791364641},
        {"Chinese",
         "请处理\n\n---------- 转发的邮件 ----------\n发件人：\"苏\" "
         "<sue@sup.example>\n发送日期：2026年10月7日 "
         "下午5:31\n收件人：ann@corp.example\n主题：报价\n\n完成\n",
         "请处理", "苏", "sue@sup.example", "报价", "完成", 1791394260},
        {"header block alone",
         "From: Sue <sue@sup.example>\nSent: 2026-10-07 09:31:00 +0800\nTo: ann\nSubject: Quote\n\nx\n", "",
         "Sue", "sue@sup.example", "Quote", "x", 1791336660},
        {"no date that is none",
         "-----Forwarded message-----\nFrom: sue@sup.example\nDate: 31 Feb 2026\nSubject: Q\n\nx\n", "", "",
         "sue@sup.example", "Q", "x", 0},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(text_parts_t) parts;
        text_read(TEXT_PLAIN, cases[i].in, strlen(cases[i].in), &parts);
        const struct mail_forward *forward = parts.forward;
        ck_assert_msg(forward != NULL, "%s: no forward", cases[i].label);
        ck_assert_msg(strcmp(parts.reply, cases[i].reply) == 0, "%s: reply %s", cases[i].label, parts.reply);
        ck_assert_msg(strcmp(forward->from.name, cases[i].name) == 0, "%s: %s", cases[i].label,
                      forward->from.name);
        ck_assert_msg(strcmp(forward->from.address, cases[i].address) == 0, "%s: %s", cases[i].label,
                      forward->from.address);
        ck_assert_msg(g_strcmp0(forward->subject, cases[i].subject) == 0, "%s: %s", cases[i].label,
                      forward->subject);
        ck_assert_msg(strcmp(forward->text, cases[i].text) == 0, "%s: %s", cases[i].label, forward->text);
        ck_assert_msg(forward->date_at == cases[i].date_at, "%s: %ld", cases[i].label,
                      (long)forward->date_at);
    }
}
END_TEST

/* Outlook 2019: "On … wrote:" above a mail that is set in by blanks. Constructed after its five languages. */
START_TEST(test_outlook_2019_attribution)
{
    static const struct {
        const char *label, *head, *name;
    } cases[] = {
        {"English", "On 28/10/2026 12:46, \"Sue Lee\" <sue@sup.example> wrote:", "Sue Lee"},
        {"Dutch", "Op 28/10/2026 12:46 heeft Sue Lee <sue@sup.example> geschreven:", "Sue Lee"},
        {"Danish", "D. 28/10/2026 12.46 skrev \"Sue Lee\" <sue@sup.example>:", "Sue Lee"},
        {"Russian", "28/10/2026, 12:46 пользователь \"Sue Lee\" <sue@sup.example> написал:", "Sue Lee"},
        {"Turkish", "\"Sue Lee\" <sue@sup.example>, 28/10/2026 12:46 tarihinde şunu yazdı:", "Sue Lee"},
        {"afternoon", "On 10/28/26, 12:46 PM, Sue Lee <sue@sup.example> wrote:", "Sue Lee"},
        {"Chinese", "在 2026/10/28 12:46，“苏”<sue@sup.example> 写道:", NULL},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *in = g_strdup_printf("look\n\n%s\n\n    !close\n    price\n", cases[i].head);
        g_auto(text_parts_t) parts;
        text_read(TEXT_PLAIN, in, strlen(in), &parts);
        ck_assert_msg(strcmp(parts.reply, "look") == 0, "%s: %s", cases[i].label, parts.reply);
        ck_assert_msg(!parts.forward && parts.original, "%s: no mail", cases[i].label);
        ck_assert_msg(g_strcmp0(parts.original->from.address, "sue@sup.example") == 0, "%s: %s",
                      cases[i].label, parts.original->from.address);
        ck_assert_msg(!cases[i].name || strcmp(parts.original->from.name, cases[i].name) == 0, "%s: %s",
                      cases[i].label, parts.original->from.name);
        ck_assert_msg(strstr(parts.original->text, "price") != NULL, "%s: text", cases[i].label);
    }
    static const char plain[] = "ok\n\nOn 28/10/2026 12:46, Sue <sue@sup.example> wrote:\n> price\n";
    g_auto(text_parts_t) reply;
    text_read(TEXT_PLAIN, plain, strlen(plain), &reply);
    ck_assert_msg(!reply.original, "a quote that ends by itself is a reply");
}
END_TEST

/* Dates as the header blocks and attributions of many languages write them. */
START_TEST(test_dates_of_many_languages)
{
    static const struct {
        const char *in;
        int64_t at;
    } cases[] = {
        {"Wed, Oct 7, 2026 at 9:31 AM", 1791365460},
        {"Wednesday, 7 October 2026 at 09:31", 1791365460},
        {"7. Oktober 2026 um 09:31:00 MESZ", 1791365460},
        {"Mittwoch, 7. Oktober 2026 11:31 GMT+2", 1791365460},
        {"mer. 7 oct. 2026 à 09:31", 1791365460},
        {"mar. 6 oct. 2026 à 09h31", 1791279060},
        {"miércoles, 7 de octubre de 2026 9:31", 1791365460},
        {"mercoledì 7 ottobre 2026, 09:31", 1791365460},
        {"quarta-feira, 7 de outubro de 2026 05:31:00 -0400", 1791365460},
        {"woensdag 7 oktober 2026 09:31", 1791365460},
        {"onsdag den 7. oktober 2026 kl. 09.31", 1791365460},
        {"7.10.2026 klo 9.31", 1791365460},
        {"keskiviikko 7. lokakuuta 2026 klo 9.31", 1791365460},
        {"7 października 2026 o 09:31", 1791365460},
        {"7. října 2026 v 9:31", 1791365460},
        {"2026. október 7., szerda 9:31", 1791365460},
        {"2026. okt. 7. 9:31", 1791365460},
        {"miercuri, 7 octombrie 2026, 09:31", 1791365460},
        {"7 октября 2026 г., 09:31", 1791365460},
        {"7 жовтня 2026 р. о 09:31", 1791365460},
        {"7 Ekim 2026 12:31 GMT+3", 1791365460},
        {"7 Οκτωβρίου 2026 09:31", 1791365460},
        {"2026年10月7日(水) 9:31", 1791365460},
        {"2026년 10월 7일 (수) 오후 9:31", 1791408660},
        {"2026. 10. 7. 오전 9:31", 1791365460},
        {"星期三, 十月 7, 2026 9:31 上午", 1791365460},
        {"2026年10月07日 09点31分", 1791365460},
        {"2026年10月7日 9時31分", 1791365460},
        {"28/10/2026 12:46", 1793191560},
        {"10/28/26, 12:46 PM", 1793191560},
        {"7/10/2026 09:31", 1791365460},
        {"10/7/2026 9:31 AM", 1791365460},
        {"2026-10-07T09:31:00Z", 1791365460},
        {"Monday", 0},
        {"Mark 12", 0},
        {"99/99/2026", 0},
        {"12345678901234567890", 0},
        {"7/10", 0},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *in = g_strdup_printf(
            "-----Forwarded message-----\nFrom: sue@sup.example\nDate: %s\nSubject: Q\n\nx\n", cases[i].in);
        g_auto(text_parts_t) parts;
        text_read(TEXT_PLAIN, in, strlen(in), &parts);
        ck_assert_msg(parts.forward && parts.forward->date_at == cases[i].at, "%s: %ld", cases[i].in,
                      parts.forward ? (long)parts.forward->date_at : -1);
    }
}
END_TEST

/* Words below a marked forward are the forwarder's; lines in it that the program forgot to mark are not. */
START_TEST(test_C05_where_a_marked_forward_ends)
{
    static const struct {
        const char *label, *below, *reply, *text;
    } cases[] = {
        {"an empty line, then words", "> price\n\nmine\n", "look\n\nmine", "price"},
        {"words right below", "> price\n!close\n", "look", "price\n!close"},
        {"an unmarked line inside", "> price\n!close\n> 12\n\nmine\n", "look\n\nmine", "price\n!close\n12"},
        {"an unmarked paragraph inside", "> price\n\n!close\n\n> 12\n", "look", "price\n\n!close\n\n12"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *in =
            g_strconcat("look\n\nForwarded message:\n\n> From: Sue <sue@sup.example>\n> To: ann\n"
                        "> Subject: Q\n>\n",
                        cases[i].below, NULL);
        g_auto(text_parts_t) parts;
        text_read(TEXT_PLAIN, in, strlen(in), &parts);
        ck_assert_msg(strcmp(parts.reply, cases[i].reply) == 0, "%s: %s", cases[i].label, parts.reply);
        ck_assert_msg(parts.forward && strcmp(parts.forward->text, cases[i].text) == 0, "%s: %s",
                      cases[i].label, parts.forward ? parts.forward->text : "none");
    }
}
END_TEST

/* What the programs of many languages write above a forward. Constructed; the spacing before the colon
 * varies. */
START_TEST(test_openings_of_many_languages)
{
    static const struct {
        const char *label, *opening, *from, *subject, *date, *to;
    } cases[] = {
        {"Czech", "Začátek přeposílané zprávy:", "Od", "Předmět", "Datum", "Komu"},
        {"Czech, Gmail", "-----Přeposlaná zpráva-----", "Od", "Předmět", "Datum", "Komu"},
        {"Danish", "Start på videresendt besked:", "Fra", "Emne", "Dato", "Til"},
        {"Danish, Thunderbird", "-------- Videresendt meddelelse --------", "Fra", "Emne", "Dato", "Til"},
        {"German", "Anfang der weitergeleiteten Nachricht:", "Von", "Betreff", "Datum", "An"},
        {"German, Thunderbird", "-------- Weitergeleitete Nachricht --------", "Von", "Betreff", "Datum",
         "An"},
        {"Spanish", "Inicio del mensaje reenviado:", "De", "Asunto", "Fecha", "Para"},
        {"Estonian", "-------- Edastatud kiri --------", "Saatja", "Teema", "Kuupäev", "Saaja"},
        {"Finnish", "Välitetty viesti alkaa:", "Lähettäjä", "Aihe", "Päivämäärä", "Vastaanottaja"},
        {"Finnish, Thunderbird", "-------- Välitetty viesti / Fwd.Msg --------", "Lähettäjä", "Aihe",
         "Päiväys", "Vastaanottaja"},
        {"French", "Début du message réexpédié :", "De", "Objet", "Date", "À"},
        {"French, Thunderbird", "-------- Message transféré --------", "De", "Sujet", "Date", "Pour"},
        {"Croatian", "Započni proslijeđenu poruku:", "Šalje", "Predmet", "Datum", "Prima"},
        {"Croatian, Thunderbird", "-------- Proslijeđena poruka --------", "Šalje", "Naslov", "Datum",
         "Prima"},
        {"Hungarian", "Továbbított levél kezdete:", "Feladó", "Tárgy", "Dátum", "Címzett"},
        {"Italian", "Inizio messaggio inoltrato:", "Da", "Oggetto", "Data", "A"},
        {"Italian, Thunderbird", "-------- Messaggio Inoltrato --------", "Mittente", "Oggetto", "Data", "A"},
        {"Dutch", "Begin doorgestuurd bericht:", "Van", "Onderwerp", "Datum", "Aan"},
        {"Norwegian", "Videresendt melding:", "Fra", "Emne", "Dato", "Til"},
        {"Polish", "Początek przekazywanej wiadomości:", "Od", "Temat", "Data", "Do"},
        {"Polish, Thunderbird", "--- Treść przekazanej wiadomości ---", "Nadawca", "Temat", "Data",
         "Adresat"},
        {"Portuguese", "Início da mensagem reencaminhada:", "De", "Assunto", "Data", "Para"},
        {"Portuguese of Brazil", "Início da mensagem encaminhada:", "De", "Assunto", "Data", "Para"},
        {"Romanian", "Începe mesajul redirecționat:", "Expeditorul", "Subiectul", "Dată", "Destinatarul"},
        {"Russian", "Начало переадресованного сообщения:", "Отправитель", "Тема", "Дата", "Кому"},
        {"Russian, Thunderbird", "-------- Перенаправленное сообщение --------", "От", "Тема", "Дата",
         "Кому"},
        {"Slovak", "Začiatok preposlanej správy:", "Od", "Predmet", "Dátum", "Pre"},
        {"Slovak, Thunderbird", "-------- Preposlaná správa --- Forwarded Message --------", "Od", "Predmet",
         "Dátum", "Pre"},
        {"Swedish", "Vidarebefordrat mejl:", "Från", "Ämne", "Datum", "Till"},
        {"Turkish", "İleti başlangıcı:", "Kimden", "Konu", "Tarih", "Kime"},
        {"Turkish, Thunderbird", "-------- İletilen İleti --------", "Kimden", "Konu", "Tarih", "Kime"},
        {"Turkish, capitals", "-------- İLETİLMİŞ MESAJ --------", "KİMDEN", "KONU", "TARİH", "KİME"},
        {"Ukrainian", "Початок листа, що пересилається:", "Від кого", "Тема", "Дата", "Кому"},
        {"Ukrainian, Yahoo", "----- Перенаправлене повідомлення -----", "Від", "Тема", "Дата", "Кому"},
        {"Greek", "-------- Προωθημένο μήνυμα --------", "Από", "Θέμα", "Ημερομηνία", "Προς"},
        {"Vietnamese", "-------- Thư đã chuyển tiếp --------", "Từ", "Chủ đề", "Ngày", "Đến"},
        {"Japanese", "-------- 転送メッセージ --------", "差出人", "件名", "日付", "宛先"},
        {"Korean", "-------- 전달된 메시지 --------", "보낸 사람", "제목", "날짜", "받는 사람"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *space = i % 2 ? "" : " ";
        g_autofree char *in = g_strdup_printf("look\n\n%s\n\n%s%s: Sue <sue@sup.example>\n%s%s: Quote\n%s%s: "
                                              "2026-10-07 09:31\n%s%s: ann@corp.example\n\n"
                                              "!close\n",
                                              cases[i].opening, cases[i].from, space, cases[i].subject, space,
                                              cases[i].date, space, cases[i].to, space);
        g_auto(text_parts_t) parts;
        text_read(TEXT_PLAIN, in, strlen(in), &parts);
        ck_assert_msg(strcmp(parts.reply, "look") == 0, "%s: %s", cases[i].label, parts.reply);
        ck_assert_msg(parts.forward != NULL, "%s: no forward", cases[i].label);
        ck_assert_str_eq(parts.forward->from.address, "sue@sup.example");
        ck_assert_msg(g_strcmp0(parts.forward->subject, "Quote") == 0, "%s: subject", cases[i].label);
        ck_assert_msg(parts.forward->date_at == 1791365460, "%s: date", cases[i].label);
        ck_assert_msg(g_strcmp0(parts.forward->to, "ann@corp.example") == 0, "%s: to", cases[i].label);
        ck_assert_msg(strcmp(parts.forward->text, "!close") == 0, "%s: %s", cases[i].label,
                      parts.forward->text);
    }
}
END_TEST

/* Nothing of it is a forward: no dashes and no colon, or no header below. */
START_TEST(test_what_is_no_forward)
{
    static const char *const prose[] = {
        "Forwarded message from Li is below",       "The forwarded message\nFrom: the team",
        "Weitergeleitete Nachricht\nist da",        "转发的邮件\n在附件里",
        "From: London\nTo: New York\nDate: Monday", "İletilen ileti\nburada",
    };
    for (guint i = 0; i < G_N_ELEMENTS(prose); i++) {
        g_auto(text_parts_t) parts;
        text_read(TEXT_PLAIN, prose[i], strlen(prose[i]), &parts);
        ck_assert_msg(!parts.forward && strcmp(parts.reply, prose[i]) == 0, "%s: %s", prose[i], parts.reply);
    }
}
END_TEST

START_TEST(test_names_and_their_marks)
{
    static const struct {
        const char *head, *name;
    } cases[] = {
        {"Le 28/10/2026 12:46, « Sue Lee » <sue@sup.example> a écrit :", "Sue Lee"},
        {"Dnia 28/10/2026 12:46 „Sue Lee” <sue@sup.example> napisał:", "Sue Lee"},
        {"Am 28/10/2026 12:46 schrieb \"Sue Lee\" <sue@sup.example>:", "Sue Lee"},
        {"在 2026/10/28 12:46，“苏”<sue@sup.example> 写道:", "苏"},
        {"From: Sue Lee [mailto:sue@sup.example]\nSent: Monday\nTo: ann\nSubject: Q", "Sue Lee"},
        {"From: 'Sue Lee' <sue@sup.example>\nSent: Monday\nTo: ann\nSubject: Q", "Sue Lee"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *in = g_strdup_printf("look\n\n%s\n\n    price\n", cases[i].head);
        g_auto(text_parts_t) parts;
        text_read(TEXT_PLAIN, in, strlen(in), &parts);
        ck_assert_msg(parts.original != NULL, "%s", cases[i].head);
        ck_assert_str_eq(parts.original->from.name, cases[i].name);
    }
}
END_TEST

/* A forward of a forward: the mail that the member passed on is the outer one, the inner is in its text. */
START_TEST(test_nested_forwards)
{
    static const char *const ins[] = {
        "look\n\n---------- Forwarded message ---------\nFrom: Sue <sue@sup.example>\nSubject: Q\nTo: ann\n\n"
        "please\n\n---------- Forwarded message ---------\nFrom: Bob <bob@far.example>\nSubject: P\n"
        "To: sue\n\ninner\n",
        "look\n\n> 开始转发的邮件：\n> \n> 发件人: Sue <sue@sup.example>\n> 主题: Q\n> \n> please\n> \n>> "
        "开始转发的邮件：\n>> \n>> 发件人: Bob <bob@far.example>\n>> 主题: P\n>> \n>> inner\n",
        "look\n\n-----Weitergeleitete Nachricht-----\nVon: Sue <sue@sup.example>\nBetreff: Q\n\nplease\n\n"
        "-------- Message transféré --------\nDe : Bob <bob@far.example>\nObjet : P\n\ninner\n",
    };
    for (guint i = 0; i < G_N_ELEMENTS(ins); i++) {
        g_auto(text_parts_t) parts;
        text_read(TEXT_PLAIN, ins[i], strlen(ins[i]), &parts);
        ck_assert_str_eq(parts.reply, "look");
        ck_assert_msg(parts.forward != NULL, "%u: no forward", i);
        ck_assert_str_eq(parts.forward->from.address, "sue@sup.example");
        ck_assert_str_eq(parts.forward->subject, "Q");
        ck_assert_msg(strstr(parts.forward->text, "bob@far.example") && strstr(parts.forward->text, "inner"),
                      "%u: %s", i, parts.forward->text);
    }
}
END_TEST

START_TEST(test_outlook_says_not_which)
{
    static const char in[] =
        "ok\n\nFrom: Sue <sue@sup.example>\nSent: Monday\nTo: ann\nSubject: Quote\n\nold\n";
    g_auto(text_parts_t) parts;
    text_read(TEXT_PLAIN, in, strlen(in), &parts);
    ck_assert_ptr_null(parts.forward);
    ck_assert_ptr_nonnull(parts.original);
    ck_assert_str_eq(parts.original->from.address, "sue@sup.example");
    ck_assert_str_eq(parts.original->text, "old");
}
END_TEST

START_TEST(test_html_forward)
{
    static const char in[] =
        "<p>fyi</p><div class=gmail_quote><div>---------- Forwarded message ---------<br>From: <b>Sue"
        "</b> &lt;sue@sup.example&gt;<br>Date: Wed, 7 Oct 2026 09:31 +0000<br>Subject: Quote<br>To: "
        "Ann<br></div><br>!close</div><p>mine</p>";
    g_auto(text_parts_t) parts;
    text_read(TEXT_HTML, in, strlen(in), &parts);
    ck_assert_str_eq(parts.reply, "fyi\n\nmine");
    ck_assert_ptr_nonnull(parts.forward);
    ck_assert_str_eq(parts.forward->from.address, "sue@sup.example");
    ck_assert_str_eq(parts.forward->text, "!close");
}
END_TEST

START_TEST(test_subjects)
{
    static const struct {
        const char *in, *bare;
        bool forwarded;
    } cases[] = {
        {"plain", "plain", false},       {"", "", false},
        {"Re: x", "x", false},           {"RE:x", "x", false},
        {"Re: 回复：AW: x", "x", false}, {"答复: 转发： 报价", "报价", true},
        {"回覆: 轉寄: x", "x", true},    {"自动回复：x", "x", false},
        {"Re[2]: x", "x", false},        {"Re (3) : x", "x", false},
        {"Re^4: x", "x", false},         {"Fwd: Fw: WG: x", "x", true},
        {"TR : x", "x", true},           {"SV: Antw: Odp: YNT: x", "x", false},
        {"I: R: x", "x", true},          {"İLT: x", "x", true},
        {"답장: 전달: x", "x", true},    {"返信: 転送: x", "x", true},
        {"  Re: \u3000x", "x", false},   {"Reminder: x", "Reminder: x", false},
        {"12: x", "12: x", false},       {"Re x", "Re x", false},
        {"订单: x", "订单: x", false},   {"Re:", "", false},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        bool forwarded = !cases[i].forwarded;
        ck_assert_str_eq(text_bare_subject(cases[i].in, &forwarded), cases[i].bare);
        ck_assert_msg(forwarded == cases[i].forwarded, "%s", cases[i].in);
    }
    ck_assert_str_eq(text_bare_subject("Fw: x", NULL), "x");
}
END_TEST

/* Tags of gateways and boards before a prefix. */
START_TEST(test_inner_subjects)
{
    static const struct {
        const char *in, *inner;
        bool forwarded;
    } cases[] = {
        {"[EXTERNAL] Fwd: x", "x", true},
        {"[EXTERNAL] Re: [EXT] 转发：x", "x", true},
        {"Re: [EXTERNAL] x", "[EXTERNAL] x", false},
        {"[orders] [EXTERNAL] Re: x", "x", false},
        {"【外部邮件】转发：报价", "报价", true},
        {"[orders] x", "[orders] x", false},
        {"[open Fwd: x", "[open Fwd: x", false},
        {"[a] x Fwd: y", "[a] x Fwd: y", false},
        {"", "", false},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        bool forwarded = !cases[i].forwarded;
        ck_assert_str_eq(text_inner_subject(cases[i].in, &forwarded), cases[i].inner);
        ck_assert_msg(forwarded == cases[i].forwarded, "%s", cases[i].in);
    }
    ck_assert_str_eq(text_inner_subject("[a] Fw: x", NULL), "x");
}
END_TEST

TCase *
forward_case(void)
{
    TCase *tcase = tcase_create("forward");
    tcase_add_test(tcase, test_C05_forwards);
    tcase_add_test(tcase, test_outlook_2019_attribution);
    tcase_add_test(tcase, test_dates_of_many_languages);
    tcase_add_test(tcase, test_C05_where_a_marked_forward_ends);
    tcase_add_test(tcase, test_openings_of_many_languages);
    tcase_add_test(tcase, test_what_is_no_forward);
    tcase_add_test(tcase, test_names_and_their_marks);
    tcase_add_test(tcase, test_nested_forwards);
    tcase_add_test(tcase, test_outlook_says_not_which);
    tcase_add_test(tcase, test_html_forward);
    tcase_add_test(tcase, test_subjects);
    tcase_add_test(tcase, test_inner_subjects);
    return tcase;
}
