/* Faults come as text, a line each: what is done with each line. */
#include "server/server_state.h"

bool
server_next_line(struct span *text, struct span *line)
{
    while (text->len) {
        const char *newline = memchr(text->at, '\n', text->len);
        size_t len = newline ? (size_t)(newline - text->at) : text->len;
        size_t skip = len + (newline != NULL);

        *line = (struct span){text->at, len};
        *text = (struct span){text->at + skip, text->len - skip};
        if (len)
            return true;
    }
    return false;
}
