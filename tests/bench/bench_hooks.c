/*
 * What the plugins' hooks cost per event: loads the shipped plugins as the server does and calls
 * their hooks on updates of an object, with a real hub's session and client and no store.
 *
 *   bench_hooks [CALLS [CASE]]
 *
 * Times vary with the machine's other work: each case runs in many short slices, in turn with the
 * others, and the best slice is what is printed. Instructions do not vary:
 *
 *   valgrind --tool=callgrind --toggle-collect=run_calls bench_hooks 20000 validate
 *
 * divided by the 20,000 (given a CASE, it makes exactly so many calls inside run_calls; the hooks
 * are warmed up before). Clocks read the kernel there and are not counted.
 */
#include "clock.h"
#include "hub/hub_state.h"
#include "plugin/plugin.h"
#include "json/json.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PLUGINS_MAX 6
#define EVENTS 64 /* different ones, so that neither branches nor strings are always the same */
#define WARM_UP 2000
#define SLICE 2000
/* Nothing is refused, though nothing else is done. */
#define FREE "\"cpu_share\":1"
#define LIMITS                                                                                     \
    "{" FREE ",\"client\":{\"rate\":1000000,\"burst\":1000000},\"address\":{\"rate\":1000000,"     \
    "\"burst\":1000000},\"session\":{\"rate\":1000000,\"burst\":1000000}}"
static char own_path[] = "/tmp/hd1-bench-XXXXXX";

/* --- the cases --- */

struct bench_case {
    const char *name;
    const char *plugins[PLUGINS_MAX]; /* NULL after the last */
    bool is_message, is_event;
};

static const struct bench_case cases[] = {
    {"nothing", {NULL}, true, true},
    {"empty_before_message", {"empty_message"}, true, false},
    {"empty_before_event", {"empty_event"}, false, true},
    {"rate_limit", {"rate_limit"}, true, false},
    {"validate", {"validate"}, false, true},
    {"both", {"rate_limit", "validate"}, true, true},
    {"shipped", {"rate_limit", "validate", "chat"}, true, true},
    {"six", {"rate_limit", "validate", "chat", "no_pink", "no_flood", "count_all"}, true, true},
};

#define CASES (sizeof(cases) / sizeof(cases[0]))

/* --- the stage --- */

struct stage {
    struct hub *hub;
    struct session *session;
    struct client *client;
    struct plugins *plugins;
    const struct hub_hooks *hooks;
    struct event_type *type;
    char texts[EVENTS][256];
    struct span data[EVENTS];
    int64_t best_ns; /* of a slice */
};

/* The bench's own plugins: what setup does in each. */
static const struct {
    const char *name, *setup;
} own[] = {
    {"empty_message", "return { before_message = function() end }"},
    {"empty_event", "return { before_event = function() end }"},
    {"no_pink", "return { before_event = { object_updated = function(event) "
                "if event.data.object.color == 'pink' then "
                "return hd1.reject{ code = 'no_pink' } end end } }"},
    {"no_flood", "return { before_message = function(client, message) "
                 "if message.bytes > 60000 then return hd1.reject{ code = 'too_long' } end end }"},
    {"count_all", "local counts = {} return { before_event = function(event, client) "
                  "counts[client] = (counts[client] or 0) + 1 end }"},
};

#define OWN (sizeof(own) / sizeof(own[0]))

static void
write_own(void)
{
    char path[64];
    FILE *file;

    for (size_t i = 0; i < OWN; i++) {
        snprintf(path, sizeof(path), "%s/%s.lua", own_path, own[i].name);
        file = fopen(path, "w");
        assert(file);
        fprintf(file,
                "return { name = \"%s\", version = \"1\", api = 1, setup = function(hd1) %s end "
                "}\n",
                own[i].name, own[i].setup);
        fclose(file);
    }
}

static void
remove_own(void)
{
    char path[64];

    for (size_t i = 0; i < OWN; i++) {
        snprintf(path, sizeof(path), "%s/%s.lua", own_path, own[i].name);
        unlink(path);
    }
    rmdir(own_path);
}

static void
make_events(struct stage *stage)
{
    for (int i = 0; i < EVENTS; i++) {
        struct json_error error;
        int len = snprintf(stage->texts[i], sizeof(stage->texts[i]),
                           "{\"session_id\":\"s1\",\"object\":{\"name\":\"c%d\",\"x\":%d.%d,\"y\":"
                           "0.5,\"z\":%d,\"seq\":%d,\"pad\":\"xxxxxxxxxxxxxxxxxxxx\",\"ts\":"
                           "1000000000%06d}}",
                           i, i % 12, i * 7 % 100, -(i % 11), 1000 + i * 37, i * 997);

        if (json_check((struct span){stage->texts[i], (size_t)len}, &stage->data[i], &error) != 0)
            abort();
    }
}

