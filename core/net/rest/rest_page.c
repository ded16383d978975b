/* Lists by pages. A cursor is the last id of the page before; clients pass it on as it is. */
#include "net/rest/rest_page.h"

#include "idgen.h"
#include "json/json.h"

static bool
parse_int(struct span text, int64_t *number)
{
    int64_t n = 0;

    if (text.len < 1 || text.len > 18)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        n = n * 10 + (text.at[i] - '0');
    }
    *number = n;
    return true;
}

bool
rest_query_int(struct rest_call *call, const char *name, int64_t fallback, int64_t min, int64_t max,
               int64_t *number)
{
    struct span text;

    *number = fallback;
    if (!request_query(call->request, name, &text))
        return true;
    if (parse_int(text, number) && *number >= min && *number <= max)
        return true;
    rest_refuse(call, REFUSE_INVALID_REQUEST, "%s must be an integer from %lld to %lld", name,
                (long long)min, (long long)max);
    return false;
}

bool
rest_query_limit(struct rest_call *call, size_t *limit)
{
    int64_t number;

    if (!rest_query_int(call, "limit", REST_PAGE_DEFAULT, 1, REST_PAGE_MAX, &number))
        return false;
    *limit = (size_t)number;
    return true;
}

bool
rest_query_cursor(struct rest_call *call, struct span *cursor)
{
    *cursor = SPAN_NONE;
    if (!request_query(call->request, "cursor", cursor))
        return true;
    if (id_is_valid(*cursor))
        return true;
    rest_refuse(call, REFUSE_INVALID_REQUEST, "cursor must be the `next` of the page before");
    return false;
}

void
rest_page_begin(struct buf *out)
{
    buf_append_str(out, "{\"items\":[");
}

void
rest_page_item(struct buf *out)
{
    if (out->data[out->len - 1] != '[')
        buf_append_char(out, ',');
}

void
rest_page_end(struct buf *out, struct span next)
{
    buf_append_str(out, "],\"next\":");
    if (next.len)
        json_append_string(out, next);
    else
        buf_append_str(out, "null");
    buf_append_char(out, '}');
}

bool
rest_page_is_full(const struct buf *out)
{
    return out->len >= REST_PAGE_BYTES;
}
