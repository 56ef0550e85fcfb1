/* dialogue.c - follows the SMTP dialogue line by line; libcurl alone does not tell at which command it
 * ended nor with which words. Decides nothing (outcome.c). */
#include "dialogue.h"

#include <stdlib.h>
#include <string.h>

#define REPLY_MAX_BYTES 1000 /* a server may answer 10 MB (attacks.md S04) */

static const struct {
    const char *word;
    enum stage stage;
} commands[] = {
    {"EHLO", STAGE_EHLO}, {"HELO", STAGE_EHLO}, {"STARTTLS", STAGE_STARTTLS}, {"AUTH", STAGE_AUTH},
    {"MAIL", STAGE_MAIL}, {"RCPT", STAGE_RCPT}, {"DATA", STAGE_DATA},
};

void
dialogue_init(struct dialogue *dialogue)
{
    *dialogue = (struct dialogue){.stage = STAGE_CONNECT, .reply = g_string_new(NULL)};
}

void
dialogue_clear(struct dialogue *dialogue)
{
    if (dialogue->reply)
        g_string_free(dialogue->reply, TRUE);
    dialogue->reply = NULL;
}

void
dialogue_begin(struct dialogue *dialogue)
{
    dialogue->stage = STAGE_CONNECT;
    dialogue->code = 0;
    dialogue->is_over = false;
    g_string_truncate(dialogue->reply, 0);
}

void
dialogue_command(struct dialogue *dialogue, const char *line, gsize len)
{
    if (len >= 4 && g_ascii_strncasecmp(line, "QUIT", 4) == 0)
        dialogue->is_over = true;
    for (gsize i = 0; i < G_N_ELEMENTS(commands); i++) {
        gsize word_len = strlen(commands[i].word);
        if (len < word_len || g_ascii_strncasecmp(line, commands[i].word, word_len) != 0)
            continue;
        dialogue->stage = commands[i].stage;
        dialogue->code = 0;
        g_string_truncate(dialogue->reply, 0);
        if (dialogue->stage == STAGE_EHLO)
            dialogue->size_limit = 0;
        return;
    }
}

/* "SIZE 52428800" of an EHLO reply; "SIZE" alone and "SIZE 0" say nothing (RFC 1870). */
static void
take_size(struct dialogue *dialogue, const char *keyword)
{
    if (g_ascii_strncasecmp(keyword, "SIZE ", 5) != 0)
        return;
    guint64 size = g_ascii_strtoull(keyword + 5, NULL, 10);
    dialogue->size_limit = size <= G_MAXINT64 ? (int64_t)size : 0;
}

static bool
is_reply_line(const char *text)
{
    return g_ascii_isdigit(text[0]) && g_ascii_isdigit(text[1]) && g_ascii_isdigit(text[2]);
}

void
dialogue_reply(struct dialogue *dialogue, const char *line, gsize len)
{
    g_autofree char *text = g_strndup(line, MIN(len, REPLY_MAX_BYTES));
    g_strchomp(text);
    if (dialogue->is_over || !is_reply_line(text))
        return;
    if (dialogue->stage == STAGE_EHLO && strlen(text) > 4)
        take_size(dialogue, text + 4);
    if (dialogue->code != 0)
        g_string_truncate(dialogue->reply, 0); /* a further reply to the same command: after 354, 334 */
    if (dialogue->reply->len > 0)
        g_string_append_c(dialogue->reply, ' ');
    if (dialogue->reply->len < REPLY_MAX_BYTES)
        g_string_append(dialogue->reply, text);
    dialogue->code = 0;
    if (dialogue->stage == STAGE_BODY)
        dialogue->stage = STAGE_DOT;
    if (text[3] == '-')
        return;
    dialogue->code = (int)g_ascii_strtoll((const char[]){text[0], text[1], text[2], '\0'}, NULL, 10);
    if (dialogue->stage == STAGE_DATA && dialogue->code == 354)
        dialogue->stage = STAGE_BODY;
}

const char *
dialogue_stage_name(enum stage stage)
{
    static const char *const names[] = {"connect", "EHLO", "STARTTLS", "AUTH",         "MAIL",
                                        "RCPT",    "DATA", "body",     "after the dot"};
    return names[stage];
}
