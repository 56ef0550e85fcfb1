/* test_clients.c - replies and forwards as the mail programs of the Chinese world write them. All constructed
 * after what is documented of each; none is a captured mail. */
#include "cases.h"
#include "support.h"

#include <string.h>

support_case_fn clients_case;

struct client_case {
    const char *label;
    enum text_kind kind;
    const char *in;
    const char *address; /* of the mail answered or forwarded, or NULL: not told */
    const char *subject; /* of it, or NULL */
    bool is_forward;     /* announced as one */
};

/* Above each stands "好的"; below, an old command that must not act. */
static void
check_clients(const struct client_case *cases)
{
    for (const struct client_case *c = cases; c->label; c++) {
        g_auto(text_parts_t) parts;
        text_read(c->kind, c->in, strlen(c->in), &parts);
        ck_assert_msg(strcmp(parts.reply, "好的") == 0, "%s: reply is\n%s", c->label, parts.reply);
        ck_assert_msg(strstr(parts.quoted, "!close") != NULL, "%s: quoted is\n%s", c->label, parts.quoted);
        ck_assert_msg(parts.rule != NULL, "%s: no rule", c->label);
        ck_assert_msg(c->is_forward == (parts.forward != NULL), "%s: forward", c->label);
        const struct mail_forward *mail = parts.forward ? parts.forward : parts.original;
        ck_assert_msg(!c->address || (mail && g_strcmp0(mail->from.address, c->address) == 0), "%s: from %s",
                      c->label, mail ? mail->from.address : "nobody");
        ck_assert_msg(!c->subject || (mail && g_strcmp0(mail->subject, c->subject) == 0), "%s: subject %s",
                      c->label, mail ? mail->subject : "none");
        ck_assert_msg(!c->subject || (mail && (mail->date_at == 1791365460 || mail->date_at == 1791365465 ||
                                               mail->date_at == 1793179860)),
                      "%s: date %ld", c->label, mail ? (long)mail->date_at : -1);
        check_no_word_lost(c->label, &parts);
    }
}

