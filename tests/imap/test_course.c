/* test_course.c - the usual course: listing, fetching, waiting, coming back. */
#include "client.h"
#include "support.h"

#include <cardpost/header.h>

#include <string.h>

support_case_fn course_case;

#define MAIL(n)                                                                                              \
    "From: ann@corp.example\r\nMessage-ID: <" n "@x>\r\nDate: Fri, 17 Jul 2026 10:00:00 +0800\r\n"           \
    "Subject: " n "\r\n\r\nHello " n "\r\n"

static const struct fake_settings usual = {.cut_after = -1};

static struct fake *
start_with(const struct fake_settings *settings, guint n)
{
    struct fake *fake = fake_start(settings);
    for (guint i = 1; i <= n; i++) {
        g_autofree char *raw = g_strdup_printf(MAIL("%u"), i, i, i);
        fake_add_mail(fake, i, raw, 0);
    }
    return fake;
}

START_TEST(test_takes_what_is_there)
{
    struct fake *fake = start_with(&usual, 3);
    struct client *client = client_new(fake_port(fake));
    client_start(client);
    ck_assert(client_run_mails(client, 3));
    const GString *raw = g_hash_table_lookup(client->mails, "2");
    ck_assert_str_eq(raw->str, MAIL("2"));
    ck_assert_int_eq(client->uidvalidity, 7);
    ck_assert_int_eq(client->last_arrived_at, 1784253600); /* 17-Jul-2026 10:00:00 +0800 */
    ck_assert_int_eq(client->last_size, strlen(MAIL("3")));
    ck_assert(client_run_state(client, SOURCE_UP, 1));
    ck_assert(fake_wait(fake, "IDLE\r\n", 1));
    ck_assert_int_eq(client_end(client), 0);
    fake_stop(fake);
    client_free(client);
}
END_TEST

/* More than one list, more than one command. */
START_TEST(test_many)
{
    struct fake *fake = start_with(&usual, 1203);
    struct client *client = client_new(fake_port(fake));
    client_start(client);
    ck_assert(client_run_mails(client, 1203));
    ck_assert_uint_eq(g_hash_table_size(client->listed), 1203);
    for (guint i = 1; i <= 1203; i++) {
        g_autofree char *ref = g_strdup_printf("%u", i);
        ck_assert_uint_eq(GPOINTER_TO_UINT(g_hash_table_lookup(client->times, ref)), 1);
    }
    ck_assert_int_eq(client_end(client), 0);
    fake_stop(fake);
    client_free(client);
}
END_TEST

START_TEST(test_new_mail_in_idle)
{
    struct fake *fake = start_with(&usual, 1);
    struct client *client = client_new(fake_port(fake));
    client_start(client);
    ck_assert(client_run_mails(client, 1));
    ck_assert(fake_wait(fake, "IDLE\r\n", 1));
    fake_add_mail(fake, 5, MAIL("5"), 0);
    ck_assert(client_run_mails(client, 2));
    ck_assert_ptr_nonnull(g_hash_table_lookup(client->mails, "5"));
    ck_assert_int_eq(client_end(client), 0);
    fake_stop(fake);
    client_free(client);
}
END_TEST

/* Exchange: EXISTS between IDLE and "+"; and once in the same segment as "+". */
static bool
exists_before_plus(struct fake *fake, const char *tag, const char *command)
{
    if (strcmp(command, "IDLE") != 0 || fake_has_mail(fake, 9))
        return false;
    fake_add_mail(fake, 9, MAIL("9"), 0);
    fake_send(fake, fake_data(fake) ? "+ idling\r\n* 1 EXISTS\r\n" : "* 1 EXISTS\r\n+ idling\r\n");
    (void)tag;
    return true; /* DONE follows as a command and is answered as such */
}

static bool
exists_hook(struct fake *fake, const char *tag, const char *command)
{
    static char idle_tag[16];
    if (strcmp(tag, "DONE") == 0) {
        fake_printf(fake, "%s OK done\r\n", idle_tag);
        return true;
    }
    if (strcmp(command, "IDLE") == 0)
        g_strlcpy(idle_tag, tag, sizeof idle_tag);
    return exists_before_plus(fake, tag, command);
}

