/* test_html_forms.c - lists, tables, links, pictures, lines and hidden text of HTML, as mail programs of
 * several countries write them (attacks.md X02, X03, C04). */
#include "cases.h"
#include "support.h"

#include <string.h>

support_case_fn html_forms_case;

struct form {
    const char *label, *in, *body;
};

static void
check_forms(const struct form *forms)
{
    for (const struct form *f = forms; f->label; f++) {
        g_auto(text_parts_t) parts;
        text_read(TEXT_HTML, f->in, strlen(f->in), &parts);
        ck_assert_msg(strcmp(parts.body, f->body) == 0, "%s: body is\n%s\nnot\n%s", f->label, parts.body,
                      f->body);
        check_no_word_lost(f->label, &parts);
    }
}

START_TEST(test_lists)
{
    static const struct form forms[] = {
        {"paragraph in an item", "<ul><li><p>eins</p></li></ul>", "- eins"},
        {"block in an item", "<ul><li><div>一</div></li><li><div>二</div></li></ul>", "- 一\n- 二"},
        {"goes on", "<ul><li>uno<br>dos</li></ul>", "- uno\n  dos"},
        {"start", "<ol start=3><li>c</li><li>d</li></ol>", "3. c\n4. d"},
        {"start below one", "<ol start='-1'><li>a</li><li>b</li></ol>", "-1. a\n0. b"},
        {"start that is none", "<ol start=x><li>a</li></ol>", "0. a"},
        {"value", "<ol><li value=7>a</li><li>b</li></ol>", "7. a\n8. b"},
        {"letters", "<ol type=a><li>x</li><li>y</li></ol>", "a. x\nb. y"},
        {"capitals past Z", "<ol type=A start=26><li>x</li><li>y</li></ol>", "Z. x\n27. y"},
        {"nested", "<ol><li>a<ul><li>b<ol><li>c</li></ol></li></ul></li><li>d</li></ol>",
         "1. a\n  - b\n    1. c\n2. d"},
        {"nested, not in an item", "<ul><li>a</li><ul><li>b</li></ul><li>c</li></ul>", "- a\n  - b\n- c"},
        {"items not ended", "<ul><li>a<li>b</ul>c", "- a\n- b\nc"},
        {"empty item", "<ul><li></li><li>b</li></ul>", "- b"},
        {"item alone", "<li>a</li>", "- a"},
        {"Word's own marks", "<p class=MsoListParagraph><span>1.<span>&nbsp; </span></span>a</p>", "1.  a"},
        {"terms", "<dl><dt>Größe</dt><dd>M8</dd></dl>", "Größe\nM8"},
        {0},
    };
    check_forms(forms);
}
END_TEST

START_TEST(test_tables)
{
    static const struct form forms[] = {
        {"cells of paragraphs",
         "<table><tr><td><p>品名</p></td><td><p>数量</p></td></tr><tr><td><p>螺栓</p></td>"
         "<td><p>200</p></td></tr></table>",
         "品名\t数量\n螺栓\t200"},
        {"Word",
         "<table class=MsoTableGrid><tr><td><p class=MsoNormal>Menge<o:p></o:p></p></td><td><p "
         "class=MsoNormal>5<o:p></o:p></p></td></tr></table>",
         "Menge\t5"},
        {"text around", "<p>a</p><table><tr><td>b</td><td>c</td></tr></table><p>d</p>", "a\n\nb\tc\n\nd"},
        {"empty cell of data", "<table border=1><tr><td>a</td><td></td><td>c</td></tr></table>", "a\t\tc"},
        {"empty cell of a heading's table",
         "<table><tr><th>a</th><th>b</th></tr><tr><td></td><td>x</td></tr></table>", "a\tb\n\tx"},
        {"spacers of a layout", "<table><tr><td width=24></td><td>a</td><td></td><td>b</td></tr></table>",
         "a\tb"},
        {"one cell", "<table><tr><td><p>a</p><p>b</p></td></tr></table>", "a\n\nb"},
        {"columns of a layout", "<table><tr><td>x<br>y</td><td>z</td></tr></table>", "x\ny\nz"},
        {"table in a table",
         "<table><tr><td><table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table></td></"
         "tr></table>",
         "a\tb\nc\td"},
        {"bullets in cells", "<table><tr><td>•</td><td>Karim</td></tr></table>", "• Karim"},
        {"rows not ended", "<table><tr><td>a<td>b<tr><td>c<td>d</table>", "a\tb\nc\td"},
        {"cells without a row", "<td>a</td><td>b</td>", "a\nb"},
        {"caption", "<table><caption>Prix</caption><tr><td>a</td><td>b</td></tr></table>", "Prix\na\tb"},
        {0},
    };
    check_forms(forms);
}
END_TEST

