/* Character classes of Lua's patterns (manual, 6.4.1): a character, `.`, `%a` and so on, `[set]`.
 */
#ifndef HD1_PLUGIN_VM_PATTERN_CLASS_H
#define HD1_PLUGIN_VM_PATTERN_CLASS_H

#include <stdbool.h>

struct pattern;

/* Behind the class that begins there, in the pattern's text. Raises if it is malformed. */
const char *pattern_class_end(const struct pattern *pattern, const char *class);
/* Is the byte c (0 to 255) in the class that ends there, as pattern_class_end() has said? */
bool pattern_class_has(const char *class, const char *end, int c);

#endif
