/* cli_private.h - what the subcommands share: configuration, store, errors, printing. */
#ifndef CLI_PRIVATE_H
#define CLI_PRIVATE_H

#include <cardpost/cli.h>
#include <cardpost/config.h>
#include <cardpost/daemon.h>
#include <cardpost/store.h>

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <sysexits.h>

struct cli {
    const char *config_path; /* as given, or where it was found, or NULL */
    bool json;
    enum log_level log_level;
    struct config *config; /* after cli_config */
    struct store *store;   /* after cli_store */
};

/* argv[0] is the subcommand's name. Returns the exit code. */
typedef int cli_run_fn(struct cli *cli, int argc, char **argv);
struct cli_command {
    const char *name;    /* "card show" has two words */
    const char *usage;   /* what follows the name */
    const char *summary; /* one line */
    const char *help;    /* options and more, or NULL */
    cli_run_fn *run;
};
cli_run_fn cli_init, cli_check, cli_run, cli_status, cli_explain, cli_card_list, cli_card_show,
    cli_board_list, cli_board_show, cli_person_list, cli_apply, cli_export, cli_queue_list, cli_queue_retry,
    cli_queue_drop, cli_quarantine_list, cli_quarantine_show, cli_quarantine_release, cli_attachment_get,
    cli_backup;

/* ---- errors: one line "cardpost: …" on standard error */
int cli_fail(int code, const char *format, ...) G_GNUC_PRINTF(2, 3); /* returns code */
int cli_fail_with(GError *error);                                    /* frees it, returns its exit code */
int cli_usage(const char *text);                                     /* EX_USAGE */

/* ---- what is named on the command line */
/* The bytes of a file, or of standard input for "-"; no more than cap are read. NULL: NOT_FOUND, also for a
 * directory and what else cannot be read. */
GByteArray *cli_read(const char *name, gsize cap, GError **error);
int64_t cli_number(const char *text); /* digits only; 0: it is none */

/* ---- what most commands need; false: *code_out is the exit code and the error is told */
const char *cli_find_config(void); /* $CARDPOST_CONFIG, or a file in one of the usual places, or NULL */
bool cli_config_is_named(void);    /* by $CARDPOST_CONFIG */
bool cli_config(struct cli *cli, int *code_out);
bool cli_store(struct cli *cli, int *code_out); /* read-only; opens the configuration too */
/* Takes options out of argv by GOption; false: told, *code_out. The rest stays in argv. */
bool cli_options(const GOptionEntry *entries, int *argc, char ***argv, int *code_out);

/* A change: asks the running core, or makes it here under the data lock. Returns the exit code; a failure is
 * told. args end with NULL. *text_out (g_free) is the answer. What went into the journal is waited for. */
int cli_change(struct cli *cli, const char *verb, const char *const *args, char **text_out);
daemon_request_fn cli_request; /* the other end: carries a change out */

char *cli_sample_teams(void); /* the directory of the sample team files; g_free */

/* ---- printing: a command makes JSON values; how they look is decided here */
struct cli_column {
    const char *key; /* of the objects in the list */
    const char *title;
};
/* A list: one JSON array with --json, else an aligned table (CJK counts two). Takes rows over. */
int cli_print_table(const struct cli *cli, json_t *rows, const struct cli_column *columns, guint n);
/* One object: JSON with --json, else by `text`. Takes it over. */
typedef void cli_text_fn(const json_t *object);
int cli_print_object(const struct cli *cli, json_t *object, cli_text_fn *text);
/* Columns that text takes on a terminal. */
guint cli_width(const char *text);
char *cli_time(int64_t at);              /* "2026-11-23 08:00", local; "" for 0. g_free */
json_t *cli_json_time(int64_t at);       /* ISO 8601 in UTC, null for 0 */
json_t *cli_json_text(const char *text); /* null for NULL; invalid UTF-8 repaired */

#endif
