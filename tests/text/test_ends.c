/* test_ends.c - what stands below and above the words of a mail: closing words with their contact blocks,
 * device lines, notices, banners of gateways; and what looks like them and is what the person wrote. */
#include "cases.h"
#include "support.h"

#include <string.h>

support_case_fn ends_case;

START_TEST(test_closing_words_with_a_contact_block)
{
    static const struct reply_case cases[] = {
        {"English", TEXT_PLAIN,
         "Please ship it.\n\nBest regards,\n\nAnna Bauer\nSales Manager\nAcme Ltd.\nTel: +49 30 1234567\n",
         "Please ship it.", NULL,
         "Best regards,\n\nAnna Bauer\nSales Manager\nAcme Ltd.\nTel: +49 30 1234567"},
        {"thanks", TEXT_PLAIN, "Please ship it.\n\nThanks,\nBob Miller\nbob@corp.example\n",
         "Please ship it.", NULL, "Thanks,\nBob Miller\nbob@corp.example"},
        {"thanks above closing words stay", TEXT_PLAIN,
         "Got it.\nThank you!\n\nKind regards\nBob Miller\n+44 20 7946 0000\n", "Got it.\nThank you!", NULL,
         "Kind regards\nBob Miller\n+44 20 7946 0000"},
        {"above a quote", TEXT_PLAIN,
         "Yes.\n\nRegards,\nBob\nwww.corp.example | +44 20 7946 0000\n\nOn 5 Oct 2026 Li <l@x.example> "
         "wrote:\n> a\n",
         "Yes.", "> a", "Regards,\nBob\nwww.corp.example | +44 20 7946 0000"},
        {"a name behind the words", TEXT_PLAIN, "Yes.\n\nBest regards, Bob Miller\nbob@corp.example\n",
         "Yes.", NULL, "Best regards, Bob Miller\nbob@corp.example"},
        {"an address", TEXT_PLAIN,
         "Yes.\n\nRegards\nBob Miller\nFinance\n12 High Street, London EC1A 1BB\nMobile 07700 900123\n",
         "Yes.", NULL, NULL},
        {"German", TEXT_PLAIN,
         "Ja, gerne.\n\nMit freundlichen Grüßen\nAnna Bauer\nEinkauf\nTelefon: 030 1234567\nFax: 030 "
         "1234568\n",
         "Ja, gerne.", NULL, NULL},
        {"French", TEXT_PLAIN, "D'accord.\n\nCordialement,\nLuc Petit\nTél. : 01 23 45 67 89\n", "D'accord.",
         NULL, NULL},
        {"Spanish", TEXT_PLAIN, "De acuerdo.\n\nUn saludo,\nAna Ruiz\nMóvil: 612 345 678\n", "De acuerdo.",
         NULL, NULL},
        {"Dutch", TEXT_PLAIN, "Prima.\n\nMet vriendelijke groet,\nJan de Vries\nM: 06-12345678\n", "Prima.",
         NULL, NULL},
        {"Russian", TEXT_PLAIN, "Да.\n\nС уважением,\nИван Петров\nТел.: +7 495 123-45-67\n", "Да.", NULL,
         NULL},
        {"Chinese", TEXT_PLAIN,
         "可以发货。\n\n此致\n敬礼\n张三\n电话：021-12345678\n上海市浦东新区世纪大道1号\n", "可以发货。",
         NULL, "此致\n敬礼\n张三\n电话：021-12345678\n上海市浦东新区世纪大道1号"},
        {"Chinese, a company", TEXT_PLAIN, "已确认。\n\n顺祝商祺！\n李四\n销售部经理\n某某贸易有限公司\n",
         "已确认。", NULL, NULL},
        {"Japanese", TEXT_PLAIN,
         "承知しました。\n\nよろしくお願いいたします。\n田中\n株式会社サンプル\n電話: 03-1234-5678\n",
         "承知しました。", NULL, NULL},
        {"Japanese, lines drawn around it", TEXT_PLAIN,
         "明日発送します。\n\nよろしくお願いいたします。\n\n━━━━━━━━\n株式会社テスト\n山田太郎\nTEL: "
         "03-1234-5678\n"
         "E-mail: yamada@test.example\n━━━━━━━━\n",
         "明日発送します。", NULL, NULL},
        {"Korean", TEXT_PLAIN, "네, 보내겠습니다.\n\n감사합니다.\n홍길동 드림\n\n전화: 02-123-4567\n",
         "네, 보내겠습니다.", NULL, NULL},
        {"Vietnamese", TEXT_PLAIN, "Vâng.\n\nTrân trọng,\nNguyễn Văn A\nĐT: 0901234567\n", "Vâng.", NULL,
         NULL},
        {"signed for somebody", TEXT_PLAIN,
         "Ja.\n\nMit freundlichen Grüßen\n\ni.A. Anna Bauer\nEinkauf\n\nTelefon: 030 1234567\n", "Ja.", NULL,
         NULL},
        {"Mail Master's card", TEXT_PLAIN,
         "好的\n\n\n| |\n李四\n|\n|\nli@corp.example\n|\n签名由网易邮箱大师定制\n", "好的", NULL,
         "| |\n李四\n|\n|\nli@corp.example\n|\n签名由网易邮箱大师定制"},
        {"several dashes for one", TEXT_PLAIN, "Hey!\n--\n--\nBob\n", "Hey!", NULL, "--\n--\nBob"},
        {"below a line", TEXT_PLAIN,
         "已经安排，明天到货。\n\n------------------\n王小明\n某某科技有限公司 "
         "销售部\n手机：13800000000\n邮箱：wang@corp.example\n",
         "已经安排，明天到货。", NULL, NULL},
        {"in HTML", TEXT_HTML,
         "<p>Yes.</p><p>Best regards</p><div><b>Bob Miller</b></div><div>Sales Manager</div>"
         "<div>T +44 20 7946 0000</div>",
         "Yes.", NULL, NULL},
        {"with a device line", TEXT_PLAIN, "Yes.\n\nRegards,\nBob\nbob@x.example\n\nSent from my iPhone\n",
         "Yes.", NULL, "Regards,\nBob\nbob@x.example\n\nSent from my iPhone"},
        {"much of it without closing words", TEXT_PLAIN,
         "Hi this is fine.\n\nKaren Green\nGraphic Designer\nTel: +44423423423423\nFax: +44234234234234\n"
         "karen@corp.example\nStreet 2, City, 4694EG, NL\nwww.corp.example\n",
         "Hi this is fine.", NULL, NULL},
        {0},
    };
    check_replies(cases);
}
END_TEST

