/* service_manager.h - telling systemd how we are (sd_notify(3)), by its protocol and without its library. */
#ifndef DAEMON_SERVICE_MANAGER_H
#define DAEMON_SERVICE_MANAGER_H

#include <stdint.h>

struct service_manager {
    char *socket;        /* $NOTIFY_SOCKET: a path, or "@" and an abstract name; NULL: nobody listens */
    int64_t watchdog_us; /* $WATCHDOG_USEC meant for this process; 0: none */
};

/* Reads the variables and takes them out of the environment: they are not for our children. */
void service_manager_init(struct service_manager *manager);
void service_manager_clear(struct service_manager *manager);

/* One datagram of "NAME=value" lines. Never fails: a service manager that is not there misses it. */
void service_manager_tell(const struct service_manager *manager, const char *lines);
/* STATUS= with a text from anywhere: cleaned to one line. */
void service_manager_status(const struct service_manager *manager, const char *text);

#endif
