/* test_contents.c - what lies within the content of a part (uuencode, winmail.dat, S/MIME), and forms that
 * are read through or said to stay closed. */
#include "suite.h"

support_case_fn contents_case;

#define HEAD "From: Sue <sue@sup.example>\r\nSubject: s\r\nMIME-Version: 1.0\r\n"

/* `name: content` of each attachment, a line each. */
static char *
show_files(const char *raw, gsize len, const struct mail *mail)
{
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < mail->attachments->len; i++) {
        const struct mail_attachment *file = suite_attachment(mail, i);
        g_autoptr(GBytes) content = mime_part(raw, len, file->part, NULL);
        ck_assert_msg(content != NULL, "%s can be fetched", file->name);
        ck_assert_int_eq((int64_t)g_bytes_get_size(content), file->size_bytes);
        g_string_append_printf(out, "%s: %.*s\n", file->name, (int)MIN(g_bytes_get_size(content), 20),
                               (const char *)g_bytes_get_data(content, NULL));
    }
    return g_string_free(out, FALSE);
}

static const struct {
    const char *label, *raw, *body, *files;
} texts[] = {
    {"a file and words around it", HEAD "\r\nbefore\r\nbegin 644 a b.txt\r\n#0V%T\r\n`\r\nend\r\nafter\r\n",
     "before\nafter", "a b.txt: Cat\n"},
    {"two files", HEAD "\nbegin 644 a\n#0V%T\n`\nend\nbegin 755 b\n#0V%T\n`\nend\n", "", "a: Cat\nb: Cat\n"},
    {"not cut off: the end is missing", HEAD "\nx\nbegin 644 a\n#0V%T\n", "x", "a: Cat\n"},
    {"a Chinese name", HEAD "\nbegin 644 报价.txt\n#0V%T\n`\nend\n", "", "报价.txt: Cat\n"},
    {"in quoted-printable",
     HEAD "Content-Transfer-Encoding: quoted-printable\n\nx =3D y\nbegin 644 a\n#0V%T\n`\nend\nz\n",
     "x = y\nz", "a: Cat\n"},
    {"words", HEAD "\nbegin 644 of our list\nand so on\nend\n", "begin 644 of our list\nand so on\nend", ""},
    {"words: no mode", HEAD "\nbegin with this\n#0V%T\nend\n", "begin with this\n#0V%T\nend", ""},
    {"words: a mode of two digits", HEAD "\nbegin 64 a.txt\n#0V%T\n`\nend\n", "begin 64 a.txt\n#0V%T\n`\nend",
     ""},
    {"C03: words in the file are none of the mail", HEAD "\nhello\nbegin 644 a\n&(6-L;W-E\n`\nend\n", "hello",
     "a: !close\n"},
    {"clear-signed",
     HEAD "\nabove\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nhello\n- - dashes\n-----BEGIN PGP "
          "SIGNATURE-----\n\nabc=\n-----END PGP SIGNATURE-----\nbelow\n",
     "above\nhello\n- dashes\nbelow", ""},
    {"clear-signed and cut off", HEAD "\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nhello\n",
     "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nhello", ""},
    {"enriched",
     HEAD "Content-Type: text/enriched\n\n<bold>Now</bold> is\nthe time "
          "<<x>\n\n<color><param>red</param>two</color>\n",
     "Now is the time <x>\ntwo", ""},
    {"richtext", HEAD "Content-Type: text/richtext\n\none<nl>two <lt>b\n", "one\ntwo <b", ""},
    {"a page as plain text", HEAD "Content-Type: text/plain\n\n<!DOCTYPE html><p>hello</p>", "hello", ""},
    {"plain text that begins with a bracket", HEAD "\n<http://x.example> hello", "<http://x.example> hello",
     ""},
    {"no base64 at all", HEAD "Content-Transfer-Encoding: base64\n\nPlease call me, it is late.\n",
     "Please call me, it is late.", ""},
    {"base64 all the same", HEAD "Content-Transfer-Encoding: base64\n\n aGVs\n bG8=\n", "hello", ""},
    {"another boundary than the one named",
     HEAD "Content-Type: multipart/mixed; boundary=a\n\n--b\nContent-Type: "
          "text/plain\n\nhello\n--b\nContent-Type: "
          "application/pdf; name=a.pdf\n\nx\n--b--\n",
     "hello", "a.pdf: x\n"},
    {"no boundary named",
     HEAD "Content-Type: multipart/mixed\n\n--b\nContent-Type: text/plain\n\nhello\n--b--\n", "hello", ""},
    {"empty parts",
     HEAD "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: text/html; "
          "charset=iso-8859-1\n\n--a\n\n--a--",
     "", ""},
    {"a report in the preamble",
     HEAD "Content-Type: multipart/report; boundary=a\n\nno such user\n--a\nContent-Type: "
          "message/delivery-status\n\nx\n--a--\n",
     "no such user", "attachment: x\n"},
    {"a type with rubbish", HEAD "Content-Type: text/plain>\n\nhello", "hello", ""},
    {"a type without semicolon", HEAD "Content-Type: text/plain charset=gbk\n\n\xd6\xd0\xce\xc4", "中文", ""},
    {"P09: appledouble",
     HEAD "Content-Type: multipart/appledouble; boundary=a\n\n--a\nContent-Type: application/applefile; "
          "name=\"%f\"\n\nx\n--a\nContent-Type: application/pdf; name=f.pdf\n\ny\n--a--\n",
     "", "%f: x\nf.pdf: y\n"},
};

