/* test_rows.c - transactions that keep the first error, ledger, tokens, mail keys, outbox. */
#include "cases.h"

#include <cardpost/error.h>
#include <cardpost/store.h>

#include <sqlite3.h>
#include <string.h>

static char *dir, *data;
static struct store *store;

static void
setup(void)
{
    dir = support_tmpdir();
    data = g_build_filename(dir, "data", NULL);
    ck_assert(store_create(data, NULL));
    store = store_open(data, STORE_WRITE, NULL);
    ck_assert_ptr_nonnull(store);
}

static void
teardown(void)
{
    store_close(store);
    support_rmtree(dir);
    g_free(dir);
    g_free(data);
}

static char *
lit(const char *text)
{
    return (char *)(uintptr_t)text;
}

static int64_t
add_person(const char *key, const char *address)
{
    g_autoptr(person_t) person = person_new();
    person->key = g_strdup(key);
    person->name = g_strdup(key);
    person->is_active = true;
    g_ptr_array_add(person->addresses, g_strdup(address));
    return person_save(store, person);
}

/* The first error fails the commit, and nothing of the transaction stays. */
START_TEST(an_error_fails_the_commit)
{
    GError *error = NULL;
    store_begin(store);
    add_person("ann", "ann@x");
    add_person("bob", "ann@x"); /* the address is taken */
    add_person("eve", "eve@x"); /* does nothing any more */
    ck_assert(!store_commit(store, &error));
    ck_assert(g_error_matches(error, CARDPOST_ERROR, CARDPOST_ERROR_PERMANENT));
    g_error_free(error);
    g_autoptr(GPtrArray) people = person_list(store);
    ck_assert_uint_eq(people->len, 0);
    ck_assert(store_check(store, NULL));
}
END_TEST

START_TEST(a_savepoint_takes_only_its_own_back)
{
    GError *error = NULL;
    store_begin(store);
    store_savepoint(store);
    add_person("ann", "ann@x");
    ck_assert(store_release(store, NULL));
    store_savepoint(store);
    add_person("bob", "ann@x");
    ck_assert(!store_release(store, &error));
    g_clear_error(&error);
    store_undo(store);
    ck_assert(store_commit(store, &error));
    g_autoptr(GPtrArray) people = person_list(store);
    ck_assert_uint_eq(people->len, 1);
}
END_TEST

START_TEST(people_by_key_name_and_address)
{
    store_begin(store);
    g_autoptr(person_t) person = person_new();
    person->key = g_strdup("li");
    person->name = g_strdup("李雷");
    person->is_active = true;
    g_ptr_array_add(person->addresses, g_strdup("li@x"));
    int64_t id = person_save(store, person);
    ck_assert(store_commit(store, NULL));
    static const char *const names[] = {"li", "LI", "李雷", "ｌｉ"};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(person_t) found = person_by_key(store, names[i]);
        ck_assert_msg(found && found->id == id, "%s", names[i]);
    }
    g_autoptr(person_t) by_address = person_by_address(store, "li@x");
    ck_assert_ptr_nonnull(by_address);
    ck_assert_ptr_null(person_by_address(store, "other@x"));
}
END_TEST

/* A person and a board are found however the name is typed; two people of one name are nobody. */
START_TEST(U04_names_are_found_in_every_form)
{
    g_autoptr(board_t) board = board_new();
    board->key = g_strdup("cafe");
    board->name = g_strdup("Caf\xc3\xa9");
    board->name_zh = g_strdup("咖啡");
    board->alias = g_strdup("cafe");
    board->is_default = true;
    store_begin(store);
    board_save(store, board);
    g_autoptr(person_t) person = person_new();
    person->key = g_strdup("jurgen");
    person->name = g_strdup("J\xc3\xbcrgen Stra\xc3\x9f");
    person->is_active = true;
    int64_t id = person_save(store, person);
    ck_assert(store_commit(store, NULL));
    static const char *const boards[] = {"caf\xc3\xa9", "CAFE\xcc\x81", "CAF\xc3\x89", "ＣＡＦＥ", "咖啡"};
    for (guint i = 0; i < G_N_ELEMENTS(boards); i++) {
        g_autoptr(board_t) found = board_by_name(store, boards[i]);
        ck_assert_msg(found, "%s", boards[i]);
    }
    static const char *const people[] = {"J\xc3\x9cRGEN STRASS", "ju\xcc\x88rgen stra\xc3\x9f", "JURGEN"};
    for (guint i = 0; i < G_N_ELEMENTS(people); i++) {
        g_autoptr(person_t) found = person_by_key(store, people[i]);
        ck_assert_msg(found && found->id == id, "%s", people[i]);
    }
    person->id = 0;
    g_free(person->key);
    person->key = g_strdup("other");
    g_free(person->name);
    person->name = g_strdup("JU\xcc\x88RGEN STRASS");
    store_begin(store);
    person_save(store, person);
    ck_assert(store_commit(store, NULL));
    g_autoptr(person_t) nobody = person_by_key(store, people[0]);
    ck_assert_msg(!nobody, "one of two");
}
END_TEST

