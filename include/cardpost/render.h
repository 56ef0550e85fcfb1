/* render.h - from facts to an outgoing mail: templates, dates, headers (mail.md section 1).
 *
 * Knows languages, layout and header rules; does not know who may see what: the caller hands only what
 * this recipient may read. Pure but for reading template files at open. */
#ifndef CARDPOST_RENDER_H
#define CARDPOST_RENDER_H

#include <cardpost/outmail.h>

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum letter_kind {
    LETTER_RECEIPT,          /* your mail became a card, or was not understood or refused (`notes`) */
    LETTER_STRANGER_RECEIPT, /* contentless: no title, no text (mail.md section 1) */
    LETTER_ASSIGNED,
    LETTER_COMMENT, /* one or several comments of one card, coalesced */
    LETTER_HELD,    /* somebody answered in your name or with your address: may it count? */
    LETTER_REFUSED, /* what was asked is not possible; `notes` say why */
    LETTER_ADMIN,   /* a failure an admin must know of; `notes` */
};

/* One comment (or the description) as shown to this recipient. */
struct letter_entry {
    const char *author;
    int64_t at;
    const char *text;
    bool is_unverified; /* "sender not verified" is said beside it */
    bool is_internal;   /* only ever in mails to members */
};

struct letter_file {
    const char *name;
    const char *type;
    int64_t size_bytes;
    GBytes *content; /* NULL: does not travel along, only named */
};

struct letter {
    enum letter_kind kind;
    const char *language; /* "en", "zh-CN"; unknown ones fall back to "en" */
    const char *timezone; /* recipient's IANA zone */
    int64_t now;

    const char *instance, *instance_address; /* "tasks", "tasks@team.test" */
    const char *loop_id;                     /* X-Cardpost-Loop */
    const char *board_name;                  /* public name for guests */
    const char *board_alias;                 /* for List-Id, or NULL: no List-Id (guests) */
    bool shows_board_headers;                /* false for guests and strangers */

    const char *to_name, *to_address;
    const char *actor_name;        /* "Li Wei via Orders"; NULL: the instance itself */
    const char *reply_token;       /* NULL: plain address */
    int reply_mode;                /* enum config_reply_mode: 0 plus, 1 catch-all, 2 dedicated */
    const char *unsubscribe_token; /* or NULL */
    const char *reason;            /* X-Cardpost-Reason: "assigned", "watching", "receipt", … */

    int64_t card;                 /* 0: no card (stranger's receipt, admin) */
    const char *card_title;       /* as frozen for the subject */
    const char *original_subject; /* receipts to strangers: not echoed; NULL */
    const char *column_name;
    const char *requester_name, *assignee_names; /* joined for display, or NULL */
    bool is_first;                               /* first mail of this card to this person: no "Re: " */
    const char *message_id, *in_reply_to;        /* without brackets; in_reply_to may be NULL */
    const char *root_id;                         /* synthetic card root, or NULL */
    GPtrArray *references;    /* char *: further ids between the root and the last, may be NULL */
    const char *thread_index; /* base64, or NULL */

    const struct letter_entry *entries; /* newest last */
    guint n_entries;
    const struct letter_file *files;
    guint n_files;
    const char *const *notes; /* lines of a receipt, refusal or admin mail, in the recipient's language */
    guint n_notes;
};

struct render;
/* override_dir may be NULL. Reads the *.mustache files of DIR/<lang>/ once; a template that does not parse is
 * INVALID with file and line. */
struct render *render_open(const char *template_dir, const char *override_dir, GError **error);
void render_free(struct render *render);

/* The mail, complete but for nothing; mime_compose makes its bytes. Free with outmail_free. */
struct outmail *render_letter(struct render *render, const struct letter *letter, GError **error);

/* What the mail says, in its text and again in its HTML read as text, without reply tokens: to know its quote
 * again (text_edits). g_free. */
char *render_words(const struct outmail *mail);

/* A point in time as people read it in the IANA zone and the language, with the zone's name:
 * "Tue 24 Nov 18:00 (Shanghai)", "11月24日 周二 18:00（上海）". g_free. */
char *render_time(int64_t at, const char *zone_name, const char *language);

/* One line of the catalogue of short texts (templates/<lang>/texts): notes of receipts and refusals.
 * `%s` in it is filled by arg (may be NULL). Unknown keys give the key itself. g_free. */
char *render_text(const struct render *render, const char *language, const char *key, const char *arg);

#endif
