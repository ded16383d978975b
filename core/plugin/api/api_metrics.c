/*
 * hd1.metrics: figures of the plugin's own in /metrics, as hd1_x_PLUGIN_NAME.
 *
 *   counter(name, help, labels?)      only grows; exported with _total behind its name
 *   gauge(name, help, labels?)
 *   histogram(name, help, buckets?, labels?)
 *                                     buckets: up to 32 bounds, ascending; left out: 0.001 to 10
 *
 * name: [a-z][a-z0-9_]{0,63}; labels: a list of up to 8 names. Asked for again (after a reload,
 * say), the same metric is given. At most 50. Each gives an object:
 *
 *   metric:add(n?, labels?)           counter (n >= 0) or gauge; n: 1
 *   metric:set(n, labels?)            gauge
 *   metric:observe(n, labels?)        histogram
 *
 * labels: { NAME = string, number or boolean }, all that were named. At most 100 combinations are
 * told apart; what comes beyond is counted under {overflow="true"}.
 *
 * They count what was tried: nothing is taken back when the call fails or its event is refused.
 */
#include "plugin/api/api.h"

#include "metric.h"
#include "plugin/api/box.h"
#include "plugin/own_metrics.h"
#include "plugin/plugin_state.h"
#include "utf8.h"

#include <lauxlib.h>
#include <math.h>

#define NAME "hd1.metric"
#define HELP_MAX 200
#define COST 20 /* instructions, of one figure */

/* --- making --- */

static bool
is_name(struct span name, size_t max)
{
    if (name.len == 0 || name.len > max || name.at[0] < 'a' || name.at[0] > 'z')
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (!((name.at[i] >= 'a' && name.at[i] <= 'z') ||
              (name.at[i] >= '0' && name.at[i] <= '9') || name.at[i] == '_'))
            return false;
    return name.at[name.len - 1] != '_';
}

static bool
ends_in(struct span name, const char *suffix)
{
    size_t len = strlen(suffix);

    return name.len > len && memcmp(name.at + name.len - len, suffix, len) == 0;
}

/* Is it one of the words between the underscores? */
static bool
has_word(struct span name, struct span word)
{
    size_t start = 0;

    for (size_t i = 0; i <= name.len; i++) {
        if (i < name.len && name.at[i] != '_')
            continue;
        if (span_eq((struct span){name.at + start, i - start}, word))
            return true;
        start = i + 1;
    }
    return false;
}

/* Pushes the exported name: as Prometheus wants it [-0, +1]. */
static void
push_name(lua_State *L, const struct plugin *plugin, struct span name, enum metric_kind kind)
{
    static const char *const kinds[] = {"counter", "gauge", "histogram"};
    static const char *const reserved[] = {"_total", "_count", "_sum", "_bucket", "_info"};
    bool is_total = kind == METRIC_COUNTER && ends_in(name, "_total");
    luaL_Buffer out;

    luaL_argcheck(L, is_name(name, METRIC_NAME_MAX), 1, "a metric is named [a-z][a-z0-9_]{0,63}");
    for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
        if (ends_in(name, reserved[i]) && !is_total)
            luaL_argerror(L, 1, lua_pushfstring(L, "must not end in %s", reserved[i]));
    if (has_word(name, span_of(kinds[kind])))
        luaL_argerror(L, 1, lua_pushfstring(L, "must not say its kind, '%s'", kinds[kind]));
    luaL_buffinit(L, &out);
    luaL_addstring(&out, "hd1_x_");
    for (const char *c = plugin->name; *c; c++)
        luaL_addchar(&out, *c == '-' ? '_' : *c);
    luaL_addchar(&out, '_');
    luaL_addlstring(&out, name.at, name.len);
    if (kind == METRIC_COUNTER && !is_total)
        luaL_addstring(&out, "_total");
    luaL_pushresult(&out);
}

/* Pushes the help text, in one line [-0, +1]. */
static void
push_help(lua_State *L)
{
    struct span help;
    luaL_Buffer out;

    help.at = luaL_checklstring(L, 2, &help.len);
    luaL_argcheck(L, help.len >= 1 && help.len <= HELP_MAX && utf8_is_valid(help), 2,
                  "help is a sentence of at most 200 bytes");
    luaL_buffinit(L, &out);
    for (size_t i = 0; i < help.len; i++) {
        unsigned char c = (unsigned char)help.at[i];

        if (c == '\\')
            luaL_addchar(&out, '\\');
        luaL_addchar(&out, c < ' ' ? ' ' : (char)c);
    }
    luaL_pushresult(&out);
}