static int64_t
add_mail(int64_t uidvalidity, const char *ref, const char *key, bool is_partial)
{
    struct input input = {.at = 1,
                          .kind = INPUT_MAIL,
                          .mailbox = lit("m"),
                          .is_partial = is_partial,
                          .sha256 = lit("x"),
                          .actor_uid = -1};
    int64_t seq = journal_append(store, &input, "raw", 3);
    ledger_add(store, "m", uidvalidity, ref, seq, key);
    return seq;
}

/* Two mails that look alike answer for two, and a third one is new. */
START_TEST(D05_each_known_mail_is_found_again_once)
{
    journal_begin(store);
    int64_t a = add_mail(5, "1", "key", false), b = add_mail(5, "2", "key", false);
    ck_assert_int_eq(ledger_seq_by_key(store, "m", 6, "key", NULL), a);
    ledger_add(store, "m", 6, "1", a, "key");
    ck_assert_int_eq(ledger_seq_by_key(store, "m", 6, "key", NULL), b);
    ledger_add(store, "m", 6, "2", b, "key");
    ck_assert_int_eq(ledger_seq_by_key(store, "m", 6, "key", NULL), 0);
    ck_assert_int_eq(ledger_seq_by_key(store, "m", 7, "key", NULL), a);
    ck_assert_int_eq(ledger_seq_by_key(store, "other", 6, "key", NULL), 0);
    ck_assert(journal_commit(store, NULL));
}
END_TEST

START_TEST(P08_an_oversize_mail_is_never_moved_under_no_number)
{
    journal_begin(store);
    int64_t seq = add_mail(5, "1", "key", true);
    ledger_add(store, "m", 6, "9", seq, "key");
    ck_assert(journal_commit(store, NULL));
    for (int64_t number = 5; number <= 6; number++) {
        g_autoptr(GPtrArray) open = ledger_unsettled(store, "m", number, seq, 10);
        ck_assert_uint_eq(open->len, 0);
    }
}
END_TEST

/* The UIDVALIDITY stays and the UIDs begin anew: what is known under them counts no more. */
START_TEST(D06_uidnext_goes_back)
{
    int64_t anew = INT64_C(5) + (INT64_C(1) << 32);
    journal_begin(store);
    ck_assert_int_eq(ledger_numbering(store, "m", 5, 1), 5);
    add_mail(5, "9", "a", false);
    add_mail(5, "10", "b", false);
    ck_assert_int_eq(ledger_numbering(store, "m", 5, 11), 5);
    ck_assert_int_eq(ledger_numbering(store, "m", 5, 0), 5);
    ck_assert_int_eq(ledger_numbering(store, "m", 5, 10), anew);
    ck_assert(ledger_was_renumbered(store, "m", anew));
    add_mail(anew, "3", "c", false);
    ck_assert_int_eq(ledger_numbering(store, "m", 5, 4), anew);
    ck_assert_int_eq(ledger_numbering(store, "m", 5, 3), anew + (INT64_C(1) << 32));
    ck_assert_int_eq(ledger_numbering(store, "other", 5, 3), 5);
    ck_assert(journal_commit(store, NULL));
}
END_TEST

