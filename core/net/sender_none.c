/* Built in place of sender.c where liburing is not there: ws_port.c sends one by one. */
#include "net/sender.h"

#include "log.h"

struct sender *
sender_open(void)
{
    log_info("net", "built without io_uring: each send is a system call");
    return NULL;
}

void
sender_close(struct sender *sender)
{
    (void)sender;
}

/* Nobody has one. */
void
sender_send(struct sender *sender, struct sending *sendings, size_t count)
{
    (void)sender;
    (void)sendings;
    (void)count;
}
