/* test_wire.c - frames between our processes keep what was put in, and nothing else passes for one. */
#include "cases.h"

#include "../../src/daemon/role.h"
#include "../../src/daemon/wire.h"

#include <string.h>
#include <sys/socket.h>

static const uint8_t raw[] = "Subject: \0\xff\r\n\r\n";

/* A whole body of this type, with id 7. */
static GByteArray *
body_of(enum wire_frame type)
{
    GByteArray *body = g_byte_array_new();
    char from[] = "a@b.example", to[] = "c@d.example", key[] = "k", text[] = "250 ok";
    g_autoptr(mail_t) mail = mail_new();
    if (type == WIRE_HELLO) {
        frame_put_text(body, "core");
        frame_put_u32(body, LOG_LEVEL_DEBUG);
        frame_put_text(body, "/etc/cardpost.conf");
        frame_put_text(body, "name = \"x\"");
    } else if (type == WIRE_DELIVER) {
        wire_encode_deliver(&(struct wire_deliver){7, from, to, key, raw, sizeof raw}, body);
    } else if (type == WIRE_DELIVERED) {
        wire_encode_delivered(
            7, &(struct smtp_result){.outcome = SMTP_DEFERRED, .code = 451, .text = text, .size_limit = 1000},
            body);
    } else if (type == WIRE_PARSED) {
        frame_put_i64(body, 7);
        mail_encode(mail, body);
    } else if (type == WIRE_EXTRACTED) {
        frame_put_i64(body, 7);
        frame_put_u32(body, 1);
        frame_put_bytes(body, "abc", 3);
    } else if (type == WIRE_UNREADABLE) {
        frame_put_i64(body, 7);
        frame_put_text(body, "over a cap");
    } else if (type == WIRE_FAILED) {
        wire_encode_code(78, "wrong", body);
    } else {
        frame_put_text(body, "parse:0");
    }
    return body;
}

static bool
answers(const struct frame *frame, int64_t id)
{
    struct wire_answer answer;
    if (!wire_decode_answer(frame, id, &answer))
        return false;
    ck_assert_int_eq((answer.mail != NULL) + (answer.parts != NULL) + (answer.unreadable != NULL), 1);
    mail_free(answer.mail);
    g_free(answer.unreadable);
    if (answer.parts)
        g_ptr_array_unref(answer.parts);
    return true;
}

static bool
decodes(enum wire_frame type, const uint8_t *data, gsize len)
{
    struct frame frame = {.type = type, .body = data, .len = len};
    struct wire_hello hello = {0};
    struct wire_deliver job = {0};
    struct smtp_result result = {0};
    int64_t id;
    uint32_t code;
    g_autofree char *text = NULL;
    if (type == WIRE_HELLO) {
        bool good = wire_decode_hello(&frame, &hello);
        wire_hello_clear(&hello);
        return good;
    }
    if (type == WIRE_DELIVER) {
        bool good = wire_decode_deliver(&frame, &job);
        wire_deliver_clear(&job);
        return good;
    }
    if (type == WIRE_DELIVERED) {
        bool good = wire_decode_delivered(&frame, &id, &result);
        g_free(result.text);
        return good;
    }
    if (type == WIRE_FAILED)
        return wire_decode_code(&frame, &code, &text);
    if (type == WIRE_KILL)
        return wire_decode_text(&frame, &text);
    return answers(&frame, 7);
}

static const enum wire_frame types[] = {WIRE_HELLO,     WIRE_DELIVER,    WIRE_DELIVERED, WIRE_PARSED,
                                        WIRE_EXTRACTED, WIRE_UNREADABLE, WIRE_FAILED,    WIRE_KILL};

START_TEST(test_cut_frames_are_refused)
{
    enum wire_frame type = types[_i];
    g_autoptr(GByteArray) body = body_of(type);
    ck_assert_msg(decodes(type, body->data, body->len), "whole frame %d", type);
    for (guint cut = 0; cut < body->len; cut++) {
        /* A copy of its own size: a read beyond its end is found by the sanitizer. */
        g_autofree uint8_t *copy = g_memdup2(body->data, cut);
        ck_assert_msg(!decodes(type, copy, cut), "frame %d cut at %u of %u", type, cut, body->len);
    }
    g_byte_array_append(body, (const guint8 *)"", 1);
    ck_assert_msg(!decodes(type, body->data, body->len), "frame %d with a byte too many", type);
}
END_TEST

