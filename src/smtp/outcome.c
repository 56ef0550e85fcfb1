/* outcome.c - see outcome.h. Pure.
 *
 * The one line that must not be crossed: between the dot and its reply nobody knows whether the server has
 * taken the mail. Whether the dot itself left the machine cannot be seen from outside libcurl, so a
 * connection lost after the last byte was handed over counts as unknown: a resend costs at most one copy,
 * and the Message-ID is the same. */
#include "outcome.h"

#include <cardpost/clean.h>

#define TEXT_MAX_BYTES 300

/* The server is not who it must be, or our own TLS settings are no good: waiting does not help. */
static bool
is_certificate_error(CURLcode code)
{
    return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE ||
           code == CURLE_SSL_ISSUER_ERROR || code == CURLE_SSL_CERTPROBLEM || code == CURLE_SSL_CIPHER;
}

/* RFC 4954 section 6: the login is missing or wrong, at whatever command it comes up. */
static bool
is_login_reply(int code)
{
    return code == 530 || code == 534 || code == 535 || code == 538;
}

static enum smtp_outcome
by_reply(const struct dialogue *dialogue)
{
    if (dialogue->code < 500)
        return SMTP_DEFERRED;
    return dialogue->stage <= STAGE_AUTH || is_login_reply(dialogue->code) ? SMTP_REFUSED : SMTP_FAILED;
}

static enum smtp_outcome
classify(const struct dialogue *dialogue, const struct ending *ending)
{
    CURLcode code = ending->curl_code;
    bool has_reply = dialogue->code >= 400;
    if (code == CURLE_OK)
        return SMTP_SENT;
    if (ending->is_plain_refused || is_certificate_error(code) || code == CURLE_URL_MALFORMAT)
        return SMTP_REFUSED;
    if (code == CURLE_USE_SSL_FAILED)
        return SMTP_DEFERRED;
    if (dialogue->stage >= STAGE_BODY && ending->is_all_handed_over && !has_reply)
        return dialogue->stage == STAGE_DOT && dialogue->code / 100 == 2 ? SMTP_SENT : SMTP_UNKNOWN;
    if (has_reply)
        return by_reply(dialogue);
    return code == CURLE_LOGIN_DENIED ? SMTP_REFUSED : SMTP_DEFERRED;
}

void
outcome_of(const struct dialogue *dialogue, const struct ending *ending, struct smtp_result *result_out)
{
    *result_out = (struct smtp_result){.outcome = classify(dialogue, ending),
                                       .code = dialogue->code,
                                       .stage = dialogue_stage_name(dialogue->stage),
                                       .size_limit = dialogue->size_limit};
    bool has_words = result_out->outcome == SMTP_SENT || dialogue->code >= 400;
    const char *text = has_words && dialogue->reply->len > 0 ? dialogue->reply->str : ending->curl_text;
    if (ending->is_plain_refused)
        text = "without TLS only a server on a loopback address is allowed";
    result_out->text = clean_line(text, TEXT_MAX_BYTES);
}
