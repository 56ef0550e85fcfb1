/* context.c - see context.h. Linear. */
#include "context.h"

#include "heads.h"

/* A run of quoted lines, blank ones between them included. */
struct run {
    guint from, to; /* `to`: the line with text behind it */
    bool new_above; /* words of the writer's own stand somewhere above it */
};

static bool
is_head_above(GArray *lines, guint i)
{
    while (i > 0 && line_is_blank(lines_at(lines, i - 1)))
        i--;
    return i > 0 && lines_at(lines, i - 1)->role == ROLE_HEAD;
}

/* ">" lines with an empty line before what is below: without one it may be a line that a mail program broke.
 */
static bool
is_passage(GArray *lines, const struct run *run)
{
    return line_quote_depth(lines_at(lines, run->from), NULL) > 0 &&
           line_is_blank(lines_at(lines, run->to - 1));
}

/* Whether the run is a passage that was picked out to be answered: by itself, or as one of several. */
static bool
is_answered(GArray *lines, const struct run *run, bool several)
{
    guint end;
    const struct text_line *answer = lines_at(lines, run->to);
    if (answer->role != ROLE_NEW)
        return false;
    if (is_passage(lines, run) && several)
        return true;
    bool picked = (answer->marks & MARK_ANSWER) || (is_passage(lines, run) && run->new_above);
    return picked && !is_head_above(lines, run->from) && head_at(lines, run->from, &end) == HEAD_NONE;
}

static GArray *
find_runs(GArray *lines)
{
    GArray *runs = g_array_new(FALSE, FALSE, sizeof(struct run));
    bool open = false, new_above = false;
    struct run run = {0};
    for (guint i = lines_next_text(lines, 0); i < lines->len; i = lines_next_text(lines, i + 1)) {
        enum line_role role = lines_at(lines, i)->role;
        if (role == ROLE_QUOTED && !open)
            run = (struct run){.from = i, .new_above = new_above};
        run.to = i;
        if (role != ROLE_QUOTED && open)
            g_array_append_val(runs, run);
        open = role == ROLE_QUOTED;
        new_above = new_above || role == ROLE_NEW;
    }
    return runs;
}

void
context_find(GArray *lines)
{
    g_autoptr(GArray) runs = find_runs(lines);
    guint answered = 0;
    for (guint n = 0; n < runs->len; n++) {
        const struct run *run = &g_array_index(runs, struct run, n);
        answered += is_passage(lines, run) && lines_at(lines, run->to)->role == ROLE_NEW;
    }
    for (guint n = 0; n < runs->len; n++) {
        const struct run *run = &g_array_index(runs, struct run, n);
        if (is_answered(lines, run, answered > 1))
            lines_set_role(lines, run->from, run->to, ROLE_CONTEXT);
    }
}
