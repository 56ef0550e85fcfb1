/* automatic.c - whether a mail was written by a machine (mail.md section 2). Reads headers, and of a
 * delivery report its Action lines. Proves nothing about who sent it: every mark can be forged, and all that
 * a forger wins is to be recorded or not to be answered. */
#include <cardpost/identity.h>

#include "absence.h"
#include "from.h"
#include "results.h"

#include <cardpost/clean.h>

#include <string.h>

#define REPORT_BYTES (256 * 1024)

struct marks {
    const struct header_block *block;
    const char *subject, *instance;
    const GPtrArray *own_lists;
    char *from;  /* address, or NULL */
    char **sign; /* where the first sign goes, never NULL */
};

static enum automatic
found(struct marks *marks, enum automatic kind, const char *what, const char *value)
{
    g_autofree char *text = value ? g_strdup_printf("%s: %s", what, value) : g_strdup(what);
    *marks->sign = clean_line(text, 200);
    return kind;
}

/* The first word of a value in lower case, comments before it skipped: "auto-replied" of
 * `(vacation) Auto-Replied; owner=x`. g_free. */
static char *
first_word(const char *value)
{
    value += strspn(value, " \t");
    while (*value == '(' && comment_skip(&value))
        value += strspn(value, " \t");
    return g_ascii_strdown(value, (gssize)strcspn(value, " \t;(,"));
}

/* Whether the n-th field of that name begins with the word; case ignored. */
static bool
has_word(const struct header_block *block, const char *name, const char *word)
{
    const struct header_field *field;
    for (guint n = 0; n < 10 && (field = header_nth(block, name, n)); n++) {
        g_autofree char *value = header_unfold(field);
        g_autofree char *first = first_word(value);
        if (strcmp(first, word) == 0)
            return true;
    }
    return false;
}

/* The value of a parameter of Content-Type in lower case, or NULL. Knows quotes, not RFC 2231. */
static char *
parameter(const char *value, const char *name)
{
    const char *at = value + strcspn(value, ";");
    while (*at == ';') {
        at += 1 + strspn(at + 1, " \t");
        gsize name_len = strcspn(at, "=; \t");
        bool is_it = name_len == strlen(name) && g_ascii_strncasecmp(at, name, name_len) == 0;
        at += name_len;
        at += strspn(at, " \t=");
        bool is_quoted = *at == '"';
        at += is_quoted;
        gsize len = strcspn(at, is_quoted ? "\"" : "; \t");
        if (is_it)
            return g_ascii_strdown(at, (gssize)len);
        at += len;
        at += strcspn(at, ";");
    }
    return NULL;
}

static enum automatic
from_report(struct marks *marks)
{
    g_autofree char *type = header_first(marks->block, "Content-Type");
    g_autofree char *word = first_word(type ? type : "");
    if (strcmp(word, "multipart/report") != 0)
        return AUTOMATIC_NONE;
    g_autofree char *report = parameter(type, "report-type");
    if (g_strcmp0(report, "disposition-notification") == 0)
        return found(marks, AUTOMATIC_RECEIPT, "multipart/report", report);
    if (!report || strcmp(report, "delivery-status") == 0)
        return found(marks, AUTOMATIC_BOUNCE, "multipart/report", report);
    return found(marks, AUTOMATIC_MACHINE, "multipart/report", report);
}

/* Our own mail first, however it came back. */
static enum automatic
from_loop(struct marks *marks)
{
    const struct header_field *field;
    for (guint n = 0; n < 10 && (field = header_nth(marks->block, "X-Cardpost-Loop", n)); n++) {
        g_autofree char *value = header_unfold(field);
        if (marks->instance && *marks->instance && strcmp(value, marks->instance) == 0)
            return found(marks, AUTOMATIC_OWN, "X-Cardpost-Loop", value);
    }
    return AUTOMATIC_NONE;
}