START_TEST(test_X03_links)
{
    static const struct form forms[] = {
        {"words", "siehe <a href='https://x.example/plan'>den Plan</a>.",
         "siehe den Plan <https://x.example/plan>."},
        {"lie", "<a href='https://evil.example/'>https://bank.example</a>",
         "https://bank.example <https://evil.example/>"},
        {"user part", "<a href='https://bank.example@evil.example/'>bank.example</a>",
         "bank.example <https://bank.example@evil.example/>"},
        {"punycode", "<a href='https://xn--pple-43d.example'>apple.example</a>",
         "apple.example <https://xn--pple-43d.example>"},
        {"white space before", "<a href=' \thttps://evil.example'>bank.example</a>",
         "bank.example <https://evil.example>"},
        {"line end within", "<a href='https://evil.ex\nample'>bank.example</a>",
         "bank.example <https://evil.example>"},
        {"mail lies", "<a href='mailto:evil@x.example'>li@x.example</a>",
         "li@x.example <mailto:evil@x.example>"},
        {"telephone lies", "<a href='tel:+99'>+49 1</a>", "+49 1 <tel:+99>"},
        {"no scheme", "<a href='//evil.example/x'>bank.example</a>", "bank.example <//evil.example/x>"},
        {"capitals", "<A HREF='HTTPS://X.example/'>x.Example</A>", "x.Example"},
        {"query behind the label", "<a href='https://x.example/a?utm=1'>x.example/a</a>", "x.example/a"},
        {"over two lines", "<a href='https://x.example/b'>下载<br>文件</a>",
         "下载\n文件 <https://x.example/b>"},
        {"a filter before it",
         "<a "
         "href='https://eur01.safelinks.protection.outlook.com/"
         "?url=https%3A%2F%2Fx.example%2Fc&data=1'>hier</a>",
         "hier <https://x.example/c>"},
        {"a filter's name is not the filter",
         "<a "
         "href='https://evil.example/x.safelinks.protection.outlook.com/"
         "?url=https%3A%2F%2Fx.example'>x.example</a>",
         "x.example <https://evil.example/x.safelinks.protection.outlook.com/?url=https%3A%2F%2Fx.example>"},
        {"script behind a filter", "<a href='https://www.google.com/url?q=javascript:alert(1)'>x</a>",
         "x <https://www.google.com/url?q=javascript:alert(1)>"},
        {"script", "<a href='java\nscript:alert(1)'>go</a>", "go"},
        {"data", "<a href='data:text/html,x'>go</a>", "go"},
        {"within the page", "<a href='#top'>up</a>", "up"},
        {"brackets cannot end it", "<a href='https://x.example/&gt; evil'>go</a>",
         "go <https://x.example/%20evil>"},
        {"no label", "<a href='https://x.example'></a>a", "a"},
        {0},
    };
    check_forms(forms);
}
END_TEST

/* The targets of the first links are shown, then only labels: a mail of links cannot grow by them. */
START_TEST(test_X03_many_links)
{
    g_autoptr(GString) in = g_string_new(NULL);
    for (guint i = 0; i < 10000; i++)
        g_string_append_printf(in, "<a href='https://evil.example/%u'>l%u</a> ", i, i);
    g_auto(text_parts_t) parts;
    text_read(TEXT_HTML, in->str, in->len, &parts);
    ck_assert(strstr(parts.body, "l0 <https://evil.example/0> "));
    ck_assert(strstr(parts.body, "l499 <https://evil.example/499>"));
    ck_assert(!strstr(parts.body, "<https://evil.example/500>"));
    ck_assert(g_str_has_suffix(parts.body, " l9999"));
}
END_TEST

START_TEST(test_X02_pictures)
{
    static const struct form forms[] = {
        {"name", "见<img src='cid:a@x' alt='截图'>这里", "见[image: 截图]这里"},
        {"file name of Outlook", "a <img src='cid:image001.png@01DB.5'> b", "a [image: image001.png] b"},
        {"no name", "a <img src='cid:ii_kx0'> b", "a [image] b"},
        {"data", "<img src='data:image/png;base64,AAAA'>", "[image]"},
        {"far away with a name", "<img src='https://x.example/1.jpg' alt='Plan du toit'>",
         "[image: Plan du toit]"},
        {"far away without", "a<img src='https://x.example/1.jpg'>b", "ab"},
        {"tracking pixel", "a<img src='https://t.example/o.gif' alt=x width=1 height=1>b", "ab"},
        {"tracking pixel by style", "a<img src='https://t.example/o' alt=x style='width:0px;height:1px'>b",
         "ab"},
        {"wide is no pixel", "<img src=cid:a alt=x width='100%'>", "[image: x]"},
        {"logo by name", "a<img src='cid:logo.png@1'>b", "ab"},
        {"logo by its text", "a<img src='https://x.example/1' alt='Acme Logo'>b", "ab"},
        {"no logo", "<img src='cid:a' alt='logout button'>", "[image: logout button]"},
        {"in a link", "<a href='https://x.example/p'><img src='https://x.example/i' alt='Details'></a>",
         "[image: Details] <https://x.example/p>"},
        {"in a signature", "a<div class=gmail_signature><img src=cid:b alt=Li>Li</div>", "a\nLi"},
        {"hidden", "a<div style='display:none'><img src=cid:b alt=x></div>", "a"},
        {"other requests",
         "<link rel=prefetch href=https://x.example><body background='https://x.example/b'>"
         "<style>@import 'https://x.example/s'; p{background:url(https://x.example/u)}</style><p>a</p>",
         "a"},
        {0},
    };
    check_forms(forms);
}
END_TEST

