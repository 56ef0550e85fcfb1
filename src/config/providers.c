/* providers.c - the presets. Facts only, no judgement of a mail.
 *
 * From what the providers publish: hosts, ports, the kind of secret, that NetEase wants ID, that QQ and its
 * kin want the login as envelope sender, that Yahoo has no IDLE, X-MS-Exchange-Organization-AuthAs, and the
 * sends a day of Microsoft 365 (30 a minute too), Gmail, Workspace and iCloud. Not confirmed on real
 * accounts, and careful guesses where nothing is published: the other limits of sending, sessions,
 * saves_sent, plus_addressing, the names in authserv_ids and where a verdict stands.
 *
 * Of no provider is it confirmed that its border removes forged Authentication-Results, nor how many Received
 * it writes. So no preset says the one (strips_forged), and each counts one Received: no field that a sender
 * could have written is believed. Where the verdict stands below, tokens alone prove a sender until the
 * administrator has seen what the border does and says so (received_hops, strips_forged). */
#include <cardpost/provider.h>

#include <string.h>

#define WORDS(...)                                                                                           \
    (const char *const[])                                                                                    \
    {                                                                                                        \
        __VA_ARGS__, NULL                                                                                    \
    }

static const char *const none[] = {NULL};

static const struct provider providers[] = {
    {.name = "own",
     .title = "own or other server",
     .domains = none,
     .imap_host = "",
     .smtp_host = "",
     .imap_port = 993,
     .smtp_port = 465,
     .login = "address",
     .secret = "password",
     .has_idle = true,
     .plus_addressing = true,
     .max_sessions = 4,
     .per_minute = 0,
     .per_day = 0,
     .received_hops = 1,
     .note = "Say which Authentication-Results your server writes: authserv_ids, strips_forged."},
    {.name = "gmail",
     .title = "Gmail",
     .domains = WORDS("gmail.com", "googlemail.com"),
     .imap_host = "imap.gmail.com",
     .smtp_host = "smtp.gmail.com",
     .imap_port = 993,
     .smtp_port = 465,
     .login = "address",
     .secret = "app password",
     .has_idle = true,
     .saves_sent = true,
     .plus_addressing = true,
     .max_sessions = 5,
     .per_minute = 20,
     .per_day = 500,
     .authserv_ids = WORDS("mx.google.com"),
     .verdict_below = true,
     .received_hops = 1,
     .note = "Turn on two-step verification, then make an app password."},
    {.name = "workspace",
     .title = "Google Workspace",
     .domains = none,
     .imap_host = "imap.gmail.com",
     .smtp_host = "smtp.gmail.com",
     .imap_port = 993,
     .smtp_port = 465,
     .login = "address",
     .secret = "app password",
     .has_idle = true,
     .saves_sent = true,
     .plus_addressing = true,
     .max_sessions = 5,
     .per_minute = 30,
     .per_day = 2000,
     .authserv_ids = WORDS("mx.google.com"),
     .verdict_below = true,
     .received_hops = 1,
     .note = "Let an administrator allow IMAP; then make an app password, or use XOAUTH2."},
    {.name = "m365",
     .title = "Microsoft 365",
     .domains = none,
     .imap_host = "outlook.office365.com",
     .smtp_host = "smtp.office365.com",
     .imap_port = 993,
     .smtp_port = 587,
     .smtp_starttls = true,
     .login = "address",
     .secret = "oauth",
     .has_idle = true,
     .saves_sent = true,
     .max_sessions = 4,
     .per_minute = 30,
     .per_day = 10000,
     .allows_absent_id = true,
     .verdict_below = true,
     .received_hops = 1,
     .internal_header = "X-MS-Exchange-Organization-AuthAs",
     .internal_value = "Internal",
     .note = "Passwords no longer work: password_command must print an access token; allow SMTP AUTH for the "
             "mailbox."},
    {.name = "outlook",
     .title = "Outlook.com",
     .domains = WORDS("outlook.com", "hotmail.com", "live.com", "msn.com"),
     .imap_host = "outlook.office365.com",
     .smtp_host = "smtp-mail.outlook.com",
     .imap_port = 993,
     .smtp_port = 587,
     .smtp_starttls = true,
     .login = "address",
     .secret = "oauth",
     .has_idle = true,
     .saves_sent = true,
     .plus_addressing = true,
     .max_sessions = 4,
     .per_minute = 30,
     .per_day = 300,
     .allows_absent_id = true,
     .verdict_below = true,
     .received_hops = 1,
     .note = "Passwords no longer work: password_command must print an access token."},
    {.name = "yahoo",
     .title = "Yahoo Mail",
     .domains = WORDS("yahoo.com", "ymail.com", "rocketmail.com"),
     .imap_host = "imap.mail.yahoo.com",
     .smtp_host = "smtp.mail.yahoo.com",
     .imap_port = 993,
     .smtp_port = 465,
     .login = "address",
     .secret = "app password",
     .saves_sent = true,
     .max_sessions = 3,
     .per_minute = 20,
     .per_day = 500,
     .authserv_ids = WORDS("*.yahoo.com"),
     .received_hops = 1,
     .note = "Make an app password in the account's security settings."},
    {.name = "icloud",
     .title = "iCloud Mail",
     .domains = WORDS("icloud.com", "me.com", "mac.com"),
     .imap_host = "imap.mail.me.com",
     .smtp_host = "smtp.mail.me.com",
     .imap_port = 993,
     .smtp_port = 587,
     .smtp_starttls = true,
     .login = "local",
     .secret = "app password",
     .has_idle = true,
     .max_sessions = 3,
     .per_minute = 20,
     .per_day = 1000,
     .authserv_ids = WORDS("*.icloud.com", "*.apple.com"),
     .received_hops = 1,
     .note = "Make an app-specific password; IMAP's user name is the part before @."},
    {.name = "zoho",
     .title = "Zoho Mail",
     .domains = WORDS("zoho.com", "zohomail.com"),
     .imap_host = "imap.zoho.com",
     .smtp_host = "smtp.zoho.com",
     .imap_port = 993,
     .smtp_port = 465,
     .login = "address",
     .secret = "app password",
     .has_idle = true,
     .saves_sent = true,
     .max_sessions = 2,
     .per_minute = 5,
     .per_day = 200,
     .authserv_ids = WORDS("mx.zohomail.com"),
     .received_hops = 1,
     .note = "Turn on IMAP and make an app password; other regions: imap.zoho.eu, .in, .com.au, .jp."},
    {.name = "fastmail",
     .title = "Fastmail",
     .domains = WORDS("fastmail.com", "fastmail.fm"),
     .imap_host = "imap.fastmail.com",
     .smtp_host = "smtp.fastmail.com",
     .imap_port = 993,
     .smtp_port = 465,
     .login = "address",
     .secret = "app password",
     .has_idle = true,
     .plus_addressing = true,
     .max_sessions = 10,
     .per_minute = 60,
     .per_day = 4000,
     .authserv_ids = WORDS("*.messagingengine.com", "*.fastmail.com"),
     .received_hops = 1,
     .note = "Make an app password for IMAP and SMTP."},
    {.name = "qq",
     .title = "QQ Mail, Foxmail",
     .domains = WORDS("qq.com", "vip.qq.com", "foxmail.com"),
     .imap_host = "imap.qq.com",
     .smtp_host = "smtp.qq.com",
     .imap_port = 993,
     .smtp_port = 465,
     .login = "address",
     .secret = "authorisation code",
     .has_idle = true,
     .saves_sent = true,
     .envelope_must_be_login = true,
     .max_sessions = 3,
     .per_minute = 10,
     .per_day = 500,
     .received_hops = 1,
     .note = "Turn on IMAP/SMTP in the account settings and take the authorisation code (授权码)."},
    {.name = "exmail",
     .title = "Tencent Exmail",
     .domains = none,
     .imap_host = "imap.exmail.qq.com",
     .smtp_host = "smtp.exmail.qq.com",
     .imap_port = 993,
     .smtp_port = 465,
     .login = "address",
     .secret = "client password",
     .has_idle = true,
     .saves_sent = true,
     .envelope_must_be_login = true,
     .max_sessions = 3,
     .per_minute = 20,
     .per_day = 1000,
     .received_hops = 1,
     .note = "Turn on IMAP/SMTP and make a client password (客户端专用密码)."},
    {.name = "163",
     .title = "NetEase 163",
     .domains = WORDS("163.com"),
     .imap_host = "imap.163.com",
     .smtp_host = "smtp.163.com",
     .imap_port = 993,
     .smtp_port = 465,
     .login = "address",
     .secret = "authorisation code",
     .needs_id = true,
     .has_idle = true,
     .saves_sent = true,
     .envelope_must_be_login = true,
     .max_sessions = 3,
     .per_minute = 10,
     .per_day = 200,
     .received_hops = 1,
     .note = "Turn on IMAP/SMTP and take the authorisation code (授权码)."},
    {.name = "126",
     .title = "NetEase 126",
     .domains = WORDS("126.com"),
     .imap_host = "imap.126.com",
     .smtp_host = "smtp.126.com",
     .imap_port = 993,
     .smtp_port = 465,
     .login = "address",
     .secret = "authorisation code",
     .needs_id = true,
     .has_idle = true,
     .saves_sent = true,
     .envelope_must_be_login = true,
     .max_sessions = 3,
     .per_minute = 10,
     .per_day = 200,
     .received_hops = 1,
     .note = "Turn on IMAP/SMTP and take the authorisation code (授权码)."},
    {.name = "yeah",
     .title = "NetEase yeah.net",
     .domains = WORDS("yeah.net"),
     .imap_host = "imap.yeah.net",
     .smtp_host = "smtp.yeah.net",
     .imap_port = 993,
     .smtp_port = 465,
     .login = "address",
     .secret = "authorisation code",
     .needs_id = true,
     .has_idle = true,
     .saves_sent = true,
     .envelope_must_be_login = true,
     .max_sessions = 3,
     .per_minute = 10,
     .per_day = 200,
     .received_hops = 1,
     .note = "Turn on IMAP/SMTP and take the authorisation code (授权码)."},
    {.name = "qiye163",
     .title = "NetEase enterprise",
     .domains = none,
     .imap_host = "imap.qiye.163.com",
     .smtp_host = "smtp.qiye.163.com",
     .imap_port = 993,
     .smtp_port = 994,
     .login = "address",
     .secret = "authorisation code",
     .needs_id = true,
     .has_idle = true,
     .saves_sent = true,
     .envelope_must_be_login = true,
     .max_sessions = 3,
     .per_minute = 20,
     .per_day = 1000,
     .received_hops = 1,
     .note = "Turn on IMAP/SMTP and take the authorisation code (授权码)."},
    {.name = "aliyun",
     .title = "Aliyun Mail",
     .domains = WORDS("aliyun.com"),
     .imap_host = "imap.aliyun.com",
     .smtp_host = "smtp.aliyun.com",
     .imap_port = 993,
     .smtp_port = 465,
     .login = "address",
     .secret = "security password",
     .has_idle = true,
     .envelope_must_be_login = true,
     .max_sessions = 3,
     .per_minute = 10,
     .per_day = 500,
     .received_hops = 1,
     .note = "Turn on IMAP/SMTP and make a security password (三方客户端安全密码)."},
    {.name = "qiyealiyun",
     .title = "Aliyun enterprise",
     .domains = none,
     .imap_host = "imap.qiye.aliyun.com",
     .smtp_host = "smtp.qiye.aliyun.com",
     .imap_port = 993,
     .smtp_port = 465,
     .login = "address",
     .secret = "security password",
     .has_idle = true,
     .envelope_must_be_login = true,
     .max_sessions = 3,
     .per_minute = 10,
     .per_day = 500,
     .received_hops = 1,
     .note = "Turn on IMAP/SMTP and make a security password (三方客户端安全密码)."},
    {.name = "feishu",
     .title = "Feishu Mail",
     .domains = none,
     .imap_host = "imap.feishu.cn",
     .smtp_host = "smtp.feishu.cn",
     .imap_port = 993,
     .smtp_port = 465,
     .login = "address",
     .secret = "dedicated password",
     .has_idle = true,
     .saves_sent = true,
     .envelope_must_be_login = true,
     .max_sessions = 3,
     .per_minute = 20,
     .per_day = 450,
     .received_hops = 1,
     .note = "Let an administrator allow IMAP/SMTP, then make a dedicated password (专用密码)."},
    {.name = "lark",
     .title = "Lark Mail",
     .domains = none,
     .imap_host = "imap.larksuite.com",
     .smtp_host = "smtp.larksuite.com",
     .imap_port = 993,
     .smtp_port = 465,
     .login = "address",
     .secret = "dedicated password",
     .has_idle = true,
     .saves_sent = true,
     .envelope_must_be_login = true,
     .max_sessions = 3,
     .per_minute = 20,
     .per_day = 450,
     .received_hops = 1,
     .note = "Let an administrator allow IMAP/SMTP, then make a dedicated password."},
    {.name = "yandex",
     .title = "Yandex Mail",
     .domains = WORDS("yandex.com", "yandex.ru", "ya.ru"),
     .imap_host = "imap.yandex.com",
     .smtp_host = "smtp.yandex.com",
     .imap_port = 993,
     .smtp_port = 465,
     .login = "address",
     .secret = "app password",
     .has_idle = true,
     .saves_sent = true,
     .plus_addressing = true,
     .envelope_must_be_login = true,
     .max_sessions = 3,
     .per_minute = 20,
     .per_day = 500,
     .received_hops = 1,
     .note = "Allow IMAP in the settings and make an app password."},
    {.name = "ses",
     .title = "Amazon SES (sending only)",
     .domains = none,
     .imap_host = "",
     .smtp_host = "",
     .imap_port = 993,
     .smtp_port = 465,
     .login = "address",
     .secret = "SMTP password",
     .max_sessions = 1,
     .per_minute = 60,
     .per_day = 0,
     .received_hops = 1,
     .note = "smtp_host is email-smtp.REGION.amazonaws.com; user and password are SMTP credentials, not "
             "access keys."},
};