START_TEST(test_closing_words_at_the_end_of_a_mail)
{
    static const struct reply_case cases[] = {
        {"formal", TEXT_PLAIN, "Please ship it.\n\nKind regards,\nBob Miller\n", "Please ship it.", NULL,
         "Kind regards,\nBob Miller"},
        {"without a name", TEXT_PLAIN, "Bitte senden.\n\nFreundliche Grüsse\n", "Bitte senden.", NULL,
         "Freundliche Grüsse"},
        {"Chinese", TEXT_PLAIN, "可以。\n\n祝好\n张三\n", "可以。", NULL, "祝好\n张三"},
        {0},
    };
    check_replies(cases);
}
END_TEST

/* All of it is what the person wrote. */
START_TEST(test_what_looks_like_a_closing_stays)
{
    static const char *const bodies[] = {
        "Thanks,\nJane",
        "Please advise.\nThanks,\nJane",
        "Thank you very much.",
        "Best regards,\nBob",
        "Hi Bob,\n\nBest regards,\nAnn",
        "Hi Bob,\nThanks!\nAnn Miller\nann@x.example",
        "Please send him our\nbest regards\nand a new invoice for the parcel that was lost.",
        "The label says\n\nKind regards\n\nand nothing else is printed on the back of the card",
        "Done.\n\nRegards,\nBob\n\nP.S. call +44 20 7946 0000 first",
        "Done.\n\nRegards,\nBob\nbob@x.example\n\nWhen will it arrive?",
        "Done.\n\nRegards,\nBob\nbob@x.example\n\n!close",
        "Done.\n\nRegards,\nBob\nbob@x.example\n\n#12 is done, too",
        "Done.\n\nRegards,\nBob\nbob@x.example\n\nI forgot to say that we need 20",
        "Thanks\n\nhttps://shop.example/item/3",
        "Please look.\nThanks,\nhttps://shop.example/item/3",
        "Please look.\n\nRegards,\nhttps://shop.example/item/3",
        "This is a reminder.\n\nSincerely,\nSuper Domain Name Manager",
        ("The customer is:\n\nKaren Green\nSales Manager\nTel: +44 20 7946 0000\nFax: +44 20 7946 0001\n"
         "karen@corp.example\nwww.corp.example"),
        "Please call the customer.\n\nKaren Green\nTel: +44 20 7946 0000\nkaren@corp.example",
        ("Please call the customer.\n\nKaren Green\nSales Manager\nTel: +44 20 7946 "
         "0000\nkaren@corp.example\n"
         "Address: 2 High Street, London"),
        "Karen Green\nSales Manager\nTel: +44 20 7946 0000\nFax: +44 20 7946 0001\nwww.corp.example",
        "Please change the signature on our web page to:\n\nKind regards,\nAnn Smith\nSales Manager\n+44 20 "
        "7946 0000",
        "请联系客户：\n------\n王小明\n手机：13800000000\n邮箱：wang@corp.example",
        "明天发货。\n------\n王小明\n手机：13800000000",
        "明天发货。\n------\n请尽快联系客户\n手机：13800000000\n邮箱：wang@corp.example",
        "新地址如下\n\n张三\n电话：13800000000\n上海市浦东新区世纪大道1号",
        "可以。\n\n谢谢\n张三",
        "可以。\n\n祝好\n张三\n电话：021-12345678\n\n请尽快回复",
        "可以。\n\n此致\n敬礼\n张三\n电话：021-12345678\n- 第一箱",
        "Please buy\n\n- Milk",
        "Please buy some.\n- Milk",
        "It has to go today.\n-urgent",
        "It has to go today.\n-Urgent",
        "Run it again.\n--force",
        "好的。\n-请尽快处理",
        "We have to decide:\n-Roman",
        "Price:\n--\n8.60\n--\nWeight:\n2 kg",
        "网易邮箱大师的签名写着\n| |\n李四\n请改掉",
        "One\n-Roman\n-Greek",
    };
    for (guint i = 0; i < G_N_ELEMENTS(bodies); i++) {
        g_auto(text_parts_t) parts;
        text_read(TEXT_PLAIN, bodies[i], strlen(bodies[i]), &parts);
        ck_assert_msg(strcmp(parts.reply, bodies[i]) == 0, "reply is\n%s\nnot\n%s", parts.reply, bodies[i]);
        ck_assert_ptr_null(parts.rule);
    }
}
END_TEST

