/* apply.c - step 3: the fold. Inputs become outcomes, cards and events, strictly in the journal's order.
 *
 * Crash order: an approval's RELEASE input is journaled before the state that knows the approval commits. A
 * kill in between repeats the approval, which journals a second RELEASE; whichever comes second finds the
 * mail released already and ends as a duplicate. A RELEASE whose approval never committed is refused. */
#include "intake.h"
#include "intake_private.h"

#include <cardpost/caps.h>
#include <cardpost/clean.h>
#include <cardpost/engine.h>
#include <cardpost/error.h>
#include <cardpost/log.h>
#include <cardpost/secret.h>

#include <string.h>

/* One input on its way through the fold. */
struct work {
    struct intake *intake;
    const struct intake_item *item;
    struct input *input;
    struct input *original; /* of a release: the input it releases; else NULL */
    bool lets_in;           /* the release counts */
    struct intake_question question;
    struct intake_plan plan;
    struct engine_act act;
    int64_t card_id, comment_id;
    char *text; /* the mail's words as they are kept */
};

static int64_t
add_event(const struct work *work, enum event_kind kind, int64_t subject_id, const char *detail)
{
    struct event event = {.at = work->act.now,
                          .kind = kind,
                          .card_id = work->card_id,
                          .actor_id = work->act.person_id,
                          .subject_id = subject_id,
                          .input_seq = work->act.input_seq,
                          .detail = (char *)(uintptr_t)detail};
    return event_add(work->act.store, &event);
}

/* Whoever reads the card must know that there is more: in both languages, since the card has none. */
#define PARTIAL_NOTE                                                                                         \
    "\n\n[This mail is over the size limit: only its beginning was read, the original stays in the "         \
    "mailbox.]"                                                                                              \
    "\n[此邮件超过大小限制：只读取了开头部分，原件仍保留在邮箱中。]"
#define DAMAGED_NOTE                                                                                         \
    "\n\n[Some of this mail is damaged or too long: not all of it could be read.]"                           \
    "\n[此邮件部分内容已损坏或过长，未能全部读取。]"
#define ENCRYPTED_NOTE                                                                                       \
    "\n\n[Some of this mail is encrypted: it cannot be read here, and is kept as it came.]"                  \
    "\n[此邮件部分内容已加密：无法在此读取，已按原样保存。]"
#define FILES_NOTE                                                                                           \
    "\n\n[%u files are over the quota and not on this card; they are in the stored mail.]"                   \
    "\n[%u 个文件超出配额，未列入此卡片；原邮件已保存。]"

/* g_free. */
static char *
notes_of(const struct work *work)
{
    guint n = work->plan.files_refused;
    g_autofree char *files = n > 0 ? g_strdup_printf(FILES_NOTE, n, n) : g_strdup("");
    const struct mail *mail = work->item->mail;
    const char *words = work->question.is_partial ? PARTIAL_NOTE : mail->is_damaged ? DAMAGED_NOTE : "";
    return g_strconcat(words, mail->is_encrypted ? ENCRYPTED_NOTE : "", files, NULL);
}

/* What a stranger is called here: by his address where his name is that of somebody who was entered here, or
 * has an address in it, since under it he would speak as that person. */
static const char *
stranger_name(struct store *store, const char *name, const char *address)
{
    g_autofree char *folded = clean_fold(name, -1);
    g_autoptr(person_t) namesake = person_by_key(store, name);
    return *name && !namesake && !strchr(folded, '@') ? name : address;
}

static void
words_of(struct work *work, struct engine_words *words)
{
    bool has_both = *work->plan.text && *work->plan.forwarded;
    g_autofree char *notes = notes_of(work);
    work->text = g_strconcat(work->plan.text, has_both ? "\n\n" : "", work->plan.forwarded, notes, NULL);
    const struct identity *identity = &work->plan.identity;
    const char *name = identity->address && work->act.person_id == 0
                           ? stranger_name(work->act.store, identity->name, identity->address)
                           : identity->name;
    *words = (struct engine_words){.author_name = name,
                                   .author_address = work->plan.identity.address,
                                   .text = work->text,
                                   .quoted = work->plan.quoted,
                                   .signature = work->plan.signature,
                                   .attachments = work->plan.attachments,
                                   .parent_id = work->plan.parent_id};
}

