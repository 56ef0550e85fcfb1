/* test_attack.c - servers that drop, stall, lie and refuse. */
#include "client.h"
#include "support.h"

#include <cardpost/clock.h>

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

support_case_fn attack_case;

/* AddressSanitizer keeps what was freed. */
#if defined(__SANITIZE_ADDRESS__)
#define MOST_KB (1024 * 1024)
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MOST_KB (1024 * 1024)
#endif
#endif
#ifndef MOST_KB
#define MOST_KB (200 * 1024)
#endif

#define MAIL(n)                                                                                              \
    "From: ann@corp.example\r\nMessage-ID: <" n "@x>\r\nDate: Fri, 17 Jul 2026 10:00:00 +0800\r\n\r\n"       \
    "A line of text, (with parentheses) and \"quotes\" {9}\r\nHello " n "\r\n"

static void
cut_at(gint64 at, gint64 *sent_out)
{
    struct fake_settings settings = {.cut_after = at};
    struct fake *fake = fake_start(&settings);
    struct client *client = client_new(fake_port(fake));
    fake_add_mail(fake, 1, MAIL("1"), 0);
    fake_add_mail(fake, 2, MAIL("2"), 0);
    client->mailbox.done_folder = g_strdup("Done");
    client->settles = true;
    client->timing.retry_once_ms = 0;
    client->timing.retry_first_ms = 1;
    client_start(client);
    bool came = client_run_mails(client, 2) && client_run_settled(client, 2);
    ck_assert_msg(came, "cut after %" G_GINT64_FORMAT " bytes: mails lost", at);
    const GString *raw = g_hash_table_lookup(client->mails, "2");
    ck_assert_msg(strcmp(raw->str, MAIL("2")) == 0, "cut after %" G_GINT64_FORMAT " bytes: %s", at, raw->str);
    ck_assert_msg(client_end(client) == 0, "cut after %" G_GINT64_FORMAT " bytes: the process died", at);
    if (sent_out)
        *sent_out = fake_sent(fake);
    fake_stop(fake);
    client_free(client);
}

/* At every byte of a session, literals included: nothing lost or cut short, the process lives. */
START_TEST(test_I01_cut_after_each_byte)
{
    gint64 all = 0;
    cut_at(-1, &all);
    ck_assert_int_gt(all, 800);
    struct rusage before, after;
    getrusage(RUSAGE_CHILDREN, &before);
    for (gint64 at = 0; at < all; at++)
        cut_at(at, NULL);
    getrusage(RUSAGE_CHILDREN, &after);
    /* libetpan's loop would burn seconds at each cut inside a literal */
    ck_assert_int_lt(after.ru_utime.tv_sec - before.ru_utime.tv_sec, all / 10);
}
END_TEST

struct lie {
    const char *label;
    const char *on; /* beginning of the command */
    const char *text;
    guint times; /* the text is sent so often; 0: once */
    bool stalls; /* then silence */
};

static bool
tell_lie(struct fake *fake, const char *tag, const char *command)
{
    const struct lie *lie = fake_data(fake);
    (void)tag;
    if (!g_str_has_prefix(command, lie->on))
        return false;
    for (guint i = 0; i < MAX(lie->times, 1); i++)
        fake_send(fake, lie->text);
    if (lie->stalls)
        fake_stall(fake);
    return true;
}