/* Above a quote they are the end of an answer. */
START_TEST(test_names_above_a_quote_stay)
{
    static const struct reply_case cases[] = {
        {"regards", TEXT_PLAIN,
         "Can you supply?\n\nRegards,\nDaniel\n\nOn 5 Oct 2026 Li <l@x.example> wrote:\n> a\n",
         "Can you supply?\n\nRegards,\nDaniel", "> a", ""},
        {"Chinese", TEXT_PLAIN,
         "可以。\n\n祝好\n张三\n\n在 2026年10月7日，李四 <li@x.example> 写道：\n> 你好\n",
         "可以。\n\n祝好\n张三", "> 你好", ""},
        {0},
    };
    check_replies(cases);
}
END_TEST

START_TEST(test_device_lines_of_many_languages)
{
    static const char *const lines[] = {
        "Sent from Yahoo Mail on Android",
        "Sent from Outlook for iOS<https://aka.ms/o0ukef>",
        "Get [Outlook for Android](https://aka.ms/ghei36)",
        "Sent with Proton Mail secure email.",
        "发送自 Windows 10 版邮件应用",
        "发自网易邮箱大师",
        "发自我的华为手机",
        "发自我的企业微信",
        "从 Windows 版邮件发送",
        "从 Outlook for Android 发送",
        "获取 Outlook for iOS<https://aka.ms/o0ukef>",
        "從 iPhone 傳送",
        "取得 Outlook for iOS",
        "Outlook for iOS を入手",
        "iPhoneから送信",
        "나의 iPhone에서 보냄",
        "삼성 갤럭시 스마트폰에서 보냈습니다.",
        "Gesendet mit der GMX Mail App",
        "Outlook für iOS beziehen<https://aka.ms/o0ukef>",
        "Obtenir Outlook pour iOS",
        "Provenance : Courrier pour Windows",
        "Envoyé de mon iPhone",
        "Obtén Outlook para Android",
        "Enviado a partir do meu iPhone",
        "Inviato da iPhone",
        "Ottieni Outlook per Android",
        "Verstuurd vanaf mijn iPhone",
        "Download Outlook voor iOS",
        "Sendt fra min iPhone",
        "Skickat från min iPhone",
        "Lähetetty iPhonesta",
        "Wysłane z iPhone'a",
        "Pobierz Outlook dla systemu Android",
        "Odesláno z iPhonu",
        "Отправлено с iPhone",
        "Отправлено из мобильной Яндекс.Почты",
        "Надіслано з iPhone",
        "iPhone-ról küldve",
        "Trimis de pe iPhone-ul meu",
        "iPhone'umdan gönderildi",
        "Στάλθηκε από το iPhone μου",
        "נשלח מה-iPhone שלי",
        "Được gửi từ iPhone của tôi",
        "Dikirim dari iPhone saya",
        "ส่งจาก iPhone ของฉัน",
    };
    for (guint i = 0; i < G_N_ELEMENTS(lines); i++) {
        g_autofree char *in = g_strdup_printf("Yes.\n\n%s\n", lines[i]);
        g_auto(text_parts_t) parts;
        text_read(TEXT_PLAIN, in, strlen(in), &parts);
        ck_assert_msg(strcmp(parts.reply, "Yes.") == 0, "%s", lines[i]);
        ck_assert_str_eq(parts.signature, lines[i]);
    }
}
END_TEST

