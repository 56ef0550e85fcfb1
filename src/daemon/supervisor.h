/* supervisor.h - the parts of the supervisor: its children (children.c), the configuration they run by
 * (settings.c) and its own course (supervisor.c). Private to those files. */
#ifndef DAEMON_SUPERVISOR_H
#define DAEMON_SUPERVISOR_H

#include "role.h"
#include "service_manager.h"

#include <cardpost/config.h>
#include <cardpost/daemon.h>
#include <cardpost/frame.h>

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct supervisor;

/* One process slot: it keeps its name and its back-off over many processes. */
struct child {
    struct supervisor *supervisor;
    char *name; /* role name */
    enum process_kind role;
    pid_t pid;                    /* 0: not running */
    struct frame_channel control; /* fd -1 when closed */
    guint watch;                  /* of the control channel, 0: none */
    guint restart;                /* timer, 0: none */
    guint delay_ms;               /* before the next restart; 0: at once */
    int64_t started_at_ms;
    bool killed_on_purpose; /* a hanging parse worker: no back-off */
    int signalled;          /* the last signal it was sent, 0 none */
};

/* The configuration as text, which is what children get, and as values. */
struct settings {
    char *path, *text;
    struct config *config;
};
/* Reads and checks the file. False and INVALID, NOT_FOUND or an error of the file system. */
bool settings_load(struct settings *settings_out, const char *path, GError **error);
void settings_clear(struct settings *settings);

enum supervisor_state {
    SUPERVISOR_STARTING, /* core is starting */
    SUPERVISOR_RUNNING,
    SUPERVISOR_STOPPING, /* all are going; then `after_stop` */
    SUPERVISOR_PAUSING,  /* none runs; core is started when the timer ends */
};

struct supervisor {
    GMainLoop *loop;
    struct service_manager manager;
    enum log_level log_level;
    struct settings settings;
    struct settings previous; /* before a reload that has not come up yet; path NULL otherwise */
    enum supervisor_state state;
    bool is_once;
    bool exit_after_stop; /* else start anew */
    int exit_code;
    GPtrArray *children; /* struct child *; core is the first; helpers at the end */
    guint stop_deadline; /* timer */
    guint pause;         /* timer */
    guint core_delay_ms; /* back-off of core */
    guint watchdog;      /* timer: PING to core */
    bool has_been_ready;
    uint32_t failed_code; /* told by core before it exits; 0: nothing */
    char *failed_text;
};

/* ---- children.c */
/* A slot for each process that the configuration asks for. */
GPtrArray *children_for(struct supervisor *supervisor);
struct child *child_find(struct supervisor *supervisor, const char *name); /* or NULL */
/* Starts the process, greets it and gives core its peer; on failure a restart is scheduled. */
void child_launch(struct child *child);
/* A helper that fetches the secret of `asker` and answers on `fd` (taken over). */
void child_launch_secret(struct child *asker, int fd);
void child_kill(struct child *child, int signal_number); /* nothing when it does not run */
/* Collects every child that has ended and calls supervisor_child_ended for each. */
void children_reap(struct supervisor *supervisor);
bool children_any_running(const struct supervisor *supervisor);
void child_schedule_restart(struct child *child);
/* The back-off after an end: grows with quick deaths, is forgotten after a good while. */
guint child_next_delay(const struct child *child, guint first_ms, guint max_ms);

/* ---- supervisor.c */
/* A frame of a child on its control channel; false: it is malformed or not the child's to send. */
bool supervisor_take_frame(struct child *child, const struct frame *frame);
void supervisor_child_ended(struct child *child, int status);

#endif