static const struct lie lies[] = {
    {"I02 literal of 4 GB", "UID FETCH", "* 1 FETCH (UID 1 BODY[] {4294967295}\r\n", 0, true},
    {"I02 literal over 64 bits", "UID FETCH", "* 1 FETCH (UID 1 BODY[] {99999999999999999999}\r\n", 0, true},
    {"I02 literal of 2 GB, then silence", "UID FETCH", "* 1 FETCH (UID 1 BODY[] {2000000000}\r\n", 0, true},
    {"I02 allowed literal, then silence", "UID FETCH", "* 1 FETCH (UID 1 BODY[] {90000}\r\nabc", 0, true},
    {"I03 greeting without end", "greeting", "* OK xxxxxxxxxxx", 25000000, false}, /* 400 MB */
    {"I03 lines without end", "UID FETCH", "* 1 RECENT\r\n", 20000000, false},
    {"I03 lines without end in IDLE", "IDLE", "* 1 RECENT\r\n", 20000000, false},
    {"I03 one line without end", "CAPABILITY", "xxxxxxxxxxxxxxxx", 20000000, false},
    {"I03 200,000 parentheses", "UID FETCH",
     "* 1 FETCH (BODYSTRUCTURE ((((((((((((((((((((((((((((((((((((((((", 5000, true},
    {"parentheses unasked", "SELECT", "((((((((((((((((", 12500, true},
    {"I04 silence after a command", "SELECT", "", 0, true},
    {"I04 silence before the greeting", "greeting", "", 0, true},
    {"I04 silence in place of + to IDLE", "IDLE", "", 0, true},
    {"I04 silence after + to IDLE", "IDLE", "+ idling\r\n", 0, true}, /* as of a stopped server */
    {"I04 half a line", "CAPABILITY", "* CAPABIL", 0, true},
    {"I06 BYE", "SELECT", "* BYE going down\r\n", 0, true},
    {"a tag nobody sent", "SELECT", "zz OK done\r\n", 0, true},
    {"no IMAP at all", "CAPABILITY", "HTTP/1.1 400 Bad Request\r\n\r\n", 0, true},
    {"NUL", "CAPABILITY", "* OK \001\r\n* \002\r\n", 0, true},
};

START_TEST(test_I02_I03_I04_lies)
{
    struct fake_settings settings = {.cut_after = -1, .hook = tell_lie, .data = (void *)(guintptr)&lies[_i]};
    struct fake *fake = fake_start(&settings);
    struct client *client = client_new(fake_port(fake));
    client->timing.connect_ms = client->timing.command_ms = 1000;
    client->mailbox.idle_s = 1;
    client_start(client);
    int64_t began = clock_monotonic_ms();
    ck_assert_msg(client_run_state(client, SOURCE_DOWN, 1), "%s: no end", lies[_i].label);
    ck_assert_msg(clock_monotonic_ms() - began < 15000, "%s: too late", lies[_i].label);
    while (fake_connections(fake) < 2 && clock_monotonic_ms() - began < 20000)
        client_run_for(client, 20);
    ck_assert_msg(fake_connections(fake) >= 2, "%s: does not try again", lies[_i].label);
    ck_assert_msg(client_end(client) == 0, "%s: the process died", lies[_i].label);
    struct rusage usage;
    getrusage(RUSAGE_CHILDREN, &usage);
    ck_assert_msg(usage.ru_maxrss < MOST_KB, "%s: %ld KB", lies[_i].label, usage.ru_maxrss);
    fake_stop(fake);
    client_free(client);
}
END_TEST

struct drip {
    const char *label, *on, *first; /* sent at once; then a byte now and then */
};

static bool
drip(struct fake *fake, const char *tag, const char *command)
{
    const struct drip *place = fake_data(fake);
    (void)tag;
    if (!strstr(command, place->on))
        return false;
    fake_send(fake, place->first);
    for (int i = 0; i < 600 && fake_is_open(fake); i++) {
        fake_send(fake, "x");
        g_usleep(50000);
    }
    return true;
}

static const struct drip drips[] = {
    {"greeting", "greeting", "* OK "},  {"CAPABILITY", "CAPABILITY", "* OK "},
    {"login", "AUTHENTICATE", "* OK "}, {"SELECT", "SELECT", "* OK "},
    {"list", "UID FETCH 1:*", "* OK "}, {"literal", "BODY.PEEK[]", "* 1 FETCH (UID 1 BODY[] {90000}\r\n"},
    {"in place of +", "IDLE", "* OK "}, {"in IDLE", "IDLE", "+ idling\r\n* OK "},
};

