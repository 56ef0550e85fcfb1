/* clock.c - the one clock. */
#include <cardpost/clock.h>

#include <glib.h>
#include <time.h>

int64_t
clock_now(void)
{
    return g_get_real_time() / G_USEC_PER_SEC;
}

int64_t
clock_monotonic_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_BOOTTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}
