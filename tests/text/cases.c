/* cases.c - see cases.h. */
#include "cases.h"

#include "support.h"

#include <string.h>

void
check_no_word_lost(const char *label, const struct text_parts *parts)
{
    g_autofree char *kept = g_strjoin("\n", parts->reply, parts->quoted, parts->signature, NULL);
    g_auto(GStrv) words = g_strsplit_set(parts->body, " \n\t", -1);
    for (guint i = 0; words[i]; i++)
        ck_assert_msg(strstr(kept, words[i]) != NULL, "%s: lost \"%s\"", label, words[i]);
}

void
check_replies(const struct reply_case *cases)
{
    for (const struct reply_case *c = cases; c->label; c++) {
        g_auto(text_parts_t) parts;
        text_read(c->kind, c->in, strlen(c->in), &parts);
        ck_assert_msg(strcmp(parts.reply, c->reply) == 0, "%s: reply is\n%s\nnot\n%s", c->label, parts.reply,
                      c->reply);
        ck_assert_msg(!c->quoted_has || strstr(parts.quoted, c->quoted_has), "%s: quoted is\n%s", c->label,
                      parts.quoted);
        ck_assert_msg(!c->signature || strcmp(parts.signature, c->signature) == 0, "%s: signature is\n%s",
                      c->label, parts.signature);
        bool cut = *parts.quoted || *parts.signature;
        ck_assert_msg(cut == (parts.rule != NULL), "%s: rule is %s", c->label, parts.rule);
        check_no_word_lost(c->label, &parts);
    }
}