static char *
squeeze(const char *text)
{
    g_autoptr(GRegex) gaps = g_regex_new(" *\n[ \n]*", 0, 0, NULL);
    return g_strstrip(g_regex_replace_literal(gaps, text, -1, 0, "\n", 0, NULL));
}

START_TEST(test_P07_contents_of_text)
{
    const char *raw = texts[_i].raw;
    g_autoptr(mail_t) mail = suite_parse_text(raw);
    g_autofree char *body = squeeze(mail->body_text), *want = squeeze(texts[_i].body);
    ck_assert_msg(strcmp(body, want) == 0, "%s: body \"%s\"", texts[_i].label, body);
    g_autofree char *files = show_files(raw, strlen(raw), mail);
    ck_assert_msg(strcmp(files, texts[_i].files) == 0, "%s: files %s", texts[_i].label, files);
}
END_TEST

/* ---- winmail.dat */

static void
put_number(GByteArray *out, guint32 number, guint n_bytes)
{
    for (guint i = 0; i < n_bytes; i++) {
        guint8 byte = (guint8)(number >> 8 * i);
        g_byte_array_append(out, &byte, 1);
    }
}

static void
put_attribute(GByteArray *out, guint level, guint32 id, const void *bytes, gsize len)
{
    put_number(out, level, 1);
    put_number(out, id, 4);
    put_number(out, (guint32)len, 4);
    g_byte_array_append(out, bytes, (guint)len);
    put_number(out, 0, 2);
}

/* A list of one property of variable length, padded to four. */
static GByteArray *
property(guint type, guint id, const char *bytes, gsize len)
{
    GByteArray *out = g_byte_array_new();
    put_number(out, 1, 4);
    put_number(out, type, 2);
    put_number(out, id, 2);
    put_number(out, 1, 4);
    put_number(out, (guint32)len, 4);
    g_byte_array_append(out, (const guint8 *)bytes, (guint)len);
    put_number(out, 0, (guint)(4 - len % 4) % 4);
    return out;
}

static GByteArray *
tnef_new(void)
{
    GByteArray *out = g_byte_array_new();
    put_number(out, 0x223e9f78, 4);
    put_number(out, 1, 2);
    put_attribute(out, 1, 0x69007, "\xa8\x03\0\0\0\0\0\0", 8); /* code page 936 */
    return out;
}

