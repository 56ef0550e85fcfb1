/* test_settle.c - what happens on the server to mails that core has done with. */
#include "client.h"
#include "support.h"

#include <string.h>

support_case_fn settle_case;

#define MAIL       "From: ann@corp.example\r\nMessage-ID: <1@x>\r\n\r\nHello\r\n"
#define NO_MOVE    "IMAP4rev1 IDLE UIDPLUS"
#define NO_UIDPLUS "IMAP4rev1 IDLE"

static const struct {
    const char *label, *capabilities, *select_code, *folder;
    const char *said;     /* must stand in the transcript, or NULL */
    const char *not_said; /* must not */
    bool is_moved;
} ways[] = {
    {"UID MOVE", NULL, NULL, "Done", "UID MOVE 1 \"Done\"\r\n", "EXPUNGE", true},
    {"COPY and UID EXPUNGE", NO_MOVE, NULL, "Done", "UID STORE 1 +FLAGS.SILENT (\\Deleted)\r\n", " MOVE",
     true},
    {"UID EXPUNGE names the mail", NO_MOVE, NULL, "Done", "UID EXPUNGE 1\r\n", " MOVE", true},
    {"I07 neither", NO_UIDPLUS, NULL, "Done", NULL, "EXPUNGE", false},
    {"I07 nothing is marked then", NO_UIDPLUS, NULL, "Done", NULL, "STORE", false},
    {"I07 read-only", NULL, "[READ-ONLY]", "Done", NULL, "MOVE", false},
    {"only remembered", NULL, NULL, NULL, NULL, "MOVE", false},
    {"Chinese folder", NULL, NULL, "已处理", "UID MOVE 1 \"&XfJZBHQG-\"\r\n", NULL, true},
    {"ampersand", NULL, NULL, "A&B \"c\"", "UID MOVE 1 \"A&-B \\\"c\\\"\"\r\n", NULL, true},
};

START_TEST(test_ways)
{
    struct fake_settings settings = {
        .cut_after = -1, .capabilities = ways[_i].capabilities, .select_code = ways[_i].select_code};
    struct fake *fake = fake_start(&settings);
    struct client *client = client_new(fake_port(fake));
    client->mailbox.done_folder = g_strdup(ways[_i].folder);
    client->settles = true;
    fake_add_mail(fake, 1, MAIL, 0);
    client_start(client);
    ck_assert_msg(client_run_settled(client, 1), "%s: never settled", ways[_i].label);
    ck_assert(client_run_state(client, SOURCE_UP, 1));
    g_autofree char *seen = fake_transcript(fake);
    ck_assert_msg(!ways[_i].said || strstr(seen, ways[_i].said), "%s: %s", ways[_i].label, seen);
    ck_assert_msg(!ways[_i].not_said || !strstr(seen, ways[_i].not_said), "%s: %s", ways[_i].label, seen);
    ck_assert_msg(fake_has_mail(fake, 1) != ways[_i].is_moved, "%s: moved or not", ways[_i].label);
    if (ways[_i].folder && !ways[_i].is_moved)
        ck_assert_msg(strstr(client->detail, "only remembered") != NULL, "%s: %s", ways[_i].label,
                      client->detail);
    ck_assert_int_eq(client_end(client), 0);
    fake_stop(fake);
    client_free(client);
}
END_TEST

static const struct {
    const char *label, *select_extra, *refused;
    bool is_moved;
    guint n_copies;
} marks[] = {
    {"all flags", "* OK [PERMANENTFLAGS (\\Seen \\Deleted \\*)] ok\r\n", NULL, true, 1},
    {"no keywords", "* OK [PERMANENTFLAGS (\\Answered \\Seen \\Deleted)] ok\r\n", NULL, true, 1},
    {"not \\Deleted", "* OK [PERMANENTFLAGS (\\Seen $Forwarded \\*)] ok\r\n", NULL, false, 0},
    {"STORE NO", "", "UID STORE", false, 1},
    {"UID EXPUNGE NO", "", "UID EXPUNGE", false, 1},
};

static bool
refuse_always(struct fake *fake, const char *tag, const char *command)
{
    const char *refused = fake_data(fake);
    if (!refused || !g_str_has_prefix(command, refused))
        return false;
    fake_printf(fake, "%s NO not you\r\n", tag);
    return true;
}

