/* Faults, a line each: "FILE:LINE: what is wrong". Leaf. Any thread. */
#ifndef HD1_FAULT_LINES_H
#define HD1_FAULT_LINES_H

#include "buf.h"

/*
 * Puts them in the order in which one mends them: file by file, in the order in which the files
 * come up, and in each by line, what has none first. first: the file that comes before all others,
 * or NULL. Ends the last one by a newline.
 */
void fault_lines_sort(struct buf *lines, const char *first);

#endif
