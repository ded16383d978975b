/* "127.0.0.1:8080", "[::1]:8080", "unix:/path": texts and socket addresses. For net/ and cli/. */
#ifndef HD1_NET_LISTEN_ADDRESS_H
#define HD1_NET_LISTEN_ADDRESS_H

#include "buf.h"

#include <sys/socket.h>

/* 0; or HD1_EINVAL and why says what is wrong. Names are looked up. */
int listen_address_parse(const char *text, struct sockaddr_storage *address, socklen_t *len,
                         struct buf *why);
/* Appends "http://127.0.0.1:8080" or "unix:/path". */
void listen_address_append_url(struct buf *out, const struct sockaddr_storage *address);
/* The host as text, without port; "unix" for unix sockets. */
void peer_address_text(const struct sockaddr_storage *address, char *out, size_t size);

#endif
