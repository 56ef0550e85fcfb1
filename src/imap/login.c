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

/* RFC 4616 */
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

/* As Google and Microsoft describe it; libetpan's own call sends it along also where RFC 4959 forbids that.
 */
static char *
xoauth2_response(const char *user, const char *token)
{
    char *text = g_strconcat("user=", user,
                             "\x01"
                             "auth=Bearer ",
                             token, "\x01\x01", NULL);
    gsize len = strlen(text);
    char *response = g_base64_encode((const guchar *)text, len);
    explicit_bzero(text, len);
    g_free(text);
    return response;
}

/* What became of a login, with its code as an error. */
static bool
finish(struct session *session, const char *doing, int code, GError **error)
{
    session_end(session);
    if (code == MAILIMAP_NO_ERROR && session->reads_past_end == 0)
        return true;
    session_error(session, doing, code, error);
    return false;
}

/* With SASL-IR (RFC 4959) the response goes along, else it follows the server's "+". A "+" after it holds why
 * the server refuses (XOAUTH2 does so): an empty line brings its last word. */
static int
authenticate(struct session *session, const char *mechanism, const char *response)
{
    bool at_once = session_has(session, "SASL-IR");
    char *command =
        g_strconcat("AUTHENTICATE ", mechanism, at_once ? " " : "", at_once ? response : "", NULL);
    bool said =
        mailimap_send_current_tag(session->imap) == MAILIMAP_NO_ERROR && session_write_line(session, command);
    explicit_bzero(command, strlen(command));
    g_free(command);
    const char *line = said ? mailimap_read_line(session->imap) : NULL;
    if (line && *line == '+' && !at_once)
        line = session_write_line(session, response) ? mailimap_read_line(session->imap) : NULL;
    if (line && *line == '+')
        line = session_write_line(session, "") ? mailimap_read_line(session->imap) : NULL;
    return line ? session_parse_answer(session) : MAILIMAP_ERROR_STREAM;
}

/* Takes the response. */
static bool
login_sasl(struct session *session, const char *mechanism, char *response, GError **error)
{
    g_autofree char *doing = g_strconcat("AUTHENTICATE ", mechanism, NULL);
    session_begin(session, 0);
    bool done = finish(session, doing, authenticate(session, mechanism, response), error);
    /* libetpan knows only its own logins, and refuses SELECT in the state before one */
    if (done)
        session->imap->imap_state = MAILIMAP_STATE_AUTHENTICATED;
    explicit_bzero(response, strlen(response));
    g_free(response);
    return done;
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
        return login_sasl(session, "XOAUTH2", xoauth2_response(user, secret), error);
    case CONFIG_AUTH_LOGIN:
        return login_login(session, user, secret, error);
    case CONFIG_AUTH_PLAIN:
        return login_sasl(session, "PLAIN", plain_response(user, secret), error);
    case CONFIG_AUTH_AUTO:
        break;
    }
    return has_plain ? login_sasl(session, "PLAIN", plain_response(user, secret), error)
                     : login_login(session, user, secret, error);
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
