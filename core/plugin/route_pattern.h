/* The path patterns of plugins' routes: "GET /api/x/chat/{session}/history". Pure. */
#ifndef HD1_PLUGIN_ROUTE_PATTERN_H
#define HD1_PLUGIN_ROUTE_PATTERN_H

#include "hub/web.h"
#include "span.h"

#define ROUTE_SEGMENTS_MAX 16
#define ROUTE_BYTES_MAX 256

struct route_segment {
    struct span text; /* between the slashes, or the parameter's name; lent by the pattern */
    bool is_param;
};

struct route_pattern {
    char *text; /* owned */
    enum method method;
    struct route_segment segments[ROUTE_SEGMENTS_MAX];
    size_t count, param_count;
};

/*
 * Takes "METHOD PATH" apart; PATH is prefix, or prefix/ and more segments of [A-Za-z0-9_.~-] or
 * {name}. NULL, or static text: what is wrong. Call fini in either case.
 */
const char *route_pattern_init(struct route_pattern *pattern, const char *text, const char *prefix);
void route_pattern_fini(struct route_pattern *pattern);
/* Has the path this shape? Fills in what the parameters stand for, in their order; lent by the
 * path. */
bool route_pattern_matches(const struct route_pattern *pattern, struct span path,
                           struct span params[WEB_PARAMS_MAX]);
/* Orders patterns so that the more particular comes first: a word before a parameter. 0: the same
 * method and shape. For qsort(). */
int route_pattern_compare(const struct route_pattern *a, const struct route_pattern *b);

#endif