/* One byte now and then: the deadline is of the whole command. */
START_TEST(test_I04_drip)
{
    struct fake_settings settings = {.cut_after = -1, .hook = drip, .data = (void *)(guintptr)&drips[_i]};
    struct fake *fake = fake_start(&settings);
    struct client *client = client_new(fake_port(fake));
    fake_add_mail(fake, 1, MAIL("1"), 0);
    client->timing.connect_ms = client->timing.command_ms = 700;
    client->mailbox.idle_s = 1;
    client_start(client);
    int64_t began = clock_monotonic_ms();
    ck_assert_msg(client_run_state(client, SOURCE_DOWN, 1), "%s: no end", drips[_i].label);
    /* the drip itself lasts 30 s */
    ck_assert_msg(clock_monotonic_ms() - began < 15000, "%s: too late", drips[_i].label);
    ck_assert_msg(client_end(client) == 0, "%s: the process died", drips[_i].label);
    fake_stop(fake);
    client_free(client);
}
END_TEST

/* ---- I05: answers to another question */

static bool
answer_otherwise(struct fake *fake, const char *tag, const char *command)
{
    const char *text = fake_data(fake);
    if (!strstr(command, "BODY.PEEK[]"))
        return false;
    if (strstr(command, "UID FETCH 1,2 ") || strstr(command, "UID FETCH 1:2 "))
        fake_send(fake, text);
    fake_printf(fake, "%s OK done\r\n", tag);
    return true;
}

static const struct {
    const char *label, *text;
    const char *ref_1, *ref_2; /* what is taken for them; NULL: gone */
} answers[] = {
    {"another UID", "* 9 FETCH (UID 9 BODY[] {3}\r\nabc)\r\n", NULL, NULL},
    {"no UID", "* 1 FETCH (BODY[] {3}\r\nabc)\r\n", NULL, NULL},
    {"twice", "* 1 FETCH (UID 1 BODY[] {3}\r\nabc)\r\n* 1 FETCH (UID 1 BODY[] {3}\r\ndef)\r\n", "abc", NULL},
    {"NIL", "* 1 FETCH (UID 1 BODY[] NIL)\r\n* 2 FETCH (UID 2 BODY[] {3}\r\nabc)\r\n", NULL, "abc"},
    {"shorter than its size", "* 1 FETCH (UID 1 RFC822.SIZE 500 BODY[] {3}\r\nabc)\r\n", "abc", NULL},
    {"quoted", "* 1 FETCH (UID 1 BODY[] \"abc\")\r\n", "abc", NULL},
    {"other order, flags between",
     "* 2 FETCH (FLAGS (\\Seen) BODY[] {3}\r\nabc UID 2)\r\n* 1 FETCH (FLAGS ())\r\n", NULL, "abc"},
    {"expunged", "* 1 EXPUNGE\r\n", NULL, NULL},
};

static bool
is_settled_about(struct client *client, const void *data)
{
    (void)data;
    return g_hash_table_size(client->mails) + client->gone->len >= 2;
}

START_TEST(test_I05_answers)
{
    struct fake_settings settings = {
        .cut_after = -1, .hook = answer_otherwise, .data = (void *)(guintptr)answers[_i].text};
    struct fake *fake = fake_start(&settings);
    struct client *client = client_new(fake_port(fake));
    fake_add_mail(fake, 1, MAIL("1"), 0);
    fake_add_mail(fake, 2, MAIL("2"), 0);
    client_start(client);
    ck_assert_msg(client_run(client, is_settled_about, NULL), "%s", answers[_i].label);
    const char *wanted[] = {answers[_i].ref_1, answers[_i].ref_2}, *refs[] = {"1", "2"};
    for (guint i = 0; i < 2; i++) {
        const GString *raw = g_hash_table_lookup(client->mails, refs[i]);
        ck_assert_msg(g_strcmp0(raw ? raw->str : NULL, wanted[i]) == 0, "%s: mail %s is %s",
                      answers[_i].label, refs[i], raw ? raw->str : "gone");
    }
    ck_assert_msg(!g_hash_table_contains(client->mails, "9"), "%s", answers[_i].label);
    ck_assert_int_eq(client_end(client), 0);
    fake_stop(fake);
    client_free(client);
}
END_TEST

/* ---- I06: refusals */

struct refusal {
    const char *label, *on, *text;
    enum source_state state;
};

