/* Turns: who has said enough for one round of the loop. */
#include "net/turn.h"

#include "buf.h"
#include "net/ws_state.h"

#include <stdlib.h>

/* For the requests of a round, besides the one that is under way. */
#define HTTP_NS 5000000

static void
on_round_end(uv_prepare_t *handle)
{
    struct turns *turns = &((struct net *)handle->data)->turns;

    turns->round++;
    turns->speaker = NULL;
    while (turns->waiting_count > 0) {
        struct ws *ws = turns->waiting[--turns->waiting_count];

        ws->is_turn_over = false;
        ws_update(ws);
    }
}

void
turns_init(struct net *net)
{
    uv_prepare_init(net->loop, &net->turns.round_end);
    net->turns.round_end.data = net;
    uv_prepare_start(&net->turns.round_end, on_round_end);
    uv_unref((uv_handle_t *)&net->turns.round_end);
}

void
turns_close(struct net *net, uv_close_cb closed)
{
    uv_close((uv_handle_t *)&net->turns.round_end, closed);
}

void
turns_fini(struct turns *turns)
{
    free(turns->waiting);
}

static void
end_turn(struct turns *turns, struct ws *ws)
{
    turns->waiting =
        mem_grow(turns->waiting, turns->waiting_count, &turns->waiting_cap, sizeof(struct ws *));
    turns->waiting[turns->waiting_count++] = ws;
    ws->is_turn_over = true;
    ws_update(ws);
}

void
turn_take(struct ws *ws)
{
    struct turns *turns = &ws->base.net->turns;

    if (turns->speaker != ws) {
        turns->speaker = ws;
        turns->messages = 0;
    }
    if (++turns->messages == TURN_MESSAGES_MAX)
        end_turn(turns, ws);
}

void
turn_forget(struct ws *ws)
{
    struct turns *turns = &ws->base.net->turns;

    if (turns->speaker == ws)
        turns->speaker = NULL;
    for (size_t i = 0; ws->is_turn_over && i < turns->waiting_count; i++) {
        if (turns->waiting[i] == ws) {
            turns->waiting[i] = turns->waiting[--turns->waiting_count];
            ws->is_turn_over = false;
        }
    }
}

bool
turn_http_is_over(struct net *net)
{
    struct turns *turns = &net->turns;
    uint64_t now_ns = uv_hrtime();

    if (turns->http_round != turns->round) {
        turns->http_round = turns->round;
        turns->http_began_ns = now_ns;
    }
    return now_ns - turns->http_began_ns > HTTP_NS;
}
