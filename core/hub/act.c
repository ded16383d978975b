/*
 * What plugins tell and do to one client of a session: a message of its own, its presence, leaving,
 * closing. It
 * is put off to the end of the round, since leaving calls hooks, and held until all that it may
 * rest on is on disk (invariant 4).
 */
#include "hub/hub_state.h"
#include "hub/kv.h"

#include <stdlib.h>

struct act {
    struct hub *hub;
    struct client *plugin, *client; /* references */
    int close_code;
    bool is_leaving, is_presence;
    char session_id[ID_SIZE];
    char type[ID_SIZE];
    char reason[124];
    size_t len;
    char data[];
};

static void
act_free(struct act *act)
{
    client_unref(act->plugin);
    client_unref(act->client);
    free(act);
}

/* NULL if it has left, and even if it came back to a session of that name that is another one. */
static struct member *
find_member(const struct act *act)
{
    struct member *member = act->client->members;

    while (member && strcmp(member->session->id, act->session_id) != 0)
        member = member->next_of_client;
    return member && member->state != MEMBER_JOINING ? member : NULL;
}

static void
carry_out(struct act *act, struct member *member)
{
    struct client *client = act->client;

    struct span data = {act->data, act->len};

    if (act->is_presence)
        presence_put_over(member, data);
    else if (act->type[0])
        client_send(client, act->type, data);
    if (act->is_leaving)
        member_leave(member);
    if (act->close_code) {
        client_flush(client);
        client_close(client, act->close_code, act->reason);
    }
}

/* The session's state and the plugin's space are on disk now, or what was to be told never was. */
static void
on_kv_kept(void *ctx, bool is_kept)
{
    struct act *act = ctx;
    struct member *member = is_kept ? find_member(act) : NULL;

    if (member)
        carry_out(act, member);
    act_free(act);
}

static void
on_state_kept(void *ctx, bool is_kept)
{
    struct act *act = ctx;
    struct span owner = client_id_span(act->plugin);

    if (is_kept && table_get(&act->hub->kv.spaces, owner))
        hub_hold_kv(hub_kv_open(act->hub, owner), on_kv_kept, act);
    else
        on_kv_kept(act, is_kept);
}

static void
on_round_end(void *ctx, bool is_done)
{
    struct act *act = ctx;
    const struct member *member = is_done ? find_member(act) : NULL;

    if (member)
        hub_hold(member->session, on_state_kept, act);
    else
        act_free(act);
}

int
hub_act(struct hub *hub, const struct hub_act *wanted)
{
    struct act *act = mem_zalloc(sizeof(*act) + wanted->data.len);

    act->hub = hub;
    act->plugin = client_ref(wanted->plugin);
    act->client = client_ref(wanted->client);
    act->close_code = wanted->close_code;
    act->is_leaving = wanted->is_leaving;
    act->is_presence = wanted->is_presence;
    memcpy(act->session_id, wanted->session->id, sizeof(act->session_id));
    if (wanted->type)
        memcpy(act->type, wanted->type, strnlen(wanted->type, ID_MAX));
    if (wanted->reason)
        memcpy(act->reason, wanted->reason, strnlen(wanted->reason, sizeof(act->reason) - 1));
    act->len = wanted->data.len;
    if (wanted->data.len)
        memcpy(act->data, wanted->data.at, wanted->data.len);
    int err = hub_defer(hub, wanted->plugin, sizeof(*act) + act->len, on_round_end, act);

    if (err)
        act_free(act);
    return err;
}