START_TEST(test_sentences_about_devices_stay)
{
    static const char *const bodies[] = {
        "How?\nSent by mail.",
        "How?\nSent via email",
        "Outlook für Mac funktioniert nicht",
        "新しいiPhoneを入手",
        "通过邮箱发送",
        "The order was sent from the warehouse in Hamburg on Monday",
        "发自内心的感谢",
    };
    for (guint i = 0; i < G_N_ELEMENTS(bodies); i++) {
        g_auto(text_parts_t) parts;
        text_read(TEXT_PLAIN, bodies[i], strlen(bodies[i]), &parts);
        ck_assert_str_eq(parts.reply, bodies[i]);
    }
}
END_TEST

START_TEST(test_notices_below_the_text)
{
    static const char *const notices[] = {
        ("This email is confidential and intended solely for the use of the individual to whom it is "
         "addressed.\n"
         "If you have received this email in error, please notify the sender."),
        ("DISCLAIMER:\n\nThe content of this email is confidential and intended for the recipient specified "
         "in "
         "message only. If you received this message by mistake, please reply to this message."),
        ("--------------------------------\n\nThis message may be privileged. If you are not the intended "
         "recipient, "
         "any dissemination is strictly prohibited."),
        ("Diese E-Mail enthält vertrauliche und/oder rechtlich geschützte Informationen. Wenn Sie nicht der "
         "richtige Adressat sind, informieren Sie bitte sofort den Absender."),
        ("Ce message est confidentiel et à l'attention exclusive de son destinataire.\n\nSi vous avez reçu "
         "ce "
         "message par erreur, merci d'avertir l'expéditeur."),
        "Este mensaje es confidencial y va dirigido exclusivamente a su destinatario.",
        "Esta mensagem é confidencial. Se recebeu esta mensagem por engano, avise o remetente.",
        "Le informazioni contenute in questo messaggio sono riservate e per uso esclusivo del destinatario.",
        "Dit bericht is vertrouwelijk en uitsluitend bestemd voor de geadresseerde.",
        "Данное сообщение является конфиденциальным. Если вы получили это сообщение по ошибке, удалите его.",
        ("免责声明：本邮件及其附件含有某某公司的保密信息，仅限于发送给上面地址中列出的个人或群组。"
         "如果您错误地接收了本邮件，请您立即通知发件人并删除本邮件！"),
        "本メールには秘密情報が含まれている場合があります。誤って受信された場合は削除してください。",
        "This email has been checked for viruses by Avast antivirus software.\nwww.avast.com",
        "Virus-free. www.avast.com",
        "Diese E-Mail wurde von Avast-Antivirussoftware auf Viren geprüft.\nwww.avast.com",
        ("You received this message because you are subscribed to the Google Groups \"sales\" group.\nTo "
         "unsubscribe "
         "from this group and stop receiving emails from it, send an email to "
         "sales+unsubscribe@corp.example."),
        "sales mailing list -- sales@corp.example\nTo unsubscribe send an email to sales-leave@corp.example",
        "Please consider the environment before printing this email.",
        "Pensez à l'environnement avant d'imprimer ce message.",
    };
    for (guint i = 0; i < G_N_ELEMENTS(notices); i++) {
        g_autofree char *in = g_strdup_printf("Yes, ship it.\nBob\n\n%s\n", notices[i]);
        g_auto(text_parts_t) parts;
        text_read(TEXT_PLAIN, in, strlen(in), &parts);
        ck_assert_msg(strcmp(parts.reply, "Yes, ship it.\nBob") == 0, "%s: reply is\n%s", notices[i],
                      parts.reply);
        ck_assert_msg(strstr(parts.rule, "notice below the text") != NULL, "%s: %s", notices[i], parts.rule);
        check_no_word_lost(notices[i], &parts);
    }
}
END_TEST

