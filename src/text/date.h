/* date.h - the date that a quoted mail's header or "On … wrote:" names. Private to text. */
#ifndef TEXT_DATE_H
#define TEXT_DATE_H

#include <stdint.h>

/* UTC seconds, 0 for none; without a zone it is read as UTC. Knows the months of wording.h, numbers in the
 * order of year, month, day and of day, month, year (month first before AM and PM, as Americans write),
 * 年月日. */
int64_t date_read(const char *text);

#endif
