/* Listening sockets, from bind to close. */
#include "net/listener.h"

#include "err.h"
#include "net/accept.h"
#include "net/listen_address.h"
#include "net/net_state.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 1024

/* A socket file that nobody listens on is left over from a crash. */
static void
remove_stale_path(const struct sockaddr_storage *address, socklen_t len)
{
    const struct sockaddr_un *un = (const struct sockaddr_un *)address;
    struct stat st;
    int fd;

    if (lstat(un->sun_path, &st) || !S_ISSOCK(st.st_mode))
        return;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)address, len) && errno == ECONNREFUSED)
        unlink(un->sun_path);
    if (fd >= 0)
        close(fd);
}

/* Only who runs the server may administer it; nobody can connect before listen(). */
static int
protect(const struct sockaddr_storage *address)
{
    if (address->ss_family != AF_UNIX)
        return 0;
    return chmod(((const struct sockaddr_un *)address)->sun_path, S_IRUSR | S_IWUSR);
}

static int
open_socket(const struct sockaddr_storage *address, socklen_t len, bool is_admin)
{
    int on = 1;
    int fd = socket(address->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    if (address->ss_family == AF_UNIX)
        remove_stale_path(address, len);
    if ((address->ss_family != AF_UNIX &&
         setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on))) ||
        (address->ss_family == AF_INET6 &&
         setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on))) ||
        bind(fd, (const struct sockaddr *)address, len) || (is_admin && protect(address)) ||
        listen(fd, BACKLOG)) {
        int saved = errno;

        close(fd);
        errno = saved;
        return -1;
    }
    return fd;
}

static int
open_listener(struct listener *listener, const char *text, struct buf *why)
{
    struct buf url = BUF_INIT;
    socklen_t len;

    if (listen_address_parse(text, &listener->address, &len, why))
        return HD1_EINVAL;
    listener->fd = open_socket(&listener->address, len, listener->is_admin);
    if (listener->fd < 0) {
        buf_appendf(why, "%s: %s; choose another address to listen on", text, strerror(errno));
        return HD1_EIO;
    }
    len = sizeof(listener->address);
    if (listener->address.ss_family != AF_UNIX &&
        getsockname(listener->fd, (struct sockaddr *)&listener->address, &len)) {
        buf_appendf(why, "%s: %s", text, strerror(errno));
        return HD1_EIO;
    }
    listen_address_append_url(&url, &listener->address);
    listener->url = mem_strndup(url.data, url.len);
    buf_fini(&url);
    return 0;
}

static int
add_listener(struct net *net, const char *text, bool is_admin, struct buf *why)
{
    struct listener *listener = &net->listeners[net->listener_count];
    int err;

    listener->net = net;
    listener->is_admin = is_admin;
    listener->fd = -1;
    err = open_listener(listener, text, why);
    if (!err && uv_poll_init(net->loop, &listener->poll, listener->fd)) {
        buf_appendf(why, "%s: the event loop does not take it", text);
        err = HD1_EIO;
    }
    if (err) {
        if (listener->fd >= 0)
            close(listener->fd);
        free(listener->url);
        return err;
    }
    listener->poll.data = listener;
    net->open_handles++;
    net->listener_count++;
    return 0;
}

int
listeners_open(struct net *net, struct buf *why)
{
    const struct net_options *options = &net->options;

    int err = 0;

    net->listeners = mem_zalloc((options->listen_count + 1) * sizeof(*net->listeners));
    for (size_t i = 0; i < options->listen_count && !err; i++)
        err = add_listener(net, options->listen[i], false, why);
    if (!err && options->admin)
        err = add_listener(net, options->admin, true, why);
    return err;
}

/* --- closing --- */

static void
on_closed(uv_handle_t *handle)
{
    struct listener *listener = handle->data;

    close(listener->fd);
    listener->fd = -1;
    listener->net->open_handles--;
}

void
listeners_close(struct net *net)
{
    accept_stop(net);
    for (size_t i = 0; i < net->listener_count; i++) {
        struct listener *listener = &net->listeners[i];

        if (uv_is_closing((uv_handle_t *)&listener->poll))
            continue;
        if (listener->address.ss_family == AF_UNIX)
            unlink(((struct sockaddr_un *)&listener->address)->sun_path);
        /* Nobody may connect from here on, though the loop runs once more before the close. */
        shutdown(listener->fd, SHUT_RD);
        uv_close((uv_handle_t *)&listener->poll, on_closed);
    }
}

void
listeners_free(struct net *net)
{
    for (size_t i = 0; i < net->listener_count; i++)
        free(net->listeners[i].url);
    free(net->listeners);
    net->listeners = NULL;
    net->listener_count = 0;
}
