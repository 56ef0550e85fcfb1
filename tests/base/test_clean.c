/* test_clean.c - text, names and addresses from outside. */
#include "cases.h"

#include <cardpost/caps.h>
#include <cardpost/clean.h>

#include <string.h>

static const struct {
    const char *label, *in, *out;
} texts[] = {
    {"U03 controls go",
     "a\x01"
     "b\x1b[2Jc\x7f",
     "ab[2Jc"},
    {"U03 bidi controls go", "a\u202egpj.exe", "agpj.exe"},
    {"U03 tag characters go", "a\U000e0041b", "ab"},
    {"line ends", "a\r\nb\rc\u2028d", "a\nb\nc\nd"},
    {"U01 overlong form",
     "a\xc0\xaf"
     "b",
     "a\ufffd\ufffd"
     "b"},
    {"U01 lone surrogate",
     "a\xed\xa0\x80"
     "b",
     "a\ufffd\ufffd\ufffd"
     "b"},
    {"4-byte emoji stays", "ok \U0001f600", "ok \U0001f600"},
    {"NFC", "e\u0301", "\u00e9"},
    {"NFC of kana", "か\u3099", "が"},
    {"NFC after plain text", "cafe\u0301 x", "caf\u00e9 x"},
    {"line ends beside plain text", "a\rb\r\n中\r", "a\nb\n中\n"},
    {"control characters between plain text", "a\x01z\x7f中\x02", "az中"},
};

START_TEST(U01_U03_text)
{
    g_autofree char *out = clean_text(texts[_i].in, strlen(texts[_i].in), 0);
    ck_assert_msg(g_str_equal(out, texts[_i].out), "%s: \"%s\"", texts[_i].label, out);
}
END_TEST

START_TEST(U03_combining_marks_are_few)
{
    GString *in = g_string_new("a");
    for (guint i = 0; i < 1000; i++)
        g_string_append(in, "\u0353");
    g_autofree char *out = clean_text(in->str, in->len, 0);
    ck_assert_int_lt(g_utf8_strlen(out, -1), 12);
    g_string_free(in, TRUE);
}
END_TEST

/* What is spared the normalization comes out as if it had gone through: each character alone, and beside one
 * that sends the whole text there. */
START_TEST(U01_the_short_way_gives_the_normal_form)
{
    static const char forcing[] = "e\u0301";
    for (gunichar c = 1; c < 0x20000; c++) {
        if (c >= 0xd800 && c < 0xe000)
            continue;
        char one[8] = {0}, both[16];
        g_unichar_to_utf8(c, one);
        g_snprintf(both, sizeof both, "%s|%s", one, forcing);
        g_autofree char *alone = clean_text(one, strlen(one), 0);
        g_autofree char *expected = g_strconcat(alone, "|\u00e9", NULL);
        g_autofree char *out = clean_text(both, strlen(both), 0);
        ck_assert_msg(g_str_equal(out, expected), "U+%04X: \"%s\"", c, out);
    }
}
END_TEST

/* A long text is normalized piece by piece: where the pieces meet nothing shows, whatever stands there. */
START_TEST(U03_pieces_meet_without_a_seam)
{
    static const char *const units[] = {"e\u0301", "\u1112\u1161\u11ab", "か\u3099", "각\u11a8",
                                        "a\u0323\u0307 "};
    for (guint i = 0; i < G_N_ELEMENTS(units); i++)
        for (gsize shift = 0; shift < 12; shift++) {
            g_autofree char *in = g_strnfill(shift, 'x');
            GString *text = g_string_new(in);
            for (guint k = 0; k < 300; k++)
                g_string_append(text, units[i]);
            g_autofree char *out = clean_text(text->str, text->len, 0);
            g_autofree char *want = g_utf8_normalize(text->str, -1, G_NORMALIZE_NFC);
            ck_assert_msg(g_str_equal(out, want), "%s, shifted by %zu", units[i], shift);
            g_string_free(text, TRUE);
        }
}
END_TEST

/* At once GLib took minutes for this. */
START_TEST(U03_eight_megabytes_of_korean)
{
    GString *text = g_string_new(NULL);
    while (text->len < 8 * 1024 * 1024)
        g_string_append(text, "안녕하세요 e\u0301");
    g_autofree char *out = clean_text(text->str, text->len, 0);
    ck_assert(g_str_has_suffix(out, "\u00e9"));
    g_string_free(text, TRUE);
}
END_TEST

