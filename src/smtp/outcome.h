/* outcome.h - from the end of a transaction to what the caller must do. Private. */
#ifndef SMTP_OUTCOME_H
#define SMTP_OUTCOME_H

#include "dialogue.h"

#include <cardpost/smtp.h>

#include <curl/curl.h>

struct ending {
    CURLcode curl_code;
    const char *curl_text;   /* why, in libcurl's words */
    bool is_all_handed_over; /* libcurl has read the whole message: the dot may be on its way */
    bool is_plain_refused;   /* no TLS configured and the server is not on loopback */
};

void outcome_of(const struct dialogue *dialogue, const struct ending *ending, struct smtp_result *result_out);

#endif
