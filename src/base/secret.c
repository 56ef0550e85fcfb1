/* secret.c - random bytes, HMAC, base32. Keys stay in struct secret_key of their owner. */
#include <cardpost/secret.h>

#include <cardpost/error.h>
#include <cardpost/file.h>

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

void
secret_random(void *buffer, gsize len)
{
    uint8_t *at = buffer;
    while (len > 0) {
        ssize_t n = getrandom(at, len, 0);
        if (n < 0 && errno == EINTR)
            continue;
        g_assert(n > 0);
        at += n;
        len -= (gsize)n;
    }
}

void
secret_hmac(const struct secret_key *key, uint8_t out[32], const char *field, ...)
{
    g_autoptr(GHmac) hmac = g_hmac_new(G_CHECKSUM_SHA256, key->bytes, sizeof key->bytes);
    va_list args;
    va_start(args, field);
    for (; field; field = va_arg(args, const char *)) {
        uint32_t len = GUINT32_TO_LE((uint32_t)strlen(field));
        g_hmac_update(hmac, (const guchar *)&len, sizeof len);
        g_hmac_update(hmac, (const guchar *)field, (gssize)strlen(field));
    }
    va_end(args);
    gsize out_len = 32;
    g_hmac_get_digest(hmac, out, &out_len);
}

char *
secret_base32(const uint8_t *bytes, gsize len, gsize chars)
{
    static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
    g_assert(len * 8 >= chars * 5);
    char *text = g_malloc(chars + 1);
    for (gsize i = 0; i < chars; i++) {
        gsize bit = i * 5;
        unsigned window = (unsigned)bytes[bit / 8] << 8;
        if (bit / 8 + 1 < len)
            window |= bytes[bit / 8 + 1];
        text[i] = alphabet[(window >> (11 - bit % 8)) & 31];
    }
    text[chars] = '\0';
    return text;
}

bool
secret_equal(const char *a, const char *b)
{
    if (!a || !b || strlen(a) != strlen(b))
        return false;
    volatile unsigned difference = 0;
    for (gsize i = 0; a[i]; i++)
        difference |= (unsigned)(a[i] ^ b[i]);
    return difference == 0;
}

char *
secret_sha256(const void *data, gsize len)
{
    return g_compute_checksum_for_data(G_CHECKSUM_SHA256, data, len);
}

void
secret_free(char *secret)
{
    if (!secret)
        return;
    explicit_bzero(secret, strlen(secret));
    g_free(secret);
}

static bool
fail(GError **error, const char *path, const char *what)
{
    g_set_error(error, CARDPOST_ERROR, CARDPOST_ERROR_INVALID, "key file %s: %s", path, what);
    return false;
}

/* A new key, unless there is one. */
static bool
create_key(const char *path, GError **error)
{
    struct secret_key key;
    secret_random(key.bytes, sizeof key.bytes);
    bool is_there = file_create(path, key.bytes, sizeof key.bytes) || errno == EEXIST;
    explicit_bzero(&key, sizeof key);
    return is_there || fail(error, path, g_strerror(errno));
}

bool
secret_key_load(const char *path, bool create, struct secret_key *key_out, GError **error)
{
    if (create && !create_key(path, error))
        return false;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return fail(error, path, g_strerror(errno));
    struct stat st;
    uint8_t extra;
    bool whole = fstat(fd, &st) == 0 && read(fd, key_out->bytes, SECRET_KEY_BYTES) == SECRET_KEY_BYTES &&
                 read(fd, &extra, 1) == 0;
    close(fd);
    if (!whole)
        return fail(error, path, "is not a key of 32 bytes");
    if (!S_ISREG(st.st_mode) || (st.st_mode & 077) || st.st_uid != geteuid())
        return fail(error, path, "must be a file of our own user with mode 0600");
    return true;
}