static bool
is_null_path(const struct header_block *block)
{
    g_autofree char *value = header_first(block, "Return-Path");
    return value && value[0] == '<' && value[1 + strspn(value + 1, " \t")] == '>';
}

/* The local part says daemon. */
static bool
is_daemon(const char *address)
{
    return address &&
           (g_str_has_prefix(address, "mailer-daemon@") || g_str_has_prefix(address, "postmaster@"));
}

static enum automatic
from_response_fields(struct marks *marks)
{
    static const char *const names[] = {"X-Autoreply", "X-Autorespond", "X-Auto-Reply-From"};
    if (has_word(marks->block, "Auto-Submitted", "auto-replied"))
        return found(marks, AUTOMATIC_REPLY, "Auto-Submitted", "auto-replied");
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        if (header_nth(marks->block, names[i], 0) && !has_word(marks->block, names[i], "no"))
            return found(marks, AUTOMATIC_REPLY, names[i], NULL);
    if (has_word(marks->block, "Precedence", "auto_reply"))
        return found(marks, AUTOMATIC_REPLY, "Precedence", "auto_reply");
    if (is_daemon(marks->from))
        return found(marks, AUTOMATIC_BOUNCE, "From", marks->from);
    if (is_null_path(marks->block))
        return found(marks, AUTOMATIC_REPLY, "Return-Path", "<>");
    return AUTOMATIC_NONE;
}

/* A sign that alone proves nothing: a person's mail may carry it too. */
static bool
has_second_sign(const struct header_block *block)
{
    return header_nth(block, "X-Auto-Response-Suppress", 0) ||
           header_nth(block, "X-MS-Exchange-Inbox-Rules-Loop", 0) || has_word(block, "Precedence", "bulk") ||
           has_word(block, "Precedence", "junk") ||
           (header_nth(block, "Auto-Submitted", 0) && !has_word(block, "Auto-Submitted", "no"));
}

static enum automatic
from_subject(struct marks *marks)
{
    if (!absence_subject(marks->subject) || !has_second_sign(marks->block))
        return AUTOMATIC_NONE;
    return found(marks, AUTOMATIC_REPLY, "Subject", marks->subject);
}

/* Whether a List-Id (`Name <id>` or bare) is among our own; with or without brackets there. */
static bool
is_own_list(const char *value, const GPtrArray *own_lists)
{
    const char *open = strrchr(value, '<');
    const char *start = open ? open + 1 : value;
    g_autofree char *id = g_strndup(start, strcspn(start, "> \t"));
    for (guint i = 0; own_lists && i < own_lists->len; i++) {
        const char *own = g_ptr_array_index(own_lists, i);
        own += *own == '<';
        gsize len = strcspn(own, "> \t");
        if (len > 0 && strlen(id) == len && g_ascii_strncasecmp(own, id, len) == 0)
            return true;
    }
    return false;
}

static enum automatic
from_machine_fields(struct marks *marks)
{
    g_autofree char *loop = header_first(marks->block, "X-Cardpost-Loop");
    if (loop && *loop)
        return found(marks, AUTOMATIC_MACHINE, "X-Cardpost-Loop", loop);
    g_autofree char *submitted = header_first(marks->block, "Auto-Submitted");
    if (submitted && *submitted && !has_word(marks->block, "Auto-Submitted", "no"))
        return found(marks, AUTOMATIC_MACHINE, "Auto-Submitted", submitted);
    g_autofree char *list = header_first(marks->block, "List-Id");
    bool is_own = list && is_own_list(list, marks->own_lists);
    if (list && *list && !is_own)
        return found(marks, AUTOMATIC_MACHINE, "List-Id", list);
    static const char *const words[] = {"bulk", "junk", "list"};
    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        if (has_word(marks->block, "Precedence", words[i]) && !(is_own && i == 2))
            return found(marks, AUTOMATIC_MACHINE, "Precedence", words[i]);
    if (marks->from && identity_is_robot_address(marks->from))
        return found(marks, AUTOMATIC_MACHINE, "From", marks->from);
    return AUTOMATIC_NONE;
}

