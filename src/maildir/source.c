/* source.c - the maildir process: serves one folder to core. Does not decide what is wanted or known.
 *
 * One list is out at a time; the next follows when core has said what it wants of it and has got it, so
 * neither side queues without bound. Nothing wakes the process but the folder, core, a signal, and a timer
 * of RETRY_S while something has failed. */
#include "done.h"
#include "folder.h"
#include "watch.h"

#include <cardpost/caps.h>
#include <cardpost/error.h>
#include <cardpost/log.h>
#include <cardpost/maildir.h>
#include <cardpost/source.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#define RETRY_S        60
#define REOPEN_PAUSE_S 1 /* so that a failure that stays does not spin */

/* What the main loop does next. */
enum step {
    STEP_ON,
    STEP_REOPEN, /* the folder failed: open it again, at once or after a pause */
    STEP_END,    /* core is gone or a stop was asked for */
    STEP_BROKEN, /* core sent what cannot be */
};

struct server {
    const struct maildir_settings *settings;
    struct frame_channel *core;
    const volatile int *stop;
    char *done_path;
    struct watch watch;
    bool is_resumed;     /* core has said from where; lists may go out */
    bool awaits_want;    /* a list is out */
    GHashTable *unmoved; /* char *ref: ordered settled, could not be moved yet */
    char *last_state;    /* text of the last state sent, so that a retry does not repeat it */
};

/* Tells core and the log, unless it was the last thing told. */
static bool
tell(struct server *server, enum source_state state, const char *detail, const char *mend)
{
    g_autofree char *text = g_strdup_printf("%d %s", (int)state, detail);
    if (g_strcmp0(text, server->last_state) == 0)
        return true;
    g_free(server->last_state);
    server->last_state = g_steal_pointer(&text);
    if (state == SOURCE_UP && !mend)
        log_info("maildir.up", "folder", server->settings->path, "detail", detail, NULL);
    else
        log_warning("maildir.trouble", "folder", server->settings->path, "reason", detail, NULL);
    return source_send_state(server->core, state, detail, mend);
}

static struct watch_mail *
find(struct server *server, const char *ref)
{
    return g_hash_table_lookup(server->watch.mails, ref);
}

/* ---- telling what is there */

static bool
list_next(struct server *server)
{
    if (!server->is_resumed || server->awaits_want)
        return true;
    if (g_queue_is_empty(&server->watch.noticed))
        return g_hash_table_size(server->unmoved) > 0 || tell(server, SOURCE_UP, "watching", NULL);
    struct source_item items[SOURCE_LIST_MAX];
    guint n = 0;
    while (n < SOURCE_LIST_MAX && !g_queue_is_empty(&server->watch.noticed)) {
        g_autofree char *ref = g_queue_pop_head(&server->watch.noticed);
        const struct watch_mail *mail = find(server, ref);
        struct stat st;
        if (!mail)
            continue;
        int64_t size_bytes =
            fstatat(server->watch.dir_fd, mail->name, &st, AT_SYMLINK_NOFOLLOW) == 0 ? st.st_size : 0;
        items[n++] = (struct source_item){.ref = g_steal_pointer(&ref), .size_bytes = size_bytes};
    }
    bool is_sent = n == 0 || source_send_list(server->core, items, n);
    server->awaits_want = n > 0;
    for (guint i = 0; i < n; i++)
        g_free(items[i].ref);
    return is_sent;
}

/* ---- sending a mail */

