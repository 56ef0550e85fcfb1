/* test_team.c - team files: read, refused with a line, written and read back equal. */
#include "support.h"

#include <cardpost/error.h>
#include <cardpost/team.h>

#include <string.h>

static struct team_file *
parse(const char *text)
{
    GError *error = NULL;
    struct team_file *team = team_file_parse(text, "a.team", &error);
    if (!team)
        ck_abort_msg("%s\n%s", error->message, text);
    return team;
}

#define LI    "person li { name = \"Li Lei\" email = {\"li@team.test\"} }\n"
#define BOARD "board orders { name = \"Orders\" default = true column todo { name = \"To do\" } }\n"

START_TEST(test_every_key_arrives)
{
    g_autoptr(team_file_t) team = parse(
        "person li { name = \"李雷\" email = {\"Li@Team.test\", \"li@home.test\"} language = \"zh-CN\"\n"
        "  timezone = \"Asia/Shanghai\" role = admin receipts = all }\n"
        "person wang { name = \"Wang\" email = \"wang@team.test\" receipts = problems }\n"
        "team service { name = \"客服\" members = {\"li\", wang} }\n"
        "board orders { name = \"Orders\" name_zh = \"订单\" public_name = \"Desk\" alias = ord intake = "
        "members\n"
        "  default = true default_assignee = \"li\"\n"
        "  column todo { name = \"To do\" name_zh = \"待处理\" kind = queue owner = li }\n"
        "  column done { name = \"Done\" kind = done } }\n"
        "board care { name = \"Care\" column todo { name = \"New\" } }\n");
    const struct team_file_person *li = team->people->pdata[0], *wang = team->people->pdata[1];
    ck_assert_str_eq(li->key, "li");
    ck_assert_str_eq(li->name, "李雷");
    ck_assert_uint_eq(li->emails->len, 2);
    ck_assert_str_eq(li->emails->pdata[0], "li@team.test");
    ck_assert_str_eq(li->emails->pdata[1], "li@home.test");
    ck_assert_str_eq(li->language, "zh-CN");
    ck_assert_str_eq(li->timezone, "Asia/Shanghai");
    ck_assert_str_eq(li->role, "admin");
    ck_assert(li->wants_all_receipts && !wang->wants_all_receipts);
    ck_assert_str_eq(wang->role, "member");
    ck_assert_str_eq(wang->language, "");
    ck_assert_str_eq(wang->timezone, "");
    const struct team_file_team *service = team->teams->pdata[0];
    ck_assert_str_eq(service->name, "客服");
    ck_assert_str_eq(service->members->pdata[1], "wang");
    ck_assert_uint_eq(team->boards->len, 2);
    const struct team_file_board *orders = team->boards->pdata[0], *care = team->boards->pdata[1];
    ck_assert_str_eq(orders->name_zh, "订单");
    ck_assert_str_eq(orders->public_name, "Desk");
    ck_assert_str_eq(orders->alias, "ord");
    ck_assert_str_eq(orders->intake, "members");
    ck_assert(orders->is_default && !care->is_default);
    ck_assert_str_eq(orders->default_assignee, "li");
    const struct team_file_column *todo = orders->columns->pdata[0], *done = orders->columns->pdata[1];
    ck_assert_str_eq(todo->key, "todo");
    ck_assert_str_eq(todo->name_zh, "待处理");
    ck_assert_str_eq(todo->kind, "queue");
    ck_assert_str_eq(todo->owner, "li");
    ck_assert_str_eq(done->owner, "");
    ck_assert_str_eq(done->kind, "done");
    ck_assert_str_eq(care->alias, "care");
    ck_assert_str_eq(care->intake, "anyone");
    ck_assert_str_eq(((struct team_file_column *)care->columns->pdata[0])->kind, "active");
}
END_TEST

