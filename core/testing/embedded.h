/* Lua texts that are part of the program: the test library (testing/lua), the templates of
 * `hd1 plugin new` (cli/templates). Made by scripts/dev/embed_files.cmake. */
#ifndef HD1_TESTING_EMBEDDED_H
#define HD1_TESTING_EMBEDDED_H

#include "span.h"

/* The file of that name, "test.lua"; SPAN_NONE if there is none. */
struct span embedded_text(const char *name);

#endif
