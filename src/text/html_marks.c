/* html_marks.c - see html_marks.h. Data: a mail program is added in the table. Ids and classes come back
 * from other programs with a prefix ("x_divRplyFwdMsg", "ydp1a2b3cyahoo_quoted"), so the end of each
 * name counts. Not here, because it is at times the whole mail: includetail, gmail_extra. */
#include "html_marks.h"

#include "html_style.h"
#include "lines.h"

#include <string.h>

static const struct container {
    const char *attribute; /* "id", "class" or "name" */
    const char *value;
    guint marks;
} containers[] = {
    /* Gmail */
    {"class", "gmail_quote", MARK_QUOTE},
    {"class", "gmail_quote_container", MARK_QUOTE},
    {"class", "gmail_attr", MARK_QUOTE},
    {"class", "gmail_signature", MARK_SIGNATURE},
    {"class", "gmail_signature_prefix", MARK_SIGNATURE},
    /* Outlook on the web, mobile, Mac, Hotmail */
    {"id", "divRplyFwdMsg", MARK_CUT},
    {"id", "appendonsend", MARK_CUT},
    {"id", "mail-editor-reference-message-container", MARK_QUOTE},
    {"class", "ms-outlook-mobile-reference-message", MARK_QUOTE},
    {"id", "OLK_SRC_BODY_SECTION", MARK_QUOTE},
    {"id", "stopSpelling", MARK_CUT},
    {"class", "OutlookMessageHeader", MARK_CUT},
    {"name", "_MailOriginal", MARK_CUT},
    {"id", "ms-outlook-mobile-signature", MARK_SIGNATURE},
    {"id", "Signature", MARK_SIGNATURE},
    /* Apple Mail, Thunderbird */
    {"id", "AppleMailSignature", MARK_SIGNATURE},
    {"class", "moz-cite-prefix", MARK_QUOTE},
    {"class", "moz-forward-container", MARK_QUOTE},
    {"class", "moz-signature", MARK_SIGNATURE},
    /* Yahoo, Proton, Tuta, Zoho, GMX and web.de, Infomaniak */
    {"class", "yahoo_quoted", MARK_QUOTE},
    {"id", "yahoo_quoted", MARK_QUOTE},
    {"class", "protonmail_quote", MARK_QUOTE},
    {"class", "protonmail_signature_block", MARK_SIGNATURE},
    {"class", "tutanota_quote", MARK_QUOTE},
    {"class", "zmail_extra", MARK_QUOTE},
    {"id", "blockquote_zmail", MARK_QUOTE},
    {"name", "quote", MARK_QUOTE},
    {"class", "ik_mail_quote", MARK_QUOTE},
    {"class", "editorUserSignature", MARK_SIGNATURE},
    {"class", "reply-timestamp-box", MARK_QUOTE},
    /* NetEase, Coremail */
    {"class", "ntes-mailmaster-quote", MARK_QUOTE},
    {"id", "isReplyContent", MARK_QUOTE},
    {"id", "isForwardContent", MARK_QUOTE},
    {"class", "ntes-signature", MARK_SIGNATURE},
    {"id", "imail_signature", MARK_SIGNATURE},
    /* QQ, Foxmail, 139 */
    {"class", "qqmail_quote", MARK_QUOTE},
    {"id", "oriMsgHtmlSeperator", MARK_CUT},
    {"id", "origbody", MARK_QUOTE},
    {"class", "ReferenceQuote", MARK_QUOTE},
    {"id", "FMOriginalContent", MARK_QUOTE},
    {"id", "replySplit", MARK_CUT},
    {"id", "reply139content", MARK_QUOTE},
    {"id", "mainReplyContent", MARK_QUOTE},
    {"id", "signContainer", MARK_SIGNATURE},
};

/* Whether one of the words of an id or class is, but for a prefix, the value. */
static bool
has_word(const char *words, const char *value)
{
    gsize len = strlen(value);
    for (const char *p = words; *p;) {
        p += strspn(p, " \t\n");
        gsize word = strcspn(p, " \t\n");
        /* the prefix ends in "_" or is Yahoo's "ydp" and hexadecimal digits */
        gsize prefix = word >= len ? word - len : 0;
        bool fits = word == len || (word > len && (p[prefix - 1] == '_' || g_str_has_prefix(p, "ydp")));
        if (fits && strncmp(p + prefix, value, len) == 0)
            return true;
        p += word;
    }
    return false;
}

guint
html_marks(const char *name, const char *const *atts)
{
    guint marks = 0;
    if (strcmp(name, "blockquote") == 0) {
        const char *type = html_attribute(atts, "type");
        marks |= type && g_ascii_strcasecmp(type, "cite") == 0 ? MARK_QUOTE : MARK_SOFT;
    }
    if (strcmp(name, "xm-signature") == 0)
        marks |= MARK_SIGNATURE;
    const char *id = html_attribute(atts, "id"), *class = html_attribute(atts, "class");
    const char *label = html_attribute(atts, "name");
    if (!id && !class && !label)
        return marks;
    for (guint i = 0; i < G_N_ELEMENTS(containers); i++) {
        const struct container *c = &containers[i];
        const char *value = *c->attribute == 'i' ? id : *c->attribute == 'c' ? class : label;
        if (value && has_word(value, c->value))
            marks |= c->marks;
    }
    /* a blockquote of class gmail_quote alone may be an indent of the writer's own */
    if ((marks & MARK_SOFT) && class && has_word(class, "gmail_quote"))
        marks &= ~(guint)MARK_QUOTE;
    return marks;
}
