/* The end of a run that makes no sense, or has no memory: a line on stderr and exit code 2. */
#ifndef HD1_BENCH_WSLOAD_FATAL_H
#define HD1_BENCH_WSLOAD_FATAL_H

#include <stddef.h>

__attribute__((noreturn, format(printf, 1, 2))) void die(const char *format, ...);

/* realloc() and calloc() that give memory, or die. */
void *must_realloc(void *memory, size_t bytes);
void *must_calloc(size_t count, size_t bytes);

#endif