START_TEST(ledger)
{
    struct input input = {
        .at = 1, .kind = INPUT_MAIL, .mailbox = lit("m"), .sha256 = lit("x"), .actor_uid = -1};
    journal_begin(store);
    int64_t seq = journal_append(store, &input, "raw", 3);
    ledger_add(store, "m", 5, "10", seq, "key");
    ck_assert(journal_commit(store, NULL));
    ck_assert(ledger_has(store, "m", 5, "10"));
    ck_assert(!ledger_has(store, "m", 6, "10"));
    ck_assert(!ledger_was_renumbered(store, "m", 5));
    ck_assert(ledger_was_renumbered(store, "m", 6));
    ck_assert_int_eq(ledger_seq_by_key(store, "m", 6, "key", NULL), seq);
    ck_assert_int_eq(ledger_seq_by_key(store, "m", 6, "key", "x"), seq);
    ck_assert_int_eq(ledger_seq_by_key(store, "m", 6, "key", "other bytes"), 0);
    ck_assert_int_eq(ledger_seq_by_key(store, "m", 6, "other", NULL), 0);
    ck_assert_int_eq(ledger_seq_by_key(store, "m", 5, "key", NULL), 0);
    g_autoptr(GPtrArray) not_applied = ledger_unsettled(store, "m", 5, seq - 1, 10);
    ck_assert_uint_eq(not_applied->len, 0);
    g_autoptr(GPtrArray) open = ledger_unsettled(store, "m", 5, seq, 10);
    ck_assert_uint_eq(open->len, 1);
    journal_begin(store);
    ledger_settle(store, "m", 5, "10");
    ck_assert(journal_commit(store, NULL));
    g_autoptr(GPtrArray) done = ledger_unsettled(store, "m", 5, seq, 10);
    ck_assert_uint_eq(done->len, 0);
}
END_TEST

/* A copy with higher trust is never a duplicate of one with lower. */
START_TEST(seen_by_trust)
{
    int64_t card = 0, seq = 0;
    store_begin(store);
    seen_add(store, "k", TRUST_UNVERIFIED, 1, 0);
    ck_assert(seen_has(store, "k", TRUST_UNVERIFIED, &seq, &card));
    ck_assert(!seen_has(store, "k", TRUST_MEMBER, &seq, &card));
    seen_add(store, "k", TRUST_MEMBER, 2, 0);
    ck_assert(seen_has(store, "k", TRUST_MEMBER, &seq, &card));
    ck_assert(store_commit(store, NULL));
}
END_TEST

START_TEST(tokens)
{
    struct token asked = {.purpose = TOKEN_REPLY, .card_id = 3, .person_id = 4}, found;
    store_begin(store);
    g_autofree char *text = token_issue(store, &asked, 1000);
    g_autofree char *again = token_issue(store, &asked, 2000);
    struct token other_person = {.purpose = TOKEN_REPLY, .card_id = 3, .person_id = 5};
    g_autofree char *other = token_issue(store, &other_person, 1000);
    ck_assert(store_commit(store, NULL));
    ck_assert_uint_eq(strlen(text), SECRET_TOKEN_CHARS);
    ck_assert_str_eq(text, again);
    ck_assert_str_ne(text, other);
    g_autofree char *upper = g_ascii_strup(text, -1);
    ck_assert(token_find(store, upper, 1000, &found));
    ck_assert_int_eq(found.person_id, 4);
    ck_assert(!token_find(store, "aaaaaaaaaaaaaaaaaaaaaaaaaa", 1000, &found));
    ck_assert(!token_find(store, text, 1000 + 401 * 86400LL, &found));
    store_begin(store);
    token_touch(store, text, 1000 + 300 * 86400LL);
    ck_assert(store_commit(store, NULL));
    ck_assert(token_find(store, text, 1000 + 401 * 86400LL, &found));
}
END_TEST

static int64_t
queue_mail(const char *id, int64_t at)
{
    g_autoptr(GBytes) bytes = g_bytes_new_static("x", 1);
    struct outbox row = {.created_at = at,
                         .next_at = at,
                         .envelope_from = lit("a@x"),
                         .recipient = lit("b@x"),
                         .message_id = lit(id),
                         .subject = lit("s")};
    return outbox_add(store, &row, bytes);
}

START_TEST(outbox_life)
{
    store_begin(store);
    int64_t id = queue_mail("one@x", 100);
    ck_assert_int_eq(queue_mail("one@x", 100), 0); /* the same notice twice is one mail */
    ck_assert(store_commit(store, NULL));
    ck_assert_int_eq(outbox_next_due(store), 100);
    g_autoptr(GPtrArray) early = outbox_due(store, 99, 10);
    ck_assert_uint_eq(early->len, 0);
    store_begin(store);
    outbox_set(store, id, OUTBOX_SENDING, 100, 0, "", 100);
    ck_assert(store_commit(store, NULL));
    g_autoptr(GPtrArray) in_hand = outbox_due(store, 200, 10);
    ck_assert_uint_eq(in_hand->len, 0);
    store_begin(store);
    ck_assert_int_eq(outbox_recover(store, 200), 1);
    ck_assert(store_commit(store, NULL));
    g_autoptr(GPtrArray) again = outbox_due(store, 200, 10);
    ck_assert_uint_eq(again->len, 1);
    ck_assert_int_eq(((struct outbox *)again->pdata[0])->status, OUTBOX_UNKNOWN);
    store_begin(store);
    outbox_set(store, id, OUTBOX_SENT, 200, 250, "ok", 200);
    ck_assert(store_commit(store, NULL));
    ck_assert_int_eq(outbox_sent_since(store, 150), 1);
}
END_TEST

