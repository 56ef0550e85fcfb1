/* clock.h - the only place that asks for the time. The daemon and the command line call it and pass
 * `now` down; nothing below them asks (design law 7). */
#ifndef CARDPOST_CLOCK_H
#define CARDPOST_CLOCK_H

#include <stdint.h>

/* UTC seconds since 1970. Jumps when the machine's clock is set. */
int64_t clock_now(void);
/* Milliseconds that only go forward, suspend included (CLOCK_BOOTTIME); for deadlines and waits. */
int64_t clock_monotonic_ms(void);

#endif
