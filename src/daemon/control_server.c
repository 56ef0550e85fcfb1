/* control_server.c - listening on data/control.sock. Does not know any verb.
 *
 * A connection that says nothing, stops in the middle or does not read is closed after a while; there are few
 * places, and who finds none waits in the kernel's queue. */
#include "control_server.h"

#include "control_address.h"
#include "wire.h"

#include <cardpost/error.h>
#include <cardpost/log.h>

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#define CONNECTIONS_MAX 16
#define CONNECTION_S    30

struct connection {
    struct control_server *server;
    struct frame_channel channel;
    guint watch, timeout;
    uid_t uid;
};

struct control_server {
    char *data_dir;
    int fd;
    guint watch; /* 0 while all places are taken */
    GPtrArray *connections;
    control_handler_fn *handler;
    void *data;
};

static gboolean accept_one(gint fd, GIOCondition condition, gpointer data);

static void
watch_listener(struct control_server *server)
{
    if (server->watch == 0 && server->connections->len < CONNECTIONS_MAX)
        server->watch = g_unix_fd_add(server->fd, G_IO_IN, accept_one, server);
}

static void
connection_free(gpointer data)
{
    struct connection *connection = data;
    if (connection->watch)
        g_source_remove(connection->watch);
    g_source_remove(connection->timeout);
    frame_channel_clear(&connection->channel);
    g_free(connection);
}

static void
hang_up(struct connection *connection)
{
    struct control_server *server = connection->server;
    g_ptr_array_remove(server->connections, connection);
    watch_listener(server);
}

static gboolean
connection_timeout(gpointer data)
{
    struct connection *connection = data;
    hang_up(connection);
    return G_SOURCE_CONTINUE;
}

/* The verb and its arguments (NULL-terminated, owned by the array), or false. */
static bool
decode_request(const struct frame *frame, char **verb_out, GPtrArray **args_out)
{
    struct frame_reader reader;
    frame_reader_init(&reader, frame->body, frame->len);
    g_autofree char *verb = frame_get_text(&reader);
    uint32_t n = frame_get_u32(&reader);
    g_autoptr(GPtrArray) args = g_ptr_array_new_with_free_func(g_free);
    for (uint32_t i = 0; i < n && n <= WIRE_ARGS_MAX && !reader.failed; i++) {
        char *arg = frame_get_text(&reader);
        reader.failed |= arg == NULL;
        g_ptr_array_add(args, arg);
    }
    if (frame->type != WIRE_REQUEST || n > WIRE_ARGS_MAX || !frame_reader_end(&reader) || !verb)
        return false;
    g_ptr_array_add(args, NULL);
    *verb_out = g_steal_pointer(&verb);
    *args_out = g_steal_pointer(&args);
    return true;
}

static gboolean
connection_writable(gint fd, GIOCondition condition, gpointer data)
{
    (void)fd, (void)condition;
    struct connection *connection = data;
    if (!frame_flush(&connection->channel) || !frame_has_output(&connection->channel))
        hang_up(connection);
    return G_SOURCE_CONTINUE;
}

/* Runs the request; false: it was malformed. */
static bool
answer(struct connection *connection, const struct frame *frame)
{
    struct control_server *server = connection->server;
    g_autofree char *verb = NULL, *text = NULL;
    g_autoptr(GPtrArray) args = NULL;
    if (!decode_request(frame, &verb, &args))
        return false;
    struct control_request request = {
        .verb = verb, .args = (char *const *)args->pdata, .n_args = args->len - 1, .uid = connection->uid};
    uint32_t code = server->handler(server->data, &request, &text);
    g_autoptr(GByteArray) body = g_byte_array_new();
    wire_encode_code(code, text, body);
    frame_queue(&connection->channel, WIRE_REPLY, body);
    return true;
}

static gboolean
connection_readable(gint fd, GIOCondition condition, gpointer data)
{
    (void)condition;
    struct connection *connection = data;
    struct frame frame;
    enum frame_status status = frame_receive(&connection->channel, 0, &frame);
    if (status == FRAME_NONE)
        return G_SOURCE_CONTINUE;
    if (status != FRAME_READY || !answer(connection, &frame)) {
        hang_up(connection);
        return G_SOURCE_CONTINUE;
    }
    connection->watch = g_unix_fd_add(fd, G_IO_OUT | G_IO_HUP | G_IO_ERR, connection_writable, connection);
    return G_SOURCE_REMOVE;
}

static bool
is_ours(int fd, uid_t *uid_out)
{
    struct ucred peer;
    socklen_t len = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0)
        return false;
    *uid_out = peer.uid;
    if (peer.uid == geteuid() || peer.uid == 0)
        return true;
    log_warning("control.refused", "uid", log_int(peer.uid).text, NULL);
    return false;
}

static gboolean
accept_one(gint fd, GIOCondition condition, gpointer data)
{
    (void)condition;
    struct control_server *server = data;
    int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    uid_t uid;
    if (peer < 0)
        return G_SOURCE_CONTINUE;
    if (!is_ours(peer, &uid)) {
        close(peer);
        return G_SOURCE_CONTINUE;
    }
    struct connection *connection = g_new0(struct connection, 1);
    connection->server = server;
    connection->uid = uid;
    frame_channel_init(&connection->channel, peer);
    connection->watch = g_unix_fd_add(peer, G_IO_IN | G_IO_HUP | G_IO_ERR, connection_readable, connection);
    connection->timeout = g_timeout_add_seconds(CONNECTION_S, connection_timeout, connection);
    g_ptr_array_add(server->connections, connection);
    if (server->connections->len < CONNECTIONS_MAX)
        return G_SOURCE_CONTINUE;
    server->watch = 0;
    return G_SOURCE_REMOVE;
}

/* A socket that listens and that nobody else may connect to, or -1 and errno. */
static int
listen_at(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    unlink(address->sun_path);
    mode_t mask = umask(0177);
    bool bound = bind(fd, (const struct sockaddr *)address, sizeof *address) == 0;
    umask(mask);
    if (bound && listen(fd, CONNECTIONS_MAX) == 0)
        return fd;
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

struct control_server *
control_server_new(const char *data_dir, control_handler_fn *handler, void *data, GError **error)
{
    struct sockaddr_un address;
    int dir_fd;
    if (!control_address(data_dir, &address, &dir_fd, error))
        return NULL;
    int fd = listen_at(&address);
    int saved = errno;
    close(dir_fd);
    if (fd < 0) {
        g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_PERMANENT, "%s/%s: %s", data_dir,
                    CONTROL_SOCKET_NAME, g_strerror(saved));
        return NULL;
    }
    struct control_server *server = g_new0(struct control_server, 1);
    *server = (struct control_server){.data_dir = g_strdup(data_dir),
                                      .fd = fd,
                                      .connections = g_ptr_array_new_with_free_func(connection_free),
                                      .handler = handler,
                                      .data = data};
    watch_listener(server);
    return server;
}

void
control_server_free(struct control_server *server)
{
    if (!server)
        return;
    if (server->watch)
        g_source_remove(server->watch);
    g_ptr_array_unref(server->connections);
    close(server->fd);
    g_autofree char *path = g_build_filename(server->data_dir, CONTROL_SOCKET_NAME, NULL);
    unlink(path);
    g_free(server->data_dir);
    g_free(server);
}