/* The list of label names at arg, lent by the table. */
static void
read_labels(lua_State *L, int arg, struct plugin_metric *metric)
{
    lua_Integer count;

    if (lua_isnoneornil(L, arg))
        return;
    luaL_checktype(L, arg, LUA_TTABLE);
    count = (lua_Integer)lua_rawlen(L, arg);
    luaL_argcheck(L, count <= METRIC_LABELS_MAX, arg, "at most 8 labels");
    for (lua_Integer i = 1; i <= count; i++) {
        struct span name = SPAN("");

        if (lua_rawgeti(L, arg, i) == LUA_TSTRING)
            name.at = lua_tolstring(L, -1, &name.len);
        luaL_argcheck(L, is_name(name, METRIC_NAME_MAX) && !span_is(name, "le"), arg,
                      "a label is named [a-z][a-z0-9_]{0,63}, and not \"le\"");
        for (size_t k = 0; k < metric->label_count; k++)
            luaL_argcheck(L, strcmp(metric->labels[k], name.at) != 0, arg, "a label twice");
        metric->labels[metric->label_count++] = (char *)name.at;
        lua_pop(L, 1);
    }
    luaL_argcheck(L, count > 0 || (lua_pushnil(L), !lua_next(L, arg)), arg,
                  "labels are a list of names");
}

static void
read_buckets(lua_State *L, int arg, struct plugin_metric *metric)
{
    static const double usual[] = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                   0.25,  0.5,    1,     2.5,  5,     10};
    lua_Integer count;

    metric->bound_count = sizeof(usual) / sizeof(usual[0]);
    memcpy(metric->bounds, usual, sizeof(usual));
    if (lua_isnoneornil(L, arg))
        return;
    luaL_checktype(L, arg, LUA_TTABLE);
    count = (lua_Integer)lua_rawlen(L, arg);
    luaL_argcheck(L, count >= 1 && count <= METRIC_BUCKETS_MAX, arg, "1 to 32 buckets");
    for (lua_Integer i = 0; i < count; i++) {
        luaL_argcheck(L, lua_rawgeti(L, arg, i + 1) == LUA_TNUMBER, arg, "bounds are numbers");
        metric->bounds[i] = lua_tonumber(L, -1);
        luaL_argcheck(
            L, isfinite(metric->bounds[i]) && (i == 0 || metric->bounds[i] > metric->bounds[i - 1]),
            arg, "bounds are finite and ascending");
        lua_pop(L, 1);
    }
    metric->bound_count = (size_t)count;
}

/* Pushes the object of the metric [-0, +1]. */
static int
push_metric(lua_State *L, struct plugin_metric *metric)
{
    struct plugin_metric **box = lua_newuserdatauv(L, sizeof(struct plugin_metric *), 0);

    *box = metric;
    luaL_setmetatable(L, NAME);
    return 1;
}

static bool
is_same(const struct plugin_metric *a, const struct plugin_metric *b)
{
    if (a->kind != b->kind || a->label_count != b->label_count)
        return false;
    for (size_t i = 0; i < a->label_count; i++)
        if (strcmp(a->labels[i], b->labels[i]) != 0)
            return false;
    return true;
}

static struct plugin_metric *
find_own(const struct plugin *plugin, const char *name)
{
    struct plugin_metric *metric = plugin->metrics;

    while (metric && strcmp(metric->name, name) != 0)
        metric = metric->next;
    return metric;
}

static int
make(lua_State *L, enum metric_kind kind, int labels_arg)
{
    struct plugin *plugin = vm_owner(L);
    struct plugin_metric wanted = {.kind = kind}, *metric;
    struct span name;

    lua_settop(L, 4);
    name.at = luaL_checklstring(L, 1, &name.len);
    push_name(L, plugin, name, kind);
    push_help(L);
    wanted.name = (char *)lua_tostring(L, 5);
    wanted.help = (char *)lua_tostring(L, 6);
    if (kind == METRIC_HISTOGRAM)
        read_buckets(L, 3, &wanted);
    read_labels(L, labels_arg, &wanted);
    metric = find_own(plugin, wanted.name);
    if (metric && is_same(metric, &wanted))
        return push_metric(L, metric);
    if (own_metrics_find(plugin, span_of(wanted.name)))
        return luaL_error(L, "there is a metric %s already, of another kind or another plugin",
                          wanted.name);
    if (plugin->metric_count >= METRICS_MAX)
        return luaL_error(L, "a plugin has at most %d metrics", METRICS_MAX);
    return push_metric(L, own_metrics_add(plugin, &wanted));
}

