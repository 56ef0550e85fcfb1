/* keys.c - the table of keys, and what libconfuse is told of it. Values are checked in values.c.
 *
 * Every key is a string to libconfuse: its own numbers fail on a stale errno (3.3), and errors of ours
 * say what would be right. */
#include "keys.h"

#include <cardpost/config.h>

#include <string.h>

#define TEXT_BYTES 500
#define MEGABYTE   (1024 * 1024)

struct section {
    enum conf_schema schema;
    const char *name, *parent; /* NULL: the top itself */
    bool has_title;            /* then there may be many, each with a title of its own */
};

static const struct section sections[] = {
    {CONF_SCHEMA_CONFIG, "", NULL, false},       {CONF_SCHEMA_CONFIG, "mailbox", "", true},
    {CONF_SCHEMA_CONFIG, "outgoing", "", false}, {CONF_SCHEMA_CONFIG, "notify", "", false},
    {CONF_SCHEMA_TEAM, "person", "", true},      {CONF_SCHEMA_TEAM, "team", "", true},
    {CONF_SCHEMA_TEAM, "board", "", true},       {CONF_SCHEMA_TEAM, "column", "board", true},
};

/* clang-format off */
#define SERVER_KEYS(section) \
    {section, "tls", CONF_CHOICE, NULL, 0, 0, "implicit|starttls|none", \
     "TLS from the first byte, after STARTTLS, or none (only to this host itself)"}, \
    {section, "ca_file", CONF_PATH, NULL, 0, 0, NULL, \
     "PEM file of the certificates that replace the system's store"}, \
    {section, "auth", CONF_CHOICE, NULL, 0, 0, "auto|plain|login|xoauth2", "how to log in"}, \
    {section, "user", CONF_TEXT, NULL, 1, 255, NULL, \
     "login name; default the address, or its local part where the provider wants that"}, \
    {section, "password_command", CONF_TEXT, NULL, 1, 4000, NULL, \
     "command for /bin/sh whose one line of output is the password or access token"}, \
    {section, "password_file", CONF_PATH, NULL, 0, 0, NULL, \
     "file whose first line is the password; readable by its owner only"}, \
    {section, "credential", CONF_TEXT, NULL, 1, 255, NULL, "name of a systemd credential"}, \
    {section, "password", CONF_REFUSED, NULL, 0, 0, NULL, \
     "a password does not belong in this file, which is copied and shown; say where it is, with " \
     "password_command, password_file or credential"}
/* clang-format on */

