/* Addresses to listen on, and of peers, as text. */
#include "net/listen_address.h"

#include "err.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#define UNIX_PREFIX "unix:"

static int
parse_unix(const char *path, struct sockaddr_storage *address, socklen_t *len, struct buf *why)
{
    struct sockaddr_un *un = (struct sockaddr_un *)address;

    if (*path == '\0' || strlen(path) >= sizeof(un->sun_path)) {
        buf_appendf(why, "unix:%s: the path must have 1 to %zu bytes", path,
                    sizeof(un->sun_path) - 1);
        return HD1_EINVAL;
    }
    un->sun_family = AF_UNIX;
    memcpy(un->sun_path, path, strlen(path) + 1);
    *len = sizeof(*un);
    return 0;
}

static int
look_up(const char *host, const char *port, struct sockaddr_storage *address, socklen_t *len)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC,
                             .ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;

    if (getaddrinfo(host, port, &hints, &found) || !found)
        return HD1_EINVAL;
    memcpy(address, found->ai_addr, found->ai_addrlen);
    *len = found->ai_addrlen;
    freeaddrinfo(found);
    return 0;
}

static bool
is_port(const char *text)
{
    return *text && strlen(text) <= 5 && strspn(text, "0123456789") == strlen(text) &&
           atoi(text) <= 65535;
}

int
listen_address_parse(const char *text, struct sockaddr_storage *address, socklen_t *len,
                     struct buf *why)
{
    const char *colon = strrchr(text, ':');
    char *host;
    size_t host_len;
    int err = HD1_EINVAL;

    memset(address, 0, sizeof(*address));
    if (strncmp(text, UNIX_PREFIX, strlen(UNIX_PREFIX)) == 0)
        return parse_unix(text + strlen(UNIX_PREFIX), address, len, why);
    if (colon && colon > text && is_port(colon + 1)) {
        bool is_bracketed = text[0] == '[' && colon[-1] == ']';

        host_len = (size_t)(colon - text) - (is_bracketed ? 2 : 0);
        host = mem_strndup(text + (is_bracketed ? 1 : 0), host_len);
        if (is_bracketed || !strchr(host, ':'))
            err = look_up(host, colon + 1, address, len);
        free(host);
    }
    if (err) {
        buf_appendf(why,
                    "%s: no address to listen on; write 127.0.0.1:8080, [::1]:8080 or unix:PATH",
                    text);
    }
    return err;
}

void
peer_address_text(const struct sockaddr_storage *address, char *out, size_t size)
{
    socklen_t len =
        address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);

    if (address->ss_family == AF_UNIX || getnameinfo((const struct sockaddr *)address, len, out,
                                                     (socklen_t)size, NULL, 0, NI_NUMERICHOST))
        snprintf(out, size, "unix");
}

void
listen_address_append_url(struct buf *out, const struct sockaddr_storage *address)
{
    char host[64];

    peer_address_text(address, host, sizeof(host));
    if (address->ss_family == AF_UNIX) {
        buf_appendf(out, "unix:%s", ((const struct sockaddr_un *)address)->sun_path);
    } else if (address->ss_family == AF_INET6) {
        buf_appendf(out, "http://[%s]:%d", host,
                    ntohs(((const struct sockaddr_in6 *)address)->sin6_port));
    } else {
        buf_appendf(out, "http://%s:%d", host,
                    ntohs(((const struct sockaddr_in *)address)->sin_port));
    }
}
