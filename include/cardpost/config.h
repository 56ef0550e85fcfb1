/* config.h - cardpost.conf: every key in one typed table (src/config/keys.c), read by libconfuse.
 *
 * A value that is wrong is INVALID with "FILE:LINE: key: what is wrong, what would be right"; nothing is
 * guessed. Secrets never stand in the file: password_command, password_file or a systemd credential name
 * them. Environment variables are not read and no file is included: "${" in double quotes is an error.
 * The parser (libconfuse) keeps global state: one file at a time, in one thread. */
#ifndef CARDPOST_CONFIG_H
#define CARDPOST_CONFIG_H

#include <cardpost/net.h>
#include <cardpost/provider.h>

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum config_auth { CONFIG_AUTH_AUTO, CONFIG_AUTH_PLAIN, CONFIG_AUTH_LOGIN, CONFIG_AUTH_XOAUTH2 };

/* Where a secret comes from; at most one is set. */
struct config_secret {
    char *command; /* run by /bin/sh -c, first line of its output; must end within 30 s and print one line */
    char *file;    /* first line; mode 0600 or stricter */
    char *credential; /* name below $CREDENTIALS_DIRECTORY */
};

struct config_server {
    char *host;
    uint16_t port;
    enum net_tls tls;
    char *ca_file; /* with its revocation lists, or NULL: the system's */
    enum config_auth auth;
    char *user;
    struct config_secret secret;
};

/* How reply addresses are written: tasks+r.TOKEN@dom, r.TOKEN@dom, or plain (no token). */
enum config_reply_mode { CONFIG_REPLY_PLUS, CONFIG_REPLY_CATCHALL, CONFIG_REPLY_DEDICATED };

struct config_mailbox {
    char *name;    /* title of the section: [a-z0-9-]+ */
    char *address; /* the team address people write to */
    char *maildir; /* source "maildir:PATH"; NULL: IMAP by `server` */
    struct config_server server;
    const struct provider *provider; /* preset; never NULL ("own" is the default) */
    char *folder;                    /* "INBOX" */
    char *done_folder;               /* processed mails are moved there; NULL: only remembered */
    char *board;                     /* default board of this mailbox, or NULL */
    struct border border;            /* how a sender is proven here: preset, overridden by keys */
    enum config_reply_mode reply_mode;
    int64_t max_mail_bytes;
    int idle_s;           /* re-issue IDLE after so many seconds; 540 */
    int poll_s;           /* without IDLE; 60 */
    GPtrArray *own_lists; /* char *: List-Id values of own lists (the address stands behind a group) */
};

struct config_outgoing {
    char *maildir; /* target "maildir:PATH" ("{recipient}" allowed); NULL: SMTP by `server` */
    struct config_server server;
    const struct provider *provider;
    int per_minute, per_day; /* 0: no limit */
    int64_t max_bytes;       /* largest mail sent; lowered to the server's SIZE */
};

struct config {
    char *path;    /* the file it was read from; relative paths in it start at its directory */
    char *name;    /* instance: the tag in subjects, "[tasks-128]"; [a-z][a-z0-9]{0,15} */
    char *address; /* main team address: From of all notices */
    char *data_dir;
    char *template_dir;   /* overrides of the installed templates, or NULL */
    char *language;       /* of people who have none set: "en" or "zh-CN" */
    char *timezone;       /* IANA name */
    char *admin;          /* address that hears of failures, or NULL: people with role admin */
    GPtrArray *mailboxes; /* struct config_mailbox *, at least one */
    struct config_outgoing outgoing;
    int settle_s;      /* a notice waits so long for more; 0 sends at once */
    int parse_workers; /* 1 to 16 */
};

/* NULL and INVALID (or NOT_FOUND for a missing file). config_parse takes the text of the file `path`. */
struct config *config_load(const char *path, GError **error);
struct config *config_parse(const char *text, const char *path, GError **error);
void config_free(struct config *config);
typedef struct config config_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(config_t, config_free)

const struct config_mailbox *config_mailbox(const struct config *config, const char *name); /* or NULL */

/* Fetches a secret: runs the command (own process group, killed after 30 s) or reads the file. NULL and
 * TEMPORARY (command failed, timed out) or INVALID (no or several lines, file readable by others, none
 * configured). The text never holds the secret. The command gets our environment and /dev/null as input,
 * its standard error is ours, and what it leaves running is killed when it ends; a caller with a SIGCHLD
 * handler must not reap it. Of a file only the first line counts. Free with secret_free. */
char *config_secret_get(const struct config_secret *secret, GError **error);

/* A commented cardpost.conf for `init`, which config_parse reads back to the same values if each is good by
 * itself; values are quoted as the file needs it. A provider without hosts ("own", "ses") needs imap_host
 * or source_maildir, smtp_host or target_maildir. Without password_command and password_file the
 * secret is looked for in the file "password" beside cardpost.conf. g_free. */
struct config_init {
    const char *name, *address, *data_dir, *language, *timezone;
    const struct provider *provider;
    const char *imap_host, *smtp_host, *user; /* NULL: the preset's */
    const char *password_command, *password_file;
    const char *source_maildir, *target_maildir; /* or NULL */
};
char *config_write_initial(const struct config_init *values);

/* NULL if `value` may stand for the key of that section ("" is the top), else what is wrong and what would be
 * right; g_free. For one who asks for it. */
char *config_value_problem(const char *section, const char *key, const char *value);

/* The keys of cardpost.conf and of team files, in the order of the table; false past the last. For the
 * check of the man page and for completions. */
struct config_key {
    const char *section; /* "" is the top of cardpost.conf; "mailbox", …; "person", … are of team files */
    const char *name;
    const char *preset; /* its value when it is not given, or NULL */
    const char *summary;
};
bool config_key_at(guint index, struct config_key *key_out);

#endif
