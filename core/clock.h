/* Time. Leaf. Any thread. */
#ifndef HD1_CLOCK_H
#define HD1_CLOCK_H

#include <stdint.h>

/* Milliseconds since 1970, as the system's clock says (it may jump). */
int64_t clock_unix_ms(void);
/* Monotonic; for deadlines and durations. */
int64_t clock_mono_ms(void);
int64_t clock_mono_us(void);
int64_t clock_mono_ns(void);
/* For how long the calling thread has run. A system call. */
int64_t clock_thread_ns(void);

#endif
