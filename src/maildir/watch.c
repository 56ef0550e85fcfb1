/* watch.c - see watch.h.
 *
 * Mails enter by rename or link from tmp/ (then they are whole) or are copied straight into new/ by hand;
 * a file that somebody still has open for writing is left alone until it is closed. A mail client that
 * moves a mail from new/ to cur/ or sets flags changes its name, never its ref. Network file systems
 * report no changes made by other hosts: there a mail is found at the next start only. */
#include "watch.h"

#include "folder.h"

#include <cardpost/error.h>
#include <cardpost/log.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define EVENT_BUFFER_BYTES 16384
#define ARRIVALS           (IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE)
#define SELF_GONE          (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED)
/* Names whose mails went away by rename are not told by events; so many more than at the last look, and
 * the folder is read again. */
#define STALE_NAMES 10000

static void
mail_free(gpointer data)
{
    struct watch_mail *mail = data;
    g_free(mail->name);
    g_free(mail);
}

void
watch_init(struct watch *watch, const char *path)
{
    *watch = (struct watch){.path = path, .dir_fd = -1, .inotify_fd = -1, .wd_new = -1, .wd_cur = -1};
    watch->mails = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, mail_free);
    g_queue_init(&watch->noticed);
}

static void
close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void
watch_close(struct watch *watch)
{
    close_fd(&watch->dir_fd);
    close_fd(&watch->inotify_fd);
    g_hash_table_remove_all(watch->mails);
    g_queue_clear_full(&watch->noticed, g_free);
}

void
watch_clear(struct watch *watch)
{
    watch_close(watch);
    g_clear_pointer(&watch->mails, g_hash_table_unref);
}

/* NOT_FOUND when the folder is missing or closed to us, TEMPORARY for the rest. */
static bool
open_failed(GError **error, const char *what)
{
    bool is_unfit =
        errno == ENOENT || errno == ENOTDIR || errno == EACCES || errno == EPERM || errno == ELOOP;
    g_set_error(error, CARDPOST_ERROR, is_unfit ? CARDPOST_ERROR_NOT_FOUND : CARDPOST_ERROR_TEMPORARY,
                "%s: %s", what, g_strerror(errno));
    return false;
}

static int
add_watch(struct watch *watch, const char *sub_name, uint32_t mask)
{
    g_autofree char *sub = g_build_filename(watch->path, sub_name, NULL);
    return inotify_add_watch(watch->inotify_fd, sub, mask | IN_ONLYDIR);
}

