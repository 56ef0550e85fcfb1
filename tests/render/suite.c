/* suite.c - the letters of the suite. */
#include "suite.h"

const char *const suite_languages[2] = {"en", "zh-CN"};

const char *
suite_templates(void)
{
    const char *dir = g_getenv("CARDPOST_TEMPLATES");
    return dir ? dir : "templates";
}

struct render *
suite_open(void)
{
    GError *error = NULL;
    struct render *render = render_open(suite_templates(), NULL, &error);
    if (!render)
        ck_abort_msg("%s", error->message);
    return render;
}

struct letter
suite_letter(enum letter_kind kind, const char *language)
{
    static const struct letter_entry entries[] = {
        {.author = "Sue Chen",
         .at = 1795500000,
         .text = "Carton 3 of 12 arrived wet.\n\n  - SKU 12345\n  - SKU 777"},
        {.author = "外部供应商", .at = 1795504000, .text = "我们今天重新发货。", .is_unverified = true},
        {.author = "王芳",
         .at = 1795507200,
         .text = "已联系货代。\n明天给您 <新单号> & 照片。",
         .is_internal = true},
    };
    static struct letter_file files[] = {
        {.name = "破损照片.jpg", .type = "image/jpeg", .size_bytes = 345678},
        {.name = "video.mp4", .type = "video/mp4", .size_bytes = 18400000},
    };
    static const char *const notes[] = {"First note.", "第二条说明。"};
    if (!files[0].content)
        files[0].content = g_bytes_new_static("jpeg", 4);
    struct letter letter = suite_bare_letter(kind, language);
    bool has_card = kind != LETTER_STRANGER_RECEIPT && kind != LETTER_ADMIN;
    letter.board_name = "Orders";
    letter.board_alias = "orders";
    letter.shows_board_headers = true;
    letter.to_name = "李雷";
    letter.actor_name = "王芳";
    letter.reply_token = "abcdefghijklmnopqrstuvwxyz";
    letter.unsubscribe_token = "zyxwvutsrqponmlkjihgfedcba";
    letter.card = has_card ? 128 : 0;
    letter.card_title = "蓝牙耳机补货 #12345";
    letter.column_name = "打包中";
    letter.requester_name = "Sue Chen";
    letter.assignee_names = "李雷, Ann";
    letter.in_reply_to = "last@customer.test";
    letter.root_id = "card.128.h@team.test";
    letter.thread_index = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFg==";
    letter.entries = entries;
    letter.n_entries = G_N_ELEMENTS(entries);
    letter.files = files;
    letter.n_files = G_N_ELEMENTS(files);
    letter.notes = notes;
    letter.n_notes = kind == LETTER_COMMENT || kind == LETTER_ASSIGNED ? 0 : G_N_ELEMENTS(notes);
    return letter;
}

struct letter
suite_bare_letter(enum letter_kind kind, const char *language)
{
    return (struct letter){
        .kind = kind,
        .language = language,
        .timezone = "Asia/Shanghai",
        .now = 1795510000, /* Tue 24 Nov 2026 08:46:40 UTC */
        .instance = "tasks",
        .instance_address = "tasks@team.test",
        .loop_id = "loop-1",
        .to_address = "lilei@corp.test",
        .message_id = "c57.128.r9.hmac@team.test",
    };
}

struct outmail *
suite_render(const struct letter *letter)
{
    g_autoptr(render_t) render = suite_open();
    GError *error = NULL;
    struct outmail *mail = render_letter(render, letter, &error);
    if (!mail)
        ck_abort_msg("%s", error->message);
    return mail;
}

const char *
suite_extra(const struct outmail *mail, const char *name)
{
    for (guint i = 0; i < mail->extra->len; i++) {
        const struct outmail_header *header = g_ptr_array_index(mail->extra, i);
        if (g_str_equal(header->name, name))
            return header->value;
    }
    return NULL;
}
