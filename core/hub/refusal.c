/* The table of refusals: what a client is told, on WebSocket and REST alike. */
#include "hub/refusal.h"

#include "err.h"
#include "json/json.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    int status;
    const char *code;
    const char *title;
} table[REFUSE_COUNT] = {
    [REFUSE_MALFORMED] = {400, "malformed", "Not JSON"},
    [REFUSE_INVALID_MESSAGE] = {400, "invalid_message", "Not a message"},
    [REFUSE_UNKNOWN_TYPE] = {422, "unknown_type", "Unknown event type"},
    [REFUSE_INVALID_EVENT] = {422, "invalid_event", "Invalid event"},
    [REFUSE_INVALID_REQUEST] = {400, "invalid_request", "Invalid request"},
    [REFUSE_UNAUTHENTICATED] = {401, "unauthenticated", "Unauthenticated"},
    [REFUSE_FORBIDDEN] = {403, "forbidden", "Forbidden"},
    [REFUSE_NOT_JOINED] = {403, "not_joined", "Not joined"},
    [REFUSE_NOT_FOUND] = {404, "not_found", "Not found"},
    [REFUSE_UNKNOWN_SESSION] = {404, "unknown_session", "Unknown session"},
    [REFUSE_UNKNOWN_OBJECT] = {404, "unknown_object", "Unknown object"},
    [REFUSE_UNKNOWN_SCRIPT] = {404, "unknown_script", "Unknown script"},
    [REFUSE_METHOD_NOT_ALLOWED] = {405, "method_not_allowed", "Method not allowed"},
    [REFUSE_SESSION_EXISTS] = {409, "session_exists", "Session exists"},
    [REFUSE_OBJECT_EXISTS] = {409, "object_exists", "Object exists"},
    [REFUSE_STALE] = {409, "stale", "Stale change"},
    [REFUSE_LENGTH_REQUIRED] = {411, "length_required", "Length required"},
    [REFUSE_VERSION_MISMATCH] = {412, "version_mismatch", "Version mismatch"},
    [REFUSE_TOO_LARGE] = {413, "too_large", "Too large"},
    [REFUSE_RELOAD_FAILED] = {422, "reload_failed", "Reload failed"},
    [REFUSE_UNSUPPORTED] = {415, "unsupported", "Unsupported"},
    [REFUSE_RATE_LIMITED] = {429, "rate_limited", "Rate limited"},
    [REFUSE_TOO_MANY_SESSIONS] = {429, "too_many_sessions", "Too many sessions"},
    [REFUSE_HEADERS_TOO_LARGE] = {431, "headers_too_large", "Headers too large"},
    [REFUSE_INTERNAL] = {500, "internal", "Internal error"},
    [REFUSE_SCRIPT_FAILED] = {500, "script_failed", "Script failed"},
    [REFUSE_STORAGE_UNAVAILABLE] = {503, "storage_unavailable", "Storage unavailable"},
    [REFUSE_STORAGE_FULL] = {503, "storage_full", "Storage full"},
    [REFUSE_OUTCOME_UNKNOWN] = {503, "outcome_unknown", "Outcome unknown"},
    [REFUSE_PLUGIN_UNAVAILABLE] = {503, "plugin_unavailable", "Plugin unavailable"},
    [REFUSE_BUSY] = {503, "busy", "Busy"},
    [REFUSE_STOPPING] = {503, "stopping", "Stopping"},
    [REFUSE_LOOP] = {508, "loop", "Loop of events"},
};

void
refusal_init(struct refusal *refusal)
{
    memset(refusal, 0, sizeof(*refusal));
}

void
refusal_fini(struct refusal *refusal)
{
    buf_fini(&refusal->details);
}

void
refuse(struct refusal *refusal, enum refusal_code code, const char *format, ...)
{
    va_list args;

    assert(code < REFUSE_COUNT);
    refusal->status = table[code].status;
    snprintf(refusal->code, sizeof(refusal->code), "%s", table[code].code);
    va_start(args, format);
    vsnprintf(refusal->message, sizeof(refusal->message), format, args);
    va_end(args);
    buf_clear(&refusal->details);
    refusal->retry_after_ms = 0;
}

const char *
refusal_code_text(enum refusal_code code)
{
    return table[code].code;
}

int
refusal_code_status(enum refusal_code code)
{
    return table[code].status;
}

bool
refusal_is(const struct refusal *refusal, enum refusal_code code)
{
    return strcmp(refusal->code, refusal_code_text(code)) == 0;
}

void
refuse_storage(struct refusal *refusal, int err)
{
    if (err == HD1_EFULL) {
        refuse(refusal, REFUSE_STORAGE_FULL, "the server's disk is full; nothing was changed");
    } else if (err == HD1_EOUTCOME) {
        refuse(refusal, REFUSE_OUTCOME_UNKNOWN,
               "the disk failed while this was written: look before you send it again");
        return;
    } else {
        refuse(refusal, REFUSE_STORAGE_UNAVAILABLE,
               "the server cannot write to its disk just now; nothing was changed");
    }
    refusal->retry_after_ms = 1000;
}

/* The longest prefix of text that does not end inside a UTF-8 sequence (vsnprintf cuts bytes). */
static struct span
whole_characters(const char *text)
{
    size_t len = strlen(text), start = len;

    while (start > 0 && ((unsigned char)text[start - 1] & 0xC0) == 0x80)
        start--;
    if (start == 0)
        return (struct span){text, len};
    unsigned char lead = (unsigned char)text[start - 1];
    size_t want = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;

    return (struct span){text, len - (start - 1) < want ? start - 1 : len};
}

/* The members that both forms share, with a comma before each. */
static void
append_common(struct buf *out, const struct refusal *refusal)
{
    buf_appendf(out, ",\"status\":%d,\"code\":", refusal->status);
    json_append_string(out, span_of(refusal->code));
    if (refusal->details.len > 0) {
        buf_append_str(out, ",\"details\":");
        buf_append_span(out, buf_span(&refusal->details));
    }
    if (refusal->retry_after_ms > 0) {
        buf_append_str(out, ",\"retry_after_ms\":");
        buf_append_int(out, refusal->retry_after_ms);
    }
}

void
refusal_append_error(struct buf *out, const struct refusal *refusal, int64_t id)
{
    buf_append_str(out, "{\"message\":");
    json_append_string(out, whole_characters(refusal->message));
    if (id > 0) {
        buf_append_str(out, ",\"id\":");
        buf_append_int(out, id);
    }
    append_common(out, refusal);
    buf_append_char(out, '}');
}

static const char *
title_of(const struct refusal *refusal)
{
    for (size_t i = 0; i < REFUSE_COUNT; i++)
        if (strcmp(table[i].code, refusal->code) == 0)
            return table[i].title;
    return refusal->code;
}

void
refusal_append_problem(struct buf *out, const struct refusal *refusal)
{
    buf_append_str(out, "{\"type\":\"about:blank\",\"title\":");
    json_append_string(out, span_of(title_of(refusal)));
    buf_append_str(out, ",\"detail\":");
    json_append_string(out, whole_characters(refusal->message));
    append_common(out, refusal);
    buf_append_str(out, "}\n");
}
