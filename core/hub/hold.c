/*
 * Answers that wait for the disk. Invariant 4: nothing held for a state leaves before that state is
 * committed.
 */
#include "hub/hub_state.h"

#include "hub/invariants.h"

#include <stdlib.h>

void
hold_list_add(struct hold_list *list, const struct session *session, hub_hold_fn fn, void *ctx)
{
    struct hold *hold = mem_alloc(sizeof(*hold));

    *hold =
        (struct hold){.fn = fn, .ctx = ctx, .session = session, .seq = session ? session->seq : 0};
    *(list->first ? &list->last->next : &list->first) = hold;
    list->last = hold;
}

void
hub_hold(struct session *session, hub_hold_fn fn, void *ctx)
{
    struct hold_list *list = session->open_part     ? &session->open_holds
                             : session->flight_part ? &session->flight_holds
                                                    : NULL;
    if (!list) {
        bool is_kept = session->state != SESSION_RELOADING;

        if (is_kept)
            invariants_at_release(session, session->seq);
        fn(ctx, is_kept);
        return;
    }
    hold_list_add(list, session, fn, ctx);
}

void
hold_list_run(struct hold_list *list, bool is_kept)
{
    struct hold *hold = list->first;

    *list = (struct hold_list){NULL, NULL};
    while (hold) {
        struct hold *next = hold->next;

        if (is_kept && hold->session)
            invariants_at_release(hold->session, hold->seq);
        hold->fn(hold->ctx, is_kept);
        free(hold);
        hold = next;
    }
}