static bool
open_parts(struct watch *watch, GError **error)
{
    watch->dir_fd = open(watch->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (watch->dir_fd < 0)
        return open_failed(error, watch->path);
    watch->inotify_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (watch->inotify_fd < 0)
        return open_failed(error, "inotify");
    watch->wd_new = add_watch(watch, "new", ARRIVALS | IN_DELETE | SELF_GONE);
    if (watch->wd_new < 0)
        return open_failed(error, "new/");
    watch->wd_cur = add_watch(watch, "cur", ARRIVALS | IN_DELETE | SELF_GONE);
    if (watch->wd_cur < 0)
        return open_failed(error, "cur/");
    if (add_watch(watch, "", SELF_GONE) < 0)
        return open_failed(error, watch->path);
    return true;
}

bool
watch_open(struct watch *watch, GError **error)
{
    watch->is_lost = false;
    if (open_parts(watch, error))
        return true;
    watch_close(watch);
    return false;
}

/* A read lease is refused while anybody has the file open for writing. Where leases cannot be had
 * (another owner, a network file system) the Maildir rule counts: what has a name is whole. */
static bool
is_being_written(int fd)
{
    if (fcntl(fd, F_SETLEASE, F_RDLCK) == 0) {
        fcntl(fd, F_SETLEASE, F_UNLCK);
        return false;
    }
    return errno == EAGAIN || errno == EBUSY;
}

/* Whether this is a mail to take now. An unreadable file counts: the reader reports it. */
static bool
is_mail(struct watch *watch, const char *name)
{
    struct stat st;
    if (fstatat(watch->dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return false;
    if (!S_ISREG(st.st_mode)) {
        log_warning("maildir.not_a_file", "folder", watch->path, "name", name, NULL);
        return false;
    }
    int fd = openat(watch->dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return errno != ENOENT;
    bool is_whole = !is_being_written(fd);
    close(fd);
    return is_whole;
}

/* One name in new/ or cur/: an old friend under a new name, or a new mail. */
static void
notice(struct watch *watch, const char *sub_name, const char *file_name)
{
    if (file_name[0] == '.')
        return;
    g_autofree char *ref = folder_ref(file_name);
    g_autofree char *name = g_strconcat(sub_name, "/", file_name, NULL);
    struct watch_mail *mail = g_hash_table_lookup(watch->mails, ref);
    if (mail) {
        g_free(mail->name);
        mail->name = g_steal_pointer(&name);
        mail->look = watch->look;
        return;
    }
    if (!is_mail(watch, name))
        return;
    mail = g_new(struct watch_mail, 1);
    *mail = (struct watch_mail){.name = g_steal_pointer(&name), .look = watch->look};
    g_queue_push_tail(&watch->noticed, g_strdup(ref));
    g_hash_table_insert(watch->mails, g_steal_pointer(&ref), mail);
}

static bool
look_into(struct watch *watch, const char *sub_name, GError **error)
{
    int fd = openat(watch->dir_fd, sub_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (!dir) {
        open_failed(error, sub_name);
        close_fd(&fd);
        return false;
    }
    errno = 0;
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        notice(watch, sub_name, entry->d_name);
        errno = 0;
    }
    bool is_read = errno == 0 || open_failed(error, sub_name);
    closedir(dir);
    return is_read;
}

static gboolean
is_unseen(gpointer ref, gpointer data, gpointer user_data)
{
    const struct watch_mail *mail = data;
    const struct watch *watch = user_data;
    (void)ref;
    return mail->look != watch->look;
}

static int
compare_refs(gconstpointer a, gconstpointer b, gpointer unused)
{
    (void)unused;
    return strcmp(a, b);
}

bool
watch_look(struct watch *watch, bool is_fresh, GError **error)
{
    if (is_fresh) {
        g_hash_table_remove_all(watch->mails);
        g_queue_clear_full(&watch->noticed, g_free);
    }
    watch->look++;
    if (!look_into(watch, "new", error) || !look_into(watch, "cur", error))
        return false;
    g_hash_table_foreach_remove(watch->mails, is_unseen, watch);
    g_queue_sort(&watch->noticed, compare_refs, NULL);
    watch->count_at_look = g_hash_table_size(watch->mails);
    return true;
}

/* A file was removed; only the name it was known by counts, not an older one. */
static void
forget(struct watch *watch, const char *sub_name, const char *file_name)
{
    g_autofree char *ref = folder_ref(file_name);
    g_autofree char *name = g_strconcat(sub_name, "/", file_name, NULL);
    const struct watch_mail *mail = g_hash_table_lookup(watch->mails, ref);
    if (mail && strcmp(mail->name, name) == 0)
        g_hash_table_remove(watch->mails, ref);
}

/* One event; true when the folder itself is gone. */
static bool
take_event(struct watch *watch, const struct inotify_event *event, bool *needs_look_out)
{
    if (event->mask & IN_Q_OVERFLOW)
        *needs_look_out = true;
    if (event->mask & SELF_GONE)
        return true;
    bool is_new = event->wd == watch->wd_new;
    if (event->len == 0 || (!is_new && event->wd != watch->wd_cur))
        return false;
    if (event->mask & IN_DELETE)
        forget(watch, is_new ? "new" : "cur", event->name);
    else
        notice(watch, is_new ? "new" : "cur", event->name);
    return false;
}

enum watch_status
watch_read(struct watch *watch)
{
    char buffer[EVENT_BUFFER_BYTES] __attribute__((aligned(__alignof__(struct inotify_event))));
    bool needs_look = g_hash_table_size(watch->mails) > 2 * watch->count_at_look + STALE_NAMES;
    for (;;) {
        ssize_t n = read(watch->inotify_fd, buffer, sizeof buffer);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        for (char *at = buffer; at < buffer + n;) {
            struct inotify_event *event = (void *)at;
            watch->is_lost |= take_event(watch, event, &needs_look);
            at += sizeof *event + event->len;
        }
    }
    if (needs_look && !watch_look(watch, false, NULL))
        watch->is_lost = true;
    return watch->is_lost ? WATCH_LOST : WATCH_ON;
}

int
watch_for_arrival(const char *path)
{
    int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (fd < 0)
        return -1;
    const uint32_t mask = IN_CREATE | IN_MOVED_TO | IN_ATTRIB | IN_ONLYDIR;
    static const char *const below[] = {"", "new", "cur"};
    g_autofree char *parent = g_path_get_dirname(path);
    bool is_watching = inotify_add_watch(fd, parent, mask) >= 0;
    for (gsize i = 0; i < G_N_ELEMENTS(below); i++) {
        g_autofree char *sub = g_build_filename(path, below[i], NULL);
        is_watching |= inotify_add_watch(fd, sub, mask) >= 0;
    }
    if (!is_watching)
        close_fd(&fd);
    return fd;
}
