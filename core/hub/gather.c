/* Gathered writes. */
#include "hub/gather.h"

#include "hub/hub_state.h"

#include <assert.h>

/* Makes place for one more. */
static void
run_if_full(struct hub *hub)
{
    if (hub->gather.count == GATHER_MAX)
        gather_run(hub);
}

char *
gather_room(struct hub *hub, size_t len)
{
    run_if_full(hub); /* not between the copy and its write, for it forgets the copies */
    return arena_alloc(&hub->gather.copies, len);
}

void
gather_write(struct client *client, struct span bytes, size_t messages)
{
    struct hub *hub = client->hub;
    struct gather *gather = &hub->gather;

    assert(!client->is_closing && !client->is_gathered);
    run_if_full(hub);
    client->is_gathered = true;
    gather->writes[gather->count] = (struct hub_write){.conn = client->conn, .bytes = bytes};
    gather->of[gather->count++] = (struct gathered){client, messages};
}

static void
write_all(const struct hub_port *port, struct hub_write *writes, size_t count)
{
    if (port->write_many) {
        port->write_many(writes, count);
        return;
    }
    for (size_t i = 0; i < count; i++)
        writes[i].result = port->write(writes[i].conn, writes[i].bytes.at, writes[i].bytes.len);
}

void
gather_run(struct hub *hub)
{
    struct gather *gather = &hub->gather;

    if (gather->count > 0) /* a hub without connections may have no port */
        write_all(hub->options.port, gather->writes, gather->count);
    for (size_t i = 0; i < gather->count; i++) {
        gather->of[i].client->is_gathered = false;
        client_written(gather->of[i].client, gather->writes[i].bytes.len, gather->of[i].messages,
                       gather->writes[i].result);
    }
    gather->count = 0;
    arena_reset(&gather->copies);
}