static void
put_file(GByteArray *tnef, const char *content, GByteArray *name)
{
    put_attribute(tnef, 2, 0x69002, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 14);
    put_attribute(tnef, 2, 0x6800f, content, strlen(content));
    if (name)
        put_attribute(tnef, 2, 0x69005, name->data, name->len);
    put_attribute(tnef, 2, 0x18010, "SHORT~1.TXT", 12);
}

static char *
winmail(const GByteArray *tnef, const char *type)
{
    g_autofree char *base64 = g_base64_encode(tnef->data, tnef->len);
    return g_strdup_printf(
        "%sContent-Type: %s; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\n%s\r\n", HEAD, type,
        base64);
}

START_TEST(test_P09_winmail_is_opened)
{
    g_autoptr(GByteArray) tnef = tnef_new();
    g_autoptr(GByteArray) body = property(0x1e, 0x1000, "\xd6\xd0\xce\xc4", 5);
    g_autoptr(GByteArray) name = property(0x1f, 0x3707, "\xa5\x62\xf7\x4e.\0p\0d\0f\0\0\0", 14);
    put_attribute(tnef, 1, 0x69003, body->data, body->len);
    put_file(tnef, "one", name);
    put_file(tnef, "two", NULL);
    g_autofree char *raw = winmail(tnef, "application/ms-tnef");
    g_autoptr(mail_t) mail = suite_parse_text(raw);
    g_autofree char *files = show_files(raw, strlen(raw), mail);
    ck_assert_str_eq(strchr(files, '\n') + 1, "报价.pdf: one\nSHORT~1.TXT: two\n");
    ck_assert_str_eq(suite_attachment(mail, 0)->name, "winmail.dat");
    ck_assert_str_eq(g_strchomp(mail->body_text), "中文");
    ck_assert_uint_eq(mail->problems->len, 0);
}
END_TEST

START_TEST(test_winmail_within_winmail)
{
    g_autoptr(GByteArray) inner = tnef_new();
    put_file(inner, "deep", NULL);
    g_autoptr(GByteArray) object = g_byte_array_new();
    g_byte_array_append(object, (const guint8 *)"0123456789abcdef", 16);
    g_byte_array_append(object, inner->data, inner->len);
    g_autoptr(GByteArray) data = property(0x0d, 0x3701, (const char *)object->data, object->len);
    g_autoptr(GByteArray) tnef = tnef_new();
    put_file(tnef, "a note for old readers", data);
    g_autofree char *raw = winmail(tnef, "application/octet-stream");
    g_autoptr(mail_t) mail = suite_parse_text(raw);
    g_autofree char *files = show_files(raw, strlen(raw), mail);
    ck_assert_msg(g_str_has_suffix(files, "SHORT~1.TXT: deep\n"), "%s", files);
    ck_assert_uint_eq(mail->attachments->len, 3);
}
END_TEST

/* Cut off at every byte, and with every length field too large: what is left is read, nothing beyond it. */
START_TEST(test_P09_damaged_winmail)
{
    g_autoptr(GByteArray) tnef = tnef_new();
    g_autoptr(GByteArray) name = property(0x1f, 0x3707, "a\0", 2);
    put_file(tnef, "one", name);
    for (guint len = 0; len < tnef->len; len++) {
        g_autoptr(GByteArray) part = g_byte_array_append(g_byte_array_new(), tnef->data, len);
        g_autofree char *cut = winmail(part, "application/ms-tnef");
        g_autoptr(mail_t) mail = suite_parse_text(cut);
        g_autofree char *files = show_files(cut, strlen(cut), mail);
        ck_assert_msg(g_str_has_prefix(files, "winmail.dat: "), "%u: %s", len, files);
    }
    for (guint at = 0; at + 4 <= tnef->len; at++) {
        g_autoptr(GByteArray) wild = g_byte_array_append(g_byte_array_new(), tnef->data, tnef->len);
        memset(wild->data + at, 0xff, 4);
        g_autofree char *raw = winmail(wild, "application/ms-tnef");
        g_autoptr(mail_t) mail = suite_parse_text(raw);
        ck_assert_msg(mail->attachments->len >= 1, "%u", at);
    }
    g_autofree char *none = winmail(name, "application/ms-tnef");
    g_autoptr(mail_t) mail = suite_parse_text(none);
    ck_assert(suite_has_problem(mail, "winmail.dat cannot be read"));
}
END_TEST

