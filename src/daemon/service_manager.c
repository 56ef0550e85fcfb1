/* service_manager.c - datagrams to $NOTIFY_SOCKET. */
#include "service_manager.h"

#include <cardpost/clean.h>

#include <glib.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define STATUS_BYTES 300

void
service_manager_init(struct service_manager *manager)
{
    const char *pid = g_getenv("WATCHDOG_PID"), *usec = g_getenv("WATCHDOG_USEC");
    *manager = (struct service_manager){.socket = g_strdup(g_getenv("NOTIFY_SOCKET"))};
    if (usec && (!pid || g_ascii_strtoll(pid, NULL, 10) == (gint64)getpid()))
        manager->watchdog_us = g_ascii_strtoll(usec, NULL, 10);
    g_unsetenv("NOTIFY_SOCKET");
    g_unsetenv("WATCHDOG_USEC");
    g_unsetenv("WATCHDOG_PID");
}

void
service_manager_clear(struct service_manager *manager)
{
    g_clear_pointer(&manager->socket, g_free);
}

void
service_manager_tell(const struct service_manager *manager, const char *lines)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    gsize len = manager->socket ? strlen(manager->socket) : 0;
    if (len < 2 || len >= sizeof address.sun_path)
        return;
    memcpy(address.sun_path, manager->socket, len);
    if (address.sun_path[0] == '@')
        address.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    socklen_t address_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    /* Nothing hangs on the answer: a manager that is gone or full just does not hear it. */
    (void)!sendto(fd, lines, strlen(lines), MSG_NOSIGNAL | MSG_DONTWAIT, (const struct sockaddr *)&address,
                  address_len);
    close(fd);
}

void
service_manager_status(const struct service_manager *manager, const char *text)
{
    g_autofree char *line = clean_line(text, STATUS_BYTES);
    g_autofree char *status = g_strconcat("STATUS=", line, NULL);
    service_manager_tell(manager, status);
}