/* The mail's file and its attributes; -1 with errno. Only regular files are mails. */
static int
open_mail(struct server *server, const char *name, struct stat *st_out)
{
    int fd = openat(server->watch.dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return -1;
    if (fstat(fd, st_out) == 0 && S_ISREG(st_out->st_mode))
        return fd;
    close(fd);
    errno = ENOENT;
    return -1;
}

/* Looks the mail up by its last name and, when a mail client has renamed it, by its ref. */
static int
open_by_ref(struct server *server, const char *ref, struct stat *st_out)
{
    const struct watch_mail *mail = find(server, ref);
    int fd = mail ? open_mail(server, mail->name, st_out) : -1;
    if (fd >= 0 || (mail && errno != ENOENT))
        return fd;
    if (watch_read(&server->watch) == WATCH_LOST) {
        errno = EIO;
        return -1;
    }
    mail = find(server, ref);
    if (mail)
        return open_mail(server, mail->name, st_out);
    errno = ENOENT;
    return -1;
}

/* The length of the header block with its empty line, or len if there is none. */
static gsize
header_len(const uint8_t *raw, gsize len)
{
    for (gsize i = 0; i + 1 < len; i++)
        if (raw[i] == '\n' &&
            (raw[i + 1] == '\n' || (raw[i + 1] == '\r' && i + 2 < len && raw[i + 2] == '\n')))
            return i + (raw[i + 1] == '\n' ? 2 : 3);
    return len;
}

/* At most max bytes of the file; short when it was cut meanwhile. NULL with errno. */
static GByteArray *
read_up_to(int fd, gsize max)
{
    g_autoptr(GByteArray) raw = g_byte_array_new();
    g_byte_array_set_size(raw, (guint)max);
    gsize len = 0;
    while (len < max) {
        ssize_t n = read(fd, raw->data + len, max - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return NULL;
        if (n == 0)
            break;
        len += (gsize)n;
    }
    g_byte_array_set_size(raw, (guint)len);
    return g_steal_pointer(&raw);
}

/* The whole mail, or of an oversize one the header and at least the first 64 KB. */
static GByteArray *
read_mail(int fd, int64_t size_bytes, bool is_partial)
{
    if (!is_partial)
        return read_up_to(fd, (gsize)size_bytes);
    GByteArray *raw =
        read_up_to(fd, (gsize)MIN(size_bytes, (int64_t)CAP_HEADER_BYTES + CAP_OVERSIZE_FETCH_BYTES));
    if (raw)
        g_byte_array_set_size(
            raw, (guint)MIN(raw->len, MAX(header_len(raw->data, raw->len), (gsize)CAP_OVERSIZE_FETCH_BYTES)));
    return raw;
}

/* Whether the failure is of the machine and not of this one mail. */
static bool
is_passing(int code)
{
    return code == EMFILE || code == ENFILE || code == EIO || code == ENOMEM || code == ESTALE;
}

static bool
send_gone(struct server *server, char *ref, const char *why)
{
    log_warning("maildir.gone", "folder", server->settings->path, "ref", ref, "reason", why, NULL);
    return source_send_refs(server->core, SOURCE_GONE, &ref, 1);
}

static enum step
send_mail(struct server *server, char *ref)
{
    struct stat st;
    int fd = open_by_ref(server, ref, &st);
    if (fd < 0 && is_passing(errno))
        return STEP_REOPEN;
    if (fd < 0) {
        int saved = errno;
        if (saved == ENOENT)
            g_hash_table_remove(server->watch.mails, ref); /* should it come back, it is listed again */
        return send_gone(server, ref, g_strerror(saved)) ? STEP_ON : STEP_END;
    }
    bool is_partial = st.st_size > server->settings->max_mail_bytes;
    g_autoptr(GByteArray) raw = read_mail(fd, st.st_size, is_partial);
    close(fd);
    if (!raw)
        return STEP_REOPEN;
    struct source_mail mail = {.ref = ref,
                               .size_bytes = st.st_size,
                               .arrived_at = st.st_mtime,
                               .is_partial = is_partial,
                               .raw = raw->data,
                               .raw_len = raw->len};
    return source_send_mail(server->core, &mail) ? STEP_ON : STEP_END;
}

static enum step
send_wanted(struct server *server, GPtrArray *refs)
{
    server->awaits_want = false;
    for (guint i = 0; i < refs->len; i++) {
        enum step step = send_mail(server, g_ptr_array_index(refs, i));
        if (step != STEP_ON)
            return step;
    }
    return STEP_ON;
}

/* ---- settling */

/* True when nothing is left to do for this mail. */
static bool
settle_one(struct server *server, const char *ref, GError **error)
{
    const struct watch_mail *mail = find(server, ref);
    if (!server->settings->move_done || !mail)
        return true;
    if (faccessat(server->watch.dir_fd, mail->name, F_OK, AT_SYMLINK_NOFOLLOW) != 0) {
        watch_read(&server->watch);
        mail = find(server, ref);
    }
    if (mail && !done_move(server->watch.dir_fd, mail->name, server->done_path, error))
        return false;
    g_hash_table_remove(server->watch.mails, ref);
    return true;
}

static enum step
settle(struct server *server, GPtrArray *refs)
{
    g_autoptr(GPtrArray) settled = g_ptr_array_new();
    g_autoptr(GError) first = NULL;
    for (guint i = 0; i < refs->len; i++) {
        char *ref = g_ptr_array_index(refs, i);
        if (settle_one(server, ref, first ? NULL : &first)) {
            g_hash_table_remove(server->unmoved, ref);
            g_ptr_array_add(settled, ref);
        } else {
            g_hash_table_add(server->unmoved, g_strdup(ref));
        }
    }
    if (first && !tell(server, SOURCE_UP, first->message,
                       "processed mails cannot be moved: make room or mend the rights of the done folder"))
        return STEP_END;
    if (!first && g_hash_table_size(server->unmoved) == 0 && !tell(server, SOURCE_UP, "watching", NULL))
        return STEP_END;
    if (settled->len == 0)
        return STEP_ON;
    return source_send_refs(server->core, SOURCE_SETTLED, (char *const *)settled->pdata, settled->len)
               ? STEP_ON
               : STEP_END;
}

static enum step
retry_unmoved(struct server *server)
{
    g_autoptr(GPtrArray) refs = g_ptr_array_new_with_free_func(g_free);
    GHashTableIter iter;
    gpointer ref;
    g_hash_table_iter_init(&iter, server->unmoved);
    while (refs->len < SOURCE_LIST_MAX && g_hash_table_iter_next(&iter, &ref, NULL))
        g_ptr_array_add(refs, g_strdup(ref));
    return settle(server, refs);
}

/* ---- core's frames */

static enum step
resume(struct server *server)
{
    server->is_resumed = true;
    server->awaits_want = false;
    return watch_look(&server->watch, true, NULL) ? STEP_ON : STEP_REOPEN;
}

/* A Maildir has no UIDVALIDITY that could change, so the content keys are never asked for. */
static enum step
take_frame(struct server *server, const struct frame *frame)
{
    int64_t next;
    if (frame->type == SOURCE_RESUME)
        return source_decode_number(frame, &next) ? resume(server) : STEP_BROKEN;
    g_autoptr(GPtrArray) refs = source_decode_refs(frame);
    if (refs && !server->is_resumed)
        return STEP_ON; /* meant for the folder as it was before it was opened again */
    if (refs && frame->type == SOURCE_WANT)
        return send_wanted(server, refs);
    if (refs && frame->type == SOURCE_SETTLE)
        return settle(server, refs);
    return STEP_BROKEN;
}

/* All frames that have come; while the folder is closed they are of the past and dropped. */
static enum step
take_frames(struct server *server)
{
    enum step step = STEP_ON;
    while (step == STEP_ON && !*server->stop) {
        struct frame frame;
        enum frame_status status = frame_receive(server->core, 0, &frame);
        if (status == FRAME_NONE)
            return STEP_ON;
        if (status == FRAME_CLOSED)
            return STEP_END;
        if (status == FRAME_BAD)
            return STEP_BROKEN;
        if (server->watch.dir_fd >= 0)
            step = take_frame(server, &frame);
    }
    return *server->stop ? STEP_END : step;
}

/* ---- the loop */

/* Sleeps until fd or core can be read, a signal comes, or the timer; -1: no timer. Signals are held back
 * between the look at *stop and the sleep, or one in between would be missed. True when it was the timer. */
static bool
sleep_until(struct server *server, int fd, int timeout_s)
{
    sigset_t held, before;
    sigemptyset(&held);
    sigaddset(&held, SIGTERM);
    sigaddset(&held, SIGINT);
    sigaddset(&held, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &held, &before);
    struct pollfd polled[] = {{.fd = server->core->fd, .events = POLLIN}, {.fd = fd, .events = POLLIN}};
    struct timespec timeout = {.tv_sec = timeout_s};
    int n = *server->stop ? 1 : ppoll(polled, 2, timeout_s < 0 ? NULL : &timeout, &before);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return n == 0;
}

/* Serves the open folder until something ends it. */
static enum step
serve(struct server *server)
{
    if (!source_send_open(server->core, 0, 0))
        return STEP_END;
    for (;;) {
        enum step step = take_frames(server);
        if (step != STEP_ON)
            return step;
        if (watch_read(&server->watch) == WATCH_LOST)
            return STEP_REOPEN;
        if (!list_next(server))
            return STEP_END;
        bool has_unmoved = g_hash_table_size(server->unmoved) > 0;
        if (sleep_until(server, server->watch.inotify_fd, has_unmoved ? RETRY_S : -1))
            step = retry_unmoved(server);
        if (step != STEP_ON)
            return step;
    }
}

static enum step
report_closed(struct server *server, const GError *error)
{
    bool is_unfit = g_error_matches(error, CARDPOST_ERROR, CARDPOST_ERROR_NOT_FOUND);
    const char *mend = "make it a Maildir (new/, cur/, tmp/) that cardpost's user may read, or mend the path";
    return tell(server, is_unfit ? SOURCE_REFUSED : SOURCE_DOWN, error->message, is_unfit ? mend : NULL)
               ? STEP_ON
               : STEP_END;
}

/* One attempt to open and serve; when it cannot be opened, a pause that ends early if a folder appears.
 * The watch for that is set up before the attempt, so an arrival in between is seen. */
static enum step
attempt(struct server *server)
{
    g_autoptr(GError) error = NULL;
    int arrival_fd = watch_for_arrival(server->settings->path);
    enum step step = STEP_REOPEN;
    if (watch_open(&server->watch, &error)) {
        if (arrival_fd >= 0)
            close(arrival_fd);
        step = serve(server);
        watch_close(&server->watch);
        server->is_resumed = server->awaits_want = false;
        g_hash_table_remove_all(server->unmoved);
        if (step != STEP_REOPEN)
            return step;
        if (!tell(server, SOURCE_DOWN, "the folder failed or was moved", NULL))
            return STEP_END;
        sleep_until(server, -1, REOPEN_PAUSE_S);
        return take_frames(server);
    }
    step = report_closed(server, error);
    if (step == STEP_ON)
        sleep_until(server, arrival_fd, RETRY_S);
    if (arrival_fd >= 0)
        close(arrival_fd);
    return step == STEP_ON ? take_frames(server) : step;
}

int
maildir_run(const struct maildir_settings *settings, struct frame_channel *core, const volatile int *stop)
{
    struct server server = {.settings = settings, .core = core, .stop = stop};
    server.done_path =
        settings->done_path ? g_strdup(settings->done_path) : g_build_filename(settings->path, ".Done", NULL);
    server.unmoved = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    watch_init(&server.watch, settings->path);
    signal(SIGIO,
           SIG_IGN); /* sent when somebody opens a file for writing that is_being_written() just tries */
    enum step step = STEP_ON;
    while ((step == STEP_ON || step == STEP_REOPEN) && !*stop)
        step = attempt(&server);
    watch_clear(&server.watch);
    g_hash_table_unref(server.unmoved);
    g_free(server.done_path);
    g_free(server.last_state);
    return step == STEP_BROKEN ? EX_PROTOCOL : EX_OK;
}
