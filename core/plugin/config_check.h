/*
 * Checking one option of a plugin by its spec { type=, default=, min=, max=, enum=, ... }: what
 * plugin_config.c walks with. All for use inside vm_call(); a fault is noted.
 */
#ifndef HD1_PLUGIN_CONFIG_CHECK_H
#define HD1_PLUGIN_CONFIG_CHECK_H

#include <lua.h>
#include <stdbool.h>

struct plugin;

#define CHECK_PATH_BYTES 160

struct check {
    lua_State *L;
    struct plugin *plugin;
    char path[CHECK_PATH_BYTES]; /* of the option: limits.rate */
    int nesting;
    bool is_default;    /* what is checked is the plugin's own, not the configuration's */
    bool is_incomplete; /* an option has no value that its spec allows */
};

/* Goes one level down, to name ("[3]" for an element); old keeps the path for check_leave(). */
void check_enter(struct check *c, char old[CHECK_PATH_BYTES], const char *name);
void check_leave(struct check *c, const char old[CHECK_PATH_BYTES]);

/* False: the value is at fault, named by the configuration's line, or by the plugin's if it is a
 * default; or the plugin's spec of it is. */
bool check_fault_option(struct check *c, const char *what);
bool check_fault_spec(struct check *c, const char *what);

/* Is the table at spec a spec? [-0, +0] */
bool check_spec(struct check *c, int spec);
/* Its type; static text; NULL: it has none that is known. [-0, +0] */
const char *check_spec_type(struct check *c, int spec);
/* Is the value at index, which is not nil, of that type, within min and max, one of enum? Not yet
 * what is inside of it. [-0, +0] */
bool check_value(struct check *c, int spec, int value);

#endif
