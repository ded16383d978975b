/* The segments of a path, "/a/b". Leaf. Pure. Any thread. */
#ifndef HD1_PATH_H
#define HD1_PATH_H

#include "span.h"

#include <stdbool.h>

/* Takes one segment, "/abc", from the front of *path; *segment, "abc" and perhaps empty, lies in
 * it. False, and nothing is changed, if no segment is there. */
bool path_next_segment(struct span *path, struct span *segment);

#endif
