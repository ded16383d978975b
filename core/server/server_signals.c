/*
 * Signals, read by the loop as anything else (signalfd(2)). A handler would interrupt its wait, and
 * libuv then counts the time waited as time worked: the watchdog would cry.
 */
#include "server/server_state.h"

#include "log.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

static sigset_t
known(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    return set;
}

static void
on_signal(struct server *server, int number)
{
    if (number == SIGHUP) {
        server_reload_ask(server, true, NULL, NULL);
    } else if (server->phase == SERVER_RUNNING) {
        log_info("server", "stopping", log_int("signal", number));
        server_stop_begin(server);
    } else {
        log_warn("server", "second signal: exit at once", log_int("signal", number));
        _exit(1);
    }
}

static void
on_readable(uv_poll_t *handle, int status, int events)
{
    struct server *server = handle->data;
    struct signalfd_siginfo info;

    (void)status;
    (void)events;
    while (read(server->signal_fd, &info, sizeof(info)) == sizeof(info))
        on_signal(server, (int)info.ssi_signo);
}

int
server_signals_init(struct server *server)
{
    sigset_t set = known();
    int err;

    server->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (server->signal_fd < 0)
        return uv_translate_sys_error(errno);
    err = uv_poll_init(&server->loop, &server->signals, server->signal_fd);
    server->signals.data = server;
    return err;
}

/* The store's threads block them all from their start, so they stay pending until they are read. */
void
server_signals_start(struct server *server)
{
    sigset_t set = known();

    pthread_sigmask(SIG_BLOCK, &set, NULL);
    uv_poll_start(&server->signals, UV_READABLE, on_readable);
}

void
server_signals_hand_back(void (*handler)(int number))
{
    sigset_t set = known();

    signal(SIGTERM, handler);
    signal(SIGINT, handler);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

void
server_signals_fini(struct server *server)
{
    if (server->signal_fd >= 0)
        close(server->signal_fd);
    server->signal_fd = -1;
}