START_TEST(test_answer_to_another_job_is_refused)
{
    g_autoptr(GByteArray) body = body_of(WIRE_PARSED);
    struct frame frame = {.type = WIRE_PARSED, .body = body->data, .len = body->len};
    ck_assert(answers(&frame, 7));
    ck_assert(!answers(&frame, 8));
    frame.type = WIRE_PARSE;
    ck_assert(!answers(&frame, 7));
}
END_TEST

START_TEST(test_counts_that_lie_are_refused)
{
    static const uint32_t counts[] = {2, WIRE_PARTS_MAX + 1, 0xffffffff};
    for (guint i = 0; i < G_N_ELEMENTS(counts); i++) {
        g_autoptr(GByteArray) body = g_byte_array_new();
        frame_put_i64(body, 7);
        frame_put_u32(body, counts[i]);
        frame_put_bytes(body, "abc", 3);
        ck_assert_msg(!decodes(WIRE_EXTRACTED, body->data, body->len), "count %u", counts[i]);
    }
}
END_TEST

START_TEST(test_delivered_values_are_checked)
{
    const struct {
        const char *label;
        uint32_t outcome, code;
        int64_t size_limit;
        bool good;
    } cases[] = {
        {"sent", SMTP_SENT, 250, 0, true},
        {"the last outcome", SMTP_REFUSED, 535, 0, true},
        {"no outcome of ours", SMTP_REFUSED + 1, 250, 0, false},
        {"no reply code", SMTP_SENT, 1000, 0, false},
        {"a negative size", SMTP_SENT, 250, -1, false},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GByteArray) body = g_byte_array_new();
        frame_put_i64(body, 7);
        frame_put_u32(body, cases[i].outcome);
        frame_put_u32(body, cases[i].code);
        frame_put_text(body, "x");
        frame_put_i64(body, cases[i].size_limit);
        ck_assert_msg(decodes(WIRE_DELIVERED, body->data, body->len) == cases[i].good, "%s", cases[i].label);
    }
}
END_TEST

START_TEST(test_deliver_keeps_its_bytes)
{
    g_autoptr(GByteArray) body = body_of(WIRE_DELIVER);
    struct frame frame = {.type = WIRE_DELIVER, .body = body->data, .len = body->len};
    struct wire_deliver job;
    ck_assert(wire_decode_deliver(&frame, &job));
    ck_assert_int_eq(job.id, 7);
    ck_assert_str_eq(job.envelope_from, "a@b.example");
    ck_assert_str_eq(job.recipient, "c@d.example");
    ck_assert_str_eq(job.key, "k");
    ck_assert_uint_eq(job.raw_len, sizeof raw);
    ck_assert_mem_eq(job.raw, raw, sizeof raw);
    wire_deliver_clear(&job);
}
END_TEST

START_TEST(test_role_names)
{
    const struct {
        const char *name;
        enum process_kind role;
        const char *rest;
    } cases[] = {
        {"core", PROCESS_CORE, ""},
        {"imap:main", PROCESS_IMAP, "main"},
        {"maildir:a-b", PROCESS_MAILDIR, "a-b"},
        {"parse:3", PROCESS_PARSE, "3"},
        {"deliver", PROCESS_DELIVER, ""},
        {"secret:imap:main", PROCESS_SECRET, "imap:main"},
        {"core:x", PROCESS_UNKNOWN, "x"},
        {"imap", PROCESS_UNKNOWN, ""},
        {"imap:", PROCESS_UNKNOWN, ""},
        {"", PROCESS_UNKNOWN, ""},
        {"parser:1", PROCESS_UNKNOWN, "1"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *rest;
        ck_assert_msg(process_kind_of(cases[i].name, &rest) == cases[i].role, "role of '%s'", cases[i].name);
        ck_assert_str_eq(rest, cases[i].rest);
    }
}
END_TEST

TCase *
wire_case(void)
{
    TCase *tcase = tcase_create("wire");
    tcase_add_loop_test(tcase, test_cut_frames_are_refused, 0, G_N_ELEMENTS(types));
    tcase_add_test(tcase, test_answer_to_another_job_is_refused);
    tcase_add_test(tcase, test_counts_that_lie_are_refused);
    tcase_add_test(tcase, test_delivered_values_are_checked);
    tcase_add_test(tcase, test_deliver_keeps_its_bytes);
    tcase_add_test(tcase, test_role_names);
    return tcase;
}
