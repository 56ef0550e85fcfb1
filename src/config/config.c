/* config.c - from a checked file to struct config: presets filled in, and the checks of what must fit
 * together. Nothing is guessed: the preset is named in the file, and what it does not know is asked for. */
#include <cardpost/config.h>

#include "conf.h"
#include "values.h"

#include <cardpost/caps.h>
#include <cardpost/error.h>
#include <cardpost/secret.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of a reply address around the token: "+r." */
#define PLUS_PREFIX_BYTES 3

static void
server_clear(struct config_server *server)
{
    g_free(server->host);
    g_free(server->ca_file);
    g_free(server->user);
    g_free(server->secret.command);
    g_free(server->secret.file);
    g_free(server->secret.credential);
}

static void
mailbox_free(gpointer data)
{
    struct config_mailbox *mailbox = data;
    g_free(mailbox->name);
    g_free(mailbox->address);
    g_free(mailbox->maildir);
    server_clear(&mailbox->server);
    g_free(mailbox->folder);
    g_free(mailbox->done_folder);
    g_free(mailbox->board);
    border_clear(&mailbox->border);
    g_clear_pointer(&mailbox->own_lists, g_ptr_array_unref);
    g_free(mailbox);
}

void
config_free(struct config *config)
{
    if (!config)
        return;
    g_free(config->path);
    g_free(config->name);
    g_free(config->address);
    g_free(config->data_dir);
    g_free(config->template_dir);
    g_free(config->language);
    g_free(config->timezone);
    g_free(config->admin);
    g_ptr_array_unref(config->mailboxes);
    g_free(config->outgoing.maildir);
    server_clear(&config->outgoing.server);
    g_free(config);
}

/* A path of the file, seen from the file's directory; NULL stays NULL. */
static char *
path_beside(const char *config_path, const char *path)
{
    if (!path)
        return NULL;
    g_autofree char *directory = g_path_get_dirname(config_path);
    return g_path_is_absolute(path) ? g_strdup(path) : g_build_filename(directory, path, NULL);
}

static char *
node_path(const struct config *config, const struct conf_node *node, const char *key)
{
    return path_beside(config->path, conf_text(node, key));
}

/* At most one of the three ways to a secret. */
static bool
read_secret(const struct config *config, const struct conf_node *node, struct config_secret *secret,
            GError **error)
{
    static const char *const ways[] = {"password_command", "password_file", "credential"};
    const char *first = NULL;
    for (guint i = 0; i < G_N_ELEMENTS(ways); i++) {
        if (!conf_has(node, ways[i]))
            continue;
        if (first)
            return conf_fail(node, ways[i], error, "%s is given too; keep one of the two", first);
        first = ways[i];
    }
    secret->command = g_strdup(conf_text(node, "password_command"));
    secret->file = node_path(config, node, "password_file");
    secret->credential = g_strdup(conf_text(node, "credential"));
    return true;
}

static bool
has_secret(const struct config_secret *secret)
{
    return secret->command || secret->file || secret->credential;
}

/* What the presets know of one server. */
struct server_preset {
    const char *host_key, *port_key;
    const char *host; /* "": not known */
    uint16_t port, implicit_port, starttls_port;
    bool has_starttls, wants_oauth;
};

static bool
read_server(const struct config *config, const struct conf_node *node, const struct server_preset *preset,
            struct config_server *server, GError **error)
{
    const char *host = conf_text(node, preset->host_key);
    server->host = g_strdup(host ? host : preset->host);
    if (*server->host == '\0')
        return conf_fail(node, preset->host_key, error,
                         "is missing; give the server's name, or a provider that has it");
    server->tls =
        (enum net_tls)conf_choice(node, "tls", preset->has_starttls ? NET_TLS_STARTTLS : NET_TLS_IMPLICIT);
    if (server->tls == NET_TLS_NONE && !value_is_loopback(server->host))
        return conf_fail(node, "tls", error,
                         "\"none\" would send the password to %s in clear; use implicit or starttls "
                         "(none is for 127.0.0.1, ::1 and localhost)",
                         server->host);
    /* with another kind of TLS than the preset's, its port would be the wrong one */
    bool is_implicit = server->tls == NET_TLS_IMPLICIT;
    bool is_changed = is_implicit == preset->has_starttls;
    uint16_t usual = is_implicit ? preset->implicit_port : preset->starttls_port;
    uint16_t port = is_changed ? usual : preset->port;
    server->port = (uint16_t)conf_number(node, preset->port_key, port);
    server->ca_file = node_path(config, node, "ca_file");
    server->auth = (enum config_auth)conf_choice(
        node, "auth", preset->wants_oauth ? CONFIG_AUTH_XOAUTH2 : CONFIG_AUTH_AUTO);
    server->user = g_strdup(conf_text(node, "user"));
    return read_secret(config, node, &server->secret, error);
}

