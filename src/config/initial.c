/* initial.c - the cardpost.conf that `init` writes: what is set, and what could be, in comments. It is
 * read back to the same values by config_parse. */
#include <cardpost/config.h>

#include "keys.h"
#include "quote.h"

#include <string.h>

/* One key with its summary; left out without a value. */
static void
put(GString *out, const char *section, const char *name, const char *value)
{
    const struct conf_key *key = conf_key(section, name);
    const char *indent = *section ? "    " : "";
    if (!value)
        return;
    g_autofree char *quoted = quote_value(value);
    g_string_append_printf(out, "%s# %s\n%s%s = %s\n", indent, key->summary, indent, name, quoted);
}

/* The keys of a section that are not set, with their defaults where there are any. */
static void
put_others(GString *out, const char *section, const char *const *set)
{
    guint n;
    const struct conf_key *keys = conf_keys(&n);
    g_string_append_printf(out, "%s# Also to be set here, see cardpost.conf(5):\n", *section ? "    " : "");
    for (guint i = 0; i < n; i++)
        if (strcmp(keys[i].section, section) == 0 && keys[i].type != CONF_REFUSED &&
            !g_strv_contains(set, keys[i].name))
            g_string_append_printf(out, "%s#   %-22s %s%s%s%s\n", *section ? "    " : "", keys[i].name,
                                   keys[i].summary, keys[i].preset ? " (" : "",
                                   keys[i].preset ? keys[i].preset : "", keys[i].preset ? ")" : "");
}

static void
put_secret(GString *out, const char *section, const struct config_init *values)
{
    const char *file = values->password_file ? values->password_file : "password";
    if (values->password_command)
        put(out, section, "password_command", values->password_command);
    else
        put(out, section, "password_file", file);
}

static void
put_mailbox(GString *out, const struct config_init *values)
{
    static const char *const set[] = {"provider",         "source",        "imap_host", "user",
                                      "password_command", "password_file", NULL};
    g_autofree char *source =
        values->source_maildir ? g_strconcat("maildir:", values->source_maildir, NULL) : NULL;
    g_string_append(out, "\nmailbox main {\n");
    put(out, "mailbox", "provider", values->provider->name);
    if (source) {
        put(out, "mailbox", "source", source);
    } else {
        g_string_append_printf(out, "    # %s\n", values->provider->note);
        put(out, "mailbox", "imap_host", values->imap_host);
        put(out, "mailbox", "user", values->user);
        put_secret(out, "mailbox", values);
    }
    put_others(out, "mailbox", set);
    g_string_append(out, "}\n");
}

static void
put_outgoing(GString *out, const struct config_init *values)
{
    static const char *const set[] = {"provider",         "target",        "smtp_host", "user",
                                      "password_command", "password_file", NULL};
    g_autofree char *target =
        values->target_maildir ? g_strconcat("maildir:", values->target_maildir, NULL) : NULL;
    g_string_append(out, "\noutgoing {\n");
    put(out, "outgoing", "provider", values->provider->name);
    if (target) {
        put(out, "outgoing", "target", target);
    } else {
        put(out, "outgoing", "smtp_host", values->smtp_host);
        put(out, "outgoing", "user", values->user);
        put_secret(out, "outgoing", values);
    }
    put_others(out, "outgoing", set);
    g_string_append(out, "}\n");
}

char *
config_write_initial(const struct config_init *values)
{
    static const char *const set[] = {"name", "address", "data", "language", "timezone", NULL};
    static const char *const none[] = {NULL};
    GString *out =
        g_string_new("# cardpost.conf - the configuration of cardpost; `cardpost check` tries it.\n"
                     "# No password stands in this file, and no environment variable is read.\n\n");
    put(out, "", "name", values->name);
    put(out, "", "address", values->address);
    put(out, "", "data", values->data_dir);
    put(out, "", "language", values->language);
    put(out, "", "timezone", values->timezone);
    put_others(out, "", set);
    put_mailbox(out, values);
    put_outgoing(out, values);
    g_string_append(out, "\nnotify {\n");
    put_others(out, "notify", none);
    g_string_append(out, "}\n");
    return g_string_free(out, FALSE);
}
