/* The steps: read the file, open a stage, make the session, make the call, compare the errors. */
#include "testing/replay.h"

#include "err.h"
#include "plugin/case/case_text.h"
#include "testing/replay_call.h"
#include "json/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define FILE_BYTES_MAX (1024 * 1024)

static int
read_file(const char *path, struct buf *text, struct buf *report)
{
    FILE *file = fopen(path, "r");

    if (!file) {
        buf_appendf(report, "%s: %s\n", path, strerror(errno));
        return HD1_ENOENT;
    }
    text->len = fread(buf_reserve(text, FILE_BYTES_MAX), 1, FILE_BYTES_MAX, file);
    fclose(file);
    return 0;
}

static int
check_file(const char *path, struct span text, struct replay *replay, struct buf *report)
{
    struct span number;
    int64_t version = 0;

    if (json_check(text, &replay->value, NULL) != 0 ||
        !json_member(replay->value, "hd1_case", &number) || !json_integer(number, &version) ||
        version != 2) {
        buf_appendf(report, "%s: is no case file of this version\n", path);
        return HD1_EINVAL;
    }
    if (replay_text(replay->value, "plugin", replay->plugin, sizeof(replay->plugin)) < 0 ||
        !id_is_valid(span_of(replay->plugin)) ||
        replay_text(replay->value, "moment", replay->moment, sizeof(replay->moment)) < 0) {
        buf_appendf(report, "%s: does not say which plugin, and in which moment\n", path);
        return HD1_EINVAL;
    }
    return 0;
}

/* What the configuration says of that plugin: its secrets are not in the file. */
static struct span
configured_options(const struct replay *replay, const struct test_paths *paths)
{
    for (size_t i = 0; i < paths->configured_count; i++)
        if (strcmp(paths->configured[i].name, replay->plugin) == 0)
            return paths->configured[i].options;
    return SPAN("{}");
}

static void
append_member(struct buf *out, struct span key, struct span value)
{
    buf_append_str(out, out->len > 1 ? ",\"" : "\"");
    buf_append_span(out, key);
    buf_append_str(out, "\":");
    buf_append_span(out, value);
}

/* Options and limits; secrets by the configuration, or left to their defaults. */
static void
make_options(const struct replay *replay, const struct test_paths *paths, struct buf *out)
{
    static const char *const parts[] = {"options", "limits"};
    struct span configured = configured_options(replay, paths), part, key, value;
    struct json_iter iter;
    char name[128];

    buf_append_char(out, '{');
    for (size_t i = 0; i < 2; i++) {
        if (!json_member(replay->value, parts[i], &part))
            continue;
        json_iter_init(&iter, part);
        while (json_next_member(&iter, &key, &value)) {
            snprintf(name, sizeof(name), "%.*s", (int)key.len, key.at);
            if (!span_is(value, "\"(secret)\"") || json_member(configured, name, &value))
                append_member(out, key, value);
        }
    }
    buf_append_char(out, '}');
}

static int
open_stage(struct replay *replay, struct stage_store *store, const char *path,
           const struct test_paths *paths, struct buf *report)
{
    struct buf own = BUF_INIT;
    struct plugin_entry entry = {replay->plugin, SPAN("{}"), path};
    struct stage_options options = {.plugin_path = paths->plugins,
                                    .plugin_shipped = paths->plugins_shipped,
                                    .plugins = &entry,
                                    .plugin_count = 1,
                                    .script_path = paths->scripts,
                                    .prepare = replay_prepare,
                                    .prepare_ctx = replay,
                                    .absent = replay_absent,
                                    .absent_ctx = replay,
                                    .unix_ms = replay_integer(replay->value, "time_ms")};

    make_options(replay, paths, &own);
    entry.options = buf_span(&own);
    replay->stage = stage_new(store, &options, report);
    buf_fini(&own);
    return replay->stage ? 0 : HD1_EINVAL;
}

