/* The slowest step of a round. */
#include "watch.h"

#include <stdarg.h>
#include <stdio.h>

void
watch_note(struct watch *watch, int64_t us, const char *format, ...)
{
    va_list args;

    if (us < WATCH_NOTE_US || us <= watch->worst_us)
        return;
    watch->worst_us = us;
    va_start(args, format);
    vsnprintf(watch->worst, sizeof(watch->worst), format, args);
    va_end(args);
}

void
watch_reset(struct watch *watch)
{
    watch->worst_us = 0;
    watch->worst[0] = '\0';
    watch->steps = 0;
}
