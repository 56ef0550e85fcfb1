/* guess.c - statistics of bytes, one pass each. Decodes nothing.
 *
 * GB 2312 sorts its frequent characters into the first bytes B0 to D7 and gives every second byte 8 bits;
 * Big5 has its frequent ones behind A4 to C6 and half of its second bytes below 80; Hangul fills B0 to C8; in
 * Japanese every other character is kana, which has rows of its own; Cyrillic letters lie from C0 on.
 * Western letters of 8 bits stand among those of ASCII. */
#include "guess.h"

#include <stdbool.h>
#include <string.h>

/* Fewer than these say nothing against Chinese. */
#define MIN_KANA     3
#define MIN_HANGUL   12
#define MIN_CYRILLIC 20

struct counts {
    gsize high;  /* bytes of 8 bits */
    gsize lone;  /* of them those that begin no pair */
    gsize pairs; /* an 8-bit byte and any other that may follow one */
    gsize low;   /* pairs whose second byte is below A1 */
    gsize big5;  /* pairs of Big5's frequent characters */
    gsize hangul, kana;
    gsize rare;           /* pairs of GB 2312's rare characters */
    gsize letters, small; /* bytes from C0 on; from E0 on */
    gsize adjacent;       /* bytes of 8 bits behind another one: no text of pairs is without */
    gsize mixed;          /* bytes of 8 bits that stand beside an ASCII letter */
};

static void
count_pair(struct counts *counts, guchar lead, guchar trail)
{
    bool is_high = trail >= 0xa1;
    counts->pairs++;
    counts->low += !is_high;
    counts->big5 += lead >= 0xa4 && lead <= 0xc6;
    counts->hangul += is_high && lead >= 0xb0 && lead <= 0xc8;
    counts->rare += is_high && lead >= 0xd8;
    counts->kana += is_high && (lead == 0xa4 || lead == 0xa5);
}

static struct counts
count(const guchar *bytes, gsize len)
{
    struct counts counts = {.high = 0};
    for (gsize i = 0; i < len; i++) {
        counts.high += bytes[i] >= 0x80;
        counts.letters += bytes[i] >= 0xc0;
        counts.small += bytes[i] >= 0xe0;
        counts.adjacent += i > 0 && bytes[i] >= 0x80 && bytes[i - 1] >= 0x80;
        counts.mixed += bytes[i] >= 0x80 && ((i > 0 && g_ascii_isalpha(bytes[i - 1])) ||
                                             (i + 1 < len && g_ascii_isalpha(bytes[i + 1])));
    }
    for (gsize i = 0; i < len; i++) {
        if (bytes[i] < 0x80)
            continue;
        /* beside ASCII letters a byte of 8 bits is a letter too */
        bool is_pair = i + 1 < len && bytes[i] > 0x80 && bytes[i] < 0xff &&
                       (bytes[i + 1] >= 0x80 || (bytes[i + 1] >= 0x40 && bytes[i + 1] < 0x7f &&
                                                 (i + 2 == len || bytes[i + 2] >= 0x80)));
        if (is_pair)
            count_pair(&counts, bytes[i], bytes[i + 1]);
        else
            counts.lone++;
        i += is_pair;
    }
    return counts;
}

/* Shift_JIS has other pairs than all the rest, and single bytes of half-width kana. */
static bool
is_shift_jis(const guchar *bytes, gsize len)
{
    gsize pairs = 0, kana = 0;
    for (gsize i = 0; i < len; i++) {
        guchar lead = bytes[i];
        if (lead < 0x80 || (lead >= 0xa1 && lead <= 0xdf))
            continue;
        guchar trail = i + 1 < len ? bytes[++i] : 0;
        if (lead == 0x80 || lead == 0xa0 || lead > 0xfc || trail < 0x40 || trail == 0x7f || trail > 0xfc)
            return false;
        pairs++;
        kana += (lead == 0x82 && trail >= 0x9f && trail <= 0xf1) || (lead == 0x83 && trail <= 0x96);
    }
    return kana >= MIN_KANA && kana * 4 >= pairs;
}

static void
add(const char *guesses[GUESSES], const char *name)
{
    for (guint i = 0; i < GUESSES; i++) {
        if (!guesses[i])
            guesses[i] = name;
        if (strcmp(guesses[i], name) == 0)
            return;
    }
}

void
guess_charsets(const guchar *bytes, gsize len, const char *guesses_out[GUESSES])
{
    struct counts n = count(bytes, len);
    memset(guesses_out, 0, GUESSES * sizeof *guesses_out);
    if (n.adjacent == 0 || n.lone * 2 > n.pairs || (n.mixed * 2 > n.high && n.rare * 2 > n.pairs))
        return;
    if (is_shift_jis(bytes, len))
        add(guesses_out, "shiftjis");
    if (n.kana >= MIN_KANA && n.kana * 4 >= n.pairs)
        add(guesses_out, "eucjp");
    if (n.hangul >= MIN_HANGUL && n.hangul * 100 >= n.pairs * 95)
        add(guesses_out, "euckr");
    if (n.high >= MIN_CYRILLIC && n.letters * 100 >= n.high * 95 && n.mixed * 10 < n.high)
        add(guesses_out, n.small * 2 > n.letters ? "windows1251" : "koi8r");
    if (n.low * 4 > n.pairs && n.big5 * 10 > n.pairs * 7)
        add(guesses_out, "big5");
    add(guesses_out, "gb18030");
    add(guesses_out, "big5");
}