/* The login name where the file gives none: the address, or its local part. */
static void
default_user(struct config_server *server, const struct provider *provider, const char *address)
{
    if (server->user)
        return;
    bool is_local = strcmp(provider->login, "local") == 0;
    server->user = is_local ? g_strndup(address, strcspn(address, "@")) : g_strdup(address);
}

static bool
is_oauth(const struct provider *provider)
{
    return strcmp(provider->secret, "oauth") == 0;
}

static bool
read_imap(const struct config *config, const struct conf_node *node, struct config_mailbox *mailbox,
          GError **error)
{
    const struct provider *provider = mailbox->provider;
    struct server_preset preset = {.host_key = "imap_host",
                                   .port_key = "imap_port",
                                   .host = provider->imap_host,
                                   .port = provider->imap_port,
                                   .implicit_port = 993,
                                   .starttls_port = 143,
                                   .has_starttls = provider->imap_starttls,
                                   .wants_oauth = is_oauth(provider)};
    if (!read_server(config, node, &preset, &mailbox->server, error))
        return false;
    default_user(&mailbox->server, provider, mailbox->address);
    if (!has_secret(&mailbox->server.secret))
        return conf_fail(node, NULL, error,
                         "says nowhere where the %s is; give password_command, password_file or credential",
                         provider->secret);
    return true;
}

static void
replace_list(const struct conf_node *node, const char *key, GPtrArray *list)
{
    if (!conf_has(node, key))
        return;
    g_ptr_array_set_size(list, 0);
    for (guint i = 0; i < conf_list_size(node, key); i++)
        g_ptr_array_add(list, g_strdup(conf_list_item(node, key, i)));
}

/* The preset's border with what the file says in its place. */
static void
read_border(const struct conf_node *node, const struct provider *provider, struct border *border)
{
    provider_border(provider, border);
    border->trust_from = conf_choice(node, "trust", 0) == 1;
    replace_list(node, "authserv_ids", border->authserv_ids);
    border->allows_absent_id = conf_flag(node, "absent_authserv_id", border->allows_absent_id);
    border->strips_forged = conf_flag(node, "strips_forged", border->strips_forged);
    border->received_hops = (int)conf_number(node, "received_hops", border->received_hops);
    border->verdict_below = conf_choice(node, "verdict", border->verdict_below) == 1;
    border->authenticated_received =
        conf_flag(node, "authenticated_received", border->authenticated_received);
    const char *mark = conf_text(node, "internal_mark");
    if (!mark)
        return;
    g_clear_pointer(&border->internal_header, g_free);
    g_clear_pointer(&border->internal_value, g_free);
    const char *colon = strchr(mark, ':');
    if (!colon)
        return;
    border->internal_header = g_strndup(mark, (gsize)(colon - mark));
    border->internal_value = g_strstrip(g_strdup(colon + 1));
}

/* A reply address must stay an address (RFC 5321 section 4.5.3.1.1). */
static bool
check_reply_mode(const struct conf_node *node, const struct config_mailbox *mailbox, GError **error)
{
    gsize local = strcspn(mailbox->address, "@");
    gsize most = CAP_LOCAL_PART_BYTES - PLUS_PREFIX_BYTES - SECRET_TOKEN_CHARS;
    gsize plus = strlen(mailbox->address) + PLUS_PREFIX_BYTES + SECRET_TOKEN_CHARS;
    if (mailbox->reply_mode != CONFIG_REPLY_PLUS || (local <= most && plus <= CAP_ADDRESS_BYTES))
        return true;
    return conf_fail(node, "reply_mode", error,
                     "%s is too long for \"plus\": its local part has %" G_GSIZE_FORMAT
                     " octets and at most %" G_GSIZE_FORMAT
                     " leave room for +r.TOKEN; use catchall, dedicated or a shorter address",
                     mailbox->address, local, most);
}

