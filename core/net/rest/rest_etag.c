/* Entity tags and the two conditions on them (RFC 9110, 13.1). */
#include "net/rest/rest_etag.h"

#include "idgen.h"

#include <stdio.h>

static struct span
trim(struct span text)
{
    while (text.len && (text.at[0] == ' ' || text.at[0] == '\t')) {
        text.at++;
        text.len--;
    }
    while (text.len && (text.at[text.len - 1] == ' ' || text.at[text.len - 1] == '\t'))
        text.len--;
    return text;
}

void
rest_etag(char out[REST_ETAG_SIZE], struct span epoch, int64_t version)
{
    out[0] = '\0';
    if (version > 0 && epoch.len && epoch.len <= 32)
        snprintf(out, REST_ETAG_SIZE, "\"%.*s-%lld\"", (int)epoch.len, epoch.at,
                 (long long)version);
}

static bool
parse_version(struct span digits, int64_t *version)
{
    int64_t number = 0;

    if (digits.len < 1 || digits.len > 16)
        return false;
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.at[i] < '0' || digits.at[i] > '9')
            return false;
        number = number * 10 + (digits.at[i] - '0');
    }
    *version = number;
    return true;
}

static bool
parse_tag(struct span tag, struct span *epoch, int64_t *version)
{
    size_t dash;

    if (tag.len < 5 || tag.at[0] != '"' || tag.at[tag.len - 1] != '"')
        return false;
    tag = (struct span){tag.at + 1, tag.len - 2};
    for (dash = tag.len; dash > 0 && tag.at[dash - 1] != '-'; dash--)
        ;
    if (dash < 2)
        return false;
    *epoch = (struct span){tag.at, dash - 1};
    return id_is_valid(*epoch) &&
           parse_version((struct span){tag.at + dash, tag.len - dash}, version);
}

bool
rest_if_match(struct rest_call *call)
{
    struct span header = trim(request_header(call->request, "if-match"));

    call->is_if_match = header.at != NULL;
    if (!call->is_if_match || span_is(header, "*"))
        return true;
    if (parse_tag(header, &call->if_epoch, &call->if_version))
        return true;
    rest_refuse(call, REFUSE_INVALID_REQUEST,
                "If-Match must be one entity tag as the server gave it, \"epoch-version\", or *");
    return false;
}

bool
rest_is_not_modified(const struct rest_call *call)
{
    struct span list = trim(request_header(call->request, "if-none-match"));

    if (!list.at || !call->etag[0])
        return false;
    if (span_is(list, "*"))
        return true;
    while (list.len) {
        const char *comma = memchr(list.at, ',', list.len);
        size_t len = comma ? (size_t)(comma - list.at) : list.len;
        struct span tag = trim((struct span){list.at, len});

        if (tag.len > 2 && memcmp(tag.at, "W/", 2) == 0)
            tag = (struct span){tag.at + 2, tag.len - 2};
        if (span_is(tag, call->etag))
            return true;
        len += comma != NULL;
        list = (struct span){list.at + len, list.len - len};
    }
    return false;
}

bool
rest_is_create_only(const struct rest_call *call)
{
    return span_is(trim(request_header(call->request, "if-none-match")), "*");
}