/* ---- S/MIME */

/* Signed by a throwaway key, DER and as openssl streams it (BER without lengths). */
static const char *const signed_mails[] = {
    "MIIBgQYJKoZIhvcNAQcCoIIBcjCCAW4CAQExDTALBglghkgBZQMEAgEwgccGCSqGSIb3DQEHAaCB\r\n"
    "uQSBtkNvbnRlbnQtVHlwZTogbXVsdGlwYXJ0L21peGVkOyBib3VuZGFyeT1pDQoNCi0taQ0KQ29u\r\n"
    "dGVudC1UeXBlOiB0ZXh0L3BsYWluOyBjaGFyc2V0PXV0Zi04DQoNCnRoZSBzaWduZWQgd29yZHMN\r\n"
    "Ci0taQ0KQ29udGVudC1UeXBlOiBhcHBsaWNhdGlvbi9wZGY7IG5hbWU9aW5uZXIucGRmDQoNCiVQ\r\n"
    "REYtMS40DQotLWktLQ0KMYGPMIGMAgEBMCQwDDEKMAgGA1UEAwwBeAIUZzsueRqCJv2lF0w7jjiG\r\n"
    "DPFKff4wCwYJYIZIAWUDBAIBMAoGCCqGSM49BAMCBEgwRgIhAJ5729ZGkbHLEPYDoULdfI9xquvC\r\n"
    "tXIs4n42ZbfxQA4AAiEAxBBQz7NHN2QMYJ8QckZKRQYvonD5b+SOxeYv/44Hi4I=\r\n",
    "MIAGCSqGSIb3DQEHAqCAMIACAQExDTALBglghkgBZQMEAgEwgAYJKoZIhvcNAQcBoIAkgASBtkNv\r\n"
    "bnRlbnQtVHlwZTogbXVsdGlwYXJ0L21peGVkOyBib3VuZGFyeT1pDQoNCi0taQ0KQ29udGVudC1U\r\n"
    "eXBlOiB0ZXh0L3BsYWluOyBjaGFyc2V0PXV0Zi04DQoNCnRoZSBzaWduZWQgd29yZHMNCi0taQ0K\r\n"
    "Q29udGVudC1UeXBlOiBhcHBsaWNhdGlvbi9wZGY7IG5hbWU9aW5uZXIucGRmDQoNCiVQREYtMS40\r\n"
    "DQotLWktLQ0KAAAAAAAAMYGNMIGKAgEBMCQwDDEKMAgGA1UEAwwBeAIUZzsueRqCJv2lF0w7jjiG\r\n"
    "DPFKff4wCwYJYIZIAWUDBAIBMAoGCCqGSM49BAMCBEYwRAIgZIb55q6E+0cVA9TLZrLQfHECDosT\r\n"
    "3dJNyZYhQ21MTV0CIDLXPt7WW0Xff7+ulLC0q3ek3xGL1e5MztlrBveQZ7pHAAAAAAAA\r\n",
};

static const char enveloped[] =
    "MIIBEAYJKoZIhvcNAQcDoIIBATCB/gIBAjGBy6GByAIBA6BRoU8wCQYHKoZIzj0CAQNCAATVBdwx\r\n"
    "M62MqKQ1SIXqrpqnRXlarXczJHmBSqeAVP1SS6vPIyi3p2Jmp1PMbjCddydsUj6bg+rCoeCYK57Z\r\n"
    "Fh5VMBwGCSuBBRCGSD8AAjAPBgsqhkiG9w0BCRADBgUAMFIwUDAkMAwxCjAIBgNVBAMMAXgCFGc7\r\n"
    "Lnkagib9pRdMO444hgzxSn3+BCgT7EwUkkdAMIHyVaF2cReKxMEeJJJH9FJNUKWvsFESttvjGovL\r\n"
    "oPx8MCsGCSqGSIb3DQEHATAUBggqhkiG9w0DBwQIHPvEYRv6MtOACP7n6h6+QrdP\r\n";

