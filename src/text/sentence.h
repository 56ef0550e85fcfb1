/* sentence.h - where sentences end in text that may be wrapped. Private to text. */
#ifndef TEXT_SENTENCE_H
#define TEXT_SENTENCE_H

/* The end of the sentence that begins at p, before `end`: behind its mark, or at the end of a line that was
 * not broken for want of room. `text` is the beginning of p's line or anything above it. */
const char *sentence_end(const char *text, const char *p, const char *end);

#endif
