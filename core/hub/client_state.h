/* The inside of struct client, and what the files of hub/ do with one. Private to hub/. */
#ifndef HD1_HUB_CLIENT_STATE_H
#define HD1_HUB_CLIENT_STATE_H

#include "buf.h"
#include "hub/client.h"
#include "hub/refusal.h"
#include "list.h"

struct member;
struct session;

/* What waits to be sent to one client; made when something does, freed when nothing is left. */
struct client_out {
    struct client *client;
    struct client *next_ready; /* in hub->ready: to be flushed at the end of the round */
    struct list in_lagging;    /* of the hub: blocked */
    struct buf frames;         /* messages for this client alone */
    int64_t progress_ms;       /* monotonic: when it last took bytes, while blocked */
    uint32_t below_bytes;      /* of the write that waits below, while blocked */
    uint16_t below_messages;
    bool is_ready; /* in hub->ready */
};

/* What few clients have; made with the first of it. */
struct client_more {
    char *info;            /* client_info, JSON; or NULL */
    char *identity;        /* JSON; or NULL */
    char *long_id;         /* an id that was not made here, and may be longer; or NULL */
    int64_t complained_ms; /* when its nonsense was last logged */
    int64_t errors_s;
    uint16_t errors; /* told about nonsense within the second errors_s */
};

/* There is one for each connection, mostly at rest: 88 bytes and the allocator's 8. */
struct client {
    struct hub *hub;
    void *conn;               /* the port's; NULL once gone */
    struct member *members;   /* by next_of_client: the sessions it is in */
    struct client_out *out;   /* or NULL */
    struct client_more *more; /* or NULL */
    const char *address;      /* one of hub->addresses; NULL: local */
    int64_t last_id;          /* of its own counter */
    char id[16];
    uint32_t refs;
    uint32_t lobby_place; /* in hub->lobby, while it is there */
    uint8_t member_count;
    uint8_t kind;
    bool is_in_lobby;
    bool is_gathered; /* a write to it waits in hub->gather */
    bool is_gone;     /* hub_disconnect() was called; something still refers to it */
    bool is_closing;  /* close was queued: nothing may be written */
    bool is_paused;   /* its reading is paused because too much is pending */
};

/* Has it messages of its own to be written first? */
static inline bool
client_has_frames(const struct client *client)
{
    return client->out && client->out->frames.len > 0;
}

/* client.c */
struct span client_id_span(const struct client *client);
void client_send(struct client *client, const char *type, struct span data);
void client_send_frame(struct client *client, struct span frame);
void client_refuse(struct client *client, const struct refusal *refusal, int64_t id);
void client_close(struct client *client, int code, const char *reason);
struct member *client_member(const struct client *client, const struct session *session);
struct client_more *client_more(struct client *client);
void client_lobby(struct client *client);
/* Calls fn for each WebSocket client, once per session that it is in. fn may not end sessions,
 * members or clients. */
void client_each(struct hub *hub, void (*fn)(struct client *client));
void client_sweep(struct hub *hub);

/* flush.c: what waits to be sent */
void client_out_free(struct client *client);
void client_ready(struct client *client);
void flush_unlist(struct client *client);
void client_flush(struct client *client);
/* As slow; nothing if it is closing already. */
void client_cut(struct client *client, const char *why);
bool client_write(struct client *client, struct span bytes, size_t messages);
bool client_can_write(struct client *client);
bool client_is_behind(const struct client *client);
void client_written(struct client *client, size_t bytes, size_t messages, int result);

#endif