static bool
refuse(struct fake *fake, const char *tag, const char *command)
{
    const struct refusal *refusal = fake_data(fake);
    if (!g_str_has_prefix(command, refusal->on))
        return false;
    fake_printf(fake, "%s %s\r\n", tag, refusal->text);
    return true;
}

static const struct refusal refusals[] = {
    {"login NO", "AUTHENTICATE", "NO wrong", SOURCE_REFUSED},
    {"login BAD", "AUTHENTICATE", "BAD wrong", SOURCE_REFUSED},
    {"login unavailable", "AUTHENTICATE", "NO [UNAVAILABLE] later", SOURCE_DOWN},
    {"login in use", "AUTHENTICATE", "NO [INUSE] later", SOURCE_DOWN},
    {"SELECT NO", "SELECT", "NO no such folder", SOURCE_REFUSED},
    {"SELECT unavailable", "SELECT", "NO [UNAVAILABLE] later", SOURCE_DOWN},
    {"SELECT BAD", "SELECT", "BAD what", SOURCE_REFUSED},
    {"list NO", "UID FETCH", "NO [INUSE] later", SOURCE_DOWN},
    {"list BAD", "UID FETCH", "BAD what", SOURCE_DOWN},
    {"CAPABILITY NO", "CAPABILITY", "NO nothing", SOURCE_REFUSED},
};

START_TEST(test_I06_refusals)
{
    struct fake_settings settings = {
        .cut_after = -1, .hook = refuse, .data = (void *)(guintptr)&refusals[_i]};
    struct fake *fake = fake_start(&settings);
    struct client *client = client_new(fake_port(fake));
    fake_add_mail(fake, 1, MAIL("1"), 0);
    client->timing.retry_refused_ms = 3600000;
    client_start(client);
    ck_assert_msg(client_run_state(client, refusals[_i].state, 1), "%s: %s", refusals[_i].label,
                  client->detail);
    ck_assert_msg((client->mend != NULL) == (refusals[_i].state == SOURCE_REFUSED), "%s: how to mend it",
                  refusals[_i].label);
    ck_assert_int_eq(client_end(client), 0);
    fake_stop(fake);
    client_free(client);
}
END_TEST

static const char *const i06_commands[] = {"CAPABILITY",    "AUTHENTICATE", "SELECT",   "UID FETCH 1:*",
                                           "UID FETCH 1,2", "IDLE",         "UID MOVE", "UID COPY",
                                           "UID STORE",     "UID EXPUNGE",  "NOOP",     "ID "};
static const char *const i06_answers[] = {
    "NO no", "BAD no", "NO [INUSE] no", "NO [UNAVAILABLE] no", "NO [OVERQUOTA] no", "NO [ALREADYEXISTS] no",
    "NO",    "BYE"};

struct once {
    const char *on, *answer;
    gint left; /* refusals still to come; atomic */
};

static bool
refuse_once(struct fake *fake, const char *tag, const char *command)
{
    struct once *once = fake_data(fake);
    if (g_atomic_int_get(&once->left) == 0 || !g_str_has_prefix(command, once->on))
        return false;
    g_atomic_int_add(&once->left, -1);
    if (strcmp(once->answer, "BYE") == 0) {
        fake_send(fake, "* BYE going down\r\n");
        fake_close(fake);
        return true;
    }
    /* what was begun and then refused is not read as the result */
    if (strstr(once->on, "FETCH"))
        fake_send(fake, "* 1 FETCH (UID 1 FLAGS ())\r\n");
    fake_printf(fake, "%s %s\r\n", tag, once->answer);
    return true;
}

