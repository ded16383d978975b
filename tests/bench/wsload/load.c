/* See load.h. */
#include "load.h"

#include "client.h"
#include "fatal.h"
#include "frame.h"
#include "mono.h"
#include "receive.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#define EVENTS_MAX 1024

static void
read_paths(struct load *load)
{
    int clients = load->options.clients, count = 0;
    FILE *file = fopen(load->options.path_file, "r");
    char line[2048];

    if (!file)
        die("%s: %s", load->options.path_file, strerror(errno));
    load->paths = must_calloc((size_t)clients, sizeof(*load->paths));
    while (count < clients && fgets(line, sizeof(line), file)) {
        line[strcspn(line, "\r\n")] = '\0';
        load->paths[count++] = strdup(line);
    }
    fclose(file);
    if (count < clients)
        die("%s has only %d paths", load->options.path_file, count);
}

static void
make_clients(struct load *load)
{
    const struct options *options = &load->options;

    load->clients = must_calloc((size_t)options->clients, sizeof(*load->clients));
    load->rooms = must_calloc((size_t)options->rooms, sizeof(*load->rooms));
    for (int i = 0; i < options->clients; i++) {
        struct client *client = &load->clients[i];

        client_init(client, load, i);
        if (i < options->publishers)
            client->room->publishers++;
    }
}

struct load *
load_new(const struct options *options)
{
    struct load *load = must_calloc(1, sizeof(*load));

    load->options = *options;
    load->processes = options->processes;
    processes_check(&load->processes);
    processes_add_descendants(&load->processes);
    load->marker_len = strlen(options->marker);
    template_parse(&load->message, options->message);
    load->in = must_realloc(NULL, IN_CARRY_BYTES + IN_READ_BYTES);
    load->out = must_realloc(NULL, FRAME_HEAD_MAX + OUT_BYTES);
    stats_init(&load->stats);
    if (options->path_file)
        read_paths(load);
    make_clients(load);
    load->server.sin_family = AF_INET;
    load->server.sin_port = htons((uint16_t)options->port);
    if (inet_pton(AF_INET, options->host, &load->server.sin_addr) != 1)
        die("--host wants an IPv4 address");
    load->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (load->epoll_fd < 0)
        die("epoll_create1: %s", strerror(errno));
    return load;
}

void
load_free(struct load *load)
{
    for (int i = 0; i < load->options.clients; i++) {
        client_fini(&load->clients[i]);
        if (load->paths)
            free(load->paths[i]);
    }
    close(load->epoll_fd);
    free(load->paths);
    free(load->clients);
    free(load->rooms);
    free(load->in);
    free(load->out);
    free(load);
}

int
load_fanout(const struct load *load, const struct room *room)
{
    if (load->options.expect_fanout >= 0)
        return load->options.expect_fanout;
    return room->clients - (load->options.is_self_excluded ? 1 : 0);
}

/* By the nanosecond, where the kernel has that (since 5.11). */
static int
await_events(int epoll_fd, struct epoll_event *events, uint64_t timeout_ns)
{
    static bool has_no_pwait2;
    struct timespec timeout = {(time_t)(timeout_ns / NS_PER_S), (long)(timeout_ns % NS_PER_S)};
    int count = -1;

    if (!has_no_pwait2)
        count = epoll_pwait2(epoll_fd, events, EVENTS_MAX, &timeout, NULL);
    if (count < 0 && (has_no_pwait2 || errno == ENOSYS)) {
        has_no_pwait2 = true;
        count = epoll_wait(epoll_fd, events, EVENTS_MAX, (int)(timeout_ns / 1000000));
    }
    return count;
}

void
load_turn(struct load *load, uint64_t timeout_ns)
{
    static struct epoll_event events[EVENTS_MAX];
    int count = await_events(load->epoll_fd, events, timeout_ns);

    for (int i = 0; i < count; i++) {
        struct client *client = events[i].data.ptr;
        uint32_t what = events[i].events;

        if (client->state == CLIENT_CONNECTING) {
            if (what & (EPOLLOUT | EPOLLERR | EPOLLHUP))
                client_connected(client);
            continue;
        }
        if (client->state != CLIENT_DEAD && (what & (EPOLLIN | EPOLLHUP | EPOLLERR)))
            client_receive(client);
        if (client->state != CLIENT_DEAD && (what & EPOLLOUT))
            client_flush(client);
    }
}
