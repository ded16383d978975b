/* The segments of a path. */
#include "path.h"

#include <string.h>

bool
path_next_segment(struct span *path, struct span *segment)
{
    const char *end;
    size_t len;

    if (path->len < 1 || path->at[0] != '/')
        return false;
    end = memchr(path->at + 1, '/', path->len - 1);
    len = end ? (size_t)(end - path->at) : path->len;
    *segment = (struct span){path->at + 1, len - 1};
    *path = (struct span){path->at + len, path->len - len};
    return true;
}
