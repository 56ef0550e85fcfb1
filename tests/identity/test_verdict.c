/* test_verdict.c - whom the border's verdict proves (attacks.md A01 to A08). Every header here has one
 * From: Ann at corp.example. */
#include "suite.h"
#include "support.h"

#include <string.h>

#define RECEIVED "Received: from out by mx.corp.example; x\n"
#define OTHER    "Received: from evil by out; x\n"
#define FROM     "From: Ann <ann@corp.example>\n"
#define AR       "Authentication-Results: "
#define GOOD     AR "mx.corp.example; dmarc=pass header.from=corp.example\n"

enum border_kind {
    OWN,       /* suite_border */
    TRUSTING,  /* trust = from */
    BELOW,     /* two hops, verdict below the second, forged ones stripped (Gmail) */
    BELOW_RAW, /* the same, forged ones not stripped */
    ABSENT,    /* no authserv-id (M365), with an internal mark */
    SUBMITTED, /* Received names the login */
    PATTERN,   /* an authserv-id with "*" */
    NO_HOPS,   /* received_hops = 0 */
};

struct sample {
    const char *label;
    enum border_kind border;
    const char *header;
    enum identity_verdict verdict;
    const char *reason;
};

static const struct sample samples[] = {
    {"A01 nothing", OWN, RECEIVED FROM, IDENTITY_NONE, "no verdict of the border"},
    {"pass", OWN, GOOD RECEIVED FROM, IDENTITY_PASS, "dmarc=pass by mx.corp.example"},
    {"A02 fail", OWN, AR "mx.corp.example; dmarc=fail header.from=corp.example\n" RECEIVED FROM,
     IDENTITY_FAIL, "dmarc=fail by mx.corp.example"},
    {"A03 not aligned", OWN,
     AR
     "mx.corp.example; spf=pass smtp.mailfrom=x@evil.example;\n\tdkim=pass header.d=evil.example\n" RECEIVED
         FROM,
     IDENTITY_NONE, "no verdict of the border"},
    {"A04 another domain", OWN, AR "mx.corp.example; dmarc=pass header.from=evil.example\n" RECEIVED FROM,
     IDENTITY_NONE, "verdict is for another domain"},
    {"A04 dkim does not mend it", OWN,
     AR
     "mx.corp.example; dmarc=pass header.from=evil.example; dkim=pass header.d=corp.example\n" RECEIVED FROM,
     IDENTITY_NONE, "verdict is for another domain"},
    {"pass for nobody", OWN, AR "mx.corp.example; dmarc=pass\n" RECEIVED FROM, IDENTITY_NONE,
     "verdict names no domain"},
    {"A05 forged below the border", OWN,
     AR "mx.corp.example; dmarc=fail header.from=corp.example\n" RECEIVED GOOD OTHER FROM, IDENTITY_FAIL,
     "dmarc=fail by mx.corp.example"},
    {"A05 both within", OWN, GOOD AR "mx.corp.example; dmarc=fail\n" RECEIVED FROM, IDENTITY_FAIL,
     "dmarc=fail by mx.corp.example"},
    {"A05 topmost none", OWN, AR "mx.corp.example; dmarc=none\n" GOOD RECEIVED FROM, IDENTITY_NONE,
     "no verdict of the border"},
    {"A06 forged", OWN, RECEIVED GOOD FROM, IDENTITY_NONE, "no verdict of the border"},
    {"A06 forged, second Received", OWN, RECEIVED GOOD OTHER FROM, IDENTITY_NONE, "no verdict of the border"},
    {"A06 no Received at all", OWN, GOOD FROM, IDENTITY_NONE, "fewer Received fields than the border writes"},
    {"A07 other id, ours in a comment", OWN,
     AR "mx.evil.example (mx.corp.example); dmarc=pass header.from=corp.example\n" RECEIVED FROM,
     IDENTITY_NONE, "no verdict of the border"},
    {"A07 quoted id, version, comment", OWN,
     AR "\"mx.corp.example\" 1; (dmarc=fail) dmarc=pass (p=reject) header.from=corp.example\n" RECEIVED FROM,
     IDENTITY_PASS, "dmarc=pass by mx.corp.example"},
    {"A07 method version set off by a comment: not read", OWN,
     AR "(a (b) \\( c) MX.corp.example;\n dmarc (x) / 1 = pass (y)\n reason=\"; dmarc=fail\"\n"
        " header.from=\"corp.example\"\n" RECEIVED FROM,
     IDENTITY_NONE, "no verdict of the border"},
    {"A07 reason is no structure", OWN,
     AR "mx.corp.example; dmarc=pass reason=\"; dmarc=fail\" header.from=\"Corp.Example.\"\n" RECEIVED FROM,
     IDENTITY_PASS, "dmarc=pass by mx.corp.example"},
    {"A07 version 2", OWN, AR "mx.corp.example 2; dmarc=pass header.from=corp.example\n" RECEIVED FROM,
     IDENTITY_NONE, "no verdict of the border"},
    {"A07 words behind the id", OWN,
     AR "mx.corp.example x; dmarc=pass header.from=corp.example\n" RECEIVED FROM, IDENTITY_NONE,
     "no verdict of the border"},
    {"A07 open comment", OWN, AR "mx.corp.example; (dmarc=pass header.from=corp.example\n" RECEIVED FROM,
     IDENTITY_NONE, "no verdict of the border"},
    {"A07 open quote", OWN, AR "mx.corp.example; dmarc=pass header.from=corp.example x=\"y\n" RECEIVED FROM,
     IDENTITY_NONE, "no verdict of the border"},
    {"none", OWN, AR "mx.corp.example; none\n" RECEIVED FROM, IDENTITY_NONE, "no verdict of the border"},
    {"A08 arc", OWN,
     AR "mx.corp.example; arc=pass (as.1.evil.example=pass); dmarc=fail header.from=corp.example\n" RECEIVED
         FROM,
     IDENTITY_FAIL, "dmarc=fail by mx.corp.example"},
    {"A08 arc alone", OWN, AR "mx.corp.example; arc=pass header.from=corp.example\n" RECEIVED FROM,
     IDENTITY_NONE, "no verdict of the border"},
    {"a result slipped in by the sender", OWN,
     AR "mx.corp.example; spf=pass smtp.mailfrom=x; dmarc=pass header.from=corp.example;"
        " dmarc=none header.from=corp.example\n" RECEIVED FROM,
     IDENTITY_NONE, "verdict is ambiguous"},
    {"a quoted local part is no structure", OWN,
     AR "mx.corp.example; spf=pass smtp.mailfrom=\"x; dmarc=pass header.from=corp.example;"
        " @corp.example\"@evil.example\n" RECEIVED FROM,
     IDENTITY_NONE, "no verdict of the border"},
    {"a property twice", OWN,
     AR "mx.corp.example; dmarc=pass header.from=corp.example header.from=evil.example\n" RECEIVED FROM,
     IDENTITY_NONE, "no verdict of the border"},
    {"one field a method", OWN,
     AR "mx.corp.example; spf=fail smtp.mailfrom=x@y.example\n" AR
        "mx.corp.example; dkim=pass header.i=@corp.example\n" AR
        "mx.corp.example; dmarc=pass header.from=corp.example\n" RECEIVED FROM,
     IDENTITY_PASS, "dmarc=pass by mx.corp.example"},
    {"dkim of the domain", OWN,
     AR "mx.corp.example; dkim=pass header.d=corp.example header.s=a\n" RECEIVED FROM, IDENTITY_PASS,
     "dkim=pass by mx.corp.example"},
    {"dkim by header.i", OWN, AR "mx.corp.example; dkim=pass header.i=list@corp.example\n" RECEIVED FROM,
     IDENTITY_PASS, "dkim=pass by mx.corp.example"},
    {"header.d outweighs header.i", OWN,
     AR "mx.corp.example; dkim=pass header.d=evil.example header.i=@corp.example\n" RECEIVED FROM,
     IDENTITY_NONE, "no verdict of the border"},
    {"dkim of the parent", OWN,
     AR "mx.corp.example; dkim=pass header.d=corp.example\n" RECEIVED "From: ann@eu.corp.example\n",
     IDENTITY_PASS, "dkim=pass by mx.corp.example"},
    {"dkim of a top level", OWN, AR "mx.corp.example; dkim=pass header.d=example\n" RECEIVED FROM,
     IDENTITY_NONE, "no verdict of the border"},
    {"dkim of a child", OWN, AR "mx.corp.example; dkim=pass header.d=eu.corp.example\n" RECEIVED FROM,
     IDENTITY_NONE, "no verdict of the border"},
    {"dkim of a name with the same end", OWN,
     AR "mx.corp.example; dkim=pass header.d=rp.example\n" RECEIVED FROM, IDENTITY_NONE,
     "no verdict of the border"},
    {"dkim=fail", OWN, AR "mx.corp.example; dkim=fail header.d=corp.example\n" RECEIVED FROM, IDENTITY_NONE,
     "no verdict of the border"},
    {"spf", OWN, AR "mx.corp.example; spf=pass smtp.mailfrom=bounce@corp.example\n" RECEIVED FROM,
     IDENTITY_PASS, "spf=pass by mx.corp.example"},
    {"spf of the parent", OWN,
     AR "mx.corp.example; spf=pass smtp.mailfrom=corp.example\n" RECEIVED "From: ann@eu.corp.example\n",
     IDENTITY_NONE, "no verdict of the border"},
    {"spf of a null sender", OWN, AR "mx.corp.example; spf=pass smtp.mailfrom=; dkim=none\n" RECEIVED FROM,
     IDENTITY_NONE, "no verdict of the border"},
    {"helo is not mailfrom", OWN, AR "mx.corp.example; spf=pass smtp.helo=corp.example\n" RECEIVED FROM,
     IDENTITY_NONE, "no verdict of the border"},
    {"id absent but not allowed", OWN, AR "dmarc=pass header.from=corp.example\n" RECEIVED FROM,
     IDENTITY_NONE, "no verdict of the border"},
    {"bad line behind the block", OWN, GOOD RECEIVED FROM "no field\nFrom: evil@x.example\n", IDENTITY_NONE,
     "the header ends in a line that is no field"},

    {"trust = from", TRUSTING, FROM, IDENTITY_PASS, "trust = from"},
    {"trust = from, fail", TRUSTING, AR "mx.corp.example; dmarc=fail\n" RECEIVED FROM, IDENTITY_FAIL,
     "dmarc=fail by mx.corp.example"},
    {"trust = from, bad line", TRUSTING, FROM "no field\n", IDENTITY_NONE,
     "the header ends in a line that is no field"},

    {"below", BELOW, OTHER "X-Received: x\nReturn-Path: <x@y>\n" RECEIVED "Received-SPF: pass\n" GOOD FROM,
     IDENTITY_PASS, "dmarc=pass by mx.corp.example"},
    {"above is the border's too", BELOW, OTHER GOOD RECEIVED FROM, IDENTITY_PASS,
     "dmarc=pass by mx.corp.example"},
    {"below, behind another Received", BELOW, OTHER RECEIVED OTHER GOOD FROM, IDENTITY_NONE,
     "no verdict of the border"},
    {"A06 below the sender's own fields", BELOW, OTHER RECEIVED FROM GOOD, IDENTITY_NONE,
     "no verdict of the border"},
    {"A06 below a DKIM-Signature", BELOW, OTHER RECEIVED "DKIM-Signature: v=1\n" GOOD FROM, IDENTITY_NONE,
     "no verdict of the border"},
    {"below, one Received too few", BELOW, RECEIVED GOOD FROM, IDENTITY_NONE,
     "fewer Received fields than the border writes"},
    {"below, not stripped", BELOW_RAW, OTHER RECEIVED GOOD FROM, IDENTITY_NONE, "no verdict of the border"},
    {"above, not stripped", BELOW_RAW, GOOD OTHER RECEIVED FROM, IDENTITY_PASS,
     "dmarc=pass by mx.corp.example"},

    {"absent id", ABSENT,
     AR "spf=pass (sender IP is 1.2.3.4)\n smtp.mailfrom=corp.example; dkim=pass (signature was verified)\n"
        " header.d=corp.example;dmarc=pass action=none\n header.from=corp.example;compauth=pass "
        "reason=100\n" RECEIVED FROM,
     IDENTITY_PASS, "dmarc=pass by the border"},
    {"absent id, fail", ABSENT,
     AR "spf=none smtp.mailfrom=x; dmarc=fail action=oreject header.from=corp.example;\n" RECEIVED FROM,
     IDENTITY_FAIL, "dmarc=fail by the border"},
    {"an id where none is written", ABSENT, GOOD RECEIVED FROM, IDENTITY_NONE, "no verdict of the border"},
    {"internal mark", ABSENT, "X-Auth-As: internal\n" RECEIVED FROM, IDENTITY_PASS,
     "internal mail by the provider's mark"},
    {"internal mark of another value", ABSENT, "X-Auth-As: Anonymous\nX-Auth-As: Internal\n" RECEIVED FROM,
     IDENTITY_NONE, "no verdict of the border"},
    {"forged internal mark", ABSENT, RECEIVED "X-Auth-As: Internal\n" FROM, IDENTITY_NONE,
     "no verdict of the border"},

    {"submission", SUBMITTED,
     "Received: from [10.0.0.1] (host [10.0.0.1])\n\t(using TLSv1.3 with cipher X (256/256 bits))\n"
     "\t(No client certificate requested)\n\t(Authenticated sender: Ann@corp.example)\n"
     "\tby mx.corp.example (Postfix) with ESMTPSA id 1;\n\tx\n" FROM,
     IDENTITY_PASS, "authenticated submission"},
    {"submission, more in the comment", SUBMITTED,
     "Received: from x (Authenticated sender: ann@corp.example, from\n userid 7) by mx.corp.example\n" FROM,
     IDENTITY_PASS, "authenticated submission"},
    {"submission of another", SUBMITTED,
     "Received: from x (Authenticated sender: bob@corp.example) by mx.corp.example\n" FROM, IDENTITY_NONE,
     "no verdict of the border"},
    {"submission of a longer name", SUBMITTED,
     "Received: from x (Authenticated sender: ann@corp.example.evil) by mx.corp.example\n" FROM,
     IDENTITY_NONE, "no verdict of the border"},
    {"submission forged below", SUBMITTED,
     RECEIVED "Received: from x (Authenticated sender: ann@corp.example) by mx.corp.example\n" FROM,
     IDENTITY_NONE, "no verdict of the border"},
    {"submission in a certificate's name", SUBMITTED,
     "Received: from x (Client CN \"a (Authenticated sender: ann@corp.example)\") by mx.corp.example\n" FROM,
     IDENTITY_NONE, "no verdict of the border"},
    {"submission inside another comment", SUBMITTED,
     "Received: from x (CN Authenticated sender: ann@corp.example) by mx.corp.example\n" FROM, IDENTITY_NONE,
     "no verdict of the border"},
    {"submission and dmarc=fail", SUBMITTED,
     AR "mx.corp.example; dmarc=fail\nReceived: from x (Authenticated sender: ann@corp.example) by y\n" FROM,
     IDENTITY_FAIL, "dmarc=fail by mx.corp.example"},
    {"submission not believed by others", OWN,
     "Received: from x (Authenticated sender: ann@corp.example) by mx.corp.example\n" FROM, IDENTITY_NONE,
     "no verdict of the border"},

    {"pattern", PATTERN, AR "p10-mx.a.icloud.com; dmarc=pass header.from=corp.example\n" RECEIVED FROM,
     IDENTITY_PASS, "dmarc=pass by p10-mx.a.icloud.com"},
    {"pattern and a longer end", PATTERN,
     AR "p1-mx.icloud.com.evil.example; dmarc=pass header.from=corp.example\n" RECEIVED FROM, IDENTITY_NONE,
     "no verdict of the border"},
    {"pattern, ids combine", PATTERN,
     AR "a-mx.icloud.com; dkim=none\n" AR
        "b-mx.x.icloud.com; dmarc=pass header.from=corp.example\n" RECEIVED FROM,
     IDENTITY_PASS, "dmarc=pass by b-mx.x.icloud.com"},
    {"no hops", NO_HOPS, GOOD RECEIVED FROM, IDENTITY_NONE, "fewer Received fields than the border writes"},
};

