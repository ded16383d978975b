/* Accepting connections: limits, and the pause when descriptors run out. */
#include "net/accept.h"

#include "clock.h"
#include "log.h"
#include "net/answer.h"
#include "net/heartbeat.h"
#include "net/http.h"
#include "net/listen_address.h"
#include "net/listener.h"
#include "net/net_state.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#define ACCEPTS_PER_ROUND 64
#define BACK_OFF_MS 100
#define WARN_MS 10000
#define SOCKET_BUFFER_BYTES (256 * 1024) /* the kernel allows for as much again of its own */

/* Of a listening socket: TCP sockets inherit them (tcp(7)); unix ones do not. */
static void
set_options(const struct net *net, int fd, int family)
{
    int on = 1;
    int size = SOCKET_BUFFER_BYTES;
    unsigned int user_timeout_ms = (unsigned int)(net->options.write_timeout_s + 5) * 1000;

    /* Without a bound the kernel keeps megabytes for each client that does not read, or that sends
     * more than is dealt with. None of these is needed to go on, so failures do not matter. */
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
    if (family != AF_UNIX) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_timeout_ms, sizeof(user_timeout_ms));
    }
}

static void
turn_away(int fd)
{
    struct refusal refusal;
    struct buf out = BUF_INIT;

    refusal_init(&refusal);
    refuse(&refusal, REFUSE_BUSY, "too many connections");
    refusal.retry_after_ms = 1000;
    answer_append_refusal(&out, &refusal);
    if (send(fd, out.data, out.len, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
        shutdown(fd, SHUT_WR);
    close(fd);
    buf_fini(&out);
    refusal_fini(&refusal);
}

static void
on_back_off(uv_timer_t *timer)
{
    accept_start(timer->data);
}

static void
start_back_off(struct net *net, int error)
{
    int64_t now_ms = clock_mono_ms();

    if (now_ms - net->warned_ms >= WARN_MS || net->warned_ms == 0) {
        net->warned_ms = now_ms;
        log_warn("net", "cannot accept connections for now", log_str("reason", strerror(error)),
                 log_int("connections", (int64_t)net->registry.count));
    }
    for (size_t i = 0; i < net->listener_count; i++)
        uv_poll_stop(&net->listeners[i].poll);
    uv_timer_start(&net->back_off, on_back_off, BACK_OFF_MS, 0);
}

static void
take(struct listener *listener, int fd, const struct sockaddr_storage *peer)
{
    struct net *net = listener->net;
    bool is_unix = listener->address.ss_family == AF_UNIX;
    char address[48];

    peer_address_text(is_unix ? &listener->address : peer, address, sizeof(address));
    if (is_unix)
        set_options(net, fd, AF_UNIX);
    if (http_open(listener, fd, address)) {
        log_debug("net", "connection refused: too many", log_str("address", address));
        turn_away(fd);
        return;
    }
    heartbeat_start(net);
}

static void
on_connection(uv_poll_t *poll, int status, int events)
{
    struct listener *listener = poll->data;

    (void)status;
    (void)events;
    for (int i = 0; i < ACCEPTS_PER_ROUND; i++) {
        struct sockaddr_storage peer = {0};
        socklen_t len = sizeof(peer);
        int fd =
            accept4(listener->fd, (struct sockaddr *)&peer, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd >= 0) {
            take(listener, fd, &peer);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            start_back_off(listener->net, errno);
            return;
        } else if (errno != EINTR && errno != ECONNABORTED) {
            return;
        }
    }
}

void
accept_start(struct net *net)
{
    for (size_t i = 0; i < net->listener_count; i++) {
        set_options(net, net->listeners[i].fd, net->listeners[i].address.ss_family);
        uv_poll_start(&net->listeners[i].poll, UV_READABLE, on_connection);
    }
}

void
accept_stop(struct net *net)
{
    uv_timer_stop(&net->back_off);
    for (size_t i = 0; i < net->listener_count; i++)
        if (!uv_is_closing((uv_handle_t *)&net->listeners[i].poll))
            uv_poll_stop(&net->listeners[i].poll);
}