/* Other names that people look for. */
static const struct {
    const char *name, *provider;
} aliases[] = {{"foxmail", "qq"}, {"google", "workspace"}, {"office365", "m365"}, {"hotmail", "outlook"}};

const struct provider *
provider_by_name(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(aliases); i++)
        if (strcmp(aliases[i].name, name) == 0)
            name = aliases[i].provider;
    for (guint i = 0; i < G_N_ELEMENTS(providers); i++)
        if (strcmp(providers[i].name, name) == 0)
            return &providers[i];
    return NULL;
}

const struct provider *
provider_by_address(const char *address)
{
    const char *at = strrchr(address, '@');
    for (guint i = 0; at && i < G_N_ELEMENTS(providers); i++)
        for (const char *const *domain = providers[i].domains; *domain; domain++)
            if (g_ascii_strcasecmp(*domain, at + 1) == 0)
                return &providers[i];
    return &providers[0];
}

const struct provider *const *
provider_all(guint *n_out)
{
    static const struct provider *const all[] = {
        &providers[0],  &providers[1],  &providers[2],  &providers[3],  &providers[4],  &providers[5],
        &providers[6],  &providers[7],  &providers[8],  &providers[9],  &providers[10], &providers[11],
        &providers[12], &providers[13], &providers[14], &providers[15], &providers[16], &providers[17],
        &providers[18], &providers[19], &providers[20],
    };
    G_STATIC_ASSERT(G_N_ELEMENTS(all) == G_N_ELEMENTS(providers));
    *n_out = G_N_ELEMENTS(all);
    return all;
}

