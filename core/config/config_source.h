/*
 * The text of a configuration file, to tell in which line something stands: the file was run as
 * Lua, so its tables know no lines. Looks for tokens outside comments; good enough for a fault's
 * place, for nothing else. Private to config*.c.
 */
#ifndef HD1_CONFIG_SOURCE_H
#define HD1_CONFIG_SOURCE_H

#include "buf.h"
#include "span.h"

/* Appends the file's text (1 MiB at most) to text; nothing if it cannot be read. */
void config_source_read(const char *file, struct buf *text);
/* The line where key is given a value, inside the table section ("": the outermost); 0: not found.
 */
int config_source_key_line(struct span text, const char *section, struct span key);
/* The line of the nth (from 0) text or key of that name inside the list section; 0: not found. */
int config_source_item_line(struct span text, const char *section, struct span item, size_t nth);

#endif