START_TEST(test_what_looks_like_a_notice_stays)
{
    static const char *const bodies[] = {
        "Please treat this as confidential.",
        "The offer is confidential.\n\nPlease delete it when you have read it.",
        "I want to unsubscribe from this list",
        "Is the intended recipient still Li?",
        "Please subscribe me: https://lists.example/mailman/listinfo/sales",
        "Do you really need to print this?",
        "Ho auf Viren geprüft, der Anhang ist virenfrei.",
        "Il mittente è Acme, il destinatario è in Via Roma, il pacco è riservato.",
        "本合同需要保密，请不要外传。",
        "请删除这张卡片，立即删除。",
        ("This email is confidential and intended solely for the use of the individual to whom it is "
         "addressed. If "
         "you have received this email in error, please notify the sender."),
        ("Our text for the footer:\n\nThis email is confidential and intended solely for the "
         "individual.\n\nIs it all "
         "right like that?"),
    };
    for (guint i = 0; i < G_N_ELEMENTS(bodies); i++) {
        g_auto(text_parts_t) parts;
        text_read(TEXT_PLAIN, bodies[i], strlen(bodies[i]), &parts);
        ck_assert_msg(strcmp(parts.reply, bodies[i]) == 0, "reply is\n%s\nnot\n%s", parts.reply, bodies[i]);
        ck_assert_ptr_null(parts.rule);
    }
}
END_TEST

