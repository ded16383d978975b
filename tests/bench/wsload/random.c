/* See random.h. */
#include "random.h"

uint32_t
random_next(void)
{
    static uint32_t state = 0x9e3779b9u;

    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}
