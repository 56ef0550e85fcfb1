/* source_process.c - the process of one mailbox: everything about mail is in imap and maildir; here only its
 * configuration is found and the process closed to all that those do not need. */
#include "process.h"

#include "sandbox.h"

#include <cardpost/imap.h>
#include <cardpost/maildir.h>

#include <sysexits.h>

static int
run_maildir(struct process *process, const struct config_mailbox *mailbox)
{
    const char *done = mailbox->done_folder;
    g_autofree char *done_path = NULL;
    /* "move:Done" is the folder of that name in the Maildir++ sense. */
    if (done && !g_path_is_absolute(done))
        done_path = g_strdup_printf("%s/.%s", mailbox->maildir, *done == '.' ? done + 1 : done);
    struct maildir_settings settings = {.path = mailbox->maildir,
                                        .max_mail_bytes = mailbox->max_mail_bytes,
                                        .move_done = done != NULL,
                                        .done_path = done_path ? done_path : done};
    return maildir_run(&settings, &process->data, process_stop_flag());
}

int
source_process_run(struct process *process)
{
    g_autoptr(GError) error = NULL;
    const struct config_mailbox *mailbox = config_mailbox(process->config, process->role_rest);
    if (!mailbox || (mailbox->maildir != NULL) != (process->role == PROCESS_MAILDIR)) {
        log_error("source.unknown", "mailbox", process->role_rest, NULL);
        return EX_CONFIG;
    }
    if (!sandbox_peer(&error)) {
        log_error("source.sandbox", "error", error->message, NULL);
        return EX_OSERR;
    }
    if (process->role == PROCESS_MAILDIR)
        return run_maildir(process, mailbox);
    return imap_run(mailbox, process_secret, process, &process->data, process_stop_flag());
}