/* Somebody outside, known by address. */
static int64_t
add_guest(struct store *store, const char *name, const char *address)
{
    g_autoptr(person_t) person = person_new();
    person->name = g_strdup(stranger_name(store, name, address));
    person->role = ROLE_GUEST;
    person->wants_all_receipts = true;
    person->is_active = true;
    g_ptr_array_add(person->addresses, g_strdup(address));
    return person_save(store, person);
}

/* A proven stranger becomes a guest, on his own card only. */
static void
make_guest(struct work *work)
{
    const struct identity *identity = &work->plan.identity;
    if (work->plan.person_id || identity->verdict != IDENTITY_PASS || !identity->address ||
        work->plan.automatic == AUTOMATIC_MACHINE)
        return;
    /* somebody who is known, but no longer active */
    g_autoptr(person_t) known = person_by_address(work->act.store, identity->address);
    if (known)
        return;
    work->plan.person_id = work->act.person_id =
        add_guest(work->act.store, identity->name, identity->address);
    work->act.trust = TRUST_GUEST;
}

/* Whose mail a member forwards; 0: his own. */
static int64_t
requester_of_forward(struct work *work)
{
    if (!forward_names_requester(&work->question, &work->plan))
        return 0;
    const struct mail_address *from = &work->item->mail->forward->from;
    g_autoptr(person_t) known = person_by_address(work->act.store, from->address);
    if (known)
        return known->id;
    return add_guest(work->act.store, from->name ? from->name : "", from->address);
}

static void
create_card(struct work *work, bool is_triage)
{
    struct engine_new_card card = {.board_id = work->plan.board_id,
                                   .column_id = work->plan.column_id,
                                   .title = work->plan.title,
                                   .requester_id = requester_of_forward(work),
                                   .is_triage = is_triage};
    words_of(work, &card.words);
    g_autofree char *untitled = NULL;
    g_autofree char *title = secret_redact(card.title);
    card.title = title;
    if (*title == '\0') {
        g_autofree char *line = clean_line(work->text, 80);
        untitled = g_strdup(*line ? line : "(no subject)");
        card.title = untitled;
    }
    work->card_id = engine_create_card(&work->act, &card, work->plan.assignee_ids, work->plan.watcher_ids,
                                       &work->comment_id);
}

static void
comment(struct work *work)
{
    struct engine_words words;
    words_of(work, &words);
    work->card_id = work->plan.card_id;
    work->comment_id = engine_comment(&work->act, work->card_id, &words);
}

/* Journals the release of an approved mail, before the state commits. */
static void
decide_held(struct work *work)
{
    struct held held;
    if (!held_get(work->act.store, work->plan.held_id, &held))
        return;
    work->card_id = held.card_id;
    if (engine_decide_held(&work->act, &held, work->plan.approves) && work->plan.approves) {
        g_autofree char *seq = g_strdup_printf("%" G_GINT64_FORMAT, held.input_seq);
        struct input release = {.at = work->act.now, .kind = INPUT_RELEASE, .text = seq, .actor_uid = -1};
        journal_begin(work->act.store);
        journal_append(work->act.store, &release, NULL, 0);
        GError *error = NULL;
        if (!journal_commit(work->act.store, &error))
            store_keep(work->act.store, error);
    }
    g_free(held.sender);
}

/* To a proven sender, but never to a machine; a person, or an address that is told once a day. */
static void
refuse(struct work *work)
{
    bool is_proven = work->plan.identity.verdict == IDENTITY_PASS || work->plan.person_id;
    if (!is_proven || work->plan.automatic == AUTOMATIC_MACHINE)
        return;
    g_autofree char *detail =
        g_strdup_printf("%s\n%s\n%s", work->plan.hint ? work->plan.hint : "note.refused",
                        work->plan.hint_arg ? work->plan.hint_arg : "",
                        work->plan.person_id ? "" : work->plan.identity.address);
    add_event(work, EVENT_REFUSED, work->plan.person_id, detail);
}

