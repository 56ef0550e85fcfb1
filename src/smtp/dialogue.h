/* dialogue.h - what was said between libcurl and the server, as far as the outcome needs it. Private. */
#ifndef SMTP_DIALOGUE_H
#define SMTP_DIALOGUE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum stage {
    STAGE_CONNECT,
    STAGE_EHLO,
    STAGE_STARTTLS,
    STAGE_AUTH,
    STAGE_MAIL,
    STAGE_RCPT,
    STAGE_DATA,
    STAGE_BODY, /* 354 came, the message goes out */
    STAGE_DOT,  /* a reply came after 354 */
};

struct dialogue {
    enum stage stage;
    int code;           /* last complete reply to the last command, 0 none yet */
    GString *reply;     /* its lines, joined by a space, cut */
    bool is_over;       /* libcurl has said QUIT: what comes now is no part of the outcome */
    int64_t size_limit; /* SIZE of the last EHLO, 0 unknown */
};

void dialogue_init(struct dialogue *dialogue);
void dialogue_clear(struct dialogue *dialogue);
/* A new transaction; what EHLO said stays. */
void dialogue_begin(struct dialogue *dialogue);

/* One command line that went out. Its arguments may hold the password and are not looked at. */
void dialogue_command(struct dialogue *dialogue, const char *line, gsize len);
/* One reply line that came in. */
void dialogue_reply(struct dialogue *dialogue, const char *line, gsize len);

const char *dialogue_stage_name(enum stage stage);

#endif
