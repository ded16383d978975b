/* See options.h. */
#include "options.h"

#include "fatal.h"
#include "hex.h"
#include "usage.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

/* --- those that are more than a value --- */

static void
add_header(struct options *options, char *value)
{
    if (options->header_count < HEADERS_MAX)
        options->headers[options->header_count++] = value;
}

static void
add_hello(struct options *options, char *value)
{
    if (options->hello_count < HELLOS_MAX)
        options->hellos[options->hello_count++] = (struct hello){value, false};
}

static void
add_hello_hex(struct options *options, char *value)
{
    if (options->hello_count < HELLOS_MAX)
        options->hellos[options->hello_count++] = (struct hello){value, true};
}

static void
add_reply(struct options *options, char *value)
{
    char *equals = strchr(value, '=');

    if (!equals || options->reply_count >= REPLIES_MAX)
        die("--reply A=B");
    *equals = '\0';
    options->replies[options->reply_count++] = (struct reply){value, equals + 1};
}

static void
set_prefix(struct options *options, char *value)
{
    options->prefix_len = hex_read(value, options->prefix, sizeof(options->prefix));
}

static void
set_time(struct options *options, char *value)
{
    options->is_time_actual = strcmp(value, "actual") == 0;
}

static void
add_pids(struct options *options, char *value)
{
    for (char *at = strtok(value, ","); at; at = strtok(NULL, ","))
        processes_add(&options->processes, atoi(at));
}

static void
help(struct options *options, char *value)
{
    (void)options;
    (void)value;
    usage_print();
    exit(0);
}

/* --- all of them --- */

enum setting_kind { SETTING_TEXT, SETTING_INT, SETTING_DOUBLE, SETTING_FLAG, SETTING_FN };

struct setting {
    const char *name;
    enum setting_kind kind;
    size_t offset; /* in struct options */
    int has_value; /* of SETTING_FN */
    void (*fn)(struct options *options, char *value);
};

#define TEXT(name, member)                                                                         \
    {                                                                                              \
        name, SETTING_TEXT, offsetof(struct options, member), 1, NULL                              \
    }
#define INT(name, member)                                                                          \
    {                                                                                              \
        name, SETTING_INT, offsetof(struct options, member), 1, NULL                               \
    }
#define DOUBLE(name, member)                                                                       \
    {                                                                                              \
        name, SETTING_DOUBLE, offsetof(struct options, member), 1, NULL                            \
    }
#define FLAG(name, member)                                                                         \
    {                                                                                              \
        name, SETTING_FLAG, offsetof(struct options, member), 0, NULL                              \
    }
#define FN(name, fn)                                                                               \
    {                                                                                              \
        name, SETTING_FN, 0, 1, fn                                                                 \
    }

static const struct setting settings[] = {
    TEXT("host", host),
    INT("port", port),
    TEXT("path", path),
    TEXT("path-file", path_file),
    FN("header", add_header),
    TEXT("subprotocol", subprotocol),
    INT("clients", clients),
    INT("rooms", rooms),
    DOUBLE("connect-rate", connect_rate),
    INT("connect-inflight", connect_inflight),
    DOUBLE("connect-timeout", connect_timeout_s),
    FN("hello", add_hello),
    FN("hello-hex", add_hello_hex),
    FLAG("hello-binary", is_hello_binary),
    TEXT("ready", ready),
    FN("reply", add_reply),
    INT("publishers", publishers),
    DOUBLE("rate", rate),
    INT("window", window),
    TEXT("message", message),
    INT("payload", payload),
    FN("msg-prefix-hex", set_prefix),
    FLAG("binary", is_binary),
    TEXT("marker", marker),
    INT("mask", mask),
    FN("ts", set_time),
    INT("expect-fanout", expect_fanout),
    FLAG("exclude-self", is_self_excluded),
    DOUBLE("duration", duration_s),
    DOUBLE("warmup", warmup_s),
    DOUBLE("settle", settle_s),
    DOUBLE("drain", drain_s),
    FN("server-pid", add_pids),
    TEXT("label", label),
    FLAG("json-only", is_json_only),
    {"help", SETTING_FN, 0, 0, help},
};

#define SETTINGS (sizeof(settings) / sizeof(*settings))

static const struct options defaults = {
    .host = "127.0.0.1",
    .path = "/",
    .port = 8080,
    .clients = 100,
    .rooms = 1,
    .publishers = 1,
    .rate = 100,
    .window = 16,
    .connect_inflight = 128,
    .duration_s = 10,
    .warmup_s = 1,
    .settle_s = 1,
    .drain_s = 3,
    .connect_timeout_s = 60,
    .payload = 150,
    .expect_fanout = -1,
    .marker = "\"ts\":",
    .label = "",
    .message = "{\"type\":\"object_updated\",\"data\":{\"session_id\":\"s{room}\",\"object\":"
               "{\"name\":\"cube{id}\",\"x\":1.25,\"y\":0.5,\"z\":-3},\"seq\":{seq},\"pad\":"
               "\"{pad}\",\"ts\":{ts}}}",
};

static void
set(struct options *options, const struct setting *setting, char *value)
{
    char *member = (char *)options + setting->offset;

    switch (setting->kind) {
    case SETTING_TEXT:
        *(const char **)member = value;
        break;
    case SETTING_INT:
        *(int *)member = atoi(value);
        break;
    case SETTING_DOUBLE:
        *(double *)member = atof(value);
        break;
    case SETTING_FLAG:
        *(bool *)member = true;
        break;
    case SETTING_FN:
        setting->fn(options, value);
        break;
    }
}

static void
check(struct options *options)
{
    if (options->clients < 1 || options->clients > 100000 || options->rooms < 1 ||
        options->publishers > options->clients || options->publishers < 0)
        die("bad --clients, --rooms or --publishers");
    if (options->duration_s < 0 || options->duration_s > 3600 ||
        options->payload > MESSAGE_BYTES_MAX || strlen(options->message) > MESSAGE_BYTES_MAX)
        die("out of range");
    if (!options->marker[0])
        die("--marker is empty");
    if (strncmp(options->host, "127.", 4) != 0)
        die("only loopback addresses are allowed");
    if (options->rooms > options->clients)
        options->rooms = options->clients;
}

void
options_read(struct options *options, int argc, char **argv)
{
    struct option names[SETTINGS + 1] = {0};
    int found;

    *options = defaults;
    for (size_t i = 0; i < SETTINGS; i++)
        names[i] = (struct option){settings[i].name, settings[i].has_value, NULL, (int)i + 1};
    while ((found = getopt_long_only(argc, argv, "h", names, NULL)) != -1) {
        if (found < 1 || found > (int)SETTINGS) /* -h, or unknown */
            help(options, NULL);
        set(options, &settings[found - 1], optarg);
    }
    check(options);
}
