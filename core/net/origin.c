/* The check of Host and Origin. */
#include "net/origin.h"

#include "err.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PORT_NONE (-1)

/* "https://host:port": the name in the caller's bytes, brackets of an IPv6 address included. */
struct authority {
    struct span name;
    int port; /* PORT_NONE if not said */
};

struct origin {
    bool is_secure; /* https */
    struct authority authority;
    char *text;
};

static bool
eq_nocase(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || strncasecmp(a.at, b.at, a.len) == 0);
}

static int
parse_port(struct span text)
{
    int port = 0;

    if (text.len == 0 || text.len > 5)
        return PORT_NONE;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return PORT_NONE;
        port = 10 * port + (text.at[i] - '0');
    }
    return port <= 65535 ? port : PORT_NONE;
}

static bool
is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
}

static bool
is_ip6(struct span name)
{
    char text[INET6_ADDRSTRLEN];
    struct in6_addr addr;

    if (name.len < 4 || name.len - 2 >= sizeof(text) || name.at[0] != '[' ||
        name.at[name.len - 1] != ']')
        return false;
    memcpy(text, name.at + 1, name.len - 2);
    text[name.len - 2] = '\0';
    return inet_pton(AF_INET6, text, &addr) == 1;
}

static bool
is_ip4(struct span name)
{
    char text[INET_ADDRSTRLEN];
    struct in_addr addr;

    if (name.len >= sizeof(text))
        return false;
    memcpy(text, name.at, name.len);
    text[name.len] = '\0';
    return inet_pton(AF_INET, text, &addr) == 1;
}

/* name[:port]; false if it is neither a name nor an address. */
static bool
parse_authority(struct span text, struct authority *authority)
{
    size_t end = 0;

    if (text.len > 0 && text.at[0] == '[') {
        const char *close = memchr(text.at, ']', text.len);

        end = close ? (size_t)(close - text.at) + 1 : 0;
    } else {
        while (end < text.len && is_name_char(text.at[end]))
            end++;
    }
    authority->name = (struct span){text.at, end};
    authority->port = PORT_NONE;
    if (end == 0 || (text.at[0] == '[' && !is_ip6(authority->name)))
        return false;
    if (end == text.len)
        return true;
    authority->port = parse_port((struct span){text.at + end + 1, text.len - end - 1});
    return text.at[end] == ':' && authority->port != PORT_NONE;
}

static bool
parse_origin(struct span text, struct origin *origin)
{
    static const struct span schemes[] = {{"http://", 7}, {"https://", 8}};

    for (size_t i = 0; i < 2; i++) {
        struct span scheme = schemes[i];

        if (text.len > scheme.len && eq_nocase((struct span){text.at, scheme.len}, scheme)) {
            struct span rest = {text.at + scheme.len, text.len - scheme.len};

            origin->is_secure = i == 1;
            if (!parse_authority(rest, &origin->authority))
                return false;
            if (origin->authority.port == PORT_NONE)
                origin->authority.port = origin->is_secure ? 443 : 80;
            return true;
        }
    }
    return false;
}

int
origins_init(struct origins *origins, char *const *texts, size_t count, struct buf *why)
{
    *origins = (struct origins){0};
    if (count == 0)
        return 0;
    origins->at = mem_zalloc(count * sizeof(*origins->at));
    for (size_t i = 0; i < count; i++) {
        struct origin *origin = &origins->at[i];

        origin->text = mem_strndup(texts[i], strlen(texts[i]));
        origins->count++;
        if (!parse_origin(span_of(origin->text), origin)) {
            buf_appendf(why, "origin %s: must be http://HOST[:PORT] or https://HOST[:PORT]",
                        origin->text);
            return HD1_EINVAL;
        }
    }
    return 0;
}

void
origins_fini(struct origins *origins)
{
    for (size_t i = 0; i < origins->count; i++)
        free(origins->at[i].text);
    free(origins->at);
    *origins = (struct origins){0};
}

enum host_verdict
origins_check_host(const struct origins *origins, struct span host)
{
    struct authority authority;

    if (!parse_authority(host, &authority))
        return HOST_MALFORMED;
    if (authority.name.at[0] == '[' || is_ip4(authority.name) ||
        eq_nocase(authority.name, SPAN("localhost")))
        return HOST_OK;
    for (size_t i = 0; i < origins->count; i++)
        if (eq_nocase(authority.name, origins->at[i].authority.name))
            return HOST_OK;
    return HOST_REFUSED;
}

static bool
is_same(const struct origin *a, const struct authority *b, int default_port)
{
    return eq_nocase(a->authority.name, b->name) &&
           a->authority.port == (b->port == PORT_NONE ? default_port : b->port);
}

bool
origins_allow(const struct origins *origins, struct span origin, struct span host)
{
    struct origin from;
    struct authority to;

    if (!parse_origin(origin, &from) || !parse_authority(host, &to))
        return false;
    /* A Host without port is the scheme's default, and a proxy may have taken the TLS off. */
    if (is_same(&from, &to, from.is_secure ? 443 : 80))
        return true;
    for (size_t i = 0; i < origins->count; i++) {
        const struct origin *listed = &origins->at[i];

        if (listed->is_secure == from.is_secure && is_same(&from, &listed->authority, 0))
            return true;
    }
    return false;
}