#define SMIME                                                                                                \
    "Content-Type: application/pkcs7-mime; name=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\n"

START_TEST(test_C11_opaquely_signed_mail_is_read)
{
    g_autofree char *raw = g_strconcat(HEAD SMIME, signed_mails[_i], NULL);
    g_autoptr(mail_t) mail = suite_parse_text(raw);
    ck_assert_str_eq(g_strchomp(mail->body_text), "the signed words");
    ck_assert_uint_eq(mail->attachments->len, 2);
    ck_assert_str_eq(suite_attachment(mail, 0)->name, "smime.p7m");
    ck_assert_str_eq(suite_attachment(mail, 1)->name, "inner.pdf");
    g_autoptr(GBytes) content = mime_part(raw, strlen(raw), suite_attachment(mail, 1)->part, NULL);
    ck_assert_int_eq(memcmp(g_bytes_get_data(content, NULL), "%PDF-1.4", 8), 0);
    ck_assert_uint_eq(mail->problems->len, 0);
}
END_TEST

/* The wrapper attack: what is signed stands in a file beside other words. */
START_TEST(test_C11_signed_mail_in_a_file_is_a_file)
{
    g_autofree char *raw =
        g_strconcat(HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nother words\r\n"
                         "--b\r\n" SMIME,
                    signed_mails[_i], "--b--\r\n", NULL);
    g_autoptr(mail_t) mail = suite_parse_text(raw);
    ck_assert_str_eq(g_strchomp(mail->body_text), "other words");
    ck_assert_uint_eq(mail->attachments->len, 1);
}
END_TEST

static const struct {
    const char *label, *raw, *problem;
    guint files;
} closed[] = {
    {"C11: PGP/MIME",
     HEAD "Content-Type: multipart/encrypted; boundary=a\n\n--a\nContent-Type: "
          "application/pgp-encrypted\n\nVersion: "
          "1\n--a\nContent-Type: application/octet-stream\n\nx\n--a--\n",
     "encrypted mail", 2},
    {"C11: PGP in text", HEAD "\n-----BEGIN PGP MESSAGE-----\n\nabc=\n-----END PGP MESSAGE-----\n",
     "encrypted mail", 0},
    {"C11: S/MIME that says so",
     HEAD "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: application/pkcs7-mime; "
          "smime-type=enveloped-data\n\nx\n--b--\n",
     "encrypted mail", 1},
    {"P09: external-body",
     HEAD
     "Content-Type: message/external-body; access-type=URL; url=\"http://127.0.0.1:1/\"\n\nContent-Type: "
     "text/plain\n",
     "elsewhere and was not fetched", 1},
    {"P09: partial", HEAD "Content-Type: message/partial; number=2; total=3; id=a\n\nx\n", "not joined", 1},
};

START_TEST(test_C11_P09_what_stays_closed_is_said)
{
    g_autoptr(mail_t) mail = suite_parse_text(closed[_i].raw);
    ck_assert_msg(suite_has_problem(mail, closed[_i].problem), "%s", closed[_i].label);
    ck_assert_msg(mail->attachments->len == closed[_i].files, "%s: %u files", closed[_i].label,
                  mail->attachments->len);
}
END_TEST

START_TEST(test_C11_enveloped_mail_is_said)
{
    g_autofree char *raw = g_strconcat(HEAD SMIME, enveloped, NULL);
    g_autoptr(mail_t) mail = suite_parse_text(raw);
    ck_assert_str_eq(mail->body_text, "");
    ck_assert(suite_has_problem(mail, "encrypted mail"));
    ck_assert_uint_eq(mail->attachments->len, 1);
}
END_TEST

/* ---- calendar */

