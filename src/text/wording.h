/* wording.h - the words by which mail programs of many languages announce quotes, forwards and
 * signatures. Data only: a language is added in wording.c, wording_ends.c and wording_notices.c and nowhere
 * else.
 *
 * Everything is lower case (lower_plain of lines.h). Private to text. */
#ifndef TEXT_WORDING_H
#define TEXT_WORDING_H

#include <glib.h>
#include <stdbool.h>

/* "On … X wrote:" */
enum verb_place {
    VERB_LAST,  /* only a colon or dashes may follow: "wrote:" */
    VERB_INSIDE /* the name or the date may follow: "schrieb am … um …:" */
};
struct wording_verb {
    const char *word;
    enum verb_place place;
    bool is_joined; /* written without spaces around it: Chinese, Japanese, Korean */
};
extern const struct wording_verb wording_verbs[]; /* ended by word NULL */
/* Words that open such a line, with the space behind them where the language writes one. */
extern const char *const wording_openers[];
/* Names of months and week days, for "is there a date in this line". */
extern const char *const wording_calendar[];
/* How the name of a month begins, abbreviated or not; the longest that fits counts. */
struct wording_month {
    const char *start;
    int month;
};
extern const struct wording_month wording_months[]; /* ended by start NULL */

/* From:, Sent:, To:, Subject: */
enum field_kind {
    FIELD_NONE,
    FIELD_FROM,
    FIELD_DATE,
    FIELD_SENT,
    FIELD_TO,
    FIELD_CC,
    FIELD_SUBJECT,
    FIELD_OTHER
};
struct wording_field {
    const char *label;
    enum field_kind kind;
};
extern const struct wording_field wording_fields[]; /* ended by label NULL */

/* "-- Please reply above this line --": any of these in a line that begins with dashes or the like. */
extern const char *const wording_reply_lines[];

/* "-----Original Message-----" without its dashes. */
extern const char *const wording_originals[];
/* "---------- Forwarded message ---------" without its dashes, "Begin forwarded message" without colon. */
extern const char *const wording_forwards[];

/* "Sent from my iPhone": the line begins so, or ends so, in the languages whose verb stands last. */
struct wording_device {
    const char *start; /* "" : any */
    const char *end;   /* "" : any */
};
extern const struct wording_device wording_devices[]; /* ended by start NULL */
/* Where a device line begins with a word that prose begins with too, one of these must be in it. */
extern const char *const wording_device_names[];
/* The last line of a signature that a mail program lays out as a card of bars. */
extern const char *const wording_card_ends[];
/* Before a name: signed for somebody; and behind one: the Korean and Japanese "from". Not lower case. */
extern const char *const wording_signed_for[];
extern const char *const wording_signed_by[];

/* "Best regards": the whole line but for marks at its ends. Ended by NULL, and so are all below. */
extern const char *const wording_closings[];
/* "Thanks": closing words that are often the message itself. */
extern const char *const wording_thanks[];
/* What stands behind a dash in lower case and is no name. */
extern const char *const wording_no_names[];
/* "Hi", "Dear": how a salutation begins. */
extern const char *const wording_greetings[];

/* What a line of a contact block tells; each a bit. */
enum contact_kind {
    CONTACT_NONE = 0,
    CONTACT_PHONE = 1 << 0,
    CONTACT_FAX = 1 << 1,
    CONTACT_MAIL = 1 << 2,
    CONTACT_WEB = 1 << 3,
    CONTACT_PLACE = 1 << 4,
    CONTACT_REGISTER = 1 << 5, /* company registers and tax numbers */
    CONTACT_CHAT = 1 << 6,
    CONTACT_POST = 1 << 7, /* "Sales Manager", "Acme Ltd" */
    CONTACT_LOGO = 1 << 8,
};
struct wording_contact {
    const char *label; /* before a colon or a blank */
    enum contact_kind kind;
};
extern const struct wording_contact wording_contacts[]; /* ended by label NULL */
/* Words of posts and forms of companies. */
extern const char *const wording_posts[];
/* What a line of an address or department has in Chinese, Japanese and Korean. */
extern const char *const wording_places[];

/* Phrases of notices below a mail: what each weighs; 3 are enough. */
struct wording_phrase {
    const char *words;
    guint weight;
};
extern const struct wording_phrase wording_notices[]; /* ended by words NULL */
/* "Disclaimer": lines above such a notice. */
extern const char *const wording_notice_titles[];

/* "[EXTERNAL]" without its brackets. */
extern const char *const wording_outside_tags[];
/* Of banners above a mail: where it came from, what not to do, how they begin. */
extern const char *const wording_outside_origins[];
extern const char *const wording_outside_advice[];
extern const char *const wording_outside_alarms[];

/* Subject prefixes without colon. */
struct wording_prefix {
    const char *word;
    bool is_forward;
};
extern const struct wording_prefix wording_prefixes[]; /* ended by word NULL */

#endif