static struct span
first_line(struct span error)
{
    const char *end = error.len ? memchr(error.at, '\n', error.len) : NULL;

    return end ? (struct span){error.at, (size_t)(end - error.at)} : error;
}

/* Errors with the same first line, raised at the same place: a table that was raised has no place
 * in its first line, nor what is in it. */
static bool
is_same_error(struct span a, struct span b)
{
    return span_eq(case_without_folders(first_line(a)), case_without_folders(first_line(b))) &&
           span_eq(case_place(a), case_place(b));
}

/* Of several failures the one that is looked for, or else the first. */
static size_t
find_failure(const struct replay *replay, struct span then, bool *is_same)
{
    for (size_t i = 0; i < stage_failure_count(replay->stage); i++) {
        *is_same = is_same_error(span_of(strstr(stage_failure(replay->stage, i), ": ") + 2), then);
        if (*is_same)
            return i;
    }
    return 0;
}

/* Why it may come out otherwise than it did. */
static void
append_notes(const struct replay *replay, struct buf *report)
{
    struct span part, list;

    if (!plugins_is_file(stage_plugins(replay->stage), replay_integer(replay->value, "file_hash")))
        buf_append_str(report, "note: the plugin's file is not the one that failed\n");
    if (json_member(replay->value, "left_out", &list))
        buf_appendf(report, "note: not all is in the file: %.*s\n", (int)list.len, list.at);
    if (json_member(replay->value, "request", &part) && json_member(part, "masked", &list))
        buf_appendf(report,
                    "note: these of the request are masked in the file: %.*s; if it depends on "
                    "them, write the true ones into it\n",
                    (int)list.len, list.at);
    buf_append_str(report, "note: what the plugin kept in variables is not in the file\n");
}

static enum replay_result
compare(const struct replay *replay, struct buf *report)
{
    struct buf then = BUF_INIT;
    struct span value;
    bool is_same = false;
    size_t index;

    if (json_member(replay->value, "traceback", &value))
        json_append_unescaped(&then, value);
    index = find_failure(replay, buf_span(&then), &is_same);
    buf_appendf(report, "%s\n%s\n", is_same ? "reproduced" : "fails, but otherwise",
                stage_failure(replay->stage, index));
    if (!is_same) {
        buf_appendf(report, "then it was: %s\n", buf_cstr(&then));
        append_notes(replay, report);
    }
    buf_fini(&then);
    return is_same ? REPLAY_REPRODUCED : REPLAY_OTHER;
}

static enum replay_result
play(struct replay *replay, const char *path, struct buf *report)
{
    struct buf told = BUF_INIT;
    enum replay_result result = REPLAY_IMPOSSIBLE;
    int err = replay_call(replay, &told);

    if (stage_failure_count(replay->stage) > 0) {
        result = compare(replay, report);
    } else if (!err) {
        buf_appendf(report, "no longer fails: %s, plugin %s, %s\n", path, replay->plugin,
                    replay->moment);
        append_notes(replay, report);
        result = REPLAY_GONE;
    }
    buf_append_span(report, buf_span(&told));
    buf_fini(&told);
    return result;
}

static enum replay_result
play_file(const char *path, struct span text, const struct test_paths *paths, struct buf *report)
{
    struct replay replay = {.stage = NULL};
    struct stage_store *store;
    enum replay_result result = REPLAY_IMPOSSIBLE;

    if (check_file(path, text, &replay, report) != 0 || stage_store_open(&store, report) != 0)
        return REPLAY_IMPOSSIBLE;
    if (open_stage(&replay, store, path, paths, report) == 0)
        result = play(&replay, path, report);
    replay_end(&replay);
    stage_store_close(store);
    return result;
}

enum replay_result
replay_run(const char *path, const struct test_paths *paths, struct buf *report)
{
    enum replay_result result = REPLAY_IMPOSSIBLE;
    struct buf text = BUF_INIT;

    if (read_file(path, &text, report) == 0)
        result = play_file(path, buf_span(&text), paths, report);
    buf_fini(&text);
    return result;
}