/* What was not understood in a mail that was taken. */
static void
tell_problems(struct work *work)
{
    if (!work->plan.hint || !work->act.person_id || work->plan.automatic == AUTOMATIC_MACHINE)
        return;
    g_autofree char *detail =
        g_strdup_printf("%s\n%s\n", work->plan.hint, work->plan.hint_arg ? work->plan.hint_arg : "");
    add_event(work, EVENT_REFUSED, work->act.person_id, detail);
}

static void
remember_hearers(struct work *work)
{
    const GPtrArray *lists[] = {work->item->mail->to, work->item->mail->cc};
    for (guint l = 0; l < G_N_ELEMENTS(lists); l++)
        for (guint i = 0; i < lists[l]->len; i++) {
            const struct mail_address *address = lists[l]->pdata[i];
            g_autoptr(person_t) person = person_by_address(work->act.store, address->address);
            if (person)
                heard_add(work->act.store, work->act.input_seq, person->id);
        }
}

/* Later mails find the card by this one's ids, and answers are threaded under it. */
static void
learn(struct work *work)
{
    if (!work->card_id)
        return;
    struct mail_key key = {.card_id = work->card_id,
                           .comment_id = work->comment_id,
                           .is_proven = work->act.trust >= TRUST_GUEST,
                           .sender = work->plan.identity.address};
    thread_learn(work->act.store, work->item->mail, &key);
    if (work->act.person_id && work->item->mail->message_id)
        notice_set_last_id(work->act.store, work->act.person_id, work->card_id, work->item->mail->message_id);
    if (work->plan.token)
        token_touch(work->act.store, work->plan.token, work->act.now);
    words_learn(&work->question, &work->plan);
    /* of a stranger's mail, proven or not, nobody knows whom it really reached: a Cc that was written and
     * never sent to would hide his card from whoever looks after such cards */
    if (work->plan.trust >= TRUST_GUEST)
        remember_hearers(work);
}

static void
remember_copy(struct work *work)
{
    g_auto(header_block_t) block;
    g_autofree char *content = NULL, *id = NULL;
    header_block_parse(work->question.head, work->question.head_len, &block);
    duplicate_keys(&work->question, &block, &content, &id);
    if (content)
        seen_add(work->act.store, content, work->plan.trust, work->act.input_seq, work->card_id);
    if (id)
        seen_add(work->act.store, id, work->plan.trust, work->act.input_seq, work->card_id);
}

static void
take(struct work *work)
{
    bool is_new = work->plan.card_id == 0;
    bool is_machine = work->plan.automatic == AUTOMATIC_MACHINE;
    /* a card that a machine makes is nobody's, whoever's address it bears: so it gets no receipt either */
    if (is_new && is_machine) {
        work->act.person_id = 0;
        work->act.trust = MIN(work->act.trust, TRUST_UNVERIFIED);
    }
    if (work->plan.is_triage)
        make_guest(work);
    if (is_new)
        create_card(work, work->plan.is_triage);
    else
        comment(work);
    learn(work);
    if (work->act.trust == TRUST_UNVERIFIED && !is_machine && !work->question.is_released)
        add_event(work, EVENT_STRANGER, 0, work->plan.identity.address);
    tell_problems(work);
}