enum automatic
identity_automatic(const struct header_block *block, const char *subject, const char *instance,
                   const GPtrArray *own_lists, char **sign_out)
{
    static enum automatic (*const steps[])(struct marks *) = {from_loop, from_report, from_response_fields,
                                                              from_subject, from_machine_fields};
    g_autofree char *sign = NULL;
    g_auto(from_t) from = {.address = NULL};
    from_read(block, &from);
    struct marks marks = {.block = block,
                          .subject = subject ? subject : "",
                          .instance = instance,
                          .own_lists = own_lists,
                          .from = from.address,
                          .sign = &sign};
    enum automatic kind = AUTOMATIC_NONE;
    for (guint i = 0; i < G_N_ELEMENTS(steps) && kind == AUTOMATIC_NONE; i++)
        kind = steps[i](&marks);
    if (sign_out)
        *sign_out = g_steal_pointer(&sign);
    return kind;
}

enum automatic
identity_delivery_report(const void *body, gsize len)
{
    static const char key[] = "Action:";
    const char *at = body ? body : "";
    const char *end = at + (body ? MIN(len, (gsize)REPORT_BYTES) : 0);
    while (at < end) {
        const char *lf = memchr(at, '\n', (gsize)(end - at));
        const char *line_end = lf ? lf : end;
        if ((gsize)(line_end - at) > strlen(key) && g_ascii_strncasecmp(at, key, strlen(key)) == 0) {
            g_autofree char *value = g_strndup(at + strlen(key), (gsize)(line_end - at) - strlen(key));
            g_autofree char *word = first_word(g_strstrip(value));
            if (strcmp(word, "failed") == 0)
                return AUTOMATIC_BOUNCE;
        }
        at = lf ? lf + 1 : end;
    }
    return AUTOMATIC_DELIVERY;
}

const char *
automatic_name(enum automatic automatic)
{
    switch (automatic) {
    case AUTOMATIC_NONE:
        return "none";
    case AUTOMATIC_REPLY:
        return "reply";
    case AUTOMATIC_BOUNCE:
        return "bounce";
    case AUTOMATIC_DELIVERY:
        return "delivery";
    case AUTOMATIC_RECEIPT:
        return "receipt";
    case AUTOMATIC_MACHINE:
        return "machine";
    case AUTOMATIC_OWN:
        return "own";
    }
    return "none";
}

bool
automatic_is_response(enum automatic automatic)
{
    return automatic != AUTOMATIC_NONE && automatic != AUTOMATIC_MACHINE;
}

/* The local part in lower case without ".", "-", "_" and without a "+tag". g_free. */
static char *
squeeze(const char *address)
{
    gsize len = strcspn(address, "@");
    GString *out = g_string_new(NULL);
    for (gsize i = 0; i < len && address[i] != '+'; i++)
        if (!strchr(".-_", address[i]))
            g_string_append_c(out, g_ascii_tolower(address[i]));
    return g_string_free(out, FALSE);
}

bool
identity_is_robot_address(const char *address)
{
    static const char *const whole[] = {"mailerdaemon", "postmaster", "bounce",
                                        "bounces",      "autoreply",  "noresponse"};
    static const char *const edges[] = {"noreply", "donotreply", "mailerdaemon"};
    if (!address || !*address || *address == '@')
        return true;
    g_autofree char *local = squeeze(address);
    for (guint i = 0; i < G_N_ELEMENTS(whole); i++)
        if (strcmp(local, whole[i]) == 0)
            return true;
    for (guint i = 0; i < G_N_ELEMENTS(edges); i++)
        if (g_str_has_prefix(local, edges[i]) || g_str_has_suffix(local, edges[i]))
            return true;
    gsize len = strcspn(address, "@");
    return len > 8 && g_ascii_strncasecmp(address + len - 8, "-bounces", 8) == 0;
}
