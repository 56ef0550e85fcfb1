/* login.c - LOGIN, AUTHENTICATE PLAIN and XOAUTH2, and how strings are written on the wire. */
#include "session.h"

#include <cardpost/error.h>

#include <string.h>

char *
imap_quote(const char *text)
{
    GString *out = g_string_new("\"");
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            g_string_append_c(out, '\\');
        if (*text != '\r' && *text != '\n')
            g_string_append_c(out, *text);
    }
    g_string_append_c(out, '"');
    return g_string_free(out, FALSE);
}

char *
imap_mailbox_name(const char *folder)
{
    if (g_str_is_ascii(folder) && !strchr(folder, '&'))
        return g_strdup(folder);
    /* RFC 3501 section 5.1.3; glibc knows it since 2.36 */
    char *name = g_convert(folder, -1, "UTF-7-IMAP", "UTF-8", NULL, NULL, NULL);
    return name ? name : g_strdup(folder);
}

static char *
plain_response(const char *user, const char *secret)
{
    gsize user_len = strlen(user), secret_len = strlen(secret), len = user_len + secret_len + 2;
    g_autofree char *bytes = g_malloc0(len);
    memcpy(bytes + 1, user, user_len);
    memcpy(bytes + user_len + 2, secret, secret_len);
    char *text = g_base64_encode((const guchar *)bytes, len);
    explicit_bzero(bytes, len);
    return text;
}

/* One of libetpan's own calls, with its code as an error. */
static bool
finish(struct session *session, const char *doing, int code, GError **error)
{
    session_end(session);
    if (code == MAILIMAP_NO_ERROR && session->reads_past_end == 0)
        return true;
    session_error(session, doing, code, error);
    return false;
}

/* With SASL-IR (RFC 4959) the response goes along, else it follows the server's "+". */
static int
say_plain(struct session *session, const char *response)
{
    bool at_once = session_has(session, "SASL-IR");
    char *command = g_strconcat("AUTHENTICATE PLAIN", at_once ? " " : "", at_once ? response : "", NULL);
    bool said =
        mailimap_send_current_tag(session->imap) == MAILIMAP_NO_ERROR && session_write_line(session, command);
    explicit_bzero(command, strlen(command));
    g_free(command);
    const char *line = said ? mailimap_read_line(session->imap) : NULL;
    if (line && *line == '+' && !at_once)
        line = session_write_line(session, response) ? mailimap_read_line(session->imap) : NULL;
    return line ? session_parse_answer(session) : MAILIMAP_ERROR_STREAM;
}

static bool
login_plain(struct session *session, const char *user, const char *secret, GError **error)
{
    char *response = plain_response(user, secret);
    session_begin(session, 0);
    bool done = finish(session, "AUTHENTICATE PLAIN", say_plain(session, response), error);
    /* libetpan knows only its own logins, and refuses SELECT in the state before one */
    if (done)
        session->imap->imap_state = MAILIMAP_STATE_AUTHENTICATED;
    explicit_bzero(response, strlen(response));
    g_free(response);
    return done;
}

static bool
login_xoauth2(struct session *session, const char *user, const char *token, GError **error)
{
    session_begin(session, 0);
    return finish(session, "AUTHENTICATE XOAUTH2", mailimap_oauth2_authenticate(session->imap, user, token),
                  error);
}

static bool
login_login(struct session *session, const char *user, const char *secret, GError **error)
{
    session_begin(session, 0);
    return finish(session, "LOGIN", mailimap_login(session->imap, user, secret), error);
}

static bool
try_login(struct session *session, const char *secret, GError **error)
{
    const char *user = session->mailbox->server.user;
    bool has_plain = mailimap_has_authentication(session->imap, "PLAIN") && session_has(session, "SASL-IR");
    switch (session->mailbox->server.auth) {
    case CONFIG_AUTH_XOAUTH2:
        return login_xoauth2(session, user, secret, error);
    case CONFIG_AUTH_LOGIN:
        return login_login(session, user, secret, error);
    case CONFIG_AUTH_PLAIN:
        return login_plain(session, user, secret, error);
    case CONFIG_AUTH_AUTO:
        break;
    }
    return has_plain ? login_plain(session, user, secret, error) : login_login(session, user, secret, error);
}

bool
session_login(struct session *session, const char *secret, GError **error)
{
    GError *failure = NULL;
    if (try_login(session, secret, &failure))
        return true;
    if (g_error_matches(failure, CARDPOST_ERROR, CARDPOST_ERROR_REFUSED) && session_is_passing(session))
        failure->code = CARDPOST_ERROR_TEMPORARY;
    g_propagate_error(error, failure);
    return false;
}