static int
make_counter(lua_State *L)
{
    return make(L, METRIC_COUNTER, 3);
}

static int
make_gauge(lua_State *L)
{
    return make(L, METRIC_GAUGE, 3);
}

static int
make_histogram(lua_State *L)
{
    return make(L, METRIC_HISTOGRAM, 4);
}

/* --- counting --- */

/* Appends the value on top of a label; cut off at a whole character. */
static void
append_value(lua_State *L, struct buf *labels, const char *name)
{
    struct span value;
    const char *at, *end;

    if (lua_isboolean(L, -1)) {
        lua_pushstring(L, lua_toboolean(L, -1) ? "true" : "false");
        lua_replace(L, -2);
    }
    if (!lua_isstring(L, -1))
        luaL_argerror(L, 3,
                      lua_pushfstring(L, "label '%s' must be a string, number or boolean", name));
    value.at = lua_tolstring(L, -1, &value.len);
    end = value.at + value.len;
    for (at = value.at; at < end; at += utf8_len(at, end)) {
        if (utf8_len(at, end) == 0)
            luaL_argerror(L, 3, lua_pushfstring(L, "label '%s' must be UTF-8", name));
        if ((size_t)(at - value.at) + utf8_len(at, end) > METRIC_VALUE_MAX)
            break;
    }
    metric_label(labels, name, (struct span){value.at, (size_t)(at - value.at)});
}

/* The series that the labels at 3 name. */
static struct metric_series *
check_series(lua_State *L, struct plugin_metric *metric)
{
    struct buf *labels = vm_scratch(L);
    size_t count = 0;

    vm_charge(L, COST);
    buf_clear(labels);
    if (metric->label_count > 0) {
        luaL_argcheck(L, lua_istable(L, 3), 3, "this metric has labels");
        for (size_t i = 0; i < metric->label_count; i++) {
            lua_pushstring(L, metric->labels[i]);
            lua_rawget(L, 3);
            append_value(L, labels, metric->labels[i]);
            lua_pop(L, 1);
        }
    }
    if (lua_istable(L, 3))
        for (lua_pushnil(L); lua_next(L, 3); lua_pop(L, 1))
            count++;
    luaL_argcheck(L, count == metric->label_count, 3, "labels that the metric was not made with");
    vm_charge(L, (int64_t)labels->len / 4);
    return own_metric_series(metric, buf_span(labels));
}

static struct plugin_metric *
check_metric(lua_State *L, const char *what, bool is_fitting[3])
{
    struct plugin_metric *metric = *(struct plugin_metric **)luaL_checkudata(L, 1, NAME);

    if (!is_fitting[metric->kind])
        luaL_error(L, "%s has no %s", metric->name, what);
    lua_settop(L, 3);
    return metric;
}

static double
check_number(lua_State *L)
{
    double number = luaL_checknumber(L, 2);

    luaL_argcheck(L, isfinite(number), 2, "must be finite");
    return number;
}

static int
add(lua_State *L)
{
    struct plugin_metric *metric = check_metric(L, "add", (bool[]){true, true, false});
    double number = lua_isnil(L, 2) ? 1 : check_number(L);

    luaL_argcheck(L, number >= 0 || metric->kind != METRIC_COUNTER, 2, "a counter only grows");
    check_series(L, metric)->value += number;
    return 0;
}

static int
set(lua_State *L)
{
    struct plugin_metric *metric = check_metric(L, "set", (bool[]){false, true, false});
    double number = check_number(L);

    check_series(L, metric)->value = number;
    return 0;
}

static int
observe(lua_State *L)
{
    struct plugin_metric *metric = check_metric(L, "observe", (bool[]){false, false, true});
    double number = check_number(L);

    own_metric_observe(metric, check_series(L, metric), number);
    return 0;
}

static const luaL_Reg methods[] = {{"add", add}, {"set", set}, {"observe", observe}, {NULL, NULL}};

static int
index_metric(lua_State *L)
{
    const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";

    for (const luaL_Reg *method = methods; method->name; method++) {
        if (strcmp(method->name, key) == 0) {
            lua_pushcfunction(L, method->func);
            return 1;
        }
    }
    return box_no_field(L, "metric");
}

static const luaL_Reg functions[] = {
    {"counter", make_counter},
    {"gauge", make_gauge},
    {"histogram", make_histogram},
    {NULL, NULL},
};

void
api_metrics_push(lua_State *L)
{
    box_push_metatable(L, NAME, index_metric);
    lua_pop(L, 1);
    luaL_newlib(L, functions);
}
