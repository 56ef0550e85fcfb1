/* keys.h - the one table of all keys of cardpost.conf and of team files. From it are made the options
 * given to libconfuse, the checks of each value, the suggestions and the check of the man page. */
#ifndef CONFIG_KEYS_H
#define CONFIG_KEYS_H

#include <confuse.h>
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum conf_schema { CONF_SCHEMA_CONFIG, CONF_SCHEMA_TEAM };

enum conf_type {
    CONF_TEXT,    /* one line; max is its length in bytes */
    CONF_LIST,    /* {"a", "b"} of CONF_TEXT */
    CONF_KEY,     /* names something: [a-z][a-z0-9-]{0,30} */
    CONF_KEYS,    /* list of CONF_KEY */
    CONF_NAME,    /* the instance: [a-z][a-z0-9]{0,15} */
    CONF_PATH,    /* file or directory */
    CONF_SOURCE,  /* a word of `choices`, or "maildir:PATH" */
    CONF_DONE,    /* "remember" or "move:FOLDER" */
    CONF_ADDRESS, /* one plain mail address */
    CONF_ADDRESSES,
    CONF_HOST,
    CONF_ZONE,     /* IANA time zone */
    CONF_NUMBER,   /* min to max */
    CONF_SIZE,     /* bytes, with k or M */
    CONF_DURATION, /* seconds, with s, m or h */
    CONF_FLAG,     /* true or false */
    CONF_CHOICE,   /* one of `choices` */
    CONF_PROVIDER, /* name of a preset */
    CONF_MARK,     /* "Header: value", or "" for none */
    CONF_REFUSED,  /* never allowed; `summary` says why */
};

struct conf_key {
    const char *section; /* "" is the top of cardpost.conf */
    const char *name;
    enum conf_type type;
    const char *preset; /* value when it is not given; NULL: none, or the provider's */
    int64_t min, max;
    const char *choices; /* "a|b|c" */
    const char *summary;
};

const struct conf_key *conf_keys(guint *n_out);
const struct conf_key *conf_key(const char *section, const char *name); /* or NULL */
bool conf_type_is_list(enum conf_type type);

/* Options for cfg_init, which copies them; conf_options_free. */
cfg_opt_t *conf_options(enum conf_schema schema);
void conf_options_free(cfg_opt_t *options);

/* The key or section allowed in `section` that is spelt most like `name`; NULL: none is near. */
const char *conf_nearest(enum conf_schema schema, const char *section, const char *name);

#endif
