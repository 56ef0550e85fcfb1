/* verbs.c - the verb table. A new verb is one row here, one enum value and one file beside this one. */
#include <cardpost/command.h>

#include <cardpost/grammar.h>

static const char *const approve_names[] = {"approve", "approved", "yes",  "ok",   "同意",
                                            "批准",    "通过",     "好的", "可以", NULL};
static const char *const reject_names[] = {"reject", "rejected", "no", "驳回", "拒绝", "不同意", NULL};
static const char *const mute_names[] = {"mute", "unsubscribe", "静音", "退订", NULL};

static const struct grammar_verb verbs[] = {
    [COMMAND_APPROVE] = {approve_names},
    [COMMAND_REJECT] = {reject_names},
    [COMMAND_MUTE] = {mute_names},
};

enum command
command_one_word(const char *text)
{
    return (enum command)grammar_one_word(text, verbs, G_N_ELEMENTS(verbs));
}
