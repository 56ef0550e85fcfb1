/* wording.h - the words by which mail programs of many languages announce quotes, forwards and
 * signatures. Data only: a language is added in wording.c and nowhere else.
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

/* Subject prefixes without colon. */
struct wording_prefix {
    const char *word;
    bool is_forward;
};
extern const struct wording_prefix wording_prefixes[]; /* ended by word NULL */

#endif
