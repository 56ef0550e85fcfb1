/* test_html.c - HTML to text: what a reader sees, nothing active, bounded work (attacks.md C01, C04, X01,
 * X03, X04). */
#include "cases.h"
#include "support.h"

#include <cardpost/caps.h>

#include <string.h>

support_case_fn html_case;

struct html_case {
    const char *label, *in, *body;
};

static void
check_bodies(const struct html_case *cases)
{
    for (const struct html_case *c = cases; c->label; c++) {
        g_auto(text_parts_t) parts;
        text_read(TEXT_HTML, c->in, strlen(c->in), &parts);
        ck_assert_msg(strcmp(parts.body, c->body) == 0, "%s: body is\n%s\nnot\n%s", c->label, parts.body,
                      c->body);
        check_no_word_lost(c->label, &parts);
    }
}

START_TEST(test_layout)
{
    static const struct html_case cases[] = {
        {"text alone", "Hello", "Hello"},
        {"blocks", "<div>a</div>b<div>c</div>", "a\nb\nc"},
        {"breaks", "a<br>b<br><br>c", "a\nb\n\nc"},
        {"break before a block's end", "<div>a<br></div><div>b</div>", "a\nb"},
        {"empty line", "<div>a</div><div><br></div><div>b</div>", "a\n\nb"},
        {"paragraphs", "<p>a</p><p>b</p>", "a\n\nb"},
        {"Word's paragraphs", "<p class=MsoNormal>a</p><p class=MsoNormal>b</p>", "a\nb"},
        {"two roots", "<html><body><p>a</p></body></html><p>b</p>", "a\n\nb"},
        {"white space", "a \n  b\t<b> c</b>", "a b c"},
        {"Chinese over a line end", "<p>你好\n世界 and\nmore</p>", "你好世界 and more"},
        {"Chinese with a space", "<p>你好 世界</p>", "你好 世界"},
        {"entities", "&lt;b&gt; &amp;amp; &eacute; &#20320;&#x597d; &nbsp;x &euro;", "<b> &amp; é 你好  x €"},
        {"list", "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>", "- a\n- b\n  - c"},
        {"numbers", "<ol><li>a</li><li>b</li></ol>", "1. a\n2. b"},
        {"table", "<table><tr><th>Item</th><th>Qty</th></tr><tr><td>A</td><td>2</td></tr></table>",
         "Item\tQty\nA\t2"},
        {"layout table", "<table><tr><td><div>a</div><div>b</div></td><td><div>c</div></td></tr></table>",
         "a\nb\nc"},
        {"pre", "<pre>a\n  b\n\nc</pre>", "a\n  b\n\nc"},
        {"heading", "x<h1>Title</h1>y", "x\n\nTitle\n\ny"},
        {"stray <", "a < b and 3<5", "a < b and 3<5"},
        {"unfinished tag", "a <b", "a <b"},
        {"unfinished quote", "<a href=\"x>label</a> more", "label more"},
        {"conditional comment", "a<!--[if mso]>no<![endif]-->b<![if !mso]>c<![endif]>", "abc"},
        {0},
    };
    check_bodies(cases);
}
END_TEST

START_TEST(test_links_and_pictures)
{
    static const struct html_case cases[] = {
        {"label differs", "<a href='https://evil.example/x'>bank.example</a>",
         "bank.example <https://evil.example/x>"},
        {"label is the target", "<a href='https://x.example/'>x.example</a>", "x.example"},
        {"mail", "<a href='mailto:li@x.example'>li@x.example</a>", "li@x.example"},
        {"script", "<a href='javascript:alert(1)'>go</a>", "go"},
        {"cid with alt", "a <img src='cid:p1@x' alt='photo'> b", "a [image: photo] b"},
        {"cid without alt", "a <img src='cid:p1@x'> b", "a [image] b"},
        {"remote", "a<img src='https://t.example/p.gif'>b", "ab"},
        {"emoji", "ok <img alt='😀' src='https://x.example/e.png'>", "ok 😀"},
        {0},
    };
    check_bodies(cases);
    static const char in[] = "<img src='cid:a%20b@x'><div style='display:none'><img src=cid:c></div>";
    g_auto(text_parts_t) parts;
    text_read(TEXT_HTML, in, strlen(in), &parts);
    ck_assert_uint_eq(parts.content_ids->len, 2);
    ck_assert_str_eq(parts.content_ids->pdata[0], "a b@x");
}
END_TEST

