/* identity.h - who a mail says it is from, and how sure that is. Pure; reads raw header fields only.
 *
 * From is not a login (design section 7): a mail has an identity only with exactly one clean From, and
 * that identity counts only with a verdict of the mailbox's own border. RFC 5322, 8601 (A-R), 7489 (DMARC). */
#ifndef CARDPOST_IDENTITY_H
#define CARDPOST_IDENTITY_H

#include <cardpost/header.h>
#include <cardpost/provider.h>

#include <glib.h>
#include <stdbool.h>

enum identity_verdict {
    IDENTITY_NONE, /* nothing we may believe either way: unverified */
    IDENTITY_PASS,
    IDENTITY_FAIL, /* the border says the sender is forged */
};

struct identity {
    char *address; /* the one clean From, folded; NULL: no identity */
    char *name;    /* its display name, decoded from RFC 2047 and cleaned, or "" */
    enum identity_verdict verdict;
    char *reason;  /* why: "dmarc=pass by mx.corp.example", "two From fields", … never NULL */
    bool is_broken; /* no clean From, or a flaw that hides one: quarantine (attacks.md A09 to A14) */
};

void identity_read(const struct header_block *block, const struct border *border, struct identity *identity_out);
void identity_clear(struct identity *identity);
typedef struct identity identity_t; /* for g_auto */
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(identity_t, identity_clear)

/* Automatic mail (mail.md section 2). RESPONSES are recorded and never act; MACHINE mail is never answered. */
enum automatic {
    AUTOMATIC_NONE,
    AUTOMATIC_REPLY,    /* out of office, auto-replied */
    AUTOMATIC_BOUNCE,   /* delivery status: failed */
    AUTOMATIC_DELIVERY, /* delivery status: delayed, delivered, relayed, expanded */
    AUTOMATIC_RECEIPT,  /* read receipt (MDN) */
    AUTOMATIC_MACHINE,  /* auto-generated, bulk, list, no-reply */
    AUTOMATIC_OWN,      /* our own X-Cardpost-Loop */
};
/* `instance` is our X-Cardpost-Loop value, subject the decoded one (out-of-office words need a second
 * sign), own_lists the List-Ids that do not count (char *, may be NULL). *sign_out (g_free, may be NULL)
 * says what showed it. */
enum automatic identity_automatic(const struct header_block *block, const char *subject, const char *instance,
                                  const GPtrArray *own_lists, char **sign_out);
const char *automatic_name(enum automatic automatic); /* "none", "reply", … for explain and the log */
bool automatic_is_response(enum automatic automatic); /* all but NONE and MACHINE */

/* Whether an address must never be mailed: mailer-daemon, postmaster, no-reply and its kin. */
bool identity_is_robot_address(const char *address);

#endif