/* Carries the plan out. */
static void
perform(struct work *work)
{
    switch (work->plan.outcome) {
    case OUTCOME_APPLIED:
        if (work->plan.held_id)
            decide_held(work);
        else if (work->plan.mutes)
            engine_mute(&work->act, work->plan.card_id);
        else
            take(work);
        break;
    case OUTCOME_COMMENTED:
    case OUTCOME_TRIAGE:
    case OUTCOME_OVERSIZE:
        if (work->plan.board_id || work->plan.card_id)
            take(work);
        break;
    case OUTCOME_HELD:
        work->card_id = work->plan.card_id;
        engine_hold(&work->act, work->card_id, work->plan.held_for_id, work->plan.identity.address);
        break;
    case OUTCOME_REFUSED:
        refuse(work);
        break;
    case OUTCOME_QUARANTINED:
        add_event(work, EVENT_ADMIN, 0, "quarantine");
        return;
    case OUTCOME_RECORDED:
    case OUTCOME_DUPLICATE:
    case OUTCOME_DEFERRED:
        return;
    }
    remember_copy(work);
}

static void
set_outcome(struct work *work, enum outcome outcome, const char *reason)
{
    work->plan.outcome = outcome;
    g_free(work->plan.reason);
    work->plan.reason = g_strdup(reason);
}

static void
record(const struct work *work)
{
    const struct intake_plan *plan = &work->plan;
    struct outcome_row row = {
        .seq = work->input->seq,
        .at = work->input->at,
        .outcome = plan->outcome,
        .reason = plan->reason,
        .trust = plan->trust,
        .trust_reason = plan->trust_reason,
        .sender = plan->identity.address,
        .subject = work->item->mail ? work->item->mail->subject : NULL,
        .rule = plan->rule != THREAD_NONE ? (char *)(uintptr_t)thread_rule_name(plan->rule) : NULL,
        .card_id = work->card_id ? work->card_id : plan->card_id,
        .comment_id = work->comment_id,
        .person_id = work->act.person_id};
    outcome_add(work->act.store, &row);
    if (work->lets_in)
        outcome_release(work->act.store, work->original->seq, work->input->seq);
}

/* A release counts once, and only of what is quarantined or was approved. False: decided without the mail. */
static bool
check_release(struct work *work)
{
    struct outcome_row *row = outcome_get(work->act.store, work->original->seq);
    bool was_released = outcome_released_by(work->act.store, work->original->seq) != 0;
    int64_t held_id = held_of_input(work->act.store, work->original->seq);
    bool is_approved = held_id && held_is_approved(work->act.store, held_id);
    bool waits =
        row && (row->outcome == OUTCOME_QUARANTINED || (row->outcome == OUTCOME_HELD && is_approved));
    outcome_row_free(row);
    if (was_released)
        set_outcome(work, OUTCOME_DUPLICATE, "was released before");
    else if (!waits)
        set_outcome(work, OUTCOME_RECORDED, "nothing waits to be released there");
    return waits && !was_released;
}

static void
fold_mail(struct work *work, const struct input *mail_input)
{
    struct intake *intake = work->intake;
    g_autoptr(GBytes) head = journal_raw_head(intake->store, mail_input->seq, CAP_HEADER_BYTES + 65536);
    if (!head || !work->item->mail) {
        set_outcome(work, OUTCOME_QUARANTINED,
                    work->item->failure ? work->item->failure : "the raw mail is gone");
        add_event(work, EVENT_ADMIN, 0, "quarantine");
        return;
    }
    const struct config_mailbox *mailbox =
        mail_input->mailbox ? config_mailbox(intake->config, mail_input->mailbox) : NULL;
    /* of a mailbox that is configured no more another one's border knows nothing */
    work->question =
        (struct intake_question){.store = intake->store,
                                 .config = intake->config,
                                 .mailbox = mailbox ? mailbox : intake->config->mailboxes->pdata[0],
                                 .border = mailbox ? &mailbox->border : NULL,
                                 .head = g_bytes_get_data(head, NULL),
                                 .head_len = g_bytes_get_size(head),
                                 .mail = work->item->mail,
                                 .sha256 = mail_input->sha256,
                                 .is_partial = mail_input->is_partial,
                                 .is_released = work->lets_in,
                                 .now = work->input->at};
    intake_plan_clear(&work->plan);
    intake_decide(&work->question, &work->plan);
    work->act.person_id = work->plan.person_id;
    work->act.trust = work->plan.trust;
    /* parts of the mail are found under the input that holds the raw bytes */
    work->act.input_seq = mail_input->seq;
    perform(work);
}

