/* main.c - the suite of the identity module, and the border that its cases share. */
#include "suite.h"
#include "support.h"

#include <string.h>

void
suite_border(struct border *border_out)
{
    *border_out = (struct border){
        .authserv_ids = g_ptr_array_new_with_free_func(g_free), .strips_forged = true, .received_hops = 1};
    g_ptr_array_add(border_out->authserv_ids, g_strdup("mx.corp.example"));
}

void
suite_border_clear(struct border *border)
{
    g_ptr_array_unref(border->authserv_ids);
}

void
suite_read(const char *header, const struct border *border, struct identity *identity_out)
{
    g_autofree char *raw = g_strconcat(header, "\nbody\n", NULL);
    g_auto(header_block_t) block = {.fields = NULL};
    header_block_parse(raw, strlen(raw), &block);
    struct border own;
    suite_border(&own);
    identity_read(&block, border ? border : &own, identity_out);
    suite_border_clear(&own);
}

int
main(void)
{
    static support_case_fn *const cases[] = {case_from, case_verdict, case_automatic, case_corpus, NULL};
    return support_run("identity", cases);
}