static const struct client_case chinese_replies[] = {
    {"QQ", TEXT_PLAIN,
     "好的\n\n\n------------------\u00a0原始邮件\u00a0------------------\n发件人: \"苏\" "
     "<su@sup.example>;\n"
     "发送时间: 2026年10月7日(星期三) 上午9:31\n收件人: \"安\"<an@corp.example>;\n主题: 报价\n\n!close\n",
     "su@sup.example", "报价", false},
    {"QQ, new form", TEXT_PLAIN,
     "好的\n\n         原始邮件         \n\n \n\n发件人：苏<su@sup.example>\n发件时间：2026年10月7日 "
     "09:31\n"
     "收件人：安<an@corp.example>\n主题：报价\n\n!close\n",
     "su@sup.example", "报价", false},
    {"QQ, HTML", TEXT_HTML,
     "<div>好的</div><div><br></div><div style=\"font-size: 12px;font-family: Arial Narrow;padding:2px 0 "
     "2px "
     "0;\">------------------&nbsp;原始邮件&nbsp;------------------</div><div style=\"font-size: "
     "12px;background:#efefef;padding:8px;\"><div><b>发件人:</b>&nbsp;\"苏\" "
     "&lt;su@sup.example&gt;;</div>"
     "<div><b>发送时间:</b>&nbsp;2026年10月7日(星期三) 上午9:31</div><div><b>收件人:</b>&nbsp;\"安\""
     "&lt;an@corp.example&gt;;</div><div><b>主题:</b>&nbsp;报价</div></div><div>!close</div>",
     "su@sup.example", "报价", false},
    {"Exmail", TEXT_PLAIN,
     "好的\n\n------------------ Original ------------------\nFrom:  \"苏\"<su@sup.example>;\n"
     "Date:  Wed, Oct 7, 2026 09:31 AM\nTo:  \"an\"<an@corp.example>;\nSubject:  报价\n\n!close\n",
     "su@sup.example", "报价", false},
    {"WeCom", TEXT_PLAIN,
     "好的\n\n---------- 回复的邮件信息 ----------\n苏<su@sup.example> "
     "2026年10月7日 周三 09:31写道：\n\n!close\n",
     NULL, NULL, false},
    {"Foxmail", TEXT_PLAIN,
     "好的\n\n\n\n \n发件人： 苏\n发送时间： 2026-10-07 09:31\n收件人： an\n"
     "主题： 报价\n!close\n",
     "", "报价", false},
    {"Foxmail, spaced labels", TEXT_PLAIN,
     "好的\n\n发 件 人： su@sup.example\n发送时间： 2026-10-07 09:31\n收 件 人： an@corp.example\n"
     "主    题： 报价\n\n!close\n",
     "su@sup.example", "报价", false},
    {"Foxmail, HTML", TEXT_HTML,
     "<div>好的</div><blockquote "
     "style='margin-top:0px;margin-bottom:0px;margin-left:0.5em'><div>&nbsp;</div>"
     "<div style='border:none;border-top:solid #B5C4DF 1.0pt;padding:3.0pt 0cm 0cm "
     "0cm'><div><b>发件人：</b>"
     "&nbsp;<a "
     "href='mailto:su@sup.example'>su@sup.example</a></div><div><b>发送时间：</b>&nbsp;2026-10-07"
     "&nbsp;09:31</div><div><b>收件人：</b>&nbsp;an</div><div><b>主题：</b>&nbsp;报价</div></div>"
     "<div>!close</div></blockquote>",
     "su@sup.example", "报价", false},
    {"NetEase 163", TEXT_PLAIN,
     "好的\n\n\n\n\n\n\n\n在 2026-10-07 09:31:05，\"苏\" <su@sup.example> 写道：\n\n!close\n", NULL, NULL,
     false},
    {"NetEase 163, quote marks", TEXT_PLAIN,
     "好的\n\n\n在 2026-10-07 09:31:05，su@sup.example 写道：\n>!close\n", NULL, NULL, false},
    {"Mail Master", TEXT_PLAIN,
     "好的\n\n\n---- 回复的原邮件 ----\n| 发件人 | 苏<su@sup.example> |\n| 日期 | 2026年10月07日 09:31 "
     "|\n"
     "| 收件人 | an@corp.example |\n| 抄送至 | |\n| 主题 | 报价 |\n!close\n",
     "su@sup.example", "报价", false},
    {"Mail Master, English", TEXT_PLAIN,
     "好的\n\n---- Replied Message ----\n| From | Su<su@sup.example> |\n| Date | 10/28/2026 09:31 |\n"
     "| To | an@corp.example |\n| Subject | Quote |\n!close\n",
     "su@sup.example", "Quote", false},
    {"Mail Master, old", TEXT_PLAIN, "好的\n\n在2026年10月7日 09:31，苏<su@sup.example> 写道：\n!close\n",
     NULL, NULL, false},
    {"Outlook zh-CN", TEXT_PLAIN,
     "好的\n\n-----邮件原件-----\n发件人: Su <su@sup.example> \n发送时间: 2026年10月7日 9:31\n"
     "收件人: 'An' <an@corp.example>\n抄送: li@corp.example\n主题: 报价\n\n!close\n",
     "su@sup.example", "报价", false},
    {"Outlook zh-CN, mobile", TEXT_PLAIN,
     "好的\n\n________________________________\n发件人: 苏 "
     "<su@sup.example>\n发送时间: 星期三, 十月 7, 2026 9:31 上午\n收件人: an <an@corp.example>\n主题: "
     "报价\n\n!close\n",
     "su@sup.example", NULL, false},
    {"Outlook zh-TW", TEXT_PLAIN,
     "好的\n\n寄件者: 蘇 <su@sup.example> \n傳送時間: 2026年10月7日 上午 09:31\n收件者: an "
     "<an@corp.example>\n副本: li\n主旨: 報價\n\n!close\n",
     "su@sup.example", "報價", false},
    {"Outlook zh-TW, 寄件日期", TEXT_PLAIN,
     "好的\n\n-----原始郵件-----\n寄件者：蘇 [mailto:su@sup.example]\n寄件日期：2026年10月7日 上午 9:31\n"
     "收件者：an@corp.example\n主旨：報價\n\n!close\n",
     "su@sup.example", "報價", false},
    {"139", TEXT_PLAIN,
     "好的\n\n\n----邮件原文----\n发件人：苏 <su@sup.example>\n收件人：an <an@corp.example>\n抄　送： "
     "(无)\n"
     "发送时间：2026-10-07 09:31:05\n主题：报价\n\n!close\n",
     "su@sup.example", "报价", false},
    {"Aliyun", TEXT_PLAIN,
     "好的\n------------------------------------------------------------------\n发件人：苏 "
     "<su@sup.example>\n"
     "发送时间：2026年10月7日(星期三) 09:31\n收件人：an <an@corp.example>\n主　题：报价\n\n!close\n",
     "su@sup.example", "报价", false},
    {"DingTalk", TEXT_PLAIN,
     "好的\n\n发自钉钉邮箱\n------------------------------------------------------------------\n"
     "发件人：苏<su@sup.example>\n日　期：2026年10月07日 09:31:05\n收件人：an<an@corp.example>\n"
     "主　题：报价\n\n!close\n",
     "su@sup.example", "报价", false},
    {"Feishu", TEXT_PLAIN,
     "好的\n\n发件人: \"苏\"<su@sup.example>\n时间: 2026年10月7日 (周三) 09:31\n主题: 报价\n收件人: "
     "\"an\"<an@corp.example>\n\n!close\n",
     "su@sup.example", "报价", false},
    {"Apple, simplified", TEXT_PLAIN,
     "好的\n\n> 2026年10月7日 09:31，苏 <su@sup.example> 写道：\n> \n> !close\n", NULL, NULL, false},
    {"Apple, traditional", TEXT_PLAIN,
     "好的\n\n蘇 <su@sup.example> 於 2026年10月7日 上午9:31 寫道：\n\n> !close\n", NULL, NULL, false},
    {"iOS", TEXT_PLAIN,
     "好的\n\n发自我的 iPhone\n\n> 在 2026年10月7日，上午9:31，苏 <su@sup.example> 写道：\n> \n> "
     "!close\n",
     NULL, NULL, false},
    {"Gmail, simplified", TEXT_PLAIN,
     "好的\n\n苏 <su@sup.example> 于2026年10月7日周三 09:31写道：\n\n> !close\n", NULL, NULL, false},
    {"Gmail, traditional", TEXT_PLAIN,
     "好的\n\n蘇 <su@sup.example> 於 2026年10月7日 週三 上午9:31寫道：\n\n> !close\n", NULL, NULL, false},
    {"bilingual", TEXT_PLAIN,
     "好的\n\nFrom/发件人: 苏 <su@sup.example>\nSent/发送时间: 2026-10-07 09:31\nTo/收件人: an\n"
     "Subject/主题: 报价\n\n!close\n",
     "su@sup.example", "报价", false},
    {"bilingual, in brackets", TEXT_PLAIN,
     "好的\n\n发件人(From)：su@sup.example\n发送时间（Date）：2026-10-07 09:31\n收件人(To)：an\n"
     "主题（Subject）：报价\n\n!close\n",
     "su@sup.example", "报价", false},
    {NULL, TEXT_PLAIN, NULL, NULL, NULL, false},
};

