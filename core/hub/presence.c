/* Presence: who is in, who left, what they say of themselves. Volatile; rebuilt from connections.
 */
#include "hub/hub_state.h"

#include "hub/merge.h"
#include "json/json.h"

#include <stdlib.h>

#define PRESENCE_PACE_MS 100 /* one client_info and presence_updated per client in so long */

static void
append_head(struct buf *data, const struct session *session, const struct client *client)
{
    buf_appendf(data, "{\"session_id\":\"%s\",\"client_id\":", session->id);
    json_append_string(data, client_id_span(client));
}

static void
emit(struct session *session, struct client *client, const char *type, struct buf *data)
{
    buf_append_char(data, '}');
    volatile_emit(session, client, type, buf_span(data));
    buf_fini(data);
}

/* Takes what is in `from`. */
static void
set_text(char **text, struct buf *from)
{
    free(*text);
    *text = mem_strndup(from->data, from->len);
    buf_fini(from);
}

void
presence_joined(struct member *member)
{
    struct buf data = BUF_INIT;

    append_head(&data, member->session, member->client);
    buf_appendf(&data, ",\"clients\":%zu,\"client\":", session_client_count(member->session));
    session_append_client(&data, member->session, member->client);
    emit(member->session, member->client, "client_connected", &data);
}

/* It is no member any more. */
void
presence_left(struct session *session, struct client *client)
{
    struct buf data = BUF_INIT;

    newest_drop_sender(&session->newest, client_id_span(client));
    append_head(&data, session, client);
    buf_appendf(&data, ",\"clients\":%zu", session_client_count(session));
    emit(session, client, "client_disconnected", &data);
}

/* What a client says about itself is kept and told in all its sessions. */
static struct presence *
need_presence(struct member *member)
{
    if (!member->presence) {
        member->presence = mem_zalloc(sizeof(*member->presence));
        member->presence->member = member;
    }
    return member->presence;
}

struct span
presence_seen(const struct member *member)
{
    return member->presence ? span_of(member->presence->seen) : SPAN_NONE;
}

static void
tell(const struct member *member, const char *type, const char *key, const char *object)
{
    struct buf data = BUF_INIT;

    append_head(&data, member->session, member->client);
    buf_appendf(&data, ",\"%s\":%s", key, object ? object : "{}");
    emit(member->session, member->client, type, &data);
}

/* What the others have not been told yet. */
static void
send_owed(struct presence *presence)
{
    const struct member *member = presence->member;

    if (presence->owes_info)
        tell(member, "client_info", "info", client_more(member->client)->info);
    if (presence->owes_seen)
        tell(member, "presence_updated", "presence", presence->seen);
    presence->owes_info = presence->owes_seen = false;
    presence->sent_ms = hub_mono_ms(member->session->hub);
}

static void
list_due(struct hub *hub, struct presence *presence)
{
    presence->is_due = true;
    presence->due_prev = NULL;
    presence->due_next = hub->presence_due;
    if (hub->presence_due)
        hub->presence_due->due_prev = presence;
    hub->presence_due = presence;
}

static void
unlist_due(struct hub *hub, struct presence *presence)
{
    if (!presence->is_due)
        return;
    presence->is_due = false;
    *(presence->due_prev ? &presence->due_prev->due_next : &hub->presence_due) = presence->due_next;
    if (presence->due_next)
        presence->due_next->due_prev = presence->due_prev;
}

/* What others see of it has changed: the newest of what comes within 100 ms is sent. */
static void
announce(struct presence *presence)
{
    const struct member *member = presence->member;
    struct hub *hub = member->session->hub;
    int64_t due = presence->sent_ms + PRESENCE_PACE_MS - hub_mono_ms(hub);

    if (member->state == MEMBER_JOINING) /* they are told when it is in */
        presence->owes_info = presence->owes_seen = false;
    if (presence->is_due || member->state == MEMBER_JOINING)
        return;
    if (due <= 0) {
        send_owed(presence);
        return;
    }
    list_due(hub, presence);
    hub_wake_in(hub, (int)due);
}

void
presence_info(struct client *client, struct span info)
{
    struct client_more *more = client_more(client);
    struct buf compact = BUF_INIT;

    json_append_compact(&compact, info);
    set_text(&more->info, &compact);
    for (struct member *member = client->members; member; member = member->next_of_client) {
        struct presence *presence = need_presence(member);

        presence->owes_info = true;
        announce(presence);
    }
}

static struct span
or_empty(const char *object)
{
    return object ? span_of(object) : SPAN("{}");
}

/* Makes anew what others see. False: it is what it was. */
static bool
compose(struct presence *presence)
{
    static const struct merge_rules rules = {.is_compact = true};
    struct buf seen = BUF_INIT;

    merge(&seen, or_empty(presence->said), or_empty(presence->put_over), &rules);
    if (span_eq(buf_span(&seen), or_empty(presence->seen))) {
        buf_fini(&seen);
        return false;
    }
    set_text(&presence->seen, &seen);
    return true;
}

void
presence_update(struct member *member, struct span said)
{
    struct presence *presence = need_presence(member);
    struct buf compact = BUF_INIT;

    json_append_compact(&compact, said);
    set_text(&presence->said, &compact);
    compose(presence);
    presence->owes_seen = true;
    announce(presence);
}

/* Members put over what it says of itself; null takes one back. What does not fit is not taken. */
void
presence_put_over(struct member *member, struct span members)
{
    struct presence *presence = need_presence(member);
    struct buf all = BUF_INIT;

    merge_change(&all, or_empty(presence->put_over), members);
    if (all.len > HUB_PRESENCE_BYTES_MAX) {
        buf_fini(&all);
        return;
    }
    set_text(&presence->put_over, &all);
    if (compose(presence)) {
        presence->owes_seen = true;
        announce(presence);
    }
}

void
presence_free(struct member *member)
{
    struct presence *presence = member->presence;

    if (presence) {
        unlist_due(member->session->hub, presence);
        free(presence->said);
        free(presence->put_over);
        free(presence->seen);
        free(presence);
        member->presence = NULL;
    }
}

/* Sends what has waited long enough. */
void
presence_flush(struct hub *hub)
{
    int64_t now = hub_mono_ms(hub);
    struct presence *next;

    for (struct presence *presence = hub->presence_due; presence; presence = next) {
        int64_t due = presence->sent_ms + PRESENCE_PACE_MS - now;

        next = presence->due_next;
        if (due > 0) {
            hub_wake_in(hub, (int)due);
        } else {
            unlist_due(hub, presence);
            send_owed(presence);
        }
    }
}
