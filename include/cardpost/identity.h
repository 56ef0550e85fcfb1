/* identity.h - who a mail says it is from, and how sure that is. Pure; reads raw header fields only.
 *
 * From is not a login (design section 7): a mail has an identity only with exactly one clean From, and
 * that identity counts only with a verdict of the mailbox's own border. RFC 5322, 8601 (A-R), 7489 (DMARC).
 */
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

/* Equality of addresses is clean_address_fold's: ASCII case and one trailing dot do not count; `+tag`, an
 * xn-- domain, a look-alike letter are other people; a quoted or non-ASCII address is no identity (A16). */
struct identity {
    char *address; /* the one clean From, folded; NULL: no identity */
    char *name;    /* its display name, decoded from RFC 2047 and cleaned, or "" */
    enum identity_verdict verdict;
    char *reason;   /* why: "dmarc=pass by mx.corp.example", "two From fields", … never NULL */
    bool is_broken; /* no clean From, or a flaw that hides one: quarantine (attacks.md A09 to A14) */
};

/* A dmarc=fail within the border's zone is a FAIL before all else. Otherwise trust = from, an authenticated
 * submission, the internal mark, dmarc=pass for the very From domain, and only where there is no dmarc=pass
 * or fail an aligned dkim or spf. A header block that ends in a line that is no field has no verdict. The
 * block must have been parsed from bytes that are still there. Clear with identity_clear. */
void identity_read(const struct header_block *block, const struct border *border,
                   struct identity *identity_out);
void identity_clear(struct identity *identity);
typedef struct identity identity_t; /* for g_auto */
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(identity_t, identity_clear)

/* Automatic mail (mail.md section 2). RESPONSES are recorded and never act; MACHINE mail is never answered.
 */
enum automatic {
    AUTOMATIC_NONE,
    AUTOMATIC_REPLY,    /* out of office, auto-replied */
    AUTOMATIC_BOUNCE,   /* delivery status: failed, or not told yet (identity_delivery_report) */
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
/* The same for the body of a mail that was AUTOMATIC_BOUNCE: BOUNCE if a recipient's Action (RFC 3464) is
 * failed, else DELIVERY. Reads at most the first 256 KB; body may lack its end. Only a bounce that carries
 * our own signed id may count (attacks.md L06): the caller's duty. */
enum automatic identity_delivery_report(const void *body, gsize len);
const char *automatic_name(enum automatic automatic); /* "none", "reply", … for explain and the log */
bool automatic_is_response(enum automatic automatic); /* all but NONE and MACHINE */

/* Whether an address must never be mailed: mailer-daemon, postmaster, no-reply and its kin; none at all. */
bool identity_is_robot_address(const char *address);

#endif
