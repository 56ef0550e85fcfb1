/* duplicate.c - what recognises a second copy of a mail: its bytes, or Message-ID, From and Date together
 * with its words, which a mailing list may have put a footer to. Never an empty or malformed Message-ID: two
 * different mails without a good one are two mails; and so are two with one id that say different things. */
#include "intake_private.h"

#include <cardpost/secret.h>

#include <cardpost/clean.h>
#include <cardpost/header.h>

void
duplicate_keys(const struct intake_question *question, const struct header_block *block, char **content_out,
               char **id_out)
{
    *content_out = question->sha256 ? g_strconcat("sha:", question->sha256, NULL) : NULL;
    *id_out = NULL;
    g_autofree char *from = header_first(block, "From");
    g_autofree char *date = header_first(block, "Date");
    g_autofree char *raw_id = header_first(block, "Message-ID");
    g_autofree char *message_id = clean_message_id(raw_id);
    if (!message_id || !from || !date || header_count(block, "Message-ID") != 1)
        return;
    g_autofree char *all = g_strjoin("\n", message_id, from, date, NULL);
    g_autofree char *hash = secret_sha256(all, strlen(all));
    *id_out = g_strconcat("mfd:", hash, NULL);
}

/* The lines that have words, each between line ends, so that only whole lines are found in one another. */
static char *
words_of(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    GString *words = g_string_new("\n");
    for (guint i = 0; lines[i]; i++) {
        g_autofree char *line = clean_line(lines[i], 0);
        if (*line)
            g_string_append_printf(words, "%s\n", line);
    }
    return g_string_free(words, FALSE);
}

bool
duplicate_says_the_same(const struct intake_question *question, const struct intake_plan *plan, int64_t seq)
{
    struct outcome_row *row = outcome_get(question->store, seq);
    g_autoptr(comment_t) comment =
        row && row->comment_id ? comment_get(question->store, row->comment_id) : NULL;
    outcome_row_free(row);
    /* nothing of the first was kept to be read: it acted, or was refused */
    if (!comment)
        return true;
    g_autofree char *said = g_strjoin("\n", plan->ending, plan->forwarded, NULL);
    g_autofree char *first = words_of(comment->text), *second = words_of(said);
    if (strlen(first) <= 1 || strlen(second) <= 1)
        return strcmp(first, second) == 0;
    return strstr(first, second) || strstr(second, first);
}
