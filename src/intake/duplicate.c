/* duplicate.c - what recognises a second copy of a mail: its bytes, or Message-ID, From and Date together.
 * Never an empty or malformed Message-ID: two different mails without a good one are two mails. */
#include "intake_private.h"

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