static bool
read_mailbox(const struct config *config, const struct conf_node *node, struct config_mailbox *mailbox,
             GError **error)
{
    mailbox->name = g_strdup(node->title);
    mailbox->provider = provider_by_name(conf_text(node, "provider"));
    const char *address = conf_text(node, "address");
    mailbox->address = g_strdup(address ? address : config->address);
    read_border(node, mailbox->provider, &mailbox->border);
    const char *maildir = value_maildir(conf_text(node, "source"));
    mailbox->maildir = path_beside(config->path, maildir);
    mailbox->folder = g_strdup(conf_text(node, "folder"));
    const char *done = conf_text(node, "done");
    mailbox->done_folder = g_str_has_prefix(done, "move:") ? g_strdup(done + 5) : NULL;
    mailbox->board = g_strdup(conf_text(node, "board"));
    bool has_plus = mailbox->provider->plus_addressing;
    mailbox->reply_mode = (enum config_reply_mode)conf_choice(
        node, "reply_mode", has_plus ? CONFIG_REPLY_PLUS : CONFIG_REPLY_DEDICATED);
    mailbox->max_mail_bytes = conf_number(node, "max_mail", CAP_MAIL_BYTES);
    mailbox->idle_s = (int)conf_number(node, "idle", 0);
    mailbox->poll_s = (int)conf_number(node, "poll", 0);
    mailbox->own_lists = g_ptr_array_new_with_free_func(g_free);
    replace_list(node, "own_lists", mailbox->own_lists);
    if (mailbox->done_folder && strcmp(mailbox->done_folder, mailbox->folder) == 0 && !maildir)
        return conf_fail(node, "done", error,
                         "moves mails to the folder they are taken from; name another one");
    return check_reply_mode(node, mailbox, error) && (maildir || read_imap(config, node, mailbox, error));
}

static bool
read_smtp(const struct config *config, const struct conf_node *node, struct config_outgoing *outgoing,
          GError **error)
{
    const struct provider *provider = outgoing->provider;
    struct server_preset preset = {.host_key = "smtp_host",
                                   .port_key = "smtp_port",
                                   .host = provider->smtp_host,
                                   .port = provider->smtp_port,
                                   .implicit_port = 465,
                                   .starttls_port = 587,
                                   .has_starttls = provider->smtp_starttls,
                                   .wants_oauth = is_oauth(provider)};
    if (!read_server(config, node, &preset, &outgoing->server, error))
        return false;
    bool is_own = strcmp(provider->name, "own") == 0;
    bool wants_login = !is_own || outgoing->server.user;
    if (wants_login && !has_secret(&outgoing->server.secret))
        return conf_fail(node, NULL, error,
                         "says nowhere where the %s is; give password_command, password_file or credential",
                         provider->secret);
    /* a relay of one's own may want no login at all; without a secret there is no user */
    if (has_secret(&outgoing->server.secret))
        default_user(&outgoing->server, provider, config->address);
    return true;
}

static bool
read_outgoing(struct config *config, const struct conf_node *node, GError **error)
{
    struct config_outgoing *outgoing = &config->outgoing;
    const struct config_mailbox *first = config->mailboxes->pdata[0];
    const char *provider = conf_text(node, "provider");
    outgoing->provider = provider ? provider_by_name(provider) : first->provider;
    outgoing->maildir = path_beside(config->path, value_maildir(conf_text(node, "target")));
    outgoing->per_minute = (int)conf_number(node, "sends_per_minute", outgoing->provider->per_minute);
    outgoing->per_day = (int)conf_number(node, "sends_per_day", outgoing->provider->per_day);
    outgoing->max_bytes = conf_number(node, "max_size", CAP_MAIL_BYTES);
    return outgoing->maildir || read_smtp(config, node, outgoing, error);
}