/* Without MOVE and without the right to mark: remembered, told, and no copy more with each mail. */
START_TEST(test_I07_marks)
{
    g_autofree char *extra = g_strconcat("* OK [UIDVALIDITY 7] ok\r\n", marks[_i].select_extra, NULL);
    struct fake_settings settings = {.cut_after = -1,
                                     .capabilities = NO_MOVE,
                                     .select_extra = extra,
                                     .hook = refuse_always,
                                     .data = (void *)(guintptr)marks[_i].refused};
    struct fake *fake = fake_start(&settings);
    struct client *client = client_new(fake_port(fake));
    client->mailbox.done_folder = g_strdup("Done");
    client->settles = true;
    fake_add_mail(fake, 1, MAIL, 0);
    client_start(client);
    ck_assert_msg(client_run_settled(client, 1), "%s: never settled", marks[_i].label);
    ck_assert_msg(fake_wait(fake, "IDLE\r\n", 1), "%s", marks[_i].label);
    fake_add_mail(fake, 2, MAIL, 0);
    ck_assert_msg(client_run_settled(client, 2), "%s: the next one is not settled", marks[_i].label);
    ck_assert(client_run_state(client, SOURCE_UP, 1));
    g_autofree char *seen = fake_transcript(fake);
    guint n_copies = 0;
    for (const char *at = seen; (at = strstr(at, "UID COPY 1")); at++)
        n_copies++;
    ck_assert_msg(n_copies == marks[_i].n_copies, "%s: %s", marks[_i].label, seen);
    ck_assert_msg(marks[_i].is_moved == !fake_has_mail(fake, 1), "%s: moved or not", marks[_i].label);
    ck_assert_msg(marks[_i].is_moved || !strstr(seen, "UID COPY 2"), "%s: %s", marks[_i].label, seen);
    ck_assert_msg(marks[_i].is_moved || strstr(client->detail, "only remembered"), "%s: %s", marks[_i].label,
                  client->detail);
    ck_assert_ptr_null(strstr(seen, " EXPUNGE\r\n"));
    ck_assert_ptr_null(strstr(seen, "CLOSE"));
    ck_assert_uint_eq(fake_connections(fake), 1);
    ck_assert_int_eq(client_end(client), 0);
    fake_stop(fake);
    client_free(client);
}
END_TEST

struct folder {
    const char *refusal; /* of MOVE while the folder is missing */
    bool can_create, exists;
};

static bool
missing_folder(struct fake *fake, const char *tag, const char *command)
{
    struct folder *folder = fake_data(fake);
    if (g_str_has_prefix(command, "UID MOVE") && !folder->exists) {
        fake_printf(fake, "%s %s\r\n", tag, folder->refusal);
        return true;
    }
    if (g_str_has_prefix(command, "CREATE")) {
        folder->exists = folder->can_create;
        fake_printf(fake, "%s %s\r\n", tag, folder->can_create ? "OK made" : "NO you may not");
        return true;
    }
    return false;
}

START_TEST(test_I08_folder_is_made)
{
    struct folder folder = {.refusal = "NO [TRYCREATE] no such folder", .can_create = true};
    struct fake_settings settings = {.cut_after = -1, .hook = missing_folder, .data = &folder};
    struct fake *fake = fake_start(&settings);
    struct client *client = client_new(fake_port(fake));
    client->mailbox.done_folder = g_strdup("Done");
    client->settles = true;
    fake_add_mail(fake, 1, MAIL, 0);
    client_start(client);
    ck_assert(client_run_settled(client, 1));
    ck_assert(!fake_has_mail(fake, 1));
    ck_assert_int_eq(client_end(client), 0);
    fake_stop(fake);
    client_free(client);
}
END_TEST

static bool
has_mend(struct client *client, const void *data)
{
    (void)data;
    return client->mend != NULL;
}

