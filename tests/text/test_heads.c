/* test_heads.c - what mail programs write above a quote, in the languages that they speak, and what people
 * write that looks like it. */
#include "cases.h"
#include "support.h"

#include <string.h>

support_case_fn heads_case;

struct head {
    const char *label, *head;
    bool needs_quote; /* believed only above a quote */
};

static const struct head heads[] = {
    {"bg", "На пн, 5.10.2026 г. в 9:31 Sue <sue@sup.example> написа:", false},
    {"sk", "po 5. 10. 2026 o 9:31 Sue <sue@sup.example> napísal(a):", false},
    {"hr", "pon, 5. lis 2026. u 09:31 Sue <sue@sup.example> napisao je:", false},
    {"sr", "пон, 5. окт 2026. у 09:31 Sue <sue@sup.example> је написао/ла:", false},
    {"lt", "2026-10-05, pr, 09:31 Sue <sue@sup.example> rašė:", false},
    {"lv", "Pirmd., 2026. g. 5. okt., plkst. 09:31 — lietotājs Sue (<sue@sup.example>) rakstīja:", false},
    {"et", "Kuupäev E, 5. oktoober 2026 kell 09:31 kirjutas Sue <sue@sup.example>:", false},
    {"ca", "El dl., 5 d’oct. 2026, 9:31, Sue <sue@sup.example> va escriure:", false},
    {"fa", "در تاریخ دوشنبه ۵ اکتبر ۲۰۲۶،‏ ۹:۳۱ Sue <sue@sup.example> نوشت:",
     false},
    {"hi", "सोम, 5 अक्तू॰ 2026 को 9:31 am बजे को Sue <sue@sup.example> ने लिखा:", false},
    {"ms", "Pada Isn, 5 Okt 2026 pada 9:31 PG Sue <sue@sup.example> menulis:", false},
    {"fil", "Noong Lun, Okt 5, 2026 nang 9:31 AM, sinulat ni Sue <sue@sup.example> ang:", false},
    {"is", "Þann mán., 5. okt. 2026 kl. 09:31 skrifaði Sue <sue@sup.example>:", false},
    {"fr-CA", "Le lun. 5 oct. 2026, à 09 h 31, Sue <sue@sup.example> a écrit :", false},
    {"es-419", "El lun, 5 oct 2026 a la(s) 9:31 a.m., Sue (sue@sup.example) escribió:", false},
    {"pt-PT", "Sue <sue@sup.example> escreveu (segunda, 5/10/2026 à(s) 09:31):", false},
    {"Yahoo fr", "Le lundi 5 octobre 2026 à 09:31:22 UTC+2, Sue <sue@sup.example> a écrit :", false},
    {"Yahoo es", "El lunes, 5 de octubre de 2026, 09:31:22 CEST, Sue <sue@sup.example> escribió:", false},
    {"Yahoo de",
     "Am Montag, 5. Oktober 2026 um 09:31:22 MESZ hat Sue <sue@sup.example> Folgendes geschrieben:", false},
    {"Yahoo it", "Il lunedì 5 ottobre 2026 alle ore 09:31:22 CEST, Sue <sue@sup.example> ha scritto:", false},
    {"Yahoo pt",
     "Em segunda-feira, 5 de outubro de 2026 09:31:22 BRT, Sue <sue@sup.example> escreveu:", false},
    {"Yahoo tw", "Sue <sue@sup.example> 於 2026年10月5日星期一 上午09:31:22 [GMT+8] 寫道：", false},
    {"Yahoo ja", "2026年10月5日月曜日 9:31:22 JST、Sue<sue@sup.example>さんが書きました:", false},
    {"Yahoo pl",
     "W dniu poniedziałek, 5 października 2026 09:31:22 CEST użytkownik Sue <sue@sup.example> napisał:",
     false},
    {"Apple fr", "Le 5 oct. 2026 à 09:31, Sue <sue@sup.example> a écrit :", false},
    {"Apple es", "El 5 oct 2026, a las 9:31, Sue <sue@sup.example> escribió:", false},
    {"Apple it", "Il giorno 5 ott 2026, alle ore 09:31, Sue <sue@sup.example> ha scritto:", false},
    {"Apple nl", "Op 5 okt. 2026 om 09:31 heeft Sue <sue@sup.example> het volgende geschreven:", false},
    {"Apple ja", "2026/10/05 9:31、Sue <sue@sup.example>のメール:", false},
    {"Apple ko", "2026. 10. 5. 오전 9:31, Sue <sue@sup.example> 작성:", false},
    {"Apple sv", "5 okt. 2026 kl. 09:31 skrev Sue <sue@sup.example>:", false},
    {"Apple da", "Den 5. okt. 2026 kl. 09.31 skrev Sue <sue@sup.example>:", false},
    {"Apple pt", "Em 5 de out. de 2026, à(s) 09:31, Sue <sue@sup.example> escreveu:", false},
    {"Apple ru", "5 окт. 2026 г., в 09:31, Sue <sue@sup.example> написал(а):", false},
    {"Apple tr", "Sue <sue@sup.example> şunları yazdı (5 Eki 2026 09:31):", false},
    {"Apple pl", "Wiadomość napisana przez Sue <sue@sup.example> w dniu 5 paź 2026, o godz. 09:31:", false},
    {"Apple fi", "Sue <sue@sup.example> kirjoitti 5.10.2026 kello 9.31:", false},
    {"Apple cs", "Dne 5. 10. 2026 v 9:31, Sue <sue@sup.example> napsal:", false},
    {"Apple he", "בתאריך 5 באוק׳ 2026, בשעה 9:31, Sue <sue@sup.example> כתב/ה:", false},
    {"Apple tw", "Sue <sue@sup.example> 於 2026年10月5日 上午9:31 寫道：", false},
    {"Apple hu", "Sue <sue@sup.example> írta (2026. okt. 5. dátummal, 9:31 időpontban):", false},
    {"Apple no", "5. okt. 2026 kl. 09:31 skrev Sue <sue@sup.example>:", false},
    {"Apple th", "เมื่อ 5 ต.ค. 2569 เวลา 09:31, Sue <sue@sup.example> เขียนว่า:", false},
    {"Apple vi", "Vào 09:31, 5 thg 10, 2026, Sue <sue@sup.example> đã viết:", false},
    {"Apple el", "5 Οκτ 2026, 09:31, ο χρήστης «Sue <sue@sup.example>» έγραψε:", false},
    {"Apple uk", "5 жовт. 2026 р. о 09:31 Sue <sue@sup.example> написав(-ла):", false},
    {"Apple ar", "في ٥ أكتوبر ٢٠٢٦، الساعة ٩:٣١ ص، كتب Sue <sue@sup.example>:", false},
    {"Apple ro", "Pe 5 oct. 2026, la 09:31, Sue <sue@sup.example> a scris:", false},
    {"Apple hr", "Dana 05.10.2026. u 09:31, Sue <sue@sup.example> je napisao/la sljedeće:", false},
    {"Apple id", "Pada 5 Okt 2026, pukul 09.31, Sue <sue@sup.example> menulis:", false},
    {"Apple hi", "5 अक्तू॰ 2026 को 9:31 am पर Sue <sue@sup.example> ने लिखा:", false},
    {"Thunderbird fr", "Le 05/10/2026 à 09:31, Sue a écrit :", false},
    {"Thunderbird es", "El 05/10/2026 a las 9:31, Sue escribió:", false},
    {"Thunderbird it", "Il 05/10/26 09:31, Sue ha scritto:", false},
    {"Thunderbird pl", "W dniu 5.10.2026 o 09:31, Sue pisze:", false},
    {"Thunderbird ru", "05.10.2026 9:31, Sue пишет:", false},
    {"Thunderbird nl", "Op 05-10-2026 om 09:31 schreef Sue:", false},
    {"Thunderbird sv", "Den 2026-10-05 kl. 09:31, skrev Sue:", false},
    {"Thunderbird ja", "On 2026/10/05 9:31, Sue wrote:", false},
    {"Thunderbird zh", "在 2026/10/5 9:31, Sue 写道:", false},
    {"Thunderbird cs", "Dne 05. 10. 26 v 9:31 Sue napsal(a):", false},
    {"Thunderbird tr", "Sue, 05.10.2026 09:31 tarihinde yazdı:", false},
    {"Thunderbird pt", "Em 05/10/2026 09:31, Sue escreveu:", false},
    {"Thunderbird pt2", "Às 09:31 de 05/10/2026, Sue escreveu:", false},
    {"Thunderbird hu", "2026. 10. 05. 9:31 keltezéssel, Sue írta:", false},
    {"Thunderbird ro", "Pe 05.10.2026 09:31, Sue a scris:", false},
    {"Thunderbird uk", "05.10.26 09:31, Sue пише:", false},
    {"Thunderbird el", "Στις 5/10/2026 9:31 π.μ., ο/η Sue έγραψε:", false},
    {"Thunderbird ko", "2026-10-05 오전 9:31에 Sue 이(가) 쓴 글:", false},
    {"Thunderbird tw", "Sue 於 2026/10/5 上午 09:31 寫道：", false},
    {"Thunderbird da", "Den 05.10.2026 kl. 09.31 skrev Sue:", false},
    {"mailru", "Понедельник, 5 октября 2026, 9:31 +03:00 от Sue <sue@sup.example>:", false},
    {"yandex", "05.10.2026, 09:31, \"Sue\" <sue@sup.example>:", false},
    {"rc de", "Am 2026-10-05 09:31, schrieb Sue:", false},
    {"rc pl", "W dniu 2026-10-05 09:31, Sue napisał(a):", false},
    {"horde", "Zitat von Sue <sue@sup.example>:", true},
    {"horde en", "Quoting Sue <sue@sup.example>:", true},
    {"front", "On October 5, 2026 at 9:31 AM GMT+2 sue@sup.example wrote:", false},
    {"mailspring", "On Oct 5 2026, at 9:31 am, Sue <sue@sup.example> wrote:", false},
    {"bluemail", "On Oct 5, 2026, 9:31 AM, at 9:31 AM, Sue <sue@sup.example> wrote:", false},
    {"aqua", "On October 5, 2026 9:31:22 AM Sue <sue@sup.example> wrote:", false},
    {"xiaomi", "Sue <sue@sup.example> 于 2026年10月5日周一 上午9:31写道：", false},
    {"claws", "On Mon, 5 Oct 2026 09:31:22 +0200\nSue <sue@sup.example> wrote:", false},
    {"claws fr", "Le Mon, 5 Oct 2026 09:31:22 +0200,\nSue <sue@sup.example> a écrit :", false},
    {"evolution", "On Mon, 2026-10-05 at 09:31 +0200, Sue wrote:", false},
    {"evolution de", "Am Montag, dem 05.10.2026 um 09:31 +0200 schrieb Sue:", false},
    {"kmail", "On Monday, 5 October 2026 09:31:22 CEST Sue wrote:", false},
    {"kmail de", "Am Montag, 5. Oktober 2026, 09:31:22 CEST schrieb Sue:", false},
    {"pine", "On Mon, 5 Oct 2026, Sue wrote:", false},
    {"bat", "Вы писали 5 октября 2026 г., 9:31:22:", true},
    {"missive", "On October 5, 2026, Sue <sue@sup.example> wrote:", false},
    {"spark zh", "在 2026年10月5日 +0800 09:31，Sue <sue@sup.example>，写道：", false},
    {"Gmail hu", "Sue <sue@sup.example> ezt írta (időpont: 2026. okt. 5., H, 9:31):", false},
    {"Gmail ar", "في الاثنين، 5 أكتوبر 2026 في 9:31 ص تمت كتابة ما يلي بواسطة Sue <sue@sup.example>:", false},
    {"Gmail he", "בתאריך יום ב׳, 5 באוק׳ 2026 ב-9:31 מאת Sue <sue@sup.example>:", false},
    {"Outlook th",
     "จาก: Sue <sue@sup.example>\nส่ง: 5 ตุลาคม 2569 9:31\nถึง: tasks@team.example\nเรื่อง: RE: case", false},
    {"Outlook id",
     "Dari: Sue <sue@sup.example>\nDikirim: Senin, 05 Oktober 2026 9:31\nKepada: tasks@team.example\nSubjek: "
     "RE: case",
     false},
    {"Outlook bg",
     "От: Sue <sue@sup.example>\nИзпратено: понеделник, 5 октомври 2026 г. 9:31\nДо: "
     "tasks@team.example\nТема: RE: case",
     false},
    {"Outlook lt",
     "Nuo: Sue <sue@sup.example>\nIšsiųsta: 2026 m. spalio 5 d. 09:31\nKam: tasks@team.example\nTema: RE: "
     "case",
     false},
    {"Outlook fa",
     "از: Sue <sue@sup.example>\nارسال شده: دوشنبه 5 اکتبر 2026 9:31\nبه: tasks@team.example\nموضوع: RE: "
     "case",
     false},
    {"Zendesk", "##- Please type your reply above this line -##", false},
    {"Jira", "---- Reply above this line.", false},
    {"Freshdesk", "-- Reply above this line --", false},
    {"Chinese system", "---- 请在此行上方回复 ----", false},
    {"German system", "--- Bitte antworten Sie oberhalb dieser Zeile ---", false},
};

