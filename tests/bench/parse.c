/* parse.c - how long reading takes: the mails named as arguments, then one kind of mail after another in
 * sizes that double. CPU milliseconds, the best of three; the last column is how much the doubled size costs
 * (2 is linear). Run by `make bench-parse`. */
#include <cardpost/mime.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define KILOBYTES   250
#define ROUNDS      3
#define REPLY_BYTES 10000
#define BIG_BYTES   (25 * 1024 * 1024)
#define BIG_FILES   10
#define HEAD        "From: a@b.example\r\nSubject: s\r\n"
#define TEXT        HEAD "Content-Type: text/plain; charset=utf-8\r\n\r\n"
#define HTML        HEAD "Content-Type: text/html; charset=utf-8\r\n\r\n"
#define MIXED       HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n"

/* `piece` is repeated until the size is reached. */
static const struct {
    const char *label, *head, *piece;
} kinds[] = {
    {"lines of text", TEXT, "Hello, this is a line of text.\r\n"},
    {"Chinese", TEXT, "您好，请尽快安排发货，谢谢！\r\n"},
    {"quoted lines", TEXT, "> On Monday Li wrote: > quoted\r\n"},
    {"reply heads", TEXT, "On Mon, 5 Oct 2026 Li <li@x.example> wrote:\r\n"},
    {"signature marks", TEXT, "-- \r\nLi\r\n"},
    {"closing words", TEXT, "Regards\r\nBob\r\nTel: +49 30 1234567\r\n> a\r\n"},
    {"notices", TEXT, "If you are not the intended recipient, it is confidential.\r\n\r\n"},
    {"banners", TEXT, "[EXTERNAL]\r\n"},
    {"one long line", TEXT, "word "},
    {"Latin 1 as UTF-8", TEXT,
     "Gr\xf6\xdf"
     "e \xdc"
     "ber\r\n"},
    {"Korean", TEXT, "안녕하세요"},
    {"uuencode without data", TEXT, "begin 644 x\n"},
    {"uuencoded files", TEXT, "begin 644 x\n#0V%T\n`\nend\n"},
    {"clear-signed heads", TEXT, "-----BEGIN PGP SIGNED MESSAGE-----\n"},
    {"paragraphs of HTML", HTML, "<p>Hello <b>you</b></p>\n"},
    {"nested HTML", HTML, "<div><blockquote>"},
    {"open comments", HTML, "<!-- "},
    {"attributes", HTML "<p ", "a=b "},
    {"encoded words", "From: a@b.example\r\nSubject: ", "=?utf-8?B?5Lit?= "},
    {"words without end", "From: a@b.example\r\nSubject: ", "=?u?Q?a "},
    {"references", HEAD "References: ", "<a@b> "},
    {"addresses", HEAD "To: ", "a@b.example, "},
    {"parameters", HEAD "Content-Type: text/plain; ", "a*0*=x; "},
    {"no boundaries", MIXED, "--xxxx\r\n"},
    {"invitation", HEAD "Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n",
     "EXDATE:20260101\r\n"},
};

static double
cpu_ms(void)
{
    struct timespec at;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
    return (double)at.tv_sec * 1e3 + (double)at.tv_nsec / 1e6;
}

static double
measure(const char *raw, gsize len)
{
    double best = 0;
    for (int i = 0; i < ROUNDS; i++) {
        double begin = cpu_ms();
        struct mail *mail = mime_parse(raw, len, NULL);
        double took = cpu_ms() - begin;
        mail_free(mail);
        best = i == 0 ? took : MIN(best, took);
    }
    return best;
}

static void
measure_kind(guint kind)
{
    double took[3];
    for (guint i = 0; i < G_N_ELEMENTS(took); i++) {
        GString *raw = g_string_new(kinds[kind].head);
        while (raw->len < ((gsize)KILOBYTES * 1024) << i)
            g_string_append(raw, kinds[kind].piece);
        g_string_append(raw, "\r\n\r\nend\r\n");
        took[i] = measure(raw->str, raw->len);
        g_string_free(raw, TRUE);
    }
    printf("%-24s %9.2f %9.2f %9.2f %7.2f\n", kinds[kind].label, took[0], took[1], took[2],
           took[2] / MAX(took[1], 0.01));
}

static void
measure_reply(void)
{
    GString *raw = g_string_new(TEXT "Thank you, we ship on Monday.\r\n\r\nOn Mon, 5 Oct 2026 Li wrote:\r\n");
    while (raw->len < REPLY_BYTES)
        g_string_append(raw, "> The parcel is damaged, please send another one.\r\n");
    printf("a reply of 10 KB: %.3f ms\n", measure(raw->str, raw->len));
    g_string_free(raw, TRUE);
}

static void
measure_big(void)
{
    GString *raw = g_string_new(MIXED "--b\r\n\r\nsee the files\r\n");
    for (guint i = 0; i < BIG_FILES; i++) {
        g_string_append_printf(raw,
                               "--b\r\nContent-Type: application/octet-stream; name=%u.bin\r\n"
                               "Content-Transfer-Encoding: base64\r\n\r\n",
                               i);
        for (gsize end = raw->len + BIG_BYTES / BIG_FILES; raw->len < end;)
            g_string_append(raw,
                            "AGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6MDEyMzQ1Njc4OUFCQ0RFRkdISUpLTE1OT1BR\r\n");
    }
    printf("25 MB with ten attachments: %.0f ms\n", measure(raw->str, raw->len));
    g_string_free(raw, TRUE);
}

static int
by_number(gconstpointer a, gconstpointer b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void
measure_files(int n, char *const files[])
{
    g_autofree double *took = g_new0(double, (gsize)n);
    int read = 0;
    for (int i = 0; i < n; i++) {
        g_autofree char *raw = NULL;
        gsize len;
        if (g_file_get_contents(files[i], &raw, &len, NULL))
            took[read++] = measure(raw, len);
    }
    qsort(took, (size_t)read, sizeof *took, by_number);
    if (read > 0)
        printf("%d mails: median %.3f ms, nine of ten %.3f ms, slowest %.1f ms\n", read, took[read / 2],
               took[read * 9 / 10], took[read - 1]);
}

int
main(int argc, char *argv[])
{
    mime_open();
    measure_files(argc - 1, argv + 1);
    measure_reply();
    measure_big();
    printf("%-24s %6d KB %6d KB %6d KB %7s\n", "", KILOBYTES, KILOBYTES * 2, KILOBYTES * 4, "");
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
        measure_kind(i);
    mime_close();
    return 0;
}
