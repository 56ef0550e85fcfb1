/* settle.c - what happens on the server to mails that are processed: moved, or only remembered. Never a plain
 * EXPUNGE: it would remove what people marked \Deleted themselves. */
#include "session.h"

#include <cardpost/error.h>

#include <string.h>

/* A command that others keep from being carried out is left for the next round. */
#define REMOVED_TRIES 10

/* 9,1,2,5 as an IMAP set. Refs come from core, which has them from us: digits only. */
static char *
uid_set(const GPtrArray *refs)
{
    GString *set = g_string_new(NULL);
    for (guint i = 0; i < refs->len; i++) {
        const char *ref = refs->pdata[i];
        if (*ref && strspn(ref, "0123456789") == strlen(ref))
            g_string_append_printf(set, "%s%s", set->len ? "," : "", ref);
    }
    return g_string_free(set, FALSE);
}

/* When people remove mails at the same time a server may refuse the whole command, until a NOOP has told us
 * (RFC 5530, EXPUNGEISSUED; Dovecot does); then it leaves out those that are gone. */
static bool
again_without_removed(struct session *session, const char *line, GError **error)
{
    for (int tries = 1;; tries++) {
        g_autoptr(GError) failure = NULL;
        if (session_command(session, line, 0, &failure))
            return true;
        if (tries == REMOVED_TRIES || !g_error_matches(failure, CARDPOST_ERROR, CARDPOST_ERROR_REFUSED) ||
            !session_answered(session, "EXPUNGEISSUED")) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return false;
        }
        if (!session_command(session, "NOOP", 0, error))
            return false;
    }
}

static bool G_GNUC_PRINTF(3, 4) command(struct session *session, GError **error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *line = g_strdup_vprintf(format, args);
    va_end(args);
    return again_without_removed(session, line, error);
}

static bool
move(struct session *session, const char *set, const char *folder, GError **error)
{
    if (session_has(session, "MOVE"))
        return command(session, error, "UID MOVE %s %s", set, folder);
    if (!command(session, error, "UID COPY %s %s", set, folder))
        return false;
    g_autoptr(GError) failure = NULL;
    if (command(session, &failure, "UID STORE %s +FLAGS.SILENT (\\Deleted)", set) &&
        command(session, &failure, "UID EXPUNGE %s", set))
        return true;
    /* Not tried again: each try would leave one more copy. */
    session->no_delete = g_error_matches(failure, CARDPOST_ERROR, CARDPOST_ERROR_REFUSED);
    if (!session->no_delete)
        g_propagate_error(error, g_steal_pointer(&failure));
    return session->no_delete;
}

bool
settle_can_move(struct session *session)
{
    return session_has(session, "MOVE") || (session_has(session, "UIDPLUS") && !session->no_delete);
}

bool
settle_mails(struct session *session, const GPtrArray *refs, char **mend_out, GError **error)
{
    *mend_out = NULL;
    g_autofree char *set = uid_set(refs);
    if (!session->mailbox->done_folder || session->is_read_only || !settle_can_move(session) || *set == '\0')
        return true;
    g_autofree char *name = imap_mailbox_name(session->mailbox->done_folder);
    g_autofree char *folder = imap_quote(name);
    g_autoptr(GError) failure = NULL;
    if (move(session, set, folder, &failure))
        return true;
    bool refused = g_error_matches(failure, CARDPOST_ERROR, CARDPOST_ERROR_REFUSED);
    if (refused && !session->folder_made) {
        session->folder_made = true;
        g_clear_error(&failure);
        g_autoptr(GError) ignored = NULL; /* a folder that exists is what we want */
        command(session, &ignored, "CREATE %s", folder);
        if (move(session, set, folder, &failure))
            return true;
        refused = g_error_matches(failure, CARDPOST_ERROR, CARDPOST_ERROR_REFUSED);
    }
    if (refused) {
        *mend_out = g_strdup_printf("processed mails cannot be moved to \"%s\": %s",
                                    session->mailbox->done_folder, failure->message);
        return true;
    }
    g_propagate_error(error, g_steal_pointer(&failure));
    return false;
}