static void
load_plugins(struct stage *stage, const struct bench_case *bench)
{
    struct plugin_entry entries[PLUGINS_MAX] = {0};
    struct plugins_options options = {
        .path = own_path, .shipped = HD1_SOURCE_DIR "/plugins", .entries = entries};
    struct buf why = BUF_INIT;

    for (size_t i = 0; i < PLUGINS_MAX && bench->plugins[i]; i++) {
        bool is_limited = strcmp(bench->plugins[i], "rate_limit") == 0;

        entries[i] = (struct plugin_entry){bench->plugins[i],
                                           span_of(is_limited ? LIMITS : "{" FREE "}"), "bench:1"};
        options.entry_count++;
    }
    if (plugins_load(&stage->plugins, &options, hub_types(stage->hub), stage->hub, &why) != 0) {
        fprintf(stderr, "%s", buf_cstr(&why));
        exit(1);
    }
    stage->hooks = plugins_hooks(stage->plugins);
}

static void
stage_init(struct stage *stage, const struct bench_case *bench)
{
    static const struct hub_connection connection = {.kind = CLIENT_REST, .address = "192.0.2.7"};
    struct hub_options options = {.store = NULL};

    memset(stage, 0, sizeof(*stage));
    hub_limits_default(&options.limits);
    stage->hub = hub_new(&options);
    stage->session = session_new(stage->hub, SPAN("s1"), 1);
    session_set_world(stage->session, SPAN("{\"size\":25,\"background\":\"#102030\"}"));
    stage->client = hub_connect(stage->hub, &connection);
    stage->type = event_types_find(hub_types(stage->hub), SPAN("object_updated"));
    make_events(stage);
    load_plugins(stage, bench);
}

static void
stage_fini(struct stage *stage)
{
    plugins_free(stage->plugins);
    hub_disconnect(stage->hub, stage->client);
    hub_free(stage->hub);
}

/* --- measuring --- */

static void
call_once(struct stage *stage, const struct bench_case *bench, size_t i, struct refusal *refusal)
{
    struct message_facts facts = {.type = SPAN("object_updated"),
                                  .session_id = SPAN("s1"),
                                  .bytes = 150,
                                  .count = 1,
                                  .source = SOURCE_WS};
    struct event event = {.type = stage->type,
                          .source = SOURCE_WS,
                          .client = stage->client,
                          .session = stage->session,
                          .data = stage->data[i % EVENTS],
                          .if_version = -1};
    enum verdict verdict = VERDICT_PASS;

    if (bench->is_message && stage->hooks->before_message)
        verdict = stage->hooks->before_message(stage->hooks->ctx, stage->client, &facts, refusal);
    if (verdict == VERDICT_PASS && bench->is_event && stage->hooks->before_event)
        verdict = stage->hooks->before_event(stage->hooks->ctx, &event, refusal);
    if (verdict != VERDICT_PASS) {
        fprintf(stderr, "refused: %s %s\n", refusal->code, refusal->message);
        exit(1);
    }
}

/* Not static, so that the profiler finds it by its name. */
void run_calls(struct stage *stage, const struct bench_case *bench, size_t calls);

__attribute__((noinline)) void
run_calls(struct stage *stage, const struct bench_case *bench, size_t calls)
{
    struct refusal refusal = {0};

    for (size_t i = 0; i < calls; i++)
        call_once(stage, bench, i, &refusal);
    buf_fini(&refusal.details);
}

static void
warm_up(struct stage *stage, const struct bench_case *bench)
{
    struct refusal refusal = {0};

    for (size_t i = 0; i < WARM_UP; i++)
        call_once(stage, bench, i, &refusal);
    buf_fini(&refusal.details);
}

static void
count_case(const struct bench_case *bench, size_t calls)
{
    struct stage stage;

    stage_init(&stage, bench);
    warm_up(&stage, bench);
    run_calls(&stage, bench, calls);
    stage_fini(&stage);
}

static void
time_cases(size_t calls)
{
    static struct stage stages[CASES];

    for (size_t i = 0; i < CASES; i++) {
        stage_init(&stages[i], &cases[i]);
        warm_up(&stages[i], &cases[i]);
        stages[i].best_ns = INT64_MAX;
    }
    for (size_t done = 0; done < calls; done += SLICE) {
        for (size_t i = 0; i < CASES; i++) {
            int64_t ns = clock_mono_ns();

            run_calls(&stages[i], &cases[i], SLICE);
            ns = clock_mono_ns() - ns;
            if (ns < stages[i].best_ns)
                stages[i].best_ns = ns;
        }
    }
    for (size_t i = 0; i < CASES; i++) {
        printf("%-22s %7.3f us\n", cases[i].name, (double)stages[i].best_ns / SLICE / 1000);
        stage_fini(&stages[i]);
    }
}

int
main(int argc, char **argv)
{
    size_t calls = argc > 1 ? strtoul(argv[1], NULL, 10) : 200000;

    if (!mkdtemp(own_path))
        return 1;
    write_own();
    if (argc <= 2)
        time_cases(calls);
    for (size_t i = 0; argc > 2 && i < CASES; i++)
        if (strcmp(cases[i].name, argv[2]) == 0)
            count_case(&cases[i], calls);
    remove_own();
    return 0;
}
