/* Many sends in one system call. */
#include "net/sender.h"

#include "buf.h"
#include "log.h"

#include <errno.h>
#include <liburing.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct sender {
    struct io_uring ring;
    bool is_broken; /* the kernel takes nothing from the ring any more */
};

struct sender *
sender_open(void)
{
    struct sender *sender = mem_zalloc(sizeof(*sender));
    int err = io_uring_queue_init(SENDER_MAX, &sender->ring, IORING_SETUP_SINGLE_ISSUER);

    if (err == -EINVAL) /* older than Linux 6.0 */
        err = io_uring_queue_init(SENDER_MAX, &sender->ring, 0);
    if (err) {
        log_info("net", "no io_uring: each send is a system call",
                 log_str("reason", strerror(-err)));
        free(sender);
        return NULL;
    }
    return sender;
}

void
sender_close(struct sender *sender)
{
    if (sender) {
        io_uring_queue_exit(&sender->ring);
        free(sender);
    }
}

static void
prepare(struct sender *sender, struct sending *sending)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(&sender->ring);

    io_uring_prep_send(sqe, sending->fd, sending->bytes.at, sending->bytes.len,
                       MSG_DONTWAIT | MSG_NOSIGNAL);
    io_uring_sqe_set_data(sqe, sending);
}

/* Completions that are there. */
static size_t
harvest(struct sender *sender)
{
    struct io_uring_cqe *cqe;
    unsigned int head;
    unsigned int count = 0;

    io_uring_for_each_cqe(&sender->ring, head, cqe)
    {
        struct sending *sending = io_uring_cqe_get_data(cqe);

        sending->sent = cqe->res > 0 ? (size_t)cqe->res : 0;
        count++;
    }
    io_uring_cq_advance(&sender->ring, count);
    return count;
}

/* May be over in a moment. */
static bool
is_passing(int err)
{
    return err == -EINTR || err == -EAGAIN || err == -EBUSY;
}

/* What completed is known; what did not was never begun, for a send that may not wait is over when
 * submit returns. */
static void
give_up(struct sender *sender, int err)
{
    log_error("net", "io_uring fails: each send is a system call from now on",
              log_str("reason", strerror(-err)));
    sender->is_broken = true;
}

/* Every submission must be over before the caller's bytes may go: normally all are when submit
 * returns; a signal, or memory that is short for a moment, makes it a few calls. */
static void
submit(struct sender *sender, size_t count)
{
    size_t done = 0;
    int err = 0;

    while (done < count && (err >= 0 || is_passing(err))) {
        err = io_uring_submit_and_wait(&sender->ring, (unsigned int)(count - done));
        done += harvest(sender);
    }
    if (done < count)
        give_up(sender, err);
}

void
sender_send(struct sender *sender, struct sending *sendings, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sendings[i].sent = 0;
    if (sender->is_broken)
        return;
    for (size_t i = 0; i < count; i++)
        prepare(sender, &sendings[i]);
    submit(sender, count);
}
