/* Where a token may be. */
#include "net/token.h"

#include "net/uri.h"

#include <strings.h>

#define PREFIX "hd1.jwt."
#define SCHEME "bearer "

static struct span
skip(struct span text, size_t count)
{
    return (struct span){text.at + count, text.len - count};
}

static struct span
trim(struct span text)
{
    while (text.len > 0 && (text.at[0] == ' ' || text.at[0] == '\t'))
        text = skip(text, 1);
    while (text.len > 0 && (text.at[text.len - 1] == ' ' || text.at[text.len - 1] == '\t'))
        text.len--;
    return text;
}

static struct span
of_authorization(struct span value)
{
    size_t len = sizeof(SCHEME) - 1;

    if (value.len <= len || strncasecmp(value.at, SCHEME, len) != 0)
        return SPAN_NONE;
    return trim(skip(value, len));
}

static struct span
of_protocols(struct span list)
{
    size_t prefix = sizeof(PREFIX) - 1;

    while (list.len > 0) {
        const char *comma = memchr(list.at, ',', list.len);
        size_t len = comma ? (size_t)(comma - list.at) : list.len;
        struct span item = trim((struct span){list.at, len});

        if (item.len > prefix && memcmp(item.at, PREFIX, prefix) == 0)
            return skip(item, prefix);
        list = skip(list, len + (comma != NULL));
    }
    return SPAN_NONE;
}

struct span
token_find(struct request *request)
{
    struct span token = of_authorization(head_get(&request->head, "authorization"));

    for (size_t i = 0; !token.at && i < request->head.field_count; i++)
        if (span_is(request->head.fields[i].name, "sec-websocket-protocol"))
            token = of_protocols(request->head.fields[i].value);
    if (!token.at && !uri_query_get(&request->arena, request->query, "access_token", &token))
        token = SPAN_NONE;
    return token;
}