START_TEST(test_words_above_a_notice_stay)
{
    static const struct reply_case cases[] = {
        {"in the same paragraph", TEXT_PLAIN,
         "Please keep it confidential until Monday.\nShip it.\n\nThis email is intended solely for the "
         "addressee and "
         "privileged. If you received this email in error, notify the sender.\n",
         "Please keep it confidential until Monday.\nShip it.", NULL, NULL},
        {"no empty line between", TEXT_HTML,
         "<div>Ship it.</div><div>This email is confidential. If you have received this email in error, "
         "please "
         "notify the sender.</div>",
         "Ship it.", NULL,
         "This email is confidential. If you have received this email in error, please notify the sender."},
        {"the same line: nothing is cut", TEXT_HTML,
         "<div>Hi Bob</div><div>Ship it. This email is confidential. If you have received this email in "
         "error, "
         "notify the sender.</div>",
         "Hi Bob\nShip it. This email is confidential. If you have received this email in error, notify the "
         "sender.",
         NULL, ""},
        {0},
    };
    check_replies(cases);
}
END_TEST

START_TEST(test_banners_above_the_text)
{
    static const char *const banners[] = {
        "[EXTERNAL]",
        "[EXTERNAL EMAIL]",
        "【外部邮件，请注意】",
        "[This message came from outside of Acme]",
        "[EXT] [Caution: External Email]",
        "EXTERNAL EMAIL",
        "【外部邮件】",
        ("CAUTION: This email originated from outside of the organization. Do not click links or open "
         "attachments "
         "unless you recognize the sender and know the content is safe."),
        ("CAUTION: This email originated from outside of the organization. Do\nnot click links or open "
         "attachments "
         "unless you recognize the sender and\nknow the content is safe."),
        "*** EXTERNAL EMAIL: Do not click any links or open any attachments unless you trust the sender. ***",
        ("This Message Is From an External Sender\nThis message came from outside your organization.\nReport "
         "Suspicious"),
        ("You don't often get email from li@corp.example. Learn why this is "
         "important<https://aka.ms/LearnAboutSenderIdentification>"),
        "ACHTUNG: Diese E-Mail kommt von außerhalb der Organisation. Klicken Sie nicht auf Links.",
        "Sie erhalten nicht häufig E-Mails von li@corp.example. Erfahren Sie, warum dies wichtig ist",
        "ATTENTION : Ce courriel provient de l'extérieur de l'organisation. Ne cliquez pas sur les liens.",
        "PRECAUCIÓN: Este correo electrónico se originó fuera de la organización. No haga clic en enlaces.",
        "LET OP: Deze e-mail is afkomstig van buiten de organisatie.",
        "Attenzione: questa e-mail proviene dall'esterno.",
        "注意：此邮件来自外部，请勿点击链接或打开附件。",
        "【警告】本邮件来自公司外部，请勿点击不明链接。",
        "警告：此郵件來自組織外部，請勿點擊連結。",
        "注意：このメールは社外から送信されました。",
    };
    for (guint i = 0; i < G_N_ELEMENTS(banners); i++)
        for (guint html = 0; html < 2; html++) {
            g_autofree char *in =
                html ? g_strdup_printf("<table><tr><td>%s</td></tr></table><p>Ship it.</p>", banners[i])
                     : g_strdup_printf("%s\n\nShip it.\n", banners[i]);
            g_auto(text_parts_t) parts;
            text_read(html ? TEXT_HTML : TEXT_PLAIN, in, strlen(in), &parts);
            ck_assert_msg(strcmp(parts.reply, "Ship it.") == 0, "%s: reply is\n%s", in, parts.reply);
            ck_assert_msg(g_str_has_prefix(parts.rule, "banner of a mail gateway, line 1"), "%s", parts.rule);
            check_no_word_lost(banners[i], &parts);
        }
}
END_TEST