/* With the quote marked by ">", and not marked at all. */
START_TEST(test_heads)
{
    const struct head *head = &heads[_i];
    for (guint marked = 0; marked < 2; marked++) {
        g_autofree char *in =
            g_strdup_printf("New words.\n\n%s\n\n%sold words\n", head->head, marked ? "> " : "");
        g_autofree char *whole = g_strdup_printf("New words.\n\n%s\n\nold words", head->head);
        const char *reply = marked || !head->needs_quote ? "New words." : whole;
        g_auto(text_parts_t) parts;
        text_read(TEXT_PLAIN, in, strlen(in), &parts);
        ck_assert_msg(strcmp(parts.reply, reply) == 0, "%s: reply is\n%s", head->label, parts.reply);
        check_no_word_lost(head->label, &parts);
    }
}
END_TEST

/* Agendas, lists and instructions stay whole. */
static const struct head not_heads[] = {
    {"agenda", "Monday, call Sue <sue@sup.example>\nTuesday, call Bob <bob@sup.example>", false},
    {"agenda by time", "9:30 Sue <sue@sup.example>\n10:00 Bob <bob@sup.example>", false},
    {"agenda with colons",
     "9:30 Sue <sue@sup.example>:\n- the price\n10:00 Bob <bob@sup.example>:\n- the boxes", false},
    {"who to ask", "Please ask Sue <sue@sup.example>:\nis the price right?", false},
    {"who to ask, dated", "Ask Sue (sue@sup.example) by 2026-10-05 09:31:\nis the price right?", false},
    {"instruction", "- reply above this line\n- sign below it", false},
    {"instruction in words", "Please write above this line what you think.", false},
    {"Chinese instruction", "请在此行上方回复\n然后签字", false},
    {"written in 2026", "Sue wrote in 2026 (5 times) to bob@sup.example", false},
};

START_TEST(test_not_heads)
{
    const struct head *text = &not_heads[_i];
    g_auto(text_parts_t) parts;
    text_read(TEXT_PLAIN, text->head, strlen(text->head), &parts);
    ck_assert_msg(strcmp(parts.reply, text->head) == 0, "%s: reply is\n%s", text->label, parts.reply);
}
END_TEST

TCase *
heads_case(void)
{
    TCase *tcase = tcase_create("heads");
    tcase_add_loop_test(tcase, test_heads, 0, G_N_ELEMENTS(heads));
    tcase_add_loop_test(tcase, test_not_heads, 0, G_N_ELEMENTS(not_heads));
    return tcase;
}
