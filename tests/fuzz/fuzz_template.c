/* fuzz_template.c - any template over a fixed view; partials are the template itself and its second half. */
#include <cardpost/template.h>

#include <stddef.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *
own_partial(const char *name, void *data)
{
    const char *source = data;
    if (g_str_equal(name, "a"))
        return g_strdup(source);
    return g_str_equal(name, "b") ? g_strdup(source + strlen(source) / 2) : NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > 64 * 1024)
        return 0;
    g_autofree char *source = g_strndup((const char *)data + 1, size - 1);
    g_autoptr(view_t) view =
        view_from_json("{\"a\":[1,\"<b>\",{\"a\":\"{{b}}\"}],\"b\":{\"c\":true,\"d\":[[],[2]]}}", NULL);
    enum template_kind kind = data[0] & 1 ? TEMPLATE_HTML : TEMPLATE_TEXT;
    g_free(template_render(kind, source, view, own_partial, source, NULL));
    return 0;
}