static void
set_id(struct border *border, const char *id)
{
    g_ptr_array_set_size(border->authserv_ids, 0);
    if (id)
        g_ptr_array_add(border->authserv_ids, g_strdup(id));
}

static void
make_border(enum border_kind kind, struct border *border)
{
    static char header[] = "X-Auth-As";
    static char value[] = "Internal";
    suite_border(border);
    switch (kind) {
    case OWN:
        break;
    case TRUSTING:
        border->trust_from = true;
        break;
    case BELOW:
    case BELOW_RAW:
        border->verdict_below = true;
        border->received_hops = 2;
        border->strips_forged = kind == BELOW;
        break;
    case ABSENT:
        set_id(border, NULL);
        border->allows_absent_id = true;
        border->internal_header = header;
        border->internal_value = value;
        break;
    case SUBMITTED:
        border->authenticated_received = true;
        break;
    case PATTERN:
        set_id(border, "*-mx.*icloud.com");
        break;
    case NO_HOPS:
        border->received_hops = 0;
        break;
    }
}

START_TEST(test_A01_to_A08_verdict)
{
    const struct sample *s = &samples[_i];
    struct border border;
    make_border(s->border, &border);
    g_auto(identity_t) identity = {.address = NULL};
    suite_read(s->header, &border, &identity);
    suite_border_clear(&border);
    ck_assert_msg(!identity.is_broken, "%s: broken: %s", s->label, identity.reason);
    ck_assert_msg(identity.verdict == s->verdict, "%s: verdict %d, %s", s->label, identity.verdict,
                  identity.reason);
    ck_assert_msg(strcmp(identity.reason, s->reason) == 0, "%s: reason %s", s->label, identity.reason);
}
END_TEST

/* Deep comments and floods of results end soon and prove nothing. */
START_TEST(test_floods)
{
    g_autofree char *deep = g_strnfill(300000, '(');
    g_autofree char *quotes = g_strnfill(300000, '"');
    g_autoptr(GString) many = g_string_new("mx.corp.example");
    for (int i = 0; i < 30000; i++)
        g_string_append(many, ";dkim=pass header.d=corp.example");
    const char *const values[] = {deep, quotes, many->str};
    for (guint i = 0; i < G_N_ELEMENTS(values); i++) {
        g_autofree char *header = g_strconcat(AR, values[i], "\n", RECEIVED, FROM, NULL);
        g_auto(identity_t) identity = {.address = NULL};
        suite_read(header, NULL, &identity);
        ck_assert_msg(identity.verdict == IDENTITY_NONE, "flood %u: %s", i, identity.reason);
    }
}
END_TEST

TCase *
case_verdict(void)
{
    TCase *tcase = tcase_create("verdict");
    tcase_add_loop_test(tcase, test_A01_to_A08_verdict, 0, G_N_ELEMENTS(samples));
    tcase_add_test(tcase, test_floods);
    return tcase;
}