START_TEST(test_words_below_a_banner_stay)
{
    static const char caution[] = "CAUTION: This email originated from outside of the organization.";
    static const struct reply_case cases[] = {
        {"on the same line", TEXT_PLAIN, "[EXTERNAL] Ship it.\n", "Ship it.", NULL, "[EXTERNAL]"},
        {"behind its last sentence", TEXT_HTML,
         "CAUTION: This email originated from outside of the organization. Ship it.", "Ship it.", NULL,
         caution},
        {"no empty line between", TEXT_HTML,
         "<div>CAUTION: This email originated from outside of the organization</div><div>Ship it.</div>",
         "Ship it.", NULL, NULL},
        {"advice of the writer's own", TEXT_PLAIN,
         "CAUTION: This email originated from outside of the organization.\n\nDo not click on their links, "
         "they are "
         "broken.\n",
         "Do not click on their links, they are broken.", NULL, caution},
        {"an answer below the quote", TEXT_PLAIN, "[EXTERNAL]\n> a\n\nShip it.\n", "Ship it.", "> a",
         "[EXTERNAL]"},
        {0},
    };
    check_replies(cases);
}
END_TEST

/* A quote right below a banner begins by itself. */
START_TEST(test_rules_of_banner_and_quote)
{
    static const char in[] = "[EXTERNAL]\n> a\n\nShip it.\n";
    g_auto(text_parts_t) parts;
    text_read(TEXT_PLAIN, in, strlen(in), &parts);
    ck_assert_str_eq(parts.rule, "banner of a mail gateway, line 1; > quote, line 2");
}
END_TEST

/* A banner is no new text: what stands below it alone is a forward. */
START_TEST(test_forward_below_a_banner)
{
    static const char in[] =
        "[EXTERNAL]\n\nFrom: Li <li@corp.example>\nSent: Monday, 5 October 2026\nTo: Bo\n"
        "Subject: Price\n\nWhat does it cost?\n";
    g_auto(text_parts_t) parts;
    text_read(TEXT_PLAIN, in, strlen(in), &parts);
    ck_assert_ptr_nonnull(parts.forward);
    ck_assert_str_eq(parts.forward->from.address, "li@corp.example");
    ck_assert_str_eq(parts.reply, "");
}
END_TEST

START_TEST(test_what_looks_like_a_banner_stays)
{
    static const char *const bodies[] = {
        "This email originated from outside our office, who sent it?",
        "Caution: the parcel is fragile.",
        "External review is done.",
        "external",
        "[urgent] Ship it.",
        "[external review] Ship it.",
        "Please do not click on the link in the last mail.",
        "An external sender asked for the price.",
        "注意：明天发货。",
        "外部邮件收不到了，请检查。",
    };
    for (guint i = 0; i < G_N_ELEMENTS(bodies); i++) {
        g_auto(text_parts_t) parts;
        text_read(TEXT_PLAIN, bodies[i], strlen(bodies[i]), &parts);
        ck_assert_msg(strcmp(parts.reply, bodies[i]) == 0, "reply is\n%s\nnot\n%s", parts.reply, bodies[i]);
        ck_assert_ptr_null(parts.rule);
    }
}
END_TEST

TCase *
ends_case(void)
{
    TCase *tcase = tcase_create("ends");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, test_closing_words_with_a_contact_block);
    tcase_add_test(tcase, test_closing_words_at_the_end_of_a_mail);
    tcase_add_test(tcase, test_what_looks_like_a_closing_stays);
    tcase_add_test(tcase, test_names_above_a_quote_stay);
    tcase_add_test(tcase, test_device_lines_of_many_languages);
    tcase_add_test(tcase, test_sentences_about_devices_stay);
    tcase_add_test(tcase, test_notices_below_the_text);
    tcase_add_test(tcase, test_what_looks_like_a_notice_stays);
    tcase_add_test(tcase, test_words_above_a_notice_stay);
    tcase_add_test(tcase, test_banners_above_the_text);
    tcase_add_test(tcase, test_words_below_a_banner_stay);
    tcase_add_test(tcase, test_rules_of_banner_and_quote);
    tcase_add_test(tcase, test_forward_below_a_banner);
    tcase_add_test(tcase, test_what_looks_like_a_banner_stays);
    return tcase;
}
