/* fields.h - "From: / Sent: / To: / Subject:" blocks, in any language of wording.h. Private to text. */
#ifndef TEXT_FIELDS_H
#define TEXT_FIELDS_H

#include "lines.h"
#include "wording.h"

/* The kind of the field that a line holds, its value in *value_out (may be NULL; g_free). */
enum field_kind field_parse(const struct text_line *line, char **value_out);

struct field_block {
    bool is_first;                    /* of a block on one line: it begins the line */
    guint end;                        /* the first line behind the block */
    char *from, *date, *to, *subject; /* values, or NULL */
};
/* Whether a header block begins at line i: a run of known fields with a From among them that has either
 * an address or a mail's own fields beside it.
 * announced: "Forwarded message" was read before, so that a block on one line may stand anywhere in it.
 * "From: London / To: New York / Date: …" is no mail. */
bool field_block_at(GArray *lines, guint i, bool announced, struct field_block *block_out);
void field_block_clear(struct field_block *block);
typedef struct field_block field_block_t;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(field_block_t, field_block_clear)

#endif
