/* test_frames.c - what goes in at one end comes out at the other, and what is malformed is refused. */
#include "support.h"

#include <cardpost/source.h>

#include <string.h>
#include <sys/socket.h>

support_case_fn frames_case;

static struct frame_channel left, right;

static void
setup(void)
{
    int fds[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    frame_channel_init(&left, fds[0]);
    frame_channel_init(&right, fds[1]);
}

static void
teardown(void)
{
    frame_channel_clear(&left);
    frame_channel_clear(&right);
}

static struct frame
receive(enum source_frame type)
{
    struct frame frame;
    ck_assert_int_eq(frame_receive(&right, 10000, &frame), FRAME_READY);
    ck_assert_uint_eq(frame.type, type);
    return frame;
}

START_TEST(test_state_keeps_detail_and_mend)
{
    ck_assert(source_send_state(&left, SOURCE_REFUSED, "NO \xff\xfe denied", "set a new password"));
    ck_assert(source_send_state(&left, SOURCE_UP, NULL, NULL));
    struct frame frame = receive(SOURCE_STATE);
    enum source_state state;
    g_autofree char *detail = NULL, *mend = NULL, *detail2 = NULL, *mend2 = NULL;
    ck_assert(source_decode_state(&frame, &state, &detail, &mend));
    ck_assert_int_eq(state, SOURCE_REFUSED);
    ck_assert_str_eq(detail, "NO \xef\xbf\xbd\xef\xbf\xbd denied");
    ck_assert_str_eq(mend, "set a new password");
    frame = receive(SOURCE_STATE);
    ck_assert(source_decode_state(&frame, &state, &detail2, &mend2));
    ck_assert_int_eq(state, SOURCE_UP);
    ck_assert_str_eq(detail2, "");
    ck_assert_ptr_null(mend2);
}
END_TEST

START_TEST(test_numbers)
{
    ck_assert(source_send_open(&left, 4294967295, 18));
    ck_assert(source_send_resume(&left, 17));
    int64_t number, next;
    struct frame frame = receive(SOURCE_OPEN);
    ck_assert(source_decode_open(&frame, &number, &next));
    ck_assert_int_eq(number, 4294967295);
    ck_assert_int_eq(next, 18);
    frame = receive(SOURCE_RESUME);
    ck_assert(source_decode_number(&frame, &number));
    ck_assert_int_eq(number, 17);
    ck_assert(source_send_resume(&left, -1));
    frame = receive(SOURCE_RESUME);
    ck_assert_msg(!source_decode_number(&frame, &number), "a negative number is malformed");
    ck_assert(source_send_open(&left, 4294967296, 1));
    frame = receive(SOURCE_OPEN);
    ck_assert_msg(!source_decode_open(&frame, &number, &next), "no UIDVALIDITY is that large");
}
END_TEST

START_TEST(test_list_and_refs)
{
    char a[] = "1", b[] = "1700000000.M1P2.host";
    struct source_item sent[] = {{.ref = a, .size_bytes = 0}, {.ref = b, .size_bytes = 5000000000}};
    char *refs[] = {a, b};
    ck_assert(source_send_list(&left, sent, 2));
    ck_assert(source_send_refs(&left, SOURCE_WANT, refs, 2));
    ck_assert(source_send_refs(&left, SOURCE_WANT, NULL, 0));
    struct frame frame = receive(SOURCE_LIST);
    g_autoptr(GArray) items = source_decode_list(&frame);
    ck_assert_ptr_nonnull(items);
    ck_assert_uint_eq(items->len, 2);
    ck_assert_str_eq(g_array_index(items, struct source_item, 0).ref, a);
    ck_assert_int_eq(g_array_index(items, struct source_item, 1).size_bytes, 5000000000);
    frame = receive(SOURCE_WANT);
    g_autoptr(GPtrArray) got = source_decode_refs(&frame);
    ck_assert_ptr_nonnull(got);
    ck_assert_uint_eq(got->len, 2);
    ck_assert_str_eq(g_ptr_array_index(got, 1), b);
    frame = receive(SOURCE_WANT);
    g_autoptr(GPtrArray) none = source_decode_refs(&frame);
    ck_assert_ptr_nonnull(none);
    ck_assert_uint_eq(none->len, 0);
}
END_TEST

START_TEST(test_keys_keep_their_order)
{
    char a[] = "1", b[] = "2", key_a[] = "aa", key_b[] = "";
    char *refs[] = {a, b}, *keys[] = {key_a, key_b};
    ck_assert(source_send_keys(&left, refs, keys, 2));
    struct frame frame = receive(SOURCE_KEYS);
    g_autoptr(GPtrArray) refs_out = NULL;
    g_autoptr(GPtrArray) keys_out = NULL;
    ck_assert(source_decode_keys(&frame, &refs_out, &keys_out));
    ck_assert_uint_eq(refs_out->len, 2);
    ck_assert_str_eq(g_ptr_array_index(refs_out, 1), b);
    ck_assert_str_eq(g_ptr_array_index(keys_out, 0), key_a);
    ck_assert_str_eq(g_ptr_array_index(keys_out, 1), "");
}
END_TEST

START_TEST(test_mail_bytes_are_untouched)
{
    char ref[] = "42";
    static const uint8_t raw[] = "Subject: \0\xff\r\n\r\n.\r\n..\n";
    struct source_mail sent = {.ref = ref,
                               .size_bytes = 99,
                               .arrived_at = 1700000000,
                               .is_partial = true,
                               .raw = raw,
                               .raw_len = sizeof raw};
    ck_assert(source_send_mail(&left, &sent));
    struct frame frame = receive(SOURCE_MAIL);
    struct source_mail got;
    ck_assert(source_decode_mail(&frame, &got));
    ck_assert_str_eq(got.ref, ref);
    ck_assert_int_eq(got.size_bytes, 99);
    ck_assert_int_eq(got.arrived_at, 1700000000);
    ck_assert(got.is_partial);
    ck_assert_uint_eq(got.raw_len, sizeof raw);
    ck_assert_mem_eq(got.raw, raw, sizeof raw);
    g_free(got.ref);
}
END_TEST

/* Any well-formed frame cut at any byte, or with a byte too many, is refused by its decoder. */
static bool
decodes(uint32_t type, const uint8_t *body, gsize len)
{
    struct frame frame = {.type = type, .body = body, .len = len};
    g_autoptr(GPtrArray) refs = NULL;
    g_autoptr(GPtrArray) keys = NULL;
    g_autoptr(GArray) items = NULL;
    g_autofree char *detail = NULL, *mend = NULL;
    enum source_state state;
    struct source_mail mail = {0};
    switch ((enum source_frame)type) {
    case SOURCE_LIST:
        return (items = source_decode_list(&frame)) != NULL;
    case SOURCE_KEYS:
        return source_decode_keys(&frame, &refs, &keys);
    case SOURCE_STATE:
        return source_decode_state(&frame, &state, &detail, &mend);
    case SOURCE_MAIL:
        if (!source_decode_mail(&frame, &mail))
            return false;
        g_free(mail.ref);
        return true;
    case SOURCE_OPEN:
        return source_decode_open(&frame, &mail.size_bytes, &mail.arrived_at);
    case SOURCE_RESUME:
        return source_decode_number(&frame, &mail.size_bytes);
    case SOURCE_GONE:
    case SOURCE_SETTLED:
    case SOURCE_WANT:
    case SOURCE_WANT_KEYS:
    case SOURCE_SETTLE:
        return (refs = source_decode_refs(&frame)) != NULL;
    }
    return false;
}

static void
send_one_of(enum source_frame type)
{
    char a[] = "1", key[] = "k";
    char *refs[] = {a}, *keys[] = {key};
    struct source_item item = {.ref = a, .size_bytes = 3};
    struct source_mail mail = {.ref = a, .size_bytes = 3, .raw = (const uint8_t *)"abc", .raw_len = 3};
    if (type == SOURCE_LIST)
        source_send_list(&left, &item, 1);
    else if (type == SOURCE_KEYS)
        source_send_keys(&left, refs, keys, 1);
    else if (type == SOURCE_STATE)
        source_send_state(&left, SOURCE_DOWN, "d", "m");
    else if (type == SOURCE_MAIL)
        source_send_mail(&left, &mail);
    else if (type == SOURCE_OPEN)
        source_send_open(&left, 1, 2);
    else
        source_send_refs(&left, type, refs, 1);
}

START_TEST(test_cut_frames_are_refused)
{
    static const enum source_frame types[] = {SOURCE_LIST, SOURCE_KEYS, SOURCE_STATE,
                                              SOURCE_MAIL, SOURCE_OPEN, SOURCE_SETTLE};
    enum source_frame type = types[_i];
    send_one_of(type);
    struct frame frame = receive(type);
    g_autofree uint8_t *body = g_malloc0(frame.len + 1);
    memcpy(body, frame.body, frame.len);
    gsize len = frame.len;
    ck_assert_msg(decodes(type, body, len), "whole frame %d", type);
    for (gsize cut = 0; cut < len; cut++)
        ck_assert_msg(!decodes(type, body, cut), "frame %d cut at %zu of %zu", type, cut, len);
    ck_assert_msg(!decodes(type, body, len + 1), "frame %d with a byte too many", type);
}
END_TEST

static void
put_refs(GByteArray *body, uint32_t count, uint32_t n, const char *ref)
{
    frame_put_u32(body, count);
    for (uint32_t i = 0; i < n; i++)
        frame_put_text(body, ref);
}

START_TEST(test_bad_refs_are_refused)
{
    g_autofree char *longest = g_strnfill(SOURCE_REF_BYTES, 'x');
    g_autofree char *too_long = g_strnfill(SOURCE_REF_BYTES + 1, 'x');
    const struct {
        const char *label;
        uint32_t count, n;
        const char *ref;
        bool good;
    } cases[] = {
        {"as many as allowed", SOURCE_LIST_MAX, SOURCE_LIST_MAX, "1", true},
        {"one too many", SOURCE_LIST_MAX + 1, SOURCE_LIST_MAX + 1, "1", false},
        {"a count that lies", 0xffffffff, 1, "1", false},
        {"the longest ref", 1, 1, longest, true},
        {"a ref too long", 1, 1, too_long, false},
        {"an empty ref", 1, 1, "", false},
        {"no ref", 1, 1, NULL, false},
        {"not UTF-8", 1, 1, "\xff", false},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GByteArray) body = g_byte_array_new();
        put_refs(body, cases[i].count, cases[i].n, cases[i].ref);
        ck_assert_msg(decodes(SOURCE_WANT, body->data, body->len) == cases[i].good, "%s", cases[i].label);
    }
}
END_TEST

START_TEST(test_negative_size_is_refused)
{
    g_autoptr(GByteArray) body = g_byte_array_new();
    frame_put_u32(body, 1);
    frame_put_text(body, "1");
    frame_put_i64(body, -1);
    ck_assert(!decodes(SOURCE_LIST, body->data, body->len));
}
END_TEST

START_TEST(test_peer_gone_is_told)
{
    frame_channel_clear(&right);
    ck_assert(!source_send_open(&left, 1, 2));
}
END_TEST

TCase *
frames_case(void)
{
    TCase *tcase = tcase_create("frames");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_state_keeps_detail_and_mend);
    tcase_add_test(tcase, test_numbers);
    tcase_add_test(tcase, test_list_and_refs);
    tcase_add_test(tcase, test_keys_keep_their_order);
    tcase_add_test(tcase, test_mail_bytes_are_untouched);
    tcase_add_loop_test(tcase, test_cut_frames_are_refused, 0, 6);
    tcase_add_test(tcase, test_bad_refs_are_refused);
    tcase_add_test(tcase, test_negative_size_is_refused);
    tcase_add_test(tcase, test_peer_gone_is_told);
    return tcase;
}