static const struct conf_key keys[] = {
    {"", "name", CONF_NAME, "tasks", 0, 0, NULL, "name of this instance, the tag in subjects"},
    {"", "address", CONF_ADDRESS, NULL, 0, 0, NULL, "the team's address, From of all notices"},
    {"", "data", CONF_PATH, "/var/lib/cardpost", 0, 0, NULL, "directory of databases and keys"},
    {"", "templates", CONF_PATH, NULL, 0, 0, NULL, "directory of own mail templates"},
    {"", "language", CONF_CHOICE, "en", 0, 0, "en|zh-CN", "language of people who have none set"},
    {"", "timezone", CONF_ZONE, "UTC", 0, 0, NULL, "time zone of people who have none set"},
    {"", "admin", CONF_ADDRESS, NULL, 0, 0, NULL, "who hears of failures; else all people with role admin"},
    {"", "parse_workers", CONF_NUMBER, "2", 1, 16, NULL, "processes that read mails"},

    {"mailbox", "provider", CONF_PROVIDER, "own", 0, 0, NULL,
     "preset whose values hold where a key is not given"},
    {"mailbox", "address", CONF_ADDRESS, NULL, 0, 0, NULL, "address people write to; default the top one"},
    {"mailbox", "source", CONF_SOURCE, "imap", 0, 0, "imap", "where mail comes from: imap, or maildir:PATH"},
    {"mailbox", "imap_host", CONF_HOST, NULL, 0, 0, NULL, "IMAP server"},
    {"mailbox", "imap_port", CONF_NUMBER, NULL, 1, 65535, NULL, "its port; default 993, with STARTTLS 143"},
    SERVER_KEYS("mailbox"),
    {"mailbox", "folder", CONF_TEXT, "INBOX", 1, TEXT_BYTES, NULL, "folder that is watched"},
    {"mailbox", "done", CONF_DONE, "remember", 0, 0, NULL, "processed mails: remember, or move:FOLDER"},
    {"mailbox", "board", CONF_KEY, NULL, 0, 0, NULL, "board of mails that name none"},
    {"mailbox", "trust", CONF_CHOICE, "verdict", 0, 0, "verdict|from",
     "what proves a sender: the border's verdict, or From alone (closed servers only)"},
    {"mailbox", "authserv_ids", CONF_LIST, NULL, 1, 255, NULL,
     "accepted names at the start of Authentication-Results; * stands for any characters"},
    {"mailbox", "absent_authserv_id", CONF_FLAG, NULL, 0, 0, NULL,
     "accept an Authentication-Results without such a name"},
    {"mailbox", "strips_forged", CONF_FLAG, NULL, 0, 0, NULL,
     "the border removes forged Authentication-Results; without it none is believed"},
    {"mailbox", "received_hops", CONF_NUMBER, NULL, 0, 20, NULL,
     "Received fields that the border itself writes"},
    {"mailbox", "verdict", CONF_CHOICE, NULL, 0, 0, "above|below",
     "where the verdict stands, seen from the border's last Received"},
    {"mailbox", "authenticated_received", CONF_FLAG, NULL, 0, 0, NULL,
     "the border's Received names who logged in"},
    {"mailbox", "internal_mark", CONF_MARK, NULL, 0, TEXT_BYTES, NULL,
     "header and value that mark authenticated mail of the same organisation"},
    {"mailbox", "reply_mode", CONF_CHOICE, NULL, 0, 0, "plus|catchall|dedicated",
     "reply addresses: tasks+r.TOKEN@, r.TOKEN@, or plain tasks@"},
    {"mailbox", "max_mail", CONF_SIZE, "25M", 65536, 25 * MEGABYTE, NULL,
     "larger mails are fetched in part only"},
    {"mailbox", "idle", CONF_DURATION, "9m", 1, 1740, NULL, "IDLE is asked for again after this time"},
    {"mailbox", "poll", CONF_DURATION, "1m", 1, 3600, NULL, "without IDLE: time between two looks"},
    {"mailbox", "own_lists", CONF_LIST, NULL, 1, 255, NULL,
     "List-Ids of own groups behind which the address stands"},

    {"outgoing", "provider", CONF_PROVIDER, NULL, 0, 0, NULL, "preset; default that of the first mailbox"},
    {"outgoing", "target", CONF_SOURCE, "smtp", 0, 0, "smtp",
     "where mail goes: smtp, or maildir:PATH, in which {recipient} stands for the address"},
    {"outgoing", "smtp_host", CONF_HOST, NULL, 0, 0, NULL, "submission server"},
    {"outgoing", "smtp_port", CONF_NUMBER, NULL, 1, 65535, NULL, "its port; default 465, with STARTTLS 587"},
    SERVER_KEYS("outgoing"),
    {"outgoing", "sends_per_minute", CONF_NUMBER, NULL, 0, 100000, NULL,
     "most mails in a minute; 0: no limit"},
    {"outgoing", "sends_per_day", CONF_NUMBER, NULL, 0, 10000000, NULL, "most mails in a day; 0: no limit"},
    {"outgoing", "max_size", CONF_SIZE, "25M", 65536, 50 * MEGABYTE, NULL, "largest mail that is sent"},

    {"notify", "settle", CONF_DURATION, "2m", 0, 3600, NULL,
     "a notice waits so long for more; 0: it does not"},

    {"person", "name", CONF_TEXT, NULL, 1, 200, NULL, "name as others read it"},
    {"person", "email", CONF_ADDRESSES, NULL, 0, 0, NULL, "addresses; the first is written to"},
    {"person", "language", CONF_CHOICE, NULL, 0, 0, "en|zh-CN", "default the instance's"},
    {"person", "timezone", CONF_ZONE, NULL, 0, 0, NULL, "default the instance's"},
    {"person", "role", CONF_CHOICE, "member", 0, 0, "member|admin|guest", "what the person may do"},
    {"person", "receipts", CONF_CHOICE, "all", 0, 0, "all|problems",
     "whether each new card is answered with a receipt, or only mails with a problem"},

    {"team", "name", CONF_TEXT, NULL, 1, 200, NULL, "name as others read it"},
    {"team", "members", CONF_KEYS, NULL, 0, 0, NULL, "keys of people"},

    {"board", "name", CONF_TEXT, NULL, 1, 200, NULL, "English name"},
    {"board", "name_zh", CONF_TEXT, NULL, 0, 200, NULL, "Chinese name; default the English one"},
    {"board", "public_name", CONF_TEXT, NULL, 0, 200, NULL, "name that guests see; default name"},
    {"board", "alias", CONF_KEY, NULL, 0, 0, NULL, "+tag of its address; default its key"},
    {"board", "intake", CONF_CHOICE, "anyone", 0, 0, "members|participants|anyone", "whose mail it takes"},
    {"board", "default", CONF_FLAG, "false", 0, 0, NULL, "takes what names no board; true on exactly one"},
    {"board", "default_assignee", CONF_KEY, NULL, 0, 0, NULL, "person to whom new cards go"},

    {"column", "name", CONF_TEXT, NULL, 1, 200, NULL, "English name"},
    {"column", "name_zh", CONF_TEXT, NULL, 0, 200, NULL, "Chinese name; default the English one"},
    {"column", "kind", CONF_CHOICE, "active", 0, 0, "queue|active|done",
     "waiting, being worked on, or finished"},
    {"column", "owner", CONF_KEY, NULL, 0, 0, NULL, "person who gets a card that enters"},
};

