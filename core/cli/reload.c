/* `hd1 reload`: one request, and its answer for people. */
#include "cli/reload.h"

#include "cli/http_call.h"
#include "exit_code.h"
#include "json/json.h"

static struct span
member(struct span object, const char *name)
{
    struct span value;

    return json_member(object, name, &value) ? value : SPAN_NONE;
}

static void
append_text(struct buf *out, struct span value)
{
    char text[4096];

    if (value.at && json_copy_string(value, text, sizeof(text)) >= 0)
        buf_append_str(out, text);
}

/* A line per element. */
static void
append_list(struct buf *out, const char *prefix, struct span array)
{
    struct json_iter iter;
    struct span value;

    if (!array.at)
        return;
    json_iter_init(&iter, array);
    while (json_next_element(&iter, &value)) {
        buf_append_str(out, prefix);
        append_text(out, value);
        buf_append_char(out, '\n');
    }
}

static void
append_plugins(struct buf *out, struct span array)
{
    struct json_iter iter;
    struct span value;

    if (!array.at)
        return;
    json_iter_init(&iter, array);
    while (json_next_element(&iter, &value)) {
        buf_append_str(out, "  ");
        append_text(out, member(value, "name"));
        buf_append_char(out, ' ');
        append_text(out, member(value, "version"));
        if (span_is(member(value, "restored"), "true"))
            buf_append_str(out, ", with its state");
        buf_append_char(out, '\n');
    }
}

static void
append_common(struct buf *out, struct span detail)
{
    append_list(out, "warning: ", member(detail, "warnings"));
    append_list(out,
                "changed, but only a restart takes it over: ", member(detail, "restart_needed"));
}

static int
print_done(struct span detail, struct buf *out)
{
    int64_t generation = 0;

    json_integer(member(detail, "generation"), &generation);
    buf_appendf(out, "reloaded: generation %lld\n", (long long)generation);
    append_plugins(out, member(detail, "plugins"));
    append_common(out, detail);
    return CODE_OK;
}

static int
print_failed(int status, struct span problem, struct buf *out)
{
    struct span details = member(problem, "details");

    buf_append_str(out, "not reloaded: ");
    append_text(out, member(problem, "detail"));
    buf_appendf(out, " (%d)\n", status);
    append_list(out, "", details.at ? member(details, "faults") : SPAN_NONE);
    if (details.at)
        append_common(out, details);
    return CODE_FAILURE;
}

int
reload_run(const char *address, bool is_state_discarded, struct buf *out)
{
    const char *path =
        is_state_discarded ? "/api/admin/reload?discard_state=true" : "/api/admin/reload";
    struct buf body = BUF_INIT;
    struct span value;
    int code = CODE_FAILURE, status;

    if (!*address) {
        buf_append_str(out, "the server has no listener for administration (admin = false): send "
                            "it SIGHUP and look into its log\n");
        return CODE_FAILURE;
    }
    status = http_call("POST", address, path, &body, out);
    if (status > 0 && json_check(buf_span(&body), &value, NULL) != 0) {
        buf_appendf(out, "%s: this is no HD1 server (it answered %d)\n", address, status);
        status = 0;
    }
    if (status > 0)
        code = status == 200 ? print_done(value, out) : print_failed(status, value, out);
    buf_fini(&body);
    return code;
}
