/* control_client.c - asking the running core. */
#include <cardpost/daemon.h>

#include "control_address.h"
#include "wire.h"

#include <cardpost/error.h>

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Core may be in the middle of a batch; an import may take a while. */
#define REPLY_TIMEOUT_MS (120 * 1000)

/* A connected descriptor or -1. A socket file that nobody listens on is a daemon that died. */
static int
connect_core(const char *data_dir, GError **error)
{
    struct sockaddr_un address;
    int dir_fd;
    if (!control_address(data_dir, &address, &dir_fd, error))
        return -1;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool connected = fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) == 0;
    int saved = errno;
    close(dir_fd);
    if (connected)
        return fd;
    if (fd >= 0)
        close(fd);
    if (saved == ENOENT || saved == ECONNREFUSED)
        g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_NOT_FOUND, "no daemon runs on %s", data_dir);
    else
        g_set_error(error, CARDPOST_ERROR,
                    saved == EACCES ? CARDPOST_ERROR_REFUSED : CARDPOST_ERROR_TEMPORARY, "%s/%s: %s",
                    data_dir, CONTROL_SOCKET_NAME, g_strerror(saved));
    return -1;
}

static GByteArray *
encode_request(const char *verb, const char *const *args)
{
    GByteArray *body = g_byte_array_new();
    guint n = g_strv_length((gchar **)(uintptr_t)args);
    frame_put_text(body, verb);
    frame_put_u32(body, n);
    for (guint i = 0; i < n; i++)
        frame_put_text(body, args[i]);
    return body;
}

bool
daemon_control(const char *data_dir, const char *verb, const char *const *args, uint32_t *code_out,
               char **text_out, GError **error)
{
    int fd = connect_core(data_dir, error);
    if (fd < 0)
        return false;
    struct frame_channel core;
    struct frame frame;
    frame_channel_init(&core, fd);
    g_autoptr(GByteArray) request = encode_request(verb, args);
    bool answered = frame_send(&core, WIRE_REQUEST, request) &&
                    frame_receive(&core, REPLY_TIMEOUT_MS, &frame) == FRAME_READY &&
                    frame.type == WIRE_REPLY && wire_decode_code(&frame, code_out, text_out);
    frame_channel_clear(&core);
    if (!answered)
        g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_TEMPORARY, "the daemon gave no answer");
    return answered;
}