/* Told, not doubled, not reconnected; new mails go on being taken. */
START_TEST(test_I06_I08_folder_unusable)
{
    static const char *const refusals[] = {"NO [TRYCREATE] no such folder", "NO [OVERQUOTA] full", "BAD what",
                                           "NO [INUSE] later", "NO [ALREADYEXISTS] odd"};
    struct folder folder = {.refusal = refusals[_i], .can_create = false};
    struct fake_settings settings = {.cut_after = -1, .hook = missing_folder, .data = &folder};
    struct fake *fake = fake_start(&settings);
    struct client *client = client_new(fake_port(fake));
    client->mailbox.done_folder = g_strdup("Done");
    client->settles = true;
    fake_add_mail(fake, 1, MAIL, 0);
    client_start(client);
    ck_assert_msg(client_run(client, has_mend, NULL), "%s: an admin is told", refusals[_i]);
    ck_assert_ptr_nonnull(strstr(client->mend, "Done"));
    fake_add_mail(fake, 2, MAIL, 0);
    ck_assert_msg(client_run_mails(client, 2), "%s: the next mail", refusals[_i]);
    ck_assert_uint_eq(fake_connections(fake), 1);
    ck_assert_uint_eq(GPOINTER_TO_UINT(g_hash_table_lookup(client->times, "1")), 1);
    ck_assert(fake_has_mail(fake, 1));
    ck_assert_int_eq(client_end(client), 0);
    fake_stop(fake);
    client_free(client);
}
END_TEST

struct removal {
    const char *refused; /* the command that sees it */
    int refusals, noops_wanted, noops;
};

/* Somebody removed a mail at the same time: refused until NOOP has told of it. */
static bool
removed_meanwhile(struct fake *fake, const char *tag, const char *command)
{
    struct removal *removal = fake_data(fake);
    if (g_str_has_prefix(command, "NOOP"))
        removal->noops++;
    if (!g_str_has_prefix(command, removal->refused) || removal->noops >= removal->noops_wanted)
        return false;
    removal->refusals++;
    fake_printf(fake, "%s NO [EXPUNGEISSUED] Some of the requested messages no longer exist\r\n", tag);
    return true;
}

START_TEST(test_D07_removed_by_others_meanwhile)
{
    static const struct {
        const char *capabilities, *refused;
    } cases[] = {{NULL, "UID MOVE"}, {NO_MOVE, "UID COPY"}, {NO_MOVE, "UID STORE"}, {NO_MOVE, "UID EXPUNGE"}};
    struct removal removal = {.refused = cases[_i].refused, .noops_wanted = 2};
    struct fake_settings settings = {
        .cut_after = -1, .capabilities = cases[_i].capabilities, .hook = removed_meanwhile, .data = &removal};
    struct fake *fake = fake_start(&settings);
    struct client *client = client_new(fake_port(fake));
    client->mailbox.done_folder = g_strdup("Done");
    client->settles = true;
    fake_add_mail(fake, 1, MAIL, 0);
    client_start(client);
    ck_assert_msg(client_run_settled(client, 1), "%s: never settled", cases[_i].refused);
    ck_assert_msg(!fake_has_mail(fake, 1), "%s: not moved", cases[_i].refused);
    ck_assert_int_eq(removal.refusals, 2);
    ck_assert_ptr_null(client->mend);
    g_autofree char *seen = fake_transcript(fake);
    ck_assert_msg(!strstr(seen, "CREATE"), "%s: %s", cases[_i].refused, seen);
    ck_assert_int_eq(client_end(client), 0);
    fake_stop(fake);
    client_free(client);
}
END_TEST

/* The order comes while the process idles: it is carried out at once. */
START_TEST(test_settles_while_idle)
{
    struct fake_settings settings = {.cut_after = -1};
    struct fake *fake = fake_start(&settings);
    struct client *client = client_new(fake_port(fake));
    client->mailbox.done_folder = g_strdup("Done");
    fake_add_mail(fake, 1, MAIL, 0);
    client_start(client);
    ck_assert(client_run_mails(client, 1));
    ck_assert(fake_wait(fake, "IDLE\r\n", 1));
    char ref[] = "1", *refs[] = {ref};
    source_send_refs(&client->channel, SOURCE_SETTLE, refs, 1);
    ck_assert(client_run_settled(client, 1));
    ck_assert(!fake_has_mail(fake, 1));
    ck_assert(fake_wait(fake, "IDLE\r\n", 2));
    ck_assert_int_eq(client_end(client), 0);
    fake_stop(fake);
    client_free(client);
}
END_TEST

static bool
deliver_during_move(struct fake *fake, const char *tag, const char *command)
{
    (void)tag;
    if (g_str_has_prefix(command, "UID MOVE 1 ")) {
        fake_add_mail(fake, 2, MAIL, 0);
        fake_add_mail(fake, 3, MAIL, 0);
    }
    return false;
}

