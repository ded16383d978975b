/* A request as plugins see it, out of a case file. */
#include "testing/replay_call.h"

#include "json/json.h"

/* Where headers and query are in the file; the ctx of the functions that walk them. */
struct origin {
    struct replay *replay;
    struct span headers, query;
};

static struct span
text_of(struct replay *replay, struct span value)
{
    struct buf text = BUF_INIT;
    struct span copy;

    json_append_unescaped(&text, value);
    copy = arena_copy(&replay->arena, text.data ? buf_span(&text) : SPAN(""));
    buf_fini(&text);
    return copy;
}

static struct span
member_text(struct replay *replay, struct span object, const char *name)
{
    struct span value;

    return json_member(object, name, &value) && json_type_of(value) == JSON_STRING
               ? text_of(replay, value)
               : SPAN_NONE;
}

/* The member of that number of an object, or of a list of objects. */
static bool
pair_at(struct span container, size_t index, struct span *key, struct span *value)
{
    struct json_iter iter, members;
    struct span entry;

    if (!container.at)
        return false;
    json_iter_init(&iter, container);
    if (json_type_of(container) == JSON_OBJECT) {
        for (size_t i = 0; json_next_member(&iter, key, value); i++)
            if (i == index)
                return true;
        return false;
    }
    for (size_t i = 0; json_next_element(&iter, &entry); i++) {
        if (i != index || json_type_of(entry) != JSON_OBJECT)
            continue;
        json_iter_init(&members, entry);
        return json_next_member(&members, key, value);
    }
    return false;
}

static bool
next_pair(const struct origin *source, struct span container, size_t *pos, struct span *key,
          struct span *value)
{
    if (!pair_at(container, *pos, key, value) || json_type_of(*value) != JSON_STRING)
        return false;
    (*pos)++;
    *value = text_of(source->replay, *value);
    return true;
}

static bool
next_header(void *ctx, size_t *pos, struct span *name, struct span *value)
{
    const struct origin *source = ctx;

    return next_pair(source, source->headers, pos, name, value);
}

static bool
next_query(void *ctx, size_t *pos, struct span *key, struct span *value)
{
    const struct origin *source = ctx;

    return next_pair(source, source->query, pos, key, value);
}

static struct span
header(void *ctx, struct span name)
{
    struct span key, value;
    size_t pos = 0;

    while (next_header(ctx, &pos, &key, &value))
        if (span_eq(key, name))
            return value;
    return SPAN_NONE;
}

bool
replay_request(struct replay *replay, struct span call, struct client *client,
               struct web_request *request)
{
    struct origin *source = arena_alloc(&replay->arena, sizeof(*source));
    struct span from, method, address;
    bool is_socket = json_member(call, "socket", NULL);

    if (!json_member(call, "request", &from) && !json_member(call, "socket", &from))
        return false;
    *source = (struct origin){.replay = replay, .headers = SPAN_NONE, .query = SPAN_NONE};
    json_member(from, "headers", &source->headers);
    json_member(from, "query", &source->query);
    address = member_text(replay, from, "address");
    method = member_text(replay, from, "method");
    *request = (struct web_request){
        .is_websocket = is_socket || span_is(member_text(replay, from, "kind"), "websocket"),
        .method = METHOD_GET,
        .address = address.at ? arena_copy(&replay->arena, address).at : "127.0.0.1",
        .path = member_text(replay, from, "path"),
        .origin = member_text(replay, from, "origin"),
        .token = member_text(replay, from, "token"),
        .identity = SPAN_NONE,
        .body = replay_bytes(replay, from, "body"),
        .client = client,
        .ctx = source,
        .header = header,
        .next_header = next_header,
        .next_query = next_query,
    };
    json_member(from, "identity", &request->identity);
    return (!method.at || method_find(method, &request->method)) && request->path.at;
}
