/*
 * What one small send to one of many clients costs in CPU time of the sender: by send(2), and as
 * one of a hundred in a single io_uring submission (core/net/sender.c). Both ends are in this
 * process, on loopback, so a send bears the delivery as well, as a server's does.
 *
 *   cc -O2 -o build/send_cost tests/bench/send_cost.c -luring && build/send_cost
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <liburing.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define CLIENTS 100
#define ROUNDS 2000
#define BYTES 200

static char frame[BYTES], sink[65536];
static int served[CLIENTS], clients[CLIENTS];

static double
cpu_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static void
need(int is_true, const char *what)
{
    if (!is_true) {
        perror(what);
        exit(1);
    }
}

static void
connect_all(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;

    need(bind(listener, (struct sockaddr *)&address, len) == 0, "bind");
    need(listen(listener, CLIENTS) == 0, "listen");
    getsockname(listener, (struct sockaddr *)&address, &len);
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = socket(AF_INET, SOCK_STREAM, 0);
        need(connect(clients[i], (struct sockaddr *)&address, len) == 0, "connect");
        served[i] = accept(listener, NULL, NULL);
        need(served[i] >= 0, "accept");
        setsockopt(served[i], IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    }
    close(listener);
}

static void
send_each(struct io_uring *ring)
{
    (void)ring;
    for (int i = 0; i < CLIENTS; i++)
        need(send(served[i], frame, BYTES, MSG_DONTWAIT | MSG_NOSIGNAL) == BYTES, "send");
}

static void
send_at_once(struct io_uring *ring)
{
    struct io_uring_cqe *cqe;
    unsigned int head, count = 0;

    for (int i = 0; i < CLIENTS; i++) {
        io_uring_prep_send(io_uring_get_sqe(ring), served[i], frame, BYTES,
                           MSG_DONTWAIT | MSG_NOSIGNAL);
    }
    io_uring_submit_and_wait(ring, CLIENTS);
    io_uring_for_each_cqe(ring, head, cqe)
    {
        need(cqe->res == BYTES, "io_uring send");
        count++;
    }
    io_uring_cq_advance(ring, count);
}

static double
ns_per_send(void (*send_all)(struct io_uring *ring), struct io_uring *ring)
{
    double ns = 0;

    for (int round = 0; round < ROUNDS; round++) {
        double start = cpu_ns();

        send_all(ring);
        ns += cpu_ns() - start;
        for (int i = 0; i < CLIENTS; i++)
            need(recv(clients[i], sink, sizeof(sink), 0) == BYTES, "recv");
    }
    return ns / ROUNDS / CLIENTS;
}

int
main(void)
{
    struct io_uring ring;
    double start;

    connect_all();
    need(io_uring_queue_init(256, &ring, IORING_SETUP_SINGLE_ISSUER) == 0, "io_uring");
    start = cpu_ns();
    for (int i = 0; i < 1000000; i++)
        syscall(SYS_getppid);
    printf("an empty system call   %6.0f ns\n", (cpu_ns() - start) / 1e6);
    for (int i = 0; i < 3; i++) {
        printf("send(2)                %6.0f ns\n", ns_per_send(send_each, &ring));
        printf("io_uring, 100 at once  %6.0f ns\n", ns_per_send(send_at_once, &ring));
    }
    io_uring_queue_exit(&ring);
    return 0;
}