/* The EXISTS comes with the answer to a MOVE, and never again: the mails are taken all the same. */
START_TEST(test_news_with_an_answer)
{
    struct fake_settings settings = {.cut_after = -1, .hook = deliver_during_move};
    struct fake *fake = fake_start(&settings);
    struct client *client = client_new(fake_port(fake));
    client->mailbox.done_folder = g_strdup("Done");
    client->settles = true;
    fake_add_mail(fake, 1, MAIL, 0);
    client_start(client);
    ck_assert(client_run_mails(client, 3));
    ck_assert_int_eq(client_end(client), 0);
    fake_stop(fake);
    client_free(client);
}
END_TEST

/* The folder is numbered anew with each connection, and the first one ends after its MOVE was refused. */
static bool
renumber(struct fake *fake, const char *tag, const char *command)
{
    guint connection = fake_connections(fake);
    if (g_str_has_prefix(command, "SELECT")) {
        fake_printf(fake, "* 1 EXISTS\r\n* OK [UIDVALIDITY %u] x\r\n%s OK in\r\n", 100 + connection, tag);
        return true;
    }
    if (g_str_has_prefix(command, "UID MOVE") && connection == 1) {
        fake_printf(fake, "%s NO [INUSE] later\r\n", tag);
        return true;
    }
    if (g_str_has_prefix(command, "IDLE") && connection == 1) {
        fake_close(fake);
        return true;
    }
    return false;
}

static bool
is_open_twice(struct client *client, const void *data)
{
    (void)data;
    return client->opens == 2 && client->n_states[SOURCE_UP] >= 2;
}

/* D05: an order under one UIDVALIDITY must not move another mail under the next. */
START_TEST(test_D05_orders_end_with_the_session)
{
    struct fake_settings settings = {.cut_after = -1, .hook = renumber};
    struct fake *fake = fake_start(&settings);
    struct client *client = client_new(fake_port(fake));
    client->mailbox.done_folder = g_strdup("Done");
    fake_add_mail(fake, 1, MAIL, 0);
    client_start(client);
    ck_assert(client_run_mails(client, 1));
    char ref[] = "1", *refs[] = {ref};
    source_send_refs(&client->channel, SOURCE_SETTLE, refs, 1);
    ck_assert(client_run(client, is_open_twice, NULL));
    ck_assert(fake_wait(fake, "IDLE\r\n", 2));
    ck_assert(fake_has_mail(fake, 1));
    ck_assert_uint_eq(client->settled->len, 0);
    ck_assert_int_eq(client_end(client), 0);
    fake_stop(fake);
    client_free(client);
}
END_TEST

/* A ref that is no UID never reaches the wire. */
START_TEST(test_ref_is_no_uid)
{
    struct fake_settings settings = {.cut_after = -1};
    struct fake *fake = fake_start(&settings);
    struct client *client = client_new(fake_port(fake));
    client->mailbox.done_folder = g_strdup("Done");
    client_start(client);
    ck_assert(client_run_state(client, SOURCE_UP, 1));
    char all[] = "1:*", line[] = "7 Done LOGOUT", *refs[] = {all, line};
    source_send_refs(&client->channel, SOURCE_SETTLE, refs, 2);
    ck_assert(client_run_settled(client, 2));
    g_autofree char *seen = fake_transcript(fake);
    ck_assert_ptr_null(strstr(seen, "MOVE"));
    ck_assert_ptr_null(strstr(seen, "LOGOUT"));
    ck_assert_int_eq(client_end(client), 0);
    fake_stop(fake);
    client_free(client);
}
END_TEST

TCase *
settle_case(void)
{
    TCase *tcase = tcase_create("settle");
    tcase_add_loop_test(tcase, test_ways, 0, G_N_ELEMENTS(ways));
    tcase_add_loop_test(tcase, test_I07_marks, 0, G_N_ELEMENTS(marks));
    tcase_add_test(tcase, test_I08_folder_is_made);
    tcase_add_loop_test(tcase, test_I06_I08_folder_unusable, 0, 5);
    tcase_add_loop_test(tcase, test_D07_removed_by_others_meanwhile, 0, 4);
    tcase_add_test(tcase, test_settles_while_idle);
    tcase_add_test(tcase, test_news_with_an_answer);
    tcase_add_test(tcase, test_D05_orders_end_with_the_session);
    tcase_add_test(tcase, test_ref_is_no_uid);
    tcase_set_timeout(tcase, 300);
    return tcase;
}
