/* The way back from the store's threads: store_poll() empties it on the hub thread. */
#include "store/inbox.h"

#include "clock.h"

#include <assert.h>

void
inbox_init(struct inbox *inbox, void (*wake)(void *ctx), void *wake_ctx)
{
    gate_init(&inbox->gate);
    inbox->first = inbox->last = NULL;
    inbox->wake = wake;
    inbox->wake_ctx = wake_ctx;
}

void
inbox_fini(struct inbox *inbox)
{
    assert(!inbox->first);
    gate_fini(&inbox->gate);
}

void
inbox_put(struct inbox *inbox, struct delivery *delivery)
{
    bool was_empty;

    delivery->next = NULL;
    gate_enter(&inbox->gate);
    was_empty = !inbox->first;
    if (was_empty)
        inbox->first = delivery;
    else
        inbox->last->next = delivery;
    inbox->last = delivery;
    gate_signal(&inbox->gate);
    gate_leave(&inbox->gate);
    if (was_empty && inbox->wake)
        inbox->wake(inbox->wake_ctx);
}

void
inbox_wait(struct inbox *inbox, int timeout_ms)
{
    int64_t deadline = clock_mono_ms() + timeout_ms;
    int64_t left = timeout_ms;

    gate_enter(&inbox->gate);
    while (!inbox->first && left > 0) {
        gate_wait(&inbox->gate, (int)left);
        left = deadline - clock_mono_ms();
    }
    gate_leave(&inbox->gate);
}

bool
inbox_deliver(struct inbox *inbox)
{
    struct delivery *delivery;
    bool had_any;

    gate_enter(&inbox->gate);
    delivery = inbox->first;
    inbox->first = inbox->last = NULL;
    gate_leave(&inbox->gate);
    had_any = delivery != NULL;
    while (delivery) {
        struct delivery *next = delivery->next;

        delivery->deliver(delivery);
        delivery = next;
    }
    return had_any;
}
