/* quote.h - which lines are quoted. Private to text. */
#ifndef TEXT_QUOTE_H
#define TEXT_QUOTE_H

#include "lines.h"

#define QUOTE_NONE G_MAXUINT

struct quote_cut {
    GArray *lines;      /* the caller's, for the numbers of the lines */
    GString *rule;      /* what cut where, for people; NULL before the first */
    guint rules;        /* how many, shown or not */
    guint forward_line; /* where a forwarded mail is announced, or QUOTE_NONE */
    guint fields_line;  /* where the first header block outside a forward begins, or QUOTE_NONE */
    guint wrote_line;   /* where "On … wrote:" announces an indented mail (Outlook 2019), or QUOTE_NONE */
    guint wrote_end;    /* the first line behind it */
    guint splits;       /* lines that were cut in two */
};

void quote_cut_init(struct quote_cut *cut, GArray *lines);
/* Sets ROLE_QUOTED and ROLE_HEAD. soft: believe MARK_SOFT too. */
void quote_find(GArray *lines, bool soft, struct quote_cut *cut);
/* One more rule for people: "name, line N"; of very many the last are summed up. */
void quote_cut_add_rule(struct quote_cut *cut, const char *name, guint line);
void quote_cut_clear(struct quote_cut *cut);

#endif
