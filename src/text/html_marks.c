/* html_marks.c - see html_marks.h. Data: a mail program is added in the table. Ids and classes come back
 * from other programs with a prefix ("x_divRplyFwdMsg", "ydp1a2b3cyahoo_quoted"), so the end of each
 * name counts. Not here, because it is at times the whole mail: gmail_extra. */
#include "html_marks.h"

#include "html_style.h"
#include "lines.h"

#include <stdbool.h>
#include <string.h>

#define WORD_BYTES 200

static const struct container {
    enum { ID, CLASS, NAME, MARKER } attribute;
    const char *value; /* with "*" at its end: its beginning */
    guint marks;
} containers[] = {
    /* ours: the frame of a notice */
    {ID, "cardpost-notice", MARK_QUOTE},
    /* Gmail, Superhuman, Shortwave, Mailspring, K-9 */
    {CLASS, "gmail_quote", MARK_QUOTE},
    {CLASS, "gmail_quote_container", MARK_QUOTE},
    {CLASS, "gmail_attr", MARK_QUOTE},
    {CLASS, "gmail_signature", MARK_SIGNATURE},
    {CLASS, "gmail_signature_prefix", MARK_SIGNATURE},
    {CLASS, "sh-signature", MARK_SIGNATURE},
    {CLASS, "shortwave-signature", MARK_SIGNATURE},
    {CLASS, "nylas-quote", MARK_QUOTE},
    {CLASS, "k9mail-signature", MARK_SIGNATURE},
    /* Outlook on the web, mobile, Mac, Hotmail */
    {ID, "divRplyFwdMsg", MARK_CUT},
    {ID, "appendonsend", MARK_CUT},
    {ID, "mail-editor-reference-message-container", MARK_QUOTE},
    {CLASS, "ms-outlook-mobile-reference-message", MARK_QUOTE},
    {CLASS, "reference-message-container", MARK_QUOTE},
    {ID, "OLK_SRC_BODY_SECTION", MARK_QUOTE},
    {ID, "stopSpelling", MARK_CUT},
    {CLASS, "OutlookMessageHeader", MARK_CUT},
    {NAME, "_MailOriginal", MARK_CUT},
    {ID, "ms-outlook-mobile-signature", MARK_SIGNATURE},
    {ID, "MAC_OUTLOOK_SIGNATURE", MARK_SIGNATURE},
    {ID, "Signature", MARK_SIGNATURE},
    /* Apple Mail, Thunderbird, Spark, Airmail, Mailbird, eM Client, FairEmail, Roundcube, Zimbra,
       Open-Xchange */
    {ID, "AppleMailSignature", MARK_SIGNATURE},
    {CLASS, "moz-cite-prefix", MARK_QUOTE},
    {CLASS, "moz-forward-container", MARK_QUOTE},
    {CLASS, "moz-signature", MARK_SIGNATURE},
    {NAME, "messageReplySection", MARK_QUOTE},
    {NAME, "messageSignatureSection", MARK_SIGNATURE},
    {CLASS, "clean_bq", MARK_QUOTE},
    {CLASS, "bloop_sign", MARK_SIGNATURE},
    {CLASS, "history_container", MARK_QUOTE},
    {CLASS, "fairemail_quote", MARK_QUOTE},
    {CLASS, "fairemail_signature", MARK_SIGNATURE},
    {ID, "reply-intro", MARK_QUOTE},
    {ID, "_rc_sig", MARK_SIGNATURE},
    {ID, "zwchr", MARK_CUT},
    {MARKER, "__DIVIDER__", MARK_CUT},
    {MARKER, "__QUOTED_TEXT__", MARK_QUOTE},
    {MARKER, "__HEADERS__", MARK_QUOTE},
    {MARKER, "__SIG_PRE__", MARK_SIGNATURE},
    {MARKER, "__SIG_POST__", MARK_SIGNATURE},
    {CLASS, "io-ox-signature", MARK_SIGNATURE},
    /* Yahoo, Proton, Tuta, Zoho, GMX and web.de, Infomaniak */
    {CLASS, "yahoo_quoted", MARK_QUOTE},
    {ID, "yahoo_quoted", MARK_QUOTE},
    {ID, "yahoo_quoted_*", MARK_QUOTE},
    {ID, "qtdSeparateBR", MARK_CUT},
    {CLASS, "protonmail_quote", MARK_QUOTE},
    {CLASS, "protonmail_signature_block", MARK_SIGNATURE},
    {CLASS, "tutanota_quote", MARK_QUOTE},
    {CLASS, "zmail_extra", MARK_QUOTE},
    {ID, "blockquote_zmail", MARK_QUOTE},
    {ID, "Zm-_Id_-Sgn", MARK_SIGNATURE},
    {NAME, "quote", MARK_QUOTE},
    {CLASS, "ik_mail_quote", MARK_QUOTE},
    {CLASS, "forwardContentMessage", MARK_QUOTE},
    {CLASS, "editorUserSignature", MARK_SIGNATURE},
    /* shared mailboxes and help desks: Front, HubSpot, Freshdesk, Missive, HighLevel */
    {CLASS, "front-blockquote", MARK_QUOTE},
    {CLASS, "front-signature", MARK_SIGNATURE},
    {CLASS, "hs_reply", MARK_QUOTE},
    {CLASS, "freshdesk_quote", MARK_QUOTE},
    {CLASS, "missive_quote", MARK_QUOTE},
    {CLASS, "reply-timestamp-box", MARK_QUOTE},
    /* NetEase, Coremail */
    {CLASS, "ntes-mailmaster-quote", MARK_QUOTE},
    {CLASS, "ntes-pcmail-quote", MARK_QUOTE},
    {ID, "ntes-pcmail-quote", MARK_QUOTE},
    {CLASS, "ntes-pcmac-quote", MARK_QUOTE},
    {ID, "isReplyContent", MARK_QUOTE},
    {ID, "isForwardContent", MARK_QUOTE},
    {CLASS, "ntes-signature", MARK_SIGNATURE},
    {ID, "ntes-pcmail-signature", MARK_SIGNATURE},
    {ID, "imail_signature", MARK_SIGNATURE},
    /* QQ, WeCom, Foxmail, 139 */
    {CLASS, "qqmail_quote", MARK_QUOTE},
    {CLASS, "xm_mail_oringinal_describe", MARK_QUOTE},
    {ID, "original-content", MARK_QUOTE},
    {ID, "oriMsgHtmlSeperator", MARK_CUT},
    {ID, "origbody", MARK_QUOTE},
    {CLASS, "ReferenceQuote", MARK_QUOTE},
    {ID, "FMOriginalContent", MARK_QUOTE},
    {CLASS, "foxmail_signature", MARK_SIGNATURE},
    {CLASS, "xm_write_card", MARK_SIGNATURE},
    {ID, "replySplit", MARK_CUT},
    {ID, "reply139content", MARK_QUOTE},
    {ID, "mainReplyContent", MARK_QUOTE},
    {ID, "signContainer", MARK_SIGNATURE},
    /* Aliyun and DingTalk, Feishu and Lark */
    {CLASS, "__aliyun_signature_wrap", MARK_SIGNATURE},
    {CLASS, "history-quote-wrapper", MARK_QUOTE},
    {ID, "lark-mail-quote*", MARK_QUOTE},
    {CLASS, "lark-mail-signature", MARK_SIGNATURE},
    {ID, "lark-mail-signature*", MARK_SIGNATURE},
};