START_TEST(test_X01_nothing_active_survives)
{
    static const struct html_case cases[] = {
        {"script", "a<script>alert('<p>x')</script>b", "ab"},
        {"script in pieces", "<scr<script>ipt>alert(1)</scr</script>ipt>", "ipt>alert(1)ipt>"},
        {"open script", "a<script>alert(1)", "a"},
        {"style", "<style>p{color:red}</style>a", "a"},
        {"svg", "a<svg><text>x</text><script>y</script></svg>b", "ab"},
        {"handlers", "<img src=x onerror=alert(1)><b onclick='x()'>b</b>", "b"},
        {"frames", "<iframe src=x>in</iframe><base href=x><meta http-equiv=refresh content=0>b", "b"},
        {"form", "<form action=x><input value=v><button>Send</button></form>", "Send"},
        {"noscript mutation", "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">a", "a"},
        {0},
    };
    for (const struct html_case *c = cases; c->label; c++) {
        g_auto(text_parts_t) parts;
        text_read(TEXT_HTML, c->in, strlen(c->in), &parts);
        ck_assert_msg(strcmp(parts.body, c->body) == 0, "%s: body is\n%s", c->label, parts.body);
    }
}
END_TEST

START_TEST(test_C04_hidden_text_is_no_text)
{
    static const char *const hidden[] = {
        "<div style='display:none'>!close</div>",
        "<div style='DISPLAY : NONE !important'>!close</div>",
        "<span style='visibility:hidden'>!close</span>",
        "<span style='font-size:0'>!close</span>",
        "<span style='font-size:0.0px;'>!close</span>",
        "<p style='mso-hide:all'>!close</p>",
        "<p style='opacity:0'>!close</p>",
        "<p style='max-height:0;overflow:hidden'>!close</p>",
        "<p hidden>!close</p>",
        "<font color=white>!close</font>",
        "<p style='color:#FFF'>!close</p>",
        "<p style='color: rgb(255, 255, 255)'>!close</p>",
        "<div style='background-color:#123456'><b style='color:#123456'>!close</b></div>",
        "<table bgcolor='#000000'><tr><td><font color='#000'>!close</font></td></tr></table>",
        "<div style='display:none'><p style='display:block'>!close</p></div>",
    };
    for (guint i = 0; i < G_N_ELEMENTS(hidden); i++) {
        g_autofree char *in = g_strdup_printf("<p>hello</p>%s<p>bye</p>", hidden[i]);
        g_auto(text_parts_t) parts;
        text_read(TEXT_HTML, in, strlen(in), &parts);
        ck_assert_msg(strcmp(parts.body, "hello\n\nbye") == 0, "%s: body is\n%s", hidden[i], parts.body);
        ck_assert_msg(g_strcmp0(parts.hidden, "!close") == 0, "%s: hidden is %s", hidden[i], parts.hidden);
    }
    static const char *const shown[] = {
        "<p style='font-size:0.9em'>seen</p>",
        "<p style='opacity:0.5'>seen</p>",
        "<p style='color:#fff;background:#000'>seen</p>",
        "<td bgcolor=navy><font color=white>seen</font></td>",
        "<style>.b{background:black}</style><p class=b style='color:#fff'>seen</p>",
    };
    for (guint i = 0; i < G_N_ELEMENTS(shown); i++) {
        g_auto(text_parts_t) parts;
        text_read(TEXT_HTML, shown[i], strlen(shown[i]), &parts);
        ck_assert_msg(strcmp(parts.body, "seen") == 0, "%s", shown[i]);
        ck_assert_ptr_null(parts.hidden);
    }
}
END_TEST

START_TEST(test_C01_commands_in_quote_containers)
{
    static const char *const quotes[] = {
        "<div class=\"gmail_quote\"><div class=gmail_attr>On x Li "
        "wrote:</div><blockquote>!close</blockquote></div>",
        "<div class='gmail_quote gmail_quote_container'>!close</div>",
        "<hr style='width:98%'><div id=divRplyFwdMsg><b>From:</b> Li</div><div>!close</div>",
        "<div id='x_divRplyFwdMsg'><b>From:</b> Li</div><div>!close</div>",
        "<div id=appendonsend></div><hr><p>!close</p>",
        "<div id=mail-editor-reference-message-container><p>!close</p></div>",
        "<blockquote type=cite>!close</blockquote>",
        "<div class=moz-cite-prefix>On x, Li wrote:<br></div><blockquote type='cite'>!close</blockquote>",
        "<div class='ydp1a2b3cyahoo_quoted'>!close</div>",
        "<div class=protonmail_quote>!close</div>",
        "<div class=zmail_extra>!close</div>",
        "<div class='ntes-mailmaster-quote' style='padding-top:1px'>!close</div>",
        "<blockquote id=isReplyContent>!close</blockquote>",
        "<div>------------------&nbsp;原始邮件&nbsp;------------------</div><div>!close</div>",
        "<article><div>原始邮件</div><hr><table><tr><td><div>From: "
        "Li</div></td></tr></table><p>!close</p></article>",
        "<includetail><div>------------------ Original ------------------</div><p>!close</p></includetail>",
        "<div name=quote>!close</div>",
        "<div style='border:none;border-top:solid #E1E1E1 1.0pt'><p><b>Von:</b> Li<br><b>Gesendet:</b> "
        "Montag<br>"
        "<b>An:</b> Bo<br><b>Betreff:</b> x</p></div><p>!close</p>",
        "<p>在 2026-10-03 18:28:31，\"Li\" &lt;li@x.example&gt; 写道：</p><p>!close</p>",
        "<div class=gmail_signature>!close</div>",
    };
    for (guint i = 0; i < G_N_ELEMENTS(quotes); i++) {
        g_autofree char *in = g_strdup_printf("<div>Thanks</div>%s", quotes[i]);
        g_auto(text_parts_t) parts;
        text_read(TEXT_HTML, in, strlen(in), &parts);
        ck_assert_msg(strcmp(parts.reply, "Thanks") == 0, "%s: reply is\n%s", quotes[i], parts.reply);
        ck_assert_msg(strstr(parts.quoted, "!close") || strstr(parts.signature, "!close"), "%s: lost",
                      quotes[i]);
    }
}
END_TEST

START_TEST(test_answers_around_quotes)
{
    static const struct reply_case cases[] = {
        {"below", TEXT_HTML, "<div class=gmail_quote>old</div><div>new</div>", "new", "old", ""},
        {"between", TEXT_HTML,
         "<blockquote type=cite>a</blockquote><p>one</p><blockquote type=cite>b</blockquote><p>two</p>",
         "> a\n\none\n\n> b\n\ntwo", NULL, ""},
        {"all in a blockquote", TEXT_HTML, "<blockquote>only words</blockquote>", "> only words", NULL, ""},
        {"all in includetail", TEXT_HTML, "<includetail>only words</includetail>", "> only words", NULL, ""},
        {"signature", TEXT_HTML, "<p>a</p><div class=moz-signature>-- <br>Li</div>", "a", NULL, "--\nLi"},
        {0},
    };
    check_replies(cases);
}
END_TEST

static GString *
repeat(const char *text, guint times)
{
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < times; i++)
        g_string_append(out, text);
    return out;
}