START_TEST(test_replies_of_chinese_clients)
{
    check_clients(chinese_replies);
}
END_TEST

static const struct client_case chinese_forwards[] = {
    {"163", TEXT_PLAIN,
     "好的\n\n\n\n-------- 转发邮件信息 --------\n发件人：\"苏\" <su@sup.example>\n发送日期：2026-10-07 "
     "09:31:05\n收件人：an <an@corp.example>\n主题：报价\n!close\n",
     "su@sup.example", "报价", true},
    {"Mail Master", TEXT_PLAIN,
     "好的\n\n---- 转发的原邮件 ----\n| 发件人 | 苏<su@sup.example> |\n| 日期 | 2026年10月07日 09:31 |\n"
     "| 收件人 | an@corp.example |\n| 主题 | 报价 |\n!close\n",
     "su@sup.example", "报价", true},
    {"Mail Master, English", TEXT_PLAIN,
     "好的\n\n---- Forwarded Message ----\n| From | Su<su@sup.example> |\n| Date | 10/28/2026 09:31 |\n"
     "| To | an@corp.example |\n| Subject | Quote |\n!close\n",
     "su@sup.example", "Quote", true},
    {"Gmail, simplified", TEXT_PLAIN,
     "好的\n\n---------- Forwarded message ---------\n发件人： 苏 <su@sup.example>\nDate: "
     "2026年10月7日周三 "
     "09:31\nSubject: 报价\nTo: an <an@corp.example>\n\n!close\n",
     "su@sup.example", "报价", true},
    {"Gmail, traditional", TEXT_PLAIN,
     "好的\n\n---------- 轉寄的郵件 ---------\n寄件者： 蘇 <su@sup.example>\n日期： 2026年10月7日 週三 "
     "上午9:31\n主旨： 報價\n收件者： an <an@corp.example>\n\n!close\n",
     "su@sup.example", "報價", true},
    {"Apple, simplified", TEXT_PLAIN,
     "好的\n\n> 开始转发的邮件：\n> \n> 发件人: 苏 <su@sup.example>\n> 主题: 报价\n> 日期: 2026年10月7日 "
     "GMT+8 17:31:05\n> 收件人: an@corp.example\n> \n> !close\n",
     "su@sup.example", "报价", true},
    {"Apple, traditional", TEXT_PLAIN,
     "好的\n\n> 開始轉寄郵件：\n> \n> 寄件人: 蘇 <su@sup.example>\n> 主旨: 報價\n> 日期: 2026年10月7日 "
     "上午9:31:05 [GMT]\n> 收件人: an@corp.example\n> \n> !close\n",
     "su@sup.example", "報價", true},
    {"Thunderbird, simplified", TEXT_PLAIN,
     "好的\n\n-------- 转发的消息 --------\n主题: \t报价\n日期: \tWed, 7 Oct 2026 17:31:05 "
     "+0800\n发件人: \t苏 "
     "<su@sup.example>\n收件人: \tan@corp.example\n\n!close\n",
     "su@sup.example", "报价", true},
    {"Thunderbird, traditional", TEXT_PLAIN,
     "好的\n\n-------- 轉寄郵件 --------\n主旨: \t報價\n日期: \tWed, 7 Oct 2026 17:31:05 +0800\n寄件人: "
     "\t蘇 "
     "<su@sup.example>\n收件人: \tan@corp.example\n\n!close\n",
     "su@sup.example", "報價", true},
    {"Aliyun", TEXT_PLAIN,
     "好的\n------------------转发邮件------------------\n发件人：苏 <su@sup.example>\n发送时间："
     "2026年10月7日(星期三) 09:31\n收件人：an <an@corp.example>\n主　题：报价\n\n!close\n",
     "su@sup.example", "报价", true},
    {"Feishu", TEXT_PLAIN,
     "好的\n\n---------- 转发的消息 ----------\n发件人: 苏<su@sup.example>\n时间: 2026年10月7日 (周三) "
     "09:31\n主题: 报价\n收件人: an<an@corp.example>\n\n!close\n",
     "su@sup.example", "报价", true},
    {"139", TEXT_PLAIN,
     "好的\n\n----转发邮件----\n发件人：苏 <su@sup.example>\n收件人：an "
     "<an@corp.example>\n发送时间：2026-10-07 "
     "09:31:05\n主题：报价\n\n!close\n",
     "su@sup.example", "报价", true},
    {"WeCom", TEXT_PLAIN,
     "好的\n\n---------- 转发的邮件信息 ----------\n发件人: 苏<su@sup.example>\n日期: 2026年10月7日 周三 "
     "09:31\n收件人: an\n主题: 报价\n\n!close\n",
     "su@sup.example", "报价", true},
    {NULL, TEXT_PLAIN, NULL, NULL, NULL, false},
};

