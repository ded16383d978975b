/*
 * rest_load: requests to one server over keep-alive connections, as fast as they are answered.
 *
 * One thread, epoll, a minimal HTTP/1.1 client (answers with Content-Length only). Every connection
 * keeps --depth requests outstanding. Latency runs from the send of a request to the read that
 * completed its answer. Every run is bounded, in requests or in time. Loopback only.
 */
#include "load_stats.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define MAX_DEPTH 64
#define IN_BYTES (256 * 1024)
#define OUT_BYTES (64 * 1024)

static struct {
    const char *method, *path, *body;
    uint64_t port, pid, connections, depth, requests, first, names, sessions;
    double duration, warmup;
} options = {.method = "GET",
             .path = "/healthz",
             .connections = 64,
             .depth = 1,
             .names = UINT64_MAX,
             .sessions = 1,
             .duration = 4,
             .warmup = 0.5};

static __attribute__((noreturn, format(printf, 1, 2))) void
die(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fputs("rest_load: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(2);
}

/* --- the load --- */

struct connection {
    int fd;
    uint64_t outstanding;
    uint64_t sent, answered, sent_ns[MAX_DEPTH]; /* by number modulo MAX_DEPTH */
    char *in;
    size_t in_len;
};

static int epoll_fd, living;
static uint64_t outstanding, issued, good, failed, from_ns, until_ns;
static uint64_t last_answer_ns;
static bool is_measuring;
static char first_error[160];

static void
fail(struct connection *connection, const char *why, bool is_gone)
{
    failed++;
    if (!first_error[0]) {
        snprintf(first_error, sizeof(first_error), "%.150s", why);
        for (char *c = first_error; *c; c++)
            *c = *c < ' ' || *c == '"' || *c == '\\' ? ' ' : *c;
    }
    if (is_gone) {
        close(connection->fd);
        connection->fd = -1;
        outstanding -= connection->outstanding;
        living--;
    }
}

/* {n}: the request's number, from --first, modulo --names; {session}: that modulo --sessions. */
static size_t
render(char *out, const char *template, uint64_t n)
{
    char *at = out;

    while (*template) {
        if (strncmp(template, "{n}", 3) == 0) {
            at += sprintf(at, "%" PRIu64, n);
            template += 3;
        } else if (strncmp(template, "{session}", 9) == 0) {
            at += sprintf(at, "%" PRIu64, n % options.sessions);
            template += 9;
        } else {
            *at++ = *template ++;
        }
    }
    *at = '\0';
    return (size_t)(at - out);
}

static size_t
render_request(char *out)
{
    static char path[4096], body[OUT_BYTES];
    uint64_t n = (options.first + issued) % options.names;
    size_t len = options.body ? render(body, options.body, n) : 0;
    int head;

    render(path, options.path, n);
    head = sprintf(out, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n", options.method, path,
                   (int)options.port);
    if (options.body)
        head +=
            sprintf(out + head, "Content-Type: application/json\r\nContent-Length: %zu\r\n", len);
    head += sprintf(out + head, "\r\n");
    memcpy(out + head, body, len);
    return (size_t)head + len;
}

/* Fills the connection up to the depth; what is due goes out in one send. */
static void
issue(struct connection *connection, uint64_t now)
{
    static char out[MAX_DEPTH * 2048 + 2 * OUT_BYTES];
    size_t len = 0;

    while (connection->outstanding < options.depth && len < MAX_DEPTH * 2048 &&
           (options.requests ? issued < options.requests : now < until_ns)) {
        len += render_request(out + len);
        connection->sent_ns[connection->sent++ % MAX_DEPTH] = now;
        connection->outstanding++;
        outstanding++;
        issued++;
    }
    if (len && send(connection->fd, out, len, MSG_NOSIGNAL) != (ssize_t)len)
        fail(connection, "a request could not be sent", true);
}

/* One whole answer at the start of what came: its length, or 0 if there is more to come. */
static size_t
answer_bytes(const char *in, size_t len, int *status)
{
    const char *end = memmem(in, len, "\r\n\r\n", 4), *length;
    size_t head, body = 0;

    if (!end)
        return 0;
    head = (size_t)(end - in) + 4;
    *status = atoi(in + 9);
    length = memmem(in, head, "content-length:", 15);
    if (!length)
        length = memmem(in, head, "Content-Length:", 15);
    if (length)
        body = strtoul(length + 15, NULL, 10);
    return head + body <= len ? head + body : 0;
}

static void
note_answer(struct connection *connection, int status, const char *text, uint64_t now)
{
    uint64_t sent_ns = connection->sent_ns[connection->answered++ % MAX_DEPTH];

    connection->outstanding--;
    outstanding--;
    if (status < 200 || status >= 300)
        fail(connection, text, false);
    else if (is_measuring && (options.requests || now < until_ns)) {
        good++;
        latency_add(now - sent_ns);
        last_answer_ns = now;
    }
}

static void
receive(struct connection *connection)
{
    ssize_t got = recv(connection->fd, connection->in + connection->in_len,
                       IN_BYTES - 1 - connection->in_len, 0);
    size_t at = 0, bytes;
    uint64_t now = now_ns();
    int status;

    if (got <= 0) {
        if (got == 0 || (errno != EAGAIN && errno != EINTR))
            fail(connection, "the server closed", true);
        return;
    }
    connection->in_len += (size_t)got;
    connection->in[connection->in_len] = '\0';
    while ((bytes = answer_bytes(connection->in + at, connection->in_len - at, &status)) > 0) {
        note_answer(connection, status, connection->in + at, now);
        at += bytes;
    }
    connection->in_len -= at;
    memmove(connection->in, connection->in + at, connection->in_len);
    if (connection->in_len == IN_BYTES - 1)
        fail(connection, "an answer is too long", true);
    else
        issue(connection, now);
}

static void
connection_open(struct connection *connection)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)options.port)};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    int one = 1;

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    connection->in = malloc(IN_BYTES);
    if (connection->fd < 0 || !connection->in ||
        connect(connection->fd, (struct sockaddr *)&to, sizeof(to)) < 0)
        die("cannot connect: %s", strerror(errno));
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, connection->fd, &event) < 0)
        die("epoll_ctl: %s", strerror(errno));
    living++;
}

