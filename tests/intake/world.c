/* world.c - see world.h. */
#include "world.h"

#include <cardpost/engine.h>
#include <cardpost/mime.h>
#include <cardpost/team.h>

#include <string.h>

static const char config_text[] = "name = \"tasks\"\n"
                                  "address = \"tasks@corp.example\"\n"
                                  "data = \"DATA\"\n"
                                  "language = \"en\"\n"
                                  "timezone = \"Europe/Berlin\"\n"
                                  "mailbox main {\n"
                                  "  source = \"maildir:DATA/in\"\n"
                                  "  authserv_ids = {\"mx.corp.example\"}\n"
                                  "  strips_forged = true\n"
                                  "  received_hops = 1\n"
                                  "  verdict = \"above\"\n"
                                  "}\n"
                                  "outgoing { target = \"maildir:DATA/out\" }\n"
                                  "notify { settle = 0 }\n";

static const char team_text[] =
    "person ann { name = \"Ann\" email = {\"ann@corp.example\"} role = \"admin\" }\n"
    "person bob { name = \"Bob\" email = {\"bob@corp.example\"} role = \"member\" }\n"
    "person li { name = \"李雷\" email = {\"li@corp.example\"} role = \"member\" language = \"zh-CN\" "
    "timezone = \"Asia/Shanghai\" }\n"
    "person sue { name = \"Sue\" email = {\"sue@sup.example\"} role = \"guest\" }\n"
    "board orders { name = \"Orders\" name_zh = \"订单\" public_name = \"Order desk\" intake = "
    "\"participants\" default = true\n"
    "  column todo { name = \"To do\" name_zh = \"待处理\" kind = \"queue\" }\n"
    "  column done { name = \"Done\" name_zh = \"完成\" kind = \"done\" } }\n"
    "board open { name = \"Open desk\" intake = \"anyone\" column todo { name = \"To do\" kind = \"queue\" } "
    "}\n"
    "board closed { name = \"Closed desk\" intake = \"members\" column todo { name = \"To do\" kind = "
    "\"queue\" } }\n";

static void
apply_team(struct world *world)
{
    struct input input = {
        .at = world->now, .kind = INPUT_CHANGE, .text = (char *)(uintptr_t)team_text, .actor_uid = -1};
    GError *error = NULL;
    journal_begin(world->store);
    journal_append(world->store, &input, NULL, 0);
    ck_assert(journal_commit(world->store, &error));
    world_fold(world);
    struct outcome_row *row = outcome_get(world->store, 1);
    ck_assert_msg(row && row->outcome == OUTCOME_APPLIED, "team: %s", row ? row->reason : "no outcome");
    outcome_row_free(row);
}

struct world *
world_new(void)
{
    struct world *world = g_new0(struct world, 1);
    GError *error = NULL;
    mime_open();
    world->dir = support_tmpdir();
    world->now = WORLD_NOW;
    g_autofree char *data = g_build_filename(world->dir, "data", NULL);
    g_autoptr(GString) text = g_string_new(config_text);
    g_string_replace(text, "DATA", data, 0);
    world->config = config_parse(text->str, "test.conf", &error);
    ck_assert_msg(world->config != NULL, "%s", error ? error->message : "");
    ck_assert_msg(store_create(data, &error), "%s", error ? error->message : "");
    world->store = store_open(data, STORE_WRITE, &error);
    ck_assert_msg(world->store != NULL, "%s", error ? error->message : "");
    world->intake = intake_new(world->store, world->config);
    world->notify = notify_new(world->store, world->config, "templates", &error);
    ck_assert_msg(world->notify != NULL, "%s", error ? error->message : "");
    apply_team(world);
    return world;
}

void
world_free(struct world *world)
{
    notify_free(world->notify);
    intake_free(world->intake);
    store_close(world->store);
    config_free(world->config);
    support_rmtree(world->dir);
    g_free(world->dir);
    g_free(world);
}

void
world_advance(struct world *world, int64_t seconds)
{
    world->now += seconds;
}

static void
fold_one(struct world *world, int64_t seq)
{
    GError *error = NULL;
    g_autoptr(GBytes) raw = intake_raw(world->intake, seq, NULL);
    g_autoptr(mail_t) mail =
        raw ? mime_parse(g_bytes_get_data(raw, NULL), g_bytes_get_size(raw), &error) : NULL;
    struct intake_item item = {.seq = seq, .mail = mail, .failure = error ? error->message : NULL};
    GError *failure = NULL;
    bool applied = intake_apply(world->intake, &item, 1, &failure);
    ck_assert_msg(applied, "%s", failure ? failure->message : "");
    g_clear_error(&error);
}

void
world_fold(struct world *world)
{
    for (;;) {
        g_autoptr(GArray) pending = intake_pending(world->intake, 0, 1, NULL);
        ck_assert_ptr_nonnull(pending);
        if (pending->len == 0)
            return;
        fold_one(world, g_array_index(pending, int64_t, 0));
    }
}

