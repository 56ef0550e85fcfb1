/* fuzz_header.c - any bytes as a mail: the header block lies within it, and whatever identity is read is one
 * folded address that stands in the From field. The first byte chooses the border. */
#include <cardpost/clean.h>
#include <cardpost/identity.h>

#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_block(const struct header_block *block, const char *raw, gsize len)
{
    g_assert_cmpuint(block->body_at, <=, len);
    const char *at = raw;
    for (guint i = 0; i < block->fields->len; i++) {
        const struct header_field *field = &g_array_index(block->fields, struct header_field, i);
        g_assert(field->name >= at && field->name_len > 0 && field->value > field->name);
        at = field->value + field->value_len;
    }
    g_assert(at <= raw + block->body_at);
    g_autofree char *key = header_content_key(block, (gint64)len);
    g_assert_cmpuint(strlen(key), ==, 64);
}

static void
check_identity(const struct header_block *block, const struct identity *identity)
{
    g_assert(identity->reason && identity->name && g_utf8_validate(identity->name, -1, NULL));
    g_assert(g_utf8_validate(identity->reason, -1, NULL));
    g_assert(identity->is_broken == !identity->address);
    if (identity->is_broken) {
        g_assert_cmpint(identity->verdict, ==, IDENTITY_NONE);
        return;
    }
    g_autofree char *from = header_first(block, "From");
    g_autofree char *lower = g_ascii_strdown(from, -1);
    g_autofree char *folded = clean_address_fold(identity->address);
    g_assert_cmpuint(header_count(block, "From"), ==, 1);
    g_assert_cmpstr(folded, ==, identity->address);
    g_assert(strstr(lower, identity->address));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char mark[] = "X-Mark", value[] = "Internal", id[] = "mx.*example";
    if (size < 2)
        return 0;
    g_autoptr(GPtrArray) ids = g_ptr_array_new();
    g_ptr_array_add(ids, id);
    struct border border = {.authserv_ids = ids,
                            .trust_from = (data[0] & 0x80) != 0,
                            .allows_absent_id = data[0] & 1,
                            .strips_forged = data[0] & 2,
                            .verdict_below = data[0] & 4,
                            .authenticated_received = data[0] & 8,
                            .internal_header = data[0] & 16 ? mark : NULL,
                            .internal_value = value,
                            .received_hops = data[0] >> 5 & 3};
    g_autofree char *raw = g_memdup2(data + 1, size - 1); /* exact, so that a read past the end is seen */
    g_auto(header_block_t) block = {.fields = NULL};
    header_block_parse(raw, size - 1, &block);
    check_block(&block, raw, size - 1);
    g_auto(identity_t) identity = {.address = NULL};
    identity_read(&block, &border, &identity);
    check_identity(&block, &identity);
    g_autofree char *subject = header_first(&block, "Subject");
    g_autofree char *clean = clean_line(subject, 0); /* what the caller hands over is clean */
    g_autofree char *sign = NULL;
    enum automatic kind = identity_automatic(&block, clean, "fuzz", NULL, &sign);
    g_assert((kind == AUTOMATIC_NONE) == !sign && *automatic_name(kind));
    identity_delivery_report(raw + block.body_at, size - 1 - block.body_at);
    return 0;
}