void
provider_border(const struct provider *provider, struct border *border_out)
{
    *border_out = (struct border){
        .authserv_ids = g_ptr_array_new_with_free_func(g_free),
        .allows_absent_id = provider->allows_absent_id,
        .received_hops = provider->received_hops,
        .verdict_below = provider->verdict_below,
        .internal_header = g_strdup(provider->internal_header),
        .internal_value = g_strdup(provider->internal_value),
        .authenticated_received = provider->authenticated_received,
    };
    for (guint i = 0; provider->authserv_ids && provider->authserv_ids[i]; i++)
        g_ptr_array_add(border_out->authserv_ids, g_strdup(provider->authserv_ids[i]));
}

void
border_clear(struct border *border)
{
    g_clear_pointer(&border->authserv_ids, g_ptr_array_unref);
    g_clear_pointer(&border->internal_header, g_free);
    g_clear_pointer(&border->internal_value, g_free);
}

static gpointer
copy_string(gconstpointer text, gpointer data)
{
    (void)data;
    return g_strdup(text);
}

void
border_copy(struct border *to, const struct border *from)
{
    *to = *from;
    to->authserv_ids =
        from->authserv_ids ? g_ptr_array_copy(from->authserv_ids, copy_string, NULL) : g_ptr_array_new();
    g_ptr_array_set_free_func(to->authserv_ids, g_free);
    to->internal_header = g_strdup(from->internal_header);
    to->internal_value = g_strdup(from->internal_value);
}
