/* verdict.c - finds the header block that the mailbox's own border wrote and reads its verdict. Verifies
 * no signature and asks no network.
 *
 * What proves a field is its place. A sender can write any field, but only below those that the border
 * puts on top of the mail. The border's zone ends at its last Received. Where a provider writes its verdict
 * below that one, the zone goes on over fields that borders write, and the provider must strip forged ones
 * (strips_forged): there place alone proves nothing. With fewer Received fields than the border writes,
 * the mail came another way and nothing is believed.
 *
 * A dmarc=fail anywhere in the zone outweighs all else, an authenticated submission too. */
#include "verdict.h"

#include "results.h"

#include <cardpost/clean.h>

#include <string.h>

/* One reading: what the accepted fields say in sum. */
struct evidence {
    const char *domain;  /* of the From, folded */
    guint zone, own;     /* see zone_length */
    bool has_dmarc;      /* the topmost dmarc result was seen */
    char *pass, *fail;   /* reasons, g_free */
    const char *problem; /* why there is no pass, a constant */
    char *aligned;       /* dkim or spf pass for the domain: counts without a dmarc pass or fail */
};

static const struct header_field *
field_at(const struct header_block *block, guint i)
{
    return &g_array_index(block->fields, struct header_field, i);
}

/* Fields that borders write between their Received and the sender's own header. */
static bool
is_border_field(const struct header_field *field)
{
    static const char *const names[] = {"Authentication-Results", "Received-SPF", "Return-Path",
                                        "Delivered-To"};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        if (header_is(field, names[i]))
            return true;
    return (field->name_len > 4 && g_ascii_strncasecmp(field->name, "ARC-", 4) == 0) ||
           (field->name_len > 2 && g_ascii_strncasecmp(field->name, "X-", 2) == 0);
}

/* How many fields, from the top, are the border's; 0: none can be told. *own_out: how many of them lie
 * within its Received fields. */
static guint
zone_length(const struct header_block *block, const struct border *border, guint *own_out)
{
    guint i = 0;
    *own_out = 0;
    if (border->received_hops <= 0)
        return 0;
    for (int hops = 0; hops < border->received_hops; i++) {
        if (i == block->fields->len)
            return 0;
        hops += header_is(field_at(block, i), "Received");
    }
    *own_out = i;
    while (border->verdict_below && border->strips_forged && i < block->fields->len &&
           is_border_field(field_at(block, i)))
        i++;
    return i;
}

/* Whether text matches a pattern in which "*" stands for any characters; ASCII case ignored. Goes back
 * to the last star only: length times length at worst. */
static bool
matches(const char *pattern, const char *text)
{
    const char *star = NULL;
    const char *resume = NULL;
    while (*text) {
        if (*pattern == '*') {
            star = pattern++;
            resume = text;
        } else if (g_ascii_tolower(*pattern) == g_ascii_tolower(*text)) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star + 1;
            text = ++resume;
        } else {
            return false;
        }
    }
    return pattern[strspn(pattern, "*")] == '\0';
}

static bool
is_accepted_id(const struct border *border, const char *id)
{
    if (!id)
        return border->allows_absent_id;
    for (guint i = 0; border->authserv_ids && i < border->authserv_ids->len; i++)
        if (matches(g_ptr_array_index(border->authserv_ids, i), id))
            return true;
    return false;
}

/* The domain of `x@dom`, `@dom`, `<x@dom>` or `dom`, folded; "" if there is none. */
static char *
domain_of(const char *value)
{
    const char *at = value ? strrchr(value, '@') : NULL;
    char *domain = g_ascii_strdown(at ? at + 1 : value ? value : "", -1);
    gsize len = strlen(domain);
    while (len > 0 && strchr(".> \t", domain[len - 1]))
        domain[--len] = '\0';
    return domain;
}

/* Whether `domain` is `parent` or lies below it; a parent has at least two labels. */
static bool
is_within(const char *domain, const char *parent)
{
    if (strcmp(domain, parent) == 0)
        return true;
    gsize len = strlen(domain);
    gsize parent_len = strlen(parent);
    return parent_len > 0 && parent[0] != '.' && strchr(parent, '.') && len > parent_len &&
           domain[len - parent_len - 1] == '.' && strcmp(domain + len - parent_len, parent) == 0;
}

static char *
reason_by(const struct auth_result *result, const char *id)
{
    g_autofree char *clean = clean_line(id ? id : "the border", 200);
    return g_strdup_printf("%s=%s by %s", result->method, result->result, clean);
}

static void
weigh_dmarc(struct evidence *evidence, const struct auth_result *result, const char *id)
{
    bool is_topmost = !evidence->has_dmarc;
    evidence->has_dmarc = true;
    if (strcmp(result->result, "fail") == 0 && !evidence->fail)
        evidence->fail = reason_by(result, id);
    if (!is_topmost || strcmp(result->result, "pass") != 0)
        return;
    g_autofree char *domain = domain_of(result->header_from);
    if (*domain == '\0')
        evidence->problem = "verdict names no domain";
    else if (strcmp(domain, evidence->domain) != 0)
        evidence->problem = "verdict is for another domain";
    else
        evidence->pass = reason_by(result, id);
}

