/* html_marks.h - the containers by which mail programs set quotes and signatures apart. Private to text. */
#ifndef TEXT_HTML_MARKS_H
#define TEXT_HTML_MARKS_H

#include <glib.h>

/* MARK_ bits of lines.h for an element, 0 for most. name in lower case; atts: SAX's array; style as of
 * html_style.h. */
guint html_marks(const char *name, const char *const *atts, const char *style);

/* Gmail and its kin put the quoted mail into a blockquote of its own within their container: what stands in
 * the container below such a blockquote is an answer. */
enum html_frame { HTML_FRAME_NONE, HTML_FRAME_OUTER, HTML_FRAME_INNER };
enum html_frame html_frame(const char *name, const char *const *atts);

#endif