#define CALENDAR "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\n"
#define EVENT    "BEGIN:VEVENT\r\nSUMMARY:Fair\r\n"
#define CLOSE    "END:VEVENT\r\nEND:VCALENDAR\r\n"

static const struct {
    const char *label, *ics, *want;
} events[] = {
    {"in a zone",
     CALENDAR
     "BEGIN:VTIMEZONE\r\nTZID:Asia/Shanghai\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nEND:STANDARD\r\n"
     "END:VTIMEZONE\r\nBEGIN:VEVENT\r\nDTSTART;TZID=Asia/Shanghai:20261005T100000\r\nDTEND;TZID=Asia/"
     "Shanghai:"
     "20261005T113000\r\nSUMMARY:Quality\\, packing\r\nLOCATION:Hall 3\\nYiwu\r\nORGANIZER;CN=\"Li: "
     "Lei\":MAILTO:"
     "li@x.example\r\n" CLOSE,
     "Invitation / 邀请: Quality, packing\nWhen / 时间: 2026-10-05 10:00 – 11:30 (Asia/Shanghai)\nWhere / "
     "地点: Hall 3 "
     "Yiwu\nOrganizer / 组织者: Li: Lei <li@x.example>\n"},
    {"UTC over midnight", CALENDAR EVENT "DTSTART:20261005T230000Z\r\nDTEND:20261006T010000Z\r\n" CLOSE,
     "Invitation / 邀请: Fair\nWhen / 时间: 2026-10-05 23:00 – 2026-10-06 01:00 (UTC)\n"},
    {"whole days", CALENDAR EVENT "DTSTART;VALUE=DATE:20261005\r\nDTEND;VALUE=DATE:20261008\r\n" CLOSE,
     "Invitation / 邀请: Fair\nWhen / 时间: 2026-10-05 – 2026-10-07\n"},
    {"one day", CALENDAR EVENT "DTSTART;VALUE=DATE:20261231\r\nDTEND;VALUE=DATE:20270101\r\n" CLOSE,
     "Invitation / 邀请: Fair\nWhen / 时间: 2026-12-31\n"},
    {"X05: folded within a character",
     CALENDAR "BEGIN:VEVENT\r\nSUMMARY:\xe5\xb1\r\n \x95\xe4\xbc\x9a\r\n" CLOSE, "Invitation / 邀请: 展会\n"},
    {"X05: a rule without end is a line", CALENDAR EVENT "RRULE:FREQ=SECONDLY\r\n" CLOSE,
     "Invitation / 邀请: Fair\nRepeats / 重复: FREQ=SECONDLY\n"},
    {"X05: year 9999", CALENDAR EVENT "DTSTART:99991231T235959Z\r\n" CLOSE,
     "Invitation / 邀请: Fair\nWhen / 时间: 9999-12-31 23:59 (UTC)\n"},
    {"X05: an alarm within",
     CALENDAR EVENT
     "BEGIN:VALARM\r\nSUMMARY:wrong\r\nBEGIN:VALARM\r\nLOCATION:wrong\r\nEND:VALARM\r\nEND:VALARM\r\n"
     "LOCATION:here\r\n" CLOSE,
     "Invitation / 邀请: Fair\nWhere / 地点: here\n"},
    {"X06: the method inside counts, and only for the word",
     "BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\n" EVENT CLOSE, "Cancelled / 已取消: Fair\n"},
    {"no date", CALENDAR EVENT "DTSTART:tomorrow\r\nDTEND:x\r\n" CLOSE,
     "Invitation / 邀请: Fair\nWhen / 时间: tomorrow – x\n"},
    {"the second event is not shown", CALENDAR EVENT CLOSE EVENT "LOCATION:there\r\n" CLOSE,
     "Invitation / 邀请: Fair\n"},
    {"C03: no line begins with the sender's words", CALENDAR "BEGIN:VEVENT\r\nSUMMARY:a\\n!close\r\n" CLOSE,
     "Invitation / 邀请: a !close\n"},
    {"nothing in it", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", ""},
    {"no calendar", "hello", ""},
};

START_TEST(test_X05_invitation_in_words)
{
    g_autofree char *raw = g_strconcat(
        HEAD "Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\nsee you\r\n--b\r\n"
             "Content-Type: text/calendar; charset=utf-8\r\n\r\n",
        events[_i].ics, "--b--\r\n", NULL);
    g_autoptr(mail_t) mail = suite_parse_text(raw);
    g_autofree char *want = g_strconcat("see you", *events[_i].want ? "\n\n" : "", events[_i].want, NULL);
    ck_assert_msg(strcmp(g_strchomp(mail->body_text), g_strchomp(want)) == 0, "%s: got \"%s\"",
                  events[_i].label, mail->body_text);
    ck_assert_msg(strcmp(g_strchomp(mail->reply_text), want) == 0, "%s: reply \"%s\"", events[_i].label,
                  mail->reply_text);
    ck_assert_str_eq(suite_attachment(mail, 0)->name, "attachment.ics");
}
END_TEST

START_TEST(test_X05_calendar_bombs)
{
    static const struct {
        const char *head, *piece;
        guint times;
        const char *tail;
    } bombs[] = {{CALENDAR EVENT "EXDATE:20260101T000000Z", ",20260101T000000Z", 1000000, "\r\n" CLOSE},
                 {CALENDAR EVENT, "EXDATE:20260101T000000Z\r\n", 1000000, CLOSE},
                 {CALENDAR "BEGIN:VTIMEZONE\r\n", "BEGIN:STANDARD\r\nRRULE:FREQ=YEARLY\r\nEND:STANDARD\r\n",
                  100000, "END:VTIMEZONE\r\n" EVENT CLOSE},
                 {CALENDAR, "BEGIN:VALARM\r\n", 500000, EVENT CLOSE},
                 {CALENDAR EVENT "ATTACH;ENCODING=BASE64;VALUE=BINARY:", "AAAAAAAAAAAAAAAAAAAA\r\n ", 900000,
                  "\r\n" CLOSE}};
    g_autoptr(GString) raw = g_string_new(HEAD "Content-Type: text/calendar\r\n\r\n");
    g_string_append(raw, bombs[_i].head);
    for (guint i = 0; i < bombs[_i].times; i++)
        g_string_append(raw, bombs[_i].piece);
    g_string_append(raw, bombs[_i].tail);
    g_autoptr(mail_t) mail = suite_parse(raw->str, raw->len);
    ck_assert_msg(g_str_has_prefix(mail->body_text, "Invitation / 邀请: Fair"), "%.100s", mail->body_text);
    ck_assert_msg(strlen(mail->body_text) < 1000, "%zu bytes of words", strlen(mail->body_text));
}
END_TEST

TCase *
contents_case(void)
{
    TCase *tcase = tcase_create("contents");
    tcase_add_unchecked_fixture(tcase, mime_open, mime_close);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, test_P07_contents_of_text, 0, G_N_ELEMENTS(texts));
    tcase_add_test(tcase, test_P09_winmail_is_opened);
    tcase_add_test(tcase, test_winmail_within_winmail);
    tcase_add_test(tcase, test_P09_damaged_winmail);
    tcase_add_loop_test(tcase, test_C11_opaquely_signed_mail_is_read, 0, G_N_ELEMENTS(signed_mails));
    tcase_add_loop_test(tcase, test_C11_signed_mail_in_a_file_is_a_file, 0, G_N_ELEMENTS(signed_mails));
    tcase_add_loop_test(tcase, test_C11_P09_what_stays_closed_is_said, 0, G_N_ELEMENTS(closed));
    tcase_add_test(tcase, test_C11_enveloped_mail_is_said);
    tcase_add_loop_test(tcase, test_X05_invitation_in_words, 0, G_N_ELEMENTS(events));
    tcase_add_loop_test(tcase, test_X05_calendar_bombs, 0, 5);
    return tcase;
}
