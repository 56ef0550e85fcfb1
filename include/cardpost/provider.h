/* provider.h - what is known about mail providers, as data (mail.md section 5). Every value can be
 * overridden in cardpost.conf. The table is src/config/providers.c. */
#ifndef CARDPOST_PROVIDER_H
#define CARDPOST_PROVIDER_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* How a sender is proven at the border of a mailbox (design section 7). */
struct border {
    bool trust_from; /* trust = from: a closed server that refuses forged senders itself */
    GPtrArray
        *authserv_ids;     /* char *: accepted authserv-ids; an entry may hold "*"; empty: none is written */
    bool allows_absent_id; /* the provider writes Authentication-Results without authserv-id (M365) */
    bool strips_forged;    /* the border removes forged ones; without it no verdict header is believed */
    int received_hops;     /* Received fields the border itself writes, at the top */
    bool verdict_below;    /* the verdict stands below the border's last Received, else above it */
    char *internal_header, *internal_value; /* mark of authenticated internal mail, or NULL */
    bool authenticated_received; /* the border's Received names the login: "(Authenticated sender: x)" */
};
void border_clear(struct border *border);
void border_copy(struct border *to, const struct border *from);

struct provider {
    const char *name;                  /* "own", "gmail", "qq", … */
    const char *title;                 /* for people */
    const char *const *domains;        /* NULL-terminated: addresses at these are this provider's */
    const char *imap_host, *smtp_host; /* "" for own: asked */
    uint16_t imap_port, smtp_port;
    bool imap_starttls, smtp_starttls;
    const char *login;  /* "address" or "local": what the user name is */
    const char *secret; /* "password", "app password", "authorisation code", "oauth": for init's words */
    bool needs_id;      /* ID right after LOGIN */
    bool has_idle, saves_sent, plus_addressing, envelope_must_be_login;
    int max_sessions, per_minute, per_day;
    /* trust: the border as strings, built by provider_border */
    const char *const *authserv_ids; /* NULL-terminated, may be NULL */
    bool allows_absent_id, verdict_below, authenticated_received;
    int received_hops;
    const char *internal_header, *internal_value;
    const char *note; /* what a user must do at this provider first, one line */
};

const struct provider *provider_by_name(const char *name);       /* NULL: unknown */
const struct provider *provider_by_address(const char *address); /* by its domain; "own" if none */
const struct provider *const *provider_all(guint *n_out);
void provider_border(const struct provider *provider, struct border *border_out);

#endif