START_TEST(test_forwards_of_chinese_clients)
{
    check_clients(chinese_forwards);
}
END_TEST

/* What people write themselves. */
START_TEST(test_chinese_prose_is_kept)
{
    static const char *const prose[] = {
        "他写道：下周一之前必须发出。",
        "在他的书中，作者写道：",
        "我们在2026年10月7日的会上，张三写道：\n同意",
        "主题：下周会议\n时间：周三\n地点：二楼",
        "转发邮件给张三，谢谢。",
        "原始邮件\n在附件里。",
        "发件人说他没有收到。",
        "日期：2026年10月7日\n收件人：仓库",
        "在 2026年10月7日 之前完成",
    };
    for (guint i = 0; i < G_N_ELEMENTS(prose); i++) {
        g_auto(text_parts_t) parts;
        text_read(TEXT_PLAIN, prose[i], strlen(prose[i]), &parts);
        ck_assert_msg(strcmp(parts.reply, prose[i]) == 0, "%s: reply is %s", prose[i], parts.reply);
    }
}
END_TEST

TCase *
clients_case(void)
{
    TCase *tcase = tcase_create("clients");
    tcase_add_test(tcase, test_replies_of_chinese_clients);
    tcase_add_test(tcase, test_forwards_of_chinese_clients);
    tcase_add_test(tcase, test_chinese_prose_is_kept);
    return tcase;
}
