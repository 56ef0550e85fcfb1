/* world.h - a whole instance in memory of one test: real databases, real reading of mails, real notices; only
 * the processes and the network are left out. Time stands at WORLD_NOW and moves by world_advance. */
#ifndef TESTS_INTAKE_WORLD_H
#define TESTS_INTAKE_WORLD_H

#include "support.h"

#include <cardpost/config.h>
#include <cardpost/intake.h>
#include <cardpost/notify.h>
#include <cardpost/store.h>

/* 2026-11-23 08:00 UTC, a Monday */
#define WORLD_NOW 1795420800

struct world {
    char *dir;
    struct config *config;
    struct store *store;
    struct intake *intake;
    struct notify *notify;
    int64_t now;
    guint next_uid;
    bool is_oversize; /* what is taken in are the beginnings of larger mails */
};

/* ann (admin), bob, li (zh-CN) are members of corp.example; sue (guest) is at sup.example. Boards: orders
 * (default, intake participants), open (anyone), closed (members). The border is mx.corp.example. */
struct world *world_new(void);
void world_free(struct world *world);
void world_advance(struct world *world, int64_t seconds);

/* Takes one raw mail in (bare LF becomes CRLF) and answers its outcome; outcome_row_free. */
struct outcome_row *world_mail(struct world *world, const char *raw);
struct outcome_row *world_mail_bytes(struct world *world, const void *raw, gsize len);
/* The same for a mail proven by the border: a verdict for the From domain is put on top. */
struct outcome_row *world_proven_mail(struct world *world, const char *raw);

/* Folds all inputs that wait. */
void world_fold(struct world *world);

/* Everything due is rendered and taken out of the outbox as sent; the mails as raw text, oldest first. */
struct sent {
    char *recipient, *subject, *raw, *reply_to, *message_id;
};
GPtrArray *world_sent(struct world *world); /* struct sent *, freed with the array */
/* The one mail sent to that recipient, or NULL; fails on several. */
const struct sent *sent_to(const GPtrArray *sent, const char *recipient);

/* Fails the test unless the row ended like this; frees it and answers its card. */
int64_t expect_outcome(struct outcome_row *row, enum outcome outcome, const char *label);

#endif
