/* What the process has allocated, for tests that nothing is left behind. */
#ifndef HD1_TESTS_HEAP_H
#define HD1_TESTS_HEAP_H

#include <malloc.h>
#include <stddef.h>

#ifdef __SANITIZE_ADDRESS__
size_t __sanitizer_get_current_allocated_bytes(void);
#define heap_bytes() __sanitizer_get_current_allocated_bytes()
#else
#define heap_bytes() mallinfo2().uordblks
#endif

#endif