START_TEST(test_exists_around_plus)
{
    char same_segment = 1;
    struct fake_settings settings = {.cut_after = -1, .hook = exists_hook, .data = _i ? &same_segment : NULL};
    struct fake *fake = fake_start(&settings);
    struct client *client = client_new(fake_port(fake));
    client_start(client);
    ck_assert_msg(client_run_mails(client, 1), "EXISTS %s", _i ? "with +" : "before +");
    ck_assert_int_eq(client_end(client), 0);
    fake_stop(fake);
    client_free(client);
}
END_TEST

START_TEST(test_idle_is_renewed_and_polls)
{
    struct fake *fake = start_with(&usual, 1);
    struct client *client = client_new(fake_port(fake));
    client->mailbox.idle_s = 1;
    client_start(client);
    ck_assert(client_run_mails(client, 1));
    client_run_for(client, 2500);
    ck_assert(fake_wait(fake, "IDLE\r\n", 2));
    ck_assert(fake_wait(fake, "NOOP\r\n", 1));
    ck_assert(fake_wait(fake, "UID FETCH 2:*", 1));
    ck_assert_int_eq(client_end(client), 0);
    fake_stop(fake);
    client_free(client);
}
END_TEST

static bool
refuse_idle(struct fake *fake, const char *tag, const char *command)
{
    if (strcmp(command, "IDLE") != 0)
        return false;
    fake_printf(fake, "%s BAD not today\r\n", tag);
    return true;
}

/* Without IDLE, or with one that is refused, it polls. */
START_TEST(test_polls_without_idle)
{
    struct fake_settings settings = {
        .cut_after = -1, .capabilities = _i ? NULL : "IMAP4rev1", .hook = refuse_idle};
    struct fake *fake = start_with(&settings, 1);
    struct client *client = client_new(fake_port(fake));
    client->mailbox.poll_s = 1;
    client_start(client);
    ck_assert(client_run_mails(client, 1));
    fake_add_mail(fake, 2, MAIL("2"), 0);
    ck_assert(client_run_mails(client, 2));
    ck_assert_uint_eq(fake_connections(fake), 1);
    ck_assert_int_eq(client_end(client), 0);
    fake_stop(fake);
    client_free(client);
}
END_TEST

