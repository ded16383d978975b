/* Answers that wait for what was emitted with them: until it has taken the whole way in. */
#include "hub/hub_state.h"

#include <stdlib.h>

struct emit_hold {
    size_t waiting;
    bool is_lost; /* one of them */
    struct hold_list waiters;
};

static void
end_one(struct emit_hold *hold, bool is_lost)
{
    hold->is_lost |= is_lost;
    if (--hold->waiting > 0)
        return;
    hold_list_run(&hold->waiters, !hold->is_lost);
    free(hold);
}

/* Refused by a hook or a check is an outcome like another; 503 is none. */
void
emit_hold_told(struct emit_hold *hold, const struct outcome *outcome)
{
    end_one(hold, outcome->refusal && outcome->refusal->status == 503);
}

void
emit_hold_drop(struct emit *emit)
{
    if (emit->hold)
        end_one(emit->hold, true);
}

void
hub_hold_emitted(struct hub *hub, const struct hub_emit_mark *mark, hub_hold_fn fn, void *ctx)
{
    struct emit *last = mark->queued, *emit = last ? last->next : hub->emits.first;
    struct emit_hold *hold = NULL;

    for (; emit; emit = emit->next) {
        if (emit->fn) /* something to be done, no event */
            continue;
        if (emit->hold) { /* the same call's, and so is what follows */
            hold = emit->hold;
            continue;
        }
        if (!hold)
            hold = mem_zalloc(sizeof(*hold));
        emit->hold = hold;
        hold->waiting++;
    }
    if (hold)
        hold_list_add(&hold->waiters, NULL, fn, ctx);
    else
        fn(ctx, true);
}
