/* fuzz_text.c - any cleaned text as a body of every kind: no crash, valid UTF-8, no lost bytes beyond
 * blanks. The first byte chooses nothing: all four kinds are read each time. */
#include <cardpost/clean.h>
#include <cardpost/text.h>

#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_valid(const char *text)
{
    g_assert(!text || g_utf8_validate(text, -1, NULL));
}

static void
read_as(enum text_kind kind, const char *text)
{
    g_auto(text_parts_t) parts;
    text_read(kind, text, strlen(text), &parts);
    check_valid(parts.body);
    check_valid(parts.reply);
    check_valid(parts.quoted);
    check_valid(parts.signature);
    check_valid(parts.rule);
    check_valid(parts.hidden);
    for (guint i = 0; i < parts.content_ids->len; i++)
        check_valid(parts.content_ids->pdata[i]);
    if (parts.forward) {
        check_valid(parts.forward->from.name);
        check_valid(parts.forward->from.address);
        check_valid(parts.forward->subject);
        check_valid(parts.forward->text);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = clean_text((const char *)data, size, 0);
    for (int kind = TEXT_PLAIN; kind <= TEXT_HTML; kind++)
        read_as((enum text_kind)kind, text);
    check_valid(text_bare_subject(text, NULL));
    check_valid(text_inner_subject(text, NULL));
    return 0;
}