/* Every command refused in every way, and then no more: put off, nothing lost, nothing come twice. */
START_TEST(test_I06_refused_once)
{
    guint n = G_N_ELEMENTS(i06_answers);
    struct once once = {.on = i06_commands[(guint)_i / n], .answer = i06_answers[(guint)_i % n], .left = 1};
    bool is_copied = strcmp(once.on, "UID COPY") == 0 || strcmp(once.on, "UID STORE") == 0 ||
                     strcmp(once.on, "UID EXPUNGE") == 0;
    struct fake_settings settings = {.cut_after = -1,
                                     .capabilities =
                                         is_copied ? "IMAP4rev1 IDLE UIDPLUS ID SASL-IR AUTH=PLAIN" : NULL,
                                     .hook = refuse_once,
                                     .data = &once};
    g_autofree char *label = g_strdup_printf("%s %s", once.on, once.answer);
    struct fake *fake = fake_start(&settings);
    struct client *client = client_new(fake_port(fake));
    fake_add_mail(fake, 1, MAIL("1"), 0);
    fake_add_mail(fake, 2, MAIL("2"), 0);
    client->mailbox.done_folder = g_strdup("Done");
    client->mailbox.idle_s = client->mailbox.poll_s = 1;
    client->settles = true;
    client->timing.retry_refused_ms = 50;
    client_start(client);
    ck_assert_msg(client_run_mails(client, 2), "%s: mails lost", label);
    ck_assert_msg(client_run_settled(client, 2), "%s: never settled", label);
    for (guint waited = 0; waited < 200 && g_atomic_int_get(&once.left) > 0; waited++)
        client_run_for(client, 100);
    fake_add_mail(fake, 3, MAIL("3"), 0);
    ck_assert_msg(client_run_mails(client, 3), "%s: the next mail", label);
    for (guint i = 1; i <= 2; i++) {
        g_autofree char *ref = g_strdup_printf("%u", i), *text = g_strdup_printf("Hello %u\r\n", i);
        const GString *raw = g_hash_table_lookup(client->mails, ref);
        ck_assert_msg(g_str_has_suffix(raw->str, text), "%s: mail %u is %s", label, i, raw->str);
        ck_assert_msg(GPOINTER_TO_UINT(g_hash_table_lookup(client->times, ref)) == 1, "%s: %u twice", label,
                      i);
    }
    ck_assert_msg(client->gone->len == 0, "%s: taken for gone", label);
    ck_assert_msg(g_atomic_int_get(&once.left) == 0, "%s: was never said", label);
    ck_assert_msg(fake_connections(fake) <= 2, "%s: %u connections", label, fake_connections(fake));
    ck_assert_msg(client_end(client) == 0, "%s: the process died", label);
    fake_stop(fake);
    client_free(client);
}
END_TEST

static bool
refuse_mail_2(struct fake *fake, const char *tag, const char *command)
{
    bool is_mail = strstr(command, "BODY.PEEK[]") != NULL;
    const char *set = is_mail ? command + strlen("UID FETCH ") : "";
    bool has_2 = strstr(set, "2") && strchr(set, ' ') > strstr(set, "2");
    if (!is_mail || !has_2)
        return false;
    fake_printf(fake, "%s %s\r\n", tag, (const char *)fake_data(fake));
    return true;
}

/* One mail the server will not give keeps no other waiting, and is asked for again. */
START_TEST(test_I06_one_mail_refused)
{
    static const char *const texts[] = {"NO [SERVERBUG] broken", "BAD broken"};
    struct fake_settings settings = {
        .cut_after = -1, .hook = refuse_mail_2, .data = (void *)(guintptr)texts[_i]};
    struct fake *fake = fake_start(&settings);
    struct client *client = client_new(fake_port(fake));
    fake_add_mail(fake, 1, MAIL("1"), 0);
    fake_add_mail(fake, 2, MAIL("2"), 0);
    fake_add_mail(fake, 3, MAIL("3"), 0);
    client_start(client);
    ck_assert_msg(client_run_mails(client, 2), "%s", texts[_i]);
    ck_assert(fake_wait(fake, "IDLE\r\n", 1));
    fake_add_mail(fake, 4, MAIL("4"), 0);
    ck_assert_msg(client_run_mails(client, 3), "%s", texts[_i]);
    ck_assert(!g_hash_table_contains(client->mails, "2"));
    ck_assert_uint_eq(client->gone->len, 0);
    ck_assert(fake_wait(fake, "UID FETCH 2 (", 2)); /* asked for again */
    ck_assert_uint_eq(fake_connections(fake), 1);
    ck_assert_int_eq(client_end(client), 0);
    fake_stop(fake);
    client_free(client);
}
END_TEST