struct outcome_row *
world_mail_bytes(struct world *world, const void *raw, gsize len)
{
    GError *error = NULL;
    g_autofree char *ref = g_strdup_printf("%u", ++world->next_uid);
    struct intake_mail mail = {.mailbox = "main",
                               .uidvalidity = 1,
                               .ref = ref,
                               .size_bytes = (int64_t)len,
                               .is_partial = world->is_oversize,
                               .arrived_at = world->now,
                               .raw = raw,
                               .raw_len = len};
    ck_assert_msg(intake_journal(world->intake, &mail, 1, world->now, &error), "%s",
                  error ? error->message : "");
    int64_t seq = journal_last(world->store);
    world_fold(world);
    struct outcome_row *row = outcome_get(world->store, seq);
    ck_assert_ptr_nonnull(row);
    return row;
}

struct outcome_row *
world_mail(struct world *world, const char *raw)
{
    g_autoptr(GString) crlf = g_string_new(raw);
    g_string_replace(crlf, "\r\n", "\n", 0);
    g_string_replace(crlf, "\n", "\r\n", 0);
    return world_mail_bytes(world, crlf->str, crlf->len);
}

struct outcome_row *
world_proven_mail(struct world *world, const char *raw)
{
    const char *from = strstr(raw, "From: ");
    ck_assert_ptr_nonnull(from);
    const char *at = strchr(from, '@') + 1;
    g_autofree char *domain = g_strndup(at, strcspn(at, ">\n\r "));
    g_autofree char *proven =
        g_strdup_printf("Authentication-Results: mx.corp.example; dmarc=pass header.from=%s\n"
                        "Received: from out.example by mx.corp.example; Mon, 23 Nov 2026 08:00:00 +0000\n%s",
                        domain, raw);
    return world_mail(world, proven);
}

static void
sent_free(void *data)
{
    struct sent *sent = data;
    g_free(sent->recipient);
    g_free(sent->subject);
    g_free(sent->raw);
    g_free(sent->reply_to);
    g_free(sent->message_id);
    g_free(sent);
}

/* The address in the Reply-To field of a mail of ours. */
static char *
reply_to_of(const char *raw)
{
    const char *field = strstr(raw, "\r\nReply-To:");
    const char *open = field ? strchr(field, '<') : NULL;
    return open ? g_strndup(open + 1, strcspn(open + 1, ">")) : NULL;
}

static void
give_files(struct world *world)
{
    for (;;) {
        g_autoptr(GPtrArray) needed = notify_files_needed(world->notify, world->now, NULL);
        if (needed->len == 0)
            return;
        for (guint i = 0; i < needed->len; i++) {
            const struct attachment *attachment = needed->pdata[i];
            g_autoptr(GBytes) raw = journal_raw(world->store, attachment->input_seq);
            g_autoptr(GBytes) content =
                mime_part(g_bytes_get_data(raw, NULL), g_bytes_get_size(raw), attachment->part, NULL);
            notify_file(world->notify, attachment->id, content);
        }
        guint done;
        ck_assert(notify_flush(world->notify, world->now, 200, &done, NULL));
    }
}

GPtrArray *
world_sent(struct world *world)
{
    GError *error = NULL;
    GPtrArray *all = g_ptr_array_new_with_free_func(sent_free);
    ck_assert_msg(notify_follow(world->notify, world->now, &error), "%s", error ? error->message : "");
    give_files(world);
    guint done;
    ck_assert(notify_flush(world->notify, world->now, 200, &done, &error));
    struct dispatch_result result = {.status = OUTBOX_SENT, .code = 250, .text = g_strdup("ok")};
    for (;;) {
        g_auto(dispatch_mail_t) next;
        ck_assert(dispatch_take(world->notify, result.id ? &result : NULL, world->now, &next, &error));
        if (!next.mail)
            break;
        struct sent *sent = g_new0(struct sent, 1);
        sent->recipient = g_strdup(next.mail->recipient);
        sent->subject = g_strdup(next.mail->subject);
        sent->message_id = g_strdup(next.mail->message_id);
        sent->raw = g_strndup(g_bytes_get_data(next.bytes, NULL), g_bytes_get_size(next.bytes));
        sent->reply_to = reply_to_of(sent->raw);
        g_ptr_array_add(all, sent);
        result.id = next.mail->id;
    }
    g_free(result.text);
    return all;
}

const struct sent *
sent_to(const GPtrArray *sent, const char *recipient)
{
    const struct sent *found = NULL;
    for (guint i = 0; i < sent->len; i++) {
        const struct sent *one = sent->pdata[i];
        if (!g_str_equal(one->recipient, recipient))
            continue;
        ck_assert_msg(!found, "several mails to %s", recipient);
        found = one;
    }
    return found;
}

int64_t
expect_outcome(struct outcome_row *row, enum outcome outcome, const char *label)
{
    ck_assert_msg(row->outcome == outcome, "%s: %s (%s), not %s", label, outcome_name(row->outcome),
                  row->reason, outcome_name(outcome));
    int64_t card = row->card_id;
    outcome_row_free(row);
    return card;
}
