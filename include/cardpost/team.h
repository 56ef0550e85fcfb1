/* team.h - the team file: people, teams, boards and columns as one readable file (`apply`, `export`).
 *
 * Plain data and its spelling; the caller compares it with the database and makes the plan. Words for
 * role, intake and kind are those of model.h's *_from_name. Same syntax and errors as cardpost.conf
 * (config.h): INVALID, "FILE:LINE: key: what is wrong, what would be right". */
#ifndef CARDPOST_TEAM_H
#define CARDPOST_TEAM_H

#include <glib.h>
#include <stdbool.h>

struct team_file_person {
    char *key; /* keys match [a-z][a-z0-9-]{0,30} */
    char *name;
    GPtrArray
        *emails; /* char *, folded (clean_address_fold), at least one; no address stands twice in a file */
    char *language, *timezone; /* "": the instance's */
    char *role;                /* "member", "admin", "guest" */
    bool wants_all_receipts;
};

struct team_file_team {
    char *key, *name;
    GPtrArray *members; /* char *: keys of people of the file */
};

struct team_file_column {
    char *key, *name;
    char *name_zh; /* "": name */
    char *kind;    /* "queue", "active", "done" */
    char *owner;   /* key of a person of the file, or "" */
};

struct team_file_board {
    char *key, *name;
    char *name_zh, *public_name; /* "": name */
    char *alias;                 /* the +tag, unlike those of all other boards; the key when not given */
    char *intake;                /* "members", "participants", "anyone" */
    bool is_default;             /* true of exactly one board */
    char *default_assignee;      /* key of a person of the file, or "" */
    GPtrArray *columns;          /* struct team_file_column *, in order, at least one */
};

/* In the order of the file. */
struct team_file {
    GPtrArray *people; /* struct team_file_person * */
    GPtrArray *teams;  /* struct team_file_team * */
    GPtrArray *boards; /* struct team_file_board *, at least one */
};

/* For `export`: empty lists that own what is put into them (made with g_malloc or g_strdup). */
struct team_file *team_file_new(void);
void team_file_free(struct team_file *team);
struct team_file_person *team_file_add_person(struct team_file *team); /* empty strings, empty lists */
struct team_file_team *team_file_add_team(struct team_file *team);
struct team_file_board *team_file_add_board(struct team_file *team);
struct team_file_column *team_file_add_column(struct team_file_board *board);

/* `text` is that of the file `path`, which only stands in errors. NULL and INVALID. */
struct team_file *team_file_parse(const char *text, const char *path, GError **error);

/* The text that team_file_parse reads back to an equal struct. g_free. */
char *team_file_write(const struct team_file *team);

typedef struct team_file team_file_t; /* for g_autoptr */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(team_file_t, team_file_free)

#endif
