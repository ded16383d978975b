/* Words for messages, the text that a client sends and receives: writing one, looking into one. */
#ifndef HD1_TESTS_HUB_MESSAGE_H
#define HD1_TESTS_HUB_MESSAGE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "span.h"

/* Appends what printf would write. */
void message_write(struct buf *out, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/* Members by path "data.object.x"; fail if absent. */
int64_t message_int(struct span message, const char *path);
bool message_is(struct span message, const char *path, const char *text);
bool message_has(struct span message, const char *path);
/* Its text; SPAN_NONE if absent. */
struct span message_get(struct span message, const char *path);

#endif
