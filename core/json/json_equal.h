/* Do two checked JSON values mean the same? Numbers by value, members in any order. Any thread. */
#ifndef HD1_JSON_JSON_EQUAL_H
#define HD1_JSON_JSON_EQUAL_H

#include "span.h"

bool json_equal(struct span a, struct span b);

#endif