static void
poll_once(int timeout_ms)
{
    struct epoll_event events[256];
    int count = epoll_wait(epoll_fd, events, 256, timeout_ms);

    for (int i = 0; i < count; i++) {
        struct connection *connection = events[i].data.ptr;

        if (connection->fd >= 0)
            receive(connection);
    }
}

static void
run(struct connection *connections, double *server_s, double *client_s)
{
    uint64_t start_ns = now_ns(), warm_ns = options.requests ? 0 : (uint64_t)(options.warmup * 1e9);

    from_ns = start_ns + warm_ns;
    until_ns = options.requests ? UINT64_MAX : from_ns + (uint64_t)(options.duration * 1e9);
    for (uint64_t i = 0; i < options.connections; i++)
        issue(&connections[i], start_ns);
    while (living && (options.requests ? outstanding > 0 : now_ns() < until_ns)) {
        if (!is_measuring && now_ns() >= from_ns) {
            is_measuring = true;
            from_ns = now_ns();
            *server_s = process_cpu_s((int)options.pid);
            *client_s = own_cpu_s();
        }
        poll_once(10);
        if (now_ns() > start_ns + UINT64_C(280000000000))
            die("not done after 280 s");
    }
    *server_s = process_cpu_s((int)options.pid) - *server_s;
    *client_s = own_cpu_s() - *client_s;
    for (uint64_t end = now_ns() + UINT64_C(5000000000); living && outstanding && now_ns() < end;)
        poll_once(10);
    failed += outstanding;
}