static bool
vanish(struct fake *fake, const char *tag, const char *command)
{
    (void)tag;
    if (strstr(command, "BODY.PEEK[]"))
        fake_remove_mail(fake, 1);
    return false;
}

START_TEST(test_D07_vanished)
{
    struct fake_settings settings = {.cut_after = -1, .hook = vanish};
    struct fake *fake = fake_start(&settings);
    struct client *client = client_new(fake_port(fake));
    fake_add_mail(fake, 1, MAIL("1"), 0);
    fake_add_mail(fake, 2, MAIL("2"), 0);
    client_start(client);
    ck_assert(client_run(client, is_settled_about, NULL));
    ck_assert_uint_eq(client->gone->len, 1);
    ck_assert_str_eq(client->gone->pdata[0], "1");
    ck_assert_uint_eq(fake_connections(fake), 1);
    ck_assert_int_eq(client_end(client), 0);
    fake_stop(fake);
    client_free(client);
}
END_TEST

static bool
kick(struct fake *fake, const char *tag, const char *command)
{
    (void)tag;
    if (strcmp(command, "IDLE") == 0)
        fake_close(fake);
    return strcmp(command, "IDLE") == 0;
}

/* A server that lets us in and throws us out at once is not stormed. */
START_TEST(test_no_storm)
{
    struct fake_settings settings = {.cut_after = -1, .hook = kick};
    struct fake *fake = fake_start(&settings);
    struct client *client = client_new(fake_port(fake));
    client->timing.retry_first_ms = 60000;
    client->timing.retry_most_ms = 60000;
    client_start(client);
    ck_assert(client_run_state(client, SOURCE_DOWN, 2));
    client_run_for(client, 1500);
    ck_assert_uint_eq(fake_connections(fake), 2); /* the first, and the one immediate retry */
    ck_assert_int_eq(client_end(client), 0);
    fake_stop(fake);
    client_free(client);
}
END_TEST

/* SIGTERM ends it at once, in the middle of an answer too. */
START_TEST(test_stops)
{
    static const struct lie silent = {"", "SELECT", "* 1 EX", 0, true};
    struct fake_settings settings = {
        .cut_after = -1, .hook = _i ? tell_lie : NULL, .data = (void *)(guintptr)&silent};
    struct fake *fake = fake_start(&settings);
    struct client *client = client_new(fake_port(fake));
    client_start(client);
    ck_assert(fake_wait(fake, _i ? "SELECT" : "IDLE\r\n", _i ? 1 : 0) &&
              client_run_state(client, _i ? SOURCE_CONNECTING : SOURCE_UP, 1));
    int64_t began = clock_monotonic_ms();
    kill(client->pid, SIGTERM);
    int status = -1;
    waitpid(client->pid, &status, 0);
    client->pid = -1;
    ck_assert_int_eq(status, 0);
    ck_assert_int_lt(clock_monotonic_ms() - began, 10000);
    fake_stop(fake);
    client_free(client);
}
END_TEST

TCase *
attack_case(void)
{
    TCase *tcase = tcase_create("attack");
    tcase_add_test(tcase, test_I01_cut_after_each_byte);
    tcase_add_loop_test(tcase, test_I02_I03_I04_lies, 0, G_N_ELEMENTS(lies));
    tcase_add_loop_test(tcase, test_I04_drip, 0, G_N_ELEMENTS(drips));
    tcase_add_loop_test(tcase, test_I05_answers, 0, G_N_ELEMENTS(answers));
    tcase_add_loop_test(tcase, test_I06_refusals, 0, G_N_ELEMENTS(refusals));
    tcase_add_loop_test(tcase, test_I06_refused_once, 0,
                        G_N_ELEMENTS(i06_commands) * G_N_ELEMENTS(i06_answers));
    tcase_add_loop_test(tcase, test_I06_one_mail_refused, 0, 2);
    tcase_add_test(tcase, test_D07_vanished);
    tcase_add_test(tcase, test_no_storm);
    tcase_add_loop_test(tcase, test_stops, 0, 2);
    tcase_set_timeout(tcase, 900);
    return tcase;
}