/* Whatever is cut is cut on a character. */
START_TEST(text_is_cut_on_a_character)
{
    for (gsize max = 1; max < 12; max++) {
        g_autofree char *out = clean_text("中文字符", strlen("中文字符"), max);
        ck_assert(g_utf8_validate(out, -1, NULL));
        ck_assert_uint_le(strlen(out), max);
    }
}
END_TEST

START_TEST(lines)
{
    static const struct {
        const char *in, *out;
    } table[] = {{"  a \r\n\t b ", "a b"},
                 {"H01 x\r\nBcc: v@v", "H01 x Bcc: v@v"},
                 {"a\u200bb\ufeffc", "abc"},
                 {"全角\u3000空格", "全角 空格"},
                 {NULL, ""}};
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autofree char *out = clean_line(table[i].in, 0);
        ck_assert_str_eq(out, table[i].out);
    }
}
END_TEST

static const struct {
    const char *in, *out;
} names[] = {
    {"../../etc/passwd", "etc_passwd"},
    {"/abs", "abs"},
    {"..\\..\\x", "x"},
    {"a/b", "a_b"},
    {".", "attachment"},
    {"..", "attachment"},
    {"", "attachment"},
    {NULL, "attachment"},
    {"\u200b.htaccess", "htaccess"},
    {"\u202egpj.exe", "gpj.exe"},
    {"CON", "_CON"},
    {"con.txt", "_con.txt"},
    {"COM1.log", "_COM1.log"},
    {"a.txt:ads", "a.txt_ads"},
    {"-rf", "rf"},
    {"$(x).pdf", "$(x).pdf"},
    {"<img>.png", "img_.png"},
    {"name. ", "name"},
    {"a\nb.txt", "a b.txt"},
    {"发票 2026.pdf", "发票 2026.pdf"},
    {"console.txt", "console.txt"},
};

START_TEST(F01_F02_file_names)
{
    g_autofree char *out = clean_filename(names[_i].in);
    ck_assert_msg(g_str_equal(out, names[_i].out), "%s: \"%s\"", names[_i].in, out);
}
END_TEST

START_TEST(F01_a_long_name_keeps_its_extension)
{
    g_autofree char *stem = g_strnfill(5000, 'a');
    g_autofree char *in = g_strconcat(stem, ".pdf", NULL);
    g_autofree char *out = clean_filename(in);
    ck_assert_uint_le(strlen(out), CAP_FILENAME_BYTES);
    ck_assert(g_str_has_suffix(out, ".pdf"));
}
END_TEST

static const struct {
    const char *address;
    bool good;
} addresses[] = {
    {"ann@corp.example", true},
    {"a.b+tag@x-y.example", true},
    {"ann@corp.example.", true},
    {"r.abc@localhost", true},
    {"a@b>\r\nRCPT TO:<evil@x", false},
    {"<a@b> NOTIFY=NEVER", false},
    {"a@b,evil@x", false},
    {"-oQ/tmp@x", false},
    {"a@", false},
    {"@b", false},
    {"a b@c", false},
    {"a@b..c", false},
    {".a@b", false},
    {"a..b@c", false},
    {"a@-b", false},
    {"\"ann\"@corp.example", false},
    {"аnn@corp.example", false},
    {"a@b@c", false},
    {"", false},
    {NULL, false},
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@x", true},
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@x", false},
};

START_TEST(H03_addresses)
{
    ck_assert_msg(clean_is_address(addresses[_i].address) == addresses[_i].good, "%s", addresses[_i].address);
}
END_TEST

START_TEST(A16_folding)
{
    g_autofree char *folded = clean_address_fold("ANN@Corp.Example.");
    ck_assert_str_eq(folded, "ann@corp.example");
    ck_assert_ptr_null(clean_address_fold("not an address"));
}
END_TEST