/* P08: over the limit only the beginning is fetched, whatever the size was said to be. */
START_TEST(test_P08_oversize)
{
    struct fake *fake = start_with(&usual, 1);
    struct client *client = client_new(fake_port(fake));
    GString *big = g_string_new(MAIL("big"));
    while (big->len < 3000000)
        g_string_append(big, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcd\r\n");
    fake_add_mail(fake, 2, big->str, _i ? 500 : 0); /* a lie the second time */
    fake_add_mail(fake, 3, MAIL("3"), 0);
    client_start(client);
    ck_assert_msg(client_run_mails(client, 3), "%s", _i ? "size lies" : "size is true");
    ck_assert(g_hash_table_contains(client->partial, "2"));
    ck_assert_uint_eq(((GString *)g_hash_table_lookup(client->mails, "2"))->len, 65536);
    ck_assert(!g_hash_table_contains(client->partial, "3"));
    ck_assert_int_eq(client_end(client), 0);
    g_string_free(big, TRUE);
    fake_stop(fake);
    client_free(client);
}
END_TEST

START_TEST(test_comes_back)
{
    struct fake_settings settings = usual;
    settings.cut_after = 700;
    struct fake *fake = start_with(&settings, 5);
    struct client *client = client_new(fake_port(fake));
    client_start(client);
    ck_assert(client_run_mails(client, 5));
    ck_assert_uint_ge(fake_connections(fake), 2);
    ck_assert_uint_ge(client->n_states[SOURCE_DOWN], 1);
    ck_assert_int_eq(client_end(client), 0);
    fake_stop(fake);
    client_free(client);
}
END_TEST

/* D05: core recognises what it knows by content keys, without the mails themselves. */
START_TEST(test_D05_content_keys)
{
    struct fake_settings settings = usual;
    settings.select_extra = "* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 4] ok\r\n";
    struct fake *fake = start_with(&settings, 2);
    struct client *client = client_new(fake_port(fake));
    client->wants_keys = true;
    fake_add_mail(fake, 3, "From: a@b.example\r\n\r\nno id\r\n", 0);
    client_start(client);
    client_run_for(client, 500);
    ck_assert_int_eq(client->uidnext, 4);
    while (g_hash_table_size(client->keys) < 3)
        client_run_for(client, 100);
    g_auto(header_block_t) block;
    header_block_parse(MAIL("1"), strlen(MAIL("1")), &block);
    g_autofree char *key = header_content_key(&block, (gint64)strlen(MAIL("1")));
    ck_assert_str_eq(g_hash_table_lookup(client->keys, "1"), key);
    ck_assert_str_ne(g_hash_table_lookup(client->keys, "2"), key);
    ck_assert_str_eq(g_hash_table_lookup(client->keys, "3"), "");
    g_autofree char *seen = fake_transcript(fake);
    ck_assert_ptr_null(strstr(seen, "BODY.PEEK[])"));
    ck_assert_int_eq(client_end(client), 0);
    fake_stop(fake);
    client_free(client);
}
END_TEST

/* D06: no UIDVALIDITY, or 0, is a constant; one that does not fit is an error, not a wrapped number. */
START_TEST(test_D06_uidvalidity)
{
    static const char *const said[] = {"", "* OK [UIDVALIDITY 0] x\r\n",
                                       "* OK [UIDVALIDITY 4294967297] x\r\n"};
    struct fake_settings settings = {.cut_after = -1, .select_extra = said[_i]};
    struct fake *fake = start_with(&settings, 1);
    struct client *client = client_new(fake_port(fake));
    client_start(client);
    if (_i < 2) {
        ck_assert(client_run_mails(client, 1));
        ck_assert_int_eq(client->uidvalidity, 1);
    } else {
        ck_assert(client_run_state(client, SOURCE_DOWN, 2));
        ck_assert_uint_eq(client->opens, 0);
    }
    ck_assert_int_eq(client_end(client), 0);
    fake_stop(fake);
    client_free(client);
}
END_TEST

START_TEST(test_D06_highest_uid)
{
    struct fake *fake = start_with(&usual, 1);
    struct client *client = client_new(fake_port(fake));
    client->mailbox.idle_s = 1;
    fake_add_mail(fake, 4294967295u, MAIL("last"), 0);
    client_start(client);
    ck_assert(client_run_mails(client, 2));
    client_run_for(client, 1500); /* a round more: no UID follows */
    ck_assert_uint_eq(GPOINTER_TO_UINT(g_hash_table_lookup(client->times, "4294967295")), 1);
    ck_assert_uint_eq(fake_connections(fake), 1);
    ck_assert_int_eq(client_end(client), 0);
    fake_stop(fake);
    client_free(client);
}
END_TEST

TCase *
course_case(void)
{
    TCase *tcase = tcase_create("course");
    tcase_add_test(tcase, test_takes_what_is_there);
    tcase_add_test(tcase, test_many);
    tcase_add_test(tcase, test_new_mail_in_idle);
    tcase_add_loop_test(tcase, test_exists_around_plus, 0, 2);
    tcase_add_test(tcase, test_idle_is_renewed_and_polls);
    tcase_add_loop_test(tcase, test_polls_without_idle, 0, 2);
    tcase_add_loop_test(tcase, test_P08_oversize, 0, 2);
    tcase_add_test(tcase, test_comes_back);
    tcase_add_test(tcase, test_D05_content_keys);
    tcase_add_loop_test(tcase, test_D06_uidvalidity, 0, 3);
    tcase_add_test(tcase, test_D06_highest_uid);
    tcase_set_timeout(tcase, 300);
    return tcase;
}