static void
report(double server_s, double client_s)
{
    double end_ns = (double)(options.requests ? last_answer_ns : until_ns);
    double seconds = (end_ns - (double)from_ns) / 1e9;

    printf("{\"tool\":\"rest_load\",\"method\":\"%s\",\"connections\":%d,\"depth\":%d,\"good\":"
           "%" PRIu64 ",\"failed\":%" PRIu64
           ",\"first_error\":\"%s\",\"seconds\":%.3f,\"per_s\":%.1f,",
           options.method, (int)options.connections, (int)options.depth, good, failed, first_error,
           seconds, seconds > 0 ? (double)good / seconds : 0);
    printf("\"latency_ms\":{\"p50\":%.3f,\"p90\":%.3f,\"p99\":%.3f,\"p999\":%.3f,\"max\":%.3f},",
           latency_ms(0.5), latency_ms(0.9), latency_ms(0.99), latency_ms(0.999),
           (double)latency_max / 1e6);
    printf("\"cpu\":{\"server_s\":%.2f,\"client_s\":%.2f,\"per_server_cpu_s\":%.0f}}\n", server_s,
           client_s, server_s > 0 ? (double)good / server_s : 0);
}

static void
usage(void)
{
    puts("usage: rest_load --port N [options]\n"
         "  --method M --path T --body T   T: {n} request's number, {session} that modulo S\n"
         "  --first N --names N            numbers begin there, and start over at N\n"
         "  --sessions S\n"
         "  --connections N --depth N      64 connections, each with 1 request outstanding\n"
         "  --requests N                   stop after so many; else by time:\n"
         "  --duration S --warmup S        4 s after 0.5 s\n"
         "  --server-pid PID               account its processor time");
    exit(0);
}

static void
read_options(int argc, char **argv)
{
    const struct {
        const char *name;
        const char **text;
        uint64_t *number;
        double *seconds;
    } names[] = {
        {"--method", &options.method, NULL, NULL},
        {"--path", &options.path, NULL, NULL},
        {"--body", &options.body, NULL, NULL},
        {"--port", NULL, &options.port, NULL},
        {"--server-pid", NULL, &options.pid, NULL},
        {"--connections", NULL, &options.connections, NULL},
        {"--depth", NULL, &options.depth, NULL},
        {"--requests", NULL, &options.requests, NULL},
        {"--first", NULL, &options.first, NULL},
        {"--names", NULL, &options.names, NULL},
        {"--sessions", NULL, &options.sessions, NULL},
        {"--duration", NULL, NULL, &options.duration},
        {"--warmup", NULL, NULL, &options.warmup},
    };

    for (int i = 1; i < argc; i += 2) {
        size_t at = 0;

        while (at < sizeof(names) / sizeof(*names) && strcmp(names[at].name, argv[i]) != 0)
            at++;
        if (at == sizeof(names) / sizeof(*names) || i + 1 == argc)
            usage();
        if (names[at].text)
            *names[at].text = argv[i + 1];
        else if (names[at].number)
            *names[at].number = strtoull(argv[i + 1], NULL, 10);
        else
            *names[at].seconds = atof(argv[i + 1]);
    }
    if (options.connections < 1 || options.connections > 10000 || options.depth < 1 ||
        options.depth > MAX_DEPTH || options.names < 1 || options.sessions < 1 ||
        options.duration < 0 || options.duration > 200 || strlen(options.path) > 2000 ||
        (options.body && strlen(options.body) > 32000) || options.port < 1)
        die("out of range; --help lists the options");
}

int
main(int argc, char **argv)
{
    struct connection *connections;
    double server_s = 0, client_s = 0;

    read_options(argc, argv);
    connections = calloc(options.connections, sizeof(*connections));
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (!connections || epoll_fd < 0)
        die("cannot start: %s", strerror(errno));
    for (uint64_t i = 0; i < options.connections; i++)
        connection_open(&connections[i]);
    run(connections, &server_s, &client_s);
    report(server_s, client_s);
    return failed ? 1 : 0;
}