static void
fold_change(struct work *work)
{
    g_autoptr(GError) error = NULL;
    struct team_file *team = team_file_parse(work->input->text, "change", &error);
    work->act.trust = TRUST_ADMIN;
    if (team && engine_team_apply(&work->act, team, &error)) {
        set_outcome(work, OUTCOME_APPLIED, "people, teams and boards changed");
    } else {
        /* nothing of a file that cannot be applied as a whole */
        store_undo(work->act.store);
        store_savepoint(work->act.store);
        set_outcome(work, OUTCOME_REFUSED, error->message);
    }
    team_file_free(team);
}

static void
fold_release(struct work *work)
{
    struct store *store = work->intake->store;
    work->original = journal_input(store, intake_released_seq(work->input));
    g_autoptr(input_t) mail = journal_input(store, intake_mail_seq(store, work->input));
    if (!work->original || !mail) {
        set_outcome(work, OUTCOME_RECORDED, "nothing waits to be released there");
        return;
    }
    work->lets_in = check_release(work);
    if (work->lets_in)
        fold_mail(work, mail);
}

static void
fold(struct work *work)
{
    set_outcome(work, OUTCOME_RECORDED, "");
    switch (work->input->kind) {
    case INPUT_MAIL:
        fold_mail(work, work->input);
        break;
    case INPUT_RELEASE:
        fold_release(work);
        break;
    case INPUT_CHANGE:
        fold_change(work);
        break;
    }
    record(work);
}

static void
log_done(const struct work *work)
{
    log_info("mail.done", "seq", log_int(work->input->seq).text, "kind", input_kind_name(work->input->kind),
             "outcome", outcome_name(work->plan.outcome), "reason", work->plan.reason, "from",
             work->plan.identity.address, "trust", trust_name(work->plan.trust), "card",
             work->card_id ? log_int(work->card_id).text : NULL, NULL);
}

static void
work_clear(struct work *work)
{
    input_free(work->input);
    input_free(work->original);
    intake_plan_clear(&work->plan);
    g_free(work->text);
}

/* After a failure that is this mail's own: nothing of it stays but the quarantine. */
static void
quarantine(struct work *work, const char *why)
{
    store_undo(work->intake->store);
    store_savepoint(work->intake->store);
    work->card_id = work->comment_id = 0;
    work->act.person_id = 0;
    g_autofree char *reason = g_strdup_printf("could not be applied: %s", why);
    set_outcome(work, OUTCOME_QUARANTINED, reason);
    work->plan.card_id = 0;
    add_event(work, EVENT_ADMIN, 0, "quarantine");
    record(work);
    g_autoptr(GError) ignored = NULL; /* kept by the store: the commit fails with it */
    store_release(work->intake->store, &ignored);
}

static void
apply_one(struct work *work)
{
    struct store *store = work->intake->store;
    work->input = journal_input(store, work->item->seq);
    if (!work->input)
        return;
    work->act = (struct engine_act){.store = store, .now = work->input->at, .input_seq = work->item->seq};
    g_autoptr(GError) error = NULL;
    store_savepoint(store);
    fold(work);
    if (!store_release(store, &error) && g_error_matches(error, CARDPOST_ERROR, CARDPOST_ERROR_PERMANENT))
        quarantine(work, error->message);
}

bool
intake_apply(struct intake *intake, const struct intake_item *items, guint n, GError **error)
{
    g_autofree struct work *works = g_new0(struct work, n);
    store_begin(intake->store);
    for (guint i = 0; i < n; i++) {
        works[i].intake = intake;
        works[i].item = &items[i];
        apply_one(&works[i]);
    }
    bool committed = store_commit(intake->store, error);
    for (guint i = 0; i < n; i++) {
        if (committed && works[i].input)
            log_done(&works[i]);
        work_clear(&works[i]);
    }
    return committed;
}
