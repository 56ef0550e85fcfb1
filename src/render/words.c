/* words.c - short phrases around a letter: sizes, reasons. Every word comes from the catalogue. */
#include "parts.h"

#include <string.h>

char *
words_size(const struct render *render, const char *language, int64_t size_bytes)
{
    static const char *const units[] = {"KB", "MB", "GB"};
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    if (size_bytes < 1000) {
        g_snprintf(number, sizeof number, "%d", (int)MAX(size_bytes, 0));
        return render_text(render, language, "size.bytes", number);
    }
    double size = (double)size_bytes / 1000;
    guint unit = 0;
    while (size >= 999.5 && unit + 1 < G_N_ELEMENTS(units)) {
        size /= 1000;
        unit++;
    }
    g_ascii_formatd(number, sizeof number, size < 9.95 && unit > 0 ? "%.1f" : "%.0f", size);
    return g_strconcat(number, " ", units[unit], NULL);
}

char *
words_reason(const struct render *render, const char *language, const struct letter *letter)
{
    const char *reason = letter->reason ? letter->reason : render_kind_name(letter->kind);
    g_autofree char *key = g_strconcat("reason.", reason, NULL);
    bool is_known = catalog_text(render_catalog(render), language, key) != NULL;
    return render_text(render, language, is_known ? key : "reason.other", NULL);
}
