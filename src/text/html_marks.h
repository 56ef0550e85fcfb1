/* html_marks.h - the containers by which mail programs set quotes and signatures apart. Private to text. */
#ifndef TEXT_HTML_MARKS_H
#define TEXT_HTML_MARKS_H

#include <glib.h>

/* MARK_ bits of lines.h for an element, 0 for most. name in lower case; atts: SAX's array. */
guint html_marks(const char *name, const char *const *atts);

#endif