/* Lines that mail programs draw above the header of the mail answered, in whatever language it is. */
static const struct divider {
    const char *rule;    /* in a style without white space */
    const char *padding; /* and this too */
} dividers[] = {
    {"border-top:solid#b5c4df", "padding:3.0pt"}, /* Word, Foxmail */
    {"border-top:solid#e1e1e1", "padding:3.0pt"},
    {"border-top:#b5c4df", "padding"},
    {"border-top:#e1e1e1", "padding"},
    {"border-top-color:rgb(229,229,229)", "border-top-style:solid"}, /* Windows Mail */
    {"font-family:arialnarrow", "padding:2px02px0"},                 /* QQ */
};

static guint
style_marks(const char *style)
{
    for (guint i = 0; i < G_N_ELEMENTS(dividers); i++)
        if (strstr(style, dividers[i].rule) && strstr(style, dividers[i].padding))
            return MARK_CUT;
    return 0;
}

/* Whether a word is, but for a prefix that ends in "_" or is Yahoo's "ydp" and hexadecimal digits, the value.
 */
static bool
is_word(const char *word, gsize len, const char *value)
{
    gsize value_len = strlen(value);
    bool open = value[value_len - 1] == '*';
    value_len -= open;
    for (const char *p = word; (gsize)(word + len - p) >= value_len; p++) {
        bool edge = p == word || p[-1] == '_' || g_str_has_prefix(word, "ydp");
        bool whole = open || p + value_len == word + len;
        if (edge && whole && strncmp(p, value, value_len) == 0)
            return true;
        if (!open)
            p = MAX(p, word + len - value_len - 1);
    }
    return false;
}

/* Whether one of the words of an id or class is. */
static bool
has_word(const char *words, const char *value)
{
    for (const char *p = words; *p;) {
        p += strspn(p, " \t\n");
        gsize len = strcspn(p, " \t\n");
        if (len > 0 && len <= WORD_BYTES && is_word(p, len, value))
            return true;
        p += len;
    }
    return false;
}

/* A blockquote is mostly a quote. One of class gmail_quote alone may be an indent of the writer's own, and
 * QQ's includetail is at times the whole mail. */
static guint
element_marks(const char *name, const char *const *atts)
{
    const char *type = html_attribute(atts, "type");
    if (strcmp(name, "blockquote") == 0)
        return type && g_ascii_strcasecmp(type, "cite") == 0 ? MARK_QUOTE : MARK_SOFT;
    if (strcmp(name, "includetail") == 0)
        return MARK_SOFT;
    /* QQ, Mailspring */
    bool is_signature = strcmp(name, "xm-signature") == 0 || strcmp(name, "signature") == 0;
    return is_signature ? MARK_SIGNATURE : 0;
}

guint
html_marks(const char *name, const char *const *atts, const char *style)
{
    guint marks = style_marks(style) | element_marks(name, atts);
    const char *values[] = {html_attribute(atts, "id"), html_attribute(atts, "class"),
                            html_attribute(atts, "name"), html_attribute(atts, "data-marker")};
    if (!values[0] && !values[1] && !values[2] && !values[3])
        return marks;
    bool indent = (marks & MARK_SOFT) && values[1] && has_word(values[1], "gmail_quote");
    for (guint i = 0; i < G_N_ELEMENTS(containers); i++) {
        const struct container *c = &containers[i];
        const char *value = values[c->attribute];
        if (value && has_word(value, c->value))
            marks |= c->marks;
    }
    return indent ? marks & ~(guint)MARK_QUOTE : marks;
}

enum html_frame
html_frame(const char *name, const char *const *atts)
{
    static const char *const frames[] = {"gmail_quote", "gmail_quote_container", "protonmail_quote"};
    const char *class = html_attribute(atts, "class");
    for (guint i = 0; class && i < G_N_ELEMENTS(frames); i++)
        if (has_word(class, frames[i]))
            return strcmp(name, "blockquote") == 0 ? HTML_FRAME_INNER : HTML_FRAME_OUTER;
    return HTML_FRAME_NONE;
}