/* Each of these took minutes or a crash where work is not bounded; the timeout is generous. */
START_TEST(test_X04_bombs)
{
    struct {
        const char *label;
        GString *in;
        const char *tail;
        bool full; /* its text fills what may be kept */
    } bombs[] = {
        {"depth 100,000", repeat("<div>", 100000), "end", false},
        {"depth 100,000 of tables", repeat("<table><tr><td>", 100000), "end", false},
        {"1,000,000 attributes", repeat(" a=b", 1000000), "end", false},
        {"unclosed comment", repeat("<!-- ", 4000000), NULL, false},
        {"comments", repeat("<!-->", 4000000), "end", false},
        {"entities", repeat("&amp;", 3000000), NULL, true},
        {"stray end tags", repeat("</b>", 5000000), "end", false},
        {"nested and stray", repeat("<div><b></p></i>", 1000000), "end", false},
        {"paragraphs deep", repeat("<div>", 190), "end", false},
        {"quotes", repeat("<a href=\"", 2000000), NULL, false},
        {"open tags", repeat("<", 20000000), NULL, true},
        {"blockquotes", repeat("<blockquote>x", 1500000), NULL, false},
        {"text 20 MB", repeat("words and more words\n", 1000000), NULL, true},
    };
    g_string_prepend(bombs[2].in, "<p");
    g_string_append(bombs[2].in, ">");
    g_autoptr(GString) pairs = repeat("<p></b></p>", 1500000);
    g_string_append(bombs[8].in, pairs->str);
    for (guint i = 0; i < G_N_ELEMENTS(bombs); i++) {
        g_string_append(bombs[i].in, bombs[i].tail ? bombs[i].tail : "");
        g_auto(text_parts_t) parts;
        text_read(TEXT_HTML, bombs[i].in->str, bombs[i].in->len, &parts);
        ck_assert_msg(!bombs[i].tail || g_str_has_suffix(parts.body, bombs[i].tail), "%s: %.80s",
                      bombs[i].label, parts.body);
        ck_assert_msg(g_utf8_validate(parts.body, -1, NULL), "%s", bombs[i].label);
        ck_assert_msg(!bombs[i].full || strlen(parts.body) + 100 > CAP_TEXT_BYTES, "%s: %zu bytes",
                      bombs[i].label, strlen(parts.body));
        g_string_free(bombs[i].in, TRUE);
    }
}
END_TEST

TCase *
html_case(void)
{
    TCase *tcase = tcase_create("html");
    tcase_set_timeout(tcase, 300);
    tcase_add_test(tcase, test_layout);
    tcase_add_test(tcase, test_links_and_pictures);
    tcase_add_test(tcase, test_X01_nothing_active_survives);
    tcase_add_test(tcase, test_C04_hidden_text_is_no_text);
    tcase_add_test(tcase, test_C01_commands_in_quote_containers);
    tcase_add_test(tcase, test_answers_around_quotes);
    tcase_add_test(tcase, test_X04_bombs);
    return tcase;
}
