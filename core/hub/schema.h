/* The JSON Schemas of schema/events, embedded at build time. */
#ifndef HD1_HUB_SCHEMA_H
#define HD1_HUB_SCHEMA_H

#include "span.h"

/* The schema of a core event type's data; {} if schema/events has none. Static memory. */
struct span schema_text(const char *type);

#endif
