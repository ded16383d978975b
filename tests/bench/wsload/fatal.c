/* See fatal.h. */
#include "fatal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void
die(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fputs("wsload: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(2);
}

void *
must_realloc(void *memory, size_t bytes)
{
    memory = realloc(memory, bytes ? bytes : 1);
    if (!memory)
        die("out of memory");
    return memory;
}

void *
must_calloc(size_t count, size_t bytes)
{
    void *memory = calloc(count, bytes);

    if (!memory)
        die("out of memory");
    return memory;
}