/* The bytes of what is through go after seven days, of what may still be sent never. */
START_TEST(outbox_bytes_go_when_a_mail_is_through)
{
    static const struct {
        enum outbox_status status;
        bool is_through;
    } cases[] = {{OUTBOX_QUEUED, false},   {OUTBOX_SENDING, false}, {OUTBOX_SENT, true},
                 {OUTBOX_DEFERRED, false}, {OUTBOX_FAILED, true},   {OUTBOX_UNKNOWN, false},
                 {OUTBOX_DROPPED, true}};
    const int64_t at = 1000, week = 7 * 86400;
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *label = outbox_status_name(cases[i].status);
        store_begin(store);
        int64_t id = queue_mail(label, at);
        outbox_set(store, id, cases[i].status, at, 0, "", at);
        outbox_drop_bytes(store, at + week);
        ck_assert(store_commit(store, NULL));
        g_autoptr(GBytes) kept = outbox_bytes(store, id);
        ck_assert_msg(kept, "%s: gone too early", label);
        store_begin(store);
        outbox_drop_bytes(store, at + week + 1);
        ck_assert(store_commit(store, NULL));
        g_autoptr(GBytes) late = outbox_bytes(store, id);
        ck_assert_msg((late == NULL) == cases[i].is_through, "%s: after a week", label);
    }
}
END_TEST

static const struct {
    const char *name, *sql;
    bool is_journal;
} statements[] = {
#define STORE_STATE                    0
#define STORE_JOURNAL                  1
#define STATEMENT(name, database, sql) {#name, sql, STORE_##database == STORE_JOURNAL},
#include "../../src/store/statements.def"
#undef STATEMENT
};

/* Lists for people and small tables may be read whole; what runs for every mail may not. */
static const char *const may_scan[] = {"OUTCOME_COUNTS", "OUTBOX_COUNTS", "OUTBOX_LIST", "OUTBOX_RECOVER",
                                       "CARD_LIST",      "PERSON_LIST",   "TEAM_LIST",   "BOARD_LIST",
                                       "BOARD_DEFAULT",  "PERSON_BY_NAME"};

/* A statement that reads a whole growing table makes every mail slower than the one before. */
START_TEST(no_statement_scans_a_growing_table)
{
    for (guint i = 0; i < G_N_ELEMENTS(may_scan); i++)
        if (g_str_equal(may_scan[i], statements[_i].name))
            return;
    g_autofree char *path =
        g_build_filename(data, statements[_i].is_journal ? "journal.db" : "cardpost.db", NULL);
    g_autofree char *sql = g_strconcat("EXPLAIN QUERY PLAN ", statements[_i].sql, NULL);
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        const char *plan = (const char *)sqlite3_column_text(stmt, 3);
        ck_assert_msg(!g_str_has_prefix(plan, "SCAN ") || strstr(plan, "CONSTANT ROW"), "%s: %s",
                      statements[_i].name, plan);
    }
    sqlite3_finalize(stmt);
    sqlite3_close(db);
}
END_TEST

TCase *
test_rows(void)
{
    TCase *tcase = tcase_create("rows");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, an_error_fails_the_commit);
    tcase_add_test(tcase, a_savepoint_takes_only_its_own_back);
    tcase_add_test(tcase, people_by_key_name_and_address);
    tcase_add_test(tcase, U04_names_are_found_in_every_form);
    tcase_add_test(tcase, ledger);
    tcase_add_test(tcase, D05_each_known_mail_is_found_again_once);
    tcase_add_test(tcase, P08_an_oversize_mail_is_never_moved_under_no_number);
    tcase_add_test(tcase, D06_uidnext_goes_back);
    tcase_add_test(tcase, seen_by_trust);
    tcase_add_test(tcase, tokens);
    tcase_add_test(tcase, outbox_life);
    tcase_add_test(tcase, outbox_bytes_go_when_a_mail_is_through);
    tcase_add_loop_test(tcase, no_statement_scans_a_growing_table, 0, G_N_ELEMENTS(statements));
    return tcase;
}