START_TEST(test_errors)
{
    static const struct {
        const char *label, *text;
        int line;
        const char *says;
    } cases[] = {
        {"unknown key", LI "person wang {\nnmae = \"W\" }\n" BOARD, 3,
         "nmae: is no key in person; did you mean name?"},
        {"unknown key in column", LI "board aa { name = A default = true\ncolumn b {\nnam = x } }", 4,
         "in column; did you mean name?"},
        {"unknown section", LI "boards a { }\n", 2, "did you mean board?"},
        {"key of cardpost.conf", "address = \"a@b.test\"\n" BOARD, 1, "address: is no key here"},
        {"bad key", "person Li { name = \"L\" email = {\"l@t.test\"} }\n" BOARD, 1,
         "\"Li\" cannot name a section"},
        {"long key", "board a2345678901234567890123456789012 { name = x }\n", 1, "cannot name a section"},
        {"no name", LI "\nperson wang { email = {\"w@t.test\"} }\n" BOARD, 3, "person wang: has no name"},
        {"blank name", "person li {\nname = \"\xe3\x80\x80\" email = {\"l@t.test\"} }\n" BOARD, 2,
         "name: is blank"},
        {"no address", "person li { name = \"L\" }\n" BOARD, 1, "email: is missing"},
        {"empty list", "person li { name = \"L\"\nemail = {} }\n" BOARD, 2, "email: is missing"},
        {"bad address", "person li { name = \"L\"\nemail = {\"l@t.test\", \"l\"} }\n" BOARD, 2,
         "email: \"l\" is not a plain mail address"},
        {"address of two", LI "person wang { name = \"W\"\nemail = {\"LI@team.test\"} }\n" BOARD, 3,
         "email: li@team.test belongs to li already"},
        {"address twice", "person li { name = \"L\"\nemail = {\"l@t.test\", \"L@T.test.\"} }\n" BOARD, 2,
         "belongs to li already"},
        {"role", "person li { name = \"L\" email = {\"l@t.test\"}\nrole = boss }\n" BOARD, 2,
         "role: \"boss\" is not one of: member, admin, guest"},
        {"zone", "person li { name = \"L\" email = {\"l@t.test\"}\ntimezone = \"China\" }\n" BOARD, 2,
         "timezone: "},
        {"member", LI "team a { name = \"A\"\nmembers = {\"li\", \"bob\"} }\n" BOARD, 3,
         "members: no person \"bob\" is in this file"},
        {"member twice", LI "team a { name = \"A\"\nmembers = {\"li\", \"li\"} }\n" BOARD, 3,
         "members: li stands there twice"},
        {"team named as a person", LI "team li { name = \"A\" }\n" BOARD, 2,
         "team li: has the key of a person"},
        {"assignee", LI "board aa { name = A default = true\ndefault_assignee = bob column b { name = B } }",
         3, "default_assignee: no person \"bob\""},
        {"owner", LI "board aa { name = A default = true\ncolumn b { name = B\nowner = bob } }", 4,
         "owner: no person \"bob\""},
        {"no board: a part of a team", LI, 1,
         "board: no board has default = true; exactly one must, for what names none (a file is whole in "
         "itself: "
         "begin with what `cardpost export` writes)"},
        {"no default", LI "board aa { name = A column b { name = B } }", 1, "exactly one must"},
        {"two defaults", BOARD "board bb { name = B\ndefault = true column b { name = B } }", 3,
         "default: board orders is the default already"},
        {"no column", "board aa { name = A default = true }", 1, "board aa: has no column"},
        {"alias of two", BOARD "board bb { name = B\nalias = orders column b { name = B } }", 3,
         "alias: \"orders\" is what board orders is called too"},
        {"U04: one name, composed and not",
         BOARD "board bb { name = \"Caf\xc3\xa9\" column b { name = B } }\nboard cc { name = "
               "\"CAFE\xcc\x81\" column b { name = B } }",
         3, "is what board bb is called too"},
        {"U04: a name that is a key", BOARD "board bb { name = \"ORDERS\" column b { name = B } }", 2,
         "is what board orders is called too"},
        {"U04: a full-width Chinese name",
         BOARD "board bb { name = B\nname_zh = \"ｏｒｄｅｒｓ\" column b { name = B } }", 3, "name_zh: "},
        {"U04: two columns of a name",
         "board aa { name = A default = true column b { name = \"Stra\xc3\x9f"
         "e\" }\ncolumn c { name = STRASSE } }",
         2, "name: \"STRASSE\" is what column b is called too"},
        {"U04: a column's name that is another's key",
         "board aa { name = A default = true column b { name = B }\ncolumn c { name = C\nname_zh = \"Ｂ\" } "
         "}",
         3, "is what column b is called too"},
        {"alias of one letter", "board bb { name = B default = true\nalias = r column b { name = B } }", 2,
         "alias: \"r\" is too short"},
        {"person twice", LI LI BOARD, 2, "person li: was given on line 1 already"},
        {"column twice", "board aa { name = A default = true column b { name = B }\ncolumn b { name = C } }",
         2, "column b: was given on line 1"},
        {"environment", "person li { name = \"${HOME}\" }", 1, "environment variables are not read"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        GError *error = NULL;
        g_autoptr(team_file_t) team = team_file_parse(cases[i].text, "a.team", &error);
        ck_assert_msg(!team, "%s: was taken", cases[i].label);
        g_autofree char *place = g_strdup_printf("a.team:%d: ", cases[i].line);
        ck_assert_msg(g_error_matches(error, CARDPOST_ERROR, CARDPOST_ERROR_INVALID), "%s", cases[i].label);
        ck_assert_msg(g_str_has_prefix(error->message, place) && strstr(error->message, cases[i].says),
                      "%s: %s", cases[i].label, error->message);
        g_clear_error(&error);
    }
}
END_TEST

/* Written, read and written again: the same text, so the same values. */
static void
check_round_trip(const char *label, const struct team_file *team)
{
    g_autofree char *text = team_file_write(team);
    g_autoptr(team_file_t) again = parse(text);
    g_autofree char *second = team_file_write(again);
    ck_assert_msg(strcmp(text, second) == 0, "%s:\n%s\nis not\n%s", label, text, second);
}

START_TEST(test_round_trip)
{
    g_autoptr(team_file_t) team = team_file_new();
    struct team_file_person *person = team_file_add_person(team);
    g_free(person->key);
    person->key = g_strdup("li");
    g_free(person->name);
    person->name = g_strdup("Li \"the\" \\ Lei ${HOME} 李 # // /* ' {}");
    g_ptr_array_add(person->emails, g_strdup("li+x@team.test"));
    person->wants_all_receipts = true;
    struct team_file_board *board = team_file_add_board(team);
    g_free(board->key);
    board->key = g_strdup("orders");
    g_free(board->name);
    board->name = g_strdup("It's $5");
    g_free(board->alias);
    board->alias = g_strdup("ord");
    board->is_default = true;
    struct team_file_column *column = team_file_add_column(board);
    g_free(column->key);
    column->key = g_strdup("todo");
    g_free(column->name);
    column->name = g_strdup("To do");
    check_round_trip("odd names", team);
    g_autofree char *text = team_file_write(team);
    g_autoptr(team_file_t) again = parse(text);
    const struct team_file_person *li = again->people->pdata[0];
    const struct team_file_board *orders = again->boards->pdata[0];
    ck_assert_str_eq(li->name, person->name);
    ck_assert_str_eq(li->emails->pdata[0], "li+x@team.test");
    ck_assert(li->wants_all_receipts && orders->is_default);
    ck_assert_str_eq(orders->name, "It's $5");
    ck_assert_str_eq(orders->alias, "ord");
}
END_TEST

/* The samples that are installed are good, and both have the same boards. */
START_TEST(test_samples)
{
    static const char *const samples[] = {"contrib/teams/shop.en.team", "contrib/teams/shop.zh-CN.team"};
    for (guint i = 0; i < G_N_ELEMENTS(samples); i++) {
        g_autofree char *text = support_read(samples[i], NULL);
        g_autoptr(team_file_t) team = parse(text);
        check_round_trip(samples[i], team);
        ck_assert_uint_eq(team->people->len, 4);
        ck_assert_uint_eq(team->boards->len, 3);
        static const char *const keys[] = {"orders", "sourcing", "after-sales"};
        for (guint j = 0; j < 3; j++) {
            const struct team_file_board *board = team->boards->pdata[j];
            ck_assert_str_eq(board->key, keys[j]);
            ck_assert_msg(*board->name && *board->name_zh && board->columns->len == 4, "%s", board->key);
        }
    }
}
END_TEST

TCase *team_case(void);

TCase *
team_case(void)
{
    TCase *tcase = tcase_create("team");
    tcase_add_test(tcase, test_every_key_arrives);
    tcase_add_test(tcase, test_errors);
    tcase_add_test(tcase, test_round_trip);
    tcase_add_test(tcase, test_samples);
    return tcase;
}