static void
weigh_aligned(struct evidence *evidence, const struct auth_result *result, const char *id)
{
    if (evidence->aligned || strcmp(result->result, "pass") != 0)
        return;
    bool is_aligned = false;
    if (strcmp(result->method, "dkim") == 0) {
        g_autofree char *domain = domain_of(result->header_d ? result->header_d : result->header_i);
        is_aligned = is_within(evidence->domain, domain);
    } else if (strcmp(result->method, "spf") == 0) {
        g_autofree char *domain = domain_of(result->smtp_mailfrom);
        is_aligned = strcmp(domain, evidence->domain) == 0;
    }
    if (is_aligned)
        evidence->aligned = reason_by(result, id);
}

/* Two dmarc results in one field: one of them was slipped in by way of a quoted-back value. Their pass is
 * worth nothing, their fail is. */
static bool
has_doubled_dmarc(const struct auth_results *results)
{
    guint n = 0;
    for (guint i = 0; i < results->results->len; i++)
        n += strcmp(g_array_index(results->results, struct auth_result, i).method, "dmarc") == 0;
    return n > 1;
}

static void
weigh_field(struct evidence *evidence, const struct border *border, const struct header_field *field)
{
    g_autofree char *value = header_unfold(field);
    g_auto(auth_results_t) results = {.id = NULL};
    if (!auth_results_parse(value, &results) || !is_accepted_id(border, results.id))
        return;
    if (has_doubled_dmarc(&results) && !evidence->has_dmarc) {
        evidence->has_dmarc = true;
        evidence->problem = "verdict is ambiguous";
    }
    for (guint i = 0; i < results.results->len; i++) {
        const struct auth_result *result = &g_array_index(results.results, struct auth_result, i);
        if (strcmp(result->method, "dmarc") == 0)
            weigh_dmarc(evidence, result, results.id);
        else
            weigh_aligned(evidence, result, results.id);
    }
}

static bool
has_internal_mark(const struct header_block *block, const struct border *border, guint zone)
{
    if (!border->internal_header || !border->internal_value)
        return false;
    for (guint i = 0; i < zone; i++) {
        if (!header_is(field_at(block, i), border->internal_header))
            continue;
        g_autofree char *value = header_unfold(field_at(block, i));
        return g_ascii_strcasecmp(value, border->internal_value) == 0; /* the topmost decides */
    }
    return false;
}

/* Whether a comment (the cursor on its "(") is `(Authenticated sender: LOGIN…)` with this login. */
static bool
is_login_comment(const char *comment, const char *address)
{
    static const char mark[] = "(Authenticated sender:";
    if (g_ascii_strncasecmp(comment, mark, strlen(mark)) != 0)
        return false;
    const char *at = comment + strlen(mark);
    at += strspn(at, " \t");
    g_autofree char *login = g_strndup(at, strcspn(at, " \t,;()"));
    g_autofree char *folded = clean_address_fold(login);
    return g_strcmp0(folded, address) == 0;
}

/* Only a comment of its own counts: a client certificate's name stands inside another comment and may
 * hold balanced parentheses. */
static bool
names_login(const struct header_field *received, const char *address)
{
    g_autofree char *value = header_unfold(received);
    const char *at = value;
    while (*at) {
        if (*at != '(') {
            at++;
            continue;
        }
        if (is_login_comment(at, address))
            return true;
        if (!comment_skip(&at))
            return false;
    }
    return false;
}

static bool
is_authenticated(const struct header_block *block, const struct border *border, guint own,
                 const char *address)
{
    if (!border->authenticated_received)
        return false;
    for (guint i = 0; i < own; i++)
        if (header_is(field_at(block, i), "Received") && names_login(field_at(block, i), address))
            return true;
    return false;
}

static enum identity_verdict
conclude(enum identity_verdict verdict, const char *reason, char **reason_out)
{
    *reason_out = g_strdup(reason);
    return verdict;
}

static enum identity_verdict
decide(const struct evidence *evidence, const struct header_block *block, const struct border *border,
       const char *address, char **reason_out)
{
    if (evidence->fail)
        return conclude(IDENTITY_FAIL, evidence->fail, reason_out);
    if (border->trust_from)
        return conclude(IDENTITY_PASS, "trust = from", reason_out);
    if (is_authenticated(block, border, evidence->own, address))
        return conclude(IDENTITY_PASS, "authenticated submission", reason_out);
    if (has_internal_mark(block, border, evidence->zone))
        return conclude(IDENTITY_PASS, "internal mail by the provider's mark", reason_out);
    if (evidence->pass)
        return conclude(IDENTITY_PASS, evidence->pass, reason_out);
    if (evidence->problem)
        return conclude(IDENTITY_NONE, evidence->problem, reason_out);
    if (evidence->aligned)
        return conclude(IDENTITY_PASS, evidence->aligned, reason_out);
    if (evidence->zone == 0)
        return conclude(IDENTITY_NONE, "fewer Received fields than the border writes", reason_out);
    return conclude(IDENTITY_NONE, "no verdict of the border", reason_out);
}

enum identity_verdict
verdict_read(const struct header_block *block, const struct border *border, const char *address,
             char **reason_out)
{
    if (block->flaws & HEADER_FLAW_BAD_LINE)
        return conclude(IDENTITY_NONE, "the header ends in a line that is no field", reason_out);
    struct evidence evidence = {.domain = strrchr(address, '@') + 1};
    evidence.zone = zone_length(block, border, &evidence.own);
    for (guint i = 0; i < evidence.zone; i++)
        if (header_is(field_at(block, i), "Authentication-Results"))
            weigh_field(&evidence, border, field_at(block, i));
    enum identity_verdict verdict = decide(&evidence, block, border, address, reason_out);
    g_free(evidence.pass);
    g_free(evidence.fail);
    g_free(evidence.aligned);
    return verdict;
}
