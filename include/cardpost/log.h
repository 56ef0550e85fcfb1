/* log.h - one line a fact: `level event key=value …` on standard error.
 *
 * Values hold no bodies and no secrets. Control characters, quotes and backslashes are escaped and a
 * value is cut at LOG_VALUE_MAX bytes, so that no sender can write a line of his own (attacks.md G01).
 * Under systemd (JOURNAL_STREAM is set) lines begin with the syslog level (`<6>`); otherwise with an
 * ISO time in UTC. */
#ifndef CARDPOST_LOG_H
#define CARDPOST_LOG_H

#include <glib.h>
#include <stdint.h>

#define LOG_VALUE_MAX 400

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* A number as a value: log_write(…, "uid", log_int(uid).text, NULL); lives to the end of the call. */
struct log_number {
    char text[24];
};
struct log_number log_int(int64_t n);

/* `event` is a constant like "imap.connected"; then key and value strings in turn, ended by NULL.
 * A NULL value is left out together with its key. */
void log_write(enum log_level level, const char *event, ...) G_GNUC_NULL_TERMINATED;
#define log_error(...)   log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...)    log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)   log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)

/* The name of this process, put before the event ("core", "imap:main"); set once, early in main. */
void log_set_process(const char *name);
/* The least important level that is written; default LOG_LEVEL_INFO. */
void log_set_level(enum log_level level);

/* One value as log_write would print it, quoted where needed. Free with g_free. */
char *log_escape(const char *value);

#endif