START_TEST(message_ids)
{
    g_autofree char *plain = clean_message_id(" <a@b>\r\n");
    ck_assert_str_eq(plain, "a@b");
    g_autofree char *big = g_strnfill(CAP_MESSAGE_ID_BYTES + 1, 'a');
    const char *const bad[] = {"<>", "", "<a\r\n X: 1@b>", "<a b@c>", "<a<b@c>", "é@x", big, NULL};
    for (guint i = 0; bad[i]; i++)
        ck_assert_ptr_null(clean_message_id(bad[i]));
}
END_TEST

/* The one equality of names, words and titles; equal ones stand on a line. */
START_TEST(U04_folding)
{
    static const struct {
        const char *label, *a, *b;
        bool is_equal;
    } pairs[] = {
        {"composed and not", "Caf\xc3\xa9", "Cafe\xcc\x81", true},
        {"case of an accent", "\xc3\x89t\xc3\xa9", "E\xcc\x81TE\xcc\x81", true},
        {"sharp s",
         "Stra\xc3\x9f"
         "e",
         "STRASSE", true},
        {"capital sharp s", "\xe1\xba\x9e", "ss", true},
        {"full width", "ｌｉ", "LI", true},
        {"one sign for two capitals", "\xe2\x84\xa2", "tm", true},
        {"ligature",
         "o\xef\xac\x83"
         "ce",
         "OFFICE", true},
        {"final sigma", "\xcf\x83\xcf\x82", "\xce\xa3\xce\xa3", true},
        {"a letter that folding takes apart", "\xce\x90", "\xce\xaa\xcc\x81", true},
        {"two marks in either order", "a\xcc\xa3\xcc\x82", "a\xcc\x82\xcc\xa3", true},
        {"Turkish capital, dotted", "\xc4\xb0", "i\xcc\x87", true},
        {"Turkish small, dotless", "\xc4\xb1", "i", false},
        {"an accent is a letter", "resume", "r\xc3\xa9sum\xc3\xa9", false},
        {"Cyrillic", "\xd0\xb0nn", "ann", false},
        {"traditional and simplified", "訂單", "订单", false},
    };
    for (guint i = 0; i < G_N_ELEMENTS(pairs); i++) {
        g_autofree char *a = clean_fold(pairs[i].a, -1), *b = clean_fold(pairs[i].b, -1);
        ck_assert_msg(g_str_equal(a, b) == pairs[i].is_equal, "%s: %s and %s", pairs[i].label, a, b);
        g_autofree char *again = clean_fold(a, -1);
        ck_assert_msg(g_str_equal(a, again), "%s: not settled", pairs[i].label);
    }
    for (gsize n = 1; n < 4; n++) {
        /* cut within a character, and nothing behind it */
        g_autofree char *cut = g_strndup("\xf0\x9f\x98\x80", n), *folded = clean_fold(cut, -1);
        ck_assert_str_eq(folded, "");
    }
    g_autofree char *part = clean_fold("ABC", 2), *broken = clean_fold("a\xff", -1),
                    *none = clean_fold(NULL, -1);
    ck_assert_str_eq(part, "ab");
    ck_assert_str_eq(broken, "");
    ck_assert_str_eq(none, "");
    ck_assert_msg(!clean_address_fold("caf\xc3\xa9@x.example") &&
                      !clean_address_fold("cafe\xcc\x81@x.example"),
                  "an address is ASCII");
}
END_TEST

TCase *
test_clean(void)
{
    TCase *tcase = tcase_create("clean");
    tcase_add_loop_test(tcase, U01_U03_text, 0, G_N_ELEMENTS(texts));
    tcase_add_test(tcase, U03_combining_marks_are_few);
    tcase_add_test(tcase, U01_the_short_way_gives_the_normal_form);
    tcase_add_test(tcase, U03_pieces_meet_without_a_seam);
    tcase_add_test(tcase, U03_eight_megabytes_of_korean);
    tcase_add_test(tcase, text_is_cut_on_a_character);
    tcase_add_test(tcase, lines);
    tcase_add_loop_test(tcase, F01_F02_file_names, 0, G_N_ELEMENTS(names));
    tcase_add_test(tcase, F01_a_long_name_keeps_its_extension);
    tcase_add_loop_test(tcase, H03_addresses, 0, G_N_ELEMENTS(addresses));
    tcase_add_test(tcase, A16_folding);
    tcase_add_test(tcase, message_ids);
    tcase_add_test(tcase, U04_folding);
    return tcase;
}
