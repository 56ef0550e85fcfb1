/* command.h - the verbs of cardpost: their names in every language, as one table (src/command/verbs.c).
 * This release knows the words that decide about a held mail, and the one that stops a card's mails. */
#ifndef CARDPOST_COMMAND_H
#define CARDPOST_COMMAND_H

enum command { COMMAND_NONE = -1, COMMAND_APPROVE, COMMAND_REJECT, COMMAND_MUTE };

/* The command that the whole new text of a mail is ("approve", "同意", "/reject"), or COMMAND_NONE. */
enum command command_one_word(const char *text);

#endif
