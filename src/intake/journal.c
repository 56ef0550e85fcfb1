/* journal.c - step 1: raw mails become inputs in one commit. Decides nothing about them. */
#include "intake_private.h"

#include "intake.h"

#include <cardpost/header.h>

struct intake *
intake_new(struct store *store, const struct config *config)
{
    struct intake *intake = g_new0(struct intake, 1);
    intake->store = store;
    intake->config = config;
    return intake;
}

void
intake_free(struct intake *intake)
{
    g_free(intake);
}

static void
append(struct store *store, const struct intake_mail *mail, int64_t now)
{
    g_auto(header_block_t) block;
    header_block_parse(mail->raw, mail->raw_len, &block);
    g_autofree char *content_key = header_content_key(&block, mail->size_bytes);
    g_autofree char *sha256 = secret_sha256(mail->raw, mail->raw_len);
    struct input input = {.at = now,
                          .kind = INPUT_MAIL,
                          .mailbox = (char *)(uintptr_t)mail->mailbox,
                          .arrived_at = mail->arrived_at,
                          .size_bytes = mail->size_bytes,
                          .is_partial = mail->is_partial,
                          .sha256 = sha256,
                          .content_key = content_key,
                          .actor_uid = -1};
    /* also an empty mail has its bytes */
    /* the very mail, counted anew by the server */
    int64_t known = ledger_seq_by_key(store, mail->mailbox, mail->uidvalidity, content_key, sha256);
    int64_t seq = known ? known : journal_append(store, &input, mail->raw ? mail->raw : "", mail->raw_len);
    ledger_add(store, mail->mailbox, mail->uidvalidity, mail->ref, seq, content_key);
}

bool
intake_journal(struct intake *intake, const struct intake_mail *mails, guint n, int64_t now, GError **error)
{
    journal_begin(intake->store);
    for (guint i = 0; i < n; i++)
        if (!ledger_has(intake->store, mails[i].mailbox, mails[i].uidvalidity, mails[i].ref))
            append(intake->store, &mails[i], now);
    return journal_commit(intake->store, error);
}

GArray *
intake_pending(struct intake *intake, int64_t seq, guint n, GError **error)
{
    g_autoptr(GArray) seqs = journal_after(intake->store, MAX(seq, outcome_last(intake->store)), n);
    return store_check(intake->store, error) ? g_steal_pointer(&seqs) : NULL;
}

int64_t
intake_released_seq(const struct input *release)
{
    return g_ascii_strtoll(release->text, NULL, 10);
}

int64_t
intake_mail_seq(struct store *store, const struct input *input)
{
    g_autoptr(input_t) at = NULL;
    while (input && input->kind == INPUT_RELEASE) {
        int64_t seq = intake_released_seq(input);
        /* always an earlier one, so that this ends */
        struct input *released = seq < input->seq ? journal_input(store, seq) : NULL;
        input_free(at);
        input = at = released;
    }
    return input && input->kind == INPUT_MAIL ? input->seq : 0;
}

GBytes *
intake_raw(struct intake *intake, int64_t seq, GError **error)
{
    g_autoptr(input_t) input = journal_input(intake->store, seq);
    int64_t mail_seq = intake_mail_seq(intake->store, input);
    g_autoptr(GBytes) raw = mail_seq ? journal_raw(intake->store, mail_seq) : NULL;
    return store_check(intake->store, error) ? g_steal_pointer(&raw) : NULL;
}