static bool
read_top(struct config *config, const struct conf_node *node, GError **error)
{
    if (!conf_has(node, "address"))
        return conf_fail(node, "address", error,
                         "is missing; give the team's address, as in: address = "
                         "\"tasks@example.com\"");
    config->name = g_strdup(conf_text(node, "name"));
    config->address = g_strdup(conf_text(node, "address"));
    config->data_dir = node_path(config, node, "data");
    config->template_dir = node_path(config, node, "templates");
    config->language = g_strdup(conf_text(node, "language"));
    config->timezone = g_strdup(conf_text(node, "timezone"));
    config->admin = g_strdup(conf_text(node, "admin"));
    config->parse_workers = (int)conf_number(node, "parse_workers", 1);
    if (conf_count(node, "mailbox") == 0)
        return conf_fail(node, "mailbox", error,
                         "is missing; at least one is needed, as in: mailbox main { … }");
    return true;
}

struct config *
config_parse(const char *text, const char *path, GError **error)
{
    g_autoptr(conf_t) conf = conf_parse(text, path, CONF_SCHEMA_CONFIG, error);
    if (!conf)
        return NULL;
    struct conf_node top = conf_root(conf);
    g_autoptr(config_t) config = g_new0(struct config, 1);
    config->path = g_strdup(path);
    config->mailboxes = g_ptr_array_new_with_free_func(mailbox_free);
    if (!read_top(config, &top, error))
        return NULL;
    for (guint i = 0; i < conf_count(&top, "mailbox"); i++) {
        struct conf_node node = conf_child(&top, "mailbox", i);
        struct config_mailbox *mailbox = g_new0(struct config_mailbox, 1);
        g_ptr_array_add(config->mailboxes, mailbox);
        if (!read_mailbox(config, &node, mailbox, error))
            return NULL;
    }
    struct conf_node outgoing = conf_child(&top, "outgoing", 0), notify = conf_child(&top, "notify", 0);
    config->settle_s = (int)conf_number(&notify, "settle", 0);
    return read_outgoing(config, &outgoing, error) ? g_steal_pointer(&config) : NULL;
}

/* The whole file; a missing one is NOT_FOUND. */
static char *
read_file(const char *path, GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat st = {0};
    const char *what = NULL;
    if (fd < 0 || fstat(fd, &st) != 0)
        what = g_strerror(errno);
    else if (!S_ISREG(st.st_mode))
        what = "is not a plain file";
    else if (st.st_mode & S_IWOTH)
        what = "can be changed by everybody, and it names commands to run; chmod o-w it";
    else if (st.st_size > CAP_CONFIG_BYTES)
        what = "is too large for a configuration";
    enum cardpost_error code = fd < 0 && errno == ENOENT ? CARDPOST_ERROR_NOT_FOUND : CARDPOST_ERROR_INVALID;
    gsize size = (gsize)st.st_size, have = 0;
    char *text = what ? NULL : g_malloc0(size + 1);
    while (text && have < size) {
        gssize n = read(fd, text + have, size - have);
        if (n <= 0 && !(n < 0 && errno == EINTR))
            break;
        have += n > 0 ? (gsize)n : 0;
    }
    if (text && strlen(text) < size) {
        what = "holds a NUL or cannot be read to its end";
        g_clear_pointer(&text, g_free);
    }
    if (fd >= 0)
        close(fd);
    if (what)
        g_set_error(error, CARDPOST_ERROR, (int)code, "%s: %s", path, what);
    return text;
}

struct config *
config_load(const char *path, GError **error)
{
    g_autofree char *text = read_file(path, error);
    return text ? config_parse(text, path, error) : NULL;
}

const struct config_mailbox *
config_mailbox(const struct config *config, const char *name)
{
    for (guint i = 0; i < config->mailboxes->len; i++) {
        const struct config_mailbox *mailbox = config->mailboxes->pdata[i];
        if (strcmp(mailbox->name, name) == 0)
            return mailbox;
    }
    return NULL;
}
