/* expect.h - one mail into a world, and all that may come of it: what every attack case requires beside its
 * own words. The daemon's part of it (alive, idle) is in tests/e2e. */
#ifndef TESTS_INTAKE_EXPECT_H
#define TESTS_INTAKE_EXPECT_H

#include "world.h"

/* One hop of our border, which says nothing about the sender; and the same with a verdict. */
#define HOP            "Received: from out.example by mx.corp.example; Mon, 23 Nov 2026 08:00:00 +0000\n"
#define PROVEN(domain) "Authentication-Results: mx.corp.example; dmarc=pass header.from=" domain "\n" HOP

struct wish {
    const char *label;
    enum outcome outcome;
    const char *reason; /* the ledger's, to the letter */
    enum trust trust;
    guint n_comments; /* that cards of before get by it: marked as unverified below TRUST_GUEST */
    guint n_cards;    /* that it makes */
    const char *sent; /* "RECIPIENT REASON" of each mail that leaves for it, ", " between; "" none */
};

/* Fails unless the mail (its bytes as they are) was taken as one input with one row in the ledger and one
 * outcome, which is the wish's; nothing else of the cards of before changed, nobody new is known by it but
 * the proven sender of a card in triage, exactly the wished mails left, each with reply addresses of its
 * recipient alone, and no token stands in a line of the log. Answers the mails. */
GPtrArray *expect_mail_bytes(struct world *world, const struct wish *wish, const void *raw, gsize len);
/* The same for text, bare LF becoming CRLF; the mails are dropped. */
void expect_mail(struct world *world, const struct wish *wish, const char *raw);

/* All that a reader or a program can find in a mail of ours: its bytes, its decoded fields, and each part of
 * text decoded. g_free. */
char *sent_words(const struct sent *mail);

/* ", " between: "RECIPIENT REASON" of each. g_free. */
char *sent_summary(const GPtrArray *sent);

#endif