START_TEST(test_lines)
{
    static const struct form forms[] = {
        {"Korean keeps its spaces", "<p>안녕\n하세요</p>", "안녕 하세요"},
        {"Japanese has none", "<p>日本\n  語です。\nはい</p>", "日本語です。はい"},
        {"Chinese in bold", "<p>请<b>今天</b>发货，<i>谢谢</i>！</p>", "请今天发货，谢谢！"},
        {"Chinese beside Latin", "<p>用 Excel\n打开</p>", "用 Excel 打开"},
        {"no-break space as a paragraph", "<p>a</p><p>&nbsp;</p><p>b</p>", "a\n\nb"},
        {"Word's empty line",
         "<p class=MsoNormal>a</p><p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>b</p>",
         "a\n\nb"},
        {"block in blocks", "<div><div><div>a</div></div></div><div><div>b</div></div>", "a\nb"},
        {"line end behind <pre>", "<pre>\n a\n</pre>", " a"},
        {"space before pre-wrap", "a <span style='white-space: pre-wrap'>b  c\nd</span> e", "a b  c\nd e"},
        {"pre ends", "<pre>a\nb<span style='white-space:normal'>c\nd</span></pre>", "a\nbc d"},
        {"inline div", "a <div style='display:inline'>b</div> c", "a b c"},
        {"span as a block", "a<span style='display:block'>b</span>c", "a\nb\nc"},
        {"rule", "a<hr>b<div><hr></div><p>c</p>", "a\n\nb\n\nc"},
        {"headings", "<h1>Ü</h1><h2>Ä</h2>a", "Ü\n\nÄ\n\na"},
        {"entity that is none", "a &unknown; b &amp; c &#0; &#x110000;", "a &unknown; b & c"},
        {0},
    };
    check_forms(forms);
}
END_TEST

START_TEST(test_C04_ways_to_hide)
{
    static const char *const hidden[] = {
        "<style>.a{display:none}</style><p class=a>!close</p>",
        "<style>p.x, #y { color:red; Display: None !important }</style><p id=y>!close</p>",
        "<style><!-- /* c */ .b{font-size:0} --></style><p class='c b'>!close</p>",
        "<style>@media screen{.q{color:red}} .z{visibility:hidden}</style><p class=z>!close</p>",
        "<p style='display:block;display:none'>!close</p>",
        "<p style='font-size:1px'>!close</p>",
        "<p style='position:absolute;left:-9999px'>!close</p>",
        "<p style='text-indent:-5000px'>!close</p>",
        "<p style='height:0;overflow:hidden'>!close</p>",
        "<p style='color:#fefefe'>!close</p>",
        "<p style='color:snow'>!close</p>",
        "<div style='background:navy'><font color='#000080'>!close</font></div>",
        "<div style='color:white'><div style='font-weight:bold'>!close</div></div>",
    };
    for (guint i = 0; i < G_N_ELEMENTS(hidden); i++) {
        g_autofree char *in = g_strdup_printf("<p>hello</p>%s<p>bye</p>", hidden[i]);
        g_auto(text_parts_t) parts;
        text_read(TEXT_HTML, in, strlen(in), &parts);
        ck_assert_msg(strcmp(parts.body, "hello\n\nbye") == 0, "%s: body is\n%s", hidden[i], parts.body);
        ck_assert_msg(g_strcmp0(parts.hidden, "!close") == 0, "%s: hidden is %s", hidden[i], parts.hidden);
    }
    static const char *const shown[] = {
        "<td style='font-size:0px'><div style='font-size:13px'>seen</div></td>",
        "<div style='color:#fff'><span style='color:#333'>seen</span></div>",
        "<style>@media (max-width:600px){.m{display:none}}</style><p class=m>seen</p>",
        "<style>.a{display:none} .a{display:block}</style><p class=a>seen</p>",
        "<style>.a .b{display:none}</style><p class=b>seen</p>",
        "<p style='display:none;display:block'>seen</p>",
        "<p style='font-size:10px'>seen</p>",
        "<p style='text-indent:-18.0pt'>seen</p>",
        "<p style='color:silver'>seen</p>",
    };
    for (guint i = 0; i < G_N_ELEMENTS(shown); i++) {
        g_auto(text_parts_t) parts;
        text_read(TEXT_HTML, shown[i], strlen(shown[i]), &parts);
        ck_assert_msg(strcmp(parts.body, "seen") == 0, "%s: body is %s", shown[i], parts.body);
        ck_assert_msg(!parts.hidden, "%s: hidden is %s", shown[i], parts.hidden);
    }
}
END_TEST

TCase *
html_forms_case(void)
{
    TCase *tcase = tcase_create("html forms");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, test_lists);
    tcase_add_test(tcase, test_tables);
    tcase_add_test(tcase, test_X03_links);
    tcase_add_test(tcase, test_X03_many_links);
    tcase_add_test(tcase, test_X02_pictures);
    tcase_add_test(tcase, test_lines);
    tcase_add_test(tcase, test_C04_ways_to_hide);
    return tcase;
}