const struct conf_key *
conf_keys(guint *n_out)
{
    *n_out = G_N_ELEMENTS(keys);
    return keys;
}

bool
config_key_at(guint index, struct config_key *key_out)
{
    if (index >= G_N_ELEMENTS(keys))
        return false;
    const struct conf_key *key = &keys[index];
    *key_out = (struct config_key){key->section, key->name, key->preset, key->summary};
    return true;
}

const struct conf_key *
conf_key(const char *section, const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(keys); i++)
        if (strcmp(keys[i].section, section) == 0 && strcmp(keys[i].name, name) == 0)
            return &keys[i];
    return NULL;
}

bool
conf_type_is_list(enum conf_type type)
{
    return type == CONF_LIST || type == CONF_KEYS || type == CONF_ADDRESSES;
}

/* Whether the keys of `section` belong to files of this schema. */
static bool
is_of_schema(enum conf_schema schema, const char *section)
{
    for (guint i = 0; i < G_N_ELEMENTS(sections); i++)
        if (sections[i].schema == schema && strcmp(sections[i].name, section) == 0)
            return true;
    return false;
}

/* The options of one section and, by recursion, of those in it. */
static cfg_opt_t *
section_options(enum conf_schema schema, const char *section)
{
    GArray *options = g_array_new(FALSE, FALSE, sizeof(cfg_opt_t));
    for (guint i = 0; i < G_N_ELEMENTS(keys) && is_of_schema(schema, section); i++) {
        if (strcmp(keys[i].section, section) != 0)
            continue;
        cfg_opt_t one = CFG_STR(keys[i].name, NULL, CFGF_NODEFAULT);
        cfg_opt_t list = CFG_STR_LIST(keys[i].name, NULL, CFGF_NODEFAULT);
        g_array_append_vals(options, conf_type_is_list(keys[i].type) ? &list : &one, 1);
    }
    for (guint i = 0; i < G_N_ELEMENTS(sections); i++) {
        const struct section *child = &sections[i];
        if (child->schema != schema || g_strcmp0(child->parent, section) != 0)
            continue;
        cfg_flag_t flags = child->has_title ? CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES : CFGF_NONE;
        cfg_opt_t option = CFG_SEC(child->name, section_options(schema, child->name), flags);
        g_array_append_val(options, option);
    }
    cfg_opt_t end = CFG_END();
    g_array_append_val(options, end);
    return (cfg_opt_t *)(void *)g_array_free(options, FALSE);
}

cfg_opt_t *
conf_options(enum conf_schema schema)
{
    return section_options(schema, "");
}

void
conf_options_free(cfg_opt_t *options)
{
    for (cfg_opt_t *option = options; option && option->name; option++)
        conf_options_free(option->subopts);
    g_free(options);
}

/* Letters to add, drop or replace to make b of a (Levenshtein); both are short. */
static guint
edit_distance(const char *a, const char *b)
{
    gsize len = strlen(b);
    g_autofree guint *row = g_new(guint, len + 1);
    for (gsize j = 0; j <= len; j++)
        row[j] = (guint)j;
    for (gsize i = 0; a[i]; i++) {
        guint diagonal = row[0];
        row[0] = (guint)i + 1;
        for (gsize j = 0; j < len; j++) {
            guint replace = diagonal + (a[i] != b[j]);
            diagonal = row[j + 1];
            row[j + 1] = MIN(replace, MIN(row[j], row[j + 1]) + 1);
        }
    }
    return row[len];
}

const char *
conf_nearest(enum conf_schema schema, const char *section, const char *name)
{
    const char *best = NULL;
    gsize len = MIN(strlen(name), 64);
    g_autofree char *asked = g_ascii_strdown(name, (gssize)len);
    /* two letters exchanged are 2; more than a third of them wrong is no misspelling */
    guint least = (guint)MAX(len / 3, len >= 4 ? 2 : 1) + 1;
    for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
        bool fits = is_of_schema(schema, section) && strcmp(keys[i].section, section) == 0;
        guint distance =
            fits && keys[i].type != CONF_REFUSED ? edit_distance(asked, keys[i].name) : G_MAXUINT;
        if (distance < least) {
            least = distance;
            best = keys[i].name;
        }
    }
    for (guint i = 0; i < G_N_ELEMENTS(sections); i++) {
        bool fits = sections[i].schema == schema && g_strcmp0(sections[i].parent, section) == 0;
        guint distance = fits ? edit_distance(asked, sections[i].name) : G_MAXUINT;
        if (distance < least) {
            least = distance;
            best = sections[i].name;
        }
    }
    return best;
}
